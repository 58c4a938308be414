"""One statement on a connection: retried, and its errors translated."""

from __future__ import annotations

import asyncio
import functools
import logging
import math
import random
import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, cast

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow, tuple_row
from psycopg.types.string import TextLoader

from .._errors import (
    BY_SQLSTATE,
    DatabaseUnavailable,
    InvalidArgument,
    LeaseLost,
    NotLaunched,
    PerdureError,
    PermissionDenied,
    SchemaMissing,
    SchemaTooNew,
    SchemaTooOld,
)
from .._install import newest_migration
from .._loop import pause, running_loop
from .items import HasStep, place_arrays
from .pools import LoopPool, ThreadsPool

if TYPE_CHECKING:
    from typing_extensions import LiteralString

logger = logging.getLogger("perdure")

_PLACE_STEPS: Final = "{schema}.place_steps(%s::bigint[], %s::bigint[], %s::int[], %s::text[])"


# What a retry can mend: the connection was lost or not made, the server is starting or stopping, or
# this transaction was chosen to end a deadlock or a serialization conflict.
_PASSING = (psycopg.OperationalError, psycopg.InterfaceError)


# Connection, resources, input and output.
_PASSING_CLASSES = ("08", "53", "58")
_PASSING_STATES = (
    "25006",  # read-only: a failover is under way
    "40001",  # serialization
    "40P01",  # deadlock
    "55P03",  # lock timeout
    "57014",  # cancelled by an administrator or a statement timeout
    "57P01",  # the server shuts down,
    "57P02",  # has crashed,
    "57P03",  # starts
    "57P05",  # has ended an idle session
)


class ThreadConnection(psycopg.Connection[TupleRow]):
    """A connection for threads. Its calls share a cursor: psycopg takes as long to make one as for a call. It
    keeps the parameters of the last one."""

    @functools.cached_property
    def _calls(self) -> psycopg.Cursor[TupleRow]:
        return self.cursor()

    def call(self, statement: bytes, args: Sequence[Any], row_factory: Any = tuple_row) -> list[Any]:
        """Runs a statement, and returns its rows."""
        if row_factory is not tuple_row:
            return self.cursor(row_factory=row_factory).execute(statement, args).fetchall()
        cursor = self._calls
        rows = cursor.execute(statement, args).fetchall()
        if cursor.pgresult is not None:
            # It may be large, and would be kept until the next call.
            cursor.pgresult.clear()
        return rows


class LoopConnection(psycopg.AsyncConnection[TupleRow]):
    """A connection for coroutines; see `ThreadConnection`."""

    @functools.cached_property
    def _calls(self) -> psycopg.AsyncCursor[TupleRow]:
        return self.cursor()

    async def call(self, statement: bytes, args: Sequence[Any], row_factory: Any = tuple_row) -> list[Any]:
        """Runs a statement, and returns its rows."""
        if row_factory is not tuple_row:
            cursor: psycopg.AsyncCursor[Any] = self.cursor(row_factory=row_factory)
            return await (await cursor.execute(statement, args)).fetchall()
        cursor = self._calls
        await cursor.execute(statement, args)
        rows = await cursor.fetchall()
        if cursor.pgresult is not None:
            cursor.pgresult.clear()
        return rows


