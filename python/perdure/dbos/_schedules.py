"""Schedules."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any, cast

from .._errors import ScheduleNotFound
from .._run import calling_run
from .._schedules import Schedule, ScheduleSettings
from . import error
from ._asking import Asking, Strings, several
from ._handles import in_step
from ._registry import registry
from ._twins import asks, sync_of
from ._types import (
    ScheduledWorkflow,
    ScheduleInput,
    WorkflowHandleAsync,
    WorkflowSchedule,
)

_WITH_SECONDS = 6


class Schedules(Asking):
    """Calls on schedules, whoever made them."""

    async def _get_schedule(self, name: str) -> WorkflowSchedule | None:
        # One that is missing is no error here.
        return next((s for s in await self._schedules() if s["schedule_name"] == name), None)

    async def _schedules(self) -> list[WorkflowSchedule]:
        return [_read_schedule(s) for s in await self._client().list_schedules_async()]

    @asks
    async def get_schedule_async(self, name: str) -> WorkflowSchedule | None:
        """A schedule; None if there is none of this name."""
        return await in_step("DBOS.getSchedule", lambda: self._get_schedule(name))

    get_schedule = sync_of(get_schedule_async)

    @asks
    async def list_schedules_async(
        self,
        *,
        status: Strings = None,
        workflow_name: Strings = None,
        schedule_name_prefix: Strings = None,
        application_name: Strings = None,
    ) -> list[WorkflowSchedule]:
        """The schedules that pass all filters, by name."""

        async def ask() -> list[WorkflowSchedule]:
            prefixes = several(schedule_name_prefix)
            return [
                s
                for s in await self._schedules()
                if _passes(s["status"], status)
                and _passes(s["workflow_name"], workflow_name)
                and (prefixes is None or s["schedule_name"].startswith(tuple(prefixes)))
                and _passes(s["application_name"], application_name)
            ]

        return await in_step("DBOS.listSchedules", ask)

    list_schedules = sync_of(list_schedules_async)

    @asks
    async def delete_schedule_async(self, name: str) -> None:
        """Deletes a schedule, if there is one of this name."""

        async def delete() -> None:
            with contextlib.suppress(ScheduleNotFound):
                await self._client().delete_schedule_async(name)

        await in_step("DBOS.deleteSchedule", delete)

    delete_schedule = sync_of(delete_schedule_async)

    @asks
    async def _pause_schedule_async(self, name: str) -> None:
        """Lets a schedule start nothing until it is resumed."""

        async def pause() -> None:
            with contextlib.suppress(ScheduleNotFound):
                await self._client().pause_schedule_async(name)

        await in_step("DBOS.pauseSchedule", pause)

    pause_schedule = sync_of(_pause_schedule_async)

    @asks
    async def _resume_schedule_async(self, name: str) -> None:
        """Lets a paused schedule go on."""

        async def resume() -> None:
            with contextlib.suppress(ScheduleNotFound):
                await self._client().resume_schedule_async(name)

        await in_step("DBOS.resumeSchedule", resume)

    resume_schedule = sync_of(_resume_schedule_async)

    @asks
    async def _backfill_schedule_async(
        self, schedule_name: str, start: dt.datetime, end: dt.datetime
    ) -> list[WorkflowHandleAsync[None]]:
        """Starts what the schedule would have started between two moments, unless that was started before."""
        _outside("backfill_schedule")
        found = await self._client().backfill_schedule_async(schedule_name, start, end)
        return [self._handle(h.workflow_id) for h in found]

    backfill_schedule = sync_of(_backfill_schedule_async)

    @asks
    async def _trigger_schedule_async(self, schedule_name: str) -> WorkflowHandleAsync[None]:
        """Starts the workflow of a schedule now."""
        _outside("trigger_schedule")
        return self._handle((await self._client().trigger_schedule_async(schedule_name)).workflow_id)

    trigger_schedule = sync_of(_trigger_schedule_async)


class OwnSchedules(Schedules):
    """Making schedules of functions of this program."""

    @asks
    async def create_schedule_async(
        self,
        *,
        schedule_name: str,
        workflow_fn: ScheduledWorkflow,
        schedule: str,
        context: Any = None,
        automatic_backfill: bool = False,
        cron_timezone: str | None = None,
        queue_name: str | None = None,
        shard_key: str | None = None,
    ) -> None:
        """Has the clock start a workflow with the scheduled time and the context.

        Raises:
            DBOSException: there is a schedule of this name, or the cron line cannot be read.
        """
        _, workflow = registry.find(workflow_fn)
        app = registry.launched()
        if queue_name is not None:
            await app.know_queue(queue_name, False)

        async def create() -> None:
            await app.create_schedule_async(
                schedule_name,
                workflow,
                seconds_last(schedule),
                zone=cron_timezone or "UTC",
                queue=queue_name,
                context=context,
                automatic_backfill=automatic_backfill,
            )

        await in_step("DBOS.createSchedule", create)

    create_schedule = sync_of(create_schedule_async)

    @asks
    async def apply_schedules_async(self, schedules: list[ScheduleInput]) -> None:
        """Makes schedules, or gives those that exist these settings; all of them or none."""
        if calling_run() is not None:
            raise error.DBOSException("`apply_schedules` is not for workflows: call it in a step")
        settings: dict[str, ScheduleSettings] = {}
        for given in schedules:
            missing = {"schedule_name", "workflow_fn", "schedule"} - given.keys()
            if missing:
                raise error.DBOSException(f"a schedule needs {', '.join(sorted(missing))}")
            found: dict[str, Any] = {
                "context": None,
                "automatic_backfill": False,
                **cast("dict[str, Any]", given),
            }
            # Of two with one name the last one holds.
            settings[found["schedule_name"]] = ScheduleSettings(
                found["schedule_name"],
                registry.find(found["workflow_fn"])[1],
                seconds_last(found["schedule"]),
                found.get("cron_timezone") or "UTC",
                found.get("queue_name"),
                found["context"],
                found["automatic_backfill"],
            )
        await registry.launched().apply_schedules_async(list(settings.values()), create_queues=True)

    apply_schedules = sync_of(apply_schedules_async)


def seconds_last(line: str) -> str:
    """A cron line as the engine has it: of six fields the last is the seconds. With DBOS it is the first."""
    fields = line.split()
    return " ".join([*fields[1:], fields[0]]) if len(fields) == _WITH_SECONDS else line


def _seconds_first(line: str) -> str:
    fields = line.split()
    return " ".join([fields[-1], *fields[:-1]]) if len(fields) == _WITH_SECONDS else line


def _outside(call: str) -> None:
    if calling_run() is not None:
        raise error.DBOSException(f"`{call}` is not for workflows: call it in a step")


def _passes(value: str | None, wanted: Strings) -> bool:
    values = several(wanted)
    return values is None or value in values


def _read_schedule(found: Schedule) -> WorkflowSchedule:
    return {
        "schedule_id": found.name,
        "schedule_name": found.name,
        "workflow_name": found.workflow,
        "workflow_class_name": None,
        "schedule": _seconds_first(found.cron),
        "status": "PAUSED" if found.paused else "ACTIVE",
        "context": found.context,
        "last_fired_at": None if found.last_at is None else found.last_at.isoformat(),
        "automatic_backfill": found.automatic_backfill,
        "cron_timezone": None if found.zone == "UTC" else found.zone,
        "queue_name": None if found.queue == "default" else found.queue,
        "application_name": found.application,
        "shard_key": None,
    }
