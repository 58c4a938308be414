"""Durable workflows that live in your own Postgres."""

from ._app import Perdure
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
    NotLaunched,
    PerdureError,
    QueueInUse,
    QueueNotFound,
    SchemaError,
    SchemaMissing,
    SchemaTooNew,
    SchemaTooOld,
    SerializationError,
    StepRetriesExceeded,
    UnexpectedStep,
    WorkflowCancelled,
    WorkflowIdConflict,
    WorkflowNotFound,
    WrongContext,
)
from ._handle import StepStatus, WorkflowHandle, WorkflowStatus
from ._install import install
from ._options import EnqueueOptions
from ._queue import Queue, QueueSettings, QueueStats
from ._workflow import Step, Workflow

__all__ = [
    "ApplicationError",
    "Client",
    "ClockNotMovable",
    "DatabaseUnavailable",
    "DeduplicationConflict",
    "EmbeddedPostgresError",
    "EnqueueOptions",
    "ExecutorNotRegistered",
    "InvalidArgument",
    "LeaseLost",
    "MaxRecoveryAttemptsExceeded",
    "NotLaunched",
    "Perdure",
    "PerdureError",
    "Queue",
    "QueueInUse",
    "QueueNotFound",
    "QueueSettings",
    "QueueStats",
    "SchemaError",
    "SchemaMissing",
    "SchemaTooNew",
    "SchemaTooOld",
    "SerializationError",
    "Step",
    "StepRetriesExceeded",
    "StepStatus",
    "UnexpectedStep",
    "Workflow",
    "WorkflowCancelled",
    "WorkflowHandle",
    "WorkflowIdConflict",
    "WorkflowNotFound",
    "WorkflowStatus",
    "WrongContext",
    "install",
]
