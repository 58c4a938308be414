"""Waiting for results: one watcher for all who wait in this process.

All ids that are waited for are asked for in one call. The engine then notifies when one of them ends;
polling, with jitter, stands behind that and is all there is where LISTEN does not work. What ends in
this process is known at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Sequence

from ._batch import Batcher
from ._engine import Engine, Outcome
from ._errors import PerdureError
from ._loop import EngineLoop

# While LISTEN works, its loss is noticed and made up for at once; this stands behind a hanging connection.
_BEHIND_LISTEN = 30.0

# How long the database may take to answer whoever does not want to wait.
_LOOK_SECONDS = 10.0

# Who asks at once for what was enqueued just now gets in the way of the worker that claims it: to ask marks
# the task. In seconds; a claim takes about as long.
_HEAD_START = 0.002
# Where the mark was made while enqueueing, nobody is in the way. This stands behind the notification.
_MARKED_HEAD_START = 0.05
# How many ends are foreseen at once, and how many of them are kept in mind.
_FORESEEN, _MARKED = 100, 1000


class ResultWatcher:
    """Hands outcomes to those who wait for them.

    Args:
        engine: where to ask.
        loop: where this lives.
        poll_interval: seconds between two polls where LISTEN does not work.
    """

    def __init__(self, engine: Engine, loop: EngineLoop, poll_interval: float) -> None:
        self._engine = engine
        self._poll_interval = poll_interval
        self._waiting: dict[str, list[asyncio.Future[Outcome]]] = {}
        self._look: Batcher[str, Outcome | None] = Batcher(loop, self._ask)
        self._poller: asyncio.Task[None] | None = None
        self.listening = False
        # How often somebody waited for what was enqueued, and that was not marked.
        self._foreseen = 0
        # The workflows that were marked while enqueueing, and whether they may have ended since.
        self._marked: dict[str, bool] = {}
        self._marking = threading.Lock()

    def foresee(self, workflow_id: str) -> bool:
        """Whether to mark a workflow that is enqueued now, so that its end is notified; from any thread.

        Whoever has waited for a workflow mostly waits for the next one, too.
        """
        if self._foreseen <= 0 or not self.listening:
            return False
        with self._marking:
            self._foreseen -= 1
            self._marked[workflow_id] = False
            if len(self._marked) > _MARKED:
                del self._marked[next(iter(self._marked))]
        return True

    async def wait_for_new(self, workflow_id: str, timeout: float | None, enqueued_at: float) -> Outcome:
        """As `wait`, for a workflow that was enqueued in this process, by the monotonic clock."""
        with self._marking:
            self._foreseen = min(self._foreseen + 1, _FORESEEN)
            may_have_ended = self._marked.pop(workflow_id, None)
        head_start = enqueued_at - time.monotonic()
        head_start += _HEAD_START if may_have_ended is None else _MARKED_HEAD_START
        if may_have_ended or (timeout is not None and timeout <= head_start):
            head_start = 0.0
        return await self.wait(workflow_id, timeout, head_start)

    async def wait(self, workflow_id: str, timeout: float | None, head_start: float = 0.0) -> Outcome:
        """The outcome of a workflow, when it has ended; on the engine's loop. The database is asked after
        `head_start` seconds.

        Raises:
            TimeoutError: it has not ended in `timeout` seconds. One that has ended is returned however
                short that is.
            WorkflowNotFound: there is none of this id.
        """
        began = time.monotonic()
        future = self._add(workflow_id)
        try:
            if head_start > 0:
                with contextlib.suppress(asyncio.TimeoutError):
                    return await asyncio.wait_for(asyncio.shield(future), head_start)
            # Registered before it is asked for, so an outcome that comes meanwhile is not missed.
            look_for = None if timeout is None else max(timeout, _LOOK_SECONDS)
            outcome = await asyncio.wait_for(self._look.put(workflow_id), look_for)
            if outcome is not None:
                return outcome
            if self._poller is None or self._poller.done():
                self._poller = asyncio.create_task(self._poll())
            left = None if timeout is None else max(timeout - (time.monotonic() - began), 0.0)
            return await asyncio.wait_for(future, left)
        except asyncio.TimeoutError:
            raise TimeoutError(f"workflow {workflow_id!r} has not ended within {timeout:g} s") from None
        finally:
            self._remove(workflow_id, future)

    def _add(self, workflow_id: str) -> asyncio.Future[Outcome]:
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(workflow_id, []).append(future)
        return future

    def _remove(self, workflow_id: str, future: asyncio.Future[Outcome]) -> None:
        waiters = self._waiting.get(workflow_id)
        if waiters is not None and future in waiters:
            waiters.remove(future)
            if not waiters:
                del self._waiting[workflow_id]

    def is_awaited(self, workflow_id: str) -> bool:
        """Whether somebody in this process waits for it; from any thread."""
        return workflow_id in self._waiting

    def told(self, workflow_id: str) -> None:
        """A notification: the workflow has ended."""
        if workflow_id in self._waiting:
            task = asyncio.create_task(self._fetch([workflow_id]))
            task.add_done_callback(_ignore)
            return
        with self._marking:
            if workflow_id in self._marked:
                self._marked[workflow_id] = True

    def resolve(self, outcome: Outcome) -> None:
        """The workflow has ended in this process, and that is committed."""
        for future in self._waiting.pop(outcome.workflow_id, ()):
            if not future.done():
                future.set_result(outcome)

    def fetch_all(self) -> None:
        """Notifications may have been missed: asks for everything that is waited for."""
        with self._marking:
            self._marked = dict.fromkeys(self._marked, True)
        if self._waiting:
            task = asyncio.create_task(self._fetch(list(self._waiting)))
            task.add_done_callback(_ignore)

    async def _ask(self, workflow_ids: Sequence[str]) -> list[Outcome | None]:
        found = {o.workflow_id: o for o in await self._engine.get_results(workflow_ids, watch=True)}
        return [found.get(workflow_id) for workflow_id in workflow_ids]

    async def _fetch(self, workflow_ids: Sequence[str]) -> None:
        for outcome in await self._engine.get_results(workflow_ids, watch=False):
            self.resolve(outcome)

    async def _poll(self) -> None:
        # Without LISTEN a short wait is answered soon and a long one costs little.
        delay = 0.02
        while self._waiting:
            delay = _BEHIND_LISTEN if self.listening else min(delay * 1.5, self._poll_interval)
            await asyncio.sleep(delay * random.uniform(0.75, 1.25))
            try:
                await self._fetch(list(self._waiting))
            except PerdureError as error:
                for futures in list(self._waiting.values()):
                    for future in futures:
                        if not future.done():
                            future.set_exception(error)
                self._waiting.clear()


def _ignore(task: asyncio.Task[None]) -> None:
    # A failed look is made up for by the next poll.
    if not task.cancelled():
        task.exception()
