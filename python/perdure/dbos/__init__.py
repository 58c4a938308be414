"""The names of DBOS over Perdure: a program moves by changing its import.

    from perdure.dbos import DBOS, DBOSConfig

See docs/dbos.md for what differs.
"""

from . import error
from ._client import DBOSClient
from ._context import (
    DBOSContextEnsure,
    DBOSContextSetAuth,
    DuplicationPolicy,
    PropagateOtelContext,
    SetEnqueueOptions,
    SetShardKey,
    SetWorkflowAttributes,
    SetWorkflowID,
    SetWorkflowTimeout,
    WorkflowIDReusePolicy,
)
from ._datasource import AsyncSQLAlchemyDatasource, SQLAlchemyDatasource
from ._dbos import DBOS, run_dbos_database_migrations
from ._debouncer import Debouncer, DebouncerClient
from ._instances import DBOSConfiguredInstance
from ._queue import Queue
from ._steps import StepReservation
from ._types import (
    ClientScheduleInput,
    DBOSConfig,
    EnqueueOptions,
    KafkaMessage,
    ScheduleInput,
    SendMessage,
    StepInfo,
    StepOptions,
    VersionInfo,
    WorkflowHandle,
    WorkflowHandleAsync,
    WorkflowSchedule,
    WorkflowSerializationFormat,
    WorkflowStatus,
    WorkflowStatusString,
)
from ._validators import make_pydantic_args_validator, pydantic_args_validator
from ._values import DBOSPortableJSONSerializer, PortableWorkflowError, Serializer

__all__ = [
    "DBOS",
    "AsyncSQLAlchemyDatasource",
    "ClientScheduleInput",
    "DBOSClient",
    "DBOSConfig",
    "DBOSConfiguredInstance",
    "DBOSContextEnsure",
    "DBOSContextSetAuth",
    "DBOSPortableJSONSerializer",
    "Debouncer",
    "DebouncerClient",
    "DuplicationPolicy",
    "EnqueueOptions",
    "KafkaMessage",
    "PortableWorkflowError",
    "PropagateOtelContext",
    "Queue",
    "SQLAlchemyDatasource",
    "ScheduleInput",
    "SendMessage",
    "Serializer",
    "SetEnqueueOptions",
    "SetShardKey",
    "SetWorkflowAttributes",
    "SetWorkflowID",
    "SetWorkflowTimeout",
    "StepInfo",
    "StepOptions",
    "StepReservation",
    "VersionInfo",
    "WorkflowHandle",
    "WorkflowHandleAsync",
    "WorkflowIDReusePolicy",
    "WorkflowSchedule",
    "WorkflowSerializationFormat",
    "WorkflowStatus",
    "WorkflowStatusString",
    "error",
    "make_pydantic_args_validator",
    "pydantic_args_validator",
    "run_dbos_database_migrations",
]
