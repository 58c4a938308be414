"""Lists of workflows, and figures about them."""

from __future__ import annotations

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
