"""The only module that knows SQL: one method for each function of the engine that Python uses.

Values travel as JSON text in both directions; nothing here looks into them. Every function called here
may be called twice with the same arguments (ids are made by the caller, writes are fenced by tokens), so
a call whose connection is lost is simply made again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
import psycopg_pool
from psycopg import sql
from psycopg.rows import AsyncRowFactory, TupleRow, namedtuple_row, tuple_row
from psycopg.types.string import TextLoader

from ._errors import (
    BY_SQLSTATE,
    DatabaseUnavailable,
    InvalidArgument,
    NotLaunched,
    PerdureError,
    SchemaMissing,
    SchemaTooNew,
    SchemaTooOld,
)
from ._install import newest_migration
from ._options import EnqueueOptions, QueueLimits, Seconds, span

if TYPE_CHECKING:
    from typing_extensions import LiteralString

logger = logging.getLogger("perdure")

T = TypeVar("T")

Connection = psycopg.AsyncConnection[TupleRow]

# What a retry can mend: the connection was lost or not made, the server is starting or stopping, or
# this transaction was chosen to end a deadlock or a serialization conflict.
_PASSING = (psycopg.OperationalError, psycopg.InterfaceError, psycopg_pool.PoolTimeout)


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


@dataclass(slots=True, frozen=True)
class Claimed:
    """A workflow that this executor owns: a row of `claim`."""

    key: int
    token: int
    workflow_id: str
    name: str
    queue: str
    input: str | None
    attempt: int
    steps: str | None
    time_left: float | None


@dataclass(slots=True, frozen=True)
class Started:
    """A row of `start_many`; `token` is None if the id existed already, or its deadline has passed."""

    key: int
    workflow_id: str
    token: int | None
    time_left: float | None


@dataclass(slots=True, frozen=True)
class Outcome:
    """How a workflow ended."""

    workflow_id: str
    status: str
    output: str | None
    error: str | None


@dataclass(slots=True, frozen=True)
class Refusal:
    """What the engine says of an item that it did not write; the last three are what stands instead."""

    outcome: str
    label: str | None
    output: str | None
    error: str | None


@dataclass(slots=True, frozen=True)
class StepItem:
    """A step to record."""

    key: int
    token: int
    step: int
    name: str
    output: str | None
    error: str | None
    seconds: float


@dataclass(slots=True, frozen=True)
class FinishItem:
    """A workflow to end."""

    key: int
    token: int
    output: str | None
    error: str | None


@dataclass(slots=True, frozen=True)
class StartItem:
    """A workflow to start: directly, or in a queue. A child names its parent's key, token and step."""

    name: str
    workflow_id: str
    input: str
    max_recovery_attempts: int
    priority: int = 0
    partition_key: str | None = None
    deduplication_id: str | None = None
    parent: tuple[int, int, int] | None = None
    timeout: dt.timedelta | None = None
    deadline: dt.datetime | None = None


@dataclass(slots=True, frozen=True)
class SleepItem:
    """A sleep to begin, or to go on with."""

    key: int
    token: int
    step: int
    seconds: float
    put_down: bool = False


@dataclass(slots=True, frozen=True)
class WaitItem:
    """A step that waits for a message of a topic, or for an event of another workflow."""

    key: int
    token: int
    step: int
    workflow_id: str | None
    name: str | None
    timeout: float | None
    put_down: bool = False


@dataclass(slots=True, frozen=True)
class Waited:
    """What came of a wait: a row of `recv_many`, `await_events` or `sleep_many`; `wait_for` in seconds."""

    outcome: str
    name: str | None
    value: str | None
    wait_for: float


@dataclass(slots=True, frozen=True)
class EventItem:
    """An event to set, or a value to write to a stream."""

    key: int
    token: int
    step: int
    name: str
    value: str | None
    in_step: bool
    closes: bool = False


