"""Durable workflows that live in your own Postgres."""

from ._app import Perdure
from ._classes import ConfiguredInstance
from ._client import Client
from ._errors import (
    ApplicationError,
    ClockNotMovable,
    DatabaseUnavailable,
    DeduplicationConflict,
    EmbeddedPostgresError,
    ExecutorNotRegistered,
    InvalidArgument,
    LeaseLost,
    MaxRecoveryAttemptsExceeded,
    NotAuthorized,
    NotLaunched,
    PerdureError,
    PermissionDenied,
    QueueInUse,
    QueueNotFound,
    ScheduleExists,
    ScheduleNotFound,
    SchemaError,
    SchemaMissing,
    SchemaTooNew,
    SchemaTooOld,
    SerializationError,
    StepRetriesExceeded,
    StepTimedOut,
    StreamClosed,
    UnexpectedStep,
    UnreadableValue,
    WorkflowActive,
    WorkflowCancelled,
    WorkflowIdConflict,
    WorkflowNotFound,
    WorkflowTimedOut,
    WrongContext,
)
from ._figures import Metric, StepFigures, WorkflowCount, WorkflowDurations
from ._filters import CountFilters, DurationFilters, StepFilters, WorkflowFilters
from ._handle import StepStatus, WorkflowHandle, WorkflowStatus
from ._health import StatusCheck
from ._identity import Renamed
from ._install import install
from ._keeping import Alert, RetentionPolicy, RetentionPreview
from ._observe import WorkflowNode
from ._options import EnqueueOptions
from ._queue import Queue, QueueSettings, QueueStats
from ._schedules import Schedule, ScheduleSettings
from ._serialize import PickleSerializer, Serializer
from ._transactions import Datasource, Transaction
from ._versions import Executor, Version
from ._workflow import Step, Workflow

__all__ = [
    "Alert",
    "ApplicationError",
    "Client",
    "ClockNotMovable",
    "ConfiguredInstance",
    "CountFilters",
    "DatabaseUnavailable",
    "Datasource",
    "DeduplicationConflict",
    "DurationFilters",
    "EmbeddedPostgresError",
    "EnqueueOptions",
    "Executor",
    "ExecutorNotRegistered",
    "InvalidArgument",
    "LeaseLost",
    "MaxRecoveryAttemptsExceeded",
    "Metric",
    "NotAuthorized",
    "NotLaunched",
    "Perdure",
    "PerdureError",
    "PermissionDenied",
    "PickleSerializer",
    "Queue",
    "QueueInUse",
    "QueueNotFound",
    "QueueSettings",
    "QueueStats",
    "Renamed",
    "RetentionPolicy",
    "RetentionPreview",
    "Schedule",
    "ScheduleExists",
    "ScheduleNotFound",
    "ScheduleSettings",
    "SchemaError",
    "SchemaMissing",
    "SchemaTooNew",
    "SchemaTooOld",
    "SerializationError",
    "Serializer",
    "StatusCheck",
    "Step",
    "StepFigures",
    "StepFilters",
    "StepRetriesExceeded",
    "StepStatus",
    "StepTimedOut",
    "StreamClosed",
    "Transaction",
    "UnexpectedStep",
    "UnreadableValue",
    "Version",
    "Workflow",
    "WorkflowActive",
    "WorkflowCancelled",
    "WorkflowCount",
    "WorkflowDurations",
    "WorkflowFilters",
    "WorkflowHandle",
    "WorkflowIdConflict",
    "WorkflowNode",
    "WorkflowNotFound",
    "WorkflowStatus",
    "WorkflowTimedOut",
    "WrongContext",
    "install",
]
