"""Handles to workflows, and what is known of workflows and steps, as programs written for DBOS see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from .._errors import PerdureError, WorkflowNotFound
from .._handle import WorkflowHandle as EngineHandle
from .._loop import run_sync
from .._run import calling_run
from . import error
from ._errors import translated
from ._types import StepInfo, WorkflowStatus
from ._values import Portable, read_inputs

if TYPE_CHECKING:
    from .._client import Client
    from .._handle import StepStatus
    from .._handle import WorkflowStatus as EngineStatus

R = TypeVar("R")

# Where the names of steps are not alike.
_STEP_NAMES = {
    "perdure.send": "DBOS.send",
    "perdure.set_event": "DBOS.setEvent",
    "perdure.get_event": "DBOS.getEvent",
    "perdure.get_result": "DBOS.getResult",
    "perdure.write_stream": "DBOS.writeStream",
    "perdure.close_stream": "DBOS.closeStream",
    "perdure.cancel": "DBOS.cancelWorkflow",
    "perdure.resume": "DBOS.resumeWorkflow",
    "perdure.fork": "DBOS.forkWorkflow",
    "perdure.delete": "DBOS.deleteWorkflow",
    "perdure.set_attributes": "DBOS.updateWorkflowAttributes",
}


async def in_step(name: str, make: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """Awaits something; in a workflow as a step of this name, which a replay does not do again."""
    run = calling_run()
    if run is None:
        return await make()
    from .._steps import StepOptions

    return await run.core.steps.run(run, StepOptions(name), make, (), {})


async def result_of(client: Client, workflow_id: str) -> Any:
    """What a workflow returned, when it has ended; raises what it raised."""
    try:
        found: Any = await EngineHandle[Any](client, workflow_id).get_result_async()
    except PerdureError as failure:
        raise translated(failure, workflow_id, awaited=True) from failure
    return found.value if isinstance(found, Portable) else found


async def status_of(client: Client, workflow_id: str) -> WorkflowStatus | None:
    """The status of a workflow; None if there is none of this id."""

    async def ask() -> WorkflowStatus | None:
        try:
            return read_status(await client.get_workflow_async(workflow_id))
        except WorkflowNotFound:
            return None

    return await in_step("DBOS.getStatus", ask)


async def _known_status(client: Client, workflow_id: str) -> WorkflowStatus:
    found = await status_of(client, workflow_id)
    if found is None:
        raise error.DBOSNonExistentWorkflowError("target", workflow_id)
    return found


class _Handle:
    def __init__(self, workflow_id: str, client: Client | None = None) -> None:
        assert client is not None, "handles are made by the calls that start or find workflows"
        self.client = client
        self.workflow_id = workflow_id
        self.shard_key: str | None = None

    def get_workflow_id(self) -> str:
        """Its id."""
        return self.workflow_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.workflow_id!r})"


class AsyncHandle(_Handle, Generic[R]):
    """A handle for async code."""

    async def get_result(self, *, polling_interval_sec: float = 1.0) -> R:
        """Waits until it has ended; what it returned. Raises what it raised."""
        return cast("R", await result_of(self.client, self.workflow_id))

    async def get_status(self) -> WorkflowStatus:
        """All about it, now."""
        return await _known_status(self.client, self.workflow_id)


class SyncHandle(_Handle, Generic[R]):
    """A handle for sync code."""

    @classmethod
    def of(cls, handle: AsyncHandle[R]) -> SyncHandle[R]:
        """That of an async one."""
        return cls(handle.workflow_id, handle.client)

    def get_result(self, *, polling_interval_sec: float = 1.0) -> R:
        """Waits until it has ended; what it returned. Raises what it raised."""
        return cast("R", run_sync(result_of(self.client, self.workflow_id), "the handle of an _async call"))

    def get_status(self) -> WorkflowStatus:
        """All about it, now."""
        return run_sync(_known_status(self.client, self.workflow_id), "the handle of an _async call")


def milliseconds(at: dt.datetime | None) -> int | None:
    """Since 1970."""
    return None if at is None else round(at.timestamp() * 1000)


def read_status(found: EngineStatus, *, with_input: bool = True) -> WorkflowStatus:
    """The status of a workflow, from what the engine says of it."""
    made = WorkflowStatus()
    made.workflow_id, made.name = found.workflow_id, found.workflow
    made.status = cast("Any", found.status)
    made.class_name, made.config_name = found.class_name, found.config_name
    made.authenticated_user, made.assumed_role = found.authenticated_user, found.assumed_role
    made.authenticated_roles = found.authenticated_roles
    made.input = read_inputs(found.input) if with_input else None
    made.output = found.output
    raised = None if found.error is None else translated(found.error, found.workflow_id)
    made.error = raised if isinstance(raised, Exception) and found.status == "ERROR" else None
    made.created_at, made.completed_at = milliseconds(found.created_at), milliseconds(found.completed_at)
    made.updated_at = milliseconds(found.completed_at or found.started_at or found.created_at)
    made.queue_name, made.executor_id = found.queue, found.executor
    made.app_version, made.app_id, made.application_name = found.app_version, None, found.application
    timeout = found.timeout
    made.workflow_timeout_ms = None if timeout is None else round(timeout.total_seconds() * 1000)
    made.workflow_deadline_epoch_ms = milliseconds(found.deadline)
    # One that has ended holds it no more.
    is_active = found.completed_at is None
    made.deduplication_id, made.priority = found.deduplication_id if is_active else None, found.priority
    made.queue_partition_key = found.partition_key
    made.forked_from, made.was_forked_from = found.forked_from, found.was_forked
    made.parent_workflow_id, made.schedule_name = found.parent_id, found.schedule
    made.dequeued_at = None if found.queue is None else milliseconds(found.started_at)
    made.delay_until_epoch_ms = milliseconds(found.wake_at) if found.status == "DELAYED" else None
    made.attributes, made.recovery_attempts = found.attributes, found.attempts
    return made


def step_name(name: str) -> str:
    """The name that DBOS has for a step."""
    known = _STEP_NAMES.get(name)
    return known or (f"DBOS.{name.removeprefix('perdure.')}" if name.startswith("perdure.") else name)


def read_step(found: StepStatus) -> StepInfo:
    """A step, from what the engine says of it."""
    raised = None if found.error is None else translated(found.error, step=found.name)
    output = found.output
    return {
        "function_id": found.step,
        "function_name": step_name(found.name),
        # DBOS has no value there.
        "output": None if found.name.startswith("perdure.patch-") else output,
        "error": raised if isinstance(raised, Exception) else None,
        "child_workflow_id": found.child_id,
        "child_shard_key": None,
        "started_at_epoch_ms": milliseconds(found.started_at),
        "completed_at_epoch_ms": milliseconds(found.completed_at),
    }


def is_in_use(found: WorkflowStatus) -> error.DBOSWorkflowIDInUseError:
    """What a start with the policy "reject" raises."""
    return error.DBOSWorkflowIDInUseError(found.workflow_id, found.status, found.name)
