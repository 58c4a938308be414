"""Transactions on connections of psycopg."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from ._engine.transactions import LoopConnection, Pools, Statement, ThreadConnection
from ._scope import Held, TransactionOptions

_LEVELS: dict[str, psycopg.IsolationLevel] = {
    "read committed": psycopg.IsolationLevel.READ_COMMITTED,
    "repeatable read": psycopg.IsolationLevel.REPEATABLE_READ,
    "serializable": psycopg.IsolationLevel.SERIALIZABLE,
}

# Of a transaction that was begun: none, or the connection is closed.
_ENDED = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


C = TypeVar("C", ThreadConnection, LoopConnection)


class _OnConnection(Generic[C]):
    def __init__(self, connection: C) -> None:
        self._connection: C = connection
        self.given = (connection,)
        connection.has_seen_end = False

    @property
    def is_lost(self) -> bool:
        return self._connection.broken

    @property
    def is_open(self) -> bool:
        status = self._connection.info.transaction_status
        return status not in _ENDED and not self._connection.has_seen_end


class _OnThread(_OnConnection[ThreadConnection]):
    async def execute(self, statement: Statement) -> Sequence[Sequence[Any]]:
        text, values = statement
        with psycopg.Cursor(self._connection, row_factory=tuple_row) as cursor:
            return cursor.execute(text.encode(), values).fetchall()


class _OnLoop(_OnConnection[LoopConnection]):
    async def execute(self, statement: Statement) -> Sequence[Sequence[Any]]:
        text, values = statement
        async with psycopg.AsyncCursor(self._connection, row_factory=tuple_row) as cursor:
            return await (await cursor.execute(text.encode(), values)).fetchall()


class PsycopgOpener:
    """Transactions on psycopg connections of pools."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    @asynccontextmanager
    async def open(self, options: TransactionOptions, is_async: bool) -> AsyncGenerator[Held]:
        level = None if options.isolation_level is None else _LEVELS[options.isolation_level]
        read_only = True if options.read_only else None
        if is_async:
            async with self._pools.of_loop() as connection:
                await connection.set_isolation_level(level)
                await connection.set_read_only(read_only)
                async with connection.transaction():
                    yield _OnLoop(connection)
        else:
            with self._pools.of_thread() as connection:
                connection.isolation_level = level
                connection.read_only = read_only
                with connection.transaction():
                    yield _OnThread(connection)
