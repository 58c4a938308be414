"""Starting and enqueueing workflows, and handles to them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from ._calling import enqueue, start
from ._enqueue import put
from ._handles import AsyncHandle, SyncHandle, status_of
from ._registry import registry
from ._shared import Shared
from ._twins import asks, drive, sync_of
from ._types import (
    EnqueueOptions,
    WorkflowHandle,
    WorkflowHandleAsync,
    WorkflowStatus,
)

P = ParamSpec("P")
R = TypeVar("R")


class Starting(Shared):
    """Calls that start workflows, and find them again."""

    def start_workflow(self, func: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> WorkflowHandle[R]:
        """Starts a workflow, or a step as one, in this process, in the background."""
        return SyncHandle(drive(start(func, args, kwargs)), registry.launched())

    async def start_workflow_async(
        self, func: Callable[P, Coroutine[Any, Any, R]], *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandleAsync[R]:
        """`start_workflow` for async code."""
        return AsyncHandle(await start(func, args, kwargs), registry.launched())

    def enqueue_workflow(
        self, queue_name: str, func: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandle[R]:
        """Enqueues a workflow, or a step as one; some process that serves the queue runs it."""
        return SyncHandle(drive(enqueue(queue_name, func, args, kwargs)), registry.launched())

    async def enqueue_workflow_async(
        self, queue_name: str, func: Callable[P, Coroutine[Any, Any, R]], *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandleAsync[R]:
        """`enqueue_workflow` for async code."""
        return AsyncHandle(await enqueue(queue_name, func, args, kwargs), registry.launched())

    def enqueue_workflow_with_options(
        self, options: EnqueueOptions, *args: Any, **kwargs: Any
    ) -> WorkflowHandle[Any]:
        """Enqueues a workflow by its name."""
        return SyncHandle(drive(put(registry.launched(), options, args, kwargs)), registry.launched())

    async def enqueue_workflow_with_options_async(
        self, options: EnqueueOptions, *args: Any, **kwargs: Any
    ) -> WorkflowHandleAsync[Any]:
        """`enqueue_workflow_with_options` for async code."""
        return AsyncHandle(await put(registry.launched(), options, args, kwargs), registry.launched())

    # ------------------------------------------------------------------------------ handles, results

    @asks
    async def retrieve_workflow_async(
        self, workflow_id: str, existing_workflow: bool = True, *, shard_key: str | None = None
    ) -> WorkflowHandleAsync[Any]:
        """A handle to a workflow; DBOSNonExistentWorkflowError if there is none, unless that is no matter."""
        return await self._retrieve(workflow_id, existing_workflow)

    retrieve_workflow = sync_of(retrieve_workflow_async)

    @asks
    async def get_result_async(self, workflow_id: str, *, shard_key: str | None = None) -> Any | None:
        """What a workflow returned, when it has ended; raises what it raised."""
        return await self._result(workflow_id)

    get_result = sync_of(get_result_async)

    @asks
    async def get_workflow_status_async(
        self, workflow_id: str, *, shard_key: str | None = None
    ) -> WorkflowStatus | None:
        """All about a workflow; None if there is none of this id."""
        return await status_of(registry.launched(), workflow_id)

    get_workflow_status = sync_of(get_workflow_status_async)
