"""A program that asks for workflows and looks at them, but runs none."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import random
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

from ._calls import Call, read_call
from ._checks import Seconds, checked_name, flag, moment, number, span, text, whole_number
from ._engine import Engine, Outcome, StartItem
from ._errors import InvalidArgument, SerializationError, WrongContext
from ._figures import Figures
from ._handle import StepStatus, WorkflowHandle, WorkflowStatus, read_step, read_workflow
from ._health import Health
from ._identity import Identities, authority, current_authority, dump_attributes, given_authority, role_of
from ._ids import checked_id, new_workflow_id, new_workflow_ids
from ._keeping import KeepingMethods
from ._loop import EngineLoop, run_sync, running_loop
from ._manage import Management
from ._messages import Messages
from ._notices import NoticeBoard
from ._observe import Observing
from ._options import EnqueueOptions, debounce_options, split_each, split_input, split_options
from ._queue import Queue, QueueSettings, QueueStats, dump_changes, queue_limits, queue_name
from ._results import ResultWatcher
from ._run import NOBODY
from ._schedules import ScheduleMethods
from ._serialize import Codec, Serializer
from ._tracing import UNTRACED, Tracing
from ._versions import Versions

logger = logging.getLogger("perdure")

T = TypeVar("T")


def find_dsn(dsn: str | None) -> str:
    """The database to use: the one given, else PERDURE_DATABASE_URL, else libpq's own variables.

    Raises:
        InvalidArgument: none of them is set, or it is no URL and no connection string.
    """
    found = dsn or os.environ.get("PERDURE_DATABASE_URL")
    if found:
        if (
            found != "embedded"
            and not found.startswith(("postgresql://", "postgres://"))
            and "=" not in found
        ):
            raise InvalidArgument(
                "that is no database: give postgresql://user:password@host/database, a libpq connection"
                ' string, or "embedded"'
            )
        return found
    if any(name in os.environ for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")):
        return ""
    raise InvalidArgument(
        "which database? Pass its URL, or set PERDURE_DATABASE_URL (postgresql://user:password@host/database)"
    )


class Client(
    Messages, Management, ScheduleMethods, KeepingMethods, Versions, Identities, Observing, Figures, Health
):
    """Enqueues workflows, waits for results and looks at what runs; connects at its first call.

    Every method has a twin that ends in `_async`, for async code.

    Args:
        dsn: the database: a libpq URL or connection string; None: PERDURE_DATABASE_URL, or libpq's
            own environment variables.
        schema: the schema in which the engine is installed.
        connect_timeout: how long to try to connect at first, in seconds.
        poll_interval: seconds between polls for results, behind notifications.
        listen: whether to LISTEN; off behind a pooler in transaction mode.
        prepare: whether to prepare statements; off for old poolers in transaction mode.
        max_connections: how many connections coroutines use at most, and as many again threads that call it
            without an event loop; one more listens.
        application: the application that this program is part of, if several share the database; see
            docs/applications.md. What is enqueued here without a queue goes to the queue of that name.
        serializer: what values are written with; None: portable JSON, which is read in any case.

    Attributes:
        codec: how this program writes values; see `register_type`.
    """

    # Whether it can start the embedded Postgres: a Perdure can.
    _embeds = False
    # What it listens to: not to what only workers need, which would wake it for nothing.
    _channels: Sequence[str] = ("finished", "changed")

    def __init__(
        self,
        dsn: str | None = None,
        *,
        schema: str = "perdure",
        connect_timeout: float = 30.0,
        poll_interval: float = 1.0,
        listen: bool = True,
        prepare: bool = True,
        max_connections: int = 4,
        application: str | None = None,
        serializer: Serializer | None = None,
    ) -> None:
        if not 0 < number("poll_interval", poll_interval) < math.inf:
            raise InvalidArgument(f"poll_interval is more than 0, not {poll_interval}")
        if number("connect_timeout", connect_timeout) < 0:
            raise InvalidArgument(f"connect_timeout is not negative, not {connect_timeout}")
        whole_number("max_connections", max_connections, 1)
        if not text("schema", schema) or "\0" in schema:
            raise InvalidArgument(f"a schema has a name, not {schema!r}")
        flag("listen", listen)
        flag("prepare", prepare)
        if serializer is not None:
            _check_serializer(serializer)
        self._dsn = self._find_dsn(dsn)
        self.schema = schema
        # Set by `perdure.otel.instrument`.
        self.tracing: Tracing | None = None
        self.codec = Codec(serializer)
        self._listen = listen
        self._poll_interval = poll_interval
        self._engine = Engine(
            self._dsn,
            schema,
            max_connections=max_connections,
            prepare=prepare,
            connect_timeout=connect_timeout,
        )
        self.application = None if application is None else checked_name("application", application)
        self._engine.application = self.application
        self._start_afresh()
        _clients.add(self)

    def _start_afresh(self) -> None:
        """What it is before its first call; also in the child of a fork, where the loop does not run, and the
        connections are the parent's."""
        self._loop = EngineLoop()
        self._engine.start_afresh()
        self._notices = NoticeBoard(self._poll_interval)
        self._results = ResultWatcher(self._engine, self._loop, self._poll_interval)
        self._opening: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None

    # -------------------------------------------------------------------------------- connection

    def register_type(
        self,
        kind: type[T],
        *,
        name: str | None = None,
        dump: Callable[[T], Any] | None = None,
        load: Callable[[Any], T] | None = None,
    ) -> type[T]:
        """Lets objects of a class be arguments and results; also as a decorator, `@app.register_type`.

        Enums, dataclasses, named tuples and pydantic models say themselves how they are written: by the name
        of the member, or as an object with their fields. What a type hint of a workflow or step names is
        registered already.

        Args:
            kind: the class; objects of its subclasses are not meant.
            name: under which it is stored; None: its qualified name without its module.
            dump, load: for other classes: what is written instead, JSON or other values that have a JSON
                form; and what makes an object of that. `load` gets whatever the database holds: let it check.

        Returns:
            The class.

        Raises:
            InvalidArgument: it is of another kind, and `dump` and `load` are missing; or the name is taken.
        """
        self.codec.types.register(kind, name, dump, load)
        return kind

    def use_database(self, dsn: str) -> None:
        """Connects to this database instead; for a program that takes it from its command line.

        Raises:
            InvalidArgument: it is no URL and no connection string.
            WrongContext: it is connected already.
        """
        if self._loop.is_running:
            raise WrongContext("the database is chosen before the first call")
        self._dsn = self._engine.dsn = self._find_dsn(dsn)

    def use_tracing(self, tracing: Tracing | None) -> None:
        """Follows what is enqueued and run from now on; `perdure.otel.instrument` calls it. None: no more."""
        self.tracing = tracing

    def _find_dsn(self, dsn: str | None) -> str:
        found = find_dsn(dsn)
        if found == "embedded" and not self._embeds:
            raise InvalidArgument(
                'only a Perdure starts the embedded Postgres: use Perdure("embedded") in one process, or give'
                " the URL of a server"
            )
        return found

    def _begin(self) -> None:
        """Makes the loop that everything runs on: the running one, or a thread."""
        if running_loop() is not None:
            self._loop.adopt(self._forget_loop)
        else:
            self._loop.start_thread(self._forget_loop)

    def _forget_loop(self) -> None:
        """Closes what a loop that has ended left behind; before there is a new one."""
        self._engine.close()
        self._opening = self._listener = None
        # Theirs are tasks and futures of that loop, which may never end.
        self._notices = NoticeBoard(self._poll_interval)
        self._results = ResultWatcher(self._engine, self._loop, self._poll_interval)

    async def _open(self) -> None:
        """Connects once; on the engine's loop. A failed attempt is made again by the next call."""
        if self._opening is None or has_failed(self._opening):
            self._opening = asyncio.create_task(self._connect())
        await asyncio.shield(self._opening)

    async def _connect(self) -> None:
        await self._engine.open()
        if self._listen:
            self._listener = asyncio.create_task(self._keep_listening())

    async def _keep_listening(self) -> None:
        delay = 0.5
        while True:
            ready = asyncio.Event()
            try:
                told = asyncio.create_task(self._on_listening(ready))
                try:
                    async for channel, payload in self._engine.listen(self._channels, ready):
                        self._on_notice(channel, payload)
                finally:
                    self._results.listening = self._notices.listening = False
                    told.cancel()
                    if ready.is_set():
                        delay = 0.5
            except Exception as error:
                logger.debug("LISTEN was lost, polling until it is back: %s", error)
            await asyncio.sleep(delay * random.uniform(0.75, 1.25))
            delay = min(delay * 2, 10.0)

    async def _on_listening(self, ready: asyncio.Event) -> None:
        await ready.wait()
        self._results.listening = self._notices.listening = True
        self._results.fetch_all()
        self._notices.tell_all()
        self._on_notice("work", "")
        self._on_notice("cancelled", "")

    def _on_notice(self, channel: str, payload: str) -> None:
        if channel == "finished":
            self._results.told(payload)
            self._notices.tell(f"end {payload}")
        elif channel in ("wake", "changed"):
            # A change says itself what has changed.
            self._notices.tell(payload if channel == "changed" else f"wake {payload}")

    def close(self) -> None:
        """Closes the connections. Nothing that was asked for is lost."""
        if self._loop.is_running:
            run_sync(self.close_async(), "close_async")
            self._loop.stop()
        self._engine.close()

    async def close_async(self) -> None:
        """`close` for async code."""
        if self._loop.is_running:
            await self._loop.on_engine(self._close)
        self._engine.close()

    async def _close(self) -> None:
        for task in (self._listener, self._opening):
            if task is not None:
                task.cancel()
                with contextlib.suppress(BaseException):
                    await task
        self._listener = self._opening = None
        self._engine.close()

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close_async()

    async def _on_engine(self, make: Any) -> Any:
        """Awaits a coroutine on the engine's loop, connected."""
        if self._engine.is_open and self._loop.is_running:
            return await self._loop.on_engine(make)
        if not self._loop.is_running:
            self._begin()

        async def connected() -> Any:
            await self._open()
            return await make()

        return await self._loop.on_engine(connected)

    async def _ask(self, make: Any) -> Any:
        """Awaits a call of the engine, connected: in a thread without a loop it is made right here."""
        if self._engine.is_open and self._loop.needs_no_hop:
            return await make()
        return await self._on_engine(make)

    # ------------------------------------------------------------------------------------ queues

    def queue(self, name: str, *, on_conflict: str | None = None, **settings: Any) -> Queue:
        """Returns a queue, which is made if there is none of this name.

        Without settings, one that exists keeps its own. With settings it gets exactly these: what is left out
        is without limit.

        Args:
            name: 1 to 512 bytes.
            on_conflict: what to do if it exists: "update" its settings to exactly these, or "keep" them;
                None: "update" if there are any here.
            **settings: `concurrency` (how many of its workflows run at once, over all executors),
                `worker_concurrency` (on one executor), `rate_limit` and `rate_period` (how many start at
                most in any such span), `partitioned` (its workflows have partition keys, which are served
                in turn), `partition_concurrency`, `partition_rate_limit`, `partition_rate_period` (the
                same for each partition), `priority_ageing` (the wait that counts as one step of
                priority). Periods are seconds or timedeltas; without a limit there is none.

        Raises:
            InvalidArgument: the name is empty or too long, a setting is unknown or out of range.
            QueueInUse: partitions would come or go under active workflows.
        """
        return run_sync(self.queue_async(name, on_conflict=on_conflict, **settings), "queue_async")

    async def queue_async(self, name: str, *, on_conflict: str | None = None, **settings: Any) -> Queue:
        """`queue` for async code."""
        name = queue_name("the name of a queue", name)
        if on_conflict is None:
            on_conflict = "update" if settings else "keep"
        await self.register_queue_async(name, on_conflict=on_conflict, **settings)
        return Queue(self, name)

    def register_queue(self, name: str, *, on_conflict: str = "keep", **settings: Any) -> bool:
        """Makes a queue; see `queue`. One that exists keeps its settings.

        Returns:
            Whether it is new.
        """
        return run_sync(
            self.register_queue_async(name, on_conflict=on_conflict, **settings), "register_queue_async"
        )

    async def register_queue_async(self, name: str, *, on_conflict: str = "keep", **settings: Any) -> bool:
        """`register_queue` for async code."""
        found, limits = queue_name("the name of a queue", name), queue_limits(settings)
        return await self._ask(lambda: self._engine.register_queue(found, limits, on_conflict))

    def list_queues(self) -> list[QueueSettings]:
        """The queues with their settings, by name."""
        return run_sync(self.list_queues_async(), "list_queues_async")

    async def list_queues_async(self) -> list[QueueSettings]:
        """`list_queues` for async code."""
        return [QueueSettings(*row) for row in await self._ask(self._engine.list_queues)]

    def queue_stats(self, queue: str | None = None) -> list[QueueStats]:
        """What each queue, or one, holds now.

        Raises:
            QueueNotFound: there is no such queue.
        """
        return run_sync(self.queue_stats_async(queue), "queue_stats_async")

    async def queue_stats_async(self, queue: str | None = None) -> list[QueueStats]:
        """`queue_stats` for async code."""
        name = None if queue is None else queue_name("queue", queue)
        return [QueueStats(*row) for row in await self._ask(lambda: self._engine.queue_stats(name))]

    def update_queue(self, queue: str, **changes: Any) -> None:
        """Changes settings of a queue, from the next claim on; see `Queue.update`."""
        run_sync(self.update_queue_async(queue, **changes), "update_queue_async")

    async def update_queue_async(self, queue: str, **changes: Any) -> None:
        """`update_queue` for async code."""
        name, json = queue_name("queue", queue), dump_changes(changes)
        await self._ask(lambda: self._engine.update_queue(name, json))

    def pause_queue(self, queue: str) -> None:
        """Lets no more workflows of a queue start; what runs goes on.

        Raises:
            QueueNotFound: there is no such queue.
        """
        run_sync(self.pause_queue_async(queue), "pause_queue_async")

    async def pause_queue_async(self, queue: str) -> None:
        """`pause_queue` for async code."""
        await self.update_queue_async(queue, paused=True)

    def resume_queue(self, queue: str) -> None:
        """Lets the workflows of a queue start again.

        Raises:
            QueueNotFound: there is no such queue.
        """
        run_sync(self.resume_queue_async(queue), "resume_queue_async")

    async def resume_queue_async(self, queue: str) -> None:
        """`resume_queue` for async code."""
        await self.update_queue_async(queue, paused=False)

    def delete_queue(self, queue: str) -> None:
        """Removes a queue that has no active workflows.

        Raises:
            QueueNotFound: there is no such queue.
            QueueInUse: it has active workflows.
        """
        run_sync(self.delete_queue_async(queue), "delete_queue_async")

    async def delete_queue_async(self, queue: str) -> None:
        """`delete_queue` for async code."""
        name = queue_name("queue", queue)
        await self._ask(lambda: self._engine.delete_queue(name))

    # -------------------------------------------------------------------------------- enqueueing

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
        """The options among keyword arguments, and the others. In an application the queue is its own unless
        it is said."""
        if self.application is not None and kwargs.get("queue") is None:
            kwargs = {**kwargs, "queue": self.application, "create_queue": True}
        return split_options(workflow, kwargs)

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

    # ----------------------------------------------------------------------------------- looking

    def retrieve_workflow(self, workflow_id: str) -> WorkflowHandle[Any]:
        """A handle to a workflow by its id; whether there is one shows at its first use."""
        return WorkflowHandle(self, checked_id(workflow_id))

    def get_workflow(self, workflow_id: str) -> WorkflowStatus:
        """All about a workflow.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.get_workflow_async(workflow_id), "get_workflow_async")

    async def get_workflow_async(self, workflow_id: str) -> WorkflowStatus:
        """`get_workflow` for async code."""
        checked_id(workflow_id)
        (row,) = await self._ask(lambda: self._engine.get_workflow(workflow_id))
        return read_workflow(self.codec, row)

    def list_steps(
        self,
        workflow_id: str,
        *,
        with_output: bool = True,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[StepStatus]:
        """The recorded steps of a workflow, in order.

        Args:
            workflow_id: the workflow.
            with_output: whether to bring what the steps have returned.
            after: the number of a step: those after it; None: from the first.
            limit: how many at most; None: all.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(
            self.list_steps_async(workflow_id, with_output=with_output, after=after, limit=limit),
            "list_steps_async",
        )

    async def list_steps_async(
        self,
        workflow_id: str,
        *,
        with_output: bool = True,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[StepStatus]:
        """`list_steps` for async code."""
        checked_id(workflow_id)
        rows = await self._ask(lambda: self._engine.list_steps(workflow_id, with_output, after, limit))
        return [read_step(self.codec, row) for row in rows]

    async def wait_for_outcome(self, workflow_id: str, timeout: float | None) -> Outcome:
        """How a workflow ended, when it has; see `WorkflowHandle.get_result`."""
        return await self._on_engine(lambda: self._results.wait(workflow_id, timeout))


def _check_serializer(serializer: object) -> None:
    has_both = all(callable(getattr(serializer, method, None)) for method in ("dumps", "loads"))
    if isinstance(serializer, type) or not has_both or not isinstance(getattr(serializer, "name", None), str):
        raise InvalidArgument(
            f"a serializer is an object with a `name`, `dumps(value)` and `loads(text)`, not {serializer!r}"
        )


_clients: weakref.WeakSet[Client] = weakref.WeakSet()


def _after_fork() -> None:
    for client in list(_clients):
        client._start_afresh()  # pyright: ignore[reportPrivateUsage]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def has_failed(task: asyncio.Task[None]) -> bool:
    """Whether the task has ended otherwise than well."""
    return task.done() and (task.cancelled() or task.exception() is not None)


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
