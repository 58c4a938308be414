"""The exceptions of the engine as those that programs written for DBOS catch."""

from __future__ import annotations

import re

from .._errors import (
    ApplicationError,
    MaxRecoveryAttemptsExceeded,
    NotAuthorized,
    PerdureError,
    StepRetriesExceeded,
    StepTimedOut,
    UnexpectedStep,
    WorkflowCancelled,
    WorkflowIdConflict,
    WorkflowNotFound,
)
from . import error as dbos
from ._values import PortableWorkflowError


def translated(
    error: BaseException, workflow_id: str | None = None, *, awaited: bool = False, step: str | None = None
) -> BaseException:
    """The exception in place of one of the engine; others stay as they are.

    Args:
        error: what was raised.
        workflow_id: of the workflow it is about, if that is known.
        awaited: whether the result of that workflow was waited for.
        step: the name of the step it is about.
    """
    named = workflow_id or _quoted(str(error))
    if isinstance(error, ApplicationError):
        return PortableWorkflowError(error.message, error.name, error.code, error.data)
    if isinstance(error, StepRetriesExceeded):
        errors = [e for e in error.errors if isinstance(e, Exception)]
        return dbos.DBOSMaxStepRetriesExceeded(step or _quoted(str(error)), len(errors), errors)
    if isinstance(error, StepTimedOut):
        seconds = re.search(r"([\d.e+-]+) s$", str(error))
        return dbos.DBOSStepTimeoutError(step or _quoted(str(error)), float(seconds[1]) if seconds else 0.0)
    if isinstance(error, WorkflowCancelled):
        return dbos.DBOSAwaitedWorkflowCancelledError(named)
    if isinstance(error, MaxRecoveryAttemptsExceeded):
        if awaited:
            return dbos.DBOSAwaitedWorkflowMaxRecoveryAttemptsExceeded(named)
        return dbos.MaxRecoveryAttemptsExceededError(named)
    if isinstance(error, WorkflowNotFound):
        return dbos.DBOSNonExistentWorkflowError("target", named)
    if isinstance(error, WorkflowIdConflict):
        return dbos.DBOSConflictingWorkflowError(named, str(error))
    if isinstance(error, NotAuthorized):
        return dbos.DBOSNotAuthorizedError(str(error))
    if isinstance(error, UnexpectedStep):
        found = re.search(r"step (\d+) is recorded as '(.*?)',.*?'(.*?)'", str(error))
        place, recorded, expected = (int(found[1]), found[2], found[3]) if found else (0, "", "")
        return dbos.DBOSUnexpectedStepError(named, place, expected, recorded)
    if isinstance(error, PerdureError):
        return dbos.DBOSException(str(error))
    return error


def sent_to_none(failure: WorkflowNotFound) -> dbos.DBOSNonExistentWorkflowError:
    """What a message to a workflow that does not exist raises."""
    return dbos.DBOSNonExistentWorkflowError("`send` destination", _quoted(str(failure)))


def _quoted(message: str) -> str:
    found = re.search(r"'([^']*)'|\"([^\"]*)\"", message)
    return "" if found is None else found[1] or found[2] or ""
