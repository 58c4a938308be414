"""What is kept of workflows and for how long, taking them elsewhere, and what somebody must look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._checks import Seconds, number, span, text, whole_number
from ._connected import Connected
from ._errors import InvalidArgument
from ._loop import run_sync
from ._manage import as_step, checked_ids
from ._run import calling_run
from ._schedules import workflow_name

if TYPE_CHECKING:
    pass


DELETE = "perdure.delete"


@dataclass(slots=True, frozen=True)
class RetentionPolicy:
    """How long workflows that have ended are kept; see `Client.set_retention`.

    Attributes:
        workflow: a workflow name; None: all names that have no policy of their own.
        max_age: what ended longer ago goes; None: whatever its age.
        max_count: what has so many after it goes; None: however many there are.
        statuses: only what ended so goes; None: all.
        created_at: when it was first set.
    """

    workflow: str | None
    max_age: dt.timedelta | None
    max_count: int | None
    statuses: list[str] | None
    created_at: dt.datetime


@dataclass(slots=True, frozen=True)
class RetentionPreview:
    """A workflow that a policy would remove; see `Client.preview_retention`.

    Attributes:
        workflow_id: its id.
        name: the name of its workflow.
        status: how it ended.
        completed_at: when it ended.
        descendants: how many workflows would go with it.
    """

    workflow_id: str
    name: str
    status: str
    completed_at: dt.datetime
    descendants: int


@dataclass(slots=True, frozen=True)
class Alert:
    """Something that needs somebody; see `Client.alerts`.

    Attributes:
        kind: "dead letter", "failing workflow", "unserved queue", "slow queue", "unknown workflow",
            "unserved version", "lapsed executor" or "late schedule".
        subject: the name of the workflow, queue, executor or schedule.
        since: since when.
        detail: a sentence for people.
        severity: "critical" or "warning".
    """

    kind: str
    subject: str
    since: dt.datetime | None
    detail: str
    severity: str


class Keeping(Connected):
    """What is kept of workflows; part of `Client`."""

    # ----------------------------------------------------------------------------------- deleting

    def delete_workflows(self, workflow_ids: Sequence[str], *, children: bool = False) -> int:
        """Removes workflows that have ended, with all that belongs to them: all of them or, on an error,
        none. In a workflow it is a step.

        Args:
            workflow_ids: those that do not exist are passed over.
            children: whether to remove all that they have started, too.

        Returns:
            How many were removed.

        Raises:
            WorkflowActive: one of them has not ended.
        """
        return run_sync(
            self.delete_workflows_async(workflow_ids, children=children), "delete_workflows_async"
        )

    async def delete_workflows_async(self, workflow_ids: Sequence[str], *, children: bool = False) -> int:
        """`delete_workflows` for async code."""
        ids, run = checked_ids(workflow_ids), calling_run(self._engine)
        if run is not None:
            return await as_step(
                run, DELETE, lambda engine, place: engine.delete_in_step(place, ids, children)
            )
        return await self._ask(lambda: self._engine.delete_workflows(ids, children))

    def delete_workflow(self, workflow_id: str, *, children: bool = False) -> bool:
        """Removes a workflow that has ended; see `delete_workflows`.

        Returns:
            Whether there was one.
        """
        return run_sync(self.delete_workflow_async(workflow_id, children=children), "delete_workflow_async")

    async def delete_workflow_async(self, workflow_id: str, *, children: bool = False) -> bool:
        """`delete_workflow` for async code."""
        return await self.delete_workflows_async([workflow_id], children=children) > 0

    # ---------------------------------------------------------------------------------- retention

    def set_retention(
        self,
        workflow: Any = None,
        *,
        max_age: Seconds | None = None,
        max_count: int | None = None,
        statuses: Sequence[str] | None = None,
    ) -> None:
        """Says how long to keep workflows that have ended; the database removes the rest by itself, each with
        all that it has started. Without a policy all is kept for ever.

        Args:
            workflow: a workflow's name, or the decorated function: the policy for that name; None: for all
                names without one of their own.
            max_age: what ended longer ago goes, in seconds or as a timedelta.
            max_count: what has so many after it goes. With both, what either says; with neither all is kept.
            statuses: only what ended so goes, and is counted: "SUCCESS", "ERROR", "CANCELLED",
                "MAX_RECOVERY_ATTEMPTS_EXCEEDED"; None: all.

        Raises:
            InvalidArgument: a value is out of range.
        """
        run_sync(
            self.set_retention_async(workflow, max_age=max_age, max_count=max_count, statuses=statuses),
            "set_retention_async",
        )

    async def set_retention_async(
        self,
        workflow: Any = None,
        *,
        max_age: Seconds | None = None,
        max_count: int | None = None,
        statuses: Sequence[str] | None = None,
    ) -> None:
        """`set_retention` for async code."""
        if isinstance(statuses, str):
            raise InvalidArgument(f"statuses is a list, not {statuses!r}")
        name, age = _name(workflow), span(max_age)
        count = None if max_count is None else whole_number("max_count", max_count, 0)
        await self._ask(lambda: self._engine.set_retention(name, age, count, statuses))

    def delete_retention(self, workflow: Any = None) -> bool:
        """Removes a policy; what it was about is then up to the one for the rest, if there is one.

        Returns:
            Whether there was one.
        """
        return run_sync(self.delete_retention_async(workflow), "delete_retention_async")

    async def delete_retention_async(self, workflow: Any = None) -> bool:
        """`delete_retention` for async code."""
        name = _name(workflow)
        return await self._ask(lambda: self._engine.delete_retention(name))

    def list_retention(self) -> list[RetentionPolicy]:
        """The policies: the one for the rest, then by name."""
        return run_sync(self.list_retention_async(), "list_retention_async")

    async def list_retention_async(self) -> list[RetentionPolicy]:
        """`list_retention` for async code."""
        return [RetentionPolicy(*row) for row in await self._ask(self._engine.list_retention)]

    def preview_retention(self, workflow: Any = None, *, max_workflows: int = 1000) -> list[RetentionPreview]:
        """What a policy would remove now, earliest first; nothing is removed. On a large history it takes its
        time.

        Args:
            workflow: as for `set_retention`.
            max_workflows: how many to name at most, 1 to 100000.
        """
        return run_sync(
            self.preview_retention_async(workflow, max_workflows=max_workflows), "preview_retention_async"
        )

    async def preview_retention_async(
        self, workflow: Any = None, *, max_workflows: int = 1000
    ) -> list[RetentionPreview]:
        """`preview_retention` for async code."""
        name, most = _name(workflow), whole_number("max_workflows", max_workflows, 1)
        rows = await self._ask(lambda: self._engine.preview_retention(name, most))
        return [RetentionPreview(*row) for row in rows]

    # -------------------------------------------------------------------------- export and import

    def export_workflow(self, workflow_id: str, *, children: bool = True) -> str:
        """A workflow as one JSON document for `import_workflow`: as it stands at this moment, also while it
        runs.

        Args:
            workflow_id: a workflow that exists.
            children: whether all that it has started is in the document too.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.export_workflow_async(workflow_id, children=children), "export_workflow_async")

    async def export_workflow_async(self, workflow_id: str, *, children: bool = True) -> str:
        """`export_workflow` for async code."""
        wanted = text("a workflow id", workflow_id)
        return await self._ask(lambda: self._engine.export_workflow(wanted, children))

    def import_workflow(self, document: str, *, create_queues: bool = False) -> int:
        """Writes the workflows of a document into this database, all of them or none. What had ended has
        ended; what was active goes on here.

        If the connection is lost in the middle, the call is made again, and then WorkflowIdConflict may mean
        that the first one has written them.

        Args:
            document: what `export_workflow` has returned.
            create_queues: whether to make the queues that do not exist, without limits.

        Returns:
            How many workflows were written.

        Raises:
            InvalidArgument: it is no such document, or one of a later version.
            WorkflowIdConflict: one of the ids exists.
            QueueNotFound: one of the queues does not exist.
            DeduplicationConflict: another active workflow holds a deduplication id.
        """
        return run_sync(
            self.import_workflow_async(document, create_queues=create_queues), "import_workflow_async"
        )

    async def import_workflow_async(self, document: str, *, create_queues: bool = False) -> int:
        """`import_workflow` for async code."""
        given = text("a document", document)
        return await self._ask(lambda: self._engine.import_workflow(given, create_queues))

    # ------------------------------------------------------------------------------------- alerts

    def alerts(
        self,
        *,
        within: Seconds = 3600.0,
        max_waiting: Seconds = 300.0,
        max_failures: float = 0.5,
        min_ended: int = 10,
        max_lateness: Seconds = 60.0,
    ) -> list[Alert]:
        """What needs somebody: dead letters, failing workflows, queues that nobody serves or that are slow,
        executors that have died with work, schedules that are late. An empty list: all is well.

        Args:
            within: how far to look back at what has ended.
            max_waiting: how long a workflow may wait for its first start.
            max_failures: which share of the runs of one name may fail, 0 to 1.
            min_ended: how many must have ended before their failures count.
            max_lateness: by how much a tick may be late.

        Raises:
            InvalidArgument: a bound is out of range.
        """
        return run_sync(
            self.alerts_async(
                within=within,
                max_waiting=max_waiting,
                max_failures=max_failures,
                min_ended=min_ended,
                max_lateness=max_lateness,
            ),
            "alerts_async",
        )

    async def alerts_async(
        self,
        *,
        within: Seconds = 3600.0,
        max_waiting: Seconds = 300.0,
        max_failures: float = 0.5,
        min_ended: int = 10,
        max_lateness: Seconds = 60.0,
    ) -> list[Alert]:
        """`alerts` for async code."""
        share, least = float(number("max_failures", max_failures)), whole_number("min_ended", min_ended, 1)
        back, wait, late = span(within), span(max_waiting), span(max_lateness)
        rows = await self._ask(lambda: self._engine.alerts(back, wait, share, least, late))
        return [Alert(*row) for row in rows]

    def notify_alerts(self, enabled: bool = True) -> None:
        """Switches notifications on the channel `<schema>.alert` on or off, for everybody: one for each
        transaction in which a workflow fails or is given up."""
        run_sync(self.notify_alerts_async(enabled), "notify_alerts_async")

    async def notify_alerts_async(self, enabled: bool = True) -> None:
        """`notify_alerts` for async code."""
        await self._ask(lambda: self._engine.notify_alerts(enabled))


def _name(workflow: Any) -> str | None:
    return None if workflow is None else workflow_name(workflow)
