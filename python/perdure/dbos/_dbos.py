"""`DBOS`: one app for the whole program, and its decorators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import psycopg
from psycopg import sql

from . import error
from ._app import App, Extras, database_url, migrate
from ._config import (
    check_config,
    database_of,
    executor_of,
    set_up_tracing,
    version_of,
)
from ._decorators import Decorators
from ._kafka import Consumer
from ._logging import set_up_logging
from ._queue import Queue, Queues
from ._registry import registry
from ._running import Running
from ._schedules import OwnSchedules
from ._shared import Shared
from ._starting import Starting
from ._steps import Steps
from ._twins import asks, drive, sync_of
from ._types import (
    DBOSConfig,
    KafkaOrdering,
    QueueConflictResolution,
    QueueRateLimit,
    WorkflowSerializationFormat,
)
from ._values import ValueCodec

F = TypeVar("F", bound=Callable[..., Any])

_DEFAULT = WorkflowSerializationFormat.DEFAULT


class _Calls(Decorators, Starting, Steps, Running, OwnSchedules, Queues, Shared, type):
    """The class of `DBOS`: its methods and properties are those of `DBOS` itself."""

    def _client(self) -> Extras:  # noqa: N804
        return registry.launched()

    def kafka_consumer(
        cls,
        config: dict[str, Any],
        topics: list[str],
        *,
        ordering: KafkaOrdering | None = None,
        batch_size: int = 250,
        queue_name: str | None = None,
    ) -> Callable[[F], F]:
        """Starts a workflow for each message of these topics, once; `config` is that of confluent-kafka.

        Args:
            ordering: "partition": the messages of each partition run one after the other; "topic": those of
            each topic.
            batch_size: how many messages are enqueued in one transaction at most.
            queue_name: where they wait; None: a queue for all messages.

        Raises:
            DBOSInitializationError: a setting is wrong, or another consumer would take its messages.
        """

        def decorate(func: F) -> F:
            consumer = Consumer(func, dict(config), list(topics), ordering or "none", batch_size, queue_name)
            registry.at_launch.append(consumer.begin)
            if instance is not None and registry.app is not None:
                instance.stops.append(consumer.begin(registry.app))
            return func

        return decorate

    def alert_handler(
        cls, func: Callable[[str, str, dict[str, str]], None]
    ) -> Callable[[str, str, dict[str, str]], None]:
        """Keeps the function, and never calls it: alerts come from the paid service. See `Perdure.alerts`."""
        if instance is None or registry.app is not None:
            raise error.DBOSException(
                "an alert handler is defined after DBOS(config=...) and before DBOS.launch()"
            )
        if instance.alerted is not None:
            raise error.DBOSException("there is an alert handler: there is one for all alerts")
        instance.alerted = func
        return func

    # --------------------------------------------------------------------------------- lifecycle

    def launch(cls) -> None:
        """Connects, installs or upgrades the engine, and begins to run workflows."""
        if instance is None:
            raise error.DBOSException("make an instance first: DBOS(config=...)")
        instance._launch()  # pyright: ignore[reportPrivateUsage]

    def destroy(cls, *, destroy_registry: bool = False, workflow_completion_timeout_sec: int = 0) -> None:
        """Stops running workflows, and disconnects; what has not ended goes on at the next launch.

        Args:
            destroy_registry: whether to forget what was decorated, too.
            workflow_completion_timeout_sec: how long what runs may take to end.
        """
        global instance
        stopped, instance = instance, None
        if stopped is not None:
            stopped._stop(workflow_completion_timeout_sec)  # pyright: ignore[reportPrivateUsage]
        if destroy_registry:
            registry.clear()

    def reset_system_database(
        cls, *, system_database_url: str | None = None, schema: str | None = None, truncate: bool = False
    ) -> None:
        """Drops the engine's schema with all that was recorded; before `launch`.

        Args:
            system_database_url, schema: which; None: as the config says.
            truncate: nothing: `launch` installs it anew.
        """
        if registry.app is not None:
            raise error.DBOSException(
                "the app is launched: reset before DBOS.launch(), or after DBOS.destroy()"
            )
        config = {} if instance is None else cast("dict[str, Any]", instance.config)
        url = database_url(system_database_url or config.get("system_database_url"))
        name = schema or config.get("dbos_system_schema") or "dbos"
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
                connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))
        except psycopg.OperationalError as failure:
            # Of a database that is not there nothing is to be dropped.
            if "does not exist" not in str(failure):
                raise

    def migrate(
        cls,
        system_database_url: str,
        *,
        schema: str = "dbos",
        application_role: str | None = None,
        sharding: bool = False,
    ) -> None:
        """Installs the engine, or upgrades it; see `run_dbos_database_migrations`."""
        run_dbos_database_migrations(
            system_database_url, schema=schema, application_role=application_role, sharding=sharding
        )

    # -------------------------------------------------------------------------------------- queues

    @asks
    async def register_queue_async(
        cls,
        name: str,
        *,
        worker_concurrency: int | None = None,
        global_concurrency: int | None = None,
        partition_concurrency: int | None = None,
        partition_worker_concurrency: int | None = None,
        partition_limiter: QueueRateLimit | None = None,
        limiter: QueueRateLimit | None = None,
        polling_interval_sec: float = 1.0,
        on_conflict: QueueConflictResolution = "update_if_latest_version",
        concurrency: int | None = None,
    ) -> Queue:
        """Makes a queue, or changes its limits; see `Queue`. on_conflict: "never_update" keeps what is
        there."""
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
        return await cls._register(name, on_conflict, limits)

    register_queue = sync_of(register_queue_async)

    def listen_queues(cls, queues: list[str] | tuple[str, ...]) -> None:
        """Which queues this process serves; before `launch`. Without it, all."""
        if registry.app is not None:
            raise error.DBOSException("the app is launched: call listen_queues before DBOS.launch()")
        if instance is None:
            raise error.DBOSException("make an instance first: DBOS(config=...)")
        if instance.listened is not None:
            raise error.DBOSException("listen_queues was called before: name all queues at once")
        instance.listened = [q.name if isinstance(q, Queue) else q for q in queues]

    @property
    def executor_id(cls) -> str:
        """Of this process."""
        return "" if instance is None else instance.executor_id

    @property
    def application_version(cls) -> str:
        """Of the code."""
        return "" if instance is None else instance.version()

    @property
    def shard_key(cls) -> str | None:
        """None: there are no shards."""
        return None


class DBOS(metaclass=_Calls):
    """Durable workflows, with the names of DBOS. One instance in a program, made with its config; what can
    be called on the class can be called on it.

        DBOS(config={"name": "shop", "system_database_url": "postgresql://localhost/shop"})
        DBOS.launch()

    Args:
        config: see `DBOSConfig`.
        conductor_url, conductor_key: accepted; there is no such service here.
    """

    def __new__(
        cls, *, config: DBOSConfig, conductor_url: str | None = None, conductor_key: str | None = None
    ) -> DBOS:
        global instance
        if instance is None:
            instance = super().__new__(cls)
        return instance

    def __init__(
        self, *, config: DBOSConfig, conductor_url: str | None = None, conductor_key: str | None = None
    ) -> None:
        if "config" in self.__dict__:
            return
        global instance
        try:
            check_config(config)
            key = conductor_key or config.get("conductor_key")
            set_up_logging({**config, "conductor_key": key}, executor_of(config))
        except BaseException:
            instance = None
            raise
        self.config = config
        self.alerted: Callable[..., None] | None = None
        self.listened: list[str] | None = None
        self.executor_id = executor_of(config)
        self.stops: list[Callable[[], None]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(type(self), name)

    def version(self) -> str:
        """Of the code: as given, or a hash of the workflows' sources."""
        return version_of(self.config, {name: made.fn for name, made in registry.workflows.items()})

    def _launch(self) -> None:
        if registry.app is not None:
            return
        config = self.config
        dsn, schema = database_of(config), config.get("dbos_system_schema") or "dbos"
        if config.get("run_migrations") is not False:
            migrate(dsn, schema)
        listen = config.get("use_listen_notify")
        app = App(
            dsn,
            schema=schema,
            name=self.executor_id,
            queues=self.listened,
            concurrency=config.get("max_executor_threads") or None,
            app_version=self.version(),
            listen=listen is not False,
            poll_interval=config.get("notification_listener_polling_interval_sec") or 1.0,
            max_connections=config.get("sys_db_pool_size") or 8,
        )
        app.codec = ValueCodec(config.get("serializer"))
        set_up_tracing(config, app)
        try:
            registry.bind(app)
            # Queues and schedules come first: what waits is claimed at once.
            for begin in list(registry.at_launch):
                stop = begin(app)
                if stop is not None:
                    self.stops.append(stop)
            drive(app.launch_async())
        except BaseException:
            self._stop(0)
            raise

    def _stop(self, timeout: float) -> None:
        app, registry.app = registry.app, None
        for stop in self.stops:
            stop()
        self.stops.clear()
        for made in registry.workflows.values():
            made.workflow = None
        if app is not None:
            drive(app.shutdown_async(timeout))
            app.stop_loops()


instance: DBOS | None = None


def run_dbos_database_migrations(
    system_database_url: str,
    *,
    schema: str = "dbos",
    application_role: str | None = None,
    sharding: bool = False,
) -> None:
    """Makes the database if there is none, and installs the engine there, or upgrades it.

    Args:
        system_database_url: of the database.
        schema: in which the engine lives.
        application_role: a role of Postgres that may then do what a worker and an operator do.
        sharding: nothing here.
    """
    url = database_url(system_database_url)
    migrate(url, schema)
    if application_role is not None:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            for role in ("worker", "operator"):
                connection.execute(
                    sql.SQL("grant {} to {}").format(
                        sql.Identifier(f"{schema}_{role}"), sql.Identifier(application_role)
                    )
                )
