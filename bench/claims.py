"""What a claim costs: for 1, 10 and 100 workflows, from 1 to 8 sessions, as the database fills.

    python bench/claims.py [--url postgresql://...] [--seconds 3] [--only REGEX] [--out FILE.json]

Each case gets a fresh database with the engine. Every session claims and finishes in turn; only the claims
are timed. Printed are the median of a claim in milliseconds, and its ratio to the same claim in a nearly
empty system (1,000 waiting), measured in the same run. The server is used as it is configured.
"""

import argparse
import json
import multiprocessing
import os
import re
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).parents[1]
BATCHES = (1, 10, 100)


@dataclass(frozen=True)
class Case:
    name: str
    waiting: int = 1_000
    finished: int = 0
    queue: str = "null"
    partitions: int = 0
    held: bool = False
    # So many of another version wait before all else; who claims has the latest.
    others: int = 0


CASES = (
    Case("1k waiting"),
    Case("100k waiting", waiting=100_000),
    Case("1M waiting", waiting=1_000_000),
    Case("1M finished", finished=1_000_000),
    Case("10,000 partitions, 10 ready", partitions=10_000, queue="partitioned => true"),
    Case("global limit 1,000", queue="concurrency => 1000"),
    Case("rate limit 1M per hour", queue="rate_limit => 1000000, rate_period => '1 hour'"),
    Case("a snapshot held open", waiting=100_000, held=True),
    Case("100k of another version before", others=100_000),
    Case("100k of another version before, a snapshot held", others=100_000, held=True),
    Case("1M waiting, 1M finished, a snapshot held", waiting=1_000_000, finished=1_000_000, held=True),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--url", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument(
        "--seconds", type=float, default=3.0, help="for each case, batch and number of sessions"
    )
    parser.add_argument("--sessions", type=int, nargs="*", default=[1, 2, 4, 8])
    parser.add_argument("--only", default="", help="cases whose name matches")
    parser.add_argument("--out", help="where to write the figures as JSON")
    parser.add_argument("--page", help="where to write the figures as a page")
    arguments = parser.parse_args()

    figures: dict[str, dict[str, float]] = {}
    for case in CASES:
        if case is not CASES[0] and not re.search(arguments.only, case.name):
            continue
        figures[case.name] = measure(arguments, case)
        show(case.name, figures[case.name], figures[CASES[0].name])
    if arguments.out:
        Path(arguments.out).write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    if arguments.page:
        Path(arguments.page).write_text(page(arguments, figures), "utf-8")


def measure(arguments: argparse.Namespace, case: Case) -> dict[str, float]:
    """The median milliseconds of a claim, by '<batch> x <sessions>'."""
    found = {}
    with database(arguments.url) as url, ExitStack() as stack:
        fill(url, case)
        if case.held:
            holder = stack.enter_context(psycopg.connect(url))
            holder.execute("set transaction isolation level repeatable read")
            holder.execute("select count(*) from perdure.queues")
        for batch in BATCHES:
            for sessions in arguments.sessions:
                refill(url, case, batch * sessions * 500)
                with multiprocessing.Pool(sessions) as pool:
                    runs = pool.starmap(claim_for, [(url, case, batch, arguments.seconds)] * sessions)
                times = [t for run in runs for t in run]
                if times:
                    found[f"{batch} x {sessions}"] = statistics.median(times) * 1e3
    return found


def claim_for(url: str, case: Case, batch: int, seconds: float) -> list[float]:
    """Claims and finishes for so long; the times of the claims that got all they asked for."""
    times = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set search_path = perdure")
        version = "ours" if case.others else None
        me = connection.execute(
            "select register_executor('bench', app_version => %s)", (version,)
        ).fetchone()[0]
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            began = time.perf_counter()
            rows = connection.execute(
                "select workflow_key, token from claim(%s, array['bench'], %s)", (me, batch)
            ).fetchall()
            taken = time.perf_counter() - began
            if not rows:
                break
            if len(rows) == batch:
                times.append(taken)
            connection.execute(
                "select item from finish_many(%s::bigint[], %s::bigint[], array_fill('1'::json, array[%s]))",
                ([r[0] for r in rows], [r[1] for r in rows], len(rows)),
            )
    # The first claims plan their statements.
    return times[5:]


