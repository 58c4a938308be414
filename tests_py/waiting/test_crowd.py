"""A crowd that sends, receives, waits, tells, claims, ends and dies at once: no deadlock, no message twice or
never received, nobody who goes on waiting for what is there."""

import itertools
import os
import random
import threading
from collections import Counter
from typing import Any

import psycopg
import pytest

from tests_py.queues.crowd import Member, run_crowd
from tests_py.support import search_path

SESSIONS = 12
ROUNDS = 6
SECONDS = float(os.environ.get("PERDURE_STRESS_SECONDS", "12"))
ACTIVE = 40
TOPICS = ("a", "b", None)

# See tests_py/concurrency/test_lock_order.py: Postgres makes one now and then by itself.
TOLERATED = 4


class Shared:
    """What the members know of each other: who was claimed under which token, and what was sent."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.claimed: dict[int, tuple[int, str]] = {}
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
            elif error.sqlstate not in ("PD004", "40001"):
                raise
        self.counts[name] += 1

    def some(self, most: int = 12) -> tuple[list[int], list[int], list[str]]:
        """Keys, tokens and ids of workflows that were claimed, in any order."""
        with self.shared.lock:
            owned = list(self.shared.claimed.items())
        batch = self.chance.sample(owned, min(len(owned), self.chance.randint(1, most)))
        return [k for k, _ in batch], [t for _, (t, _) in batch], [i for _, (_, i) in batch]

    def one(self) -> tuple[int, int, str] | None:
        keys, tokens, ids = self.some(1)
        return (keys[0], tokens[0], ids[0]) if keys else None

    def new_steps(self, many: int) -> list[int]:
        """Steps that nobody has run yet, or, of a replay, some that waited before."""
        return [
            self.chance.choice((next(self.shared.steps), self.chance.randint(-9, 0))) for _ in range(many)
        ]

    def topics(self, many: int) -> list[str | None]:
        return [self.chance.choice(TOPICS) for _ in range(many)]

    def enqueue(self) -> None:
        [[active]] = self.rows("select count(*) from tasks")
        if active < ACTIVE:
            self.rows(
                "select enqueue_many('w', array_fill(null::json, array[%s]))", [self.chance.randint(1, 8)]
            )

    def claim(self) -> None:
        rows = self.rows(
            "select workflow_key, token, workflow_id from claim(%s, max_workflows => %s)",
            [self.executor, self.chance.randint(1, 20)],
        )
        with self.shared.lock:
            self.shared.claimed.update((key, (token, workflow_id)) for key, token, workflow_id in rows)
            for key in list(self.shared.claimed)[: -2 * ACTIVE]:
                del self.shared.claimed[key]

    def messages(self, many: int) -> list[int]:
        with self.shared.lock:
            return [next(self.shared.numbers) for _ in range(many)]

    def note_sent(self, messages: list[int]) -> None:
        with self.shared.lock:
            self.shared.sent += messages

    def send_to(self, ids: list[str]) -> list[int]:
        """Sends a message to each, as part of the transaction, with or without keys; returns what was sent."""
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
        if one := self.one():
            [message] = self.messages(1)
            self.rows("select send(%s, %s, %s)", [one[2], str(message), *self.topics(1)])
            self.note_sent([message])

    def send_many(self) -> None:
        self.note_sent(self.send_to(self.some()[2]))

    def send_in_step(self) -> None:
        if one := self.one():
            [message] = self.messages(1)
            ids = self.some(3)[2]
            [[sent]] = self.rows(
                "select send_in_step(%s, %s, %s, %s, array_fill(%s::json, array[%s]))",
                [*one[:2], next(self.shared.steps), ids[:1], str(message), len(ids[:1])],
            )
            if sent:
                self.note_sent([message])

    def long_send(self) -> None:
        """A transaction of a user's with several sends, that may be of another isolation, and may roll back."""
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
                    self.rows("select pg_sleep(%s)", [self.chance.random() / 100])
                    messages += self.send_to(self.some(3)[2])
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

    def recv(self) -> None:
        if one := self.one():
            [[outcome]] = self.rows(
                "select outcome from recv(%s, %s, %s, %s, %s::interval, put_down => %s)",
                [
                    *one[:2],
                    *self.new_steps(1),
                    *self.topics(1),
                    self.chance.choice(("0", "5 ms", None)),
                    self.chance.random() < 0.5,
                ],
            )
            self.told[outcome] += 1

    def recv_many(self) -> None:
        keys, tokens, _ = self.some()
        many = len(keys)
        for (outcome,) in self.rows(
            "select outcome from recv_many(%s, %s, %s, %s, %s::interval[], %s)",
            [
                keys,
                tokens,
                self.new_steps(many),
                self.topics(many),
                [self.chance.choice(("0", "5 ms", None)) for _ in keys],
                [self.chance.random() < 0.5 for _ in keys],
            ],
        ):
            self.told[outcome] += 1

    def set_events(self) -> None:
        keys, tokens, _ = self.some()
        self.rows(
            "select * from set_events(%s, %s, %s, %s, array_fill('1'::json, array[%s]), %s)",
            [
                keys,
                tokens,
                [next(self.shared.steps) for _ in keys],
                [self.chance.choice("xyz") for _ in keys],
                len(keys),
                [self.chance.random() < 0.2 for _ in keys],
            ],
        )

    def await_events(self) -> None:
        keys, tokens, _ = self.some()
        _, _, ids = self.some()
        many = min(len(keys), len(ids))
        self.rows(
            "select * from await_events(%s, %s, %s, %s, %s, put_down => %s)",
            [
                keys[:many],
                tokens[:many],
                [next(self.shared.steps) for _ in range(many)],
                ids[:many],
                [self.chance.choice("xyz") for _ in range(many)],
                [self.chance.random() < 0.3 for _ in range(many)],
            ],
        )

    def get_event(self) -> None:
        for workflow_id in self.some(3)[2]:
            self.rows(
                "select * from get_event(%s, %s, watch => true)", [workflow_id, self.chance.choice("xyz")]
            )

    def write_streams(self) -> None:
        keys, tokens, _ = self.some()
        self.rows(
            "select * from write_streams(%s, %s, %s, %s, array_fill('1'::json, array[%s]), %s)",
            [
                keys,
                tokens,
                [next(self.shared.steps) for _ in keys],
                [self.chance.choice("st") for _ in keys],
                len(keys),
                [self.chance.random() < 0.05 for _ in keys],
            ],
        )

    def read_stream(self) -> None:
        for workflow_id in self.some(3)[2]:
            self.rows(
                "select * from read_stream(%s, 's', %s, watch => true)",
                [workflow_id, self.chance.randint(0, 20)],
            )

    def sleep_many(self) -> None:
        keys, tokens, _ = self.some()
        self.rows(
            "select * from sleep_many(%s, %s, %s, %s::interval[], %s)",
            [
                keys,
                tokens,
                [next(self.shared.steps) for _ in keys],
                [self.chance.choice(("5 ms", "1 hour")) for _ in keys],
                [self.chance.random() < 0.5 for _ in keys],
            ],
        )

    def suspend_many(self) -> None:
        keys, tokens, _ = self.some()
        delays = [self.chance.choice(("5 ms", "1 hour", None)) for _ in keys]
        self.rows("select * from suspend_many(%s, %s, %s::interval[])", [keys, tokens, delays])

    def suspend_until_ended(self) -> None:
        one, other = self.one(), self.one()
        if one and other and one != other:
            self.rows("select suspend_until_ended(%s, %s, %s)", [*one[:2], other[2]])

    def get_results(self) -> None:
        self.rows("select * from get_results(%s, watch => true)", [self.some()[2]])

    def record_steps(self) -> None:
        keys, tokens, _ = self.some()
        self.rows(
            """select * from record_steps(%s, %s, %s, array_fill('s'::text, array[%s]),
                                          array_fill('1'::json, array[%s]))""",
            [keys, tokens, [next(self.shared.steps) for _ in keys], len(keys), len(keys)],
        )

    def finish_many(self) -> None:
        keys, tokens, _ = self.some(4)
        self.rows(
            "select * from finish_many(%s, %s, array_fill('1'::json, array[%s]))", [keys, tokens, len(keys)]
        )

    def lapse(self) -> None:
        self.rows(
            "update executors set lease_until = clock_timestamp() where executor_id = %s", [self.executor]
        )

    def run_maintenance(self) -> None:
        self.rows("select * from run_maintenance(%s)", [self.chance.randint(1, 50)])


@pytest.mark.timeout(120 + 4 * SECONDS)
def test_a_crowd_of_those_who_wait(engine, database):
    shared = Shared()
    crowd = [Anybody(database, number, shared) for number in range(SESSIONS)]
    broken: list[Any] = []

    def check() -> None:
        """All stand still and have committed: now nobody may be left behind."""
        engine.pass_time("2 seconds")
        while engine.value("select count(*) from wakes"):
            engine.rows("select * from claim(%s, '{}')", [engine.worker])
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

    run_crowd(crowd, SECONDS, rounds=ROUNDS, when_quiet=check)
    assert not any(broken), broken
    deadlocks = [text for member in crowd for text in member.deadlocks]
    assert len(deadlocks) <= TOLERATED, "\n\n".join(deadlocks)
    counts: Counter[str] = sum((Counter(member.counts) for member in crowd), Counter())
    assert all(counts[act] for act in Anybody.ACTS), counts
    told: Counter[str] = sum((member.told for member in crowd), Counter())
    assert {"received", "timed out", "waiting", "put down", "look again", "lease lost"} <= set(told), told
