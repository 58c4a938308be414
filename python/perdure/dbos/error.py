"""The exceptions that programs written for DBOS catch, with the same names, codes and attributes."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar


class DBOSErrorCode(Enum):
    """What `dbos_error_code` can be."""

    ConflictingIDError = 1
    RecoveryError = 2
    InitializationError = 3
    WorkflowFunctionNotFound = 4
    NonExistentWorkflowError = 5
    MaxRecoveryAttemptsExceeded = 6
    MaxStepRetriesExceeded = 7
    NotAuthorized = 8
    ConflictingWorkflowError = 9
    WorkflowCancelled = 10
    UnexpectedStep = 11
    QueueDeduplicated = 12
    AwaitedWorkflowCancelled = 13
    AwaitedWorkflowMaxRecoveryAttemptsExceeded = 14
    PatchNondeterminism = 15
    StreamTimeout = 16
    StreamNondeterminism = 17
    StepTimeout = 18
    QueryTimeout = 26
    WorkflowIDInUse = 27
    StepNondeterminism = 28


def _text(message: str, code: int | None) -> str:
    return f"DBOS Error {code}: {message}" if code else f"DBOS Error: {message}"


class DBOSException(Exception):
    """Base of the exceptions.

    Attributes:
        message: what was wrong.
        dbos_error_code: the number of a `DBOSErrorCode`, or None.
    """

    # What `__init__` takes, for pickle.
    _fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, message: str, dbos_error_code: int | None = None) -> None:
        self.message = message
        self.dbos_error_code = dbos_error_code
        super().__init__(message)

    def __str__(self) -> str:
        return _text(self.message, self.dbos_error_code)

    def __reduce__(self) -> Any:
        inputs: tuple[Any, ...] | None = getattr(self, "inputs", None)
        if inputs is not None:
            return type(self), inputs
        if type(self)._fields:
            return type(self), tuple(getattr(self, name) for name in type(self)._fields)
        return type(self), (self.message, self.dbos_error_code)


class DBOSBaseException(BaseException):
    """Base of those that pass through `except Exception`.

    Attributes:
        message, dbos_error_code: as those of `DBOSException`.
    """

    def __init__(self, message: str, dbos_error_code: int | None = None) -> None:
        self.message = message
        self.dbos_error_code = dbos_error_code
        super().__init__(message)

    def __str__(self) -> str:
        return _text(self.message, self.dbos_error_code)


class DBOSQueryTimeoutError(DBOSException):
    """A query about workflows took longer than it may."""

    _fields = ("timeout_seconds",)

    def __init__(self, timeout_seconds: float) -> None:
        self.timeout_seconds = timeout_seconds
        super().__init__(
            f"the query took longer than {timeout_seconds:g} s", DBOSErrorCode.QueryTimeout.value
        )


class DBOSConflictingWorkflowError(DBOSException):
    """The id belongs to another workflow."""

    _fields = ("workflow_id", "detail")

    def __init__(self, workflow_id: str, message: str | None = None) -> None:
        self.workflow_id = workflow_id
        self.detail = message
        super().__init__(
            f"the id {workflow_id} belongs to another workflow: {message}",
            DBOSErrorCode.ConflictingWorkflowError.value,
        )


class DBOSRecoveryError(DBOSException):
    """A workflow cannot be taken up again."""

    _fields = ("workflow_id", "detail")

    def __init__(self, workflow_id: str, message: str | None = None) -> None:
        self.workflow_id = workflow_id
        self.detail = message
        super().__init__(
            f"workflow {workflow_id} cannot be recovered: {message}", DBOSErrorCode.RecoveryError.value
        )


class DBOSInitializationError(DBOSException):
    """The app could not be launched."""

    _fields = ("detail",)

    def __init__(self, message: str) -> None:
        self.detail = message
        super().__init__(f"the app cannot be launched: {message}", DBOSErrorCode.InitializationError.value)


class DBOSWorkflowFunctionNotFoundError(DBOSException):
    """The database names a workflow that this program does not have."""

    _fields = ("workflow_id", "detail")

    def __init__(self, workflow_id: str, message: str | None = None) -> None:
        self.workflow_id = workflow_id
        self.detail = message
        super().__init__(
            f"workflow {workflow_id} cannot be run here: {message}",
            DBOSErrorCode.WorkflowFunctionNotFound.value,
        )


class DBOSNonExistentWorkflowError(DBOSException):
    """There is no workflow of this id."""

    _fields = ("destination", "destination_id")

    def __init__(self, destination: str, destination_id: str) -> None:
        self.destination = destination
        self.destination_id = destination_id
        super().__init__(
            f"there is no {destination} workflow {destination_id}",
            DBOSErrorCode.NonExistentWorkflowError.value,
        )


class DBOSStreamTimeoutError(DBOSException):
    """No value came in time, or the stream ended before it."""

    _fields = ("workflow_id", "key", "timeout_seconds")

    def __init__(self, workflow_id: str, key: str, timeout_seconds: float | None = None) -> None:
        self.workflow_id = workflow_id
        self.key = key
        self.timeout_seconds = timeout_seconds
        within = "" if timeout_seconds is None else f" within {timeout_seconds} s"
        super().__init__(
            f"stream {key} of workflow {workflow_id} had no such value{within}",
            DBOSErrorCode.StreamTimeout.value,
        )


class DBOSStreamNondeterminismError(DBOSException):
    """Two reads of streams at once in one workflow."""

    _fields = ("workflow_id", "key")

    def __init__(self, workflow_id: str, key: str) -> None:
        self.workflow_id = workflow_id
        self.key = key
        super().__init__(
            f"workflow {workflow_id} reads stream {key} while another read is under way",
            DBOSErrorCode.StreamNondeterminism.value,
        )


class MaxRecoveryAttemptsExceededError(DBOSException):
    """Workers died under the workflow too often."""

    _fields = ("workflow_id", "max_retries")

    def __init__(self, wf_id: str, max_retries: int | None = None) -> None:
        self.workflow_id = wf_id
        self.max_retries = max_retries
        super().__init__(
            f"workflow {wf_id} was begun more often than it may be"
            + ("" if max_retries is None else f" ({max_retries} recoveries)"),
            DBOSErrorCode.MaxRecoveryAttemptsExceeded.value,
        )


class DBOSNotAuthorizedError(DBOSException):
    """The user has none of the roles that are required."""

    _fields = ("msg",)

    def __init__(self, msg: str) -> None:
        self.msg = msg
        super().__init__(msg, DBOSErrorCode.NotAuthorized.value)


class DBOSMaxStepRetriesExceeded(DBOSException):
    """A step has failed as often as it may.

    Attributes:
        errors: what its attempts raised.
    """

    _fields = ("step_name", "max_retries", "errors")

    def __init__(self, step_name: str, max_retries: int, errors: list[Exception]) -> None:
        self.step_name = step_name
        self.max_retries = max_retries
        self.errors = errors
        super().__init__(
            f"step {step_name} has failed {max_retries} times",
            DBOSErrorCode.MaxStepRetriesExceeded.value,
        )


class DBOSStepTimeoutError(DBOSException):
    """A step took longer than its timeout."""

    _fields = ("step_name", "timeout_seconds")

    def __init__(self, step_name: str, timeout_seconds: float) -> None:
        self.step_name = step_name
        self.timeout_seconds = timeout_seconds
        super().__init__(
            f"step {step_name} took longer than {timeout_seconds} s", DBOSErrorCode.StepTimeout.value
        )


class DBOSUnexpectedStepError(DBOSException):
    """A replay met another step than the one recorded."""

    def __init__(self, workflow_id: str, step_id: int, expected_name: str, recorded_name: str) -> None:
        self.inputs = (workflow_id, step_id, expected_name, recorded_name)
        super().__init__(
            f"step {step_id} of workflow {workflow_id} is recorded as {recorded_name}, not {expected_name}:"
            " is the workflow deterministic?",
            DBOSErrorCode.UnexpectedStep.value,
        )


class DBOSStepNondeterminismError(DBOSException):
    """One run recorded one step twice, with different results."""

    def __init__(self, workflow_id: str, step_id: int) -> None:
        self.inputs = (workflow_id, step_id)
        super().__init__(
            f"step {step_id} of workflow {workflow_id} has two results: is the workflow deterministic?",
            DBOSErrorCode.StepNondeterminism.value,
        )


class DBOSPatchNondeterminismError(DBOSException):
    """A patch cannot tell on which side of it a workflow is."""

    def __init__(self, workflow_id: str, patch_name: str, details: str) -> None:
        self.inputs = (workflow_id, patch_name, details)
        super().__init__(
            f"patch {patch_name} in workflow {workflow_id}: {details}",
            DBOSErrorCode.PatchNondeterminism.value,
        )


class DBOSQueueDeduplicatedError(DBOSException):
    """Another active workflow of the queue holds the deduplication id."""

    _fields = ("workflow_id", "queue_name", "deduplication_id")

    def __init__(self, workflow_id: str, queue_name: str, deduplication_id: str) -> None:
        self.workflow_id = workflow_id
        self.queue_name = queue_name
        self.deduplication_id = deduplication_id
        super().__init__(
            f"workflow {workflow_id} was not enqueued: the deduplication id {deduplication_id} is taken"
            f" in queue {queue_name}",
            DBOSErrorCode.QueueDeduplicated.value,
        )


class DBOSWorkflowIDInUseError(DBOSException):
    """A start with the policy "reject" found its id in use."""

    _fields = ("workflow_id", "workflow_status", "workflow_name")

    def __init__(self, workflow_id: str, workflow_status: str, workflow_name: str) -> None:
        self.workflow_id = workflow_id
        self.workflow_status = workflow_status
        self.workflow_name = workflow_name
        super().__init__(
            f"the id {workflow_id} is in use: by workflow {workflow_name}, which is {workflow_status}",
            DBOSErrorCode.WorkflowIDInUse.value,
        )


def is_workflow_id_in_use_error(e: BaseException) -> bool:
    """Whether a start was refused because its id is in use; also of an error that was read back."""
    return (
        getattr(e, "dbos_error_code", None) == DBOSErrorCode.WorkflowIDInUse.value
        or getattr(e, "name", None) == DBOSWorkflowIDInUseError.__name__
    )


class DBOSAwaitedWorkflowCancelledError(DBOSException):
    """The workflow that was waited for is cancelled."""

    _fields = ("workflow_id",)

    def __init__(self, workflow_id: str) -> None:
        self.workflow_id = workflow_id
        super().__init__(
            f"workflow {workflow_id}, which was waited for, is cancelled",
            DBOSErrorCode.AwaitedWorkflowCancelled.value,
        )


class DBOSAwaitedWorkflowMaxRecoveryAttemptsExceeded(DBOSException):
    """Workers died too often under the workflow that was waited for."""

    _fields = ("workflow_id",)

    def __init__(self, workflow_id: str) -> None:
        self.workflow_id = workflow_id
        super().__init__(
            f"workflow {workflow_id}, which was waited for, was begun more often than it may be",
            DBOSErrorCode.AwaitedWorkflowMaxRecoveryAttemptsExceeded.value,
        )


class DBOSWorkflowCancelledError(DBOSBaseException):
    """This workflow is cancelled."""

    def __init__(self, msg: str) -> None:
        super().__init__(msg, DBOSErrorCode.WorkflowCancelled.value)


class DBOSWorkflowConflictIDError(DBOSBaseException):
    """Another run owns the workflow now; this one stops."""

    def __init__(self, workflow_id: str) -> None:
        super().__init__(
            f"workflow {workflow_id} is run by another executor", DBOSErrorCode.ConflictingIDError.value
        )
