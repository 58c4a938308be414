"""Limits hold at every instant of a long and violent run, and no place in them stays free.

PERDURE_STRESS_SECONDS makes the run longer than its 7.5 seconds; see `make torture`.
"""

import os
import random
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests_py.support import search_path, wait_until

from .crowd import Member, run_crowd
from .engine import CLAIM
from .watch import Observer, keep_ledger, most_in_any_window

SESSIONS = 16
SECONDS = float(os.environ.get("PERDURE_STRESS_SECONDS", "7.5"))
ROUND = 2.5

PERIOD = timedelta(milliseconds=400)
LANES = [f"p{number}" for number in range(6)]

QUEUES: dict[str, dict[str, Any]] = {
    "everything": {
        "concurrency": 10,
        "worker_concurrency": 3,
        "rate_limit": 14,
        "rate_period": PERIOD,
        "partitioned": True,
        "partition_concurrency": 2,
        "partition_rate_limit": 3,
        "partition_rate_period": PERIOD,
    },
    "global": {"concurrency": 4},
    "worker": {"worker_concurrency": 2},
    "rate": {"rate_limit": 20, "rate_period": PERIOD},
    "lanes": {"partitioned": True, "partition_concurrency": 1},
    "lane rates": {"partitioned": True, "partition_rate_limit": 3, "partition_rate_period": PERIOD},
    "unlimited": {},
}

PLACES = {
    (queue, limit): settings[limit]
    for queue, settings in QUEUES.items()
    for limit in ("concurrency", "worker_concurrency", "partition_concurrency")
    if limit in settings
}

# How many could start now, from the tasks and the ledger alone.
ROOM = """
    with queue as (
      select * from queues where name = %(queue)s
    ),
    lane as (
      select
        lane_id,
        count(*) filter (where status = 'ENQUEUED' and not placed) as waiting,
        count(*) filter (where status = 'PENDING' or placed) as active,
        (select count(*) from public.ledger l join lanes n using (partition_key)
         where l.queue = q.name and n.queue_id = q.queue_id and n.lane_id = t.lane_id
           and l.started_at >= clock_timestamp() - q.partition_rate_period) as started
      from tasks t join queue q using (queue_id)
      group by q.queue_id, q.name, q.partition_rate_period, lane_id
    )
    select greatest(0, least(
      q.concurrency - (select sum(active) from lane),
      q.rate_limit - (
        select count(*) from public.ledger l
        where l.queue = q.name and l.started_at >= clock_timestamp() - q.rate_period
      ),
      (select sum(greatest(0, least(
        waiting, q.partition_concurrency - active, q.partition_rate_limit - started
      ))) from lane)
    ))::int
    from queue q
"""

RETURNING = """
    select count(*)::int from tasks join queues using (queue_id)
    where name = %(queue)s and status = 'ENQUEUED' and placed
"""


class Worker(Member):
    """A worker that does whatever workers do, in any order, and dies now and then."""

    ACTS = {  # noqa: RUF012
        "claim": 12,
        "finish": 9,
        "fail": 1,
        "suspend": 3,
        "release": 1,
        "maintain": 1,
        "lose": 0.3,
        "crash": 0.5,
    }

    def __init__(self, url: str, seed: int) -> None:
        self.url = url
        self.chance = random.Random(seed)
        self.counts = dict.fromkeys(self.ACTS, 0)
        # So that also a short run on a slow machine has each.
        self.first = ["claim", list(self.ACTS)[seed % len(self.ACTS)]]

    def begin(self) -> None:
        self.connection = psycopg.connect(self.url, autocommit=True, options=search_path())
        self.owned: dict[int, int] = {}
        self.register()

    def register(self) -> None:
        [self.executor] = self.row("select register_executor('worker')")

    def row(self, query: str, params: Any = None) -> Any:
        return self.connection.execute(query, params).fetchone()

    def end(self) -> None:
        self.connection.close()

    def act(self) -> None:
        [name] = self.chance.choices(list(self.ACTS), weights=list(self.ACTS.values()))
        if self.first:
            name = self.first.pop(0)
        try:
            getattr(self, name)()
        except psycopg.Error as error:
            if error.sqlstate != "PD006":
                raise
            # It was taken for dead.
            self.register()
        self.counts[name] += 1

    def some(self) -> tuple[list[int], list[int]]:
        """Some of what it owns, which it owns no more afterwards."""
        keys = self.chance.sample(list(self.owned), self.chance.randint(0, len(self.owned)))
        return keys, [self.owned.pop(key) for key in keys]

    def claim(self) -> None:
        self.owned |= dict(
            self.connection.execute(CLAIM, [self.executor, self.chance.randint(1, 8)]).fetchall()
        )

    def finish(self, error: str | None = None) -> None:
        keys, tokens = self.some()
        self.connection.execute(
            """select * from finish_many(%s, %s, array_fill('1'::json, array[%s]),
                                         array_fill(%s::json, array[%s]))""",
            [keys, tokens, len(keys), error, len(keys)],
        )

    def fail(self) -> None:
        self.finish('{"name": "E"}')

    def suspend(self) -> None:
        keys, tokens = self.some()
        delays = [timedelta(milliseconds=self.chance.choice([0, 0, 5, 100])) for _ in keys]
        self.connection.execute("select * from suspend_many(%s, %s, %s)", [keys, tokens, delays])

    def release(self) -> None:
        keys, tokens = self.some()
        delays = [timedelta(milliseconds=self.chance.choice([0, 20])) for _ in keys]
        self.connection.execute("select * from release_many(%s, %s, %s)", [keys, tokens, delays])

    def maintain(self) -> None:
        self.connection.execute("select * from run_maintenance()")

    def lose(self) -> None:
        """Its lease ends while it lives and goes on."""
        self.connection.execute(
            "update executors set lease_until = clock_timestamp() where executor_id = %s", [self.executor]
        )

    def crash(self) -> None:
        """Its session is ended in the middle of a transaction; its lease ends some time later."""
        self.connection.execute("begin")
        try:
            self.chance.choice([self.claim, self.claim, self.finish, self.suspend])()
        except psycopg.Error as error:
            if error.sqlstate != "PD006":
                raise
            self.connection.execute("rollback")
        with pytest.raises(psycopg.errors.AdminShutdown):
            self.connection.execute("select pg_terminate_backend(pg_backend_pid())")
        self.connection.close()
        dead = self.executor
        self.begin()
        self.connection.execute(
            "update executors set lease_until = clock_timestamp() where executor_id = %s", [dead]
        )


