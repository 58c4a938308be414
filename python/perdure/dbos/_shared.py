"""What `DBOS` and `DBOSClient` have in common. Async is written, sync is derived."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import AsyncGenerator, Generator
from typing import Any, cast

from .._errors import InvalidArgument, ScheduleNotFound, WorkflowActive, WorkflowNotFound
from .._loop import run_sync
from .._manage import calling_run
from .._schedules import Schedule
from . import error
from ._app import Extras
from ._context import take_assigned_id
from ._errors import sent_to_none
from ._handles import AsyncHandle, in_step, milliseconds, read_status, read_step, result_of, status_of
from ._twins import asks, refuse_running_loop, sync_of
from ._types import (
    SendMessage,
    StepInfo,
    VersionInfo,
    WorkflowHandle,
    WorkflowHandleAsync,
    WorkflowSchedule,
    WorkflowSerializationFormat,
    WorkflowStatus,
)
from ._values import as_format

Strings = str | list[str] | None
_DEFAULT = WorkflowSerializationFormat.DEFAULT
_ACTIVE = ["ENQUEUED", "PENDING", "DELAYED"]


class Shared:
    """Calls on workflows that were started, whoever started them."""

    def _client(self) -> Extras:
        raise NotImplementedError

    def _handle(self, workflow_id: str) -> AsyncHandle[Any]:
        return AsyncHandle(workflow_id, self._client())

    # ----------------------------------------------------------------------------------- messages

    async def _send(
        self,
        messages: list[SendMessage],
        kind: WorkflowSerializationFormat | None,
        send_to_forks: bool,
    ) -> None:
        client = self._client()
        keys = [m.idempotency_key for m in messages if m.idempotency_key is not None]
        if len(keys) > len(set(keys)):
            raise error.DBOSException("two of the messages have one idempotency key")
        entries = [
            (to, as_format(m.message, kind), m.topic, m.idempotency_key)
            for m in messages
            for to in [m.destination_id, *(await self._forks_of(m.destination_id) if send_to_forks else ())]
        ]
        try:
            await client.send_many_async(entries)
        except WorkflowNotFound as failure:
            raise sent_to_none(failure) from failure

    async def _forks_of(self, workflow_id: str) -> list[str]:
        """The forks of a workflow, and their forks."""
        found: list[str] = []
        new = [workflow_id]
        while new:
            forks = await self._client().list_workflows_async(
                forked_from=new, limit=None, with_input=False, with_output=False
            )
            new = [fork.workflow_id for fork in forks]
            found += new
        return found

    # ------------------------------------------------------------------------------------- events

    @asks
    async def get_event_async(
        self, workflow_id: str, key: str, timeout_seconds: float = 60, *, shard_key: str | None = None
    ) -> Any:
        """The value of an event of a workflow, once it is set; None if it is not in that time."""
        return await self._client().event_of(workflow_id, key, timeout_seconds)

    get_event = sync_of(get_event_async)

    # ------------------------------------------------------------------------------------ streams

    async def _stream(
        self, workflow_id: str, key: str, offset: int, timeout: float | None
    ) -> tuple[list[Any], bool]:
        _check_timeout(timeout)
        return await in_step(
            "DBOS.readStream", lambda: self._client().stream_from(workflow_id, key, offset, timeout)
        )

    def read_stream(
        self,
        workflow_id: str,
        key: str,
        *,
        offset: int = 0,
        polling_interval_sec: float | None = None,
        timeout_seconds: float | None = None,
        shard_key: str | None = None,
    ) -> Generator[Any, Any, None]:
        """The values of a stream as they are written; ends when it is closed or its workflow has ended.
        `timeout_seconds`: how long to wait for each."""
        refuse_running_loop("read_stream", "read_stream_async")
        while True:
            values, ended = run_sync(
                self._stream(workflow_id, key, offset, timeout_seconds), "read_stream_async"
            )
            yield from values
            if ended:
                return
            offset += len(values)

    async def read_stream_async(
        self,
        workflow_id: str,
        key: str,
        *,
        offset: int = 0,
        polling_interval_sec: float | None = None,
        timeout_seconds: float | None = None,
        shard_key: str | None = None,
    ) -> AsyncGenerator[Any, None]:
        """`read_stream` for async code."""
        while True:
            values, ended = await self._stream(workflow_id, key, offset, timeout_seconds)
            for value in values:
                yield value
            if ended:
                return
            offset += len(values)

    @asks
    async def read_stream_offset_async(
        self,
        workflow_id: str,
        key: str,
        offset: int,
        *,
        polling_interval_sec: float | None = None,
        timeout_seconds: float | None = None,
        shard_key: str | None = None,
    ) -> Any:
        """The value at this place of a stream, when it is written. Raises DBOSStreamTimeoutError if it is
        not in that time, or the stream ends before it."""

        _check_timeout(timeout_seconds)

        async def read() -> Any:
            values, _ = await self._client().stream_from(workflow_id, key, offset, timeout_seconds)
            if not values:
                # It has ended: no time would have been enough.
                raise error.DBOSStreamTimeoutError(workflow_id, key)
            return values[0]

        return await in_step("DBOS.readStreamOffset", read)

    read_stream_offset = sync_of(read_stream_offset_async)

    # --------------------------------------------------------------------------------- management

    @asks
    async def cancel_workflows_async(
        self, workflow_ids: list[str], *, cancel_children: bool = False, shard_key: str | None = None
    ) -> None:
        """Cancels workflows that have not ended; ids that nothing has are passed over."""
        if calling_run() is not None:
            await self._client().cancel_many_async(workflow_ids, children=cancel_children)
            return
        for workflow_id in workflow_ids:
            with contextlib.suppress(WorkflowNotFound):
                await self._client().cancel_many_async([workflow_id], children=cancel_children)

    cancel_workflows = sync_of(cancel_workflows_async)

    @asks
    async def cancel_workflow_async(
        self, workflow_id: str, *, cancel_children: bool = False, shard_key: str | None = None
    ) -> None:
        """Cancels a workflow that has not ended."""
        await self.cancel_workflows_async([workflow_id], cancel_children=cancel_children)

    cancel_workflow = sync_of(cancel_workflow_async)

    @asks
    async def resume_workflows_async(
        self, workflow_ids: list[str], *, queue_name: str | None = None, shard_key: str | None = None
    ) -> list[WorkflowHandleAsync[Any]]:
        """Enqueues workflows again that were cancelled or dead-lettered; they go on after their last step."""
        await self._client().resume_many_async(workflow_ids, queue=queue_name)
        return [self._handle(workflow_id) for workflow_id in workflow_ids]

    resume_workflows = sync_of(resume_workflows_async)

    @asks
    async def resume_workflow_async(
        self, workflow_id: str, *, queue_name: str | None = None, shard_key: str | None = None
    ) -> WorkflowHandleAsync[Any]:
        """Enqueues a workflow again that was cancelled or dead-lettered; it goes on after its last step."""
        return (await self.resume_workflows_async([workflow_id], queue_name=queue_name))[0]

    resume_workflow = sync_of(resume_workflow_async)

    @asks
    async def delete_workflows_async(
        self, workflow_ids: list[str], *, delete_children: bool = False, shard_key: str | None = None
    ) -> None:
        """Deletes workflows with all that they recorded; what is active is cancelled before."""
        client = self._client()

        async def delete() -> None:
            for workflow_id in workflow_ids:
                with contextlib.suppress(WorkflowNotFound):
                    try:
                        await client.delete_workflows_async([workflow_id], children=delete_children)
                    except WorkflowActive:
                        await client.cancel_many_async([workflow_id], children=delete_children)
                        await client.delete_workflows_async([workflow_id], children=delete_children)

        await in_step("DBOS.deleteWorkflow", delete)

    delete_workflows = sync_of(delete_workflows_async)

    @asks
    async def delete_workflow_async(
        self, workflow_id: str, *, delete_children: bool = False, shard_key: str | None = None
    ) -> None:
        """Deletes a workflow with all that it recorded; one that is active is cancelled before."""
        await self.delete_workflows_async([workflow_id], delete_children=delete_children)

    delete_workflow = sync_of(delete_workflow_async)

    @asks
    async def fork_workflow_async(
        self,
        workflow_id: str,
        start_step: int,
        *,
        application_version: str | None = None,
        queue_name: str | None = None,
        queue_partition_key: str | None = None,
        replacement_children: dict[str, str] | None = None,
        timeout_seconds: float | None = None,
        shard_key: str | None = None,
    ) -> WorkflowHandleAsync[Any]:
        """Starts a new workflow that goes on from a step of another, with what that recorded before."""
        assigned = take_assigned_id()
        if queue_name is not None:
            await self._client().know_queue(queue_name, queue_partition_key is not None)
        options: dict[str, Any] = {
            "new_workflow_id": None if assigned is None else assigned.workflow_id,
            "queue": queue_name,
            "app_version": application_version,
            "partition_key": queue_partition_key,
            "timeout": timeout_seconds,
            "children": replacement_children,
        }
        client = self._client()
        try:
            found = await client.fork_async(workflow_id, max(1, start_step), **options)
        except InvalidArgument:
            # From beyond its last step: then it takes all steps with it.
            steps = await client.list_steps_async(workflow_id, with_output=False)
            after = max((s.step for s in steps), default=0) + 1
            if calling_run() is not None or start_step <= after:
                raise
            found = await client.fork_async(workflow_id, after, **options)
        return self._handle(found.workflow_id)

    fork_workflow = sync_of(fork_workflow_async)

    @asks
    async def rewind_workflow_async(
        self,
        workflow_id: str,
        *,
        start_step: int | None = None,
        application_version: str | None = None,
        queue_name: str | None = None,
        queue_partition_key: str | None = None,
        shard_key: str | None = None,
    ) -> WorkflowHandleAsync[Any]:
        """Not offered: what a workflow has recorded is never taken back. Raises DBOSException."""
        raise error.DBOSException(
            "a workflow is not rewound here, because what it has recorded is never taken back: fork it with"
            " `fork_workflow`"
        )

    rewind_workflow = sync_of(rewind_workflow_async)

    @asks
    async def set_workflow_delay_async(
        self,
        workflow_id: str,
        *,
        delay_seconds: float | None = None,
        delay_until_epoch_ms: int | None = None,
        shard_key: str | None = None,
    ) -> None:
        """Changes when a DELAYED workflow is enqueued; others stay as they are."""
        if (delay_seconds is None) is (delay_until_epoch_ms is None):
            raise error.DBOSException("give either delay_seconds or delay_until_epoch_ms")
        seconds = delay_seconds
        if delay_until_epoch_ms is not None:
            seconds = max(0.0, delay_until_epoch_ms / 1000 - time.time())

        async def delay() -> None:
            with contextlib.suppress(WorkflowNotFound):
                await self._client().set_delay_async(workflow_id, cast("float", seconds))

        await in_step("DBOS.setWorkflowDelay", delay)

    set_workflow_delay = sync_of(set_workflow_delay_async)

    @asks
    async def update_workflow_attributes_async(
        self,
        workflow_id: str,
        attributes: dict[str, Any] | None,
        *,
        merge: bool = False,
        shard_key: str | None = None,
    ) -> None:
        """Replaces the attributes of a workflow, or adds to them."""
        client = self._client()

        async def update() -> None:
            with contextlib.suppress(WorkflowNotFound):
                before = (await client.get_workflow_async(workflow_id)).attributes if merge else None
                await client.set_attributes_async(
                    workflow_id, {**(before or {}), **(attributes or {})} if merge else attributes
                )

        await in_step("DBOS.updateWorkflowAttributes", update)

    update_workflow_attributes = sync_of(update_workflow_attributes_async)

    @asks
    async def wait_first_async(
        self, handles: list[WorkflowHandleAsync[Any]], *, polling_interval_sec: float = 1.0
    ) -> WorkflowHandleAsync[Any]:
        """The first of these handles whose workflow has ended."""
        return await self._first(handles)

    def wait_first(
        self, handles: list[WorkflowHandle[Any]], *, polling_interval_sec: float = 1.0
    ) -> WorkflowHandle[Any]:
        """The first of these handles whose workflow has ended."""
        refuse_running_loop("wait_first", "wait_first_async")
        return run_sync(self._first(handles), "wait_first_async")

    async def _first(self, handles: list[Any]) -> Any:
        if not handles:
            raise ValueError("wait for at least one workflow")
        ids = [handle.workflow_id for handle in handles]
        found = await in_step("DBOS.waitFirst", lambda: self._client().first_ended(ids))
        return handles[ids.index(found)]

    # ----------------------------------------------------------------------------------- looking

    @asks
    async def list_workflow_steps_async(
        self,
        workflow_id: str,
        *,
        load_output: bool = True,
        limit: int | None = None,
        offset: int | None = None,
        shard_key: str | None = None,
    ) -> list[StepInfo]:
        """The recorded steps of a workflow, in order; none if there is no such workflow. A workflow may be
        given as its status, too."""
        given: Any = workflow_id
        workflow_id = given.workflow_id if isinstance(given, WorkflowStatus) else workflow_id

        async def ask() -> list[StepInfo]:
            many = None if limit is None else limit + (offset or 0)
            try:
                found = await self._client().list_steps_async(
                    workflow_id, with_output=load_output, limit=many
                )
            except WorkflowNotFound:
                return []
            return [read_step(s) for s in found if s.completed_at is not None][offset or 0 :]

        return await in_step("DBOS.listWorkflowSteps", ask)

    list_workflow_steps = sync_of(list_workflow_steps_async)

    @asks
    async def list_workflows_async(
        self,
        *,
        workflow_ids: list[str] | None = None,
        status: Strings = None,
        start_time: str | None = None,
        end_time: str | None = None,
        completed_after: str | None = None,
        completed_before: str | None = None,
        dequeued_after: str | None = None,
        dequeued_before: str | None = None,
        name: Strings = None,
        app_version: Strings = None,
        forked_from: Strings = None,
        parent_workflow_id: Strings = None,
        user: Strings = None,
        queue_name: Strings = None,
        limit: int | None = None,
        offset: int | None = None,
        sort_desc: bool = False,
        workflow_id_prefix: Strings = None,
        load_input: bool = True,
        load_output: bool = True,
        executor_id: Strings = None,
        queues_only: bool = False,
        was_forked_from: bool | None = None,
        is_fork: bool | None = None,
        has_parent: bool | None = None,
        attributes: dict[str, Any] | None = None,
        schedule_name: Strings = None,
        application_name: Strings = None,
        shard_key: Strings = None,
        parent_shard_key: Strings = None,
    ) -> list[WorkflowStatus]:
        """The workflows that pass all filters, oldest first unless `sort_desc`. Times are ISO 8601."""
        filters: dict[str, Any] = {
            "workflow_ids": workflow_ids,
            "status": status,
            "created_from": _moment(start_time),
            "created_until": _moment(end_time, last=True),
            "completed_from": _moment(completed_after),
            "completed_until": _moment(completed_before, last=True),
            "started_from": _moment(dequeued_after),
            "started_until": _moment(dequeued_before, last=True),
            "name": name,
            "app_version": app_version,
            "forked_from": forked_from,
            "parent": parent_workflow_id,
            "user": user,
            "queue": queue_name,
            "id_prefix": workflow_id_prefix,
            "executor": executor_id,
            "queued": True if queues_only else None,
            "was_forked": was_forked_from,
            "has_parent": has_parent,
            "attributes": attributes,
            "schedule": schedule_name,
            "application": application_name,
        }
        if queues_only and status is None:
            filters["status"] = _ACTIVE
        return await in_step(
            "DBOS.listWorkflows",
            lambda: self._list(filters, limit, offset, sort_desc, load_input, load_output, is_fork),
        )

    list_workflows = sync_of(list_workflows_async)

    @asks
    async def list_queued_workflows_async(
        self,
        *,
        workflow_ids: list[str] | None = None,
        status: Strings = None,
        start_time: str | None = None,
        end_time: str | None = None,
        completed_after: str | None = None,
        completed_before: str | None = None,
        dequeued_after: str | None = None,
        dequeued_before: str | None = None,
        name: Strings = None,
        app_version: Strings = None,
        forked_from: Strings = None,
        parent_workflow_id: Strings = None,
        user: Strings = None,
        queue_name: Strings = None,
        limit: int | None = None,
        offset: int | None = None,
        sort_desc: bool = False,
        workflow_id_prefix: Strings = None,
        load_input: bool = True,
        load_output: bool = True,
        executor_id: Strings = None,
        is_fork: bool | None = None,
        has_parent: bool | None = None,
        attributes: dict[str, Any] | None = None,
        application_name: Strings = None,
        shard_key: Strings = None,
        parent_shard_key: Strings = None,
    ) -> list[WorkflowStatus]:
        """The active workflows of queues that pass all filters."""
        filters: dict[str, Any] = {
            "workflow_ids": workflow_ids,
            "status": _ACTIVE if status is None else status,
            "created_from": _moment(start_time),
            "created_until": _moment(end_time, last=True),
            "completed_from": _moment(completed_after),
            "completed_until": _moment(completed_before, last=True),
            "started_from": _moment(dequeued_after),
            "started_until": _moment(dequeued_before, last=True),
            "name": name,
            "app_version": app_version,
            "forked_from": forked_from,
            "parent": parent_workflow_id,
            "user": user,
            "queue": queue_name,
            "id_prefix": workflow_id_prefix,
            "executor": executor_id,
            "queued": True,
            "has_parent": has_parent,
            "attributes": attributes,
            "application": application_name,
        }
        return await in_step(
            "DBOS.listQueuedWorkflows",
            lambda: self._list(filters, limit, offset, sort_desc, load_input, load_output, is_fork),
        )

    list_queued_workflows = sync_of(list_queued_workflows_async)

    async def _list(
        self,
        filters: dict[str, Any],
        limit: int | None,
        offset: int | None,
        sort_desc: bool,
        load_input: bool,
        load_output: bool,
        is_fork: bool | None,
    ) -> list[WorkflowStatus]:
        many = None if limit is None or is_fork is not None else limit + (offset or 0)
        if many == 0:
            return []
        found = await self._client().list_workflows_async(
            newest_first=sort_desc,
            limit=many,
            with_input=load_input,
            with_output=load_output,
            **{k: v for k, v in filters.items() if v is not None},
        )
        if is_fork is not None:
            found = [w for w in found if (w.forked_from is not None) is is_fork]
        end = None if limit is None else limit + (offset or 0)
        return [read_status(w, with_input=load_input) for w in found[offset or 0 : end]]

    # ---------------------------------------------------------------------------------- schedules

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
            prefixes = _several(schedule_name_prefix)
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

    # ----------------------------------------------------------------------------------- versions

    @asks
    async def list_application_versions_async(self) -> list[VersionInfo]:
        """The versions of the application, the newest first."""
        found = await self._client().list_versions_async()
        return [
            {
                "version_id": v.app_version,
                "version_name": v.app_version,
                "version_timestamp": milliseconds(v.registered_at) or 0,
                "created_at": milliseconds(v.registered_at) or 0,
                "application_name": v.application,
            }
            for v in sorted(found, key=lambda v: (v.latest, milliseconds(v.registered_at) or 0), reverse=True)
        ]

    list_application_versions = sync_of(list_application_versions_async)

    @asks
    async def get_latest_application_version_async(self) -> VersionInfo:
        """The version that takes what belongs to none."""
        found = await self.list_application_versions_async()
        if not found:
            raise error.DBOSException("no version of the application is registered")
        return found[0]

    get_latest_application_version = sync_of(get_latest_application_version_async)

    @asks
    async def set_latest_application_version_async(
        self, version_name: str, *, application_name: str | None = None
    ) -> None:
        """Makes a version the latest."""
        await self._client().set_latest_version_async(version_name, application=application_name)

    set_latest_application_version = sync_of(set_latest_application_version_async)

    # ------------------------------------------------------------------------------------ handles

    async def _retrieve(self, workflow_id: str, must_exist: bool) -> AsyncHandle[Any]:
        if must_exist and await status_of(self._client(), workflow_id) is None:
            raise error.DBOSNonExistentWorkflowError("target", workflow_id)
        return self._handle(workflow_id)

    async def _result(self, workflow_id: str) -> Any:
        return await result_of(self._client(), workflow_id)


def _outside(call: str) -> None:
    if calling_run() is not None:
        raise error.DBOSException(f"`{call}` is not for workflows: call it in a step")


def _check_timeout(seconds: float | None) -> None:
    if seconds is not None and seconds < 0:
        raise ValueError(f"timeout_seconds is 0 or more, not {seconds}")


def _several(value: Strings) -> list[str] | None:
    return [value] if isinstance(value, str) else value


def _passes(value: str | None, wanted: Strings) -> bool:
    several = _several(wanted)
    return several is None or value in several


def _moment(text: str | None, *, last: bool = False) -> dt.datetime | None:
    """An ISO 8601 time; one without zone is UTC. The last moment of a span belongs to it."""
    if text is None:
        return None
    try:
        found = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, AttributeError):
        raise ValueError(f"{text!r} is no ISO 8601 time") from None
    found = found if found.tzinfo is not None else found.replace(tzinfo=dt.timezone.utc)
    return found + dt.timedelta(microseconds=1) if last else found


def _read_schedule(found: Schedule) -> WorkflowSchedule:
    return {
        "schedule_id": found.name,
        "schedule_name": found.name,
        "workflow_name": found.workflow,
        "workflow_class_name": None,
        "schedule": found.cron,
        "status": "PAUSED" if found.paused else "ACTIVE",
        "context": found.context,
        "last_fired_at": None if found.last_at is None else found.last_at.isoformat(),
        "automatic_backfill": found.automatic_backfill,
        "cron_timezone": None if found.zone == "UTC" else found.zone,
        "queue_name": None if found.queue == "default" else found.queue,
        "application_name": found.application,
        "shard_key": None,
    }