class database:  # noqa: N801 - reads as a function
    """A fresh database with the engine, dropped at the end."""

    def __init__(self, url: str) -> None:
        self.server = url

    def __enter__(self) -> str:
        self.admin("drop database if exists perdure_bench with (force)")
        self.admin("create database perdure_bench")
        url = urlsplit(self.server)._replace(path="/perdure_bench").geturl()
        import perdure

        perdure.install(url)
        return url

    def __exit__(self, *_: object) -> None:
        self.admin("drop database if exists perdure_bench with (force)")

    def admin(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement)


def fill(url: str, case: Case) -> None:
    """Makes the queue, the history and the backlog of a case."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set search_path = perdure")
        settings = "" if case.queue == "null" else ", " + case.queue
        connection.execute(f"select register_queue('bench'{settings})")
        if case.finished:
            connection.execute(
                """
                insert into workflows (key, workflow_id, name, queue_id, max_recovery_attempts, created_at)
                select nextval('task_keys'), 'done-' || i, 'job', q.queue_id, 100, now()
                from generate_series(1, %s) as i, queues q where q.name = 'bench'
                """,
                (case.finished,),
            )
            connection.execute(
                """
                insert into outcomes (key, status, output, attempts, token, started_at, completed_at)
                select key, 'SUCCESS', '1', 1, key, now(), now() from workflows
                """
            )
        if case.partitions:
            connection.execute(
                """
                insert into lanes (queue_id, partition_key)
                select q.queue_id, 'tenant-' || i
                from generate_series(1, %s) as i, queues q where q.name = 'bench'
                """,
                (case.partitions,),
            )
        if case.others:
            connection.execute("select register_version('ours')")
            connection.execute(
                "select count(*) from enqueue_many('job', array_fill('[1]'::json, array[%s]),"
                " queue => 'bench', app_version => 'other')",
                (case.others,),
            )
    refill(url, case, case.waiting)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def refill(url: str, case: Case, least: int) -> None:
    """Enqueues until so many wait, at least those of the case."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set search_path = perdure")
        waiting = connection.execute("select waiting from queue_stats('bench')").fetchone()[0]
        missing = max(case.waiting, least) + case.others - waiting
        while missing > 0:
            many = min(missing, 50_000)
            # Ten of the partitions have work, spread over all of them.
            keys = (
                f"(select array_agg('tenant-' || (1 + (i %% 10) * {case.partitions // 10})) "
                f"from generate_series(1, {many}) as i)"
                if case.partitions
                else "null"
            )
            connection.execute(
                f"select count(*) from enqueue_many('job', array_fill('[1]'::json, array[{many}]),"
                f" queue => 'bench', partition_keys => {keys})".replace("%%", "%")
            )
            missing -= many


def page(arguments: argparse.Namespace, figures: dict[str, dict[str, float]]) -> str:
    """The figures as Markdown."""
    with psycopg.connect(arguments.url) as connection:
        version, fsync, commit = (
            connection.execute("select current_setting(%s)", [name]).fetchone()[0]
            for name in ("server_version", "fsync", "synchronous_commit")
        )
    empty = figures[CASES[0].name]
    lines = [
        "# What a claim costs",
        "",
        f"Written by `python bench/claims.py --page`: Postgres {version}, fsync {fsync},",
        f"synchronous_commit {commit}, {os.cpu_count()} processors shared with the clients,",
        f"{arguments.seconds:g} s for each figure. Milliseconds of a claim (median), by workflows claimed x",
        "sessions at work; in parentheses the ratio to the same claim in a nearly empty system without",
        "limits, in the same run. Each session claims and finishes in turn.",
        "",
        "| case | " + " | ".join(empty) + " |",
        "|---|" + "---:|" * len(empty),
    ]
    for name, found in figures.items():
        cells = [
            f"{found[label]:.2f} ({found[label] / empty[label]:.2f})" if label in found else ""
            for label in empty
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "Claims of one limited queue take turns: that is what makes its limits exact, and why they cost",
        "more at many sessions. How much a claim does in its turn matters more: ten at a time cost hardly",
        "more than one.",
    ]
    return "\n".join(lines) + "\n"


def show(name: str, figures: dict[str, float], empty: dict[str, float]) -> None:
    columns = " ".join(
        f"{label}: {value:6.2f} ({value / empty[label]:4.2f})"
        for label, value in figures.items()
        if label in empty
    )
    print(f"{name:30} {columns}", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "python"))
    main()
