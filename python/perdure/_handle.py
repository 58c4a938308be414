"""Handles: what a caller keeps of a workflow it has started, or looks up by its id."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ._core import outcome_value
from ._engine import Outcome, StepItem
from ._errors import SerializationError
from ._loop import run_sync
from ._run import RecordedStep, Run, calling_run
from ._serialize import Codec
from ._steps import replay

if TYPE_CHECKING:
    from ._client import Client
    from ._connected import Connected

R = TypeVar("R")

GET_RESULT = "perdure.get_result"


@dataclass(slots=True, frozen=True)
class WorkflowStatus:
    """All about one workflow, at the moment it was asked.

    Attributes:
        workflow_key: its place in the order of enqueueing.
        status: DELAYED, ENQUEUED or PENDING while it is active; SUCCESS, ERROR, CANCELLED or
            MAX_RECOVERY_ATTEMPTS_EXCEEDED when it has ended.
        queue: None if it was started directly.
        input, output: JSON values, restored; error: the exception it ended with. None where they were not
            asked for.
        attempts: how often a worker began to run it, since its last failure that was retried.
        failures, retries: how many of its retries were used, and how many it has.
        executor: the name of the worker that runs it, or ran it last, while that is registered.
        attributes: what marks it, for those who search.
        authenticated_user, authenticated_roles, assumed_role: on whose behalf it runs.
        parent_id: the workflow that it is a child of; forked_from: the one that it is a fork of;
            was_forked: whether there are forks of it; schedule: the name of what started it.
        wake_at: until when it is put down.
        timeout: how long it may take from its first start.
        deadline: when it is cancelled, or would have been. With a timeout it is set by the first start.
        cursor: where a list goes on behind it; see `Client.list_workflows`.
    """

    workflow_key: int
    workflow_id: str
    workflow: str
    status: str
    queue: str | None
    partition_key: str | None
    deduplication_id: str | None
    priority: int
    input: Any
    output: Any
    error: BaseException | None
    attempts: int
    failures: int
    retries: int
    max_recovery_attempts: int
    executor: str | None
    app_version: str | None
    application: str | None
    class_name: str | None
    config_name: str | None
    attributes: dict[str, Any] | None
    authenticated_user: str | None
    authenticated_roles: list[str] | None
    assumed_role: str | None
    parent_id: str | None
    forked_from: str | None
    was_forked: bool
    schedule: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    completed_at: dt.datetime | None
    wake_at: dt.datetime | None
    timeout: dt.timedelta | None
    deadline: dt.datetime | None
    cursor: str


@dataclass(slots=True, frozen=True)
class StepStatus:
    """What is recorded of one step.

    Attributes:
        errors: while it waits for its next attempt (then `completed_at` is None and `retry_at` is that
            moment), what its attempts so far have raised.
        waits_for: what it waits for while it is under way: "moment" (a sleep, until `retry_at`), "next
            attempt", "message", "message on topic T", "event E of workflow W".
    """

    step: int
    name: str
    output: Any
    error: BaseException | None
    errors: tuple[BaseException, ...]
    child_id: str | None
    attempts: int
    started_at: dt.datetime | None
    completed_at: dt.datetime | None
    retry_at: dt.datetime | None
    waits_for: str | None


def read_workflow(codec: Codec, row: Any) -> WorkflowStatus:
    """The status in a row of `get_workflow` or `list_workflows`.

    Raises:
        SerializationError: its input or its output cannot be read here; says whose it is.
    """
    found: dict[str, Any] = row._asdict()
    error = found["error"]
    try:
        found.update(input=codec.loads(found["input"]), output=codec.loads(found["output"]))
    except SerializationError as unread:
        raise type(unread)(f"workflow {found['workflow_id']!r}: {unread}") from unread
    found["error"] = None if error is None else codec.load_error(error)
    return WorkflowStatus(**found)


def read_step(codec: Codec, row: Any) -> StepStatus:
    """The status in a row of `list_steps`."""
    found: dict[str, Any] = row._asdict()
    stored = codec.loads(found["error"])
    retrying = found["completed_at"] is None
    found.update(
        output=codec.loads(found["output"]),
        error=None if stored is None or retrying else codec.restore_error(stored),
        errors=tuple(codec.restore_error(e) for e in stored) if retrying and stored else (),
    )
    return StepStatus(**found)


class WorkflowHandle(Generic[R]):
    """A workflow by its id. Made by starting or enqueueing it, or by `retrieve_workflow`."""

    def __init__(self, client: Connected, workflow_id: str, *, is_new: bool = False) -> None:
        # All its parts together: there is nothing else that is connected.
        self._client = cast("Client", client)
        self.workflow_id = workflow_id
        # On this process's monotonic clock, when it was enqueued; None: not by this handle.
        self._enqueued_at = time.monotonic() if is_new else None

    def __repr__(self) -> str:
        return f"WorkflowHandle({self.workflow_id!r})"

    def get_result(self, timeout: float | None = None) -> R:
        """Waits until the workflow has ended and returns what it returned.

        Called in a workflow it is a step: a replay gets the same answer.

        Args:
            timeout: seconds to wait at most; None: as long as it takes.

        Raises:
            TimeoutError: it has not ended in that time. It goes on all the same.
            WorkflowNotFound: there is none of this id.
            MaxRecoveryAttemptsExceeded, WorkflowCancelled, WorkflowTimedOut: it ended so.
            Exception: what the workflow raised.
        """
        return run_sync(self.get_result_async(timeout), "get_result_async")

    async def get_result_async(self, timeout: float | None = None) -> R:
        """`get_result` for async code."""
        run = calling_run(self._client._engine)  # pyright: ignore[reportPrivateUsage]
        if run is None:
            outcome = await self._client.wait_for_outcome(self.workflow_id, timeout, self._enqueued_at)
            return cast("R", outcome_value(self._client.codec, outcome))

        return await self.get_result_as_step(run, *run.begin_step(GET_RESULT), timeout)

    async def get_result_as_step(
        self, run: Run, number: int, recorded: RecordedStep | None, timeout: float | None = None
    ) -> R:
        """`get_result` as a step of a running workflow that has begun already."""
        if recorded is not None and recorded.completed:
            return cast("R", replay(run.core.codec, recorded))
        codec, began = run.core.codec, time.perf_counter()
        try:
            outcome = await run.core.waits.wait_for_end(run, self.workflow_id, timeout)
        except TimeoutError as late:
            outcome = Outcome(self.workflow_id, "ERROR", None, codec.dump_error(late))
        error = outcome.error
        if error is None and outcome.status != "SUCCESS":
            try:
                outcome_value(codec, outcome)
            except Exception as ended:
                error = codec.dump_error(ended)
        item = StepItem(
            run.key, run.token, number, GET_RESULT, outcome.output, error, time.perf_counter() - began
        )
        stands = await run.core.steps.record(run, item)
        return cast("R", outcome_value(codec, outcome) if stands is None else stands())

    def get_status(self) -> WorkflowStatus:
        """All about the workflow, now.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.get_status_async(), "get_status_async")

    async def get_status_async(self) -> WorkflowStatus:
        """`get_status` for async code."""
        return await self._client.get_workflow_async(self.workflow_id)

    def cancel(self, *, children: bool = False) -> bool:
        """Cancels the workflow; see `Client.cancel`."""
        return run_sync(self.cancel_async(children=children), "cancel_async")

    async def cancel_async(self, *, children: bool = False) -> bool:
        """`cancel` for async code."""
        return await self._client.cancel_async(self.workflow_id, children=children)

    def resume(self, *, queue: Any = None, children: bool = False) -> bool:
        """Enqueues the workflow again, if it was cancelled or dead-lettered; see `Client.resume`."""
        return run_sync(self.resume_async(queue=queue, children=children), "resume_async")

    async def resume_async(self, *, queue: Any = None, children: bool = False) -> bool:
        """`resume` for async code."""
        return await self._client.resume_async(self.workflow_id, queue=queue, children=children)

    def fork(self, from_step: int | None = None, **options: Any) -> WorkflowHandle[R]:
        """Starts a new workflow that goes on from a step of this one; see `Client.fork`."""
        return run_sync(self.fork_async(from_step, **options), "fork_async")

    async def fork_async(self, from_step: int | None = None, **options: Any) -> WorkflowHandle[R]:
        """`fork` for async code."""
        return await self._client.fork_async(self.workflow_id, from_step, **options)
