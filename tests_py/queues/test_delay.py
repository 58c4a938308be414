"""Delays that change while they end, and work that expires while it is claimed."""

import random
import threading

import pytest

from tests_py.concurrency.engine import at_once
from tests_py.support import wait_until

from .engine import CLAIM, QueueEngine
from .watch import keep_ledger

BOTH = """
    select exists (select from public.ledger) and exists (select from outcomes where status = 'CANCELLED')
"""
SET_DELAY = "select set_delay(%s, %s)"
CLAIM_IDS = "select workflow_id from claim(%s, max_workflows => 20)"
WAKE = """
    update tasks t set wake_at = clock_timestamp() + %s * interval '1 millisecond'
    from workflows w
    where w.key = t.key and t.status = 'DELAYED' and w.workflow_id = any (%s)
"""


@pytest.mark.parametrize("settings", [{}, {"concurrency": 1_000_000}], ids=["unlimited", "limited"])
def test_set_delay_that_races_with_the_wake_up_wins_or_is_told(engine, database, settings):
    engine.register("q", **settings)
    ids = engine.enqueue(600, queue="q", delay="1 minute")
    claimed, told = [], {}
    over = threading.Event()

    def claim(connection):
        [executor] = connection.execute("select register_executor('test', '1 hour')").fetchone()
        while True:
            last = over.is_set()
            rows = connection.execute(CLAIM_IDS, [executor]).fetchall()
            claimed.extend(workflow_id for (workflow_id,) in rows)
            if last and not rows:
                return

    def put_off(connection, number):
        """Puts off each by an hour, some at about the moment when they wake; notes what it was told."""
        chance = random.Random(number)
        mine = ids[number::4]
        for place, workflow_id in enumerate(mine):
            # Of four one is not woken, two wake now or soon. Before the last, one has been claimed.
            waking = chance.sample(mine[place : place + 4], 2) if place < len(mine) - 4 else [workflow_id]
            connection.execute(WAKE, [chance.choice([0, 1, 2]), waking])
            if place == len(mine) - 1:
                wait_until(lambda: claimed)
            [told[workflow_id]] = connection.execute(SET_DELAY, [workflow_id, "1 hour"]).fetchone()

    ended = []

    def work(connection, number):
        if number < 4:
            claim(connection)
            return
        try:
            put_off(connection, number - 4)
        finally:
            ended.append(number)
            if len(ended) == 4:
                over.set()

    at_once(database, 8, work)
    put_off_ids = {workflow_id for workflow_id, answer in told.items() if answer}
    assert set(told) == set(ids)

    assert len(claimed) == len(set(claimed))
    assert set(claimed) == set(ids) - put_off_ids
    assert claimed
    assert put_off_ids
    assert engine.violations() == {}


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_set_delay_that_meets_a_wake_up_waits_for_it(engine, session, ending):
    [workflow_id] = engine.enqueue(1, delay="1 microsecond")
    waking, changing, executor = session(), session(), engine.executor()
    waking.call("begin")
    assert len(waking.call(CLAIM, [executor, 1])) == 1
    pending = changing.begin_call(SET_DELAY, [workflow_id, "1 hour"])
    changing.wait_until_blocked(by=waking)
    waking.call(ending)
    assert pending.result(10) == [(ending == "rollback",)]
    assert waking.call(CLAIM, [executor, 1]) == []


def test_a_wake_up_that_meets_set_delay_leaves_the_workflow_to_it(engine, session):
    [workflow_id] = engine.enqueue(1, delay="1 microsecond")
    waking, changing, executor = session(), session(), engine.executor()
    changing.call("begin")
    assert changing.value(SET_DELAY, [workflow_id, "1 hour"])
    assert waking.call(CLAIM, [executor, 1]) == []
    changing.call("commit")
    assert waking.call(CLAIM, [executor, 1]) == []
    assert waking.value(SET_DELAY, [workflow_id, "0"])
    assert len(waking.call(CLAIM, [executor, 1])) == 1
    assert not waking.value(SET_DELAY, [workflow_id, "1 hour"])


