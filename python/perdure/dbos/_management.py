"""Cancelling, resuming, deleting, forking workflows, and what else changes them."""

from __future__ import annotations

import contextlib
import time
from typing import Any, cast

from .._errors import InvalidArgument, WorkflowActive, WorkflowNotFound
from .._loop import run_sync
from .._run import calling_run
from . import error
from ._asking import Asking
from ._context import take_assigned_id
from ._handles import in_step
from ._twins import asks, refuse_running_loop, sync_of
from ._types import WorkflowHandle, WorkflowHandleAsync


class Management(Asking):
    """Calls that change workflows that were started, whoever started them."""

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
        if len(set(ids)) < len(ids):
            raise ValueError("wait for each workflow once")
        found = await in_step("DBOS.waitFirst", lambda: self._client().first_ended(ids))
        return handles[ids.index(found)]
