"""What is measured, and how: one function for each workload, which returns its figures.

Every run has a fresh database. Workers are processes of their own that have imported everything before the
clock starts; it starts when they are told to begin, so connecting is included, and stops when the database
says that nothing is unfinished.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from . import machine, processes
from .peers import peer
from .peers.base import Peer, Progress
from .postgres import Cluster
from .processes import Child, RunFailed, Workers

Figures = dict[str, float]


@dataclass
class Run:
    """One run of one system.

    Attributes:
        peer_name, settings: the system.
        mode, steps: of its workflows.
        timeout: after so many seconds it counts as failed.
        directory: for its files.
    """

    cluster: Cluster
    peer_name: str
    settings: dict[str, Any]
    mode: str
    steps: int
    timeout: float
    directory: Path
    queues: int = 0

    def __post_init__(self) -> None:
        self.peer: type[Peer] = peer(self.peer_name)
        self._log = self.directory / "log"
        self._log.write_bytes(b"")
        self._progress_file = self.directory / "progress"
        self.progress = Progress.create(self._progress_file)
        self.url = ""

    def _config(self, url: str) -> dict[str, Any]:
        return {
            "peer": self.peer_name,
            "url": url,
            "settings": self.settings,
            "mode": self.mode,
            "steps": self.steps,
            "queues": self.queues,
            "progress": str(self._progress_file),
        }

    def _empty(self) -> str:
        """The template with the system's schema; it is made at the first run."""
        name = f"empty_{self.peer_name}"
        if not self.cluster.has_template(name):
            url = self.cluster.add_template(name)
            try:
                with processes.client(self._config(url), self._log) as child:
                    child.ask("install", timeout=120)
            except BaseException:
                self.cluster.drop(name)
                raise
        return name

    def fresh(self) -> None:
        """A fresh database, empty but for the system's schema."""
        self.url = self.cluster.fresh(self._empty())

    def fresh_filled(self, name: str, fill: Callable[[], None]) -> None:
        """A fresh database that is filled by `fill` once, and a copy of that in later runs."""
        template = f"filled_{self.peer_name}_{name}"
        if not self.cluster.has_template(template):
            self.url = self.cluster.add_template(template, like=self._empty())
            try:
                fill()
                with self.database(template) as connection:
                    connection.execute("vacuum analyze")
            except BaseException:
                self.cluster.drop(template)
                raise
        self.url = self.cluster.fresh(template)

    def client(self) -> AbstractContextManager[Child]:
        return processes.client(self._config(self.url), self._log)

    def workers(self, many: int) -> AbstractContextManager[Workers]:
        self.progress = Progress.create(self._progress_file)
        return processes.workers(many, self._config(self.url), self._log)

    def database(self, name: str = "bench") -> psycopg.Connection[Any]:
        return self.cluster.connect(name)


def enqueue(run: Run, n: int) -> Figures:
    """One client enqueues one after another."""
    run.fresh()
    with run.client() as client:
        client.ask("open")
        return client.ask("enqueue", run.timeout, n=n)


def enqueue_many(run: Run, n: int, times: int = 5) -> Figures:
    """One client enqueues so many in each call."""
    run.fresh()
    with run.client() as client:
        client.ask("open")
        return client.ask("enqueue_many", run.timeout, n=n, times=times)


def drain(run: Run, n: int, workers: int = 1) -> Figures:
    """Workers run what waits in a queue until it is empty."""
    run.fresh()
    with run.client() as client:
        client.ask("open")
        client.ask("fill", run.timeout, n=n)
    with run.database() as connection:
        connection.execute("analyze")
        connection.execute("checkpoint")
        with run.workers(workers) as working:
            return _until_finished(run, connection, working, n)


