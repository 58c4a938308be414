"""What a running workflow does with others: it sleeps, receives, tells, and waits.

A short wait is made in memory. A long one leaves the worker: the code of the workflow is unwound, the
workflow is put down in the database, and claimed again, by any worker, when there is something to see.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ._batch import Batcher
from ._branches import inside_step
from ._engine import EventItem, Refusal, SleepItem, StepPlace, Waited, WaitItem
from ._errors import (
    DatabaseUnavailable,
    LeaseLost,
    NotLaunched,
    StreamClosed,
)
from ._run import Run
from ._serialize import loads

if TYPE_CHECKING:
    from ._core import Core

T = TypeVar("T")

_UNCHECKED = 1e9

# What says that nothing is to be given back.
_GONE = ("put down", "lease lost")

SLEEP, RECV, SEND = "perdure.sleep", "perdure.recv", "perdure.send"
SET_EVENT, GET_EVENT = "perdure.set_event", "perdure.get_event"
SET_ATTRIBUTES = "perdure.set_attributes"
WRITE_STREAM, CLOSE_STREAM = "perdure.write_stream", "perdure.close_stream"


class Waiting:
    """The waiting side of one launched app; what many workflows want at one moment goes in one call."""

    def __init__(self, core: Core) -> None:
        self._core, self._engine, self._loop = core, core.engine, core.loop
        self._sleeps: Batcher[SleepItem, Waited] = Batcher(self._loop, self._engine.sleep_many)
        self._recvs: Batcher[WaitItem, Waited] = Batcher(self._loop, self._engine.recv_many)
        self._awaits: Batcher[WaitItem, Waited] = Batcher(self._loop, self._engine.await_events)
        self._events: Batcher[EventItem, Refusal | None] = Batcher(self._loop, self._engine.set_events)
        self._streams: Batcher[EventItem, Refusal | None] = Batcher(self._loop, self._engine.write_streams)

    # -------------------------------------------------------------------------------------- sleep

    async def sleep(self, run: Run, seconds: float) -> None:
        """Sleeps; see `Perdure.sleep`."""
        number, recorded = run.begin_step(SLEEP)
        left = seconds if recorded is None else recorded.retry_at - time.monotonic()
        if recorded is not None and left <= 0:
            return
        item = SleepItem(run.key, run.token, number, seconds)
        run.active_steps += 1
        try:
            # One that may be too long is looked at by the database before the code is unwound.
            if self._core.suspend_after < left < _UNCHECKED and self._may_leave(run):

                async def put_down() -> bool:
                    row = await self._sleeps.put(item._replace(put_down=True))
                    return row.outcome in _GONE

                raise run.leave(put_down)
            if recorded is None:
                row = await self._put(run, self._sleeps, item)
                run.check_outcome(number, SLEEP, row.outcome, row.name)
                left = row.wait_for
            until = time.monotonic() + left
            await self._in_memory(run, lambda: self._until(run, until))
            run.check()
            if until > time.monotonic():
                raise run.go_back()
        finally:
            run.active_steps -= 1

    async def _until(self, run: Run, until: float) -> None:
        """Waits until then; or until the run is abandoned, or goes back because the worker is stopping."""
        with self._core.notices.watch(f"wake {run.key}") as changed:
            while (
                run.abandoned is None
                and not run.goes_back(run.waiting)
                and (left := until - time.monotonic()) > 0
            ):
                changed.clear()
                await self._core.notices.pause(changed, 1000, left)

    # ----------------------------------------------------------------------------------- messages

    async def recv(self, run: Run, topic: str | None, timeout: float | None) -> Any:
        """Receives a message; see `Perdure.recv`."""
        number, recorded = run.begin_step(RECV)
        if recorded is not None and recorded.completed:
            return recorded.output
        item = WaitItem(run.key, run.token, number, None, topic, timeout)
        return await self._wait(run, self._recvs, item, RECV)

    async def get_event(self, run: Run, workflow_id: str, name: str, timeout: float | None) -> Any:
        """Waits for an event of another workflow; see `Client.get_event`."""
        number, recorded = run.begin_step(GET_EVENT)
        if recorded is not None and recorded.completed:
            return recorded.output
        item = WaitItem(run.key, run.token, number, workflow_id, name, timeout)
        return await self._wait(run, self._awaits, item, GET_EVENT)

    async def _wait(self, run: Run, batch: Batcher[WaitItem, Waited], item: WaitItem, step_name: str) -> Any:
        run.active_steps += 1
        try:
            row = await self._in_memory(run, lambda: self._look(run, batch, item))
            if row is None:

                async def put_down() -> bool:
                    while True:
                        found = await batch.put(item._replace(put_down=True))
                        if found.outcome != "look again":
                            return found.outcome in _GONE
                        await self._loop.pause(found.wait_for, run.stop)

                # Of several waits it is put down for none: whoever claims it next begins them all.
                raise run.leave(put_down) if run.active_steps == 1 else run.go_back()
            run.check_outcome(item.step, step_name, row.outcome, row.name)
            return self._core.codec.loads(row.value)
        finally:
            run.active_steps -= 1

    async def _look(self, run: Run, batch: Batcher[WaitItem, Waited], item: WaitItem) -> Waited | None:
        """Waits in memory for a while; None: it takes longer, and the workflow may leave."""
        leave_at = time.monotonic() + self._core.suspend_after
        looks = 0
        with self._core.notices.watch(f"wake {run.key}") as changed:
            while True:
                changed.clear()
                row = await self._put(run, batch, item)
                if row.outcome not in ("waiting", "look again"):
                    return row
                most = row.wait_for
                if row.outcome == "waiting" and self._may_leave(run):
                    if run.goes_back(1):
                        return None
                    most = min(most, leave_at - time.monotonic())
                    if most <= 0:
                        return None
                elif row.outcome == "waiting":
                    if run.goes_back(run.waiting):
                        return None
                    # Another step of this workflow runs; when it has ended, this one may leave.
                    most = min(most, self._core.suspend_after)
                await self._core.notices.pause(changed, looks, most)
                looks += 1

    async def make_step(
        self, run: Run, place: StepPlace, call: Callable[[], Coroutine[Any, Any, str]]
    ) -> Any:
        """A call of the engine that records the step that it is, and answers with what is recorded."""
        return loads(await self._stepping(run, place, call))

    async def send(
        self,
        run: Run,
        workflow_ids: Sequence[str],
        messages: Sequence[str],
        topics: Sequence[str | None],
        idempotency_keys: Sequence[str | None],
    ) -> None:
        """Sends messages as a step; see `Client.send_many`."""
        number, recorded = run.begin_step(SEND)
        if recorded is None:
            await self._stepping(
                run,
                StepPlace(run.key, run.token, number),
                lambda: self._engine.send_in_step(
                    run.key, run.token, number, workflow_ids, messages, topics, idempotency_keys
                ),
            )

    async def set_attributes(self, run: Run, workflow_id: str, attributes: str | None) -> None:
        """Replaces attributes as a step; see `Client.set_attributes`."""
        number, recorded = run.begin_step(SET_ATTRIBUTES)
        if recorded is None:
            await self._stepping(
                run,
                StepPlace(run.key, run.token, number),
                lambda: self._engine.set_attributes_in_step(
                    run.key, run.token, number, workflow_id, attributes
                ),
            )

    async def _stepping(self, run: Run, place: StepPlace, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async def made() -> T:
            # In a transaction of its own: the call may take locks of others first.
            await self._engine.place_step(place)
            return await call()

        run.active_steps += 1
        try:
            return await self._guarded(run, self._loop.on_engine(made))
        finally:
            run.active_steps -= 1

    # --------------------------------------------------------------------------- events, streams

    async def set_event(self, run: Run, name: str, value: str) -> None:
        """Sets an event; see `Perdure.set_event`."""
        await self._tell(run, self._events, SET_EVENT, name, value)

    async def write_stream(self, run: Run, name: str, value: str | None, *, closes: bool) -> None:
        """Writes to a stream, or closes it; see `Perdure.write_stream`."""
        await self._tell(run, self._streams, CLOSE_STREAM if closes else WRITE_STREAM, name, value, closes)

    async def _tell(
        self,
        run: Run,
        batch: Batcher[EventItem, Refusal | None],
        step_name: str,
        name: str,
        value: str | None,
        closes: bool = False,
    ) -> None:
        number = inside_step.get()
        in_step = number > 0
        if not in_step:
            number, recorded = run.begin_step(step_name)
            if recorded is not None:
                return
        run.check()
        run.active_steps += 1
        try:
            item = EventItem(run.key, run.token, number, name, value, in_step, closes)
            refusal = await self._put(run, batch, item)
            if refusal is None:
                return
            if refusal.outcome == "stream closed":
                raise StreamClosed(f"stream {name!r} of workflow {run.workflow_id!r} is closed")
            run.check_outcome(number, step_name, refusal.outcome, refusal.label)
        finally:
            run.active_steps -= 1

    # -------------------------------------------------------------------------------------- ends

    async def wait_for_end(self, run: Run, workflow_id: str, timeout: float | None) -> Any:
        """The outcome of another workflow, as part of a step of this one.

        Raises:
            TimeoutError: it has not ended in `timeout` seconds.
            Suspended: it takes long, or the worker is stopping; this workflow leaves the worker.
        """
        run.active_steps += 1
        until = None if timeout is None else time.monotonic() + timeout
        if until is None:
            run.awaited.append(workflow_id)
        try:
            # Whatever else it does must be a wait, too; of those that are put down, one of this kind.
            while True:
                was_stopping = self._core.handing_back
                if run.goes_back(run.waiting + 1):
                    break
                most = self._core.suspend_after if until is None else max(until - time.monotonic(), 0.0)
                try:
                    outcome = await self._core.wait_for_outcome(run, workflow_id, most, was_stopping)
                except TimeoutError:
                    run.check()
                    if until is not None:
                        # It may have looked in between.
                        late = f"workflow {workflow_id!r} has not ended within {timeout:g} s"
                        raise TimeoutError(late) from None
                    if run.suspendable and run.active_steps <= len(run.awaited):
                        break
                else:
                    if outcome is not None:
                        return outcome
            if run.active_steps > len(run.awaited):
                raise run.go_back()
            awaited = list(run.awaited)
        finally:
            if until is None:
                run.awaited.remove(workflow_id)
            run.active_steps -= 1
        raise run.leave(lambda: self._engine.suspend_until_ended(run.key, run.token, awaited))

    # ------------------------------------------------------------------------------------ common

    @staticmethod
    def _may_leave(run: Run) -> bool:
        """Whether this wait is all that the workflow does now."""
        return run.suspendable and run.active_steps == 1

    async def _in_memory(self, run: Run, wait: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Waits on the engine's loop; meanwhile another workflow may have this one's slot."""
        run.waiting += 1
        self._loop.tell(self._core.on_waiting)
        try:
            return await self._guarded(run, self._loop.on_engine(wait))
        finally:
            run.waiting -= 1

    async def _put(self, run: Run, batch: Batcher[Any, Any], item: Any) -> Any:
        run.check()
        return await self._guarded(run, batch.put(item))

    async def _guarded(self, run: Run, call: Awaitable[T]) -> T:
        try:
            return await call
        except LeaseLost as error:
            run.owned = False
            raise run.give_up(str(error)) from error
        except (DatabaseUnavailable, NotLaunched) as error:
            raise run.give_up(str(error)) from error
