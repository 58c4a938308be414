"""A crowd that sends, receives, waits, tells, claims, ends and dies at once: no deadlock, no message twice or
never received, nobody who goes on waiting for what is there."""

import itertools
import os
import random
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests_py.queues.crowd import Member, run_crowd
from tests_py.support import search_path

SESSIONS = 12
ROUNDS = 6
SECONDS = float(os.environ.get("PERDURE_STRESS_SECONDS", "8"))
ACTIVE = 40
TOPICS = ("a", "b", None)

# See tests_py/concurrency/test_lock_order.py: Postgres makes one now and then by itself.
TOLERATED = 4


BATCHES = {
    "recv_many": "%s, %s, %s, %s, %s::interval[], %s",
    "set_events": "%s, %s, %s, %s, %s::json[], %s",
    "await_events": "%s, %s, %s, %s, %s, %s::interval[], %s",
    "write_streams": "%s, %s, %s, %s, %s::json[], %s",
    "sleep_many": "%s, %s, %s, %s::interval[], %s",
    "record_steps": "%s, %s, %s, %s, %s::json[]",
}


class Shared:
    """What the members know of each other: who was claimed under which token, and what was sent."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ids: list[str] = []
        self.claimed: dict[int, int] = {}
        self.sent: list[int] = []
        self.numbers = itertools.count(1)
        self.steps = itertools.count(1)


class Anybody(Member):
    # How often each is called, compared with the others.
    ACTS = {  # noqa: RUF012
        "enqueue": 6,
        "claim": 10,
        "send": 8,
        "send_many": 6,
        "send_in_step": 4,
        "long_send": 3,
        "recv": 8,
        "recv_many": 8,
        "set_events": 5,
        "await_events": 4,
        "get_event": 3,
        "write_streams": 5,
        "read_stream": 3,
        "sleep_many": 2,
        "suspend_many": 2,
        "suspend_until_ended": 4,
        "get_results": 2,
        "record_steps": 3,
        "finish_many": 3,
        "lapse": 1,
        "run_maintenance": 3,
    }

    def __init__(self, url: str, seed: int, shared: Shared) -> None:
        self.url = url
        self.chance = random.Random(seed)
        self.shared = shared
        self.counts = dict.fromkeys(self.ACTS, 0)
        self.told: Counter[str] = Counter()
        self.deadlocks: list[str] = []
        self.used: list[int] = []

    def begin(self) -> None:
        self.connection = psycopg.connect(self.url, autocommit=True, options=search_path())
        self.register()

    def end(self) -> None:
        self.connection.close()

    def register(self) -> None:
        [[self.executor]] = self.rows("select register_executor('anybody', '1 hour')")

    def rows(self, query: str, params: Any = None) -> list[Any]:
        cursor = self.connection.execute(query, params)
        return cursor.fetchall() if cursor.description else []

    def act(self) -> None:
        [name] = self.chance.choices(list(self.ACTS), weights=list(self.ACTS.values()))
        try:
            getattr(self, name)()
        except psycopg.Error as error:
            if error.sqlstate == "40P01":
                self.deadlocks.append(f"{name}: {error}")
            elif error.sqlstate == "PD006":
                self.register()
            elif error.sqlstate == "PD004":
                self.told["lease lost"] += 1
                self.forget(self.used)
            elif error.sqlstate != "40001":
                raise
        self.counts[name] += 1

    def owned(self, most: int = 12) -> tuple[list[int], list[int]]:
        """Keys and tokens of workflows that were claimed, in any order."""
        with self.shared.lock:
            owned = list(self.shared.claimed.items())
        batch = self.chance.sample(owned, min(len(owned), self.chance.randint(1, most)))
        self.used = [key for key, _ in batch]
        return self.used, [token for _, token in batch]

    def one(self) -> tuple[int, int] | None:
        keys, tokens = self.owned(1)
        return (keys[0], tokens[0]) if keys else None

    def ids(self, most: int = 6) -> list[str]:
        """Ids of workflows, in any order."""
        with self.shared.lock:
            ids = self.shared.ids[-ACTIVE:]
        return self.chance.sample(ids, min(len(ids), self.chance.randint(1, most)))

    def forget(self, keys: list[int]) -> None:
        with self.shared.lock:
            for key in keys:
                self.shared.claimed.pop(key, None)

    def batch(self, function: str, arguments: list[Any]) -> None:
        """Calls what answers with an item and an outcome, for what was claimed."""
        rows = self.rows(f"select item, outcome from {function}({BATCHES[function]})", arguments)
        self.told.update(outcome for _, outcome in rows)
        # Put down with its token, it is no use to anybody; now and then somebody tries in spite of that.
        if self.chance.random() < 0.9:
            self.forget(
                [self.used[item - 1] for item, outcome in rows if outcome in ("lease lost", "put down")]
            )

    def new_steps(self, many: int) -> list[int]:
        """Steps that nobody has run yet, or, of a replay, some that waited before."""
        return [
            self.chance.choice((next(self.shared.steps), self.chance.randint(-9, 0))) for _ in range(many)
        ]

    def topics(self, many: int) -> list[str | None]:
        return [self.chance.choice(TOPICS) for _ in range(many)]

    def enqueue(self) -> None:
        [[active]] = self.rows("select count(*) from tasks where wake_at is null")
        if active < ACTIVE:
            rows = self.rows(
                "select workflow_id from enqueue_many('w', array_fill(null::json, array[%s]))",
                [self.chance.randint(1, 8)],
            )
            with self.shared.lock:
                self.shared.ids += [workflow_id for (workflow_id,) in rows]

    def claim(self) -> None:
        rows = self.rows(
            "select workflow_key, token from claim(%s, max_workflows => %s)",
            [self.executor, self.chance.randint(1, 20)],
        )
        with self.shared.lock:
            self.shared.claimed.update(rows)

    def messages(self, many: int) -> list[int]:
        with self.shared.lock:
            return [next(self.shared.numbers) for _ in range(many)]

    def note_sent(self, messages: list[int]) -> None:
        with self.shared.lock:
            self.shared.sent += messages

    def send_to(self, ids: list[str]) -> list[int]:
        """Sends a message to each, with or without keys, as part of the transaction; returns the messages."""
        messages = self.messages(len(ids))
        # An id twice: the second is the same message again.
        keys = [self.chance.choice((None, f"key {message}")) for message in messages]
        again = [n for n, key in enumerate(keys) if key and self.chance.random() < 0.3]
        order = [*range(len(ids)), *again]
        [[sent]] = self.rows(
            "select send_many(%s, %s::text[]::json[], %s, %s)",
            [
                [ids[n] for n in order],
                [str(messages[n]) for n in order],
                self.topics(len(order)),
                [keys[n] for n in order],
            ],
        )
        assert sent == len(ids)
        return messages

    def send(self) -> None:
        for workflow_id in self.ids(1):
            [message] = self.messages(1)
            self.rows("select send(%s, %s, %s)", [workflow_id, str(message), *self.topics(1)])
            self.note_sent([message])

    def send_many(self) -> None:
        self.note_sent(self.send_to(self.ids()))

    def send_in_step(self) -> None:
        one, ids = self.one(), self.ids(1)
        if one and ids:
            [message] = self.messages(1)
            self.rows(
                "select send_in_step(%s, %s, %s, %s, %s::text[]::json[])",
                [*one, next(self.shared.steps), ids, [str(message)]],
            )
            self.note_sent([message])

    def long_send(self) -> None:
        """A transaction of a user's with several sends. It may have an older snapshot, and may roll back."""
        isolation = self.chance.choice(
            ("read committed", "read committed", "repeatable read", "serializable")
        )
        messages: list[int] = []
        committed = False
        try:
            with self.connection.transaction():
                self.rows(f"set transaction isolation level {isolation}")
                [[_]] = self.rows("select count(*) from queues")
                for _ in range(self.chance.randint(1, 3)):
                    messages += self.send_to(self.ids(3))
                    self.rows("select pg_sleep(%s)", [self.chance.random() / 50])
                if self.chance.random() < 0.3:
                    raise psycopg.Rollback
                committed = True
        except psycopg.DatabaseError as error:
            # With an older snapshot it does not see who was enqueued meanwhile.
            if error.sqlstate != "PD002":
                raise
            return
        if committed:
            self.note_sent(messages)

    def timeout(self) -> str | None:
        return self.chance.choice(("0", "5 ms", None, None))

    def recv(self) -> None:
        if one := self.one():
            [[outcome]] = self.rows(
                "select outcome from recv(%s, %s, %s, %s, %s::interval, put_down => %s)",
                [*one, *self.new_steps(1), *self.topics(1), self.timeout(), self.chance.random() < 0.5],
            )
            self.told[outcome] += 1

    def recv_many(self) -> None:
        keys, tokens = self.owned()
        down = [self.chance.random() < 0.5 for _ in keys]
        timeouts = [self.timeout() for _ in keys]
        self.batch(
            "recv_many", [keys, tokens, self.new_steps(len(keys)), self.topics(len(keys)), timeouts, down]
        )

    def steps_of(self, keys: list[int]) -> list[int]:
        return [next(self.shared.steps) for _ in keys]

    def set_events(self) -> None:
        keys, tokens = self.owned()
        names = [self.chance.choice("xyz") for _ in keys]
        in_step = [self.chance.random() < 0.2 for _ in keys]
        self.batch("set_events", [keys, tokens, self.steps_of(keys), names, [None] * len(keys), in_step])

    def await_events(self) -> None:
        keys, tokens = self.owned(5)
        ids = [workflow_id for _ in keys for workflow_id in self.ids(1)]
        names = [self.chance.choice("xyz") for _ in keys]
        down = [self.chance.random() < 0.3 for _ in keys]
        if len(ids) == len(keys):
            self.batch("await_events", [keys, tokens, self.steps_of(keys), ids, names, None, down])

    def get_event(self) -> None:
        for workflow_id in self.ids(3):
            self.rows("select watch(%s, 'event', %s)", [workflow_id, self.chance.choice("xyz")])

    def write_streams(self) -> None:
        keys, tokens = self.owned()
        names = [self.chance.choice("st") for _ in keys]
        closes = [self.chance.random() < 0.05 for _ in keys]
        self.batch("write_streams", [keys, tokens, self.steps_of(keys), names, [None] * len(keys), closes])

    def read_stream(self) -> None:
        for workflow_id in self.ids(3):
            self.rows(
                "select * from read_stream(%s, 's', %s), watch(%s, 'stream', 's')",
                [workflow_id, self.chance.randint(0, 5), workflow_id],
            )

    def sleep_many(self) -> None:
        keys, tokens = self.owned(5)
        durations = [timedelta(seconds=self.chance.choice((0.005, 3600))) for _ in keys]
        down = [self.chance.random() < 0.5 for _ in keys]
        self.batch("sleep_many", [keys, tokens, self.steps_of(keys), durations, down])

    def suspend_many(self) -> None:
        keys, tokens = self.owned(5)
        delays = [self.chance.choice((timedelta(seconds=0.005), timedelta(hours=1), None)) for _ in keys]
        self.rows("select * from suspend_many(%s, %s, %s::interval[])", [keys, tokens, delays])

    def suspend_until_ended(self) -> None:
        one, ids = self.one(), self.ids(1)
        if one and ids:
            try:
                self.rows("select suspend_until_ended(%s, %s, array[%s])", [*one, *ids])
            except psycopg.Error as error:
                if error.sqlstate != "PD001":  # itself
                    raise

    def get_results(self) -> None:
        self.rows("select * from get_results(%s, watch => true)", [self.ids()])

    def record_steps(self) -> None:
        keys, tokens = self.owned()
        names = ["s" for _ in keys]
        self.batch("record_steps", [keys, tokens, self.steps_of(keys), names, [None] * len(keys)])

    def finish_many(self) -> None:
        keys, tokens = self.owned(3)
        self.rows("select * from finish_many(%s, %s, %s::json[])", [keys, tokens, [None] * len(keys)])
        self.forget(keys)

    def lapse(self) -> None:
        self.rows(
            "update executors set lease_until = clock_timestamp() where executor_id = %s", [self.executor]
        )

    def run_maintenance(self) -> None:
        self.rows("select * from run_maintenance(%s)", [self.chance.randint(1, 50)])


