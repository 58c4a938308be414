"""Lists of workflows, of their steps, and of versions."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from .._errors import WorkflowNotFound
from . import error
from ._asking import Asking, Strings
from ._handles import in_step, milliseconds, read_status, read_step
from ._twins import asks, sync_of
from ._types import StepInfo, VersionInfo, WorkflowStatus

_ACTIVE = ["ENQUEUED", "PENDING", "DELAYED"]

# The arguments of the lists, and which filters they are.
_FILTERS = {
    "workflow_ids": "workflow_ids",
    "status": "status",
    "name": "name",
    "app_version": "app_version",
    "forked_from": "forked_from",
    "is_fork": "is_fork",
    "was_forked_from": "was_forked",
    "parent_workflow_id": "parent",
    "has_parent": "has_parent",
    "user": "user",
    "queue_name": "queue",
    "workflow_id_prefix": "id_prefix",
    "executor_id": "executor",
    "attributes": "attributes",
    "schedule_name": "schedule",
    "application_name": "application",
}
_MOMENTS = {
    "start_time": "created_from",
    "end_time": "created_until",
    "completed_after": "completed_from",
    "completed_before": "completed_until",
    "dequeued_after": "started_from",
    "dequeued_before": "started_until",
}


class Looking(Asking):
    """Calls that show workflows, whoever started them."""

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
        return await self._list("DBOS.listWorkflows", locals(), queued=queues_only)

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
        return await self._list("DBOS.listQueuedWorkflows", locals(), queued=True)

    list_queued_workflows = sync_of(list_queued_workflows_async)

    async def _list(self, step: str, given: dict[str, Any], *, queued: bool) -> list[WorkflowStatus]:
        """The answer to the arguments of one of the two."""
        filters = {ours: given.get(theirs) for theirs, ours in _FILTERS.items()}
        for theirs, ours in _MOMENTS.items():
            filters[ours] = _moment(given[theirs], last=ours.endswith("_until"))
        if queued:
            filters["queued"] = True
            if filters["status"] is None:
                filters["status"] = _ACTIVE
        offset, limit = given["offset"] or 0, given["limit"]
        most = None if limit is None else limit + offset

        async def ask() -> list[WorkflowStatus]:
            if most == 0:
                return []
            found = await self._client().list_workflows_async(
                newest_first=given["sort_desc"],
                limit=most,
                with_input=given["load_input"],
                with_output=given["load_output"],
                **cast("Any", filters),
            )
            return [read_status(w, with_input=given["load_input"]) for w in found[offset:]]

        return await in_step(step, ask)

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
