"""What programs written for DBOS give and get: options, statuses, handles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict, TypeVar

from ._context import DuplicationPolicy, WorkflowIDReusePolicy

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ._values import Serializer

R_co = TypeVar("R_co", covariant=True)

ScheduledWorkflow = (
    Callable[[dt.datetime, Any], None] | Callable[[dt.datetime, Any], Coroutine[Any, Any, None]]
)
ValidateArgsCallable = Callable[[tuple[Any, ...], dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]]
QueueConflictResolution = Literal["update_if_latest_version", "always_update", "never_update"]
KafkaOrdering = Literal["none", "partition", "topic"]


class WorkflowSerializationFormat(str, Enum):
    """How a value is written: as the program writes all, or as JSON that other languages read."""

    DEFAULT = "None"
    NATIVE = "native"
    PORTABLE = "portable"


class WorkflowStatusString(Enum):
    """The statuses."""

    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"
    MAX_RECOVERY_ATTEMPTS_EXCEEDED = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
    CANCELLED = "CANCELLED"
    ENQUEUED = "ENQUEUED"
    DELAYED = "DELAYED"


class DBOSConfig(TypedDict, total=False):
    """What `DBOS(config=...)` takes. Of these `name`, `system_database_url`, `sys_db_pool_size`, `log_level`,
    `console_log_level`, `application_version`, `executor_id`, `dbos_system_schema`, `serializer`,
    `enable_patching`, `use_listen_notify`, `run_migrations`, `max_executor_threads` and
    `notification_listener_polling_interval_sec` say something here; the others are accepted."""

    name: str
    system_database_url: str | None
    sys_db_pool_size: int | None
    sys_db_polling_concurrency: int | None
    db_engine_kwargs: dict[str, Any] | None
    sys_db_idle_transaction_timeout_sec: float | None
    log_level: str | None
    otlp_log_level: str | None
    console_log_level: str | None
    otlp_traces_endpoints: list[str] | None
    otlp_logs_endpoints: list[str] | None
    otlp_attributes: dict[str, str] | None
    application_version: str | None
    executor_id: str | None
    dbos_system_schema: str | None
    enable_otlp: bool | None
    system_database_engine: Engine | None
    conductor_key: str | None
    conductor_url: str | None
    conductor_executor_metadata: dict[str, Any] | None
    conductor_metadata_only_mode: bool | None
    transact_enterprise_key: str | None
    auto_upgrade: bool | None
    auto_upgrade_interval_sec: float | None
    auto_upgrade_grace_sec: float | None
    serializer: Serializer | None
    enable_patching: bool | None
    use_listen_notify: bool | None
    sharding: bool | None
    run_migrations: bool | None
    max_executor_threads: int | None
    notification_listener_polling_interval_sec: float | None
    notification_coalesce_sec: float | None
    observability_query_timeout_sec: float | None
    scheduler_polling_interval_sec: float | None
    kafka_queue_polling_interval_sec: float | None
    otel_attribute_format: Literal["legacy", "semconv"] | None


class EnqueueOptions(TypedDict, total=False):
    """How a workflow is enqueued by its name."""

    workflow_name: str
    queue_name: str
    workflow_id: str
    workflow_id_reuse_policy: WorkflowIDReusePolicy
    app_version: str
    workflow_timeout: float
    delay_seconds: float
    deduplication_id: str
    duplication_policy: DuplicationPolicy
    priority: int
    queue_partition_key: str
    authenticated_user: str
    authenticated_roles: list[str]
    serialization_type: WorkflowSerializationFormat
    class_name: str
    instance_name: str
    attributes: dict[str, Any]
    application_name: str | None
    otel_context: Any
    shard_key: str


class StepOptions(TypedDict, total=False):
    """How a step is run."""

    name: str | None
    retries_allowed: bool
    interval_seconds: float
    max_attempts: int
    backoff_rate: float
    should_retry: Callable[[BaseException], bool | Awaitable[bool]] | None
    preemptible: bool
    timeout_seconds: float | None


class QueueRateLimit(TypedDict):
    """How many workflows start in any span of `period` seconds."""

    limit: int
    period: float


class ScheduleInput(TypedDict, total=False):
    """A schedule, for `DBOS.apply_schedules`."""

    schedule_name: str
    workflow_fn: ScheduledWorkflow
    schedule: str
    context: Any
    automatic_backfill: bool
    cron_timezone: str | None
    queue_name: str | None
    shard_key: str | None


class ClientScheduleInput(TypedDict, total=False):
    """A schedule, for `DBOSClient.apply_schedules`."""

    schedule_name: str
    workflow_name: str
    workflow_class_name: str | None
    schedule: str
    context: Any
    automatic_backfill: bool
    cron_timezone: str | None
    queue_name: str | None
    application_name: str | None
    shard_key: str | None


class WorkflowSchedule(TypedDict):
    """A schedule as it is in the database."""

    schedule_id: str
    schedule_name: str
    workflow_name: str
    workflow_class_name: str | None
    schedule: str
    status: str
    context: Any
    last_fired_at: str | None
    automatic_backfill: bool
    cron_timezone: str | None
    queue_name: str | None
    application_name: str | None
    shard_key: str | None


class VersionInfo(TypedDict):
    """A version of the application. Times are milliseconds since 1970."""

    version_id: str
    version_name: str
    version_timestamp: int
    created_at: int
    application_name: str | None


class StepInfo(TypedDict):
    """What is recorded of a step. Times are milliseconds since 1970."""

    function_id: int
    function_name: str
    output: Any | None
    error: Exception | None
    child_workflow_id: str | None
    child_shard_key: str | None
    started_at_epoch_ms: int | None
    completed_at_epoch_ms: int | None


class WorkflowInputs(TypedDict):
    """What a workflow was called with."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class ApplicationRowCounts(TypedDict):
    """What `DBOSClient.rename_application` has moved."""

    workflows: int
    queues: int
    schedules: int


