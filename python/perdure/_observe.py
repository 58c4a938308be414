"""Looking at many workflows: lists, trees and figures; part of `Client`."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._checks import text, whole_number
from ._connected import Connected
from ._filters import WorkflowFilters, sql_filters
from ._handle import WorkflowStatus, read_workflow
from ._loop import run_sync

if TYPE_CHECKING:
    from typing_extensions import Unpack


_PAGE = 1000
_ACTIVE = ("ENQUEUED", "PENDING", "DELAYED")


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


class Observing(Connected):
    """The part of a client that looks at many workflows."""

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
                with one of creation that of `created_at`, and with one of start alone that of `started_at`.
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
        asked = sql_filters(filters)
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
        asked = sql_filters(filters)
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
        asked = sql_filters(filters)
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
