"""Whoever locks several workflows of a queue locks them by key, and no two calls wait in a circle."""

import os
import random
import threading
from typing import Any

import psycopg
import pytest

from tests_py.support import search_path

from .crowd import Member, run_crowd
from .watch import Observer

# What locks workflows of queue `q` and waits for them, besides what is tested where there are no queues.
LOCKERS = {
    "finish_many": """
        select * from finish_many(
          %(keys)s, %(tokens)s, array_fill('1'::json, array[8]),
          array[null, '{}', null, '{}', null, null, null, null]::json[]
        )
    """,
    "a first limit": """select update_queue('q', '{"concurrency": 5}')""",
    "a first worker limit": "select register_queue('q', worker_concurrency => 5, on_conflict => 'update')",
    "ageing": """select update_queue('q', '{"priority_ageing": "1 minute"}')""",
}


@pytest.mark.parametrize("locker", LOCKERS)
def test_workflows_are_locked_by_key(engine, session, locker):
    engine.register("q")
    for number in range(8):
        # Some are retried when they fail, some not.
        engine.enqueue(1, queue="q", retries=number % 3)
    owned = engine.claim(engine.executor(), 8)
    # Rows written anew lie in another order in the table than their keys.
    for key, _ in reversed(owned):
        engine.rows("update tasks set watched = true where key = %s returning 1", [key])
    engine.connection.execute("analyze")
    lowest, *rest = owned
    given = [*reversed(rest), lowest]
    holder, locking = session(), session()
    holder.call("begin")
    holder.call("select from tasks where key = %s for update", [lowest[0]])
    pending = locking.begin_call(
        LOCKERS[locker], {"keys": [key for key, _ in given], "tokens": [token for _, token in given]}
    )
    locking.wait_until_blocked(by=holder)

    # It waits for the lowest key and has locked no higher one.
    assert engine.rows("select key from tasks order by key for update skip locked") == [
        (key,) for key, _ in rest
    ]
    holder.call("rollback")
    pending.result(10)
    assert engine.violations() == {}


def test_claims_and_maintenance_wait_for_no_workflow_of_a_limited_queue(engine, session):
    engine.register("q", concurrency=10, partitioned=True, partition_concurrency=3)
    engine.enqueue(6, queue="q", partition_keys=["a", "b"] * 3, expires_in="1 hour", retries=1)
    executor = engine.executor()
    [(key, token), _] = engine.claim(executor, 2)
    engine.rows("select suspend(%s, %s)", [key, token])
    engine.rows("update tasks set expires_at = now() where status = 'ENQUEUED' and key % 2 = 0 returning 1")
    holder, other = session(), session()
    holder.call("begin")
    holder.call("select from tasks for update")
    engine.lapse(executor)
    # Each answers at once, with nothing; `call` would not come back if it waited.
    maintained = "select workflows_requeued, workflows_woken, workflows_expired from run_maintenance()"
    assert other.call(maintained) == [(0, 0, 0)]
    assert other.call("select * from claim(%s, max_workflows => 10)", [engine.executor()]) == []


SESSIONS = 12
SECONDS = float(os.environ.get("PERDURE_STRESS_SECONDS", "8"))
ACTIVE = 120

# Whose limits never change while the crowd changes everything else.
CONSTANT = {("a", "concurrency"): 6, ("b", "partition_concurrency"): 2}

# A queue that is not there (PD007) is met only when chance deletes one that somebody has just chosen.
REFUSED = {"PD006", "PD012", "PD013"}


