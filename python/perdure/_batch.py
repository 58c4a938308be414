"""Grouping: what many workflows want written at one moment goes to the database in one call.

A batch is sent as soon as the one before it has returned, so an idle system pays no delay and a busy one
sends large batches. An item's caller goes on only when its own batch has committed.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from ._branches import current_branch
from ._errors import DatabaseUnavailable, NotLaunched
from ._loop import EngineLoop, move, running_loop

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Collects items from coroutines and threads, and gives each its own result.

    Args:
        loop: where `send` is awaited; or in a thread without a loop, where it must not suspend.
        send: writes a batch; returns a result for each item, in order. If it raises for a batch of
            several items, and not because the database is gone, they are sent one by one, so that each
            caller gets the error of its own item only.
        most: how many items one batch holds at most.
    """

    def __init__(
        self,
        loop: EngineLoop,
        send: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        most: int = 1000,
    ) -> None:
        self._loop = loop
        self._send = send
        self._most = most
        # Appending to a deque is atomic, so threads need no lock.
        self._waiting: deque[tuple[Item, asyncio.Future[Result] | concurrent.futures.Future[Result]]] = (
            deque()
        )
        # Whose turn it is to send: one batch is under way at a time. A dict serves as a lock that knows who
        # holds it: `setdefault` is atomic, and an interrupt that comes right after it does no harm, because
        # the `finally` block that gives the turn back has begun before. That makes no call before it has.
        self._turn: dict[None, object] = {}
        self._pausing = False
        # Whether the last batch of the loop held several: then the next one gathers there, too.
        self._crowded = False
        # Kept from the garbage collector.
        self._sender: asyncio.Task[None] | None = None

    def put(self, item: Item, can_move: bool = False) -> Awaitable[Result]:
        """Writes an item with the next batch; from any thread or loop. Awaited, it gives the item's result.

        Args:
            item: what is written.
            can_move: in a thread, whether the caller may go on on the loop if it has to wait.

        In a thread without a loop, while others neither wait nor send, it is sent at once and from there.
        """
        here = running_loop()
        if here is not None and here is self._loop.carrier:
            # The future itself: a coroutine around it would cost as much again.
            return self._put_here(item, here)
        return self._put_from_elsewhere(item, here, can_move)

    def _put_here(self, item: Item, here: asyncio.AbstractEventLoop) -> asyncio.Future[Result]:
        future: asyncio.Future[Result] = here.create_future()
        self._waiting.append((item, future))
        # Whoever has the turn looks for what waits before giving it back, and after.
        if not self._turn:
            self._wake()
        return future

    async def _put_from_elsewhere(
        self, item: Item, here: asyncio.AbstractEventLoop | None, can_move: bool
    ) -> Result:
        calm = not (self._waiting or self._pausing or self._crowded)
        if here is None and calm:
            turn, me = self._turn, object()
            try:
                if turn.setdefault(None, me) is me:
                    return (await self._send([item]))[0]
            finally:
                if None in turn and turn[None] is me:
                    del turn[None]
                    self._tell()
        if here is None and can_move:
            await move()
            here = running_loop()
            if here is not None and here is self._loop.loop:
                return await self._put_here(item, here)
        remote: concurrent.futures.Future[Result] = concurrent.futures.Future()
        self._waiting.append((item, remote))
        self._tell()
        return await self._loop.wait_for(remote)

    @contextlib.asynccontextmanager
    async def pausing(self) -> AsyncGenerator[None]:
        """In the block no batch is under way; on the loop."""
        self._pausing = True
        me = object()
        try:
            # A thread may hold it: that cannot set an event of the loop, and this is rare.
            while self._turn.setdefault(None, me) is not me:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            yield
        finally:
            self._pausing = False
            self._give_back(me)

    def _give_back(self, holder: object) -> None:
        if self._turn.get(None) is holder:
            del self._turn[None]
        self._tell()

    def _tell(self) -> None:
        # Whoever sends now looks for what waits after giving its turn back.
        if self._waiting and not self._turn:
            try:
                self._loop.call_soon(self._wake)
            except (NotLaunched, RuntimeError):
                self._fail_waiting(NotLaunched("the app was shut down while this call was waiting"))

    def _wake(self) -> None:
        me = object()
        if self._waiting and not self._pausing and self._turn.setdefault(None, me) is me:
            branch = current_branch.get()
            # It is none of the workflow's whose item comes first.
            current_branch.set(None)
            try:
                self._sender = asyncio.get_running_loop().create_task(self._send_all(me))
            finally:
                current_branch.set(branch)

    async def _send_all(self, me: object) -> None:
        batch: list[tuple[Item, Any]] = []
        try:
            while self._waiting and not self._pausing:
                many = min(len(self._waiting), self._most)
                batch = [self._waiting.popleft() for _ in range(many)]
                self._crowded = many > 1
                await self._send_batch(batch)
        except BaseException as error:
            # The loop stops: nobody waits for an answer that will not come.
            for _, future in batch:
                _settle(future, error=error)
            self._fail_waiting(error)
            raise
        finally:
            self._give_back(me)

    def _fail_waiting(self, error: BaseException) -> None:
        with contextlib.suppress(IndexError):
            while True:
                _settle(self._waiting.popleft()[1], error=error)

    async def _send_batch(self, batch: list[tuple[Item, Any]]) -> None:
        try:
            results = await self._send([item for item, _ in batch])
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, DatabaseUnavailable):
                for one in batch:
                    await self._send_batch([one])
            else:
                for _, future in batch:
                    _settle(future, error=error)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                _settle(future, result)


def _settle(future: Any, result: Any = None, error: BaseException | None = None) -> None:
    # A caller that was cancelled has left its future behind.
    if future.done():
        return
    try:
        if error is None:
            future.set_result(result)
        elif isinstance(error, asyncio.CancelledError):
            future.cancel()
        else:
            future.set_exception(error)
    except RuntimeError:  # the loop of the caller is closed
        pass
