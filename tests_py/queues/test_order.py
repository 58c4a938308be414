"""With one claimer, work starts in the order of (priority, sequence) of what is there at each claim."""

import random
import threading
from datetime import datetime, timedelta, timezone

import pytest

from tests_py.concurrency.engine import at_once

from .engine import CLAIM

# The place of workflows: with ageing the moment of enqueueing comes before the number.
PLACE = """
    select w.priority, case when q.priority_ageing is not null then w.created_at else 'epoch' end, w.key
    from workflows w join queues q using (queue_id)
"""
WAITING = f"{PLACE} join tasks t using (key) where t.status = 'ENQUEUED'"
QUEUES = {
    "unlimited": {},
    "limited": {"rate_limit": 1_000_000, "rate_period": "1 second"},
    "ageing": {"priority_ageing": "1 year"},
    "ageing and limited": {"priority_ageing": "1 year", "concurrency": 1_000_000},
}

every_queue = pytest.mark.parametrize("settings", QUEUES.values(), ids=QUEUES)


@every_queue
def test_a_crowd_that_enqueues_meets_one_claimer_that_keeps_the_order(engine, database, settings):
    engine.register("q", **settings)
    done = threading.Event()
    many = 9

    def enqueue(connection, number):
        chance = random.Random(number)
        for _ in range(12):
            # Several calls a transaction, so that transactions commit out of the order of their calls.
            with connection.transaction():
                for _ in range(chance.randint(1, 4)):
                    priorities = [chance.choice([0, 0, 0, 1, -5, 9]) for _ in range(chance.randint(1, 8))]
                    connection.execute(
                        """select * from enqueue_many('w', array_fill(null::json, array[%s]), 'q',
                                                      priorities => %s)""",
                        [len(priorities), priorities],
                    )

    def claim(connection):
        chance = random.Random(0)
        [executor] = connection.execute("select register_executor('test')").fetchone()
        claimed = 0
        while True:
            last = done.is_set()
            before = sorted(connection.execute(WAITING).fetchall())
            keys = [key for key, _ in connection.execute(CLAIM, [executor, chance.randint(1, 20)]).fetchall()]
            rows = connection.execute(f"{PLACE} where w.key = any (%s)", [keys]).fetchall()
            order = {place[-1]: place for place in rows}
            got = [order[key] for key in keys]
            assert got == sorted(got)
            # What it passed over comes after all that it took.
            passed_over = [place for place in before if place[-1] not in order]
            assert not got or not passed_over or got[-1] < passed_over[0]
            claimed += len(got)
            if last and not got:
                return claimed

    ended: list[int] = []

    def work(connection, number):
        if number == 0:
            return claim(connection)
        try:
            enqueue(connection, number)
        finally:
            ended.append(number)
            if len(ended) == many:
                done.set()
        return 0

    claimed = sum(at_once(database, many + 1, work))
    assert claimed == engine.value("select count(*) from workflows")
    assert engine.violations() == {}


@every_queue
def test_what_commits_later_takes_the_place_of_its_call(engine, session, settings):
    engine.register("q", **settings)
    early, middle, late = session(), session(), session()
    ids = {}
    for name, enqueueing in {"early": early, "middle": middle, "late": late}.items():
        enqueueing.call("begin")
        ids[name] = enqueueing.value("select enqueue('w', queue => 'q')")
    executor = engine.executor()
    assert engine.ids(executor, 1) == []
    late.call("commit")
    assert engine.ids(executor, 1) == [ids["late"]]

    # One that drew a later number and is visible is not held back for one that is not.
    last = engine.enqueue(1, queue="q")
    middle.call("commit")
    early.call("commit")
    assert engine.ids(executor, 10) == [ids["early"], ids["middle"], *last]


def test_a_random_program_of_commits_and_claims_is_in_order(engine, session):
    """Against a model: what is committed and unclaimed, sorted."""
    engine.register("q", concurrency=1_000_000)
    chance = random.Random(42)
    sessions = [session() for _ in range(6)]
    opened: dict[int, list[tuple[int, int, str]]] = {}
    waiting: list[tuple[int, int, str]] = []
    executor = engine.executor()
    calls = claimed = 0
    for _ in range(400):
        number = chance.randrange(6)
        act = chance.choice(["enqueue", "enqueue", "commit", "rollback", "claim"])
        if act == "enqueue":
            if number not in opened:
                sessions[number].call("begin")
                opened[number] = []
            priority = chance.choice([0, 0, 1, 2, -1])
            workflow_id = sessions[number].value(
                "select enqueue('w', queue => 'q', priority => %s)", [priority]
            )
            calls += 1
            opened[number].append((priority, calls, workflow_id))
        elif act == "claim":
            many = chance.randint(1, 6)
            waiting.sort()
            expected, waiting = waiting[:many], waiting[many:]
            assert engine.ids(executor, many) == [workflow_id for _, _, workflow_id in expected]
            claimed += len(expected)
        elif number in opened:
            sessions[number].call(act)
            committed = opened.pop(number)
            if act == "commit":
                waiting += committed
    assert claimed > 50


def test_ageing_makes_each_wait_of_its_length_worth_one_priority(engine, session):
    engine.register("q", priority_ageing="1 minute")
    start = datetime(2030, 1, 1, tzinfo=timezone.utc)
    chance = random.Random(7)
    enqueueing = session()
    expected = []
    for number in range(60):
        after, priority = chance.randint(0, 600), chance.randint(0, 9)
        enqueueing.call(f"set perdure.test_clock = '{start + timedelta(seconds=after)}'")
        workflow_id = enqueueing.value("select enqueue('w', queue => 'q', priority => %s)", [priority])
        expected.append((priority * 60 + after, number, workflow_id))
    order = [workflow_id for _, _, workflow_id in sorted(expected)]
    executor = engine.executor()
    assert engine.ids(executor, 20) == order[:20]

    # Without ageing those that are left are in the plain order, and with it again as before.
    left = [row for row in sorted(expected) if row[2] in order[20:]]
    engine.rows("""select update_queue('q', '{"priority_ageing": null}')""")
    by_priority = sorted(
        left,
        key=lambda row: (
            engine.value("select priority from workflows where workflow_id = %s", [row[2]]),
            row[1],
        ),
    )
    assert engine.ids(executor, 20) == [workflow_id for _, _, workflow_id in by_priority[:20]]
    engine.rows("""select update_queue('q', '{"priority_ageing": "1 minute"}')""")
    rest = [row[2] for row in left if row not in by_priority[:20]]
    assert engine.ids(executor, 20) == rest


def test_what_comes_back_has_its_old_place(engine):
    engine.register("q", rate_limit=1_000_000, rate_period="1 second")
    ids = engine.enqueue(6, queue="q", priorities=[0, 0, 0, 1, 1, 1], retries=1, retry_interval="0")
    executor = engine.executor()
    owned = engine.claim(executor, 6)
    engine.rows(
        "select * from release_many(%s, %s)", [[k for k, _ in owned[1:3]], [t for _, t in owned[1:3]]]
    )
    engine.rows("select finish(%s, %s, error => '{}')", list(owned[4]))
    more = engine.enqueue(2, queue="q", priorities=[1, 0])
    assert engine.ids(executor, 10) == [ids[1], ids[2], more[1], ids[4], more[0]]