class Anybody(Member):
    """It calls anything, in any order. All share what they have claimed, so the same workflows meet."""

    ACTS = {  # noqa: RUF012
        "claim": 10,
        "finish_many": 8,
        "suspend_many": 3,
        "release_many": 2,
        "get_results": 2,
        "enqueue": 8,
        "enqueue_children": 1,
        "debounce": 4,
        "set_delay": 1,
        "explain_wait": 1,
        "update_queue": 3,
        "pause_queue": 1,
        "resume_queue": 2,
        "delete_queue": 2,
        "register_queue": 2,
        "queue_stats": 1,
        "run_maintenance": 3,
        "lapse": 1,
        "deregister": 1,
        "reconcile": 1,
    }
    CHANGES = (
        ("a", '{"worker_concurrency": 3}'),
        ("a", '{"worker_concurrency": null}'),
        ("a", '{"priority_ageing": "1 minute"}'),
        ("a", '{"priority_ageing": null}'),
        ("b", '{"rate_limit": 50, "rate_period": "100 milliseconds"}'),
        ("b", '{"rate_limit": null, "rate_period": null}'),
        ("b", '{"partition_rate_limit": 9, "partition_rate_period": "100 milliseconds"}'),
        ("b", '{"priority_ageing": "1 second"}'),
        ("b", '{"priority_ageing": null}'),
        ("c", '{"concurrency": 5}'),
        ("c", '{"concurrency": null}'),
        ("c", '{"partitioned": true}'),
        ("c", '{"partitioned": false}'),
    )

    def __init__(self, url: str, seed: int, shared: dict[int, tuple[int, int]], lock: threading.Lock) -> None:
        self.url = url
        self.chance = random.Random(seed)
        self.shared = shared
        self.lock = lock
        self.counts = dict.fromkeys(self.ACTS, 0)
        self.refused: set[str] = set()

    def begin(self) -> None:
        self.connection = psycopg.connect(self.url, autocommit=True, options=search_path())
        self.register()

    def end(self) -> None:
        self.connection.close()

    def register(self) -> None:
        self.executor = self.value("select register_executor('anybody')")

    def value(self, query: str, params: Any = None) -> Any:
        row = self.connection.execute(query, params).fetchone()
        return row and row[0]

    def act(self) -> None:
        [name] = self.chance.choices(list(self.ACTS), weights=list(self.ACTS.values()))
        try:
            getattr(self, name)()
        except psycopg.Error as error:
            if error.sqlstate not in ("PD001", "PD004", "PD006", "PD007", "PD012", "PD013"):
                raise
            self.refused.add(error.sqlstate)
            if error.sqlstate == "PD006":
                self.register()
        self.counts[name] += 1

    def some(self, most: int = 20) -> tuple[list[int], list[int]]:
        with self.lock:
            owned = list(self.shared.items())
        batch = self.chance.sample(owned, min(len(owned), self.chance.randint(1, most)))
        return [key for key, _ in batch], [token for _, (_, token) in batch]

    def queue(self) -> tuple[str, bool]:
        """A queue, and whether its workflows need partition keys; queue `c` changes its mind."""
        queue = self.chance.choice(["a", "b", "c", "doomed"])
        return queue, queue == "b" or (queue == "c" and self.chance.random() < 0.5)

    def claim(self) -> None:
        rows = self.connection.execute(
            "select workflow_key, token from claim(%s, max_workflows => %s)",
            [self.executor, self.chance.randint(1, 20)],
        ).fetchall()
        with self.lock:
            self.shared.update((key, (self.executor, token)) for key, token in rows)
            for key in list(self.shared)[: -2 * ACTIVE]:
                del self.shared[key]

    def finish_many(self) -> None:
        keys, tokens = self.some()
        errors = [self.chance.choice([None, None, "{}"]) for _ in keys]
        self.connection.execute(
            "select * from finish_many(%s, %s, array_fill('1'::json, array[%s]), %s::json[])",
            [keys, tokens, len(keys), errors],
        )

    def suspend_many(self) -> None:
        self.connection.execute("select * from suspend_many(%s, %s)", self.some())

    def release_many(self) -> None:
        self.connection.execute("select * from release_many(%s, %s)", self.some())

    def get_results(self) -> None:
        keys, _ = self.some()
        self.connection.execute(
            """select * from get_results((select array_agg(workflow_id order by random()) from workflows
                                          where key = any (%s)), watch => true)""",
            [keys],
        )

    def enqueue(self, keys: Any = None, tokens: Any = None) -> None:
        if self.value("select count(*) from tasks") > ACTIVE:
            return
        queue, partitioned = self.queue()
        many = len(keys) if keys else self.chance.randint(1, 15)
        self.connection.execute(
            """select * from enqueue_many(
                 'w', array_fill(null::json, array[%(many)s]), %(queue)s,
                 partition_keys => %(lanes)s, deduplication_ids => %(ids)s, on_duplicate => %(duplicate)s,
                 priorities => %(priorities)s, retries => %(retries)s, retry_interval => '1 ms',
                 delay => %(delay)s, expires_in => %(expiry)s,
                 parent_keys => %(keys)s, parent_tokens => %(tokens)s, parent_steps => %(steps)s)""",
            {
                "many": many,
                "queue": queue,
                "lanes": [f"p{self.chance.randint(1, 6)}" for _ in range(many)] if partitioned else None,
                "ids": [self.chance.choice([None, f"d{self.chance.randint(1, 30)}"]) for _ in range(many)],
                "duplicate": self.chance.choice(["reject", "return_existing", "return_existing"]),
                "priorities": [self.chance.randint(0, 3) for _ in range(many)],
                "retries": self.chance.choice([None, 1]),
                "delay": self.chance.choice([None, None, "1 ms"]),
                "expiry": self.chance.choice([None, None, "20 ms"]),
                "keys": keys,
                "tokens": tokens,
                "steps": keys and [self.chance.randint(1, 10**9) for _ in keys],
            },
        )

    def enqueue_children(self) -> None:
        keys, tokens = self.some(5)
        if keys:
            self.enqueue(keys, tokens)

    def debounce(self) -> None:
        queue, partitioned = self.queue()
        self.connection.execute(
            """select debounce('w', %s, '5 ms', input => '1', queue => %s, max_delay => '20 ms',
                               partition_key => %s)""",
            [
                f"d{self.chance.randint(1, 33)}",
                queue,
                f"p{self.chance.randint(1, 6)}" if partitioned else None,
            ],
        )

    def set_delay(self) -> None:
        self.connection.execute(
            """select set_delay(workflow_id, '1 ms') from (
                 select workflow_id from tasks join workflows using (key) where status = 'DELAYED' limit 1
               ) as d"""
        )

    def explain_wait(self) -> None:
        self.connection.execute(
            """select explain_wait(workflow_id) from (
                 select workflow_id from tasks join workflows using (key) limit 1
               ) as w"""
        )

    def update_queue(self) -> None:
        self.connection.execute("select update_queue(%s, %s)", self.chance.choice(self.CHANGES))

    def pause_queue(self) -> None:
        self.connection.execute("select pause_queue(%s)", [self.queue()[0]])

    def resume_queue(self) -> None:
        self.connection.execute(
            "select resume_queue(name) from (select name from queues where paused limit 1) as q"
        )

    def delete_queue(self) -> None:
        self.connection.execute("select delete_queue('doomed')")

    def register_queue(self) -> None:
        self.connection.execute(
            "select register_queue('doomed', concurrency => %s, on_conflict => %s)",
            [self.chance.choice([None, 4]), self.chance.choice(["keep", "update"])],
        )

    def queue_stats(self) -> None:
        self.connection.execute("select * from queue_stats()")

    def run_maintenance(self) -> None:
        self.connection.execute("select * from run_maintenance(%s)", [self.chance.randint(1, 50)])

    def lapse(self) -> None:
        self.connection.execute(
            "update executors set lease_until = clock_timestamp() where executor_id = %s", [self.executor]
        )

    def deregister(self) -> None:
        self.connection.execute("select deregister_executor(%s)", [self.executor])

    def reconcile(self) -> None:
        self.connection.execute("select reconcile(%s, %s)", [self.executor, self.some()[0]])


