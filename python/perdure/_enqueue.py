"""Enqueueing; part of `Client`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._calls import Call, read_call
from ._checks import Seconds, moment, span, text
from ._connected import Connected
from ._engine import StartItem
from ._errors import InvalidArgument, SerializationError
from ._handle import WorkflowHandle
from ._identity import authority, current_authority, dump_attributes, given_authority, role_of
from ._ids import checked_id, new_workflow_id, new_workflow_ids
from ._loop import run_sync
from ._options import EnqueueOptions, debounce_options, split_each, split_input, split_options
from ._run import NOBODY
from ._serialize import Codec
from ._tracing import UNTRACED


class Enqueueing(Connected):
    """The part of a client that enqueues."""

    def enqueue(self, workflow: Any, *args: Any, **kwargs: Any) -> WorkflowHandle[Any]:
        """Puts a workflow into a queue; some worker that knows it will run it.

        Args:
            workflow: its name, or the decorated function.
            *args: what it is called with: JSON values, dates, decimals, UUIDs, bytes, tuples, sets.
            **kwargs: named arguments of the workflow, and options: `queue`, `workflow_id`, `priority`,
                `partition_key`, `deduplication_id`, `on_duplicate`, `delay`, `expires_in`, `retries`,
                `retry_interval`, `retry_backoff`, `retry_max_interval`, `create_queue`, `timeout`,
                `deadline`, `attributes`, `authenticated_user`, `authenticated_roles`, `assumed_role`,
                `class_name`, `config_name`: see `EnqueueOptions`.

        Raises:
            SerializationError: an argument has no JSON form.
            WorkflowIdConflict: the id belongs to a workflow of another name.
            DeduplicationConflict: another active workflow holds the deduplication id.
            QueueNotFound: there is no such queue.
            InvalidArgument: an option is out of range, or has the name of a parameter of the workflow; or an
                argument is not of its type, if the workflow validates them.
            NotAuthorized: the workflow requires a role that the user has not.
        """
        return run_sync(self.enqueue_async(workflow, *args, **kwargs), "enqueue_async")

    async def enqueue_async(self, workflow: Any, *args: Any, **kwargs: Any) -> WorkflowHandle[Any]:
        """`enqueue` for async code."""
        options, named = self._split_options(workflow, kwargs)
        item = start_item(self.codec, read_call(workflow, args, named), options)
        with UNTRACED if self.tracing is None else self.tracing.enqueueing(item.name, options.queue) as trace:
            given = item if trace is None else item._replace(trace=trace)
            found = await self._ask(lambda: self._engine.enqueue(options, given))
        return WorkflowHandle(self, found, is_new=True)

    def enqueue_many(
        self, workflow: Any, inputs: Iterable[Sequence[Any] | Mapping[str, Any]], **options: Any
    ) -> list[WorkflowHandle[Any]]:
        """Enqueues many workflows of one name in one transaction: all of them or, on an error, none.

        Args:
            workflow: its name, or the decorated function.
            inputs: for each workflow its positional arguments as a list or tuple, or its named ones as a
                dict.
            **options: as for `enqueue`; `workflow_ids`, `priorities`, `partition_keys` and
                `deduplication_ids` have an element for each workflow, and so has `attributes` if it is a
                list.

        Raises:
            As `enqueue`. InvalidArgument also for one id with different inputs.
        """
        return run_sync(self.enqueue_many_async(workflow, inputs, **options), "enqueue_many_async")

    async def enqueue_many_async(
        self, workflow: Any, inputs: Iterable[Sequence[Any] | Mapping[str, Any]], **options: Any
    ) -> list[WorkflowHandle[Any]]:
        """`enqueue_many` for async code."""
        found, items = self._start_items(workflow, inputs, options)
        if not items:
            return []
        name, queue = items[0].name, found[0].queue
        with UNTRACED if self.tracing is None else self.tracing.enqueueing(name, queue, len(items)) as trace:
            given = items if trace is None else [item._replace(trace=trace) for item in items]
            rows = await self._ask(lambda: self._engine.enqueue_many(found[0], given))
        return [WorkflowHandle(self, workflow_id, is_new=True) for workflow_id, _ in rows]

    def debounce(
        self,
        workflow: Any,
        key: str,
        *args: Any,
        delay: Seconds,
        max_delay: Seconds | None = None,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """Starts a workflow once its calls have been quiet for `delay`; the last arguments count.

        Args:
            workflow: its name, or the decorated function.
            key: what belongs together; 1 to 512 bytes, for each queue or partition.
            *args, **kwargs: as for `enqueue`; of the options `queue`, `workflow_id`, `priority`,
                `partition_key`, `timeout`, `deadline`, `attributes` and on whose behalf it runs.
            delay: how long it waits after the last call.
            max_delay: how long after the first call it starts at the latest; None: no bound.

        Raises:
            As `enqueue`.
        """
        return run_sync(
            self.debounce_async(workflow, key, *args, delay=delay, max_delay=max_delay, **kwargs),
            "debounce_async",
        )

    async def debounce_async(
        self,
        workflow: Any,
        key: str,
        *args: Any,
        delay: Seconds,
        max_delay: Seconds | None = None,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """`debounce` for async code."""
        text("the debounce key", key)
        debounce_options(kwargs)
        options, named = self._split_options(workflow, kwargs)
        item = start_item(self.codec, read_call(workflow, args, named), options)
        with UNTRACED if self.tracing is None else self.tracing.enqueueing(item.name, options.queue) as trace:
            given = item if trace is None else item._replace(trace=trace)
            found = await self._ask(lambda: self._engine.debounce(given, options, key, delay, max_delay))
        return WorkflowHandle(self, found)

    def set_delay(self, workflow_id: str, delay: Seconds) -> bool:
        """Changes when a DELAYED workflow is enqueued: so long after now.

        Returns:
            False, and nothing is changed, if it is not DELAYED any more.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.set_delay_async(workflow_id, delay), "set_delay_async")

    async def set_delay_async(self, workflow_id: str, delay: Seconds) -> bool:
        """`set_delay` for async code."""
        checked_id(workflow_id)
        return await self._ask(lambda: self._engine.set_delay(workflow_id, delay))

    def explain_wait(self, workflow_id: str) -> list[tuple[str, str]]:
        """Why a workflow is not running: reasons, each with a sentence. There is always one; "next" says that
        nothing holds it, and the next claim takes it.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.explain_wait_async(workflow_id), "explain_wait_async")

    async def explain_wait_async(self, workflow_id: str) -> list[tuple[str, str]]:
        """`explain_wait` for async code."""
        checked_id(workflow_id)
        return await self._ask(lambda: self._engine.explain_wait(workflow_id))

    def _split_options(self, workflow: Any, kwargs: dict[str, Any]) -> tuple[EnqueueOptions, dict[str, Any]]:
        """The options among keyword arguments, and the others."""
        if self.application is None or kwargs.get("queue") is not None:
            return split_options(workflow, kwargs)
        options, others = split_options(workflow, {k: v for k, v in kwargs.items() if k != "queue"})
        return options._replace(queue=None), others

    def _start_items(
        self, workflow: Any, inputs: Iterable[Sequence[Any] | Mapping[str, Any]], options: dict[str, Any]
    ) -> tuple[list[EnqueueOptions], list[StartItem]]:
        """What the engine needs to start many workflows of one name, and the options of each."""
        if isinstance(inputs, (str, bytes, Mapping)) or not isinstance(inputs, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(f"inputs is a list with the arguments of each workflow, not {inputs!r}")
        arguments = [split_input(place, given) for place, given in enumerate(inputs, 1)]
        own = split_each(options, len(arguments))
        shared = self._split_options(None, options)[0]
        if not own:
            return [], []
        each = [self._split_options(None, {**options, **one})[0] if one else shared for one in own]
        if not isinstance(workflow, str):
            calls = [read_call(workflow, *given) for given in arguments]
            return each, [start_item(self.codec, call, one) for call, one in zip(calls, each, strict=True)]
        first = start_item(self.codec, read_call(workflow, *arguments[0]), each[0])
        return each, [
            # By name and without options of their own they differ in their ids and inputs only.
            first._replace(workflow_id=new_id, input=self.codec.dump_arguments(*given))
            if one is shared
            else start_item(self.codec, read_call(workflow, *given), one)
            for given, one, new_id in zip(arguments, each, new_workflow_ids(len(each)), strict=True)
        ]


def start_item(codec: Codec, call: Call, options: EnqueueOptions) -> StartItem:
    """What the engine needs to start a workflow.

    Raises:
        NotAuthorized: it requires a role that the user has not.
    """
    who = authority(options.authenticated_user, options.authenticated_roles, options.assumed_role)
    said = given_authority(who)
    if call.required_roles:
        acting = current_authority() if said == NOBODY else said
        role = role_of(f"workflow {call.name!r}", call.required_roles, acting)
        said = acting._replace(assumed_role=role)
    workflow = call.workflow
    return StartItem(
        call.name,
        new_workflow_id() if options.workflow_id is None else checked_id(options.workflow_id),
        _dump_arguments(codec, call),
        100 if workflow is None else workflow.max_recovery_attempts,
        options.priority,
        options.partition_key,
        options.deduplication_id,
        timeout=span(workflow.timeout if workflow and options.timeout is None else options.timeout),
        deadline=None if options.deadline is None else moment("a deadline", options.deadline),
        attributes=dump_attributes("attributes", options.attributes),
        authority=said,
        class_name=call.class_name or options.class_name,
        config_name=call.config_name or options.config_name,
    )


def _dump_arguments(codec: Codec, call: Call) -> str:
    try:
        return codec.dump_arguments(call.given_args, call.given_kwargs)
    except SerializationError:
        if call.workflow is None or call.workflow.validator is None:
            raise
        # The worker makes of it again what the hints say.
        from pydantic_core import to_jsonable_python

        return codec.dump_arguments(
            tuple(to_jsonable_python(call.given_args)), to_jsonable_python(call.given_kwargs)
        )
