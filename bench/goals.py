"""The ratios that Perdure aims at, and those that must not fall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .results import Results

PEERS = ("dbos", "absurd", "procrastinate", "pgqueuer")

Measure = Callable[[Results, str], "float | None"]


@dataclass(frozen=True)
class Goal:
    """What is aimed at.

    Attributes:
        text: of what.
        bound: how far.
        measure: the figure of one system, "perdure" or "perdure-tuned"; None if it was not measured.
        least: whether the bound is a lower one.
        unit: of the figure.
        reason: why it may be missed; said if it is.
    """

    text: str
    bound: float
    measure: Measure
    least: bool = True
    unit: str = "x"
    reason: Callable[[Results], str] | None = None

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound


def _over(entry: str, other: str, figure: str = "per_s", at: str | None = None) -> Measure:
    """Perdure's figure as a multiple of another's, at the same entry if no other is named."""

    def measure(results: Results, system: str) -> float | None:
        ours, theirs = results.median(entry, system, figure), results.median(at or entry, other, figure)
        return None if ours is None or not theirs else ours / theirs

    return measure


def _over_best(entry: str, figure: str, best: Callable[[list[float]], float]) -> Measure:
    """Perdure's figure as a multiple of the best peer's."""

    def measure(results: Results, system: str) -> float | None:
        ours = results.median(entry, system, figure)
        theirs = [v for p in PEERS if (v := results.median(entry, p, figure)) is not None]
        return None if ours is None or not theirs else ours / best(theirs)

    return measure


def _sql_over_plain(results: Results, system: str) -> float | None:
    return _over("drain.1.async.1", "plain")(results, "sql") if system == "perdure" else None


def _figure(entry: str, figure: str) -> Measure:
    return lambda results, system: results.median(entry, system, figure)


def _why_late(results: Results) -> str:
    plain = results.median("latency.idle", "plain", "p50_ms")
    least = "" if plain is None else f" take {plain:.3g} ms here, in one process that waits for no other, and"
    return (
        f"a time depends on the machine. The transactions that nobody can save{least} reach the disk one"
        " after another; the rest is Postgres and Python, in four processes that wake each other with cold caches"
    )


def _why_one_worker(results: Results) -> str:
    return "one process of Python has one processor, and what plain tables do has both; see two workers"


def worst_claim(results: Results, system: str) -> float | None:
    """The largest ratio of a claim to the same one in a nearly empty system, over the cases of the goal."""
    if system != "perdure" or not results.claims:
        return None
    empty = next(iter(results.claims.values()))
    ratios = [
        value / empty[shape]
        for case, figures in results.claims.items()
        if "1M" in case or "held" in case
        for shape, value in figures.items()
        if shape in empty
    ]
    return max(ratios, default=None)


GOALS = (
    Goal("drain, 1 step, async, 1 worker: DBOS", 40, _over("drain.1.async.1", "dbos")),
    Goal("drain, 1 step, async, 1 worker: absurd", 12, _over("drain.1.async.1", "absurd")),
    Goal("drain, 1 step, sync, 1 worker: DBOS", 15, _over("drain.1.sync.1", "dbos")),
    Goal("drain, 1 step, sync, 1 worker: absurd", 4, _over("drain.1.sync.1", "absurd")),
    Goal("drain, no steps: PgQueuer", 1, _over("drain.0.async.1", "pgqueuer")),
    Goal("direct, 5 steps, one after another, async: DBOS", 6, _over("direct.async.1", "dbos")),
    Goal("direct, 5 steps, one after another, sync: DBOS", 6, _over("direct.sync.1", "dbos")),
    Goal("direct, 5 steps, 32 at once, async: DBOS", 40, _over("direct.async.32", "dbos")),
    Goal("enqueue one by one: DBOS", 2.5, _over("enqueue.one", "dbos")),
    Goal("enqueue one by one: the fastest peer", 0.95, _over_best("enqueue.one", "per_s", max)),
    Goal("enqueue in bulk: DBOS", 20, _over("enqueue.many", "dbos")),
    Goal("enqueue in bulk: absurd", 3, _over("enqueue.many", "absurd")),
    Goal("latency, idle queue, p50: DBOS", 0.25, _over("latency.idle", "dbos", "p50_ms"), False),
    Goal("latency, idle queue, p50: the fastest peer", 1, _over_best("latency.idle", "p50_ms", min), False),
    Goal(
        "latency, idle queue, p50",
        4,
        _figure("latency.idle", "p50_ms"),
        False,
        " ms",
        _why_late,
    ),
    Goal("drain, 1 step, SQL alone: plain tables", 0.5, _sql_over_plain),
    Goal(
        "drain, 1 step, async, 1 worker: plain tables",
        1 / 3,
        _over("drain.1.async.1", "plain"),
        reason=_why_one_worker,
    ),
    # As the plain tables are drained: by two connections, one for each processor.
    Goal(
        "drain, 1 step, async, 2 workers: plain tables",
        1 / 3,
        _over("drain.1.async.2", "plain", at="drain.1.async.1"),
    ),
    Goal(
        "statements of an idle worker of 20 queues: DBOS",
        0.05,
        _over("idle.20", "dbos", "statements_per_s"),
        False,
    ),
    Goal(
        "a claim with 1M waiting, 1M finished, a held snapshot: the same in an empty system",
        1.5,
        worst_claim,
        False,
    ),
)

# Compared by `make bench-check`: larger is better in each.
CHECKED: dict[str, Measure] = {
    "drain, 1 step, async: DBOS": _over("drain.1.async.1", "dbos"),
    "drain, 1 step, async: plain tables": _over("drain.1.async.1", "plain"),
    "drain, 1 step, SQL alone: plain tables": lambda results, _: _sql_over_plain(results, "perdure"),
    "direct, 5 steps, async: DBOS": _over("direct.async.1", "dbos"),
    "enqueue one by one: DBOS": _over("enqueue.one", "dbos"),
    "enqueue one by one: plain tables": _over("enqueue.one", "plain"),
    "latency, idle queue, p50: DBOS (its time by ours)": lambda results, system: _inverse(
        _over("latency.idle", "dbos", "p50_ms")(results, system)
    ),
}


def _inverse(value: float | None) -> float | None:
    return None if not value else 1 / value