def limited(run: Run, n: int, running: int = 10, workers: int = 1) -> Figures:
    """As `drain`, of a queue of which only so many may run at once, over all workers."""
    run.fresh()
    if run.peer_name == "pgqueuer":
        run.settings = {**run.settings, "limit": running}
    with run.client() as client:
        client.ask("open")
        client.ask("limit", running=running)
        client.ask("fill", run.timeout, n=n)
    with run.database() as connection:
        connection.execute("analyze")
        connection.execute("checkpoint")
        with run.workers(workers) as working:
            return _until_finished(run, connection, working, n)


def direct(run: Run, n: int, at_once: int = 1) -> Figures:
    """A process runs workflows itself, without a queue."""
    run.fresh()
    with run.client() as client:
        return client.ask("direct", run.timeout, n=n, at_once=at_once)


def latency(run: Run, n: int) -> Figures:
    """From enqueueing in one process to having the result there; another works, and nothing else waits."""
    run.fresh()
    with run.client() as client:
        client.ask("open")
        with run.workers(1) as working:
            working.go()
            return client.ask("latency", run.timeout, n=n)


def fan_out(run: Run, n: int) -> Figures:
    """A workflow enqueues children in its own queue and adds up their results; one worker."""
    run.fresh()
    with run.client() as client:
        client.ask("open")
        with run.workers(1) as working:
            working.go()
            return client.ask("fan_out", run.timeout, children=n)


def ping_pong(run: Run, n: int) -> Figures:
    """Two workflows in one worker send each other messages, in turn."""
    run.fresh()
    with run.client() as client:
        client.ask("open")
        with run.workers(1) as working:
            working.go()
            return client.ask("ping_pong", run.timeout, rounds=n)


def sleepers(run: Run, n: int, seconds: float = 10.0) -> Figures:
    """Workflows that all sleep at once; how much longer it takes than one of them sleeps, and what they hold
    in the worker meanwhile."""
    run.fresh()
    with run.client() as client:
        client.ask("open")
        client.ask("sleepers", run.timeout, n=n, seconds=seconds)
    with run.database() as connection, run.workers(1) as working:
        began = working.go()
        time.sleep(seconds * 0.95)
        held = working.memory_mb()
        found = _until_finished(run, connection, working, n, began)
        return {"s": found["s"] - seconds, "memory_mb": held, "worker_cpu_s": found["worker_cpu_s"]}


def crowded(run: Run, waiting: int, finished: int, seconds: float = 6.0) -> Figures:
    """As `drain`, for so many seconds, with this much waiting and this much history."""

    def fill() -> None:
        with run.client() as client, run.database(run.url.rpartition("/")[2]) as connection:
            client.ask("open")
            if finished:
                # One is run; the others are copies of its rows.
                with run.workers(1) as working:
                    working.go()
                    client.ask("put")
                    _wait_finished(run, connection, working)
                run.peer.copy_finished(connection, finished - 1)
            client.ask("put")
            if not run.peer.copy_waiting(connection, waiting - 1):
                client.ask("fill", 900, n=waiting - 1)

    run.fresh_filled(f"{waiting}_{finished}", fill)
    with run.database() as connection, run.workers(1) as working:
        before = _scalar(connection, run.peer.FINISHED)
        began = working.go()
        first = 0.0
        while (now := time.perf_counter() - began) < seconds:
            if not first and run.progress.total():
                first = now
            if run.progress.total() >= waiting and not _scalar(connection, run.peer.UNFINISHED):
                break
            working.check()
            time.sleep(0.005)
        cpu = working.cpu_seconds()
        working.kill()
        done = _scalar(connection, run.peer.FINISHED) - before
        return {"per_s": done / now, "first_s": first, "done": done, "worker_cpu_s": cpu}


