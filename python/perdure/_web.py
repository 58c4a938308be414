"""What the integrations with web frameworks share."""

from __future__ import annotations

from collections.abc import Mapping

from ._errors import (
    DatabaseUnavailable,
    DeduplicationConflict,
    InvalidArgument,
    NotAuthorized,
    NotLaunched,
    QueueNotFound,
    ScheduleNotFound,
    WorkflowIdConflict,
    WorkflowNotFound,
)

# The first that is there; what clients repeat when they repeat a request.
HEADERS = ("idempotency-key", "x-request-id")

_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (WorkflowNotFound, 404),
    (QueueNotFound, 404),
    (ScheduleNotFound, 404),
    (WorkflowIdConflict, 409),
    (DeduplicationConflict, 409),
    (InvalidArgument, 400),
    (NotAuthorized, 403),
    (DatabaseUnavailable, 503),
    (NotLaunched, 503),
)


def workflow_id_of(headers: Mapping[str, str]) -> str | None:
    """The id that a request gives to its workflow; None: it gives none."""
    given = {name.lower(): value for name, value in headers.items()}
    return next((found for name in HEADERS if (found := given.get(name))), None)


def http_status(error: Exception) -> int | None:
    """The status of the response to a request that met this error; None: it is the server's own fault."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