class Connections:
    """The functions of one schema in one database.

    Coroutines call them on the engine's loop; threads without a loop call them where they are, on
    connections of their own, and nothing suspends.

    Args:
        dsn: a libpq connection string or URL; empty for libpq's environment variables.
        schema: where the engine is installed.
        max_connections: how many connections the loop has at most, and the threads together.
        prepare: whether statements are prepared; off for old transaction-mode poolers.
        connect_timeout: how long the first connection is tried, in seconds.
    """

    def __init__(
        self,
        dsn: str,
        schema: str,
        *,
        max_connections: int = 8,
        prepare: bool = True,
        connect_timeout: float = 30.0,
    ) -> None:
        self.dsn = dsn
        self.schema = schema
        # What is asked for here belongs to it.
        self.application: str | None = None
        self._max_connections = max_connections
        self._prepare = prepare
        self._connect_timeout = connect_timeout
        self._statements: dict[str, bytes] = {}
        self._parents: list[object] = []
        self._pool: LoopPool[LoopConnection] | None = None
        self._threads: ThreadsPool[ThreadConnection] | None = None
        self.start_afresh()

    def start_afresh(self) -> None:
        """Forgets its connections without closing them: after a fork they are the parent's."""
        # Kept, because collecting them would be complained of.
        self._parents += [self._pool, self._threads]
        self._pool = self._threads = None
        # Connected, and the schema fits.
        self.is_open = False
        # True once the answer to a claim or a start was lost: the database may have handed out what
        # nobody here knows of. See `reconcile`.
        self.uncertain = False
        # That the database cannot be reached has been said; said once, whoever notices.
        self._unreachable = False
        self._back_at = -math.inf

    def is_elsewhere(self, other: Connections) -> bool:
        """Whether another is of another database or schema: by name, as one server has many addresses."""
        if other is self or other.dsn == self.dsn:
            return other.schema != self.schema
        names = {conninfo_to_dict(dsn).get("dbname") for dsn in (self.dsn, other.dsn) if dsn != "embedded"}
        return other.schema != self.schema or (None not in names and len(names) > 1)

    # ------------------------------------------------------------------------------- connections

    async def open(self) -> None:
        """Connects, with retries, and checks that the schema fits this package.

        Raises:
            DatabaseUnavailable: no connection within `connect_timeout`.
            SchemaMissing, SchemaTooOld, SchemaTooNew: see `check_schema`.
        """
        await self._wait_for_database()
        self._pool = LoopPool(self._connect, self._max_connections)
        self._threads = ThreadsPool(self._connect_here, self._max_connections)
        try:
            await self.check_schema()
        except BaseException:
            self.close()
            raise
        self.is_open = True

    def close(self) -> None:
        """Closes every connection."""
        self.is_open = False
        for pool in (self._pool, self._threads):
            if pool is not None:
                pool.close()
        self._pool = self._threads = None

    def _connection_options(self) -> dict[str, Any]:
        return {
            "autocommit": True,
            "prepare_threshold": 0 if self._prepare else None,
            "application_name": "perdure",
            # Whatever the URL or the database says: values hold any character, as those of others do.
            "client_encoding": "utf8",
            "connect_timeout": 10,
        }

    async def _connect(self) -> LoopConnection:
        connection = await LoopConnection.connect(self.dsn, **self._connection_options())
        connection.adapters.register_loader("json", TextLoader)
        connection.add_notice_handler(_log_notice)
        return connection

    def _connect_here(self) -> ThreadConnection:
        connection = ThreadConnection.connect(self.dsn, **self._connection_options())
        connection.adapters.register_loader("json", TextLoader)
        connection.add_notice_handler(_log_notice)
        return connection

    async def _wait_for_database(self) -> None:
        deadline = time.monotonic() + self._connect_timeout
        delay = 0.1
        told = False
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self.dsn, **self._connection_options())
            except psycopg.ProgrammingError as error:
                # What it quotes of the URL may hold the password.
                reason = re.sub(r'"[^"]*[:@][^"]*"', '"..."', str(error).strip())
                raise InvalidArgument(f"the URL of the database is wrong: {reason}") from None
            except psycopg.OperationalError as error:
                reason = " ".join(str(error).split())
                if not is_passing(error):
                    raise DatabaseUnavailable(f"cannot connect to the database: {reason}") from error
                if time.monotonic() + delay > deadline:
                    raise DatabaseUnavailable(
                        f"cannot connect to the database: {reason} (tried for"
                        f" {self._connect_timeout:g} s; is the server running, is the URL right?)"
                    ) from error
                if not told:
                    logger.warning("the database is not there yet, trying on: %s", reason)
                    told = True
                await asyncio.sleep(delay * random.uniform(0.75, 1.25))
                delay = min(delay * 2, 2.0)
            else:
                await connection.close()
                return

    def connection(self, timeout: float = 10.0) -> AbstractAsyncContextManager[LoopConnection]:
        """A connection of the pool, which is waited for so many seconds."""
        if self._pool is None:
            raise NotLaunched("the connection to the database is closed")
        return self._pool.connection(timeout)

    def _connection_here(self, timeout: float) -> AbstractContextManager[ThreadConnection]:
        if self._threads is None:
            raise NotLaunched("the connection to the database is closed")
        return self._threads.connection(timeout)

    async def listen(
        self, channels: Sequence[str], on_ready: Callable[[], object], on_notice: Callable[[str, str], object]
    ) -> None:
        """Listens on these channels of this schema, on a connection of its own, until that is lost.

        Args:
            on_ready: called once nothing can be missed any more.
            on_notice: called for each notification with the channel and the payload.

        Raises:
            psycopg.Error: there is no connection any more.
        """
        connection = await psycopg.AsyncConnection.connect(self.dsn, **self._connection_options())
        loop = asyncio.get_running_loop()
        lost: asyncio.Future[None] = loop.create_future()
        pgconn, socket = connection.pgconn, connection.pgconn.socket
        encoding = connection.info.encoding

        def read() -> None:
            try:
                pgconn.consume_input()
                while (notice := pgconn.notifies()) is not None:
                    channel = notice.relname.decode(encoding).rpartition(".")[2]
                    on_notice(channel, notice.extra.decode(encoding))
            except Exception as error:
                loop.remove_reader(socket)
                if not lost.done():
                    lost.set_exception(error)

        try:
            for channel in channels:
                await connection.execute(
                    sql.SQL("listen {}").format(sql.Identifier(f"{self.schema}.{channel}"))
                )
            # Not `connection.notifies()`: that looks ten times a second whether it was interrupted, and
            # hands on what comes after two more turns of the loop.
            loop.add_reader(socket, read)
            on_ready()
            await lost
        finally:
            loop.remove_reader(socket)
            await connection.close()

    # -------------------------------------------------------------------------------- statements

    def _statement(self, text: LiteralString) -> bytes:
        """A statement with the schema's name put in; made once, so that it is prepared once."""
        found = self._statements.get(text)
        if found is None:
            composed = sql.SQL(text).format(schema=schema_name(self.schema))
            found = self._statements[text] = composed.as_bytes()
        return found

    async def _call(
        self,
        text: LiteralString,
        *args: Any,
        retry_for: float = 60.0,
        hands_out: bool = False,
        row_factory: Any = tuple_row,
    ) -> list[Any]:
        """Runs one statement in a transaction of its own and returns its rows.

        A passing error is met by trying again for `retry_for` seconds; `hands_out` says that a lost
        answer leaves `uncertain` what this executor owns. In a thread without a loop nothing suspends.
        """
        here = running_loop() is None
        statement = self._statement(text)
        deadline = time.monotonic() + retry_for
        delay = 0.05
        while True:
            try:
                if here:
                    with self._connection_here(min(10.0, retry_for)) as connection:
                        rows = connection.call(statement, args, row_factory)
                else:
                    async with self.connection(min(10.0, retry_for)) as connection:
                        rows = await connection.call(statement, args, row_factory)
                if self._unreachable:
                    self._unreachable = False
                    self._back_at = time.monotonic()
                    logger.info("the database is back")
                return rows
            except psycopg.Error as error:
                if not is_passing(error):
                    raise translate(error) from error
                self.uncertain = self.uncertain or hands_out
                if time.monotonic() + delay > deadline:
                    raise DatabaseUnavailable(
                        f"the database could not be reached for {retry_for:g} s: {str(error).strip()}"
                    ) from error
                # The pool may still hold connections that an outage has cut: they are no new one.
                is_new = not self._unreachable and time.monotonic() - self._back_at > 5.0
                if is_new and error.sqlstate not in ("40001", "40P01"):
                    self._unreachable = True
                    logger.warning("the database cannot be reached, trying on: %s", _first_line(error))
            except UnicodeEncodeError as error:
                raise InvalidArgument(
                    f"a name or an id cannot hold a lone surrogate: {error.object!r:.80}"
                ) from None
            except BaseException:
                # Interrupted: it may have been done all the same.
                self.uncertain = self.uncertain or hands_out
                raise
            await pause(delay * random.uniform(0.5, 1.0))
            delay = min(delay * 2, 2.0)

    async def _call_placing(self, items: Sequence[HasStep], text: LiteralString, *args: Any) -> list[Any]:
        """`_call` for what records these steps, with their places: those are written first, in the same
        transaction. Its first parameter is the key or the keys."""
        places = place_arrays(items)
        if places is None:
            return await self._call(text, *args)
        # An argument is there before what it is given to: that may put the workflow down.
        for kind in ("%s::bigint[]", "%s::bigint"):
            if kind in text:
                first = "case when " + _PLACE_STEPS + " is not null then " + kind + " end"
                return await self._call(text.replace(kind, first, 1), *places, *args)
        raise AssertionError(text)

    async def _call_for_children(
        self, items: Sequence[HasStep], text: LiteralString, *args: Any, hands_out: bool = False
    ) -> list[Any]:
        """`_call` for what starts children in these steps of their parents, and returns rows. Their places
        are written last, because it takes other locks before those of the parents."""
        places = place_arrays(items)
        if places is None:
            return await self._call(text, *args, hands_out=hands_out)
        return await self._call(
            "with done as materialized ("
            + text
            + "), placed as materialized (select "
            + _PLACE_STEPS
            + " as owned"
            " from (select count(*) from done) as d)"
            " select done.* from placed left join done on placed.owned is not null",
            *args,
            *places,
            hands_out=hands_out,
        )

    async def place_step(self, item: HasStep) -> None:
        """Keeps the number of a step for its place, if it has one, before the step begins.

        Raises:
            LeaseLost: the workflow is not owned any more.
        """
        places = place_arrays([item])
        if places is not None and not (await self._call("select " + _PLACE_STEPS, *places))[0][0]:
            raise LeaseLost(f"workflow {item.key} is not owned under token {item.token}")

    # --------------------------------------------------------------------------------- functions

    async def check_schema(self) -> None:
        """Compares the version of the schema with the one this package was written for.

        Raises:
            SchemaMissing, SchemaTooOld, SchemaTooNew: with what to do about it.
        """
        needed = newest_migration()
        remedy = (
            f"install it with `perdure install --database-url URL --schema {self.schema}`"
            f" or `make install-sql DATABASE_URL=URL SCHEMA={self.schema}`"
        )
        try:
            ((found,),) = await self._call("select {schema}.schema_version()")
        except PerdureError as error:
            cause = error.__cause__
            if isinstance(cause, (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName)):
                raise SchemaMissing(f"there is no engine in schema {self.schema!r}: {remedy}") from cause
            raise
        if found < needed:
            raise SchemaTooOld(
                f"schema {self.schema!r} is at version {found}, this package needs {needed}: {remedy}"
            )
        if found > needed:
            raise SchemaTooNew(
                f"schema {self.schema!r} is at version {found}, this package knows {needed}:"
                " upgrade the package (pip install --upgrade perdure)"
            )