def idle(run: Run, seconds: float = 15.0) -> Figures:
    """What an idle worker of 20 queues asks of the database, as the system comes: no tuning."""
    if not run.cluster.has_statements:
        raise RunFailed("this needs pg_stat_statements")
    run.queues = 20
    run.fresh()
    admin = run.cluster.admin
    with run.workers(1) as working:
        working.go()
        time.sleep(6.0)
        working.check()
        admin.execute("select pg_stat_statements_reset()")
        committed = _scalar(admin, _TRANSACTIONS)
        cpu, began = working.cpu_seconds(), time.perf_counter()
        time.sleep(seconds)
        statements = _scalar(admin, _STATEMENTS)
        taken = time.perf_counter() - began
        cpu = working.cpu_seconds() - cpu
        # Sessions report their transactions with some delay.
        working.check()
        working.kill()
        time.sleep(1.0)
        return {
            "statements_per_s": float(statements) / taken,
            "transactions_per_s": float(_scalar(admin, _TRANSACTIONS) - committed) / taken,
            "worker_cpu_ms_per_s": cpu * 1e3 / taken,
        }


_STATEMENTS = """
select coalesce(sum(s.calls), 0)
from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = 'bench'
"""
_TRANSACTIONS = "select xact_commit + xact_rollback from pg_stat_database where datname = 'bench'"


def storage(run: Run, n: int) -> Figures:
    """What a workflow, enqueued and run, leaves on the disk, and in the write-ahead log."""
    run.fresh()
    with run.database() as connection:
        size = _scalar(connection, "select pg_database_size('bench')")
        position = _scalar(connection, "select pg_current_wal_insert_lsn()")
        with run.client() as client:
            client.ask("open")
            client.ask("fill", run.timeout, n=n)
        with run.workers(1) as working:
            _until_finished(run, connection, working, n)
        written = _scalar(connection, f"select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '{position}')")
        grown = _scalar(connection, "select pg_database_size('bench')") - size
        return {"bytes": grown / n, "wal_bytes": float(written) / n}


# ------------------------------------------------------------------------------------------ shared


def _until_finished(
    run: Run, connection: psycopg.Connection[Any], working: Workers, n: int, began: float | None = None
) -> Figures:
    """Lets workers begin and measures until nothing is unfinished."""
    usage = machine.Usage(run.cluster.pid)
    if began is None:
        began = working.go()
    samples = [(0.0, 0)]
    while True:
        now = time.perf_counter() - began
        done = run.progress.total()
        samples.append((now, done))
        # The database is left alone until the end is near.
        if done >= 0.99 * n and not _scalar(connection, run.peer.UNFINISHED):
            break
        working.check()
        if now > run.timeout:
            raise RunFailed(f"only {done} of {n} ended in {run.timeout:g} s")
        time.sleep(0.002 if done >= 0.99 * n else 0.01)
    taken = time.perf_counter() - began
    cpu = working.cpu_seconds()
    finished = _scalar(connection, run.peer.FINISHED)
    if finished < n:
        raise RunFailed(f"the database has only {finished} of {n} finished")
    figures = {"per_s": n / taken, "s": taken, "worker_cpu_s": cpu}
    figures["server_cpu_s"] = usage.stop().get("server_cpu_s", 0.0)
    # Between one and nine tenths of the work: without start and end.
    low = next(sample for sample in samples if sample[1] >= 0.1 * n)
    high = next(sample for sample in samples if sample[1] >= 0.9 * n)
    if high[0] > low[0]:
        figures["steady_per_s"] = (high[1] - low[1]) / (high[0] - low[0])
    return figures


def _wait_finished(run: Run, connection: psycopg.Connection[Any], working: Workers) -> None:
    began = time.perf_counter()
    while not _scalar(connection, run.peer.FINISHED):
        working.check()
        if time.perf_counter() - began > 30:
            raise RunFailed("the first workflow did not finish")
        time.sleep(0.02)


def _scalar(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


WORKLOADS: dict[str, Callable[..., Figures]] = {
    "enqueue": enqueue,
    "enqueue_many": enqueue_many,
    "drain": drain,
    "limited": limited,
    "direct": direct,
    "latency": latency,
    "fan_out": fan_out,
    "ping_pong": ping_pong,
    "sleepers": sleepers,
    "crowded": crowded,
    "idle": idle,
    "storage": storage,
}
