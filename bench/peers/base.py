"""What a system must be able to do to be measured."""

from __future__ import annotations

import itertools
import mmap
from pathlib import Path
from typing import Any, ClassVar

QUEUE = "bench"


class Progress:
    """How many workflows the bodies of each worker have ended: a file that all processes map.

    It tells when to ask the database; what counts as finished, the database says.
    """

    SLOTS = 16

    def __init__(self, path: Path, slot: int = 0) -> None:
        with path.open("r+b") as file:
            self._counts = memoryview(mmap.mmap(file.fileno(), 8 * self.SLOTS)).cast("Q")
        self._slot, self._count = slot, itertools.count(1)

    @classmethod
    def create(cls, path: Path) -> Progress:
        path.write_bytes(b"\0" * 8 * cls.SLOTS)
        return cls(path)

    def tick(self) -> None:
        """One more; from any thread."""
        self._counts[self._slot] = next(self._count)

    def total(self) -> int:
        return sum(self._counts)


class Peer:
    """A system, in the process that uses it: its client, or one of its workers.

    The body of every workflow is as empty as it can be: it runs `steps` steps that return their argument,
    then calls `tick`. So what is measured is what the system itself costs.

    Args:
        url: the database.
        settings: as `best` gives them.
        mode: "async" or "sync": of what kind workflows and steps are.
        steps: how many each workflow has.
        queues: with 0 there is one queue, `QUEUE`; else so many, `q0` and so on.
        worker: a number that is different in each worker.
        progress: where bodies are counted.
    """

    # What `best` chose after trying, by workload and mode; see there.
    SETTINGS: ClassVar[dict[str, Any]] = {}
    BETTER: ClassVar[dict[tuple[str, str], dict[str, Any]]] = {}

    # True while some workflow is not durably at its end; and how many are.
    UNFINISHED: ClassVar[str]
    FINISHED: ClassVar[str]

    def __init__(
        self,
        url: str,
        settings: dict[str, Any],
        *,
        mode: str = "async",
        steps: int = 1,
        queues: int = 0,
        worker: int = 0,
        progress: Progress | None = None,
    ) -> None:
        self.url, self.settings = url, settings
        self.is_async, self.steps = mode == "async", steps
        self.queues = [f"q{i}" for i in range(queues)] if queues else [QUEUE]
        self.worker = worker
        self.tick = progress.tick if progress else _nothing

    @classmethod
    def best(cls, workload: str, mode: str) -> dict[str, Any]:
        """The settings that were the fastest of those tried for a workload."""
        return {**cls.SETTINGS, **cls.BETTER.get((workload, mode), {})}

    def install(self) -> None:
        """Makes the schema and the queue in an empty database."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------ client

    def open(self) -> None:
        """Connects as a client."""
        raise NotImplementedError

    def limit(self, running: int) -> None:
        """Lets so many of the queue run at once, over all workers."""
        raise NotImplementedError

    def enqueue(self, i: int) -> Any:
        """Enqueues one; committed when this returns. What `wait` takes."""
        raise NotImplementedError

    def enqueue_many(self, n: int) -> None:
        """Enqueues so many in the way that is meant for many; committed when this returns."""
        raise NotImplementedError

    def wait(self, enqueued: Any) -> None:
        """Returns when the result of what was enqueued is there."""
        raise NotImplementedError

    def fan_out(self, children: int) -> None:
        """Runs a workflow that enqueues children and adds up their results."""
        raise NotImplementedError

    def ping_pong(self, rounds: int) -> None:
        """Runs two workflows that send each other so many messages, in turn."""
        raise NotImplementedError

    def enqueue_sleepers(self, n: int, seconds: float) -> None:
        """Enqueues workflows that sleep, durably, and end."""
        raise NotImplementedError

    def direct(self, n: int, at_once: int) -> float:
        """Runs so many workflows in this process, without a queue; the seconds it took, launch apart."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------ worker

    def prepare(self) -> None:
        """Imports and registers; connects to nothing."""
        raise NotImplementedError

    def serve(self) -> None:
        """Connects and works until it is killed."""
        raise NotImplementedError

    # ------------------------------------------------------------------------ large databases

    @classmethod
    def copy_waiting(cls, connection: Any, n: int) -> bool:
        """Makes so many of the one that waits, by SQL. False: `enqueue_many` is fast enough."""
        return False

    @classmethod
    def copy_finished(cls, connection: Any, n: int) -> None:
        """Makes so many of the one that has finished, by SQL. Nothing else is in the database yet."""
        raise NotImplementedError


def copy_rows(
    connection: Any, n: int, ids: dict[str, str], tables: dict[str, dict[str, str]], where: str = "true"
) -> None:
    """Multiplies rows that belong together.

    Args:
        connection: of a superuser: triggers are off meanwhile.
        n: how many copies.
        ids: for each new id its name and the SQL that draws it.
        tables: for each table the columns that are not copied, with SQL in their place; that may use the
            ids, `c.i` (the number of the copy) and `s` (the row copied).
        where: which rows of `s`.
    """
    drawn = ", ".join(f"{sql} as {name}" for name, sql in ids.items())
    with connection.transaction():
        connection.execute("set local session_replication_role = replica")
        connection.execute(
            f"create temp table copies on commit drop as select i, {drawn} from generate_series(1, {n}) as i"
        )
        for table, replaced in tables.items():
            names = [
                row[0]
                for row in connection.execute(
                    "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
                    " and not attisdropped and attgenerated = '' order by attnum",
                    [table],
                )
            ]
            columns = ", ".join(f'"{name}"' for name in names)
            values = ", ".join(replaced.get(name, f's."{name}"') for name in names)
            connection.execute(
                f"insert into {table} ({columns}) overriding system value"
                f" select {values} from copies c cross join {table} s where {where}"
            )


def _nothing() -> None:
    pass
