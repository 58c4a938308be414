"""What is said on connections of the user's code: a step's record in the transaction of its writes.

The statements name their parameters, `%(key)s`, and give them types, so that any driver and any ORM can send
them: see `perdure.sqlalchemy` and `perdure.django`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow, tuple_row

from .._errors import NotLaunched
from .._install import script
from .._loop import EngineLoop, running_loop
from .connections import is_passing, schema_name
from .items import StepNumber
from .pools import LoopPool, ThreadsPool

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# A statement that ends a transaction, behind comments; one that goes back to a savepoint does not.
_END = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:commit|end|abort|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))\b",
    re.IGNORECASE | re.DOTALL,
)


def ends_transaction(statement: object, driver: Any) -> bool:
    """Whether a statement of the user's code, which a driver has sent, has ended its transaction: neither
    psycopg nor an ORM tells later, when there is another one. The driver knows what the last one of several
    statements has come to; that is `commit and chain` or `commit; begin` only the text says."""
    if isinstance(statement, bytes):
        statement = statement.decode("utf-8", "replace")
    if isinstance(statement, str) and _END.match(statement):
        return True
    # psycopg and psycopg2, where 0 is "idle"; and asyncpg.
    status = getattr(getattr(driver, "info", None), "transaction_status", None)
    if status is not None:
        return status == 0
    asks = getattr(driver, "is_in_transaction", None)
    return asks is not None and not asks()


class ThreadConnection(psycopg.Connection[TupleRow]):
    """A connection for threads.

    Attributes:
        has_seen_end: whether a transaction was ended here since this was last set to False.
    """

    has_seen_end = False

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        """What all statements go through, whatever cursor sends them."""
        try:
            return super().wait(gen, *args, **kwargs)
        finally:
            if self.pgconn.transaction_status == TransactionStatus.IDLE:
                self.has_seen_end = True


class LoopConnection(psycopg.AsyncConnection[TupleRow]):
    """A connection for coroutines; see `ThreadConnection`."""

    has_seen_end = False

    async def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        """What all statements go through, whatever cursor sends them."""
        try:
            return await super().wait(gen, *args, **kwargs)
        finally:
            if self.pgconn.transaction_status == TransactionStatus.IDLE:
                self.has_seen_end = True


class _ThreadCursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().execute(query, *args, **kwargs)
        _note(self.connection, query)
        return found


class _LoopCursor(psycopg.AsyncCursor[Any]):
    async def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        found = await super().execute(query, *args, **kwargs)
        _note(self.connection, query)
        return found


def _note(connection: Any, query: object) -> None:
    if ends_transaction(query, None):
        connection.has_seen_end = True


Statement = tuple[str, Mapping[str, Any]]

# How long a transaction waits for a connection that others use.
_WAIT = 60.0

_RECORD = (
    "select r.outcome, r.name, cast(r.output as text), cast(r.error as text) from {schema}.record_steps("
    "array[cast(%(key)s as bigint)], array[cast(%(token)s as bigint)], array[cast(%(step)s as int)],"
    " array[cast(%(name)s as text)], array[cast(cast(%(output)s as text) as json)], null,"
    " array[cast(cast(%(duration)s as text) as interval)]) as r"
)
# An argument is there before what it is given to.
_PLACED = (
    "case when {schema}.place_steps(array[cast(%(key)s as bigint)], array[cast(%(token)s as bigint)],"
    " array[cast(%(step)s as int)], array[cast(%(place)s as text)]) is not null"
    " then array[cast(%(key)s as bigint)] end"
)
_RECORDED = (
    "select s.name, cast(s.output as text), cast(s.error as text)"
    " from {schema}.list_steps(cast(%(workflow_id)s as text), true, cast(%(step)s as int) - 1, 1) as s"
    " where s.step = cast(%(step)s as int) and s.completed_at is not null"
)

_KEEP = (
    "insert into {schema}.perdure_transactions (workflow_id, workflow_created_at, step, name, output) values"
    " (cast(%(workflow_id)s as text), cast(cast(%(created_at)s as text) as timestamptz),"
    " cast(%(step)s as int), cast(%(name)s as text), cast(cast(%(output)s as text) as json))"
    " on conflict (workflow_id, workflow_created_at, step) do nothing returning step"
)
_KEPT = (
    "select name, cast(output as text) from {schema}.perdure_transactions"
    " where workflow_id = cast(%(workflow_id)s as text)"
    " and workflow_created_at = cast(cast(%(created_at)s as text) as timestamptz)"
    " and step = cast(%(step)s as int)"
)
_PRUNE: LiteralString = (
    "delete from {schema}.perdure_transactions"
    " where completed_at < now() - make_interval(secs => cast(%s as float8))"
)


def record_statement(
    schema: str, key: int, token: int, step: int, name: str, output: str | None, seconds: float
) -> Statement:
    """Records a step; no row, or one (outcome, name, output, error) that says what stands instead."""
    values = {"key": key, "token": token, "step": int(step), "name": name, "output": output}
    text = _RECORD
    if isinstance(step, StepNumber):
        text = text.replace("array[cast(%(key)s as bigint)]", _PLACED, 1)
        values["place"] = step.place
    return _with_schema(text, schema), {**values, "duration": f"{seconds:.6f}"}


def recorded_statement(schema: str, workflow_id: str, step: int) -> Statement:
    """What is recorded of a step: no row, or (name, output, error)."""
    return _with_schema(_RECORDED, schema), {"workflow_id": workflow_id, "step": int(step)}


def keep_statement(
    schema: str, workflow_id: str, created_at: str, step: int, name: str, output: str | None
) -> Statement:
    """Keeps in a datasource that a transaction has committed; no row if that is kept already."""
    values = {"workflow_id": workflow_id, "created_at": created_at, "step": int(step)}
    return _with_schema(_KEEP, schema), {**values, "name": name, "output": output}


def kept_statement(schema: str, workflow_id: str, created_at: str, step: int) -> Statement:
    """What is kept in a datasource: no row, or (name, output)."""
    values = {"workflow_id": workflow_id, "created_at": created_at, "step": int(step)}
    return _with_schema(_KEPT, schema), values


def install_datasource(connection: psycopg.Connection[TupleRow], schema: str) -> None:
    """Makes the table of a datasource, unless it is there."""
    with connection.transaction():
        connection.execute(script("datasource.sql", schema).encode())


def prune_datasource(connection: psycopg.Connection[TupleRow], schema: str, seconds: float) -> int:
    """Removes what is older from a datasource; how many rows."""
    return connection.execute(sql.SQL(_PRUNE).format(schema=schema_name(schema)), [seconds]).rowcount


def _with_schema(text: str, schema: str) -> str:
    quoted = schema.replace('"', '""').replace("%", "%%")
    return text.replace("{schema}", f'"{quoted}"')


class Pools:
    """Connections for transactions of the user's code: never those that the engine's lease hangs on.

    Args:
        dsn: says where; asked when a connection is made.
        loop: the engine's. On another event loop each transaction has a connection of its own, because a
            pool belongs to one loop, and nobody tells when another loop ends.
        max_connections: how many for threads, and how many for the engine's loop.
        prepare: whether statements are prepared.
    """

    def __init__(self, dsn: Callable[[], str], loop: EngineLoop, max_connections: int, prepare: bool) -> None:
        self._dsn = dsn
        self._max_connections = max_connections
        self._options: dict[str, Any] = {
            "autocommit": True,
            "prepare_threshold": 5 if prepare else None,
            "connect_timeout": 10,
            "application_name": "perdure-transactions",
            "client_encoding": "utf8",
        }
        self._parents: list[object] = []
        self._of_threads: ThreadsPool[ThreadConnection] | None = None
        # With the loop that it belongs to.
        self._of_loop: tuple[object, LoopPool[LoopConnection]] | None = None
        self.start_afresh(loop)

    def start_afresh(self, loop: EngineLoop) -> None:
        """Forgets its connections without closing them: after a fork they are the parent's."""
        # Kept, because collecting them would close the parent's.
        self._parents += [self._of_threads, self._of_loop]
        self._of_threads = self._of_loop = None
        self._loop = loop
        self._making = threading.Lock()

    def _where(self) -> str:
        dsn = self._dsn()
        if dsn == "embedded":
            raise NotLaunched("the embedded Postgres is not started: call `app.launch()` first")
        return dsn

    def _connect(self) -> ThreadConnection:
        return ThreadConnection.connect(self._where(), cursor_factory=_ThreadCursor, **self._options)

    async def _connect_async(self) -> LoopConnection:
        return await LoopConnection.connect(self._where(), cursor_factory=_LoopCursor, **self._options)

    @contextmanager
    def of_thread(self) -> Generator[ThreadConnection]:
        """A connection for a thread."""
        with self._making:
            pool = self._of_threads
            if pool is None:
                pool = self._of_threads = ThreadsPool(self._connect, self._max_connections)
        failure: Exception | None = None
        with pool.connection(_WAIT) as connection:
            try:
                yield connection
            except Exception as error:
                # Not past the pool, which would close the connection: the transaction has been rolled back.
                failure = error
            connection.row_factory, connection.cursor_factory = tuple_row, _ThreadCursor
        if failure is not None:
            raise failure

    @asynccontextmanager
    async def of_loop(self) -> AsyncGenerator[LoopConnection]:
        """A connection for the running event loop."""
        here = running_loop()
        if here is not self._loop.carrier:
            async with await self._connect_async() as connection:
                yield connection
            return
        if self._of_loop is None or self._of_loop[0] is not here:
            await self.close()
            self._of_loop = (here, LoopPool(self._connect_async, self._max_connections))
        failure: Exception | None = None
        async with self._of_loop[1].connection(_WAIT) as connection:
            try:
                yield connection
            except Exception as error:
                failure = error
            connection.row_factory, connection.cursor_factory = tuple_row, _LoopCursor
        if failure is not None:
            raise failure

    async def close(self) -> None:
        """Closes the pool of the engine's loop."""
        pool, self._of_loop = self._of_loop, None
        if pool is not None:
            pool[1].close()

    def close_threads(self) -> None:
        """Closes the pool of the threads."""
        pool, self._of_threads = self._of_threads, None
        if pool is not None:
            pool.close()


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of an error of any driver, or of what an ORM or the user's code has wrapped around it."""
    for each in _chain(error):
        state = getattr(each, "sqlstate", None) or getattr(each, "pgcode", None)
        if isinstance(state, str) and len(state) == 5:
            return state
    return None


def cannot_connect(error: BaseException) -> bool:
    """Whether an error from making a connection may pass; of any driver, or of an ORM."""
    for each in _chain(error):
        if isinstance(each, psycopg.Error):
            return is_passing(each)
        if isinstance(each, OSError):
            return True
    return any(type(e).__name__ in ("OperationalError", "InterfaceError") for e in _chain(error))


def _chain(error: BaseException) -> list[BaseException]:
    found = [error, getattr(error, "orig", None), error.__cause__]
    return [e for e in found if isinstance(e, BaseException)]
