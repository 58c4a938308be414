"""Looking at many workflows: lists, trees and figures; part of `Client`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, cast

from ._errors import InvalidArgument
from ._handle import WorkflowStatus, read_workflow
from ._loop import run_sync
from ._options import queue_name, text, whole_number
from ._schedules import workflow_name
from ._serialize import Codec

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._engine import Engine
    from ._queue import Queue

_PAGE = 1000
_ACTIVE = ("ENQUEUED", "PENDING", "DELAYED")


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
        forked_from: the id of the workflow that it is a fork of; was_forked: whether there are forks of it.
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


@dataclass(slots=True, frozen=True)
class WorkflowNode:
    """A workflow in the tree of another.

    Attributes:
        depth: 0 for the one that was asked for.
        parent_step: the step of its parent that started it.
        more: it has children that are not listed.
    """

    depth: int
    workflow_key: int
    workflow_id: str
    parent_id: str | None
    parent_step: int | None
    workflow: str
    status: str
    queue: str | None
    executor: str | None
    app_version: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    completed_at: dt.datetime | None
    more: bool


class Observing:
    """The part of a client that looks at many workflows."""

    codec: Codec
    _engine: Engine

    async def _ask(self, make: Any) -> Any:
        raise NotImplementedError

    # -------------------------------------------------------------------------------------- lists

    def list_workflows(
        self,
        *,
        newest_first: bool = True,
        limit: int | None = 100,
        after: str | None = None,
        with_input: bool = True,
        with_output: bool = True,
        **filters: Unpack[WorkflowFilters],
    ) -> list[WorkflowStatus]:
        """The workflows that pass all filters.

        Args:
            newest_first: the order. It is that of enqueueing; with a span of completion that of completion,
                and with a span of creation alone that of `created_at`.
            limit: how many at most; None: all.
            after: the `cursor` of the last one seen: the list goes on behind it.
            with_input: whether to bring what they were called with.
            with_output: whether to bring what they returned or raised.
            **filters: see `WorkflowFilters`.

        Raises:
            InvalidArgument: an unknown filter or status, a value of another kind, a time without zone, a span
                that ends before it begins, a limit below 1, a cursor of another order.
        """
        return run_sync(
            self.list_workflows_async(
                newest_first=newest_first,
                limit=limit,
                after=after,
                with_input=with_input,
                with_output=with_output,
                **filters,
            ),
            "list_workflows_async",
        )

    async def list_workflows_async(
        self,
        *,
        newest_first: bool = True,
        limit: int | None = 100,
        after: str | None = None,
        with_input: bool = True,
        with_output: bool = True,
        **filters: Unpack[WorkflowFilters],
    ) -> list[WorkflowStatus]:
        """`list_workflows` for async code."""
        found: list[WorkflowStatus] = []
        asked = _sql_filters(filters)
        if limit is not None:
            whole_number("limit", limit, 1)
        while limit is None or len(found) < limit:
            many = _PAGE if limit is None else min(limit - len(found), _PAGE)
            page = await self._page(asked, newest_first, many, after, with_input, with_output)
            found += page
            if len(page) < many:
                break
            after = page[-1].cursor
        return found

    def iter_workflows(
        self,
        *,
        newest_first: bool = True,
        page: int = 100,
        after: str | None = None,
        with_input: bool = True,
        with_output: bool = True,
        **filters: Unpack[WorkflowFilters],
    ) -> Iterator[WorkflowStatus]:
        """The workflows that pass all filters, one after the other, brought a page at a time: each once at
        most, whatever comes and goes meanwhile.

        Args:
            page: how many to bring at a time, 1 to 10000.

        Others as in `list_workflows`.
        """
        asked = _sql_filters(filters)
        whole_number("page", page, 1)

        async def bring(after: str | None) -> list[WorkflowStatus]:
            return await self._page(asked, newest_first, page, after, with_input, with_output)

        while found := run_sync(bring(after), "iter_workflows_async"):
            yield from found
            if len(found) < page:
                return
            after = found[-1].cursor

    async def iter_workflows_async(
        self,
        *,
        newest_first: bool = True,
        page: int = 100,
        after: str | None = None,
        with_input: bool = True,
        with_output: bool = True,
        **filters: Unpack[WorkflowFilters],
    ) -> AsyncIterator[WorkflowStatus]:
        """`iter_workflows` for async code."""
        asked = _sql_filters(filters)
        whole_number("page", page, 1)
        while found := await self._page(asked, newest_first, page, after, with_input, with_output):
            for each in found:
                yield each
            if len(found) < page:
                return
            after = found[-1].cursor

    def list_queued_workflows(
        self,
        *,
        newest_first: bool = True,
        limit: int | None = 100,
        after: str | None = None,
        with_input: bool = True,
        **filters: Unpack[WorkflowFilters],
    ) -> list[WorkflowStatus]:
        """The active workflows that were enqueued in queues: what waits, runs, or is put down.

        Arguments as in `list_workflows`.
        """
        return run_sync(
            self.list_queued_workflows_async(
                newest_first=newest_first, limit=limit, after=after, with_input=with_input, **filters
            ),
            "list_queued_workflows_async",
        )

    async def list_queued_workflows_async(
        self,
        *,
        newest_first: bool = True,
        limit: int | None = 100,
        after: str | None = None,
        with_input: bool = True,
        **filters: Unpack[WorkflowFilters],
    ) -> list[WorkflowStatus]:
        """`list_queued_workflows` for async code."""
        asked: WorkflowFilters = {"status": _ACTIVE, "queued": True}
        asked.update(filters)
        return await self.list_workflows_async(
            newest_first=newest_first, limit=limit, after=after, with_input=with_input, **asked
        )

    async def _page(
        self,
        asked: Mapping[str, Any],
        newest_first: bool,
        many: int,
        after: str | None,
        with_input: bool,
        with_output: bool,
    ) -> list[WorkflowStatus]:
        cursor = None if after is None else text("after", after)
        rows = await self._ask(
            lambda: self._engine.list_workflows(asked, newest_first, many, cursor, with_input, with_output)
        )
        return [read_workflow(self.codec, row) for row in rows]

    def workflow_tree(
        self, workflow_id: str, *, max_depth: int = 100, limit: int = 1000
    ) -> list[WorkflowNode]:
        """A workflow, its children, their children and so on: each before its own children, these in the
        order in which they were started.

        Args:
            workflow_id: the first of them.
            max_depth: how many levels below it, at most 1000.
            limit: how many in all, at most 10000; the upper levels come first.

        Raises:
            WorkflowNotFound: there is none of this id.
            InvalidArgument: a number is out of range.
        """
        return run_sync(
            self.workflow_tree_async(workflow_id, max_depth=max_depth, limit=limit), "workflow_tree_async"
        )

    async def workflow_tree_async(
        self, workflow_id: str, *, max_depth: int = 100, limit: int = 1000
    ) -> list[WorkflowNode]:
        """`workflow_tree` for async code."""
        text("workflow_id", workflow_id)
        whole_number("max_depth", max_depth, 0)
        whole_number("limit", limit, 1)
        rows = await self._ask(lambda: self._engine.workflow_tree(workflow_id, max_depth, limit))
        return [WorkflowNode(*row) for row in rows]


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
_FLAGS = ("queued", "has_parent", "was_forked")
_MOMENTS = (
    "created_from",
    "created_until",
    "started_from",
    "started_until",
    "completed_from",
    "completed_until",
)


def _sql_filters(filters: WorkflowFilters) -> dict[str, Any]:
    """The parameters of the engine's function for these filters.

    Raises:
        InvalidArgument: a filter is unknown, or its value of another kind.
    """
    asked: dict[str, Any] = {}
    for name, value in cast("Mapping[str, Any]", filters).items():
        if name not in WorkflowFilters.__annotations__:
            known = ", ".join(WorkflowFilters.__annotations__)
            raise InvalidArgument(f"unknown filter {name!r}: a list of workflows has {known}")
        if value is None:
            continue
        if name in _SEVERAL:
            asked[_SEVERAL[name]] = _several(name, value)
        elif name in _FLAGS:
            if not isinstance(value, bool):
                raise InvalidArgument(f"{name} is True, False or None, not {value!r}")
            asked[name] = value
        elif name in _MOMENTS:
            asked[name] = _moment(name, value)
        else:
            asked[name] = _attributes(value)
    return asked


def _several(name: str, value: Any) -> list[str]:
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [_one(name, each) for each in cast("Iterable[Any]", value)]
    return [_one(name, value)]


def _one(name: str, value: Any) -> str:
    if name == "name":
        return workflow_name(value)
    return queue_name(name, value) if name == "queue" else text(name, value)


def _moment(name: str, value: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime) or value.utcoffset() is None:
        raise InvalidArgument(
            f"{name} is a datetime with a time zone, not {value!r}: datetime.now(timezone.utc) has one"
        )
    return value


def _attributes(value: Any) -> str:
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"attributes are a mapping, not {value!r}")
    try:
        return json.dumps(dict(cast("Mapping[str, Any]", value)), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"attributes are JSON values: {error}") from None
