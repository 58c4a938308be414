"""What clients read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg.rows import namedtuple_row

from .connections import Connections
from .items import (
    Outcome,
)


class LookingFunctions(Connections):
    """What clients read."""

    async def get_results(
        self, workflow_ids: Sequence[str], *, watch: bool, retry_for: float = 60.0
    ) -> list[Outcome]:
        rows = await self._call(
            "select workflow_id, status, output, error from {schema}.get_results(%s, %s)",
            list(workflow_ids),
            watch,
            retry_for=retry_for,
        )
        return [Outcome(*row) for row in rows]

    async def get_workflow(self, workflow_id: str) -> Any:
        return await self._call(
            "select * from {schema}.get_workflow(%s)", workflow_id, row_factory=namedtuple_row
        )

    async def list_steps(
        self, workflow_id: str, with_output: bool, after: int | None, limit: int | None
    ) -> Any:
        return await self._call(
            "select * from {schema}.list_steps(%s, %s, %s::int, %s::int)",
            workflow_id,
            with_output,
            after,
            limit,
            row_factory=namedtuple_row,
        )

    async def status(self) -> list[Any]:
        return await self._call("select subject, state, detail, hint from {schema}.status()")
