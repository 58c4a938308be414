"""The engine's app and client, with what programs written for DBOS ask of them."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Generator, Sequence
from typing import Any

import psycopg
from psycopg import conninfo, sql

from .._app import Perdure
from .._calls import read_call
from .._client import Client
from .._engine import StartItem
from .._enqueue import start_item
from .._errors import DeduplicationConflict, PerdureError, QueueInUse, WorkflowNotFound
from .._install import install
from .._loop import running_loop
from .._options import EnqueueOptions
from .._run import calling_run, current_run
from .._tracing import UNTRACED
from . import error
from ._context import in_given_trace
from ._errors import translated
from ._handles import is_in_use, read_status
from ._twins import UserLoop

IN_USE = "reject"


def database_url(url: str | None) -> str:
    """The URL of a database as libpq takes it.

    Raises:
        DBOSInitializationError: it is none of Postgres.
    """
    if not url:
        raise error.DBOSInitializationError(
            "which database? Give system_database_url in the config, or set DBOS_SYSTEM_DATABASE_URL"
        )
    found = re.sub(r"^(postgres(ql)?)\+\w+://", "postgresql://", url)
    if not found.startswith(("postgresql://", "postgres://")) and "=" not in found:
        raise error.DBOSInitializationError(
            f"this is Postgres only: give postgresql://user:password@host/database, not"
            f" {found.split(':')[0]}:..."
        )
    return found


def migrate(url: str, schema: str) -> None:
    """Makes the database if there is none, and installs the engine there, or upgrades it.

    Raises:
        DBOSInitializationError: the database refuses.
    """
    try:
        try:
            psycopg.connect(url, connect_timeout=10).close()
        except psycopg.OperationalError as failure:
            if "does not exist" not in str(failure):
                raise
            _create_database(url)
        install(url, schema)
    except (psycopg.Error, PerdureError) as failure:
        raise error.DBOSInitializationError(str(failure)) from failure


def _create_database(url: str) -> None:
    name = conninfo.conninfo_to_dict(url).get("dbname")
    other = conninfo.make_conninfo(url, dbname="postgres")
    with (
        contextlib.suppress(psycopg.errors.DuplicateDatabase),
        psycopg.connect(other, autocommit=True, connect_timeout=10) as connection,
    ):
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(str(name))))


class Extras(Client):
    """What a client can do besides."""

    def _begin(self) -> None:
        # Never the loop of the program: sync calls may block that, as they may with DBOS.
        self._loop.start_thread()

    @property
    def engine_loop(self) -> asyncio.AbstractEventLoop:
        """The loop that the engine runs on."""
        return self._loop.loop

    async def put(
        self,
        workflow: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: EnqueueOptions,
        reuse_policy: str | None = None,
    ) -> str:
        """Enqueues a workflow; in a workflow as a child.

        Returns:
            Its id.

        Raises:
            DBOSException: it was not enqueued.
        """
        try:
            await self.refuse_used(options.workflow_id, reuse_policy)
            if options.queue is not None:
                await self.know_queue(options.queue, options.partition_key is not None)
            with in_given_trace() as trace:
                return await self._put(workflow, args, kwargs, options, trace)
        except DeduplicationConflict as failure:
            raise error.DBOSQueueDeduplicatedError(
                options.workflow_id or "", options.queue or "", options.deduplication_id or ""
            ) from failure
        except PerdureError as failure:
            raise translated(failure, options.workflow_id) from failure

    async def _put(
        self,
        workflow: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: EnqueueOptions,
        trace: str | None,
    ) -> str:
        item = start_item(self.codec, read_call(workflow, args, kwargs), options)._replace(trace=trace)
        with self._enqueueing(item, options) as given:
            return await self._ask(lambda: self._engine.enqueue(options, given))

    @contextlib.contextmanager
    def _enqueueing(self, item: StartItem, options: EnqueueOptions) -> Generator[StartItem]:
        with UNTRACED if self.tracing is None else self.tracing.enqueueing(item.name, options.queue) as trace:
            yield item if trace is None else item._replace(trace=trace)

    async def debounced(
        self,
        workflow: Any,
        key: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: EnqueueOptions,
        delay: float,
        most: float | None,
    ) -> str:
        """Starts a workflow once the calls with this key have been quiet; its id."""
        with in_given_trace() as trace:
            item = start_item(self.codec, read_call(workflow, args, kwargs), options)._replace(trace=trace)
            with self._enqueueing(item, options) as given:
                return await self._ask(lambda: self._engine.debounce(given, options, key, delay, most))

    async def has_queue(self, name: str) -> bool:
        """Whether there is a queue of this name; asked until there is."""
        known: set[str] = self.__dict__.setdefault("known_queues", {"default"})
        if name not in known:
            known |= {queue.name for queue in await self.list_queues_async()}
        return name in known

    async def refuse_used(self, workflow_id: str | None, policy: str | None) -> None:
        """Raises DBOSWorkflowIDInUseError if the id is in use and that is to be refused."""
        if policy == IN_USE and workflow_id is not None and calling_run() is None:
            with contextlib.suppress(WorkflowNotFound):
                raise is_in_use(read_status(await self.get_workflow_async(workflow_id)))

    async def know_queue(self, name: str, has_partitions: bool) -> None:
        """Makes a queue that was not registered: DBOS keeps what waits there until it is."""
        known: set[str] = self.__dict__.setdefault("known_queues", {"default"})
        if name not in known:
            with contextlib.suppress(QueueInUse):
                await self.register_queue_async(name, partitioned=has_partitions)
            known.add(name)

    async def first_ended(self, workflow_ids: Sequence[str]) -> str:
        """The first of these workflows that has ended."""

        async def wait() -> str:
            tasks = {w: asyncio.create_task(self._results.wait(w, None)) for w in workflow_ids}
            try:
                await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
                done = next(w for w, task in tasks.items() if task.done())
                tasks[done].result()
                return done
            finally:
                for task in tasks.values():
                    task.cancel()

        return await self._on_engine(wait)

    async def event_of(self, workflow_id: str, key: str, seconds: float) -> Any:
        """The value of an event; None if it is not set in that time, or there is no such workflow."""
        until = time.monotonic() + seconds
        if calling_run() is not None:
            return await self.get_event_async(workflow_id, key, seconds)
        while True:
            try:
                return await self.get_event_async(workflow_id, key, max(0.0, until - time.monotonic()))
            except WorkflowNotFound:
                left = until - time.monotonic()
                if left <= 0:
                    return None
                await self._on_engine(lambda left=left: asyncio.sleep(min(0.2, left)))

    async def stream_from(
        self, workflow_id: str, key: str, offset: int, timeout: float | None
    ) -> tuple[list[Any], bool]:
        """The values of a stream from there on, when there are any, and whether no more will come.

        Raises:
            DBOSStreamTimeoutError: none came in that time.
            DBOSNonExistentWorkflowError: there is no such workflow.
        """

        async def look() -> list[tuple[int, str | None, bool]]:
            return await self._engine.read_stream(workflow_id, key, offset)

        async def wait() -> tuple[list[Any], bool]:
            rows = await self._watching(look, workflow_id, "stream", key, timeout)
            if not rows:
                raise error.DBOSStreamTimeoutError(workflow_id, key, timeout)
            return [self.codec.loads(value) for _, value, at_end in rows if not at_end], rows[-1][2]

        try:
            return await self._on_engine(wait)
        except WorkflowNotFound as failure:
            raise translated(failure, workflow_id) from failure


class PlainClient(Extras):
    """A client for `DBOSClient`."""

    def stop_loop(self) -> None:
        """Ends the thread of its loop, once it is closed."""
        self._loop.stop()


class App(Extras, Perdure):
    """The app behind `DBOS`."""

    def __init__(self, dsn: str, **options: Any) -> None:
        super().__init__(dsn, **options)
        self.user_loop = UserLoop()

    async def _put(
        self,
        workflow: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: EnqueueOptions,
        trace: str | None,
    ) -> str:
        if current_run.get() is None:
            return await super()._put(workflow, args, kwargs, options, trace)
        given = start_item(self.codec, read_call(workflow, args, kwargs), options)._replace(trace=trace)
        item, _ = self._child_or_not(given, options.workflow_id)
        if isinstance(item, str):
            return item
        with self._enqueueing(item, options) as child:
            child_id, _ = await self._launched().children.put((options.shared(), child))
        return child_id

    async def begin(
        self,
        workflow: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: EnqueueOptions,
        reuse_policy: str | None = None,
        *,
        background: bool,
    ) -> Any:
        """Starts a workflow here: its id if it is to run in the background, else its result."""
        try:
            await self.refuse_used(options.workflow_id, reuse_policy)
            with in_given_trace():
                found = await self._start_found(workflow, args, kwargs, options, background=background)
        except PerdureError as failure:
            raise translated(failure, options.workflow_id, awaited=not background) from failure
        return found.workflow_id if background else found

    async def _start_found(
        self,
        workflow: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: EnqueueOptions,
        *,
        background: bool,
    ) -> Any:
        # A bound method of a workflow is what it is called on, and the workflow.
        target = getattr(workflow, "__self__", None)
        if target is not None:
            workflow, args = workflow.__func__, (target, *args)
        return await self._start(workflow, args, kwargs, options, background=background)

    @property
    def app_version(self) -> str | None:
        """The version of what is started here."""
        return self._app_version

    def stop_loops(self) -> None:
        """Ends the threads of the loops, once it is shut down."""
        self._loop.stop()
        self._stop_server()
        self.user_loop.stop()

    def forget(self, name: str) -> None:
        """Lets the name of a workflow be given again."""
        self._workflows.pop(name, None)

    def is_on_engine(self) -> bool:
        """Whether this runs on the engine's loop, which must not be blocked."""
        return running_loop() is self._loop.loop
