"""Grouping: what many workflows want written at one moment goes to the database in one call.

A batch is sent as soon as the one before it has returned, so an idle system pays no delay and a busy one
sends large batches. An item's caller goes on only when its own batch has committed.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from ._errors import DatabaseUnavailable
from ._loop import EngineLoop, running_loop

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Collects items from coroutines and threads, and gives each its own result.

    Args:
        loop: where `send` is awaited.
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
        self._sender: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> Result:
        """Writes an item with the next batch and returns its result; from any thread or loop."""
        if running_loop() is self._loop.loop:
            future = self._loop.loop.create_future()
            self._waiting.append((item, future))
            self._wake()
            return await future
        remote: concurrent.futures.Future[Result] = concurrent.futures.Future()
        self._waiting.append((item, remote))
        self._loop.call_soon(self._wake)
        return await self._loop.wait_for(remote)

    def _wake(self) -> None:
        if self._sender is None and self._waiting:
            self._sender = asyncio.get_running_loop().create_task(self._send_all())

    async def _send_all(self) -> None:
        batch: list[tuple[Item, Any]] = []
        try:
            while self._waiting:
                many = min(len(self._waiting), self._most)
                batch = [self._waiting.popleft() for _ in range(many)]
                await self._send_batch(batch)
        except BaseException as error:
            # The loop stops: nobody waits for an answer that will not come.
            for _, future in (*batch, *self._waiting):
                _settle(future, error=error)
            self._waiting.clear()
            raise
        finally:
            self._sender = None

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
    if error is None:
        future.set_result(result)
    elif isinstance(error, asyncio.CancelledError):
        future.cancel()
    else:
        future.set_exception(error)