def take_every_free_place(engine, problems) -> None:
    """While nobody else does anything: whatever may start, new executors get, each up to its limit."""
    for queue, settings in QUEUES.items():
        for _ in range(6):
            executor = engine.executor()
            room = engine.value(ROOM, {"queue": queue})
            expected = engine.value(RETURNING, {"queue": queue}) + (100 if room is None else room)
            expected = min(expected, settings.get("worker_concurrency", 100))
            claimed = engine.rows(
                "select workflow_key from claim(%s, array[%s], 100) where queue = %s",
                [executor, queue, queue],
            )
            engine.lapse(executor)
            if len(claimed) < expected:
                problems.append(f"{queue}: {len(claimed)} claimed where {expected} were free")
            if not claimed:
                break


def most_started(engine, queue: str, lane: str | None = None) -> int:
    moments = engine.rows(
        "select started_at from public.ledger where queue = %s and (%s::text is null or partition_key = %s)",
        [queue, lane, lane],
    )
    return most_in_any_window((at for (at,) in moments), PERIOD)


def use_whole_rates(engine) -> None:
    """The crowd is gone; how fast it was depends on the machine. Now whatever may start ends at once, so that
    rates are all that holds back."""
    executors = [engine.executor() for _ in range(5)]

    def is_used(queue: str) -> bool:
        for executor in executors:
            engine.rows("select from claim(%s, array[%s], 100)", [executor, queue])
        for executor in executors:
            engine.finish_all(executor)
        settings = QUEUES[queue]
        return most_started(engine, queue) >= settings.get("rate_limit", 0) and all(
            most_started(engine, queue, lane) >= settings["partition_rate_limit"]
            for lane in LANES
            if queue == "lane rates"
        )

    engine.connection.execute(
        "update executors set lease_until = 'epoch' where executor_id <> all (%s)", [executors]
    )
    engine.maintain()
    for queue in ("everything", "rate", "lane rates"):
        wait_until(lambda queue=queue: is_used(queue), 30, f"the rate of {queue} is used")


def has_met_each_limit(observer: Observer) -> bool:
    return all(observer.peaks.get(place, 0) >= most for place, most in PLACES.items())


def fill(engine, per_queue: int) -> None:
    for queue, settings in QUEUES.items():
        engine.register(queue, **settings)
        keys = [LANES[i % len(LANES)] for i in range(per_queue)] if "partitioned" in settings else None
        engine.enqueue(per_queue, queue=queue, partition_keys=keys)
        engine.enqueue(
            10 * len(LANES), queue=queue, retries=2, retry_interval="5 milliseconds",
            partition_keys=keys and LANES * 10,
        )  # fmt: skip


@pytest.mark.timeout(120 + 4 * SECONDS)
def test_limits_hold_at_every_instant_and_no_place_stays_free(engine, database):
    fill(engine, per_queue=int(120 * SECONDS))
    keep_ledger(engine.connection)
    problems: list[str] = []
    workers = [Worker(database, number) for number in range(SESSIONS)]
    rounds = max(1, round(SECONDS / ROUND))
    looks = 20 * rounds
    with Observer(database) as observer:
        run_crowd(
            workers,
            SECONDS,
            rounds=rounds,
            when_quiet=lambda: take_every_free_place(engine, problems),
            enough=lambda: observer.looks > looks and has_met_each_limit(observer),
        )
        use_whole_rates(engine)

    assert observer.over == []
    assert observer.looks > looks
    assert problems == []
    # Each limit was met: the run would have gone beyond.
    for (queue, limit), most in PLACES.items():
        assert observer.peaks[queue, limit] == most, (queue, limit)

    for queue in ("everything", "rate"):
        assert most_started(engine, queue) == QUEUES[queue]["rate_limit"]
    for queue in ("everything", "lane rates"):
        most = [most_started(engine, queue, lane) for lane in LANES]
        assert max(most) == 3
        assert queue == "everything" or most == [3] * len(LANES)

    assert [act for act in Worker.ACTS if sum(worker.counts[act] for worker in workers) == 0] == []
    assert engine.violations() == {}
    # It was a run with work to the end.
    assert engine.rows("select from tasks join queues using (queue_id) where name = 'global' and not placed")


def test_the_windows_are_counted_right():
    moments = [datetime(2030, 1, 1) + timedelta(seconds=s) for s in (12, 0, 1, 2, 10, 11, 12)]
    assert most_in_any_window(moments, timedelta(seconds=2)) == 4
    assert most_in_any_window(moments, timedelta(seconds=1)) == 3
    assert most_in_any_window(moments, timedelta(0)) == 2
    assert most_in_any_window(moments, timedelta(minutes=1)) == 7
    assert most_in_any_window([], timedelta(minutes=1)) == 0
