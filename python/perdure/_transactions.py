"""Transactions: steps whose record commits together with the user's writes.

A transaction is three things. An *opener* begins and ends it on some connection: psycopg's here, that of
an ORM in `perdure.sqlalchemy` and `perdure.django`. A *recorder* writes the step's record on that same
connection: into the engine's tables, or into those of a datasource. And `Scope` runs the user's code between
the two, and all of it again when the database asks for that.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import logging
import random
import time
import types
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar, cast, overload

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from ._checks import Seconds, as_seconds, check_retries, flag, name_for, text
from ._core import Committed, StepOptions, replay_texts
from ._engine import StepNumber, StepPlace
from ._engine.transactions import (
    LoopConnection,
    Pools,
    Statement,
    ThreadConnection,
    cannot_connect,
    install_datasource,
    keep_statement,
    kept_statement,
    prune_datasource,
    record_statement,
    recorded_statement,
    sqlstate,
)
from ._errors import DatabaseUnavailable, InvalidArgument, LeaseLost, WrongContext
from ._loop import EngineLoop, maybe_await, pause
from ._run import Run, current_run
from ._serialize import Codec
from ._workflow import ROLES, Step

if TYPE_CHECKING:
    from ._engine import Engine

logger = logging.getLogger("perdure")

P = ParamSpec("P")
Q = TypeVar("Q")
R = TypeVar("R")
T = TypeVar("T")

IsolationLevel = Literal["read committed", "repeatable read", "serializable"]
_LEVELS: dict[str, psycopg.IsolationLevel] = {
    "read committed": psycopg.IsolationLevel.READ_COMMITTED,
    "repeatable read": psycopg.IsolationLevel.REPEATABLE_READ,
    "serializable": psycopg.IsolationLevel.SERIALIZABLE,
}

# Of a transaction that was begun: none, or the connection is closed.
_ENDED = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

# How often a transaction is run again that conflicts with others, and one that loses its connection, before
# that counts as a failure of its own; and for how long it is tried while its database is not there.
_MOST_CONFLICTS = 100
_MOST_LOSSES = 10
_RETRY_FOR = 60.0


@dataclass(slots=True, frozen=True)
class TransactionOptions:
    """How a transaction is begun; see `Perdure.transaction`."""

    isolation_level: IsolationLevel | None = None
    read_only: bool = False


class Held(Protocol):
    """A transaction that is open.

    Attributes:
        given: what the user's function gets before its own arguments.
    """

    given: tuple[Any, ...]

    @property
    def is_lost(self) -> bool:
        """Whether its connection is gone, so that nobody here knows whether it has committed."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether it is still the transaction that was begun, as far as the driver knows: the user's code
        has not ended it."""
        ...

    async def execute(self, statement: Statement) -> Sequence[Sequence[Any]]:
        """Runs a statement in it, and returns the rows."""
        ...


class Opener(Protocol):
    """Begins transactions, and ends them: commits at the end of the block, rolls back on an exception."""

    def open(self, options: TransactionOptions, is_async: bool) -> AbstractAsyncContextManager[Held]: ...


# Returns what is recorded of a step, or raises it.
Replay = Callable[[], Any]


class Recorder(Protocol):
    """Records the step of a transaction in the transaction."""

    # Whether `record` makes the step's record, or the step is still to be recorded after it.
    is_engine: bool

    def serves(self, run: Run) -> bool:
        """Whether it can record a step of this workflow."""
        ...

    async def find(self, held: Held, run: Run, step: int, name: str, again: bool) -> Replay | None:
        """What has committed before; `again`: an earlier attempt of this run may have."""
        ...

    async def record(
        self, held: Held, run: Run, step: int, name: str, output: str, seconds: float
    ) -> Replay | None:
        """Records what the step returned; or returns what is recorded already, then nothing may commit."""
        ...


@dataclass(slots=True)
class _Open:
    """The transaction whose code is running, and who opened it: a transaction called in it joins it."""

    opener: Opener
    held: Held
    is_async: bool
    # What the code has begun may go on after its end, with the same context.
    is_open: bool = True


_current: ContextVar[_Open | None] = ContextVar("perdure_transaction", default=None)


class Scope:
    """The way in which one function is run in transactions; `StepOptions.transaction`."""

    def __init__(
        self,
        opener: Opener,
        recorder: Recorder,
        options: TransactionOptions,
        code: Callable[..., Any],
        name: str,
    ) -> None:
        self.opener, self.recorder, self.options = opener, recorder, options
        self.code, self.name = code, name
        self.is_async = inspect.iscoroutinefunction(code)

    async def plain(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Runs it without a record: in the transaction whose code calls it, or in one of its own."""
        current = _current.get()
        if (
            current is not None
            and current.is_open
            and current.opener is self.opener
            and current.is_async is self.is_async
        ):
            return await maybe_await(self.code(*current.held.given, *args, **kwargs))

        async def attempt(held: Held, _again: bool) -> Any:
            return await self._call(held, args, kwargs)

        return await self._until_done(None, attempt)

    async def run(self, run: Run, step: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Runs it as a step: returns `Committed` if it is recorded by now, else what is to be recorded."""
        if not self.recorder.serves(run):
            raise WrongContext(
                f"transaction {self.name!r} is of another app, in whose database workflow {run.workflow_id!r}"
                " is not: make it one of a datasource of this app, `app.datasource(...)`"
            )
        if self.options.read_only and self.recorder.is_engine:
            # It changes nothing, so running it twice is no harm, and it may not write its record.
            return await self.plain(args, kwargs)

        async def attempt(held: Held, again: bool) -> Any:
            found = await self.recorder.find(held, run, step, self.name, again)
            if found is not None:
                return Committed(found) if self.recorder.is_engine else found()
            began = time.perf_counter()
            value = await self._call(held, args, kwargs)
            output = run.core.codec.dumps(value, f"result of step {self.name!r}")
            run.check()
            if self.options.read_only:
                return value
            try:
                stands = await self.recorder.record(
                    held, run, step, self.name, output, time.perf_counter() - began
                )
            except Exception as error:
                if sqlstate(error) in ("42883", "3F000"):
                    raise WrongContext(
                        f"transaction {self.name!r} is in a database without the engine: give it a"
                        " datasource, `app.datasource(...)`, in place of the app"
                    ) from error
                if sqlstate(error) == "25P02":
                    raise WrongContext(
                        f"the code of transaction {self.name!r} went on after an error of the database that"
                        " ended its transaction: let the error pass, or put what may fail into a savepoint"
                    ) from error
                raise
            if stands is not None:
                raise _Stands(stands)
            return Committed(lambda: value) if self.recorder.is_engine else value

        try:
            return await self._until_done(run, attempt)
        except _Stands as stands:
            return Committed(stands.replay)

    async def _call(self, held: Held, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        current = _Open(self.opener, held, self.is_async)
        outer = _current.set(current)
        try:
            value = await maybe_await(self.code(*held.given, *args, **kwargs))
        finally:
            current.is_open = False
            _current.reset(outer)
        if not held.is_open and not held.is_lost:
            raise WrongContext(
                f"the code of transaction {self.name!r} ended its transaction itself, by a commit, a rollback"
                " or by closing its connection: it ends when the function returns, with the step's record,"
                " and is rolled back when it raises; a part of it may be rolled back to a savepoint"
            )
        return value

    async def _until_done(
        self, run: Run | None, attempt: Callable[[Held, bool], Coroutine[Any, Any, Any]]
    ) -> Any:
        conflicts = losses = 0
        delay = 0.01
        unreachable_since: float | None = None
        while True:
            if run is not None:
                run.check()
            held: Held | None = None
            is_ending = False
            try:
                async with self.opener.open(self.options, self.is_async) as held:
                    value = await attempt(held, losses > 0)
                    is_ending = True
                    return value
            except (_Stands, WrongContext):
                raise
            except Exception as error:
                if held is None:
                    now = time.monotonic()
                    unreachable_since = unreachable_since or now
                    if not cannot_connect(error) or now - unreachable_since > _RETRY_FOR:
                        raise self._unreachable(run, error) from error
                elif held.is_lost:
                    # It may have committed all the same: the next attempt looks. A step may do things twice.
                    if is_ending and current_run.get() is None and not self.options.read_only:
                        raise DatabaseUnavailable(
                            f"the connection of transaction {self.name!r} was lost at its commit, and it may"
                            " have committed or not: look, and call it again if not. A workflow would know"
                        ) from error
                    losses += 1
                    if losses > _MOST_LOSSES:
                        raise self._unreachable(run, error) from error
                else:
                    conflicts += 1
                    if sqlstate(error) not in ("40001", "40P01") or conflicts > _MOST_CONFLICTS:
                        raise
                logger.debug("transaction %s is run again: %s", self.name, error)
            else:
                # What lets the block end without an exception and without an end of the code.
                raise WrongContext(
                    f"the code of transaction {self.name!r} raised psycopg.Rollback, which does not say what"
                    " to record: raise an error of your own"
                )
            wait, delay = delay * random.uniform(0.5, 1.0), min(delay * 2, 1.0)
            if run is not None:
                await run.core.loop.pause(wait, run.stop)
            else:
                await pause(wait)

    def _unreachable(self, run: Run | None, error: Exception) -> BaseException:
        message = f"the database of transaction {self.name!r} cannot be reached: {str(error).strip()}"
        if run is not None and self.recorder.is_engine:
            return run.give_up(message)
        return DatabaseUnavailable(message)


class _Stands(Exception):
    """Rolls a transaction back whose step is recorded already."""

    def __init__(self, replay: Replay) -> None:
        super().__init__()
        self.replay = replay


# --------------------------------------------------------------------------------------- psycopg


class _OnThread:
    def __init__(self, connection: ThreadConnection) -> None:
        self._connection = connection
        self.given = (connection,)

    @property
    def is_lost(self) -> bool:
        return self._connection.broken

    @property
    def is_open(self) -> bool:
        return self._connection.info.transaction_status not in _ENDED

    async def execute(self, statement: Statement) -> Sequence[Sequence[Any]]:
        text, values = statement
        with psycopg.Cursor(self._connection, row_factory=tuple_row) as cursor:
            return cursor.execute(text.encode(), values).fetchall()


class _OnLoop:
    def __init__(self, connection: LoopConnection) -> None:
        self._connection = connection
        self.given = (connection,)

    @property
    def is_lost(self) -> bool:
        return self._connection.broken

    @property
    def is_open(self) -> bool:
        return self._connection.info.transaction_status not in _ENDED

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


# ------------------------------------------------------------------------------------- recorders


class EngineRecorder:
    """Records a step in the engine's tables, which are in the same database."""

    is_engine = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def serves(self, run: Run) -> bool:
        return not self._engine.is_elsewhere(run.core.engine)

    async def find(self, held: Held, run: Run, step: int, name: str, again: bool) -> Replay | None:
        if not again:
            return None  # what earlier runs have recorded came with the claim
        rows = await held.execute(recorded_statement(self._engine.schema, run.workflow_id, step))
        for recorded, output, error in rows:
            run.check_recorded(step, recorded, name)
            return lambda: replay_texts(run.core.codec, output, error)
        return None

    async def record(
        self, held: Held, run: Run, step: int, name: str, output: str, seconds: float
    ) -> Replay | None:
        statement = record_statement(self._engine.schema, run.key, run.token, step, name, output, seconds)
        for outcome, recorded, stands, error in await held.execute(statement):
            if outcome == "lease lost":
                raise run.lose()
            run.check_recorded(step, recorded, name)
            return lambda: replay_texts(run.core.codec, stands, error)
        return None


class DatasourceRecorder:
    """Keeps in another database that a transaction has committed there; the step is recorded after it."""

    is_engine = False

    def __init__(self, schema: str) -> None:
        self._schema = schema

    def serves(self, run: Run) -> bool:
        return True

    async def find(self, held: Held, run: Run, step: int, name: str, again: bool) -> Replay | None:
        if isinstance(step, StepNumber):
            # The row has the number, and is there before the step is recorded.
            await _keep_number(run, step)
        created_at = await _created_at(run)
        for kept, output in await held.execute(
            kept_statement(self._schema, run.workflow_id, created_at, step)
        ):
            run.check_recorded(step, kept, name)
            return lambda: run.core.codec.loads(output)
        return None

    async def record(
        self, held: Held, run: Run, step: int, name: str, output: str, seconds: float
    ) -> Replay | None:
        created_at = await _created_at(run)
        statement = keep_statement(self._schema, run.workflow_id, created_at, step, name, output)
        if await held.execute(statement):
            return None
        # Another run of this workflow was faster. Its row is read in the next attempt, whose snapshot has it.
        raise _Faster()


class _Faster(Exception):
    """The step was committed by another run meanwhile."""

    sqlstate = "40001"


async def _keep_number(run: Run, step: int) -> None:
    place = StepPlace(run.key, run.token, step)
    try:
        await run.core.loop.on_engine(lambda: run.core.engine.place_step(place))
    except LeaseLost as error:
        raise run.lose() from error


async def _created_at(run: Run) -> str:
    if run.created_at is None:
        (row,) = await run.core.loop.on_engine(lambda: run.core.engine.get_workflow(run.workflow_id))
        run.created_at = str(row.created_at)
    return run.created_at


# ------------------------------------------------------------------------------- the user's side


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
    if level not in _LEVELS:
        raise InvalidArgument(f"an isolation level is one of {', '.join(_LEVELS)}, not {isolation_level!r}")
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