@pytest.mark.timeout(120 + 4 * SECONDS)
def test_a_crowd_that_does_everything_with_queues_at_once_never_deadlocks(engine, database):
    engine.register("a", concurrency=6)
    engine.register("b", partitioned=True, partition_concurrency=2)
    engine.register("c")
    shared: dict[int, tuple[int, int]] = {}
    lock = threading.Lock()
    crowd = [Anybody(database, number, shared, lock) for number in range(SESSIONS)]
    broken: list[Any] = []

    def check() -> None:
        if violations := engine.violations():
            broken.append(violations)

    def enough() -> bool:
        return (
            all(observer.peaks.get(limit, 0) >= most for limit, most in CONSTANT.items())
            and all(any(each.counts[act] for each in crowd) for act in Anybody.ACTS)
            and all(any(code in each.refused for each in crowd) for code in REFUSED)
        )

    with Observer(database) as observer:
        run_crowd(crowd, SECONDS, rounds=5, when_quiet=check, enough=enough)

    assert broken == []
    assert [over for over in observer.over if over[:2] in CONSTANT] == []
    assert {limit: observer.peaks[limit] for limit in CONSTANT} == CONSTANT
    assert [act for act in Anybody.ACTS if sum(each.counts[act] for each in crowd) == 0] == []
    assert set().union(*(each.refused for each in crowd)) >= REFUSED

    # Nothing is stuck: whatever is active now comes to its end.
    engine.connection.execute("update queues set paused = false")
    for _ in range(1000):
        executor = engine.executor()
        engine.connection.execute(
            "update executors set lease_until = 'epoch' where executor_id <> %s", [executor]
        )
        engine.connection.execute("update tasks set wake_at = clock_timestamp() where wake_at is not null")
        engine.maintain()
        engine.claim(executor, 1000)
        engine.finish_all(executor)
        if not engine.rows("select from tasks limit 1"):
            break
    assert engine.rows("select * from tasks") == []
    assert engine.violations() == {}
    assert engine.rows("select * from deduplications") == []
