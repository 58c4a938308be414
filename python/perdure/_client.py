"""A program that asks for workflows and looks at them, but runs none."""

from __future__ import annotations

import contextlib
from typing import Any

from ._engine import Outcome
from ._enqueue import Enqueueing
from ._errors import DatabaseUnavailable
from ._figures import Figures
from ._handle import StepStatus, WorkflowHandle, WorkflowStatus, read_step, read_workflow
from ._health import Health
from ._identity import Identities
from ._ids import checked_id
from ._keeping import Keeping
from ._loop import pause, run_sync, running_loop
from ._manage import Management
from ._messages import Messages
from ._observe import Observing
from ._queues import Queues
from ._schedules import Schedules
from ._versions import Versions


class Client(
    Enqueueing,
    Queues,
    Messages,
    Management,
    Schedules,
    Keeping,
    Versions,
    Identities,
    Observing,
    Figures,
    Health,
):
    """Enqueues workflows, waits for results and looks at what runs; connects at its first call.

    Every method has a twin that ends in `_async`, for async code.

    Args:
        dsn: the database: a libpq URL or connection string; None: PERDURE_DATABASE_URL, or libpq's
            own environment variables.
        schema: the schema in which the engine is installed.
        connect_timeout: how long to try to connect at first, in seconds.
        poll_interval: seconds between polls for results, behind notifications.
        listen: whether to LISTEN; off behind a pooler in transaction mode.
        prepare: whether to prepare statements; off for old poolers in transaction mode.
        max_connections: how many connections coroutines use at most, and as many again threads that call it
            without an event loop; one more listens.
        application: the application that this program is part of, if several share the database; see
            docs/applications.md. What is enqueued here without a queue goes to the queue of that name.
        serializer: what values are written with; None: portable JSON, which is read in any case.

    Attributes:
        codec: how this program writes values; see `register_type`.
    """

    def retrieve_workflow(self, workflow_id: str) -> WorkflowHandle[Any]:
        """A handle to a workflow by its id; whether there is one shows at its first use."""
        return WorkflowHandle(self, checked_id(workflow_id))

    def get_workflow(self, workflow_id: str) -> WorkflowStatus:
        """All about a workflow.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.get_workflow_async(workflow_id), "get_workflow_async")

    async def get_workflow_async(self, workflow_id: str) -> WorkflowStatus:
        """`get_workflow` for async code."""
        checked_id(workflow_id)
        (row,) = await self._ask(lambda: self._engine.get_workflow(workflow_id))
        return read_workflow(self.codec, row)

    def list_steps(
        self,
        workflow_id: str,
        *,
        with_output: bool = True,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[StepStatus]:
        """The recorded steps of a workflow, in order.

        Args:
            workflow_id: the workflow.
            with_output: whether to bring what the steps have returned.
            after: the number of a step: those after it; None: from the first.
            limit: how many at most; None: all.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(
            self.list_steps_async(workflow_id, with_output=with_output, after=after, limit=limit),
            "list_steps_async",
        )

    async def list_steps_async(
        self,
        workflow_id: str,
        *,
        with_output: bool = True,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[StepStatus]:
        """`list_steps` for async code."""
        checked_id(workflow_id)
        rows = await self._ask(lambda: self._engine.list_steps(workflow_id, with_output, after, limit))
        return [read_step(self.codec, row) for row in rows]

    async def wait_for_outcome(
        self, workflow_id: str, timeout: float | None, enqueued_at: float | None = None
    ) -> Outcome:
        """How a workflow ended, when it has; see `WorkflowHandle.get_result`.

        Args:
            enqueued_at: on the monotonic clock, when this process has enqueued it, if it has.
        """
        if enqueued_at is not None and (timeout is None or timeout > 0):
            left = self._first_look.begins(enqueued_at, timeout)
            if left > 0:
                await pause(left)
                if running_loop() is None and (found := await self._look_once(workflow_id)) is not None:
                    return found
        return await self._on_engine(lambda: self._results.wait(workflow_id, timeout))

    async def _look_once(self, workflow_id: str) -> Outcome | None:
        # Not tried again, nor is a connection waited for: what waits for a notification minds the timeout.
        with contextlib.suppress(DatabaseUnavailable):
            found = await self._ask(
                lambda: self._engine.get_results([workflow_id], watch=False, retry_for=0.0)
            )
            self._first_look.note(len(found) > 0)
            return found[0] if found else None
        return None
