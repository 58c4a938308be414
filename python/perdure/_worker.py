"""The worker: claims what waits, runs it, renews its lease, and takes over from the dead."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ._classes import read_identity
from ._core import Core
from ._engine import Claimed
from ._errors import Abandoned, ExecutorNotRegistered, InvalidArgument, PerdureError, UnreadableValue
from ._loop import Signal, run_and_move
from ._room import Room
from ._run import Run
from ._threads import ThreadPool
from ._words import many
from ._workflow import Workflow

logger = logging.getLogger("perdure")

# More in one call only makes what ends at once, and is then waited for, larger: with 1000 running, one-step
# workflows of a full queue are drained 1.1 times as fast in claims of 250 as of 500, as fast as of 200.
_LARGEST_CLAIM = 250
# If the lease cannot be renewed before the database has said how often it is to be.
_RENEW_FAILED = 1.0
# From this on no claim takes more than half of what runs at once. Two halves at different places keep the
# database and the interpreter busy at the same time; in a single herd one of them waits for the other.
# Drained with one step: 1.05 times as fast with a concurrency of 200, 1.24 with 400, 1.33 with 1000.
_HALVED = 20
# An idle worker claims so long after the end of a run: mostly for nothing, beside what waits for the result.
_FREED_DELAY = 0.005
# How many workflows of other executors are kept in mind that were cancelled.
_TOLD_EARLY = 1000


class Worker:
    """Runs workflows of the queues it serves, at most `concurrency` at a time.

    Args:
        core: what it writes with.
        workflows: the functions it knows, by name.
        name: of this executor, for people.
        queues: those to serve; None: all. Recovered direct runs are served in any case.
        concurrency: how many workflows run at once; one that waits for another does not count. None: see
            `Room`.
        lease: seconds for which it counts as alive without a heartbeat.
        poll_interval: seconds between polls, behind notifications.
    """

    def __init__(
        self,
        core: Core,
        workflows: Mapping[str, Workflow[Any, Any]],
        *,
        name: str,
        queues: Sequence[str] | None,
        concurrency: int | None,
        lease: float,
        poll_interval: float,
    ) -> None:
        self._core, self._engine = core, core.engine
        self._workflows = workflows
        self._name, self._lease = name, lease
        self._queues = queues
        self._room = Room(concurrency, not all(w.is_async for w in workflows.values()))
        self._poll_interval = poll_interval
        self._threads = ThreadPool("perdure-workflow")
        self._loop = core.loop.loop
        self._running: dict[int, tuple[Run, asyncio.Task[None] | None]] = {}
        self._wanted = Signal()
        self._ended = Signal()
        self._stopping = self._hurried = False
        # Whether something has ended since the last claim; whether to claim at once then; and when else.
        self._freed, self._eager = False, True
        # Whether the last claim found less than it asked for, so that enqueueing notifies.
        self._is_idle = False
        self._timer: asyncio.TimerHandle | None = None
        self._unknown: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        core.on_waiting = self._wanted.set
        core.on_end = self._tell_stopping
        core.on_lease_lost = self._lease_was_lost
        core.on_deadline = self._expect
        # On the clock of the loop: when the lease is to be renewed, then in so many seconds again; and when
        # the next deadline of what runs here passes.
        self._renew_at, self._renew_in = 0.0, _RENEW_FAILED
        self._next_deadline = math.inf
        self._sooner = Signal()
        self._suspected = Signal()
        core.on_suspicion = self._suspected.set
        self._registering = asyncio.Lock()

    async def start(self) -> None:
        """Registers the executor and begins to claim."""
        await self._register()
        await self._renew()
        # Nobody sets it; it is cancelled, at once, with the task that waits for it.
        wound_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._core.is_wound_up = wound_up.cancelled

        async def wait_for_the_end() -> None:
            await wound_up

        self._tasks = [
            asyncio.create_task(loop())
            for loop in (self._claim_loop, self._lease_loop, self._watch_for_cancelled, wait_for_the_end)
        ]

    async def _register(self) -> None:
        self._core.executor_id = await self._engine.register_executor(
            self._name, self._lease, self._core.app_version, sorted(self._workflows), self._queues
        )
        logger.info("executor %s is registered as %s", self._name, self._core.executor_id)

    def notice(self, queue: str) -> None:
        """A notification: this queue has work; empty: one that every worker serves, or any may have."""
        if not queue or self._queues is None or queue in self._queues:
            self._wanted.set()

    # ------------------------------------------------------------------------------------ claims

    def _free(self) -> int:
        busy = sum(1 for run, _ in self._running.values() if not run.waiting)
        return self._room.size - busy

    def _most(self) -> int:
        """How many one claim takes at the most."""
        size = self._room.size
        return min(size if size < _HALVED else size // 2, _LARGEST_CLAIM)

    async def _claim_loop(self) -> None:
        while not self._stopping:
            self._wanted.clear()
            asked = min(self._free(), self._most())
            found, freed, self._freed = 0, self._freed, False
            was_idle = self._is_idle
            try:
                if self._engine.uncertain:
                    await self._reconcile()
                if asked > 0:
                    found = await self._claim(asked)
                    self._is_idle = found < asked
            except PerdureError as error:
                logger.warning("claiming failed, trying on: %s", error)
            except Exception:
                logger.exception("claiming failed, trying on")
            # There was less than it could run; or a run has ended and nothing waited for its place.
            self._eager = found == asked or (freed and found > 0)
            if 0 < found == asked and self._free() > 0:
                continue
            if self._is_idle and not was_idle:
                # What was enqueued while that was being asked told nobody: no worker was idle then.
                continue
            # A run that ends wakes this loop (see `_end`), a notification does, or the next poll.
            await self._wanted.wait(self._poll_interval * random.uniform(0.75, 1.25))

    async def _claim(self, most: int) -> int:
        """Claims and begins up to so many workflows; how many there were."""
        executor_id = self._core.executor_id
        try:
            claimed = await self._engine.claim(executor_id, self._queues, most, self._poll_interval)
        except ExecutorNotRegistered:
            await self._lease_was_lost(executor_id)
            return 0
        for item in claimed:
            if item.time_left is not None:
                self._expect(item.time_left)
            try:
                self._begin(item)
            except Exception:
                # The others begin all the same.
                self._engine.uncertain = True
                logger.exception("workflow %s cannot begin here and goes back", item.workflow_id)
        return len(claimed)

    async def _reconcile(self) -> None:
        """The answer to a claim or a start was lost: what nobody here knows of goes back."""
        async with self._core.starts.pausing():
            # In this order, because threads go on: what they leave from here on is looked for next time, and
            # what begins is among the runs before it is not among the begun any more.
            self._engine.uncertain = False
            begun = list(self._core.begun.values())
            keys = begun + [run.key for run in self._all_runs()]
            handed_back = await self._engine.reconcile(self._core.executor_id, keys)
        if handed_back:
            logger.warning(
                "a call whose answer was lost claimed %s: back to the queue", many(handed_back, "workflow")
            )

    def _begin(self, item: Claimed) -> None:
        run = Run(self._core, item.key, item.token, item.workflow_id, item.name, item.attempt)
        run.is_claimed, run.queue = True, item.queue
        workflow = self._workflows.get(item.name)
        if workflow is None:
            if item.name not in self._unknown:
                self._unknown.add(item.name)
                logger.warning(
                    "workflow %s: this process knows no workflow named %r, it goes back to its queue for"
                    " others (said once per name)", item.workflow_id, item.name,
                )  # fmt: skip
            self._give_back(run)
            return
        run.suspendable = workflow.suspendable
        try:
            code = workflow.code(run, read_identity(item.identity))
        except InvalidArgument as error:
            self._say_unknown(run, error)
            self._give_back(run)
            return
        try:
            run.read(item.steps)
        except Exception as error:
            logger.error("workflow %s: its recorded steps cannot be read here: %s", item.workflow_id, error)
            self._give_back(run)
            return
        logger.debug("workflow %s (%s) begins, attempt %s", item.workflow_id, item.name, item.attempt)
        if workflow.is_async:
            task = self._loop.create_task(self._run(run, code, item.input))
            self._running[id(run)] = (run, task)
        else:
            self._running[id(run)] = (run, None)
            try:
                self._threads.run(lambda: self._run_in_thread(run, code, item.input))
            except RuntimeError as error:
                logger.error("workflow %s cannot begin here and goes back: %s", item.workflow_id, error)
                self._give_back(run)

    async def _run(self, run: Run, code: Callable[..., Any], arguments: str | None) -> None:
        try:
            try:
                args, kwargs = self._core.codec.load_arguments(arguments)
            except UnreadableValue as error:
                # Where the version runs that has written it, it can be read.
                self._say_unknown(run, error)
                await self._release(run)
            except Exception as error:
                await self._core.finish(run, None, error)
            else:
                await self._core.execute(run, code, args, kwargs)
        except (Exception, SystemExit, Abandoned):
            # Recorded, or logged where it arose.
            pass
        except BaseException:
            if not run.has_failed:
                raise
        finally:
            if run.can_move:
                self._core.loop.tell(self._end, run)
            else:
                self._end(run)

    def _run_in_thread(self, run: Run, code: Callable[..., Any], arguments: str | None) -> None:
        run.can_move = True

        def moved(task: asyncio.Task[None]) -> None:
            self._running[id(run)] = (run, task)

        run_and_move(self._run(run, code, arguments), self._core.loop, moved)

    def _say_unknown(self, run: Run, error: PerdureError) -> None:
        if str(error) not in self._unknown:
            self._unknown.add(str(error))
            logger.warning(
                "workflow %s (%s): %s, it goes back to its queue for others (said once)",
                run.workflow_id, run.name, error,
            )  # fmt: skip

    def _give_back(self, run: Run) -> None:
        """Leaves a claimed workflow to other workers."""

        async def release() -> None:
            try:
                await self._release(run)
            finally:
                self._end(run)

        self._running[id(run)] = (run, asyncio.create_task(release()))

    async def _release(self, run: Run) -> None:
        try:
            await self._engine.release(run.key, run.token, to_others=True)
        except PerdureError as error:
            self._engine.uncertain = True
            logger.warning("workflow %s could not be given back: %s", run.workflow_id, error)

    def _end(self, run: Run) -> None:
        self._running.pop(id(run), None)
        self._room.note_end()
        self._engine.uncertain = self._engine.uncertain or (run.owned and run.abandoned is not None)
        self._tell_stopping()
        # A place in a limited queue may have come free with it, which no notification tells.
        self._freed = True
        if self._eager or self._engine.uncertain:
            self._wanted.set()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FREED_DELAY, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        self._wanted.set()

    def _tell_stopping(self) -> None:
        """A run has ended, which `stop` may wait for; from any thread."""
        if self._stopping:
            self._core.loop.tell(self._ended.set)

    # --------------------------------------------------------------------------------- deadlines

    def _expect(self, seconds: float) -> None:
        """A deadline passes after that time: maintenance runs then. The margin is for clocks that differ by
        a little within that span."""
        at = asyncio.get_running_loop().time() + seconds + 0.01
        if at < self._next_deadline:
            self._next_deadline = at
            self._sooner.set()

    def cancelled(self, workflow_id: str) -> None:
        """A notification: somebody has ended this workflow; an empty id: any may have been."""
        # Noted first: it may begin at this moment, in another thread.
        told_early = self._core.told_early
        told_early[workflow_id] = None
        if len(told_early) > _TOLD_EARLY:
            told_early.pop(next(iter(told_early)), None)
        if not workflow_id or any(run.workflow_id == workflow_id for run in self._all_runs()):
            self._suspected.set()

    async def _watch_for_cancelled(self) -> None:
        while True:
            await self._suspected.wait()
            self._suspected.clear()
            try:
                await self._abandon_lost()
            except PerdureError as error:
                # Each run learns of it at its next checkpoint all the same.
                logger.warning("what was cancelled could not be asked for: %s", error)
            except Exception:
                logger.exception("what was cancelled could not be asked for")

    async def _abandon_lost(self) -> None:
        """Asks the database which of the runs are not this executor's any more, and lets them stop. A
        notification alone does not tell: it may be older than the claim."""
        runs = [run for run in self._all_runs() if run.owned and run.abandoned is None]
        if not runs:
            return
        executor_id = self._core.executor_id
        lost = await self._engine.lost_workflows([(run.key, run.token) for run in runs])
        if lost and not await self._engine.heartbeat(executor_id):
            # That is the reason then, and all that runs here is lost.
            await self._lease_was_lost(executor_id)
        for place in lost:
            runs[place].owned = False
            runs[place].abandon("it was cancelled, has ended, or belongs to another executor")

    # ------------------------------------------------------------------------------------- lease

    async def _lease_loop(self) -> None:
        """Renews the lease when the database wants that, and runs maintenance whenever a lease lapses, a
        deadline passes or something is to be woken."""
        loop = asyncio.get_running_loop()
        pause = 0.0
        while True:
            self._next_deadline = math.inf
            try:
                if loop.time() >= self._renew_at:
                    await self._renew()
                (
                    lapsed, requeued, dead, woken, timed_out, pause
                ) = await self._engine.run_maintenance()  # fmt: skip
                if lapsed or requeued or dead:
                    # An executor that was idle has lost nothing.
                    logger.log(
                        logging.WARNING if requeued or dead else logging.INFO,
                        "%s lost: %s taken over, %s dead-lettered",
                        many(lapsed, "executor"), many(requeued, "workflow"), dead,
                    )  # fmt: skip
                if lapsed or requeued or dead or woken or timed_out:
                    self._wanted.set()
                # A notification tells of what others have ended, where there are any.
                if not self._core.results.listening:
                    self._suspected.set()
            except PerdureError as error:
                logger.warning("the lease could not be renewed, trying on: %s", error)
            except Exception:
                logger.exception("the lease could not be renewed, trying on")
            # Another may be looking at the same lapse: not at the same instant. What could not be taken
            # over now, because somebody holds it, is looked at again soon.
            pause = max(pause, 0.2) + random.uniform(0.01, 0.1)
            await self._sleep_until(min(self._renew_at, loop.time() + pause))

    async def _renew(self) -> None:
        executor_id = self._core.executor_id
        begun = asyncio.get_running_loop().time()
        self._renew_at = begun + self._renew_in
        lease = await self._engine.heartbeat(executor_id)
        if lease is None:
            await self._lease_was_lost(executor_id)
            return
        self._renew_in, self._core.suspend_after = lease
        self._renew_at = begun + self._renew_in

    async def _sleep_until(self, moment: float) -> None:
        """Until then, or until the next deadline of what runs here; one that comes up meanwhile counts."""
        loop = asyncio.get_running_loop()
        while (left := min(moment, self._next_deadline) - loop.time()) > 0:
            self._sooner.clear()
            await self._sooner.wait(left)

    async def _lease_was_lost(self, executor_id: int) -> None:
        """Abandons what ran under this executor and registers anew, once."""
        async with self._registering:
            if executor_id != self._core.executor_id or self._stopping:
                return
            runs = self._all_runs()
            for run in runs:
                run.abandon("the lease of this executor was lost")
            logger.error(
                "the lease of executor %s was lost: what it ran belongs to others now (%s)",
                executor_id,
                many(len(runs), "workflow"),
            )
            await self._register()

    def _all_runs(self) -> set[Run]:
        """Claimed ones, also those not begun yet, and those started directly in this process."""
        return {run for run, _ in self._running.values()} | self._core.runs

    # ---------------------------------------------------------------------------------- shutdown

    def hurry(self) -> None:
        """`stop`, now or later, does not wait for what runs."""
        self._hurried = True
        self._ended.set()

    async def stop(self, timeout: float, *, hand_back: bool = False, by_signal: bool = False) -> None:
        """Stops claiming, lets what runs end within the time, and hands the rest back.

        `hand_back` lets each workflow go back before its next step, so that only steps are waited for.
        `by_signal` says that a person may wait, and that a second signal ends the wait.
        """
        self._stopping = True
        self._wanted.set()
        runs = self._all_runs()
        if runs and not self._hurried:
            logger.log(
                logging.WARNING if by_signal else logging.INFO,
                "shutting down: waiting up to %g s for %s%s",
                timeout, many(len(runs), "workflow"), "; again to stop now" if by_signal else "",
            )  # fmt: skip
        if hand_back and runs and not self._hurried and await self._has_heirs():
            self._core.begin_handing_back()
        claims, *others = self._tasks
        # A claim may wait for a database that is gone; what it has handed out goes back at the end.
        await asyncio.wait([claims], timeout=1.0)
        claims.cancel()
        await asyncio.gather(claims, return_exceptions=True)
        deadline = asyncio.get_running_loop().time() + timeout
        while (
            self._all_runs()
            and not self._hurried
            and (left := deadline - asyncio.get_running_loop().time()) > 0
        ):
            self._ended.clear()
            await self._ended.wait(left)
        left_over = self._all_runs()
        if left_over:
            logger.warning(
                "back to their queues, because they did not end in time: %s", many(len(left_over), "workflow")
            )
        for run in left_over:
            run.abandon("the worker is shutting down")
        tasks = [task for _, task in self._running.values() if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        with contextlib.suppress(PerdureError):
            handed_back = await self._engine.deregister_executor(self._core.executor_id)
            handed_back += self._core.handed_back
            logger.info(
                "executor %s is deregistered, %s went back", self._name, many(handed_back, "workflow")
            )

    async def _has_heirs(self) -> bool:
        """Whether what is handed back can go on: what has no version does, at the latest where this process
        is started again. Of a version the last executor may have been stopped for good."""
        version, application = self._core.app_version, self._engine.application
        if version is None:
            return True
        try:
            executors = await asyncio.wait_for(self._engine.list_living(), 5.0)
        except (PerdureError, asyncio.TimeoutError):
            return False
        return any(
            executor_id != self._core.executor_id and of in (version, None) and theirs == application
            for executor_id, of, theirs in executors
        )
