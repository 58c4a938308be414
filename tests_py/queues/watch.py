"""Eyes on a run that share nothing with the engine's own bookkeeping: a ledger and an observer."""

import threading
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

import psycopg

from tests_py.support import search_path

Moment = datetime

LEDGER = """
    create table public.ledger (
      place bigint generated always as identity,
      queue text,
      partition_key text,
      key bigint,
      executor_id bigint,
      started_at timestamptz,
      expires_at timestamptz
    );

    create function public.write_ledger() returns trigger language plpgsql as $$
    begin
      insert into public.ledger (queue, partition_key, key, executor_id, started_at, expires_at)
      values (
        (select name from queues where queue_id = new.queue_id),
        (select partition_key from lanes where queue_id = new.queue_id and lane_id = new.lane_id),
        new.key, new.executor_id, new.started_at, old.expires_at
      );
      return null;
    end
    $$;

    create trigger ledger after update of started_at on tasks for each row
    when (new.started_at is distinct from old.started_at and new.executor_id is not null)
    execute function public.write_ledger();
"""


def keep_ledger(connection: psycopg.Connection[Any]) -> None:
    """From now on write every start of a workflow to public.ledger, each restart too.

    `tasks` remembers only the last. A claim that rolls back was no start, and takes its entry with it.
    """
    connection.execute(LEDGER)


def most_in_any_window(moments: Iterable[Moment], period: timedelta) -> int:
    """The most of these moments that any window of this length holds, both its ends included."""
    ordered = sorted(moments)
    first = most = 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] > period:
            first += 1
        most = max(most, last - first + 1)
    return most


# What counts in limits, without a look at the mark by which the engine counts it.
COUNTS = """
    with active as (
      select queue_id, lane_id, executor_id from tasks where status = 'PENDING' or placed
    )
    select q.name, 'concurrency', count(*), q.concurrency
    from queues q join active a using (queue_id)
    where q.concurrency is not null
    group by q.queue_id
    union all
    select q.name, 'worker_concurrency', count(*), q.worker_concurrency
    from queues q join active a using (queue_id)
    where q.worker_concurrency is not null and a.executor_id is not null
    group by q.queue_id, a.executor_id
    union all
    select q.name, 'partition_concurrency', count(*), q.partition_concurrency
    from queues q join active a using (queue_id)
    where q.partition_concurrency is not null
    group by q.queue_id, a.lane_id
"""


class Observer:
    """A session that looks at the running workflows again and again; one look is one instant.

    with Observer(database) as observer:
        ...
    assert observer.over == []
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._error: BaseException | None = None
        self.looks = 0
        # What was too much: queue, limit, how many there were, how many may be.
        self.over: list[tuple[str, str, int, int]] = []
        # The most that was seen of each.
        self.peaks: dict[tuple[str, str], int] = {}

    def _watch(self) -> None:
        try:
            options: dict[str, Any] = {"autocommit": True, "options": search_path()}
            with closing(psycopg.connect(self._url, **options)) as connection:
                while not self._stop.is_set():
                    self._look(connection)
        except BaseException as error:
            self._error = error

    def _look(self, connection: psycopg.Connection[Any]) -> None:
        for queue, limit, many, most in connection.execute(COUNTS).fetchall():
            self.peaks[queue, limit] = max(many, self.peaks.get((queue, limit), 0))
            if many > most:
                self.over.append((queue, limit, many, most))
        self.looks += 1

    def __enter__(self) -> "Observer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(30)
        if error is None and self._error is not None:
            raise self._error