@dataclass
class SendMessage:
    """One message of `send_bulk`."""

    destination_id: str
    message: Any
    topic: str | None = None
    idempotency_key: str | None = None
    shard_key: str | None = None


@dataclass
class KafkaMessage:
    """A message that a Kafka consumer is called with."""

    headers: list[tuple[str, str | bytes]] | None
    key: str | bytes | None
    latency: float | None
    leader_epoch: int | None
    offset: int | None
    partition: int | None
    timestamp: tuple[int, int]
    topic: str | None
    value: str | bytes | None


@dataclass(frozen=True)
class StepStatus:
    """Where a running step is; `current_attempt` counts from 0, both are None if it is not retried."""

    step_id: int
    current_attempt: int | None
    max_attempts: int | None


class WorkflowStatus:
    """All about one workflow. Times are milliseconds since 1970."""

    workflow_id: str
    status: Literal[
        "PENDING", "SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED", "ENQUEUED", "DELAYED"
    ]
    name: str
    class_name: str | None
    config_name: str | None
    authenticated_user: str | None
    assumed_role: str | None
    authenticated_roles: list[str] | None
    input: WorkflowInputs | None
    output: Any | None = None
    error: Exception | None = None
    created_at: int | None
    updated_at: int | None
    queue_name: str | None
    executor_id: str | None
    app_version: str | None
    workflow_timeout_ms: int | None
    workflow_deadline_epoch_ms: int | None
    deduplication_id: str | None
    priority: int | None
    queue_partition_key: str | None
    forked_from: str | None
    was_forked_from: bool
    parent_workflow_id: str | None
    dequeued_at: int | None
    delay_until_epoch_ms: int | None
    completed_at: int | None
    attributes: dict[str, Any] | None
    schedule_name: str | None
    application_name: str | None
    shard_key: str | None = None
    parent_shard_key: str | None = None
    app_id: str | None
    recovery_attempts: int | None

    def __repr__(self) -> str:
        return f"<workflow {self.workflow_id} ({self.name}): {self.status}>"


class WorkflowHandle(Protocol[R_co]):
    """A workflow by its id."""

    workflow_id: str
    shard_key: str | None

    def __init__(self, workflow_id: str) -> None: ...

    def get_workflow_id(self) -> str:
        """Its id."""
        ...

    def get_result(self, *, polling_interval_sec: float = 1.0) -> R_co:
        """Waits until it has ended; what it returned. Raises what it raised."""
        ...

    def get_status(self) -> WorkflowStatus:
        """All about it, now."""
        ...


class WorkflowHandleAsync(Protocol[R_co]):
    """`WorkflowHandle` for async code."""

    workflow_id: str
    shard_key: str | None

    def __init__(self, workflow_id: str) -> None: ...

    def get_workflow_id(self) -> str:
        """Its id."""
        ...

    async def get_result(self, *, polling_interval_sec: float = 1.0) -> R_co:
        """Waits until it has ended; what it returned. Raises what it raised."""
        ...

    async def get_status(self) -> WorkflowStatus:
        """All about it, now."""
        ...
