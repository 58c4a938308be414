"""What the code of workflows and steps calls, and asks about itself."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from .._branches import inside_step
from .._loop import run_sync
from .._run import calling_run, current_run
from . import error
from ._context import Identity, identity
from ._handles import in_step
from ._logging import logger
from ._registry import registry
from ._roles import assumed_role, who
from ._shared import Shared
from ._stepping import step_status
from ._twins import asks, refuse_running_loop, sync_of
from ._types import SendMessage, StepStatus, WorkflowSerializationFormat
from ._values import as_format

_DEFAULT = WorkflowSerializationFormat.DEFAULT


class Running(Shared):
    """Calls for the code that runs."""

    # ---------------------------------------------------------------------- messages, events, streams

    @asks
    async def send_async(
        self,
        destination_id: str,
        message: Any,
        topic: str | None = None,
        *,
        idempotency_key: str | None = None,
        serialization_type: WorkflowSerializationFormat | None = _DEFAULT,
        send_to_forks: bool = False,
        shard_key: str | None = None,
    ) -> None:
        """Sends a message to a workflow; with an idempotency key once. `send_to_forks`: to its forks, too."""
        await self._send(
            [SendMessage(destination_id, message, topic, idempotency_key)], serialization_type, send_to_forks
        )

    send = sync_of(send_async)

    @asks
    async def recv_async(self, topic: str | None = None, timeout_seconds: float = 60) -> Any:
        """The next message of this topic; None if none comes in that time."""
        running("recv")
        return await registry.launched().recv_async(topic, timeout=timeout_seconds)

    recv = sync_of(recv_async)

    @asks
    async def set_event_async(
        self, key: str, value: Any, *, serialization_type: WorkflowSerializationFormat = _DEFAULT
    ) -> None:
        """Sets an event of this workflow; in a workflow, or a step of it."""
        running("set_event", in_steps=True)
        await registry.launched().set_event_async(key, as_format(value, serialization_type))

    set_event = sync_of(set_event_async)

    @asks
    async def get_all_events_async(self, workflow_id: str, *, shard_key: str | None = None) -> dict[str, Any]:
        """The events of a workflow with their latest values."""
        from .._errors import WorkflowNotFound

        async def ask() -> dict[str, Any]:
            try:
                return await registry.launched().get_all_events_async(workflow_id)
            except WorkflowNotFound:
                return {}

        return await in_step("DBOS.get_events", ask)

    get_all_events = sync_of(get_all_events_async)

    @asks
    async def write_stream_async(
        self, key: str, value: Any, *, serialization_type: WorkflowSerializationFormat = _DEFAULT
    ) -> None:
        """Writes to a stream of this workflow; in a workflow, or a step of it."""
        running("write_stream", in_steps=True)
        await registry.launched().write_stream_async(key, as_format(value, serialization_type))

    write_stream = sync_of(write_stream_async)

    @asks
    async def close_stream_async(self, key: str) -> None:
        """Ends a stream of this workflow."""
        running("close_stream", in_steps=True)
        await registry.launched().close_stream_async(key)

    close_stream = sync_of(close_stream_async)

    @asks
    async def sleep_async(self, seconds: float) -> None:
        """Sleeps; in a workflow until a moment that is recorded."""
        if seconds <= 0:
            return
        if calling_run() is None:
            if inside_step.get() == 0 and current_run.get() is None:
                raise error.DBOSException("`sleep` is for workflows")
            await asyncio.sleep(seconds)
            return
        await registry.launched().sleep_async(seconds)

    def sleep(self, seconds: float) -> None:
        """Sleeps; in a workflow until a moment that is recorded."""
        refuse_running_loop("sleep", "sleep_async")
        if inside_step.get() and current_run.get() is not None:
            time.sleep(max(0.0, seconds))
        else:
            run_sync(self.sleep_async(seconds), "sleep_async")

    # ------------------------------------------------------------------------------------- patches

    @asks
    async def patch_async(self, patch_name: str) -> bool:
        """Whether this run takes the new way; recorded as a step."""
        running("patch")
        return await registry.launched().patch_async(patch_name)

    patch = sync_of(patch_async)

    @asks
    async def deprecate_patch_async(self, patch_name: str) -> bool:
        """Stands where `patch` stood when no run of the old code is left; True."""
        running("deprecate_patch")
        await registry.launched().deprecate_patch_async(patch_name)
        return True

    deprecate_patch = sync_of(deprecate_patch_async)

    # ------------------------------------------------------------------------------------ properties

    @property
    def workflow_id(self) -> str | None:
        """The id of the running workflow; None elsewhere."""
        run = current_run.get()
        return None if run is None else run.workflow_id

    @property
    def step_id(self) -> int | None:
        """The number of the running step; None elsewhere."""
        return inside_step.get() or None

    @property
    def step_status(self) -> StepStatus | None:
        """Where the running step is; None elsewhere."""
        return step_status.get() if inside_step.get() else None

    @property
    def authenticated_user(self) -> str | None:
        """On whose behalf the code runs."""
        return who()[0]

    @property
    def authenticated_roles(self) -> list[str] | None:
        """The roles of that user."""
        return who()[1]

    @property
    def assumed_role(self) -> str | None:
        """The role in which that user acts."""
        return assumed_role()

    def set_authentication(
        self, authenticated_user: str | None, authenticated_roles: list[str] | None
    ) -> None:
        """On whose behalf workflows are started from here on, in this context."""
        identity.set(Identity(authenticated_user, tuple(authenticated_roles or ())))

    @property
    def logger(self) -> logging.Logger:
        """For what the program logs."""
        return logger

    @property
    def span(self) -> Any:
        """The OpenTelemetry span of the code that runs.

        Raises:
            DBOSException: OpenTelemetry is not installed.
        """
        return _telemetry().get_current_span()

    @property
    def tracer(self) -> Any:
        """An OpenTelemetry tracer; None if that is not installed."""
        try:
            return _telemetry().get_tracer("perdure")
        except error.DBOSException:
            return None


def running(call: str, *, in_steps: bool = False) -> Any:
    """The running workflow.

    Raises:
        DBOSException: none runs here.
    """
    run = current_run.get() if in_steps else calling_run()
    if run is None:
        raise error.DBOSException(f"`{call}` is for workflows{' and their steps' if in_steps else ''}")
    return run


def _telemetry() -> Any:
    try:
        from opentelemetry import trace
    except ImportError:
        raise error.DBOSException("OpenTelemetry is not installed: pip install 'perdure[otel]'") from None
    return trace
