"""Transactions: steps whose record commits together with the user's writes.

What the user sees of them: the decorator, and datasources. How they run is in `_scope`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import types
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, get_args, overload

from ._checks import Seconds, as_seconds, check_retries, flag, name_for, text
from ._engine.transactions import (
    LoopConnection,
    Pools,
    ThreadConnection,
    install_datasource,
    prune_datasource,
)
from ._errors import InvalidArgument
from ._loop import EngineLoop
from ._openers import PsycopgOpener
from ._recorders import DatasourceRecorder, EngineRecorder
from ._scope import IsolationLevel, Opener, Recorder, Scope, TransactionOptions
from ._serialize import Codec
from ._steps import StepOptions
from ._workflow import ROLES, Step

if TYPE_CHECKING:
    from ._engine import Engine

P = ParamSpec("P")
Q = TypeVar("Q")
R = TypeVar("R")
T = TypeVar("T")


class Transaction(Step[P, R]):
    """A function made a transaction by `Perdure.transaction`.

    In a workflow it is a step. Outside of one, and in a step, it is run in a transaction of its own,
    without a record; in another transaction of the same database it is a part of that.
    """

    def __init__(self, options: StepOptions, scope: Scope, shown: Callable[..., Any]) -> None:
        super().__init__(cast("Callable[P, R]", shown), options)
        self._scope = scope
        self.fn = self._plain

    def __repr__(self) -> str:
        return f"<transaction {self.options.name}>"

    def __get__(self, instance: object | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        # The function of a class gets its instance first, and only then the connection.
        scope, bound = self._scope, types.MethodType(self._scope.code, instance)
        made = make_transaction(scope.opener, scope.recorder, scope.options, bound, self.options)
        made.required_roles = self.required_roles
        return made

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if args and isinstance(args[0], type) and self._is_of_class(args[0]):
            return self.__get__(args[0])(*args[1:], **kwargs)
        return super().__call__(*args, **kwargs)

    def _is_of_class(self, cls: type) -> bool:
        # From Python 3.13 a class method calls what it holds with its class, and binds it no more.
        name = str(getattr(self, "__name__", ""))
        own = (vars(base).get(name) for base in cls.__mro__)
        return any(isinstance(c, classmethod) and cast("Any", c).__func__ is self for c in own)

    def _plain(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._run(self._scope.plain(args, dict(kwargs)))


def make_transaction(
    opener: Opener,
    recorder: Recorder,
    transaction: TransactionOptions,
    code: Callable[..., Any],
    options: StepOptions,
) -> Transaction[..., Any]:
    """A transaction of these parts."""
    scope = Scope(opener, recorder, transaction, code, options.name)
    made: Transaction[..., Any] = Transaction(dataclasses.replace(options, transaction=scope), scope, code)
    made.required_roles = getattr(code, ROLES, None)
    return made


class TransactionDecorator(Protocol):
    """Makes a transaction of a function whose first parameter is a psycopg connection."""

    @overload
    def __call__(
        self, fn: Callable[Concatenate[LoopConnection, P], Coroutine[Any, Any, T]], /
    ) -> Transaction[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __call__(self, fn: Callable[Concatenate[ThreadConnection, P], R], /) -> Transaction[P, R]: ...

    # Methods: what they are called on comes first.
    @overload
    def __call__(
        self, fn: Callable[Concatenate[Q, LoopConnection, P], Coroutine[Any, Any, T]], /
    ) -> Transaction[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __call__(self, fn: Callable[Concatenate[Q, ThreadConnection, P], R], /) -> Transaction[P, R]: ...


def transaction_options(isolation_level: str | None, read_only: bool) -> TransactionOptions:
    """The options, checked.

    Raises:
        InvalidArgument: there is no such isolation level.
    """
    flag("read_only", read_only)
    if isolation_level is None:
        return TransactionOptions(None, read_only)
    level = text("isolation_level", isolation_level).lower().replace("_", " ")
    if level not in get_args(IsolationLevel):
        raise InvalidArgument(
            f"an isolation level is one of {', '.join(get_args(IsolationLevel))}, not {isolation_level!r}"
        )
    return TransactionOptions(cast("IsolationLevel", level), read_only)


def step_options(
    fn: Callable[..., Any],
    name: str | None,
    retries: int,
    interval: float,
    backoff: float,
    max_interval: float,
    should_retry: Callable[[BaseException], bool] | None,
) -> StepOptions:
    """How a transaction is run as a step, checked.

    Raises:
        InvalidArgument: a number is out of range.
    """
    check_retries(retries, interval, backoff, max_interval, should_retry)
    return StepOptions(
        name_for("transaction", name, fn), retries, interval, backoff, max_interval, should_retry
    )


class Decorates:
    """What an app and a datasource have in common.

    Attributes:
        codec: how values are written.
    """

    codec: Codec

    def _parts(self) -> tuple[Opener, Recorder]:
        raise NotImplementedError

    @property
    def recorder(self) -> Recorder:
        """What records the steps; for `perdure.sqlalchemy` and `perdure.django`."""
        return self._parts()[1]

    def transaction(
        self,
        _no_function: None = None,
        /,
        *,
        isolation_level: IsolationLevel | None = None,
        read_only: bool = False,
        name: str | None = None,
        retries: int = 0,
        interval: float = 1.0,
        backoff: float = 2.0,
        max_interval: float = 3600.0,
        should_retry: Callable[[BaseException], bool] | None = None,
    ) -> TransactionDecorator:
        """Makes a function a transaction: a step whose writes to the database happen exactly once.

            @app.transaction()
            def book(connection: psycopg.Connection, account: int, amount: int) -> None:
                connection.execute("update accounts set ...")

            @app.workflow()
            def transfer(...):
                book(1, -100)

        Its first parameter (after `self`) is a connection in an open transaction, `psycopg.Connection` or,
        for an async function, `psycopg.AsyncConnection`; it is called without it. What it writes commits
        together with the step's record, or not at all. When it raises, all is rolled back, and the error is
        recorded. Serialization failures and deadlocks run it again, up to a hundred times.

        Called outside of a workflow or in a step, it is a transaction without a record; in a transaction, a
        part of that.

        Args:
            isolation_level: None: as the database has it, which is "read committed" unless it was changed.
            read_only: whether it only reads. Then it is run like any step, and recorded after it.
            name, retries, interval, backoff, max_interval, should_retry: see `step`.

        Raises:
            InvalidArgument: a number is out of range, or there is no such isolation level.
        """
        if _no_function is not None:
            raise InvalidArgument("the decorator has parentheses: write `@app.transaction()`")
        options = transaction_options(isolation_level, read_only)

        def decorate(fn: Callable[..., Any]) -> Any:
            if isinstance(fn, (staticmethod, classmethod)):
                # In whichever order the two decorators are.
                wrapped: Any = cast("Any", fn)
                return type(wrapped)(decorate(wrapped.__func__))
            step = step_options(fn, name, retries, interval, backoff, max_interval, should_retry)
            self.codec.learn(fn)
            return make_transaction(*self._parts(), options, fn, step)

        return decorate


class Transactions(Decorates):
    """The part of `Perdure` that has to do with transactions."""

    _engine: Engine
    _loop: EngineLoop
    _pools: list[Pools]
    _max_connections: int
    _prepares: bool
    _own: tuple[Opener, Recorder] | None = None

    def _parts(self) -> tuple[Opener, Recorder]:
        if self._own is None:
            opener = PsycopgOpener(self._new_pools(lambda: self._engine.dsn))
            self._own = (opener, EngineRecorder(self._engine))
        return self._own

    def _new_pools(self, dsn: Callable[[], str]) -> Pools:
        pools = Pools(dsn, self._loop, self._max_connections, self._prepares)
        self._pools.append(pools)
        return pools

    def datasource(self, dsn: str, *, schema: str = "perdure_datasource") -> Datasource:
        """Another Postgres database, for transactions there.

        Args:
            dsn: a libpq URL or connection string.
            schema: where its table is; see `Datasource.install`.
        """
        return Datasource(self._new_pools(lambda: dsn), schema, self.codec)


class Datasource(Decorates):
    """Another Postgres database in which a workflow has transactions; made by `Perdure.datasource`.

    Each transaction leaves a row there, in the table `perdure_transactions`, that commits with the user's
    writes. The step is recorded in Perdure after it. A worker that dies between the two leaves the row, and
    the next run finds it: the writes happen once.
    """

    def __init__(self, pools: Pools, schema: str, codec: Codec) -> None:
        self._pools, self.schema, self.codec = pools, schema, codec
        self._own: tuple[Opener, Recorder] = (PsycopgOpener(pools), DatasourceRecorder(schema))

    def _parts(self) -> tuple[Opener, Recorder]:
        return self._own

    def install(self) -> None:
        """Makes the table in that database, in a schema of its own, unless it is there.

        The role of the program needs `usage` on the schema, and `select` and `insert` on the table; to prune,
        also `delete`.
        """
        with self._pools.of_thread() as connection:
            install_datasource(connection, self.schema)

    async def install_async(self) -> None:
        """`install` for async code."""
        await asyncio.to_thread(self.install)

    def prune(self, older_than: Seconds) -> int:
        """Removes rows of transactions that are older than that; those of active workflows are still needed.

        Args:
            older_than: in seconds, or as a timedelta: longer than any workflow is active.

        Returns:
            How many rows are removed.
        """
        with self._pools.of_thread() as connection:
            return prune_datasource(connection, self.schema, as_seconds("older_than", older_than))

    async def prune_async(self, older_than: Seconds) -> int:
        """`prune` for async code."""
        return await asyncio.to_thread(self.prune, older_than)
