"""Everything that Perdure raises.

PerdureError
├── InvalidArgument               PD001  a value out of range, empty, too long (also a ValueError)
│   └── SerializationError               a value that cannot be written as JSON or read back
│       └── UnreadableValue              of a type or a serializer that this program has not, or has otherwise
├── WorkflowNotFound              PD002
├── WorkflowIdConflict            PD003  the id belongs to a workflow of another name
├── LeaseLost                     PD004  another executor owns the workflow now
├── UnexpectedStep                PD005  a replay met another step than the one recorded
├── ExecutorNotRegistered         PD006
├── QueueNotFound                 PD007
├── SchemaError                          the engine in the database does not fit this package
│   ├── SchemaMissing
│   ├── SchemaTooOld
│   └── SchemaTooNew              PD008
├── ClockNotMovable               PD009
├── MaxRecoveryAttemptsExceeded   PD010  its worker died too often
├── DeduplicationConflict         PD012  another active workflow holds the deduplication id
├── QueueInUse                    PD013  the queue has active workflows
├── PermissionDenied              PD014  the role of this program may not do that
├── StreamClosed                  PD015  a value for a stream that was closed
├── ScheduleNotFound              PD020
├── ScheduleExists                PD021
├── WorkflowActive                PD030  what has not ended cannot be deleted
├── WorkflowCancelled
│   └── WorkflowTimedOut                 its deadline passed before it ended
├── StepRetriesExceeded                  a step failed as often as it may
├── StepTimedOut                         a step ran longer than its timeout
├── ApplicationError                     an error of the user's code whose class is not known here
├── DatabaseUnavailable
├── NotAuthorized                        the user has none of the roles that are required
├── NotLaunched                          a call that needs `launch()` first
├── WrongContext                         a call that does not belong where it was made
└── EmbeddedPostgresError
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar


class PerdureError(Exception):
    """Base of all errors of this package. `sqlstate` is set where the database decides the error."""

    sqlstate: ClassVar[str | None] = None


class InvalidArgument(PerdureError, ValueError):
    """A value is out of range, empty or too long; nothing was written."""

    sqlstate = "PD001"


class SerializationError(InvalidArgument):
    """A value cannot be written as JSON, or cannot be read back."""

    sqlstate = None


class UnreadableValue(SerializationError):
    """A stored value is of a type or a serializer that this program does not have, or has in another form:
    another version of it may read it."""


class WorkflowNotFound(PerdureError):
    """No workflow has this id."""

    sqlstate = "PD002"


class WorkflowIdConflict(PerdureError):
    """The id belongs to a workflow of another name; nothing was started."""

    sqlstate = "PD003"


class LeaseLost(PerdureError):
    """Another executor owns the workflow now, or it has ended; nothing was written."""

    sqlstate = "PD004"


class UnexpectedStep(PerdureError):
    """A replay met another step than the one recorded: the workflow is not deterministic, or its code
    has changed."""

    sqlstate = "PD005"


class ExecutorNotRegistered(PerdureError):
    """The executor has no lease: never registered, deregistered, or taken over."""

    sqlstate = "PD006"


class QueueNotFound(PerdureError):
    """No queue has this name."""

    sqlstate = "PD007"


class SchemaError(PerdureError):
    """The engine in the database does not fit this package."""


class SchemaMissing(SchemaError):
    """The engine is not installed in this schema of this database."""


class SchemaTooOld(SchemaError):
    """The schema is older than this package needs."""


class SchemaTooNew(SchemaError):
    """The schema was installed by a newer release than this package."""

    sqlstate = "PD008"


class ClockNotMovable(PerdureError):
    """Only the owner of the schema may move the clock of a test."""

    sqlstate = "PD009"


class MaxRecoveryAttemptsExceeded(PerdureError):
    """The workflow was dead-lettered: its worker died more often than it may be taken over."""

    sqlstate = "PD010"


class DeduplicationConflict(PerdureError):
    """Another active workflow holds the deduplication id; nothing was enqueued."""

    sqlstate = "PD012"


class QueueInUse(PerdureError):
    """The queue has active workflows, so it cannot be deleted, or partitioned otherwise."""

    sqlstate = "PD013"


class PermissionDenied(PerdureError):
    """The role of this program may not do that; nothing was written."""

    sqlstate = "PD014"


class StreamClosed(PerdureError):
    """The stream was closed: nothing can be written to it any more."""

    sqlstate = "PD015"


class ScheduleNotFound(PerdureError):
    """No schedule has this name."""

    sqlstate = "PD020"


class ScheduleExists(PerdureError):
    """There is a schedule of this name; it was not changed."""

    sqlstate = "PD021"


class WorkflowActive(PerdureError):
    """The workflow has not ended, so it cannot be deleted; nothing was."""

    sqlstate = "PD030"


class WorkflowCancelled(PerdureError):
    """The workflow was cancelled."""


class WorkflowTimedOut(WorkflowCancelled):
    """The workflow had not ended at its deadline, and was cancelled."""


class StepRetriesExceeded(PerdureError):
    """A step failed as often as it may. `errors` holds what each of its attempts raised, latest last."""

    def __init__(self, message: str, errors: Sequence[BaseException] = ()) -> None:
        super().__init__(message)
        self.errors: tuple[BaseException, ...] = tuple(errors)


class StepTimedOut(PerdureError):
    """A step ran longer than its timeout."""


class ApplicationError(PerdureError):
    """An error of the user's code, read from the database, whose class is not known in this process.

    Attributes:
        name: the name of its class where it was raised.
        message: its text.
        code: an error code, if it had one.
        data: further JSON, if it had any.
    """

    def __init__(self, name: str, message: str, code: Any = None, data: Any = None) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.message, self.code, self.data = name, message, code, data


class DatabaseUnavailable(PerdureError):
    """The database could not be reached in the time allowed."""


class NotAuthorized(PerdureError):
    """The user on whose behalf it would run has none of the required roles."""


class NotLaunched(PerdureError):
    """The call needs a launched app: call `app.launch()` first."""


class WrongContext(PerdureError):
    """The call does not belong where it was made; the message says where it does."""


class EmbeddedPostgresError(PerdureError):
    """The embedded Postgres could not be started, or is not installed."""


class Abandoned(BaseException):
    """Unwinds the code of a workflow that this process must not go on with.

    Not an Exception, so that user code does not swallow it. Private: it never leaves the package.
    """


class Suspended(Abandoned):
    """Unwinds the code of a workflow that is to be put down in the database while it waits."""


def _all(kind: type[PerdureError]) -> Iterator[type[PerdureError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _all(below)


BY_SQLSTATE: dict[str, type[PerdureError]] = {
    error.sqlstate: error for error in _all(PerdureError) if error.sqlstate and "sqlstate" in vars(error)
}
BY_SQLSTATE["PD011"] = InvalidArgument  # the schema to install into

# The errors that the engine itself stores by name.
BY_NAME: dict[str, type[PerdureError]] = {
    error.__name__: error
    for error in (
        MaxRecoveryAttemptsExceeded,
        WorkflowCancelled,
        WorkflowTimedOut,
        StepRetriesExceeded,
        StepTimedOut,
    )
}