@pytest.mark.parametrize(
    "settings",
    [{}, {"concurrency": 1_000_000}, {"partitioned": True}],
    ids=["unlimited", "limited", "partitioned"],
)
def test_each_workflow_either_starts_in_time_or_expires(engine, database, settings):
    engine.register("q", **settings)
    keep_ledger(engine.connection)
    over = threading.Event()

    def enqueue(connection):
        """So many, and, on a slow machine, more, until some have started and some have expired."""
        feeding = QueueEngine(connection)
        chance = random.Random(1)
        many = 0
        while many < 600 or not feeding.value(BOTH):
            keys = [f"p{number % 3}" for number in range(20)] if "partitioned" in settings else None
            milliseconds = chance.randint(2, 60)
            delay = f"{milliseconds / 2} milliseconds" if chance.random() < 0.5 else None
            expiry = f"{milliseconds} milliseconds"
            many += len(feeding.enqueue(20, queue="q", expires_in=expiry, delay=delay, partition_keys=keys))
        wait_until(lambda: not feeding.rows("select from tasks limit 1"), 60)
        return many

    def work(connection, number):
        if number == 8:
            try:
                return enqueue(connection)
            finally:
                over.set()
        [executor] = connection.execute("select register_executor('test', '1 hour')").fetchone()
        chance = random.Random(number)
        while not over.is_set():
            if number < 5:
                rows = connection.execute(CLAIM, [executor, chance.randint(1, 3)]).fetchall()
                for key, token in rows:
                    # To run again does not begin anew, and so does not expire.
                    act = chance.choice(["finish(%s, %s)", "suspend(%s, %s)", "release(%s, %s)"])
                    connection.execute(f"select {act}", [key, token])
            else:
                connection.execute("select * from run_maintenance(%s)", [chance.randint(1, 20)])
        return 0

    many = sum(at_once(database, 9, work))
    ended = dict(
        engine.rows("""
            select o.key, o.status::text from outcomes o
            where o.status in ('SUCCESS', 'CANCELLED') and o.error ->> 'name' is not distinct from
              case when o.status = 'CANCELLED' then 'WorkflowCancelled' end
        """)
    )
    started = {key for (key,) in engine.rows("select key from public.ledger")}
    assert len(ended) == many
    # Exactly those that never started expired, and none started too late.
    assert started == {key for key, status in ended.items() if status == "SUCCESS"}
    assert engine.rows("select * from public.ledger where started_at >= expires_at") == []
    assert 0 < len(started) < many
    assert engine.violations() == {}


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_expiry_that_meets_a_claim_leaves_the_workflow_to_it(engine, session, ending):
    engine.enqueue(1, expires_in="1 hour")
    claiming, maintaining, executor = session(), session(), engine.executor()
    claiming.call("begin")
    assert len(claiming.call(CLAIM, [executor, 1])) == 1
    maintaining.call("set perdure.test_clock = '2100-01-01'")
    expired = "select workflows_expired from run_maintenance()"
    assert maintaining.value(expired) == 0
    claiming.call(ending)
    assert maintaining.value(expired) == (1 if ending == "rollback" else 0)


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_a_claim_that_meets_expiry_never_starts_what_has_expired(engine, session, ending):
    engine.enqueue(1, expires_in="1 hour")
    expiring, claiming, executor = session(), session(), engine.executor()
    for each in (expiring, claiming):
        each.call("set perdure.test_clock = '2100-01-01'")
    expiring.call("begin")
    assert expiring.value("select workflows_expired from run_maintenance()") == 1
    assert claiming.call(CLAIM, [executor, 1]) == []
    expiring.call(ending)
    assert claiming.call(CLAIM, [executor, 1]) == []
    assert engine.value("select status::text from outcomes") == "CANCELLED"


@pytest.mark.parametrize("way_back", ["suspend", "release", "retry", "be taken over", "be handed back"])
def test_what_has_started_does_not_expire(engine, session, way_back):
    engine.enqueue(1, expires_in="1 hour", retries=1, retry_interval="0")
    executor = engine.executor()
    [(key, token)] = engine.claim(executor, 1)
    ways = {
        "suspend": "select suspend(%(key)s, %(token)s)",
        "release": "select release(%(key)s, %(token)s)",
        "retry": "select finish(%(key)s, %(token)s, error => '{}')",
        "be taken over": """
            with old as (update executors set lease_until = clock_timestamp() - interval '1 s' returning 1)
            select count(*) from old
        """,
        "be handed back": "select deregister_executor(%(executor)s)",
    }
    engine.rows(ways[way_back], {"key": key, "token": token, "executor": executor})
    late = session()
    late.call("set perdure.test_clock = '2100-01-01'")
    assert late.value("select workflows_expired from run_maintenance()") == 0
    assert [row[0] for row in late.call(CLAIM, [engine.executor(), 1])] == [key]


def test_an_expired_workflow_is_cancelled_with_its_reason_and_its_watchers_are_told(engine, session, connect):
    [workflow_id] = engine.enqueue(1, expires_in="1 hour")
    listening = connect()
    listening.execute('listen "perdure.finished"')
    engine.rows("select * from get_results(%s, watch => true)", [[workflow_id]])
    late = session()
    late.call("set perdure.test_clock = '2100-01-01'")
    late.call("select * from run_maintenance()")
    [(status, output, error)] = engine.rows("select * from get_result(%s)", [workflow_id])
    assert (status, output, error["name"]) == ("CANCELLED", None, "WorkflowCancelled")
    assert [told.payload for told in listening.notifies(timeout=10, stop_after=1)] == [workflow_id]
