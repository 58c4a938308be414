"""Which workload runs with which system, how large, and in which of the three runs.

`check` is for a glance before a change is merged, `quick` takes some minutes, `full` measures everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .peers import peer
from .peers.perdure import TUNED


@dataclass(frozen=True)
class System:
    """What is measured: a peer with settings, or what Postgres does without one (`pgbench`)."""

    title: str
    peer: str
    pgbench: str | None = None


SYSTEMS = {
    "perdure": System("Perdure", "perdure"),
    "perdure-tuned": System("Perdure, tuned", "perdure"),
    "dbos": System("DBOS", "dbos"),
    "absurd": System("absurd", "absurd"),
    "procrastinate": System("Procrastinate", "procrastinate"),
    "pgqueuer": System("PgQueuer", "pgqueuer"),
    "sql": System("SQL alone", "perdure", pgbench="sql"),
    "plain": System("plain tables", "perdure", pgbench="plain"),
}

ROUNDS = {"check": 3, "quick": 3, "full": 5}


@dataclass(frozen=True)
class Entry:
    """A workload with its parameters, and the systems that take turns at it.

    Attributes:
        key: its name in the results; the part before the first dot is its table in the report.
        title: its row there.
        workload: a function of `workloads`, or for pgbench of `ceilings`.
        sizes: how many workflows, by system, in `quick`.
        runs: in which runs it takes part.
        times: how much larger it is in `full`.
        rounds: how often at most.
        whole: whether its size is what it is about: then nothing makes it larger or smaller.
    """

    key: str
    title: str
    workload: str
    sizes: dict[str, int]
    arguments: dict[str, Any] = field(default_factory=dict)
    mode: str = "async"
    steps: int = 1
    runs: tuple[str, ...] = ("quick", "full")
    times: float = 2
    rounds: int = 99
    tuned: bool = True
    timeout: float = 120.0
    whole: bool = False

    def size(self, system: str, run: str, scale: float) -> int:
        times = 1 if self.whole else scale * {"check": 0.5, "quick": 1, "full": self.times}[run]
        return int(self.sizes[system] * times)

    def settings(self, system: str) -> dict[str, Any]:
        """What a system is given; nothing where it is measured as it comes."""
        if system == "perdure-tuned":
            return dict(TUNED)
        if SYSTEMS[system].pgbench or not self.tuned:
            return {}
        return peer(SYSTEMS[system].peer).best(self.workload, self.mode)


def _drain(steps: int, mode: str, workers: int, **more: Any) -> Entry:
    sizes = {
        0: {"perdure": 30_000, "dbos": 1500, "absurd": 4000},
        1: {"perdure": 30_000, "dbos": 600, "absurd": 2500},
        5: {"perdure": 8000, "dbos": 150, "absurd": 800},
    }[steps]
    if mode == "sync":
        sizes = {**sizes, "perdure": {0: 10_000, 1: 6000, 5: 1500}[steps]}
    sizes = {"perdure": sizes["perdure"], "perdure-tuned": sizes["perdure"], **sizes}
    if steps == 0 and mode == "async":
        sizes |= {"procrastinate": 1500, "pgqueuer": 50_000}
    if mode == "async" and workers == 1:
        sizes |= {"sql": 40_000, "plain": {0: 100_000, 1: 80_000, 5: 20_000}[steps]}
    step = {0: "no steps", 1: "1 step", 5: "5 steps"}[steps]
    worker = "1 worker" if workers == 1 else f"{workers} workers"
    arguments = {"workers": workers} if workers > 1 else {}
    return Entry(
        f"drain.{steps}.{mode}.{workers}",
        f"{step}, {mode}, {worker}",
        "drain",
        sizes,
        arguments,
        mode=mode,
        steps=steps,
        **more,
    )


def _direct(mode: str, at_once: int, **more: Any) -> Entry:
    sizes = {"perdure": 600, "perdure-tuned": 600, "dbos": 150}
    if at_once > 1:
        sizes = {"perdure": 6000 if mode == "async" else 2000, "dbos": 250}
        sizes = {"perdure": sizes["perdure"], "perdure-tuned": sizes["perdure"], "dbos": 250}
    if mode == "async":
        sizes |= {"sql": 800 if at_once == 1 else 3200, "plain": 1500 if at_once == 1 else 6400}
    return Entry(
        f"direct.{mode}.{at_once}",
        f"5 steps, {mode}, " + ("one after another" if at_once == 1 else f"{at_once} at once"),
        "direct",
        sizes,
        {"at_once": at_once},
        mode=mode,
        steps=5,
        **more,
    )


def _crowded(waiting: int, finished: int, **more: Any) -> Entry:
    much = f"{waiting:,} waiting" + (f", {finished:,} finished" if finished else "")
    return Entry(
        f"crowded.{waiting}.{finished}",
        much,
        "crowded",
        dict.fromkeys(("perdure", "dbos", "absurd", "procrastinate", "pgqueuer"), 0),
        {"waiting": waiting, "finished": finished},
        steps=1,
        rounds=2,
        **more,
    )


def _by_clients(workload: str, title: str, clients: int, n: int, systems: tuple[str, ...]) -> Entry:
    return Entry(
        f"clients.{workload}.{clients}",
        f"{title}, {clients} connection" + ("s" if clients > 1 else ""),
        workload,
        dict.fromkeys(systems, n),
        {"clients": clients},
        runs=("full",),
        rounds=3,
    )


_EVERY = ("check", "quick", "full")
_FULL = ("full",)

PLAN: tuple[Entry, ...] = (
    Entry(
        "enqueue.one",
        "one by one",
        "enqueue",
        {
            "perdure": 2000,
            "perdure-tuned": 2000,
            "dbos": 1200,
            "absurd": 2500,
            "procrastinate": 1500,
            "pgqueuer": 3000,
            "sql": 3000,
            "plain": 6000,
        },
        runs=_EVERY,
    ),
    Entry(
        "enqueue.many",
        "in bulk, 5,000 in a call",
        "enqueue_many",
        dict.fromkeys(
            ("perdure", "perdure-tuned", "dbos", "absurd", "procrastinate", "pgqueuer", "sql", "plain"), 5000
        ),
        {"times": 3},
        times=1,
    ),
    _drain(1, "async", 1, runs=_EVERY),
    _drain(1, "sync", 1),
    _drain(0, "async", 1),
    _drain(5, "async", 1, runs=_FULL),
    _drain(0, "sync", 1, runs=_FULL),
    _drain(5, "sync", 1, runs=_FULL),
    _drain(1, "async", 2),
    _drain(1, "sync", 2, runs=_FULL),
    _drain(0, "async", 2, runs=_FULL),
    _drain(5, "async", 2, runs=_FULL),
    _drain(0, "sync", 2, runs=_FULL),
    _drain(5, "sync", 2, runs=_FULL),
    _direct("async", 1, runs=_EVERY),
    _direct("sync", 1),
    _direct("async", 32),
    _direct("sync", 32, runs=_FULL),
    Entry(
        "latency.idle",
        "result of one, idle queue",
        "latency",
        dict.fromkeys(
            ("perdure", "perdure-tuned", "dbos", "absurd", "procrastinate", "pgqueuer", "plain"), 100
        ),
        runs=_EVERY,
        mode="sync",
    ),
    Entry(
        "fan_out.async",
        "async",
        "fan_out",
        dict.fromkeys(("perdure", "perdure-tuned", "dbos"), 500),
        runs=_FULL,
        times=1,
    ),
    Entry(
        "fan_out.sync",
        "sync",
        "fan_out",
        dict.fromkeys(("perdure", "dbos", "absurd"), 500),
        mode="sync",
        runs=_FULL,
        times=1,
    ),
    *(
        Entry(
            f"limited.{workers}",
            "1 worker" if workers == 1 else f"{workers} workers",
            "limited",
            {"perdure": 2000, "dbos": 400, "pgqueuer": 400},
            {"workers": workers},
            runs=_FULL,
        )
        for workers in (1, 2)
    ),
    _crowded(10_000, 0, runs=_FULL),
    _crowded(100_000, 0, runs=_FULL),
    _crowded(1_000_000, 0, runs=_FULL),
    _crowded(10_000, 100_000, runs=_FULL),
    _crowded(10_000, 1_000_000, runs=_FULL),
    Entry(
        "idle.20",
        "a worker of 20 queues",
        "idle",
        dict.fromkeys(("perdure", "dbos", "absurd", "procrastinate", "pgqueuer"), 0),
        rounds=1,
        tuned=False,
    ),
    Entry(
        "storage.1",
        "1 step",
        "storage",
        {"perdure": 2000, "dbos": 1000, "absurd": 1500},
        rounds=1,
    ),
    Entry(
        "storage.0",
        "no steps",
        "storage",
        {"perdure": 2000, "dbos": 1000, "absurd": 1500, "procrastinate": 1500, "pgqueuer": 5000},
        steps=0,
        runs=_FULL,
        rounds=1,
    ),
    Entry(
        "ping_pong.async",
        "one worker",
        "ping_pong",
        {"perdure": 100, "dbos": 100, "absurd": 100},
        runs=_FULL,
    ),
    Entry(
        "sleepers.async",
        "1,000 at once",
        "sleepers",
        {"perdure": 1000, "dbos": 1000, "absurd": 1000},
        runs=_FULL,
        rounds=3,
        whole=True,
    ),
    Entry(
        "sleepers.async.many",
        "100,000 at once",
        "sleepers",
        {"perdure": 100_000},
        runs=_FULL,
        rounds=2,
        timeout=300.0,
        whole=True,
    ),
    *(
        _by_clients("drain", "batches of 100, 1 step", clients, 60_000, ("plain", "sql"))
        for clients in (1, 2, 4, 8)
    ),
    *(
        _by_clients("enqueue", "one in a transaction", clients, 4000, ("plain", "sql"))
        for clients in (1, 4, 8, 32)
    ),
)

# What Perdure must be able to do for a workload; those that need more are left out until it can.
NEEDS = {"ping_pong": "recv", "sleepers": "sleep"}
