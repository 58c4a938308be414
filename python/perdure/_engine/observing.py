"""Lists of workflows, and figures about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from psycopg.rows import namedtuple_row

from .connections import Connections


class ObservingFunctions(Connections):
    """Lists of workflows, and figures about them."""

    async def list_workflows(
        self,
        filters: Mapping[str, Any],
        newest_first: bool,
        many: int,
        after: str | None,
        with_input: bool,
        with_output: bool,
    ) -> list[Any]:
        """A page; `filters` are the parameters of the function that are given."""
        return await self._call(
            "select * from {schema}.list_workflows("
            "workflow_ids => %s::text[], "
            "id_prefixes => %s::text[], "
            "statuses => %s::text[], "
            "names => %s::text[], "
            "app_versions => %s::text[], "
            "users => %s::text[], "
            "queues => %s::text[], "
            "queued => %s::boolean, "
            "executors => %s::text[], "
            "parents => %s::text[], "
            "has_parent => %s::boolean, "
            "forked_from => %s::text[], "
            "is_fork => %s::boolean, "
            "was_forked => %s::boolean, "
            "schedules => %s::text[], "
            "attributes => %s::jsonb, "
            "applications => %s::text[], "
            "created_from => %s::timestamptz, "
            "created_until => %s::timestamptz, "
            "started_from => %s::timestamptz, "
            "started_until => %s::timestamptz, "
            "completed_from => %s::timestamptz, "
            "completed_until => %s::timestamptz, "
            "newest_first => %s, max_workflows => %s::int, after => %s::text,"
            " with_input => %s, with_output => %s)",
            *(filters.get(name) for name in _FILTERS),
            newest_first,
            many,
            after,
            with_input,
            with_output,
            row_factory=namedtuple_row,
        )

    async def workflow_tree(self, workflow_id: str, max_depth: int, limit: int) -> list[Any]:
        return await self._call(
            "select * from {schema}.workflow_tree(%s, %s::int, %s::int)", workflow_id, max_depth, limit
        )

    async def workflow_aggregates(
        self,
        group_by: list[str],
        filters: Mapping[str, Any],
        bucket_width: dt.timedelta | None,
        max_groups: int,
    ) -> list[Any]:
        return await self._call(
            "select * from {schema}.workflow_aggregates(%s::text[], %s::text[], %s::text[], %s::text[],"
            " %s::timestamptz, %s::timestamptz, %s::timestamptz, %s::timestamptz, %s::interval, %s::int)",
            group_by,
            *(filters.get(name) for name in _COUNTED),
            bucket_width,
            max_groups,
        )

    async def workflow_durations(self, group_by: list[str], filters: Mapping[str, Any]) -> list[Any]:
        return await self._call(
            "select * from {schema}.workflow_durations(%s::text[], %s::text[], %s::text[], %s::text[],"
            " %s::timestamptz, %s::timestamptz)",
            group_by,
            *(filters.get(name) for name in _MEASURED),
        )

    async def step_aggregates(
        self, group_by: list[str], steps: list[str] | None, filters: Mapping[str, Any], max_groups: int
    ) -> list[Any]:
        return await self._call(
            "select * from {schema}.step_aggregates(%s::text[], %s::text[], %s::text[],"
            " %s::timestamptz, %s::timestamptz, %s::int)",
            group_by,
            steps,
            *(filters.get(name) for name in ("names", "created_from", "created_until")),
            max_groups,
        )

    async def metrics(self) -> list[Any]:
        return await self._call("select * from {schema}.metrics()")


_MEASURED = ("statuses", "names", "queues", "completed_from", "completed_until")
_COUNTED = (
    "statuses",
    "names",
    "queues",
    "created_from",
    "created_until",
    "completed_from",
    "completed_until",
)

# In the order of the statement.
_FILTERS = (
    "workflow_ids",
    "id_prefixes",
    "statuses",
    "names",
    "app_versions",
    "users",
    "queues",
    "queued",
    "executors",
    "parents",
    "has_parent",
    "forked_from",
    "is_fork",
    "was_forked",
    "schedules",
    "attributes",
    "applications",
    "created_from",
    "created_until",
    "started_from",
    "started_until",
    "completed_from",
    "completed_until",
)
