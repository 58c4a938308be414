"""`DBOS`: one app for the whole program, and its decorators."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast, overload

import psycopg
from psycopg import sql

from .._loop import run_sync
from .._manage import calling_run
from .._run import Run, current_run, inside_step
from .._schedules import ScheduleSettings
from . import error
from ._app import App, Extras, database_url, migrate
from ._config import (
    check_config,
    database_of,
    executor_of,
    logger,
    set_up_logging,
    set_up_tracing,
    version_of,
)
from ._context import Identity, identity
from ._enqueue import put
from ._handles import AsyncHandle, SyncHandle, in_step, status_of
from ._kafka import Consumer
from ._queue import Queue, Queues
from ._registry import (
    MARK,
    ROLES,
    Registered,
    StepSpec,
    enqueue,
    make_step,
    make_workflow,
    registry,
    start,
    step_status,
)
from ._shared import Shared
from ._twins import asks, drive, refuse_running_loop, sync_of
from ._types import (
    DBOSConfig,
    EnqueueOptions,
    KafkaOrdering,
    QueueConflictResolution,
    QueueRateLimit,
    ScheduledWorkflow,
    ScheduleInput,
    SendMessage,
    StepOptions,
    StepStatus,
    ValidateArgsCallable,
    WorkflowHandle,
    WorkflowHandleAsync,
    WorkflowSerializationFormat,
    WorkflowStatus,
)
from ._validators import make_pydantic_args_validator, pydantic_args_validator
from ._values import ValueCodec, as_format

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_DEFAULT = WorkflowSerializationFormat.DEFAULT


class _Calls(Queues, Shared, type):
    """The class of `DBOS`: its methods and properties are those of `DBOS` itself."""

    def _client(self) -> Extras:  # noqa: N804
        return registry.launched()

    # -------------------------------------------------------------------------------- decorators

    def workflow(
        cls,
        *,
        name: str | None = None,
        max_recovery_attempts: int | None = 100,
        serialization_type: WorkflowSerializationFormat | None = None,
        validate_args: ValidateArgsCallable | None = None,
        auto_upgrade: bool | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Makes a function a workflow: it goes on from its last recorded step after any failure.

        Args:
            name: under which it is stored; None: the function's qualified name.
            max_recovery_attempts: how often it may be taken over from a worker that died.
            serialization_type: PORTABLE: what it takes and gives is written as portable JSON.
            validate_args: checks its arguments, and gives those to use.
            auto_upgrade: nothing here: a workflow stays with its version.
        """

        def decorate(func: Callable[P, R]) -> Callable[P, R]:
            checks = validate_args
            if checks is pydantic_args_validator:
                checks = make_pydantic_args_validator(func)
            made = Registered(
                func,
                name or func.__qualname__,
                func,
                2**31 - 1 if max_recovery_attempts is None else max_recovery_attempts,
                serialization_type,
                checks,
            )
            wrapper = make_workflow(made)
            registry.add(made)
            return cast("Callable[P, R]", wrapper)

        return decorate

    def step(
        cls,
        *,
        name: str | None = None,
        retries_allowed: bool = False,
        interval_seconds: float = 1.0,
        max_attempts: int = 3,
        backoff_rate: float = 2.0,
        should_retry: Callable[[BaseException], bool | Awaitable[bool]] | None = None,
        preemptible: bool = False,
        timeout_seconds: float | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Makes a function a step: in a workflow its result, or its error, is recorded once.

        Args:
            name: under which it is recorded; None: the function's qualified name.
            retries_allowed: whether it is tried again when it raises, `max_attempts` times in all.
            interval_seconds, backoff_rate: retry n waits interval_seconds * backoff_rate ** (n - 1), at
            most an hour.
            should_retry: asked with the error whether to try again.
            preemptible: for an async function: it is cancelled at once when its workflow is.
            timeout_seconds: for an async function: how long an attempt may take.
        """

        def decorate(func: Callable[P, R]) -> Callable[P, R]:
            spec = StepSpec(
                func,
                name,
                retries_allowed,
                interval_seconds,
                max_attempts,
                backoff_rate,
                should_retry,
                preemptible,
                timeout_seconds,
            )
            return cast("Callable[P, R]", make_step(spec))

        return decorate

    def dbos_class(cls, class_name: str | None = None) -> Callable[[type[T]], type[T]]:
        """Makes the methods of a class that are workflows known."""

        def decorate(decorated: type[T]) -> type[T]:
            registry.add_class(decorated, class_name)
            return decorated

        return decorate

    def required_roles(cls, roles: list[str]) -> Callable[[F], F]:
        """Lets a workflow run only on behalf of a user who has one of these roles."""

        def decorate(func: F) -> F:
            setattr(func, ROLES, list(roles))
            made: Registered | None = getattr(func, MARK, None)
            if made is not None:
                setattr(made.fn, ROLES, list(roles))
                if made.workflow is not None:
                    made.workflow.required_roles = tuple(roles)
            return func

        return decorate

    def default_required_roles(cls, roles: list[str]) -> Callable[[type[T]], type[T]]:
        """The required roles of the workflows of a class that have none of their own."""

        def decorate(decorated: type[T]) -> type[T]:
            setattr(decorated, ROLES, list(roles))
            if decorated in registry.classes:
                registry.add_class(decorated, registry.classes[decorated])
            return decorated

        return decorate

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

    # ----------------------------------------------------------------------------------- starting

    def start_workflow(cls, func: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> WorkflowHandle[R]:
        """Starts a workflow, or a step as one, in this process, in the background."""
        return SyncHandle(drive(start(func, args, kwargs)), registry.launched())

    async def start_workflow_async(
        cls, func: Callable[P, Coroutine[Any, Any, R]], *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandleAsync[R]:
        """`start_workflow` for async code."""
        return AsyncHandle(await start(func, args, kwargs), registry.launched())

    def enqueue_workflow(
        cls, queue_name: str, func: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandle[R]:
        """Enqueues a workflow, or a step as one; some process that serves the queue runs it."""
        return SyncHandle(drive(enqueue(queue_name, func, args, kwargs)), registry.launched())

    async def enqueue_workflow_async(
        cls, queue_name: str, func: Callable[P, Coroutine[Any, Any, R]], *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandleAsync[R]:
        """`enqueue_workflow` for async code."""
        return AsyncHandle(await enqueue(queue_name, func, args, kwargs), registry.launched())

    def enqueue_workflow_with_options(
        cls, options: EnqueueOptions, *args: Any, **kwargs: Any
    ) -> WorkflowHandle[Any]:
        """Enqueues a workflow by its name."""
        return SyncHandle(drive(put(registry.launched(), options, args, kwargs)), registry.launched())

    async def enqueue_workflow_with_options_async(
        cls, options: EnqueueOptions, *args: Any, **kwargs: Any
    ) -> WorkflowHandleAsync[Any]:
        """`enqueue_workflow_with_options` for async code."""
        return AsyncHandle(await put(registry.launched(), options, args, kwargs), registry.launched())

    # -------------------------------------------------------------------------------------- steps

    @overload
    def run_step(
        cls,
        dbos_step_options: StepOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...

    @overload
    def run_step(
        cls,
        dbos_step_options: StepOptions | None,
        func: Callable[P, R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...

    def run_step(
        cls, dbos_step_options: StepOptions | None, func: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Runs any function as a step of the workflow; elsewhere it is only called."""
        refuse_running_loop("run_step", "run_step_async")
        return run_sync(_run_step(None, dbos_step_options, func, args, kwargs), "run_step_async")

    @overload
    async def run_step_async(
        cls,
        dbos_step_options: StepOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...

    @overload
    async def run_step_async(
        cls,
        dbos_step_options: StepOptions | None,
        func: Callable[P, R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...

    async def run_step_async(
        cls, dbos_step_options: StepOptions | None, func: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        """`run_step` for async workflows."""
        return await _run_step(None, dbos_step_options, func, args, kwargs)

    def reserve_step(cls) -> StepReservation:
        """Takes the next number of a step now, for a step that is run later.

        Raises:
            DBOSException: not called by the code of a workflow.
        """
        return StepReservation(_running("reserve_step"))

    async def asyncio_wait(
        cls,
        fs: list[Awaitable[Any]],
        *,
        timeout: float | None = None,
        return_when: str = "ALL_COMPLETED",
    ) -> tuple[set[asyncio.Task[Any]], set[asyncio.Task[Any]]]:
        """`asyncio.wait` for workflows: which were done is a step, so that a replay sees the same."""
        tasks: list[asyncio.Task[Any]] = [asyncio.ensure_future(cast("Any", f)) for f in fs]

        async def wait() -> list[int]:
            done, _ = await asyncio.wait(tasks, timeout=timeout, return_when=return_when)
            return [i for i, task in enumerate(tasks) if task in done]

        found = await in_step("DBOS.asyncio_wait", wait)
        done = {tasks[i] for i in found}
        if done:
            await asyncio.wait(done)
        return done, set(tasks) - done

    # ------------------------------------------------------------------------------ handles, results

    @asks
    async def retrieve_workflow_async(
        cls, workflow_id: str, existing_workflow: bool = True, *, shard_key: str | None = None
    ) -> WorkflowHandleAsync[Any]:
        """A handle to a workflow; DBOSNonExistentWorkflowError if there is none, unless that is no matter."""
        return await cls._retrieve(workflow_id, existing_workflow)

    retrieve_workflow = sync_of(retrieve_workflow_async)

    @asks
    async def get_result_async(cls, workflow_id: str, *, shard_key: str | None = None) -> Any | None:
        """What a workflow returned, when it has ended; raises what it raised."""
        return await cls._result(workflow_id)

    get_result = sync_of(get_result_async)

    @asks
    async def get_workflow_status_async(
        cls, workflow_id: str, *, shard_key: str | None = None
    ) -> WorkflowStatus | None:
        """All about a workflow; None if there is none of this id."""
        return await status_of(registry.launched(), workflow_id)

    get_workflow_status = sync_of(get_workflow_status_async)

    # ---------------------------------------------------------------------- messages, events, streams

    @asks
    async def send_async(
        cls,
        destination_id: str,
        message: Any,
        topic: str | None = None,
        *,
        idempotency_key: str | None = None,
        serialization_type: WorkflowSerializationFormat | None = _DEFAULT,
        send_to_forks: bool = False,
        shard_key: str | None = None,
    ) -> None:
        """Sends a message to a workflow; with an idempotency key once. `send_to_forks`: to its forks, too."""
        await cls._send(
            [SendMessage(destination_id, message, topic, idempotency_key)], serialization_type, send_to_forks
        )

    send = sync_of(send_async)

    @asks
    async def send_bulk_async(
        cls,
        messages: list[SendMessage],
        *,
        serialization_type: WorkflowSerializationFormat | None = _DEFAULT,
        send_to_forks: bool = False,
    ) -> None:
        """Sends many messages in one transaction."""
        await cls._send(messages, serialization_type, send_to_forks)

    send_bulk = sync_of(send_bulk_async)

    @asks
    async def recv_async(cls, topic: str | None = None, timeout_seconds: float = 60) -> Any:
        """The next message of this topic; None if none comes in that time."""
        _running("recv")
        return await registry.launched().recv_async(topic, timeout=timeout_seconds)

    recv = sync_of(recv_async)

    @asks
    async def set_event_async(
        cls, key: str, value: Any, *, serialization_type: WorkflowSerializationFormat = _DEFAULT
    ) -> None:
        """Sets an event of this workflow; in a workflow, or a step of it."""
        _running("set_event", in_steps=True)
        await registry.launched().set_event_async(key, as_format(value, serialization_type))

    set_event = sync_of(set_event_async)

    @asks
    async def get_all_events_async(cls, workflow_id: str, *, shard_key: str | None = None) -> dict[str, Any]:
        """The events of a workflow with their latest values."""
        from .._errors import WorkflowNotFound

        async def ask() -> dict[str, Any]:
            try:
                return await registry.launched().get_all_events_async(workflow_id)
            except WorkflowNotFound:
                return {}

        return await in_step("DBOS.get_events", ask)

    get_all_events = sync_of(get_all_events_async)

    @asks
    async def write_stream_async(
        cls, key: str, value: Any, *, serialization_type: WorkflowSerializationFormat = _DEFAULT
    ) -> None:
        """Writes to a stream of this workflow; in a workflow, or a step of it."""
        _running("write_stream", in_steps=True)
        await registry.launched().write_stream_async(key, as_format(value, serialization_type))

    write_stream = sync_of(write_stream_async)

    @asks
    async def close_stream_async(cls, key: str) -> None:
        """Ends a stream of this workflow."""
        _running("close_stream", in_steps=True)
        await registry.launched().close_stream_async(key)

    close_stream = sync_of(close_stream_async)

    @asks
    async def sleep_async(cls, seconds: float) -> None:
        """Sleeps; in a workflow until a moment that is recorded."""
        if seconds <= 0:
            return
        if calling_run() is None:
            if inside_step.get() == 0 and current_run.get() is None:
                raise error.DBOSException("`sleep` is for workflows")
            await asyncio.sleep(seconds)
            return
        await registry.launched().sleep_async(seconds)

    def sleep(cls, seconds: float) -> None:
        """Sleeps; in a workflow until a moment that is recorded."""
        refuse_running_loop("sleep", "sleep_async")
        if inside_step.get() and current_run.get() is not None:
            time.sleep(max(0.0, seconds))
        else:
            run_sync(cls.sleep_async(seconds), "sleep_async")

    # ------------------------------------------------------------------------------------- patches

    @asks
    async def patch_async(cls, patch_name: str) -> bool:
        """Whether this run takes the new way; recorded as a step."""
        _running("patch")
        return await registry.launched().patch_async(patch_name)

    patch = sync_of(patch_async)

    @asks
    async def deprecate_patch_async(cls, patch_name: str) -> bool:
        """Stands where `patch` stood when no run of the old code is left; True."""
        _running("deprecate_patch")
        await registry.launched().deprecate_patch_async(patch_name)
        return True

    deprecate_patch = sync_of(deprecate_patch_async)

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

    # ----------------------------------------------------------------------------------- schedules

    @asks
    async def create_schedule_async(
        cls,
        *,
        schedule_name: str,
        workflow_fn: ScheduledWorkflow,
        schedule: str,
        context: Any = None,
        automatic_backfill: bool = False,
        cron_timezone: str | None = None,
        queue_name: str | None = None,
        shard_key: str | None = None,
    ) -> None:
        """Has the clock start a workflow with the scheduled time and the context.

        Raises:
            DBOSException: there is a schedule of this name, or the cron line cannot be read.
        """
        _, workflow = registry.find(workflow_fn)
        app = registry.launched()
        if queue_name is not None:
            await app.know_queue(queue_name, False)

        async def create() -> None:
            await app.create_schedule_async(
                schedule_name,
                workflow,
                schedule,
                zone=cron_timezone or "UTC",
                queue=queue_name,
                context=context,
                automatic_backfill=automatic_backfill,
            )

        await in_step("DBOS.createSchedule", create)

    create_schedule = sync_of(create_schedule_async)

    @asks
    async def apply_schedules_async(cls, schedules: list[ScheduleInput]) -> None:
        """Makes schedules, or gives those that exist these settings; all of them or none."""
        if calling_run() is not None:
            raise error.DBOSException("`apply_schedules` is not for workflows: call it in a step")
        settings: dict[str, ScheduleSettings] = {}
        for given in schedules:
            missing = {"schedule_name", "workflow_fn", "schedule"} - given.keys()
            if missing:
                raise error.DBOSException(f"a schedule needs {', '.join(sorted(missing))}")
            found: dict[str, Any] = {
                "context": None,
                "automatic_backfill": False,
                **cast("dict[str, Any]", given),
            }
            # Of two with one name the last one holds.
            settings[found["schedule_name"]] = ScheduleSettings(
                found["schedule_name"],
                registry.find(found["workflow_fn"])[1],
                found["schedule"],
                found.get("cron_timezone") or "UTC",
                found.get("queue_name"),
                found["context"],
                found["automatic_backfill"],
            )
        await registry.launched().apply_schedules_async(list(settings.values()), create_queues=True)

    apply_schedules = sync_of(apply_schedules_async)

    # ------------------------------------------------------------------------------------ properties

    @property
    def workflow_id(cls) -> str | None:
        """The id of the running workflow; None elsewhere."""
        run = current_run.get()
        return None if run is None else run.workflow_id

    @property
    def step_id(cls) -> int | None:
        """The number of the running step; None elsewhere."""
        return inside_step.get() or None

    @property
    def step_status(cls) -> StepStatus | None:
        """Where the running step is; None elsewhere."""
        return step_status.get() if inside_step.get() else None

    @property
    def authenticated_user(cls) -> str | None:
        """On whose behalf the code runs."""
        return _who()[0]

    @property
    def authenticated_roles(cls) -> list[str] | None:
        """The roles of that user."""
        return _who()[1]

    @property
    def assumed_role(cls) -> str | None:
        """The role in which that user acts."""
        run = current_run.get()
        return None if run is None else run.authority.assumed_role

    def set_authentication(
        cls, authenticated_user: str | None, authenticated_roles: list[str] | None
    ) -> None:
        """On whose behalf workflows are started from here on, in this context."""
        identity.set(Identity(authenticated_user, tuple(authenticated_roles or ())))

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

    @property
    def logger(cls) -> logging.Logger:
        """For what the program logs."""
        return logger

    @property
    def span(cls) -> Any:
        """The OpenTelemetry span of the code that runs.

        Raises:
            DBOSException: OpenTelemetry is not installed.
        """
        return _telemetry().get_current_span()

    @property
    def tracer(cls) -> Any:
        """An OpenTelemetry tracer; None if that is not installed."""
        try:
            return _telemetry().get_tracer("perdure")
        except error.DBOSException:
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
            set_up_logging({**config, "conductor_key": conductor_key or config.get("conductor_key")})
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
            concurrency=config.get("max_executor_threads") or 200,
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


class StepReservation:
    """A number of a step that was taken for a step that is run later. Made by `DBOS.reserve_step`."""

    def __init__(self, step_ctx: Any) -> None:
        self._run: Run = step_ctx
        self._step_id, self._recorded = step_ctx.reserve_step()
        self._used = False

    @property
    def step_id(self) -> int:
        """The number."""
        return self._step_id

    def run(
        self,
        dbos_step_options: StepOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]] | Callable[P, R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Runs a function as that step; see `DBOS.run_step`."""
        refuse_running_loop("run", "run_async")
        return run_sync(self._call(dbos_step_options, func, args, kwargs), "run_async")

    async def run_async(
        self,
        dbos_step_options: StepOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]] | Callable[P, R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """`run` for async workflows."""
        return await self._call(dbos_step_options, func, args, kwargs)

    async def _call(
        self, options: StepOptions | None, func: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> Any:
        if self._used:
            raise error.DBOSException(f"step {self._step_id} was run already: reserve one for each step")
        self._used = True
        reserved = _ReservedRun(self._run, self._step_id, self._recorded)
        return await _run_step(cast("Run", reserved), options, func, args, kwargs)


class _ReservedRun:
    """A run whose next step has the number that was reserved."""

    def __init__(self, run: Run, number: int, recorded: Any) -> None:
        self.__dict__.update(_run=run, _number=number, _step=recorded)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_run"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["_run"], name, value)

    def begin_step(self, name: str) -> Any:
        """The number that was reserved, and what is recorded of it."""
        run, recorded = self.__dict__["_run"], self.__dict__["_step"]
        run.check()
        if recorded is not None and recorded.name != name:
            raise error.DBOSUnexpectedStepError(run.workflow_id, recorded.step, name, recorded.name)
        return self.__dict__["_number"], recorded


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


async def _run_step(
    run: Run | None,
    options: StepOptions | None,
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    found = run or calling_run()
    if found is None:
        value: Any = func(*args, **kwargs)
        return await value if inspect.isawaitable(value) else value
    spec = StepSpec(func, **cast("dict[str, Any]", options or {}))
    return await spec.run(found, args, kwargs)


def _running(call: str, *, in_steps: bool = False) -> Any:
    """The running workflow.

    Raises:
        DBOSException: none runs here.
    """
    run = current_run.get() if in_steps else calling_run()
    if run is None:
        raise error.DBOSException(f"`{call}` is for workflows{' and their steps' if in_steps else ''}")
    return run


def _who() -> tuple[str | None, list[str] | None]:
    said, run = identity.get(), current_run.get()
    if said.user is not None or said.roles or run is None:
        return said.user, list(said.roles) if said.roles else None
    roles = run.authority.roles
    return run.authority.user, None if roles is None else list(roles)


def _telemetry() -> Any:
    try:
        from opentelemetry import trace
    except ImportError:
        raise error.DBOSException("OpenTelemetry is not installed: pip install 'perdure[otel]'") from None
    return trace
