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
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
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

    @contextmanager
    def _lend(self, connection: Connection) -> Generator[Connection]:
        """Takes it back in the end, unless it may be busy still with a call that was interrupted."""
        clean = False
        try:
            yield connection
            clean = True
        except psycopg.Error:
            clean = True
            raise
        finally:
            if connection.pgconn.transaction_status != TransactionStatus.IDLE:
                connection.pgconn.finish()
                self._close_idle()
            elif clean:
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

    @asynccontextmanager
    async def connection(self, timeout: float) -> AsyncGenerator[OfLoop]:
        """One for the block; it is waited for so many seconds."""
        if not self._room.locked():
            await self._room.acquire()
        else:
            try:
                await asyncio.wait_for(self._room.acquire(), timeout)
            except asyncio.TimeoutError:
                raise NoneFree(f"no connection came free in {timeout:g} s") from None
        try:
            with self._lend(self._pop() or await self._connect()) as connection:
                yield connection
        finally:
            self._room.release()


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
            self._room.put(self._new_permit())

    def _new_permit(self) -> _Permit:
        permit = _Permit()
        self._permits.append(weakref.ref(permit))
        return permit

    def _replace_lost(self) -> None:
        """Makes new permits for those that nobody has: an interrupt came when they were taken, before they
        had a name."""
        with self._lock:
            alive = [permit for permit in self._permits if permit() is not None]
            lost, self._permits = len(self._permits) - len(alive), alive
            for _ in range(lost):
                self._room.put(self._new_permit())

    @contextmanager
    def connection(self, timeout: float) -> Generator[OfThread]:
        """One for the block; it is waited for so many seconds."""
        if self._room.empty():
            self._replace_lost()
        try:
            permit = self._room.get(timeout=timeout)
        except queue.Empty:
            raise NoneFree(f"no connection came free in {timeout:g} s") from None
        try:
            with self._lend(self._pop() or self._connect()) as connection:
                yield connection
        finally:
            self._room.put(permit)
