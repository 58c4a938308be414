"""The demonstration: starts the job, kills its worker twice in mid-flight, and checks what came of it."""

from __future__ import annotations

import datetime as dt
import signal
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from .. import Client, PerdureError, install
from . import _check
from ._data import find_file
from ._database import connect, create_tables, drop_all, take_turn
from ._process import WorkerProcess
from ._screen import Screen
from ._settings import ENGINE_SCHEMA, LEASE, QUEUE, SCHEMA
from ._watch import ACTIVE, STEPS, Month, Watch

# A worker is killed when this much of the work is recorded.
KILL_AT = (0.30, 0.35)
_LOOK_EVERY = 0.05
_PATIENCE = 60.0


@dataclass(slots=True)
class Kill:
    """A kill, the months that the dead worker had, and how long until one of them went on."""

    worker_pid: int
    at: dt.datetime
    months: list[Month]
    takeover: float | None = None


def run_demo(database_url: str | None, *, keep: bool, months: int = 12) -> int:
    """Runs the demonstration.

    Args:
        database_url: a database to use; None: an embedded Postgres.
        keep: whether to keep the schemas that it made, and the embedded server's files in ./.perdure.
        months: how many months of the file to load.

    Returns:
        The exit code: 0 if each line of the file is in the table exactly once.
    """
    screen = Screen()
    try:
        find_file()
        with _terminable(), ExitStack() as stack:
            url = database_url or stack.enter_context(_embedded(keep, screen))
            return _run(url, keep, list(range(1, months + 1)), screen, stack)
    except KeyboardInterrupt:
        screen.say("stopped", "yellow")
        return 130
    except (PerdureError, psycopg.Error, OSError) as error:
        screen.say(f"failed: {error}", "red")
        return 1


def _run(url: str, keep: bool, months: list[int], screen: Screen, stack: ExitStack) -> int:
    db = stack.enter_context(connect(url))
    take_turn(db)
    drop_all(db)
    if not keep:
        stack.callback(_clean_up, url)
    create_tables(db)
    version = install(url, ENGINE_SCHEMA)
    screen.say(
        f"engine, version {version}, in schema {ENGINE_SCHEMA}, tables in {SCHEMA};"
        f" both are {'kept' if keep else 'dropped at the end'}"
    )

    client = stack.enter_context(Client(url, schema=ENGINE_SCHEMA))
    client.register_queue(QUEUE)
    year = client.enqueue("load_year", months, queue=QUEUE)
    job = _Job(url, screen, Watch(client, db, year.workflow_id, months))
    try:
        job.run()
        job.worker.stop()
    finally:
        screen.unfollow()
        job.worker.kill()
    return _judge(db, job, months, screen)


class _Job:
    """The workflows, and the worker of the moment."""

    def __init__(self, url: str, screen: Screen, watch: Watch) -> None:
        self._url, self._screen, self._watch = url, screen, watch
        self.kills: list[Kill] = []
        self._start_worker()

    @property
    def months(self) -> list[Month]:
        return self._watch.months

    def run(self) -> None:
        """Follows the job to its end and kills on the way.

        Raises:
            PerdureError: it failed, its worker died by itself, or it stands still.
        """
        progress, since = -1.0, time.monotonic()
        while True:
            self._watch.look()
            self._screen.follow(self._watch)
            self._look_for_takeover()
            if self._watch.year_status() not in ACTIVE:
                break
            if self._watch.share != progress:
                progress, since = self._watch.share, time.monotonic()
            elif time.monotonic() - since > _PATIENCE:
                raise PerdureError(f"no step was recorded for {_PATIENCE:g} s\n{self.worker.log()}")
            if not self.worker.is_running:
                raise PerdureError(f"the worker ended by itself\n{self.worker.log()}")
            if self._is_time_to_kill():
                self._kill()
            time.sleep(_LOOK_EVERY)
        self._watch.look()
        self._screen.follow(self._watch)
        failure = self._watch.failure()
        if failure is not None:
            raise PerdureError(f"the job failed: {failure!r}\n{self.worker.log()}") from failure

    def _start_worker(self) -> None:
        # Kept before it is told of: whoever reads that may stop all this at once.
        self.worker = WorkerProcess(self._url)
        self._screen.say(f"worker {self.worker.pid} starts, with a lease of {LEASE:g} s")

    def _is_time_to_kill(self) -> bool:
        """Enough is recorded, the last kill is over, and some step is half done."""
        done = len(self.kills)
        return (
            done < len(KILL_AT)
            and self._watch.share >= KILL_AT[done]
            and all(kill.takeover is not None for kill in self.kills)
            and any(month.owned and month.inside for month in self.months)
        )

    def _kill(self) -> None:
        at = self._watch.killed_at = self._watch.now()
        self.worker.kill()
        self._watch.look()
        owned = [month for month in self.months if month.owned]
        self.kills.append(Kill(self.worker.pid, at, owned))
        self._screen.say(f"SIGKILL to worker {self.worker.pid}, which had {_list(owned)}", "bold red")
        self._start_worker()

    def _look_for_takeover(self) -> None:
        for kill in self.kills:
            if kill.takeover is not None:
                continue
            first = self._watch.first_run_since(kill.at, kill.months, not_by=kill.worker_pid)
            if first is not None:
                kill.takeover = (first.began_at - kill.at).total_seconds()
                self._screen.say(
                    f"worker {first.worker_pid} took over {kill.takeover:.1f} s after the kill:"
                    f" {first.month} goes on with {first.step}",
                    "bold green",
                )


def _judge(db: psycopg.Connection[Any], job: _Job, months: Sequence[int], screen: Screen) -> int:
    """Checks the result, shows it, and says what is wrong."""
    screen.say("the job is done; now every line is compared with the file")
    file, table = list(_check.lines_in_file(months)), list(_check.lines_in_table(db))
    rejected = _check.rejected_lines(db)
    screen.result(job.months, {"File": _check.total(file), "Database": _check.total(table)})
    faults = _check.compare(file, table, rejected) + _check.check_months(job.months, file)
    if len(job.kills) < len(KILL_AT) or any(kill.takeover is None for kill in job.kills):
        faults.append("the job was over before its worker was killed twice, or taken over from")
    for fault in faults:
        screen.say(fault, "bold red")
    if faults:
        return 1
    ran = sum(len(runs) for month in job.months for runs in month.runs.values())
    recorded = len(STEPS) * len(job.months)
    screen.say(
        f"{len(file) - len(rejected):,} lines of the file are in the table, each exactly once;"
        f" {len(rejected):,} were rejected",
        "bold green",
    )
    screen.say(
        f"{recorded} steps were recorded once each; their code ran {ran} times:"
        f" {len(job.kills)} kills cut {ran - recorded} runs off"
    )
    return 0


def _list(months: Sequence[Month]) -> str:
    return ", ".join(map(str, months)) or "nothing"


@contextmanager
def _embedded(keep: bool, screen: Screen) -> Generator[str]:
    from .._embedded import start_embedded

    directory = Path(".perdure") if keep else None
    server = start_embedded(directory)
    try:
        screen.say(f"embedded Postgres runs, in {directory or 'a temporary directory'}")
        yield server.url
    finally:
        server.stop()


def _clean_up(url: str) -> None:
    with suppress(psycopg.OperationalError), connect(url) as db:
        drop_all(db)


@contextmanager
def _terminable() -> Generator[None]:
    """Lets SIGTERM clean up as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