def schema_name(schema: str) -> sql.Composable:
    """A schema's name for statements that have parameters: there a % is written twice."""
    quoted = sql.Identifier(schema).as_string(None).replace("%", "%%")
    return sql.SQL(cast("LiteralString", quoted))


def _log_notice(notice: psycopg.errors.Diagnostic) -> None:
    """What a function has to say beside its result."""
    if notice.severity_nonlocalized in ("NOTICE", "WARNING"):
        hint = f". {notice.message_hint}" if notice.message_hint else ""
        logger.warning("%s%s", notice.message_primary, hint)


def translate(error: psycopg.Error) -> PerdureError:
    """The exception for an error of the database: by its SQLSTATE, else a PerdureError with its text."""
    diagnostic = error.diag
    message = ". ".join(
        part.rstrip(".")
        for part in (diagnostic.message_primary, diagnostic.message_detail, diagnostic.message_hint)
        if part
    )
    kind = BY_SQLSTATE.get(error.sqlstate or "")
    if kind is not None:
        return kind(message)
    if error.sqlstate == "42501":
        return PermissionDenied(
            f"the database refuses: {message}. Grant the role of this program one of the roles"
            " <schema>_client, <schema>_worker, <schema>_operator"
        )
    if isinstance(error, psycopg.DataError) and "NUL" in str(error):
        return InvalidArgument("a name, an id or a text of SQL cannot hold a NUL character")
    return PerdureError(f"the database reports {error.sqlstate or 'an error'}: {message or error}")


def is_passing(error: psycopg.Error) -> bool:
    """Whether a retry can mend it."""
    state = error.sqlstate
    if state is None:
        text = str(error)
        # libpq says these without an SQLSTATE, and no retry mends them.
        wrong = re.search(
            r"password authentication failed|no password supplied|role .* does not exist"
            r"|database .* does not exist|invalid connection option|missing \"=\"",
            text,
        )
        return isinstance(error, _PASSING) and not wrong
    return state[:2] in _PASSING_CLASSES or state in _PASSING_STATES


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
