"""What ends workflows, lets them go on, and copies them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._checks import Seconds, span
from .connections import Connections
from .items import StepPlace


@dataclass(slots=True, frozen=True)
class ForkItem:
    """Workflows to fork; see `fork_many`."""

    workflow_ids: Sequence[str]
    new_workflow_ids: Sequence[str | None]
    from_steps: Sequence[int | None] | None
    from_name: str | None
    from_last: str | None
    queue: str | None
    app_version: str | None
    partition_keys: Sequence[str | None] | None
    priorities: Sequence[int] | None
    timeout: Seconds | None
    children: str | None

    def arguments(self) -> list[Any]:
        """In the order of the parameters of the functions."""
        return [
            list(self.workflow_ids),
            None if self.from_steps is None else list(self.from_steps),
            self.from_name,
            self.from_last,
            list(self.new_workflow_ids),
            self.queue,
            self.app_version,
            None if self.partition_keys is None else list(self.partition_keys),
            None if self.priorities is None else list(self.priorities),
            span(self.timeout),
            self.children,
        ]


class ManageFunctions(Connections):
    """What ends workflows, lets them go on, and copies them."""

    async def cancel_many(self, workflow_ids: Sequence[str], children: bool) -> dict[str, str]:
        """Cancels workflows; what became of each."""
        rows = await self._call(
            "select workflow_id, outcome from {schema}.cancel_many(%s::text[], %s)",
            list(workflow_ids),
            children,
        )
        return dict(rows)

    async def cancel_in_step(self, place: StepPlace, workflow_ids: Sequence[str], children: bool) -> str:
        """Cancels workflows, once for this step; what is recorded of it, as JSON."""
        rows = await self._call(
            "select {schema}.cancel_in_step(%s, %s, %s, %s::text[], %s)",
            place.key,
            place.token,
            place.step,
            list(workflow_ids),
            children,
        )
        return rows[0][0]

    async def resume_many(
        self, workflow_ids: Sequence[str], queue: str | None, children: bool
    ) -> dict[str, str]:
        """Resumes workflows; what became of each."""
        rows = await self._call(
            "select workflow_id, outcome from {schema}.resume_many(%s::text[], %s, %s)",
            list(workflow_ids),
            queue,
            children,
        )
        return dict(rows)

    async def resume_in_step(
        self, place: StepPlace, workflow_ids: Sequence[str], queue: str | None, children: bool
    ) -> str:
        """Resumes workflows, once for this step; what is recorded of it, as JSON."""
        rows = await self._call(
            "select {schema}.resume_in_step(%s, %s, %s, %s::text[], %s, %s)",
            place.key,
            place.token,
            place.step,
            list(workflow_ids),
            queue,
            children,
        )
        return rows[0][0]

    async def fork_many(self, item: ForkItem) -> list[str]:
        """Forks workflows; the ids of the forks."""
        rows = await self._call(
            "select workflow_id from {schema}.fork_many(%s::text[], %s::int[], %s, %s, %s::text[], %s, %s,"
            " %s::text[], %s::int[], %s, %s::json) order by item",
            *item.arguments(),
        )
        return [workflow_id for (workflow_id,) in rows]

    async def fork_in_step(self, place: StepPlace, item: ForkItem) -> str:
        """Forks workflows, once for this step; what is recorded of it, as JSON."""
        rows = await self._call(
            "select {schema}.fork_in_step(%s, %s, %s, %s::text[], %s::int[], %s, %s, %s::text[], %s, %s,"
            " %s::text[], %s::int[], %s, %s::json)",
            place.key,
            place.token,
            place.step,
            *item.arguments(),
        )
        return rows[0][0]
