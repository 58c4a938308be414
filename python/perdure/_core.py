"""What running workflows share in one process: the batches they write with, and the ways to run them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import math
import os
import traceback
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from ._batch import Batcher
from ._branches import Branch, current_branch, inside_step, number_tasks
from ._engine import Engine, FinishItem, Outcome, Refusal, Started, StartItem
from ._errors import (
    Abandoned,
    DatabaseUnavailable,
    ExecutorNotRegistered,
    NotLaunched,
    PerdureError,
    Suspended,
    WorkflowCancelled,
)
from ._loop import EngineLoop, Stop, is_awaitable, running_loop
from ._notices import NoticeBoard
from ._options import EnqueueOptions
from ._results import ResultWatcher
from ._run import Run, current_run
from ._serialize import Codec
from ._steps import Steps, explained
from ._tracing import Tracing
from ._waiting import Waiting

logger = logging.getLogger("perdure")

_NOT_TOLD: Any = object()
_HERE = os.path.dirname(__file__)
_CARRIERS = tuple(os.path.dirname(module.__file__ or "") + os.sep for module in (asyncio, concurrent.futures))


class Core:
    """The writing side of one launched app.

    Args:
        engine, loop, results, notices: see there.
        app_version: what runs here belongs to it; None: to none.
        codec: how values are written.
    """

    def __init__(
        self,
        engine: Engine,
        loop: EngineLoop,
        results: ResultWatcher,
        notices: NoticeBoard,
        app_version: str | None,
        codec: Codec,
    ) -> None:
        self.codec = codec
        self.engine, self.loop, self.results, self.notices = engine, loop, results, notices
        self.app_version = app_version
        self.tracing: Tracing | None = None
        self.executor_id = 0
        # In seconds, as the database says: what waits longer leaves the worker.
        self.suspend_after = math.inf
        # What runs in this process, and whom to tell when a run begins to wait or has ended.
        self.runs: set[Run] = set()
        # By workflow id the keys of those that a start has handed out and whose run has not begun; and
        # by identity the items whose callers wait for them. Threads use both, in the order that `_leave`
        # tells.
        self.begun: dict[str, int] = {}
        self.expected: dict[int, StartItem] = {}
        # Of these it was told that they were cancelled before they ran here: the answer to a claim may come
        # after the notification.
        self.told_early: dict[str, None] = {}
        self.on_suspicion: Callable[[], None] = _nobody
        self.on_waiting: Callable[[], None] = _nobody
        self.on_end: Callable[[], None] = _nobody
        # Called with the seconds that are left to something that this executor has begun.
        self.on_deadline: Callable[[float], None] = _nobody_knows
        # Whether the worker is stopping and runs go back to their queues where a step would begin; and how
        # many have.
        self.handing_back = False
        self.handed_back = 0
        self.stopping = Stop()
        # Who waits in memory for the end of another workflow; on the engine's loop.
        self._end_waits: set[asyncio.Future[None]] = set()
        self.on_lease_lost: Callable[[int], Coroutine[Any, Any, None]] = _nothing
        # Whether the tasks of the engine's loop have been cancelled: its program ends, without a shutdown.
        self.is_wound_up: Callable[[], bool] = _no
        self._finishes: Batcher[FinishItem, Refusal | None] = Batcher(loop, engine.finish_many)
        self._releases: Batcher[tuple[int, int], bool] = Batcher(loop, engine.release_now)
        self.starts: Batcher[StartItem, Started] = Batcher(loop, self._start_many)
        self.children: Batcher[tuple[EnqueueOptions, StartItem], tuple[str, bool]] = Batcher(
            loop, self._enqueue_children
        )
        self.traces: Batcher[tuple[str, str | None], str | None] = Batcher(loop, engine.keep_traces)
        self.steps = Steps(self)
        self.waits = Waiting(self)

    async def _start_many(self, items: Sequence[StartItem]) -> list[Started]:
        """Starts children and others in one call each, and on behalf of each user."""
        groups: dict[tuple[Any, ...], list[int]] = {}
        for i, item in enumerate(items):
            groups.setdefault((item.parent is not None, item.authority), []).append(i)
        found: dict[int, Started] = {}
        for group in groups.values():
            rows = await self._start_group([items[i] for i in group])
            found.update(zip(group, rows, strict=True))
        return [found[i] for i in range(len(items))]

    async def _start_group(self, items: Sequence[StartItem]) -> list[Started]:
        executor_id = self.executor_id
        try:
            rows = await self.engine.start_many(executor_id, items)
        except ExecutorNotRegistered:
            await self.loop.on_engine(lambda: self.on_lease_lost(executor_id))
            rows = await self.engine.start_many(self.executor_id, items)
        for item, row in zip(items, rows, strict=True):
            if row.token is not None:
                self.begun[row.workflow_id] = row.key
                if row.time_left is not None:
                    self.loop.tell(self.on_deadline, row.time_left)
            if id(item) not in self.expected:
                self._leave(item)
        return rows

    def leave(self, item: StartItem) -> None:
        """The caller of `starts` was cancelled or interrupted: what it started, and does not run yet, goes
        back."""
        self.expected.pop(id(item), None)
        self._leave(item)

    def _leave(self, item: StartItem) -> None:
        # The answer is noted before it is asked whether it is expected, and is not expected any more before
        # it is looked for: whoever comes second finds it.
        if self.begun.pop(item.workflow_id, None) is not None:
            self.engine.uncertain = True
            self.loop.tell(self.on_waiting)

    async def _enqueue_children(
        self, items: Sequence[tuple[EnqueueOptions, StartItem]]
    ) -> list[tuple[str, bool]]:
        """Enqueues children, those of one name and with the same options in one call."""
        groups: dict[tuple[Any, ...], list[int]] = {}
        for i, (options, item) in enumerate(items):
            alike = (
                options,
                item.name,
                item.max_recovery_attempts,
                item.timeout,
                item.deadline,
                item.authority,
                item.class_name,
                item.config_name,
            )
            groups.setdefault(alike, []).append(i)
        found: dict[int, tuple[str, bool]] = {}
        for (options, *_), group in groups.items():
            rows = await self.engine.enqueue_many(options, [items[i][1] for i in group])
            found.update(zip(group, rows, strict=True))
        return [found[i] for i in range(len(items))]

    # ------------------------------------------------------------------------------------- a run

    async def execute(
        self, run: Run, fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Runs the code of a workflow to its end and records how it ended.

        Returns:
            What the code returned.

        Raises:
            Exception: what the code raised; it is recorded.
            Abandoned: this process must not end it; the reason is logged.
        """
        try:
            self.runs.add(run)
            self.begun.pop(run.workflow_id, None)
            if self.told_early and self.told_early.pop(run.workflow_id, _NOT_TOLD) is None:
                self.loop.tell(self.on_suspicion)
            if self.tracing is not None:
                return await self.tracing.run(run, fn, lambda code: self._execute(run, code, args, kwargs))
            return await self._execute(run, fn, args, kwargs)
        finally:
            self.runs.discard(run)
            if run.owned:
                # It is still this executor's, which does not run it any more: it was abandoned, or whatever
                # recorded its end was interrupted.
                self.engine.uncertain = True
            self.on_end()

    async def _execute(
        self, run: Run, fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Any:
        value: Any = None
        output: str | None = None
        failure: BaseException | None = None
        awaited = False
        outer_run, outer_step, outer_branch = current_run.get(), inside_step.get(), current_branch.get()
        loop = running_loop()
        try:
            # An interrupt may come right after each of these.
            current_run.set(run)
            inside_step.set(0)
            if loop is not None:
                number_tasks(loop)
                run.root = Branch(run)
            current_branch.set(run.root)
            value = fn(*args, **kwargs)
            if is_awaitable(value):
                awaited = True
                value = await value
            output = self.codec.dumps(value, "result of workflow", run.name)
        except SystemExit as error:
            failure = error
        except Exception as error:
            failure = explained(error, "workflow", run.name) if awaited else error
        except BaseException as error:
            if run.put_down is None:
                if isinstance(error, Abandoned):
                    logger.info(
                        "workflow %s (%s) is not run on here: %s", run.workflow_id, run.name, run.abandoned
                    )
                elif run.abandoned is None and not self._is_interrupted(run, error):
                    failure = _own(error)
                if failure is None:
                    raise
        finally:
            current_run.set(outer_run)
            inside_step.set(outer_step)
            current_branch.set(outer_branch)
        if (
            loop is not None
            and _may_be_cancelled(loop)
            and (late := await _met_late()) is not None
            and run.abandoned is None
        ):
            if self._is_interrupted(run, late):
                raise late
            failure = failure or _own(late)
        if run.put_down is not None:
            # Whatever its code has made of that.
            await self._put_down(run, run.put_down)
            raise Suspended()
        await self.finish(run, output, failure)
        if failure is not None:
            run.has_failed = True
            raise failure
        return value

    async def finish(self, run: Run, output: str | None, failure: BaseException | None) -> None:
        """Ends a workflow that this run owns: with an output, or with an error.

        Raises:
            Abandoned: it is not this run's any more.
        """
        run.check()
        error = None if failure is None else self.codec.dump_error(failure)
        try:
            refusal = await self._finishes.put(FinishItem(run.key, run.token, output, error), run.can_move)
        except (DatabaseUnavailable, NotLaunched) as reason:
            raise run.give_up(str(reason)) from reason
        except PerdureError as reason:
            if output is None:
                raise run.give_up(str(reason)) from reason
            # The database does not take this output: that is how the workflow ends.
            await self.finish(run, None, reason)
            raise
        run.owned = False
        if refusal is not None and refusal.outcome == "will be retried":
            logger.warning(
                "workflow %s (%s) failed and will be retried in %.3g s: %r",
                run.workflow_id, run.name, refusal.retry_in or 0.0, failure,
            )  # fmt: skip
            return
        if refusal is not None and refusal.outcome == "lease lost":
            logger.warning("workflow %s (%s): lease lost before its end", run.workflow_id, run.name)
            raise run.lose()
        status = "SUCCESS" if error is None else "ERROR"
        # Whoever begins to wait later asks the database, where it has ended by now.
        if self.results.is_awaited(run.workflow_id):
            self.loop.tell(self.results.resolve, Outcome(run.workflow_id, status, output, error))
        if failure is not None:
            logger.warning(
                "workflow %s (%s) failed: %r%s", run.workflow_id, run.name, failure, _place(failure)
            )
        elif logger.isEnabledFor(logging.DEBUG):
            logger.debug("workflow %s (%s) succeeded", run.workflow_id, run.name)

    async def _put_down(self, run: Run, put_down: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        if await self.loop.on_engine(put_down):
            logger.info("workflow %s (%s) is put down: %s", run.workflow_id, run.name, run.abandoned)
        else:
            # What it waits for came meanwhile.
            await self.loop.on_engine(lambda: self.engine.release(run.key, run.token))
        run.owned = False

    async def hand_back(self, run: Run) -> bool:
        """Gives a run back to its queue; what puts it down when the worker is stopping."""
        if await self._releases.put((run.key, run.token)):
            self.handed_back += 1
        return True

    def _is_interrupted(self, run: Run, error: BaseException) -> bool:
        """Whether somebody stops the code of a workflow, which then goes back: it stays durable, and goes on
        where it stopped. Else the error is its own, as of a task that the code has cancelled itself: it
        would be met again whenever the workflow goes on."""
        if isinstance(error, asyncio.CancelledError):
            # Nobody cancels a thread: there it is of an event loop that a plain function has run.
            stopped = running_loop() is not None and (run.is_interrupted or self.is_wound_up)()
        else:
            stopped = isinstance(error, (KeyboardInterrupt, GeneratorExit))
        if stopped:
            run.abandon("interrupted")
            self._hand_back(run)
        return stopped

    def _hand_back(self, run: Run) -> None:
        logger.info("workflow %s (%s) was interrupted and goes back", run.workflow_id, run.name)
        if self.is_wound_up():
            return  # with the lease, which nobody renews: a call would not be answered any more
        release = self.engine.release(run.key, run.token)
        try:
            # Without suspending: the caller may have been cancelled, and may be in any loop.
            asyncio.run_coroutine_threadsafe(release, self.loop.loop)
        except PerdureError:
            release.close()

    def begin_handing_back(self) -> None:
        """The worker is stopping: from now on runs go back to their queues. On the engine's loop."""
        self.handing_back = True
        self.stopping.set()
        # What waits looks again, and is put down.
        for run in tuple(self.runs):
            self.notices.tell(f"wake {run.key}")
        for woken in self._end_waits:
            _wake(woken)

    async def wait_for_outcome(
        self, run: Run, workflow_id: str, timeout: float, was_stopping: bool
    ) -> Outcome | None:
        """The outcome of any workflow, when it has ended; None if meanwhile the worker has begun to stop.

        Args:
            was_stopping: what `handing_back` was before the caller looked whether the run goes back.

        Raises:
            TimeoutError: it has not ended in `timeout` seconds.
            WorkflowNotFound: there is none of this id.
            Abandoned: the workflow that waits must not go on.
        """
        run.waiting += 1
        self.loop.tell(self.on_waiting)
        try:
            found = await self.loop.on_engine(
                lambda: self._wait_unless_stopped(run, workflow_id, timeout, was_stopping)
            )
            if found is None:
                run.check()
            return found
        finally:
            run.waiting -= 1

    async def _wait_unless_stopped(
        self, run: Run, workflow_id: str, timeout: float, was_stopping: bool
    ) -> Outcome | None:
        """The outcome; None if the run is abandoned meanwhile, or is to look whether it goes back. On the
        engine's loop."""
        if self.handing_back and not was_stopping:
            return None
        waiting = asyncio.create_task(self.results.wait(workflow_id, timeout))
        waiting.add_done_callback(_forget_failure)
        # Beside it, and not its cancellation: `asyncio.wait_for` may swallow that, where an answer comes.
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._end_waits.add(woken)
        try:
            with run.stop.calling(lambda: self.loop.tell(_wake, woken)):
                await asyncio.wait((waiting, woken), return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            self._end_waits.discard(woken)
            waiting.cancel()


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


def _forget_failure(task: asyncio.Task[Any]) -> None:
    # It may fail when nobody waits for it any more.
    if not task.cancelled():
        task.exception()


def _nobody() -> None:
    pass


def _nobody_knows(_seconds: float) -> None:
    pass


def _no() -> bool:
    return False


def _own(error: BaseException) -> BaseException:
    """An error of the workflow's own, with a message for people."""
    if isinstance(error, asyncio.CancelledError):
        reason = f": {error}" if str(error) else ""
        return asyncio.CancelledError(
            f"the code of the workflow has cancelled its own asyncio task, or has raised this itself{reason}"
        ).with_traceback(error.__traceback__)
    return error


def _may_be_cancelled(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether the task that runs here is to be cancelled, and its code may not have come to it."""
    task: Any = asyncio.current_task(loop)
    if task is None:
        return False
    # What is asked from Python 3.11 on also counts those that the code has met.
    return task.cancelling() > 0 if hasattr(task, "cancelling") else task._must_cancel


async def _met_late() -> asyncio.CancelledError | None:
    """A cancellation that the code has not waited for: it would be met while the end of the workflow is
    written."""
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError as error:
        return error
    return None


async def _nothing(_executor_id: int) -> None:
    pass


def _place(failure: BaseException) -> str:
    """Where the user's code raised it, on the same line of the log."""
    # Not this package, and not what of the standard library carries an error from thread to thread.
    frames = [
        f
        for f in traceback.extract_tb(failure.__traceback__)
        if os.path.dirname(f.filename) != _HERE and not f.filename.startswith(_CARRIERS)
    ]
    return f", at {frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""


def outcome_value(codec: Codec, outcome: Outcome) -> Any:
    """What a workflow returned; raises what it raised."""
    if outcome.status == "SUCCESS":
        return codec.loads(outcome.output)
    if outcome.error is not None:
        raise codec.load_error(outcome.error)
    raise WorkflowCancelled(f"workflow {outcome.workflow_id!r} ended as {outcome.status}")
