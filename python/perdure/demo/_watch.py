"""What the demonstration knows of its workflows: only what the database says."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg

from .. import Client

if TYPE_CHECKING:
    from .flights import Summary

STEPS = ("fetch", "validate", "load", "summarise")
ACTIVE = ("ENQUEUED", "DELAYED", "PENDING")


@dataclass(slots=True)
class Month:
    """The workflow of a month.

    Attributes:
        recorded: when each step was recorded, in order.
        runs: when the code of each step began to run, every time.
        attempts: how often a worker began to run the workflow.
        summary: what it returned.
    """

    number: int
    workflow_id: str | None = None
    status: str = "ENQUEUED"
    attempts: int = 0
    recorded: dict[str, dt.datetime] = field(default_factory=dict[str, dt.datetime])
    runs: dict[str, list[dt.datetime]] = field(default_factory=dict[str, list[dt.datetime]])
    summary: Summary | None = None

    @property
    def name(self) -> str:
        return _name(self.number)

    @property
    def owned(self) -> bool:
        """Whether some worker has it, alive or not."""
        return self.status == "PENDING"

    @property
    def inside(self) -> str | None:
        """The step whose code has begun and is not recorded."""
        return next((step for step in self.runs if step not in self.recorded), None)

    def __str__(self) -> str:
        if self.inside:
            return f"{self.name} (in {self.inside})"
        return f"{self.name} (after {list(self.recorded)[-1]})" if self.recorded else f"{self.name} (claimed)"


class Watch:
    """Looks at the workflow of the year and those of its months.

    Args:
        client: of the engine.
        db: a connection to the same database, in which the steps note their runs.
        year_id: the id of the year's workflow.
        months: those it was started with.

    Attributes:
        killed_at: when a worker was killed last: what it ran then is cut off.
    """

    killed_at: dt.datetime | None = None

    def __init__(
        self, client: Client, db: psycopg.Connection[Any], year_id: str, months: Sequence[int]
    ) -> None:
        self._client, self._db, self._year_id = client, db, year_id
        self.months = [Month(number) for number in months]

    def look(self) -> None:
        """Brings `months` up to date."""
        runs = self._runs()
        started = [step for step in self._client.list_steps(self._year_id) if step.child_id]
        for month, step in zip(self.months, started, strict=False):
            month.workflow_id = step.child_id
        for month in self.months:
            if month.workflow_id and month.summary is None:
                self._look_at(month, month.workflow_id)
            month.runs = runs.get(month.number, {})

    def _look_at(self, month: Month, workflow_id: str) -> None:
        found = self._client.get_workflow(workflow_id)
        month.status, month.attempts, month.summary = found.status, found.attempts, found.output
        steps = self._client.list_steps(workflow_id)
        month.recorded = {step.name: step.completed_at for step in steps if step.completed_at}

    def _runs(self) -> dict[int, dict[str, list[dt.datetime]]]:
        found: dict[int, dict[str, list[dt.datetime]]] = {}
        query = "select month, step, began_at from perdure_demo.executions order by began_at"
        for month, step, began_at in self._db.execute(query):
            found.setdefault(month, {}).setdefault(step, []).append(began_at)
        return found

    @property
    def share(self) -> float:
        """How much of the work is recorded, from 0 to 1."""
        return sum(len(month.recorded) for month in self.months) / (len(STEPS) * len(self.months))

    def state(self, month: Month, step: str) -> str:
        """How far a step is: a word for people."""
        if step in month.recorded:
            return "recorded"
        if step not in month.runs:
            return ""
        return "cut off" if self.killed_at and month.runs[step][-1] < self.killed_at else "runs"

    def year_status(self) -> str:
        return self._client.get_workflow(self._year_id).status

    def failure(self) -> BaseException | None:
        """What the year's workflow ended with, if it failed."""
        return self._client.get_workflow(self._year_id).error

    def now(self) -> dt.datetime:
        """The time in the database, by which it notes everything."""
        row = self._db.execute("select clock_timestamp()").fetchone()
        assert row is not None
        return row[0]

    def first_run_since(self, moment: dt.datetime, months: Sequence[Month], not_by: int) -> FirstRun | None:
        """The first step that another worker began after that moment in one of these months."""
        row = self._db.execute(
            "select month, step, worker_pid, began_at from perdure_demo.executions"
            " where month = any(%s) and began_at > %s and worker_pid <> %s order by began_at limit 1",
            [[month.number for month in months], moment, not_by],
        ).fetchone()
        if row is None:
            return None
        month, step, worker_pid, began_at = row
        return FirstRun(_name(month), step, worker_pid, began_at)


@dataclass(frozen=True, slots=True)
class FirstRun:
    month: str
    step: str
    worker_pid: int
    began_at: dt.datetime


def _name(month: int) -> str:
    return calendar.month_abbr[month]
