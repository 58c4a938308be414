"""Starting workflows in this process, and children of workflows; part of `Perdure`."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from ._branches import inside_step
from ._calls import Call, read_call
from ._checks import Seconds
from ._classes import read_identity
from ._core import Core
from ._engine import StartItem
from ._enqueue import Enqueueing, start_item
from ._errors import Abandoned, InvalidArgument, NotLaunched, WrongContext
from ._handle import GET_RESULT, WorkflowHandle
from ._loop import run_sync, running_loop
from ._options import EnqueueOptions, check_clash
from ._run import Run, check_place, current_run
from ._threads import ThreadPool
from ._tracing import UNTRACED
from ._workflow import Workflow

logger = logging.getLogger("perdure")


class DirectRuns(Enqueueing):
    """The part of an app that starts workflows, here or as children."""

    _core: Core | None
    _threads: ThreadPool
    # Kept from the garbage collector.
    _background: set[asyncio.Task[Any]]

    def _launched(self) -> Core:
        run = current_run.get()
        if run is not None:
            check_place(run, self._engine)
        # What runs on while the app shuts down may still start children.
        core = run.core if run is not None else self._core
        if core is None:
            raise NotLaunched("the app is not launched: call `app.launch()`, or use `with app:`")
        return core

    async def run_workflow_async(self, workflow: Workflow[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a workflow to its end, here; what calling a workflow does."""
        return await self._start(workflow, args, kwargs, EnqueueOptions(), background=False)

    def start_workflow(
        self,
        workflow: Workflow[..., Any],
        *args: Any,
        workflow_id: str | None = None,
        timeout: Seconds | None = None,
        deadline: dt.datetime | None = None,
        attributes: Mapping[str, Any] | None = None,
        authenticated_user: str | None = None,
        authenticated_roles: Sequence[str] | None = None,
        assumed_role: str | None = None,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """Starts a workflow in this process, in the background; if the process dies, another goes on.

        In a workflow it starts a child, and is a step.

        Args:
            workflow: the decorated function.
            *args, **kwargs: what it is called with; see `enqueue`.
            workflow_id: 1 to 512 bytes; None: a new one, for a child `<parent id>-<step>`. An id starts
                one workflow, once: a second call gets a handle to the first.
            timeout, deadline: when it has to have ended; see `EnqueueOptions`.
            attributes: JSON values by name, for those who search.
            authenticated_user, authenticated_roles, assumed_role: on whose behalf it runs; see
                `EnqueueOptions`.

        Raises:
            NotAuthorized: it requires a role that the user has not.
            NotLaunched: `launch` comes first.
            SerializationError: an argument has no JSON form.
            WorkflowIdConflict: the id belongs to a workflow of another name.
            InvalidArgument: the id is empty or too long, or the timeout or deadline is out of range or has
                the name of a parameter of the workflow.
        """
        return run_sync(
            self.start_workflow_async(
                workflow,
                *args,
                workflow_id=workflow_id,
                timeout=timeout,
                deadline=deadline,
                attributes=attributes,
                authenticated_user=authenticated_user,
                authenticated_roles=authenticated_roles,
                assumed_role=assumed_role,
                **kwargs,
            ),
            "start_workflow_async",
        )

    async def start_workflow_async(
        self,
        workflow: Workflow[..., Any],
        *args: Any,
        workflow_id: str | None = None,
        timeout: Seconds | None = None,
        deadline: dt.datetime | None = None,
        attributes: Mapping[str, Any] | None = None,
        authenticated_user: str | None = None,
        authenticated_roles: Sequence[str] | None = None,
        assumed_role: str | None = None,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """`start_workflow` for async code."""
        given: dict[str, Any] = {
            "timeout": timeout,
            "deadline": deadline,
            "attributes": attributes,
            "authenticated_user": authenticated_user,
            "authenticated_roles": authenticated_roles,
            "assumed_role": assumed_role,
        }
        check_clash(workflow, [name for name, value in given.items() if value is not None])
        options = EnqueueOptions(workflow_id=workflow_id, **given)
        return await self._start(workflow, args, kwargs, options, background=True)

    async def _start(
        self,
        workflow: Workflow[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: EnqueueOptions,
        *,
        background: bool,
    ) -> Any:
        if isinstance(workflow, str):
            raise InvalidArgument(f"{workflow!r} is no workflow of this process: decorate it, or enqueue it")
        core = self._launched()
        call = read_call(workflow, args, kwargs)
        given = start_item(self.codec, call, options)
        item, parent = self._child_or_not(given, options.workflow_id)
        # The child's result is a step of the parent, as that of any other workflow is. Both steps have
        # their numbers before anything is awaited, so that calls made at once keep their order.
        waiting = parent if not background else None
        result_step = waiting.begin_step(GET_RESULT) if waiting is not None else None

        if core.tracing is not None and not isinstance(item, str):
            item = item._replace(trace=core.tracing.current())
        expected, me = core.expected, id(item)
        try:
            if not isinstance(item, str):
                expected[me] = item
            handle, run, fn = await self._start_here(core, call, item)
            if run is not None and (background or waiting is not None):
                self._run_in_background(core, run, call, fn)
            elif run is not None:
                # When another worker goes on with it, its outcome is ours.
                run.attended = True
                with contextlib.suppress(Abandoned):
                    return await _execute(core, run, call, fn)
        except BaseException:
            if not isinstance(item, str):
                core.leave(item)
            raise
        finally:
            if me in expected:
                del expected[me]
        if background:
            return handle
        if waiting is not None and result_step is not None:
            return await handle.get_result_as_step(waiting, *result_step)
        return await handle.get_result_async()

    async def _start_here(
        self, core: Core, call: Call, item: StartItem | str
    ) -> tuple[WorkflowHandle[Any], Run | None, Callable[..., Any]]:
        """A handle, and the run that this process now owns, with its code; no run if the workflow was started
        before, or must have ended by now."""
        workflow = cast("Workflow[..., Any]", call.workflow)
        if isinstance(item, str):
            return WorkflowHandle(self, item), None, workflow.fn
        started = await core.starts.put(item)
        handle: WorkflowHandle[Any] = WorkflowHandle(self, started.workflow_id)
        if started.token is None:
            return handle, None, workflow.fn
        run = Run(core, started.key, started.token, started.workflow_id, workflow.workflow_name)
        run.suspendable, run.trace = workflow.suspendable, item.trace
        return handle, run, workflow.code(run, read_identity(started.identity), call.fn)

    def _child_or_not(self, item: StartItem, workflow_id: str | None) -> tuple[StartItem | str, Run | None]:
        """What to start, as a child if a workflow is running; the child's id alone if it was started."""
        run = current_run.get()
        if run is None:
            return item, None
        if inside_step.get():
            raise WrongContext(
                f"workflow {item.name!r} was started inside a step, which a retry would do again:"
                " start it from the workflow itself"
            )
        check_place(run, self._engine)
        number, recorded = run.begin_step(item.name)
        if recorded is not None and recorded.completed:
            return recorded.child_id or "", run
        child = item._replace(
            workflow_id=f"{run.workflow_id}-{number}" if workflow_id is None else item.workflow_id,
            parent=(run.key, run.token, number),
        )
        return child, run

    def _run_in_background(self, core: Core, run: Run, call: Call, fn: Callable[..., Any]) -> None:
        async def execute() -> None:
            # What it raises is recorded, or logged where it arose.
            with contextlib.suppress(Exception, SystemExit, Abandoned):
                try:
                    await core.execute(run, fn, call.args, call.kwargs)
                except BaseException:
                    if not run.has_failed:
                        raise

        if not cast("Workflow[..., Any]", call.workflow).is_async:
            self._threads.run(lambda: _run_quietly(execute()))
            return

        def begin() -> None:
            task = asyncio.create_task(execute())
            self._background.add(task)
            task.add_done_callback(self._background.discard)

        self._loop.call_soon(begin)

    async def enqueue_async(self, workflow: Any, *args: Any, **kwargs: Any) -> WorkflowHandle[Any]:
        """`enqueue` for async code. In a workflow it enqueues a child, and is a step."""
        if current_run.get() is None:
            return await super().enqueue_async(workflow, *args, **kwargs)
        options, named = self._split_options(workflow, kwargs)
        given = start_item(self.codec, read_call(workflow, args, named), options)
        item, _ = self._child_or_not(given, options.workflow_id)
        if isinstance(item, str):
            return WorkflowHandle(self, item)
        core = self._launched()
        with UNTRACED if core.tracing is None else core.tracing.enqueueing(item.name, options.queue) as trace:
            child = item if trace is None else item._replace(trace=trace)
            child_id, _ = await core.children.put((options.shared(), child))
        return WorkflowHandle(self, child_id)

    async def enqueue_many_async(
        self, workflow: Any, inputs: Iterable[Sequence[Any] | Mapping[str, Any]], **options: Any
    ) -> list[WorkflowHandle[Any]]:
        """`enqueue_many` for async code. In a workflow it enqueues children, and each is a step."""
        if current_run.get() is None:
            return await super().enqueue_many_async(workflow, inputs, **options)
        core = self._launched()
        each, given = self._start_items(workflow, inputs, options)
        _check_repeated_ids(given)
        items = [self._child_or_not(item, one.workflow_id)[0] for item, one in zip(given, each, strict=True)]

        new = [item for item in items if not isinstance(item, str)]

        async def put_all(trace: str | None) -> list[str]:
            shared = each[0].shared()
            puts = [
                core.children.put((shared, item if trace is None else item._replace(trace=trace)))
                for item in new
            ]
            return [child_id for child_id, _ in await asyncio.gather(*puts)]

        new_ids: Iterator[str] = iter(())
        if new:
            name, queue = new[0].name, each[0].queue
            with (
                UNTRACED if core.tracing is None else core.tracing.enqueueing(name, queue, len(new))
            ) as trace:
                new_ids = iter(await core.loop.on_engine(lambda: put_all(trace)))
        return [WorkflowHandle(self, item if isinstance(item, str) else next(new_ids)) for item in items]


async def _execute(core: Core, run: Run, call: Call, fn: Callable[..., Any]) -> Any:
    """Runs a workflow for a caller, who may be cancelled. Then the run is given up before its code learns of
    it: a step in a `finally` block would take the number of one that comes when the workflow goes on."""
    coroutine = core.execute(run, fn, call.args, call.kwargs)
    if running_loop() is None:
        return await coroutine
    task = asyncio.create_task(coroutine)
    shield = asyncio.shield(task)
    # Known at once: where a loop is wound up, the task may learn of its own cancellation first.
    run.is_interrupted = shield.cancelled
    try:
        return await shield
    except asyncio.CancelledError:
        if not task.done():
            run.abandon("interrupted")
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        raise


def _check_repeated_ids(items: Sequence[StartItem]) -> None:
    """As the engine does for what is enqueued in one call; children travel with those of others."""
    inputs: dict[str, str] = {}
    for item in items:
        if inputs.setdefault(item.workflow_id, item.input) != item.input:
            raise InvalidArgument(
                f"workflow id {item.workflow_id!r} is given to several workflows with different inputs: give"
                " each an id of its own"
            )


def _run_quietly(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        run_sync(coroutine, "")
    except BaseException as error:
        logger.debug("a background run ended: %r", error)