# What the members of the crowd must have been told, each by somebody.
TOLD = ("received", "timed out", "waiting", "put down", "look again", "lease lost")


def has_seen_all(crowd: Sequence[Anybody], acts: Iterable[str], told: Iterable[str]) -> bool:
    """Whether each of these was done, and each told, at least once."""
    return all(any(member.counts[act] for member in crowd) for act in acts) and all(
        any(member.told[outcome] for member in crowd) for outcome in told
    )


@pytest.mark.timeout(120 + 4 * SECONDS)
def test_a_crowd_of_those_who_wait(engine, database):
    shared = Shared()
    crowd = [Anybody(database, number, shared) for number in range(SESSIONS)]
    broken: list[Any] = []

    def check() -> None:
        """All stand still and have committed: now nobody may be left behind."""
        engine.pass_time("2 seconds")  # for those who met a writer and stayed down for one
        engine.rows("select * from run_maintenance(10000)")
        while engine.value("select count(*) from wakes"):
            engine.rows("select * from run_maintenance(10000)")
        broken.append(engine.violations())
        received = [
            message
            for (message,) in engine.rows(
                "select output from steps where name = 'perdure.recv' and output is not null"
            )
        ]
        left = [m for (m,) in engine.rows("select message from messages where not received")]
        broken.append({k: v for k, v in Counter(received + left).items() if v != 1})
        broken.append(set(shared.sent) ^ {*received, *left})

    run_crowd(
        crowd,
        SECONDS,
        rounds=ROUNDS,
        when_quiet=check,
        enough=lambda: has_seen_all(crowd, Anybody.ACTS, TOLD),
    )
    assert not any(broken), broken
    deadlocks = [text for member in crowd for text in member.deadlocks]
    assert len(deadlocks) <= TOLERATED, "\n\n".join(deadlocks)
    counts: Counter[str] = sum((Counter(member.counts) for member in crowd), Counter())
    assert all(counts[act] for act in Anybody.ACTS), counts
    told: Counter[str] = sum((member.told for member in crowd), Counter())
    assert set(TOLD) <= set(told), told
