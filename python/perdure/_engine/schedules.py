"""Schedules."""

from __future__ import annotations

import datetime as dt
from typing import Any

from .connections import Connections


class ScheduleFunctions(Connections):
    """Schedules."""

    async def create_schedule(
        self,
        schedule: str,
        workflow: str,
        cron: str,
        zone: str,
        queue: str | None,
        context: str | None,
        automatic_backfill: bool,
        max_recovery_attempts: int,
    ) -> dt.datetime:
        rows = await self._call(
            "select {schema}.create_schedule(%s, %s, %s, %s, %s, %s::json, %s, %s, application => %s)",
            schedule,
            workflow,
            cron,
            zone,
            queue,
            context,
            automatic_backfill,
            max_recovery_attempts,
            self.application,
        )
        return rows[0][0]

    async def apply_schedules(self, schedules: str, create_queues: bool) -> list[tuple[str, str]]:
        return await self._call(
            "select schedule, outcome from {schema}.apply_schedules(%s::json, %s, %s)",
            schedules,
            create_queues,
            self.application,
        )

    async def list_schedules(self) -> list[Any]:
        return await self._call("select * from {schema}.list_schedules()")

    async def get_schedule(self, schedule: str) -> list[Any]:
        return await self._call("select * from {schema}.get_schedule(%s)", schedule)

    async def pause_schedule(self, schedule: str) -> None:
        await self._call("select {schema}.pause_schedule(%s)", schedule)

    async def resume_schedule(self, schedule: str) -> dt.datetime:
        return (await self._call("select {schema}.resume_schedule(%s)", schedule))[0][0]

    async def delete_schedule(self, schedule: str) -> None:
        await self._call("select {schema}.delete_schedule(%s)", schedule)

    async def trigger_schedule(self, schedule: str, at: dt.datetime) -> str:
        return (await self._call("select {schema}.trigger_schedule(%s, %s)", schedule, at))[0][0]

    async def backfill_schedule(
        self, schedule: str, since: dt.datetime, until: dt.datetime, most: int
    ) -> list[tuple[str, dt.datetime]]:
        return await self._call(
            "select workflow_id, tick from {schema}.backfill_schedule(%s, %s, %s, %s)",
            schedule,
            since,
            until,
            most,
        )

    async def cron_ticks(
        self, cron: str, zone: str, after: dt.datetime | None, many: int
    ) -> list[dt.datetime]:
        rows = await self._call("select * from {schema}.cron_ticks(%s, %s, %s, %s)", cron, zone, after, many)
        return [at for (at,) in rows]
