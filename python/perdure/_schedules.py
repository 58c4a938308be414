"""Schedules, from Python: what the clock starts. The database reads the cron lines and fires them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._checks import whole_number
from ._connected import Connected
from ._errors import InvalidArgument
from ._handle import WorkflowHandle
from ._loop import run_sync
from ._serialize import Codec

if TYPE_CHECKING:
    pass

_PART = 1000


@dataclass(slots=True, frozen=True)
class ScheduleSettings:
    """What a schedule is to be.

    Attributes:
        name: 1 to 400 bytes.
        workflow: the name of a workflow, or the decorated function. It is called with the tick, as ISO 8601
            text with the offset of the zone (`datetime.fromisoformat` reads it), and the context.
        cron: five fields, or six, of which the last is seconds; or @hourly, @daily, ...
        zone: the time zone of the line, by name.
        queue: where its workflows wait; None: in `default`, or in the queue of the client's application.
        context: any value that can be serialized.
        automatic_backfill: whether ticks that were missed while nobody ran are all started later; otherwise
            only the latest of them is.
    """

    name: str
    workflow: Any
    cron: str
    zone: str = "UTC"
    queue: str | None = None
    context: Any = None
    automatic_backfill: bool = False

    def dump(self, codec: Codec) -> str:
        """As an object for `apply_schedules` of the engine."""
        settings = {
            "schedule": self.name,
            "workflow": workflow_name(self.workflow),
            "cron": self.cron,
            "zone": str(self.zone),
            "queue": self.queue,
            "automatic_backfill": self.automatic_backfill,
            "max_recovery_attempts": getattr(self.workflow, "max_recovery_attempts", 100),
        }
        text = json.dumps(settings)
        if self.context is None:
            return text
        return f'{text[:-1]}, "context": {codec.dumps(self.context, "context")}}}'


@dataclass(slots=True, frozen=True)
class Schedule:
    """A schedule as it is in the database; see `ScheduleSettings`.

    Attributes:
        next_at: the next tick; None while it is paused, or if the database does not know its zone any more.
        last_at: the tick that was fired last.
    """

    name: str
    workflow: str
    cron: str
    zone: str
    queue: str
    context: Any
    automatic_backfill: bool
    max_recovery_attempts: int
    paused: bool
    next_at: dt.datetime | None
    last_at: dt.datetime | None
    created_at: dt.datetime
    application: str | None


class Schedules(Connected):
    """The part of a client that has to do with schedules."""

    def create_schedule(
        self,
        name: str,
        workflow: Any,
        cron: str,
        *,
        zone: str = "UTC",
        queue: str | None = None,
        context: Any = None,
        automatic_backfill: bool = False,
    ) -> dt.datetime:
        """Makes a schedule; see `ScheduleSettings` for its settings.

        Returns:
            Its first tick, which is after now.

        Raises:
            InvalidArgument: a line that cannot be read or never fires, an unknown zone, a bad name.
            QueueNotFound: there is no such queue.
            ScheduleExists: there is one of this name.
            SerializationError: the context has no JSON form.
        """
        return run_sync(
            self.create_schedule_async(
                name,
                workflow,
                cron,
                zone=zone,
                queue=queue,
                context=context,
                automatic_backfill=automatic_backfill,
            ),
            "create_schedule_async",
        )

    async def create_schedule_async(
        self,
        name: str,
        workflow: Any,
        cron: str,
        *,
        zone: str = "UTC",
        queue: str | None = None,
        context: Any = None,
        automatic_backfill: bool = False,
    ) -> dt.datetime:
        """`create_schedule` for async code."""
        label, attempts = workflow_name(workflow), getattr(workflow, "max_recovery_attempts", 100)
        text = None if context is None else self.codec.dumps(context, "context")
        return await self._ask(
            lambda: self._engine.create_schedule(
                name,
                label,
                cron,
                str(zone),
                queue if queue is not None or self.application is not None else "default",
                text,
                automatic_backfill,
                attempts,
            )
        )

    def apply_schedules(
        self, schedules: Sequence[ScheduleSettings], *, create_queues: bool = False
    ) -> dict[str, str]:
        """Makes these schedules, or gives those that exist exactly these settings: all or, on an error, none.

        One whose line and zone are as before keeps its next tick, and one that is paused stays so. Others
        are left as they are.

        Args:
            schedules: what they are to be.
            create_queues: whether queues that do not exist are made.

        Returns:
            For each name "created", "updated" or "unchanged".

        Raises:
            InvalidArgument, QueueNotFound, SerializationError: as `create_schedule`.
        """
        return run_sync(
            self.apply_schedules_async(schedules, create_queues=create_queues), "apply_schedules_async"
        )

    async def apply_schedules_async(
        self, schedules: Sequence[ScheduleSettings], *, create_queues: bool = False
    ) -> dict[str, str]:
        """`apply_schedules` for async code."""
        text = dump_schedules(self.codec, schedules)
        return dict(await self._ask(lambda: self._engine.apply_schedules(text, create_queues)))

    def list_schedules(self) -> list[Schedule]:
        """The schedules, by name."""
        return run_sync(self.list_schedules_async(), "list_schedules_async")

    async def list_schedules_async(self) -> list[Schedule]:
        """`list_schedules` for async code."""
        return [_read_schedule(self.codec, *row) for row in await self._ask(self._engine.list_schedules)]

    def get_schedule(self, name: str) -> Schedule:
        """A schedule as it is now.

        Raises:
            ScheduleNotFound: there is none of this name.
        """
        return run_sync(self.get_schedule_async(name), "get_schedule_async")

    async def get_schedule_async(self, name: str) -> Schedule:
        """`get_schedule` for async code."""
        (row,) = await self._ask(lambda: self._engine.get_schedule(name))
        return _read_schedule(self.codec, name, *row)

    def pause_schedule(self, name: str) -> None:
        """Lets a schedule start nothing more until it is resumed; what it has started goes on.

        Raises:
            ScheduleNotFound: there is none of this name.
        """
        run_sync(self.pause_schedule_async(name), "pause_schedule_async")

    async def pause_schedule_async(self, name: str) -> None:
        """`pause_schedule` for async code."""
        await self._ask(lambda: self._engine.pause_schedule(name))

    def resume_schedule(self, name: str) -> dt.datetime:
        """Lets a schedule go on with its next tick; those of the pause are not started.

        Returns:
            The next tick.

        Raises:
            ScheduleNotFound: there is none of this name.
        """
        return run_sync(self.resume_schedule_async(name), "resume_schedule_async")

    async def resume_schedule_async(self, name: str) -> dt.datetime:
        """`resume_schedule` for async code."""
        return await self._ask(lambda: self._engine.resume_schedule(name))

    def delete_schedule(self, name: str) -> None:
        """Removes a schedule; what it has started goes on.

        Raises:
            ScheduleNotFound: there is none of this name.
        """
        run_sync(self.delete_schedule_async(name), "delete_schedule_async")

    async def delete_schedule_async(self, name: str) -> None:
        """`delete_schedule` for async code."""
        await self._ask(lambda: self._engine.delete_schedule(name))

    def trigger_schedule(self, name: str) -> WorkflowHandle[Any]:
        """Starts a workflow of a schedule at once, also of one that is paused; its ticks are not changed.

        Raises:
            ScheduleNotFound: there is none of this name.
        """
        return run_sync(self.trigger_schedule_async(name), "trigger_schedule_async")

    async def trigger_schedule_async(self, name: str) -> WorkflowHandle[Any]:
        """`trigger_schedule` for async code."""
        # The time is in the id: a call that is made again after a lost connection starts nothing more.
        at = dt.datetime.now(dt.timezone.utc)
        found = await self._ask(lambda: self._engine.trigger_schedule(name, at))
        return WorkflowHandle(self, found)

    def backfill_schedule(
        self, name: str, since: dt.datetime, until: dt.datetime
    ) -> list[WorkflowHandle[Any]]:
        """Starts a workflow for each tick of a span of the past, unless that tick was started before.

        Args:
            name: the schedule; it may be paused.
            since, until: the span, with its beginning and without its end.

        Returns:
            A handle for each tick, in order, also of those that were started before.

        Raises:
            ScheduleNotFound: there is none of this name.
            InvalidArgument: the span ends in the future or before it begins, or a time has no zone.
        """
        return run_sync(self.backfill_schedule_async(name, since, until), "backfill_schedule_async")

    async def backfill_schedule_async(
        self, name: str, since: dt.datetime, until: dt.datetime
    ) -> list[WorkflowHandle[Any]]:
        """`backfill_schedule` for async code."""
        since, until = _with_zone(since), _with_zone(until)
        found: list[WorkflowHandle[Any]] = []
        while True:
            part = await self._ask(
                lambda since=since: self._engine.backfill_schedule(name, since, until, _PART)
            )
            found += [WorkflowHandle(self, workflow_id) for workflow_id, _ in part]
            if len(part) < _PART:
                return found
            since = part[-1][1] + dt.timedelta(microseconds=1)

    def preview_schedule(
        self, cron: str, zone: str = "UTC", *, many: int = 5, after: dt.datetime | None = None
    ) -> list[dt.datetime]:
        """The next ticks of a cron line, before a schedule is made of it.

        Args:
            cron, zone: see `ScheduleSettings`.
            many: how many ticks, 1 to 1000.
            after: the moment after which they are; None: now.

        Raises:
            InvalidArgument: a line that cannot be read or never fires, an unknown zone, a time without zone.
        """
        return run_sync(
            self.preview_schedule_async(cron, zone, many=many, after=after), "preview_schedule_async"
        )

    async def preview_schedule_async(
        self, cron: str, zone: str = "UTC", *, many: int = 5, after: dt.datetime | None = None
    ) -> list[dt.datetime]:
        """`preview_schedule` for async code."""
        whole_number("many", many, 1)
        since = None if after is None else _with_zone(after)
        return await self._ask(lambda: self._engine.cron_ticks(cron, str(zone), since, many))


def dump_schedules(codec: Codec, schedules: Sequence[ScheduleSettings]) -> str:
    """As the engine takes them."""
    return f"[{','.join(each.dump(codec) for each in schedules)}]"


def workflow_name(workflow: Any) -> str:
    """The name of a workflow that is given by it, or as the decorated function.

    Raises:
        InvalidArgument: it is neither.
    """
    name = workflow if isinstance(workflow, str) else getattr(workflow, "workflow_name", None)
    if name is None:
        raise InvalidArgument(f"{workflow!r} is no workflow: give a name, or a function decorated as one")
    return name


def _read_schedule(codec: Codec, *row: Any) -> Schedule:
    found = Schedule(*row)
    return dataclasses.replace(found, context=codec.loads(found.context))


def _with_zone(at: dt.datetime) -> dt.datetime:
    if at.tzinfo is None:
        raise InvalidArgument(f"{at!r} has no time zone: give an aware datetime")
    return at
