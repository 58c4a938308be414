"""`DBOSClient`: a program that asks for workflows and looks at them, but runs none."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._errors import PerdureError
from .._schedules import ScheduleSettings
from . import error
from ._app import Extras, PlainClient, database_url
from ._enqueue import put
from ._handles import AsyncHandle, SyncHandle
from ._queue import Queue, Queues
from ._schedules import seconds_last
from ._shared import Shared
from ._twins import asks, drive, sync_of
from ._types import (
    ApplicationRowCounts,
    ClientScheduleInput,
    EnqueueOptions,
    QueueConflictResolution,
    QueueRateLimit,
    SendMessage,
    WorkflowHandle,
    WorkflowHandleAsync,
    WorkflowSerializationFormat,
)
from ._values import DEFAULT_SERIALIZER, Serializer, ValueCodec, as_format

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session

_DEFAULT = WorkflowSerializationFormat.DEFAULT


def _first_is_url(method: Callable[..., None]) -> Callable[..., None]:
    """Lets the URL be given without its name, as in earlier versions."""

    @functools.wraps(method)
    def init(self: Any, *url: str, **options: Any) -> None:
        named = {"system_database_url": url[0]} if len(url) == 1 else {}
        method(self, *(() if named else url), **named, **options)

    return init


class DBOSClient(Queues, Shared):
    """Enqueues workflows by their names, waits for results, and looks at what runs.

    Args:
        system_database_url: the database.
        system_database_engine: a SQLAlchemy engine, of which the URL is used.
        dbos_system_schema: where the engine is installed.
        serializer: as in the config of the app.
        system_database_pool_size: how many connections at most.
        use_listen_notify: nothing: it listens in any case.
        lazy: whether to connect at the first call only.
        application_name, retry_connection_errors, system_database_polling_concurrency,
        observability_query_timeout_sec, sys_db_idle_transaction_timeout_sec, sharding: nothing here.
    """

    @_first_is_url
    def __init__(
        self,
        *,
        system_database_url: str | None = None,
        system_database_engine: Engine | None = None,
        dbos_system_schema: str | None = "dbos",
        serializer: Serializer = DEFAULT_SERIALIZER,
        system_database_pool_size: int | None = None,
        system_database_polling_concurrency: int | None = None,
        use_listen_notify: bool = False,
        application_name: str | None = None,
        lazy: bool = False,
        retry_connection_errors: bool = True,
        observability_query_timeout_sec: float | None = None,
        sys_db_idle_transaction_timeout_sec: float | None = None,
        sharding: bool = False,
    ) -> None:
        url = system_database_url
        if url is None and system_database_engine is not None:
            url = system_database_engine.url.render_as_string(hide_password=False)
        self.perdure = PlainClient(
            database_url(url),
            schema=dbos_system_schema or "dbos",
            max_connections=system_database_pool_size or 4,
        )
        self.perdure.codec = ValueCodec(serializer)
        if not lazy:
            drive(self.perdure.list_queues_async())

    def _client(self) -> Extras:
        return self.perdure

    def destroy(self) -> None:
        """Disconnects."""
        drive(self.perdure.close_async())
        self.perdure.stop_loop()

    @asks
    async def check_connection_async(self) -> None:
        """Raises if the database cannot be reached."""
        await self.perdure.list_queues_async()

    check_connection = sync_of(check_connection_async)

    # -------------------------------------------------------------------------------- enqueueing

    def enqueue(self, options: EnqueueOptions, *args: Any, **kwargs: Any) -> WorkflowHandle[Any]:
        """Enqueues a workflow by its name."""
        return SyncHandle(drive(put(self.perdure, options, args, kwargs)), self.perdure)

    async def enqueue_async(
        self, options: EnqueueOptions, *args: Any, **kwargs: Any
    ) -> WorkflowHandleAsync[Any]:
        """`enqueue` for async code."""
        return AsyncHandle(await put(self.perdure, options, args, kwargs), self.perdure)

    def enqueue_in_transaction(
        self,
        conn_or_session: Connection | Session,
        options: EnqueueOptions,
        *args: Any,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """Enqueues a workflow in the caller's transaction: it is there once that commits."""
        with self._in(conn_or_session) as client:
            return SyncHandle(drive(put(client, options, args, kwargs)), self.perdure)

    def _in(self, conn_or_session: Connection | Session) -> contextlib.AbstractContextManager[Extras]:
        from ._borrowed import borrowed

        return borrowed(self.perdure, conn_or_session)

    # ----------------------------------------------------------------------------------- messages

    @asks
    async def send_async(
        self,
        destination_id: str,
        message: Any,
        topic: str | None = None,
        idempotency_key: str | None = None,
        *,
        serialization_type: WorkflowSerializationFormat | None = _DEFAULT,
        send_to_forks: bool = False,
        shard_key: str | None = None,
    ) -> None:
        """Sends a message to a workflow; with an idempotency key once."""
        await self._send(
            [SendMessage(destination_id, message, topic, idempotency_key)], serialization_type, send_to_forks
        )

    send = sync_of(send_async)

    def send_in_transaction(
        self,
        conn_or_session: Connection | Session,
        destination_id: str,
        message: Any,
        topic: str | None = None,
        idempotency_key: str | None = None,
        *,
        serialization_type: WorkflowSerializationFormat | None = _DEFAULT,
        send_to_forks: bool = False,
        shard_key: str | None = None,
    ) -> None:
        """Sends a message in the caller's transaction: it is there once that commits."""
        self.send_bulk_in_transaction(
            conn_or_session,
            [SendMessage(destination_id, message, topic, idempotency_key)],
            serialization_type=serialization_type,
            send_to_forks=send_to_forks,
        )

    def send_bulk_in_transaction(
        self,
        conn_or_session: Connection | Session,
        messages: list[SendMessage],
        *,
        serialization_type: WorkflowSerializationFormat | None = _DEFAULT,
        send_to_forks: bool = False,
    ) -> None:
        """Sends many messages in the caller's transaction."""
        entries = [
            (m.destination_id, as_format(m.message, serialization_type), m.topic, m.idempotency_key)
            for m in messages
        ]
        if send_to_forks:
            raise error.DBOSException(
                "in a transaction a message goes to the workflow itself: send to its forks each"
            )
        with self._in(conn_or_session) as client:
            _asking(lambda: drive(client.send_many_async(entries)))

    # ------------------------------------------------------------------------------------ handles

    @asks
    async def retrieve_workflow_async(
        self, workflow_id: str, *, shard_key: str | None = None
    ) -> WorkflowHandleAsync[Any]:
        """A handle to a workflow; DBOSNonExistentWorkflowError if there is none."""
        return await self._retrieve(workflow_id, True)

    retrieve_workflow = sync_of(retrieve_workflow_async)

    # ------------------------------------------------------------------------- queues, schedules

    @asks
    async def register_queue_async(
        self,
        name: str,
        *,
        global_concurrency: int | None = None,
        partition_concurrency: int | None = None,
        partition_worker_concurrency: int | None = None,
        partition_limiter: QueueRateLimit | None = None,
        limiter: QueueRateLimit | None = None,
        worker_concurrency: int | None = None,
        polling_interval_sec: float = 1.0,
        on_conflict: QueueConflictResolution = "always_update",
        application_name: str | None = None,
        concurrency: int | None = None,
    ) -> Queue:
        """Makes a queue, or changes its limits; see `Queue`."""
        limits: dict[str, Any] = {
            "worker_concurrency": worker_concurrency,
            "global_concurrency": global_concurrency,
            "partition_concurrency": partition_concurrency,
            "partition_worker_concurrency": partition_worker_concurrency,
            "partition_limiter": partition_limiter,
            "limiter": limiter,
            "polling_interval_sec": polling_interval_sec,
            "concurrency": concurrency,
        }
        return await self._register(name, on_conflict, limits)

    register_queue = sync_of(register_queue_async)

    @asks
    async def create_schedule_async(
        self,
        *,
        schedule_name: str,
        workflow_name: str,
        schedule: str,
        context: Any = None,
        workflow_class_name: str | None = None,
        automatic_backfill: bool = False,
        cron_timezone: str | None = None,
        queue_name: str | None = None,
        application_name: str | None = None,
        shard_key: str | None = None,
    ) -> None:
        """Has the clock start a workflow with the scheduled time and the context."""
        if queue_name is not None:
            await self.perdure.know_queue(queue_name, False)
        await self.perdure.create_schedule_async(
            schedule_name,
            workflow_name,
            seconds_last(schedule),
            zone=cron_timezone or "UTC",
            queue=queue_name,
            context=context,
            automatic_backfill=automatic_backfill,
        )

    create_schedule = sync_of(create_schedule_async)

    @asks
    async def apply_schedules_async(self, schedules: list[ClientScheduleInput]) -> None:
        """Makes schedules, or gives those that exist these settings; all of them or none."""
        settings = [
            ScheduleSettings(
                s.get("schedule_name", ""),
                s.get("workflow_name", ""),
                seconds_last(s.get("schedule", "")),
                s.get("cron_timezone") or "UTC",
                s.get("queue_name"),
                s.get("context"),
                s.get("automatic_backfill", False),
            )
            for s in schedules
        ]
        await self.perdure.apply_schedules_async(settings, create_queues=True)

    apply_schedules = sync_of(apply_schedules_async)

    @asks
    async def rename_application_async(
        self,
        old_name: str | None,
        new_name: str,
        *,
        batch_size: int | None = 10000,
        adopt_unclaimed_rows: bool = False,
    ) -> ApplicationRowCounts:
        """Gives all that belongs to an application to another name."""
        found = await self.perdure.rename_application_async(old_name, new_name)
        return {"workflows": found.workflows, "queues": found.queues, "schedules": found.schedules}

    rename_application = sync_of(rename_application_async)


def _asking(call: Callable[[], None]) -> None:
    from ._errors import translated

    try:
        call()
    except PerdureError as failure:
        raise translated(failure) from failure