class Engine:
    """The functions of one schema in one database, over a pool of connections.

    Args:
        dsn: a libpq connection string or URL; empty for libpq's environment variables.
        schema: where the engine is installed.
        max_connections: the size of the pool.
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
        self._max_connections = max_connections
        self._prepare = prepare
        self._connect_timeout = connect_timeout
        self._pool: psycopg_pool.AsyncConnectionPool[Connection] | None = None
        self._statements: dict[str, bytes] = {}
        # True once the answer to a claim or a start was lost: the database may have handed out what
        # nobody here knows of. See `reconcile`.
        self.uncertain = False

    # ------------------------------------------------------------------------------- connections

    async def open(self) -> None:
        """Connects, with retries, and checks that the schema fits this package.

        Raises:
            DatabaseUnavailable: no connection within `connect_timeout`.
            SchemaMissing, SchemaTooOld, SchemaTooNew: see `check_schema`.
        """
        await self._wait_for_database()
        self._pool = psycopg_pool.AsyncConnectionPool(
            self.dsn,
            connection_class=psycopg.AsyncConnection[TupleRow],
            kwargs=self._connection_options(),
            configure=self._configure,
            min_size=1,
            max_size=self._max_connections,
            # The pool tries to reconnect in the background; our own calls wait and retry.
            timeout=10.0,
            open=False,
            name="perdure",
        )
        # Said once, by us, with what to do: see `_wait_for_database` and `_call`.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        try:
            await self._pool.open()
            await self.check_schema()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Closes every connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    def _connection_options(self) -> dict[str, Any]:
        return {
            "autocommit": True,
            "prepare_threshold": 2 if self._prepare else None,
            "application_name": "perdure",
            "connect_timeout": 10,
        }

    @staticmethod
    async def _configure(connection: Connection) -> None:
        connection.adapters.register_loader("json", TextLoader)

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
                reason = str(error).strip()
                if not _is_passing(error):
                    raise DatabaseUnavailable(f"cannot connect to the database: {reason}") from error
                if time.monotonic() + delay > deadline:
                    raise DatabaseUnavailable(
                        f"cannot connect to the database: {reason} (tried for"
                        f" {self._connect_timeout:g} s; is the server running, is the URL right?)"
                    ) from error
                if not told:
                    logger.warning("the database is not there yet, trying on: %s", reason.splitlines()[-1])
                    told = True
                await asyncio.sleep(delay * random.uniform(0.75, 1.25))
                delay = min(delay * 2, 2.0)
            else:
                await connection.close()
                return

    @asynccontextmanager
    async def connection(self, timeout: float = 10.0) -> AsyncGenerator[Connection]:
        """A connection of the pool, which is waited for so many seconds."""
        if self._pool is None:
            raise NotLaunched("the connection to the database is closed")
        async with self._pool.connection(timeout) as connection:
            yield connection

    async def listen(self, on_ready: asyncio.Event) -> AsyncIterator[tuple[str, str]]:
        """Notifications of this schema as (channel, payload), on a connection of their own, until that is
        lost. `on_ready` is set when nothing can be missed any more."""
        connection = await psycopg.AsyncConnection.connect(self.dsn, **self._connection_options())
        try:
            for channel in ("work", "finished", "wake", "changed", "cancelled"):
                await connection.execute(
                    sql.SQL("listen {}").format(sql.Identifier(f"{self.schema}.{channel}"))
                )
            on_ready.set()
            async for notice in connection.notifies():
                yield notice.channel.rpartition(".")[2], notice.payload
        finally:
            await connection.close()

    # -------------------------------------------------------------------------------- statements

    def _statement(self, text: LiteralString) -> bytes:
        """A statement with the schema's name put in; made once, so that it is prepared once."""
        found = self._statements.get(text)
        if found is None:
            composed = sql.SQL(text).format(schema=sql.Identifier(self.schema))
            found = self._statements[text] = composed.as_bytes()
        return found

    async def _call(
        self,
        text: LiteralString,
        *args: Any,
        retry_for: float = 60.0,
        hands_out: bool = False,
        row_factory: AsyncRowFactory[Any] = tuple_row,
    ) -> list[Any]:
        """Runs one statement in a transaction of its own and returns its rows.

        A passing error is met by trying again for `retry_for` seconds; `hands_out` says that a lost
        answer leaves `uncertain` what this executor owns.
        """
        statement = self._statement(text)
        deadline = time.monotonic() + retry_for
        delay = 0.05
        told = False
        while True:
            try:
                async with self.connection(min(10.0, retry_for)) as connection:
                    cursor = connection.cursor(row_factory=row_factory)
                    await cursor.execute(statement, args)
                    rows = await cursor.fetchall()
                    if told:
                        logger.info("the database is back")
                    return rows
            except psycopg.Error as error:
                if not _is_passing(error):
                    raise translate(error) from error
                self.uncertain = self.uncertain or hands_out
                if time.monotonic() + delay > deadline:
                    raise DatabaseUnavailable(
                        f"the database could not be reached for {retry_for:g} s: {str(error).strip()}"
                    ) from error
                if not told and error.sqlstate not in ("40001", "40P01"):
                    logger.warning("the database cannot be reached, trying on: %s", _first_line(error))
                    told = True
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))
            delay = min(delay * 2, 2.0)

    # --------------------------------------------------------------------------------- functions

    async def check_schema(self) -> None:
        """Compares the version of the schema with the one this package was written for.

        Raises:
            SchemaMissing, SchemaTooOld, SchemaTooNew: with what to do about it.
        """
        needed = newest_migration()
        remedy = (
            f"install it with `perdure install --schema {self.schema}`"
            f" or `make install-sql SCHEMA={self.schema}`"
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

    async def register_queue(self, queue: str, settings: QueueLimits, on_conflict: str) -> bool:
        rows = await self._call(
            "select {schema}.register_queue(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            queue,
            settings.concurrency,
            settings.worker_concurrency,
            settings.rate_limit,
            span(settings.rate_period),
            settings.partitioned,
            settings.partition_concurrency,
            settings.partition_rate_limit,
            span(settings.partition_rate_period),
            span(settings.priority_ageing),
            on_conflict,
        )
        return rows[0][0]

    async def update_queue(self, queue: str, changes: str) -> None:
        await self._call("select {schema}.update_queue(%s, %s::json)", queue, changes)

    async def delete_queue(self, queue: str) -> None:
        await self._call("select {schema}.delete_queue(%s)", queue)

    async def list_queues(self) -> list[Any]:
        return await self._call("select * from {schema}.list_queues()")

    async def queue_stats(self, queue: str | None) -> list[Any]:
        return await self._call("select * from {schema}.queue_stats(%s)", queue)

    async def register_executor(
        self, name: str, lease: float, app_version: str | None, workflows: Sequence[str]
    ) -> int:
        rows = await self._call(
            "select {schema}.register_executor(%s, %s, %s, %s)",
            name,
            dt.timedelta(seconds=lease),
            app_version,
            list(workflows),
        )
        return rows[0][0]

    async def heartbeat(self, executor_id: int) -> bool:
        """Renews the lease; False if it is lost."""
        rows = await self._call("select {schema}.heartbeat(%s)", executor_id)
        return rows[0][0] is not None

    async def deregister_executor(self, executor_id: int) -> int:
        return (await self._call("select {schema}.deregister_executor(%s)", executor_id, retry_for=5.0))[0][0]

    async def run_maintenance(self) -> tuple[int, int, int, int, int, float]:
        """How many executors were found lost, and workflows taken over, dead-lettered, woken and timed out;
        and in how many seconds to look again: when the next lease lapses unless it is renewed, the next
        deadline passes, or the next workflow is to be woken."""
        rows = await self._call(
            "select executors_lapsed, workflows_requeued, workflows_dead_lettered, workflows_woken,"
            " workflows_timed_out,"
            " coalesce(extract(epoch from next_lapse_in), 3600)::float8 from {schema}.run_maintenance()"
        )
        return rows[0]

    async def claim(self, executor_id: int, queues: Sequence[str] | None, most: int) -> list[Claimed]:
        rows = await self._call(
            "select workflow_key, token, workflow_id, workflow, queue, input, attempt, steps,"
            " extract(epoch from time_left)::float8 from {schema}.claim(%s, %s, %s)",
            executor_id,
            None if queues is None else list(queues),
            most,
            hands_out=True,
        )
        return [Claimed(*row) for row in rows]

    async def reconcile(self, executor_id: int, keys: Sequence[int]) -> int:
        """Hands back what the executor owns besides these; how many went back."""
        self.uncertain = False
        try:
            rows = await self._call("select {schema}.reconcile(%s, %s::bigint[])", executor_id, list(keys))
        except PerdureError:
            self.uncertain = True
            raise
        return rows[0][0]

    async def lost_workflows(self, owned: Sequence[tuple[int, int]]) -> list[int]:
        """Of workflows by key and token, the places of those that are not owned any more, from 0."""
        rows = await self._call(
            "select item from {schema}.lost_workflows(%s::bigint[], %s::bigint[])",
            [key for key, _ in owned],
            [token for _, token in owned],
        )
        return [item - 1 for (item,) in rows]

    async def start_many(
        self, executor_id: int, items: Sequence[StartItem], app_version: str | None
    ) -> list[Started]:
        parents = [i.parent or (None, None, None) for i in items] if items[0].parent else None
        rows = await self._call(
            "select workflow_key, workflow_id, token, extract(epoch from time_left)::float8"
            " from {schema}.start_many("
            "%s, %s, %s::json[], %s, %s, %s, %s::bigint[], %s::bigint[], %s::int[],"
            " timeouts => %s::interval[], deadlines => %s::timestamptz[]) order by item",
            executor_id,
            [i.name for i in items],
            [i.input for i in items],
            [i.workflow_id for i in items],
            [i.max_recovery_attempts for i in items],
            app_version,
            *_parent_arrays(parents),
            _array_or_none([i.timeout for i in items]),
            _array_or_none([i.deadline for i in items]),
            hands_out=True,
        )
        return [Started(*row) for row in rows]

    async def enqueue_many(
        self, options: EnqueueOptions, items: Sequence[StartItem], app_version: str | None
    ) -> list[tuple[str, bool]]:
        """Enqueues workflows of one name with the same shared options; for each its id, and whether it is
        new."""
        first = items[0]
        parents = [i.parent or (None, None, None) for i in items] if first.parent else None
        return await self._call(
            "select workflow_id, created from {schema}.enqueue_many("
            "%s, %s::json[], %s, %s, %s, %s, %s, %s::bigint[], %s::bigint[], %s::int[],"
            " %s::text[], %s::text[], %s, %s, %s, %s, %s, %s, %s, %s,"
            " timeout => %s, deadline => %s) order by item",
            first.name,
            [i.input for i in items],
            options.queue,
            [i.workflow_id for i in items],
            [i.priority for i in items],
            first.max_recovery_attempts,
            app_version,
            *_parent_arrays(parents),
            _array_or_none([i.partition_key for i in items]),
            _array_or_none([i.deduplication_id for i in items]),
            options.on_duplicate,
            span(options.delay),
            span(options.expires_in),
            options.retries,
            span(options.retry_interval),
            float(options.retry_backoff),
            span(options.retry_max_interval),
            options.create_queue,
            first.timeout,
            first.deadline,
        )

    async def debounce(
        self, item: StartItem, options: EnqueueOptions, key: str, delay: Seconds, max_delay: Seconds | None
    ) -> str:
        rows = await self._call(
            "select {schema}.debounce(%s, %s, %s, %s::json, %s, %s, %s, %s, %s,"
            " timeout => %s, deadline => %s)",
            item.name,
            key,
            span(delay),
            item.input,
            options.queue,
            span(max_delay),
            item.partition_key,
            item.workflow_id,
            item.priority,
            item.timeout,
            item.deadline,
        )
        return rows[0][0]

    async def set_delay(self, workflow_id: str, delay: Seconds) -> bool:
        return (await self._call("select {schema}.set_delay(%s, %s)", workflow_id, span(delay)))[0][0]

    async def explain_wait(self, workflow_id: str) -> list[tuple[str, str]]:
        return await self._call("select reason, detail from {schema}.explain_wait(%s)", workflow_id)

    async def create_schedule(
        self,
        schedule: str,
        workflow: str,
        cron: str,
        zone: str,
        queue: str,
        context: str | None,
        automatic_backfill: bool,
        max_recovery_attempts: int,
    ) -> dt.datetime:
        rows = await self._call(
            "select {schema}.create_schedule(%s, %s, %s, %s, %s, %s::json, %s, %s)",
            schedule,
            workflow,
            cron,
            zone,
            queue,
            context,
            automatic_backfill,
            max_recovery_attempts,
        )
        return rows[0][0]

    async def apply_schedules(self, schedules: str, create_queues: bool) -> list[tuple[str, str]]:
        return await self._call(
            "select schedule, outcome from {schema}.apply_schedules(%s::json, %s)", schedules, create_queues
        )

    async def list_schedules(self) -> list[Any]:
        return await self._call("select * from {schema}.list_schedules()")

    async def get_schedule(self, schedule: str) -> list[Any]:
        return await self._call("select * from {schema}.get_schedule(%s)", schedule)

    async def pause_schedule(self, schedule: str) -> None:
        await self._call("select {schema}.pause_schedule(%s)", schedule)

    async def resume_schedule(self, schedule: str) -> dt.datetime:
        return (await self._call("select {schema}.resume_schedule(%s)", schedule))[0][0]

    async def delete_schedule(self, schedule: str) -> None:
        await self._call("select {schema}.delete_schedule(%s)", schedule)

    async def trigger_schedule(self, schedule: str, at: dt.datetime) -> str:
        return (await self._call("select {schema}.trigger_schedule(%s, %s)", schedule, at))[0][0]

    async def backfill_schedule(
        self, schedule: str, since: dt.datetime, until: dt.datetime, most: int
    ) -> list[tuple[str, dt.datetime]]:
        return await self._call(
            "select workflow_id, tick from {schema}.backfill_schedule(%s, %s, %s, %s)",
            schedule,
            since,
            until,
            most,
        )

    async def cron_ticks(
        self, cron: str, zone: str, after: dt.datetime | None, many: int
    ) -> list[dt.datetime]:
        rows = await self._call(
            "with recursive line as (select %s::text as cron, %s::text as zone), ticks as ("
            " select 1 as item, {schema}.cron_next(cron, zone, coalesce(%s::timestamptz, now())) as at"
            " from line"
            " union all"
            " select item + 1, {schema}.cron_next(cron, zone, at) from ticks, line where item < %s"
            ") select at from ticks order by item",
            cron,
            zone,
            after,
            many,
        )
        return [at for (at,) in rows]

    async def record_steps(self, items: Sequence[StepItem]) -> list[Refusal | None]:
        """Records steps; for each None, or why it was not recorded."""
        rows = await self._call(
            "select item, outcome, name, output, error from {schema}.record_steps("
            "%s::bigint[], %s::bigint[], %s::int[], %s, %s::json[], %s::json[], %s::interval[])",
            [i.key for i in items],
            [i.token for i in items],
            [i.step for i in items],
            [i.name for i in items],
            [i.output for i in items],
            [i.error for i in items],
            [f"{i.seconds:.6f}" for i in items],
        )
        return _refusals(len(items), rows)

    async def fail_step(
        self,
        item: StepItem,
        attempt: int,
        max_attempts: int,
        interval: float,
        backoff: float,
        max_interval: float,
    ) -> tuple[float | None, str | None]:
        """Records a failed attempt; seconds until the next, or None and the step's final error."""
        ((retry_in, final_error),) = await self._call(
            "select extract(epoch from retry_in)::float8, final_error from {schema}.fail_step("
            "%s, %s, %s, %s, %s::json, %s, %s, %s, %s, %s)",
            item.key,
            item.token,
            item.step,
            item.name,
            item.error,
            attempt,
            max_attempts,
            dt.timedelta(seconds=interval),
            float(backoff),
            dt.timedelta(seconds=max_interval),
        )
        return retry_in, final_error

    async def finish_many(self, items: Sequence[FinishItem]) -> list[Refusal | None]:
        """Ends workflows; for each None, or why it was not ended."""
        rows = await self._call(
            "select item, outcome, status, output, error from {schema}.finish_many("
            "%s::bigint[], %s::bigint[], %s::json[], %s::json[])",
            [i.key for i in items],
            [i.token for i in items],
            [i.output for i in items],
            [i.error for i in items],
        )
        return _refusals(len(items), rows)

    async def suspend(self, key: int, token: int, delay: float) -> bool:
        """Puts a workflow down; False if it is not owned any more."""
        return not await self._call(
            "select item from {schema}.suspend_many(%s::bigint[], %s::bigint[], %s)",
            [key],
            [token],
            [dt.timedelta(seconds=delay)],
        )

    async def release(self, key: int, token: int, delay: float) -> bool:
        """Gives a workflow back to its queue; False if it is not owned any more."""
        return not await self._call(
            "select item from {schema}.release_many(%s::bigint[], %s::bigint[], %s)",
            [key],
            [token],
            [dt.timedelta(seconds=delay)],
        )

    # ----------------------------------------------------------------------------------- waiting

    async def sleep_many(self, items: Sequence[SleepItem]) -> list[Waited]:
        """Begins sleeps, or goes on with them."""
        rows = await self._call(
            "select outcome, name, null, coalesce(extract(epoch from wait_for), 0)::float8 from"
            " {schema}.sleep_many(%s::bigint[], %s::bigint[], %s::int[], %s::interval[], %s::boolean[])"
            " order by item",
            [i.key for i in items],
            [i.token for i in items],
            [i.step for i in items],
            [span(i.seconds) for i in items],
            [i.put_down for i in items],
        )
        return [Waited(*row) for row in rows]

    async def recv_many(self, items: Sequence[WaitItem]) -> list[Waited]:
        """Receives messages."""
        rows = await self._call(
            "select outcome, name, message, coalesce(extract(epoch from wait_for), 0)::float8 from"
            " {schema}.recv_many(%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::interval[],"
            " %s::boolean[]) order by item",
            [i.key for i in items],
            [i.token for i in items],
            [i.step for i in items],
            [i.name for i in items],
            [span(i.timeout) for i in items],
            [i.put_down for i in items],
        )
        return [Waited(*row) for row in rows]

    async def await_events(self, items: Sequence[WaitItem]) -> list[Waited]:
        """Waits for events of other workflows."""
        rows = await self._call(
            "select outcome, name, value, coalesce(extract(epoch from wait_for), 0)::float8 from"
            " {schema}.await_events(%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::text[],"
            " %s::interval[], %s::boolean[]) order by item",
            [i.key for i in items],
            [i.token for i in items],
            [i.step for i in items],
            [i.workflow_id for i in items],
            [i.name for i in items],
            [span(i.timeout) for i in items],
            [i.put_down for i in items],
        )
        return [Waited(*row) for row in rows]

    async def suspend_until_ended(self, key: int, token: int, workflow_ids: Sequence[str]) -> bool:
        """Puts a workflow down until one of these has ended; False if one has."""
        rows = await self._call(
            "select {schema}.suspend_until_ended(%s, %s, %s)", key, token, list(workflow_ids)
        )
        return rows[0][0]

    async def set_events(self, items: Sequence[EventItem]) -> list[Refusal | None]:
        """Sets events; for each None, or why it was not set."""
        rows = await self._call(
            "select item, outcome, name, null, null from {schema}.set_events("
            "%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::json[], %s::boolean[])",
            [i.key for i in items],
            [i.token for i in items],
            [i.step for i in items],
            [i.name for i in items],
            [i.value for i in items],
            [i.in_step for i in items],
        )
        return _refusals(len(items), rows)

    async def write_streams(self, items: Sequence[EventItem]) -> list[Refusal | None]:
        """Writes to streams; for each None, or why it was not written."""
        rows = await self._call(
            "select item, outcome, name, null, null from {schema}.write_streams("
            "%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::json[], %s::boolean[], %s::boolean[])",
            [i.key for i in items],
            [i.token for i in items],
            [i.step for i in items],
            [i.name for i in items],
            [i.value for i in items],
            [i.closes for i in items],
            [i.in_step for i in items],
        )
        return _refusals(len(items), rows)

    async def send_many(
        self,
        workflow_ids: Sequence[str],
        messages: Sequence[str],
        topics: Sequence[str | None],
        idempotency_keys: Sequence[str | None],
    ) -> int:
        """Sends messages; how many were new."""
        rows = await self._call(
            "select {schema}.send_many(%s::text[], %s::json[], %s::text[], %s::text[])",
            list(workflow_ids),
            list(messages),
            list(topics),
            list(idempotency_keys),
        )
        return rows[0][0]

    async def send_in_step(
        self,
        key: int,
        token: int,
        step: int,
        workflow_ids: Sequence[str],
        messages: Sequence[str],
        topics: Sequence[str | None],
        idempotency_keys: Sequence[str | None],
    ) -> None:
        """Sends messages, once for this step."""
        await self._call(
            "select {schema}.send_in_step(%s, %s, %s, %s::text[], %s::json[], %s::text[], %s::text[])",
            key,
            token,
            step,
            list(workflow_ids),
            list(messages),
            list(topics),
            list(idempotency_keys),
        )

    async def get_event(self, workflow_id: str, name: str) -> list[tuple[str | None]]:
        return await self._call("select value from {schema}.get_event(%s, %s)", workflow_id, name)

    async def get_all_events(self, workflow_id: str) -> list[tuple[str, str | None]]:
        return await self._call("select name, value from {schema}.get_all_events(%s)", workflow_id)

    async def read_stream(
        self, workflow_id: str, name: str, entry: int
    ) -> list[tuple[int, str | None, bool]]:
        return await self._call(
            "select entry, value, at_end from {schema}.read_stream(%s, %s, %s)", workflow_id, name, entry
        )

    async def watch(self, workflow_id: str, kind: str, name: str) -> bool:
        """Whether a notification will tell of a change."""
        return (await self._call("select {schema}.watch(%s, %s, %s)", workflow_id, kind, name))[0][0]

    # ----------------------------------------------------------------------------------- looking

    async def get_results(self, workflow_ids: Sequence[str], *, watch: bool) -> list[Outcome]:
        rows = await self._call(
            "select workflow_id, status, output, error from {schema}.get_results(%s, %s)",
            list(workflow_ids),
            watch,
        )
        return [Outcome(*row) for row in rows]

    async def get_workflow(self, workflow_id: str) -> Any:
        return await self._call(
            "select * from {schema}.get_workflow(%s)", workflow_id, row_factory=namedtuple_row
        )

    async def list_steps(self, workflow_id: str) -> Any:
        return await self._call(
            "select * from {schema}.list_steps(%s)", workflow_id, row_factory=namedtuple_row
        )


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
        return PerdureError(
            f"the database refuses: {message}. Grant the role of this program one of the roles"
            " <schema>_client, <schema>_worker, <schema>_operator"
        )
    return PerdureError(f"the database reports {error.sqlstate or 'an error'}: {message or error}")


def _is_passing(error: psycopg.Error) -> bool:
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


def _refusals(many: int, rows: Sequence[Any]) -> list[Refusal | None]:
    found: list[Refusal | None] = [None] * many
    for item, *rest in rows:
        found[item - 1] = Refusal(*rest)
    return found


def _array_or_none(values: list[T | None]) -> list[T | None] | None:
    return values if any(value is not None for value in values) else None


def _parent_arrays(parents: list[Any] | None) -> tuple[Any, Any, Any]:
    if parents is None:
        return None, None, None
    keys, tokens, steps = zip(*parents, strict=True)
    return list(keys), list(tokens), list(steps)
