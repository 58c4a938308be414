"""Connections that are kept: for coroutines of the engine's loop, and for threads without a loop.

Both hand out the connection that was used last, so that a quiet program uses one. One that was lost takes
the idle ones with it: what cut it has most likely cut them too.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Generic, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from .._errors import NotLaunched

Connection = TypeVar("Connection", bound="psycopg.Connection[TupleRow] | psycopg.AsyncConnection[TupleRow]")
OfThread = TypeVar("OfThread", bound="psycopg.Connection[TupleRow]")
OfLoop = TypeVar("OfLoop", bound="psycopg.AsyncConnection[TupleRow]")

# One that was idle for so long is closed when another is given back.
_IDLE_SECONDS = 600.0


class NoneFree(psycopg.OperationalError):
    """All connections were in use for too long."""


class _Pool(Generic[Connection]):
    def __init__(self) -> None:
        # With the moment when it was given back; the last one at the end.
        self._idle: list[tuple[Connection, float]] = []
        self._open = True
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes what is idle now, and what is in use when it is given back."""
        self._open = False
        self._close_idle()

    def _close_idle(self) -> None:
        with self._lock:
            while self._idle:
                connection, _ = self._idle.pop()
                connection.pgconn.finish()

    def _pop(self) -> Connection | None:
        if not self._open:
            raise NotLaunched("the connection to the database is closed")
        with self._lock:
            return self._idle.pop()[0] if self._idle else None

    def _give_back(self, connection: Connection) -> None:
        now = time.monotonic()
        with self._lock:
            if not self._open:
                connection.pgconn.finish()
                return
            self._idle.append((connection, now))
            if self._idle[0][1] < now - _IDLE_SECONDS:
                oldest, _ = self._idle.pop(0)
                oldest.pgconn.finish()

    def take_back(self, connection: Connection, error: type[BaseException] | None) -> None:
        """Keeps it for others, unless it may be busy still with a call that was interrupted.

        Args:
            error: of what kind was raised where it was used.
        """
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            connection.pgconn.finish()
            self._close_idle()
        elif error is None or issubclass(error, psycopg.Error):
            self._give_back(connection)
        else:
            connection.pgconn.finish()


class LoopPool(_Pool[OfLoop]):
    """For coroutines of one event loop.

    Args:
        connect: makes a connection.
        most: how many there are at once.
    """

    def __init__(self, connect: Callable[[], Awaitable[OfLoop]], most: int) -> None:
        super().__init__()
        self._connect = connect
        self._room = asyncio.Semaphore(most)

    def connection(self, timeout: float) -> _LentToLoop[OfLoop]:
        """One for an `async with` block; it is waited for so many seconds."""
        return _LentToLoop(self, timeout)

    async def take(self, timeout: float) -> OfLoop:
        """One, until `take_back`."""
        if not self._room.locked():
            await self._room.acquire()
        else:
            try:
                await asyncio.wait_for(self._room.acquire(), timeout)
            except asyncio.TimeoutError:
                raise NoneFree(f"no connection came free in {timeout:g} s") from None
        try:
            return self._pop() or await self._connect()
        except BaseException:
            self._room.release()
            raise

    def take_back(self, connection: OfLoop, error: type[BaseException] | None) -> None:
        """The end of its use; `error` is of the kind that was raised there."""
        try:
            super().take_back(connection, error)
        finally:
            self._room.release()


class _LentToLoop(Generic[OfLoop]):
    # Not a function with `asynccontextmanager`, which takes three times as long, twice for each call.
    __slots__ = ("_connection", "_pool", "_timeout")

    def __init__(self, pool: LoopPool[OfLoop], timeout: float) -> None:
        self._pool, self._timeout = pool, timeout

    async def __aenter__(self) -> OfLoop:
        self._connection = await self._pool.take(self._timeout)
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.take_back(self._connection, kind)


class _Permit:
    """To use one connection."""


class ThreadsPool(_Pool[OfThread]):
    """For threads without a loop; see `LoopPool`."""

    def __init__(self, connect: Callable[[], OfThread], most: int) -> None:
        super().__init__()
        self._connect = connect
        # Not a threading.Semaphore: an interrupt at the wrong moment would leave that locked for ever.
        self._room: queue.SimpleQueue[_Permit] = queue.SimpleQueue()
        self._permits: list[weakref.ref[_Permit]] = []
        for _ in range(most):
            permit = _Permit()
            self._permits.append(weakref.ref(permit))
            self._room.put(permit)

    def _replace_lost(self) -> None:
        """Makes new permits for those that nobody has: an interrupt came when they were taken, before they
        had a name."""
        with self._lock:
            for i, permit in enumerate(self._permits):
                if permit() is None:
                    # Interrupted between these, it is lost again.
                    made = _Permit()
                    self._permits[i] = weakref.ref(made)
                    self._room.put(made)

    def connection(self, timeout: float) -> _LentToThread[OfThread]:
        """One for a `with` block; it is waited for so many seconds."""
        return _LentToThread(self, timeout)

    def permit(self, timeout: float) -> _Permit:
        """The right to use one, until it is given back."""
        if self._room.empty():
            self._replace_lost()
        try:
            return self._room.get(timeout=timeout)
        except queue.Empty:
            raise NoneFree(f"no connection came free in {timeout:g} s") from None

    def take(self) -> OfThread:
        """One, for who has a permit, until `take_back`."""
        return self._pop() or self._connect()

    def give_back(self, permit: _Permit) -> None:
        """The end of its use."""
        self._room.put(permit)


class _LentToThread(Generic[OfThread]):
    # Not a function with `contextmanager`; see `_LentToLoop`.
    __slots__ = ("_connection", "_permit", "_pool", "_timeout")

    def __init__(self, pool: ThreadsPool[OfThread], timeout: float) -> None:
        self._pool, self._timeout = pool, timeout

    def __enter__(self) -> OfThread:
        self._permit = self._pool.permit(self._timeout)
        try:
            self._connection = self._pool.take()
        except BaseException:
            self._pool.give_back(self._permit)
            raise
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._pool.take_back(self._connection, kind)
        finally:
            self._pool.give_back(self._permit)
