"""Waiting for results: one watcher for all who wait in this process.

All ids that are waited for are asked for in one call. The engine then notifies when one of them ends;
polling, with jitter, stands behind that and is all there is where LISTEN does not work. What ends in
this process is known at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

from ._batch import Batcher
from ._engine import Engine, Outcome
from ._errors import PerdureError
from ._loop import EngineLoop, Signal

# While LISTEN works, its loss is noticed and made up for at once; this stands behind a hanging connection.
_BEHIND_LISTEN = 30.0

# How long the database may take to answer whoever does not want to wait.
_LOOK_SECONDS = 10.0


class FirstLook:
    """When to look for the result of what was enqueued just now.

    Who looks at once gets in the way of the worker that claims it, and who looks before it has ended has to
    be told of its end and to look again. So one waits for as long as most of those took that came before.
    """

    def __init__(self) -> None:
        self._after = 0.002

    def begins(self, enqueued_at: float, timeout: float | None) -> float:
        """In how many seconds to look."""
        left = enqueued_at + self._after - time.monotonic()
        return left if timeout is None else min(left, timeout)

    def note(self, had_ended: bool) -> None:
        """What came of a look."""
        # So that one in four is too early. On an idle queue the result is there in 0.93 of the time that it
        # takes if one always looks after 2 ms, where most are; and in 0.88 of what it takes if it is marked
        # while enqueueing that somebody waits, so that nobody need look: what looks at the end is cold then.
        if had_ended:
            self._after = max(self._after * 0.98, 0.0005)
        else:
            self._after = min(self._after * 1.06, 0.005)


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
        self._sooner = Signal()

    def lose(self) -> None:
        """LISTEN was lost: what is waited for is polled for until it is back, which may take long."""
        self.listening = False
        self._sooner.set()

    async def wait(self, workflow_id: str, timeout: float | None) -> Outcome:
        """The outcome of a workflow, when it has ended; on the engine's loop.

        Raises:
            TimeoutError: it has not ended in `timeout` seconds. One that has ended is returned however
                short that is.
            WorkflowNotFound: there is none of this id.
        """
        began = time.monotonic()
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(workflow_id, []).append(future)
        try:
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

    def resolve(self, outcome: Outcome) -> None:
        """The workflow has ended in this process, and that is committed."""
        for future in self._waiting.pop(outcome.workflow_id, ()):
            if not future.done():
                future.set_result(outcome)

    def fetch_all(self) -> None:
        """Notifications may have been missed: asks for everything that is waited for."""
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
            self._sooner.clear()
            await self._sooner.wait(delay * random.uniform(0.75, 1.25))
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
