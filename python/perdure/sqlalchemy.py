"""Transactions on the sessions of SQLAlchemy; needs the extra `sqlalchemy`.

    from perdure.sqlalchemy import transaction

    Sessions = sessionmaker(create_engine("postgresql+psycopg://localhost/shop"))

    @transaction(app, Sessions)
    def book(session: Session, account: int, amount: int) -> None:
        session.add(Booking(account=account, amount=amount))

The sessions are of the database that has the engine; for another database give the datasource that
`Perdure.datasource` makes for it, in place of the app.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

from ._engine.transactions import Statement
from ._errors import InvalidArgument, WrongContext
from ._scope import Held, IsolationLevel, Opener, TransactionOptions
from ._transactions import Decorates, Transaction, make_transaction, step_options, transaction_options

try:
    from sqlalchemy import event, text
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker
    from sqlalchemy.orm import Session, sessionmaker
except ImportError as error:
    raise ImportError("perdure.sqlalchemy needs SQLAlchemy: pip install 'perdure[sqlalchemy]'") from error

if TYPE_CHECKING:
    from sqlalchemy import Connection, TextClause

__all__ = ["transaction"]

P = ParamSpec("P")
Q = TypeVar("Q")
R = TypeVar("R")
T = TypeVar("T")
S = TypeVar("S", bound=Session)
A = TypeVar("A", bound=AsyncSession)

S_co = TypeVar("S_co", bound=Session, covariant=True)
A_co = TypeVar("A_co", bound=AsyncSession, covariant=True)


class _Decorator(Protocol[S_co]):
    @overload
    def __call__(self, fn: Callable[Concatenate[S_co, P], R], /) -> Transaction[P, R]: ...

    @overload
    def __call__(self, fn: Callable[Concatenate[Q, S_co, P], R], /) -> Transaction[P, R]: ...


class _AsyncDecorator(Protocol[A_co]):
    @overload
    def __call__(
        self, fn: Callable[Concatenate[A_co, P], Coroutine[Any, Any, T]], /
    ) -> Transaction[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __call__(
        self, fn: Callable[Concatenate[Q, A_co, P], Coroutine[Any, Any, T]], /
    ) -> Transaction[P, Coroutine[Any, Any, T]]: ...


@overload
def transaction(
    where: Decorates,
    sessions: sessionmaker[S],
    *,
    isolation_level: IsolationLevel | None = None,
    read_only: bool = False,
    name: str | None = None,
    retries: int = 0,
    interval: float = 1.0,
    backoff: float = 2.0,
    max_interval: float = 3600.0,
    should_retry: Callable[[BaseException], bool] | None = None,
) -> _Decorator[S]: ...


@overload
def transaction(
    where: Decorates,
    sessions: async_sessionmaker[A],
    *,
    isolation_level: IsolationLevel | None = None,
    read_only: bool = False,
    name: str | None = None,
    retries: int = 0,
    interval: float = 1.0,
    backoff: float = 2.0,
    max_interval: float = 3600.0,
    should_retry: Callable[[BaseException], bool] | None = None,
) -> _AsyncDecorator[A]: ...


def transaction(
    where: Decorates,
    sessions: Any,
    *,
    isolation_level: IsolationLevel | None = None,
    read_only: bool = False,
    name: str | None = None,
    retries: int = 0,
    interval: float = 1.0,
    backoff: float = 2.0,
    max_interval: float = 3600.0,
    should_retry: Callable[[BaseException], bool] | None = None,
) -> Any:
    """`Perdure.transaction` for a function whose first parameter is a session in an open transaction.

    The session is flushed and committed when the function returns, with the step's record; the function
    does not commit. Objects are not JSON: return their ids.

    Args:
        where: the app, whose database the sessions use; or a datasource.
        sessions: makes sessions; a `sessionmaker`, or for async functions an `async_sessionmaker`. They
            have one engine.
        isolation_level, read_only, name, retries, interval, backoff, max_interval, should_retry: see
            `Perdure.transaction`.

    Raises:
        InvalidArgument: a number is out of range, there is no such isolation level, or one of function and
            sessions is async and the other is not.
    """
    options = transaction_options(isolation_level, read_only)
    is_async = isinstance(sessions, async_sessionmaker)
    opener: Opener = _AsyncOpener(cast("Any", sessions)) if is_async else _Opener(sessions)

    def decorate(fn: Callable[..., Any]) -> Transaction[..., Any]:
        if isinstance(fn, (staticmethod, classmethod)):
            wrapped: Any = cast("Any", fn)
            return type(wrapped)(decorate(wrapped.__func__))
        if inspect.iscoroutinefunction(fn) is not is_async:
            raise InvalidArgument(
                f"transaction {fn.__qualname__!r}: an async function takes an `async_sessionmaker`, another"
                " a `sessionmaker`"
            )
        step = step_options(fn, name, retries, interval, backoff, max_interval, should_retry)
        where.codec.learn(fn)
        return make_transaction(opener, where.recorder, options, fn, step)

    return decorate


class _Opener:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    @asynccontextmanager
    async def open(self, options: TransactionOptions, is_async: bool) -> AsyncGenerator[Held]:
        with self._sessions() as session:
            connection = session.connection(execution_options=_execution_options(options))
            held = _Held(session, connection)
            guard = _Guard(session, connection)
            try:
                with _noting_loss(held):
                    yield held
                    session.flush()
                    guard.is_over = True
                    session.commit()
            finally:
                if guard.has_refused and not connection.closed:
                    connection.invalidate()


class _Held:
    def __init__(self, session: Session, connection: Connection) -> None:
        self.given = (session,)
        self.is_lost = False
        self.session, self.connection = session, connection

    @property
    def is_open(self) -> bool:
        return not self.connection.closed and self.connection.in_transaction()

    async def execute(self, statement: Statement) -> Sequence[Sequence[Any]]:
        self.session.flush()
        clause, values = _clause(statement)
        return cast("Sequence[Sequence[Any]]", self.connection.execute(clause, values).fetchall())


class _AsyncOpener:
    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @asynccontextmanager
    async def open(self, options: TransactionOptions, is_async: bool) -> AsyncGenerator[Held]:
        async with self._sessions() as session:
            connection = await session.connection(execution_options=_execution_options(options))
            held = _AsyncHeld(session, connection)
            guard = _Guard(session.sync_session, connection.sync_connection)
            try:
                with _noting_loss(held):
                    yield held
                    await session.flush()
                    guard.is_over = True
                    await session.commit()
            finally:
                if guard.has_refused and not connection.closed:
                    await connection.invalidate()


class _AsyncHeld:
    def __init__(self, session: AsyncSession, connection: AsyncConnection) -> None:
        self.given = (session,)
        self.is_lost = False
        self.session, self.connection = session, connection

    @property
    def is_open(self) -> bool:
        return not self.connection.closed and self.connection.in_transaction()

    async def execute(self, statement: Statement) -> Sequence[Sequence[Any]]:
        await self.session.flush()
        clause, values = _clause(statement)
        return cast("Sequence[Sequence[Any]]", (await self.connection.execute(clause, values)).fetchall())


class _Guard:
    """Keeps the user's code from committing its writes without the record."""

    def __init__(self, session: Session, connection: Connection | None) -> None:
        self.is_over = False
        # Then SQLAlchemy takes the transaction for ended, and the database does not: its connection goes.
        self.has_refused = False
        if connection is not None:
            if getattr(connection.connection.dbapi_connection, "autocommit", False) is True:
                raise WrongContext(
                    "the engine of these sessions commits each statement by itself (AUTOCOMMIT), so it has no"
                    " transactions: give `isolation_level`, or an engine without that"
                )
            event.listen(connection, "commit", self._before_connections_commit)
        event.listen(session, "before_commit", self._before_commit)

    def _before_commit(self, session: Session) -> None:
        if not session.in_nested_transaction():
            self._refuse()

    def _before_connections_commit(self, _connection: Connection) -> None:
        self.has_refused = not self.is_over
        self._refuse()

    def _refuse(self) -> None:
        if not self.is_over:
            raise WrongContext(
                "a transaction of Perdure commits by itself when its function returns, with the step's"
                " record: do not commit in it; a savepoint is `session.begin_nested()`"
            )


class _noting_loss:  # noqa: N801 - read as a verb
    """Tells a held transaction when an error has cost its connection."""

    def __init__(self, held: _Held | _AsyncHeld) -> None:
        self._held = held

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._held.is_lost = error is not None and (
            (isinstance(error, DBAPIError) and error.connection_invalidated)
            or self._held.connection.invalidated
        )


def _execution_options(options: TransactionOptions) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if options.isolation_level is not None:
        found["isolation_level"] = options.isolation_level.upper()
    if options.read_only:
        found["postgresql_readonly"] = True
    return found


def _clause(statement: Statement) -> tuple[TextClause, dict[str, Any]]:
    sql, values = statement
    sql = re.sub(r"%\((\w+)\)s", r":\1", sql.replace(":", r"\:"))
    return text(sql.replace("%%", "%")), dict(values)
