"""Figures about many workflows: counts, durations, metrics; part of `Client`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._checks import Seconds, span, whole_number
from ._connected import Connected
from ._filters import CountFilters, DurationFilters, StepFilters, several, sql_filters
from ._loop import run_sync

if TYPE_CHECKING:
    from typing_extensions import Unpack


@dataclass(slots=True, frozen=True)
class WorkflowCount:
    """How many workflows there are of a group. What is not grouped by is None.

    Attributes:
        queue: also None for direct starts; executor: also None where it is not registered any more.
        bucket: the beginning of a span of time.
        workflows: how many.
    """

    name: str | None
    status: str | None
    queue: str | None
    executor: str | None
    app_version: str | None
    application: str | None
    bucket: dt.datetime | None
    workflows: int


@dataclass(slots=True, frozen=True)
class WorkflowDurations:
    """How long the workflows of a group took that have ended. What is not grouped by is None.

    Attributes:
        wait_p50 and so on: from creation to the start of the last run: the median, what 95 and 99 in a
            hundred do not exceed, and the longest.
        run_p50 and so on: from there to the end.
    """

    name: str | None
    queue: str | None
    workflows: int
    wait_p50: dt.timedelta
    wait_p95: dt.timedelta
    wait_p99: dt.timedelta
    wait_longest: dt.timedelta
    run_p50: dt.timedelta
    run_p95: dt.timedelta
    run_p99: dt.timedelta
    run_longest: dt.timedelta


@dataclass(slots=True, frozen=True)
class StepFigures:
    """How the steps of a group went. What is not grouped by is None.

    Attributes:
        steps: how many are recorded, of which `succeeded`, `failed` and are `unfinished`: they wait, or will
            be tried again.
        attempts: how often they were tried, all together.
        average, p50, p95, p99, longest: how long those that have ended took; None where nothing is known.
    """

    step: str | None
    workflow: str | None
    steps: int
    succeeded: int
    failed: int
    unfinished: int
    attempts: int
    average: dt.timedelta | None
    p50: dt.timedelta | None
    p95: dt.timedelta | None
    p99: dt.timedelta | None
    longest: dt.timedelta | None


@dataclass(slots=True, frozen=True)
class Metric:
    """A figure for a monitoring system; `str` of it is a line of the text format of Prometheus."""

    name: str
    labels: dict[str, str]
    value: float

    def __str__(self) -> str:
        shown = ",".join(f'{label}="{_escaped(value)}"' for label, value in self.labels.items())
        return f"{self.name}{f'{{{shown}}}' if shown else ''} {self.value:.15g}"


class Figures(Connected):
    """The part of a client that counts and measures."""

    def workflow_aggregates(
        self,
        group_by: str | Iterable[str] = ("name", "status"),
        *,
        bucket_width: Seconds | None = None,
        limit: int = 1000,
        **filters: Unpack[CountFilters],
    ) -> list[WorkflowCount]:
        """How many workflows there are, by what is asked for: by bucket, the largest groups first.

        Args:
            group_by: any of name, status, queue, executor, app_version, application, bucket; none: the total.
            bucket_width: with bucket, how long each is, in seconds or as a timedelta, at least 1 second. They
                are of `created_at`; with a span of completion, of `completed_at`.
            limit: how many groups at most.
            **filters: status, name, queue, created_from, created_until, completed_from, completed_until, as
                in `WorkflowFilters`. What is in the span is read; without one, everything.

        Raises:
            InvalidArgument: an unknown group, filter or status, a number out of range, a bucket without
                width.
        """
        return run_sync(
            self.workflow_aggregates_async(group_by, bucket_width=bucket_width, limit=limit, **filters),
            "workflow_aggregates_async",
        )

    async def workflow_aggregates_async(
        self,
        group_by: str | Iterable[str] = ("name", "status"),
        *,
        bucket_width: Seconds | None = None,
        limit: int = 1000,
        **filters: Unpack[CountFilters],
    ) -> list[WorkflowCount]:
        """`workflow_aggregates` for async code."""
        groups, width = several("group_by", group_by), span(bucket_width)
        asked = sql_filters(filters, CountFilters)
        whole_number("limit", limit, 1)
        rows = await self._ask(lambda: self._engine.workflow_aggregates(groups, asked, width, limit))
        return [WorkflowCount(*row) for row in rows]

    def workflow_durations(
        self, group_by: str | Iterable[str] = "name", **filters: Unpack[DurationFilters]
    ) -> list[WorkflowDurations]:
        """How long workflows that have ended waited and ran.

        Args:
            group_by: any of name, queue; none: all together.
            **filters: status, name, queue, completed_from, completed_until, as in `WorkflowFilters`. What is
                in the span is read; without one, everything.

        Raises:
            InvalidArgument: an unknown group, filter or status.
        """
        return run_sync(self.workflow_durations_async(group_by, **filters), "workflow_durations_async")

    async def workflow_durations_async(
        self, group_by: str | Iterable[str] = "name", **filters: Unpack[DurationFilters]
    ) -> list[WorkflowDurations]:
        """`workflow_durations` for async code."""
        groups, asked = several("group_by", group_by), sql_filters(filters, DurationFilters)
        rows = await self._ask(lambda: self._engine.workflow_durations(groups, asked))
        return [WorkflowDurations(*row) for row in rows]

    def step_aggregates(
        self,
        group_by: str | Iterable[str] = "step",
        *,
        step: str | Iterable[str] | None = None,
        limit: int = 1000,
        **filters: Unpack[StepFilters],
    ) -> list[StepFigures]:
        """How steps went: how many, how often they failed, how long they took.

        Args:
            group_by: any of step (its name), workflow (the name of the workflow); none: all together.
            step: only steps of this name, or of these.
            limit: how many groups at most; those with the most steps come first.
            **filters: name, created_from, created_until: the steps of these workflows. What is in the span is
                read; without one, everything.

        Raises:
            InvalidArgument: an unknown group or filter, a number out of range.
        """
        return run_sync(
            self.step_aggregates_async(group_by, step=step, limit=limit, **filters), "step_aggregates_async"
        )

    async def step_aggregates_async(
        self,
        group_by: str | Iterable[str] = "step",
        *,
        step: str | Iterable[str] | None = None,
        limit: int = 1000,
        **filters: Unpack[StepFilters],
    ) -> list[StepFigures]:
        """`step_aggregates` for async code."""
        groups, asked = several("group_by", group_by), sql_filters(filters, StepFilters)
        steps = None if step is None else several("step", step)
        whole_number("limit", limit, 1)
        rows = await self._ask(lambda: self._engine.step_aggregates(groups, steps, asked, limit))
        return [StepFigures(*row) for row in rows]

    def metrics(self) -> list[Metric]:
        """Figures for a monitoring system. Reading them costs no more as history grows.

        `"\\n".join(map(str, client.metrics()))` is what Prometheus reads.
        """
        return run_sync(self.metrics_async(), "metrics_async")

    async def metrics_async(self) -> list[Metric]:
        """`metrics` for async code."""
        rows = await self._ask(self._engine.metrics)
        return [Metric(name, json.loads(labels), value) for name, labels, value in rows]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
