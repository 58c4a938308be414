"""What is kept, deleted, exported and imported, and what is told of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import psycopg

from .._errors import InvalidArgument, PerdureError
from .connections import Connections
from .items import StepPlace


class KeepingFunctions(Connections):
    """What is kept, deleted, exported and imported, and what is told of it."""

    async def delete_workflows(self, workflow_ids: Sequence[str], children: bool) -> int:
        rows = await self._call("select {schema}.delete_workflows(%s, %s)", list(workflow_ids), children)
        return rows[0][0]

    async def delete_in_step(self, place: StepPlace, workflow_ids: Sequence[str], children: bool) -> str:
        """Deletes workflows, once for this step; what is recorded of it, as JSON."""
        rows = await self._call(
            "select {schema}.delete_in_step(%s, %s, %s, %s::text[], %s)",
            place.key,
            place.token,
            place.step,
            list(workflow_ids),
            children,
        )
        return rows[0][0]

    async def set_retention(
        self,
        workflow: str | None,
        max_age: dt.timedelta | None,
        max_count: int | None,
        statuses: Sequence[str] | None,
    ) -> None:
        await self._call(
            "select {schema}.set_retention(%s, %s, %s, %s)",
            workflow,
            max_age,
            max_count,
            None if statuses is None else list(statuses),
        )

    async def delete_retention(self, workflow: str | None) -> bool:
        return (await self._call("select {schema}.delete_retention(%s)", workflow))[0][0]

    async def list_retention(self) -> list[Any]:
        return await self._call("select * from {schema}.list_retention()")

    async def preview_retention(self, workflow: str | None, most: int) -> list[Any]:
        return await self._call("select * from {schema}.preview_retention(%s, %s)", workflow, most)

    async def export_workflow(self, workflow_id: str, children: bool) -> str:
        return (await self._call("select {schema}.export_workflow(%s, %s)", workflow_id, children))[0][0]

    async def import_workflow(self, document: str, create_queues: bool) -> int:
        try:
            rows = await self._call("select {schema}.import_workflow(%s::json, %s)", document, create_queues)
        except PerdureError as error:
            if isinstance(error.__cause__, psycopg.errors.InvalidTextRepresentation):
                raise InvalidArgument("that is no document of export_workflow: it is no JSON") from error
            raise
        return rows[0][0]

    async def alerts(
        self,
        within: dt.timedelta | None,
        max_waiting: dt.timedelta | None,
        max_failures: float,
        min_ended: int,
        max_lateness: dt.timedelta | None,
    ) -> list[Any]:
        return await self._call(
            "select * from {schema}.alerts(%s, %s, %s, %s, %s)",
            within,
            max_waiting,
            max_failures,
            min_ended,
            max_lateness,
        )

    async def notify_alerts(self, enabled: bool) -> None:
        await self._call("select {schema}.notify_alerts(%s)", enabled)
