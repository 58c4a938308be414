"""What lists and figures look for: the filters, and how the engine takes them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, cast

from ._checks import moment, text
from ._errors import InvalidArgument
from ._queue import queue_name
from ._schedules import workflow_name

if TYPE_CHECKING:
    from ._queue import Queue


class WorkflowFilters(TypedDict, total=False):
    """What `list_workflows` looks for. What is left out, or None, lets all pass; of several values one is
    enough; an empty list lets none pass.

    Attributes:
        workflow_ids: the ids; id_prefix: how they begin.
        status: DELAYED, ENQUEUED, PENDING, SUCCESS, ERROR, CANCELLED, MAX_RECOVERY_ATTEMPTS_EXCEEDED.
        name: of the workflow, or the decorated function.
        user: on whose behalf it runs.
        queue: by name, or as a `Queue`; queued: whether it was enqueued in any.
        executor: the name of the worker that runs it, or ran it last, while that is registered.
        parent: the id of the workflow that it is a child of; has_parent: whether it has one.
        forked_from: the id of the workflow that it is a fork of; is_fork: whether it is one of
            any; was_forked: whether there are forks of it.
        schedule: the name of what started it.
        attributes: those whose attributes contain these.
        created_from, created_until: when it was enqueued or started, with the beginning and without the end;
            started_from, started_until: when a worker began to run it; completed_from, completed_until: when
            it ended. Datetimes with a time zone.
    """

    workflow_ids: str | Iterable[str] | None
    id_prefix: str | Iterable[str] | None
    status: str | Iterable[str] | None
    name: str | Callable[..., Any] | Iterable[str | Callable[..., Any]] | None
    app_version: str | Iterable[str] | None
    user: str | Iterable[str] | None
    queue: str | Queue | Iterable[str | Queue] | None
    queued: bool | None
    executor: str | Iterable[str] | None
    parent: str | Iterable[str] | None
    has_parent: bool | None
    forked_from: str | Iterable[str] | None
    is_fork: bool | None
    was_forked: bool | None
    schedule: str | Iterable[str] | None
    attributes: Mapping[str, Any] | None
    application: str | Iterable[str] | None
    created_from: dt.datetime | None
    created_until: dt.datetime | None
    started_from: dt.datetime | None
    started_until: dt.datetime | None
    completed_from: dt.datetime | None
    completed_until: dt.datetime | None


class DurationFilters(TypedDict, total=False):
    """What `workflow_durations` looks for; see `WorkflowFilters`."""

    status: str | Iterable[str] | None
    name: str | Callable[..., Any] | Iterable[str | Callable[..., Any]] | None
    queue: str | Queue | Iterable[str | Queue] | None
    completed_from: dt.datetime | None
    completed_until: dt.datetime | None


class CountFilters(DurationFilters, total=False):
    """What `workflow_aggregates` looks for; see `WorkflowFilters`."""

    created_from: dt.datetime | None
    created_until: dt.datetime | None


class StepFilters(TypedDict, total=False):
    """What `step_aggregates` looks for; see `WorkflowFilters`."""

    name: str | Callable[..., Any] | Iterable[str | Callable[..., Any]] | None
    created_from: dt.datetime | None
    created_until: dt.datetime | None


_SEVERAL = {
    "workflow_ids": "workflow_ids",
    "id_prefix": "id_prefixes",
    "status": "statuses",
    "name": "names",
    "app_version": "app_versions",
    "user": "users",
    "queue": "queues",
    "executor": "executors",
    "parent": "parents",
    "forked_from": "forked_from",
    "schedule": "schedules",
    "application": "applications",
}
FLAG_FILTERS = ("queued", "has_parent", "is_fork", "was_forked")
_MOMENTS = (
    "created_from",
    "created_until",
    "started_from",
    "started_until",
    "completed_from",
    "completed_until",
)


def sql_filters(filters: Any, kind: Any = WorkflowFilters) -> dict[str, Any]:
    """The parameters of the engine's function for these filters.

    Raises:
        InvalidArgument: a filter is unknown, or its value of another kind.
    """
    asked: dict[str, Any] = {}
    for name, value in cast("Mapping[str, Any]", filters).items():
        if name not in kind.__annotations__:
            raise InvalidArgument(f"unknown filter {name!r}: there are {', '.join(kind.__annotations__)}")
        if value is None:
            continue
        if name in _SEVERAL:
            asked[_SEVERAL[name]] = several(name, value)
        elif name in FLAG_FILTERS:
            if not isinstance(value, bool):
                raise InvalidArgument(f"{name} is True, False or None, not {value!r}")
            asked[name] = value
        elif name in _MOMENTS:
            asked[name] = moment(name, value)
        else:
            asked[name] = _attributes(value)
    return asked


def several(name: str, value: Any) -> list[str]:
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [_one(name, each) for each in cast("Iterable[Any]", value)]
    return [_one(name, value)]


def _one(name: str, value: Any) -> str:
    if name == "name":
        return workflow_name(value)
    return queue_name(name, value) if name == "queue" else text(name, value)


def _attributes(value: Any) -> str:
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"attributes are a mapping, not {value!r}")
    try:
        return json.dumps(dict(cast("Mapping[str, Any]", value)), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"attributes are JSON values: {error}") from None
