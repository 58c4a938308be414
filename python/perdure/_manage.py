"""Cancelling, resuming and forking workflows, for programs; in a workflow, as steps of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._checks import Seconds, text, whole_number
from ._connected import Connected
from ._engine import ForkItem, StepPlace
from ._errors import InvalidArgument
from ._handle import WorkflowHandle
from ._ids import checked_id, new_workflow_id
from ._loop import run_sync
from ._queue import queue_name
from ._run import Run, calling_run
from ._serialize import dumps

if TYPE_CHECKING:
    from ._engine import Engine

CANCEL, RESUME, FORK = "perdure.cancel", "perdure.resume", "perdure.fork"


class Management(Connected):
    """What a program does with workflows that were started; part of `Client`.

    In the code of a workflow each call is a step: a replay does it no second time, and gets the same answer.
    """

    # ------------------------------------------------------------------------------------- cancel

    def cancel(self, workflow_id: str, *, children: bool = False) -> bool:
        """Cancels a workflow that has not ended, in whatever state.

        Its code stops at its next checkpoint, its waits and preemptible steps at once; who waits for its
        result gets `WorkflowCancelled`. What it has recorded stays: see `resume`.

        Args:
            workflow_id: a workflow that exists.
            children: whether its children, and theirs, are cancelled with it.

        Returns:
            Whether it is cancelled now; False if it had ended before.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.cancel_async(workflow_id, children=children), "cancel_async")

    async def cancel_async(self, workflow_id: str, *, children: bool = False) -> bool:
        """`cancel` for async code."""
        found = await self.cancel_many_async([workflow_id], children=children)
        return found[workflow_id] == "cancelled"

    def cancel_many(self, workflow_ids: Sequence[str], *, children: bool = False) -> dict[str, str]:
        """Cancels many workflows in one transaction; in a workflow one step. See `cancel`.

        Returns:
            For each id "cancelled" or "ended before"; with `children` also for those that were cancelled.

        Raises:
            WorkflowNotFound: there is none of one of these ids; nothing was cancelled.
        """
        return run_sync(self.cancel_many_async(workflow_ids, children=children), "cancel_many_async")

    async def cancel_many_async(
        self, workflow_ids: Sequence[str], *, children: bool = False
    ) -> dict[str, str]:
        """`cancel_many` for async code."""
        ids = checked_ids(workflow_ids)
        run = calling_run(self._engine)
        if run is not None:
            found = await as_step(
                run, CANCEL, lambda engine, place: engine.cancel_in_step(place, ids, children)
            )
            if found.get(run.workflow_id) == "cancelled":
                run.owned = False
                run.abandon("it has cancelled itself")
            return found
        return await self._ask(lambda: self._engine.cancel_many(ids, children))

    # ------------------------------------------------------------------------------------- resume

    def resume(self, workflow_id: str, *, queue: Any = None, children: bool = False) -> bool:
        """Enqueues a workflow again that was cancelled or dead-lettered; it goes on after its last recorded
        step. One that is delayed starts now.

        Args:
            workflow_id: a workflow that exists.
            queue: None for its own queue; with another, one that waits in a queue moves there, too.
            children: whether its children, and theirs, are resumed with it.

        Returns:
            Whether it is enqueued now; False if it is active, or has ended with a result or an error.

        Raises:
            WorkflowNotFound: there is none of this id.
            QueueNotFound: there is no such queue.
            InvalidArgument: the queue has partitions, and the workflow no partition key.
        """
        return run_sync(self.resume_async(workflow_id, queue=queue, children=children), "resume_async")

    async def resume_async(self, workflow_id: str, *, queue: Any = None, children: bool = False) -> bool:
        """`resume` for async code."""
        found = await self.resume_many_async([workflow_id], queue=queue, children=children)
        return found[workflow_id] == "resumed"

    def resume_many(
        self, workflow_ids: Sequence[str], *, queue: Any = None, children: bool = False
    ) -> dict[str, str]:
        """Resumes many workflows in one transaction; in a workflow one step. See `resume`.

        Returns:
            For each id "resumed", "active" or "ended before"; with `children` also for those that were
            resumed.

        Raises:
            As `resume`; then nothing was resumed.
        """
        return run_sync(
            self.resume_many_async(workflow_ids, queue=queue, children=children), "resume_many_async"
        )

    async def resume_many_async(
        self, workflow_ids: Sequence[str], *, queue: Any = None, children: bool = False
    ) -> dict[str, str]:
        """`resume_many` for async code."""
        ids = checked_ids(workflow_ids)
        name = None if queue is None else queue_name("queue", queue)
        run = calling_run(self._engine)
        if run is not None:
            return await as_step(
                run, RESUME, lambda engine, place: engine.resume_in_step(place, ids, name, children)
            )
        return await self._ask(lambda: self._engine.resume_many(ids, name, children))

    # --------------------------------------------------------------------------------------- fork

    def fork(
        self,
        workflow_id: str,
        from_step: int | None = None,
        *,
        from_name: str | None = None,
        from_last: str | None = None,
        new_workflow_id: str | None = None,
        queue: Any = None,
        app_version: str | None = None,
        partition_key: str | None = None,
        priority: int = 0,
        timeout: Seconds | None = None,
        children: Mapping[str, str] | None = None,
    ) -> WorkflowHandle[Any]:
        """Starts a new workflow that goes on from a step of another, with all that it recorded before: steps,
        events, streams. The original goes on, or stays as it is.

        Args:
            workflow_id: the original, in any state.
            from_step: the first step that the fork runs itself, from 1; None: it begins anew.
            from_name: instead, the first step of this name.
            from_last: instead, "step" for the last one that is recorded, or "failure" for the last that has
                failed, or, if none has, what comes after the last.
            new_workflow_id: None: a new one. If it is a fork of the same original, that is returned.
            queue: None for that of the original.
            app_version: the version that it belongs to; None: to none, executors of the latest take it.
            partition_key: None for that of the original.
            priority: as for `enqueue`.
            timeout: how long it may take from its first start.
            children: by the ids of children that were started before the step, the ids of the workflows that
                take their places. Results of children that were recorded before the step stay.

        Raises:
            WorkflowNotFound: there is none of this id.
            WorkflowIdConflict: the new id belongs to another workflow.
            QueueNotFound: there is no such queue.
            InvalidArgument: there is no such step, or an option is out of range.
        """
        return run_sync(
            self.fork_async(
                workflow_id,
                from_step,
                from_name=from_name,
                from_last=from_last,
                new_workflow_id=new_workflow_id,
                queue=queue,
                app_version=app_version,
                partition_key=partition_key,
                priority=priority,
                timeout=timeout,
                children=children,
            ),
            "fork_async",
        )

    async def fork_async(
        self,
        workflow_id: str,
        from_step: int | None = None,
        *,
        from_name: str | None = None,
        from_last: str | None = None,
        new_workflow_id: str | None = None,
        queue: Any = None,
        app_version: str | None = None,
        partition_key: str | None = None,
        priority: int = 0,
        timeout: Seconds | None = None,
        children: Mapping[str, str] | None = None,
    ) -> WorkflowHandle[Any]:
        """`fork` for async code."""
        (found,) = await self.fork_many_async(
            [workflow_id],
            None if from_step is None else [from_step],
            from_name=from_name,
            from_last=from_last,
            new_workflow_ids=[new_workflow_id],
            queue=queue,
            app_version=app_version,
            partition_keys=None if partition_key is None else [partition_key],
            priorities=[priority],
            timeout=timeout,
            children=children,
        )
        return found

    def fork_many(
        self,
        workflow_ids: Sequence[str],
        from_steps: Sequence[int | None] | None = None,
        *,
        from_name: str | None = None,
        from_last: str | None = None,
        new_workflow_ids: Sequence[str | None] | None = None,
        queue: Any = None,
        app_version: str | None = None,
        partition_keys: Sequence[str | None] | None = None,
        priorities: Sequence[int] | None = None,
        timeout: Seconds | None = None,
        children: Mapping[str, str] | None = None,
    ) -> list[WorkflowHandle[Any]]:
        """Forks many workflows in one transaction; in a workflow one step. See `fork`.

        Args:
            workflow_ids: the originals.
            from_steps, new_workflow_ids, partition_keys, priorities: None, or an element for each.
            from_name, from_last, queue, app_version, timeout, children: for all; see `fork`.

        Raises:
            As `fork`; then nothing was forked.
        """
        return run_sync(
            self.fork_many_async(
                workflow_ids,
                from_steps,
                from_name=from_name,
                from_last=from_last,
                new_workflow_ids=new_workflow_ids,
                queue=queue,
                app_version=app_version,
                partition_keys=partition_keys,
                priorities=priorities,
                timeout=timeout,
                children=children,
            ),
            "fork_many_async",
        )

    async def fork_many_async(
        self,
        workflow_ids: Sequence[str],
        from_steps: Sequence[int | None] | None = None,
        *,
        from_name: str | None = None,
        from_last: str | None = None,
        new_workflow_ids: Sequence[str | None] | None = None,
        queue: Any = None,
        app_version: str | None = None,
        partition_keys: Sequence[str | None] | None = None,
        priorities: Sequence[int] | None = None,
        timeout: Seconds | None = None,
        children: Mapping[str, str] | None = None,
    ) -> list[WorkflowHandle[Any]]:
        """`fork_many` for async code."""
        ids = checked_ids(workflow_ids)
        run = calling_run(self._engine)
        if new_workflow_ids is None:
            new_workflow_ids = [None] * len(ids)
        elif len(new_workflow_ids) != len(ids):
            raise InvalidArgument(f"new_workflow_ids has {len(new_workflow_ids)} elements, not {len(ids)}")
        for step in from_steps or ():
            if step is not None:
                whole_number("from_step", step, 1)
        for priority in priorities or ():
            whole_number("priority", priority, -(2**31))
        item = ForkItem(
            ids,
            # Made here, so that a call whose answer was lost can be made again; in a workflow from the step.
            [
                (new_workflow_id() if run is None else None) if new_id is None else checked_id(new_id)
                for new_id in new_workflow_ids
            ],
            from_steps,
            None if from_name is None else text("from_name", from_name),
            None if from_last is None else text("from_last", from_last),
            None if queue is None else queue_name("queue", queue),
            None if app_version is None else text("app_version", app_version),
            partition_keys,
            priorities,
            timeout,
            None if children is None else dumps(dict(children), "children"),
        )
        found: list[str] = []
        if run is not None:
            found = await as_step(run, FORK, lambda engine, place: engine.fork_in_step(place, item))
        elif ids:
            found = await self._ask(lambda: self._engine.fork_many(item))
        return [WorkflowHandle(self, forked) for forked in found]


async def as_step(run: Run, name: str, call: Callable[[Engine, StepPlace], Coroutine[Any, Any, str]]) -> Any:
    """Makes a call of the engine as a step of a running workflow, once; what is recorded of it."""
    number, recorded = run.begin_step(name)
    if recorded is not None and recorded.completed:
        return recorded.output
    place = StepPlace(run.key, run.token, number)
    return await run.core.waits.make_step(run, place, lambda: call(run.core.engine, place))


def checked_ids(workflow_ids: Sequence[str]) -> list[str]:
    if isinstance(workflow_ids, str):
        raise InvalidArgument(f"workflow_ids is a list of ids, not {workflow_ids!r}")
    return [checked_id(workflow_id) for workflow_id in workflow_ids]
