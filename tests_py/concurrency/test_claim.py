"""Claiming: each workflow goes to one executor, whoever else claims at the same moment."""

import random
from itertools import chain

import psycopg

from .engine import at_once

CLAIM = "select workflow_key, attempt from claim(%s, max_workflows => %s)"


def test_a_crowd_of_claimers_gets_each_workflow_exactly_once(engine, database):
    for queue in ("a", "b"):
        engine.rows("select register_queue(%s)", [queue])
        engine.enqueue(1000, queue=queue)

    def drain(connection, number):
        chance = random.Random(number)
        executor = connection.execute("select register_executor('test')").fetchone()[0]
        claimed = []
        while connection.execute("select from tasks where status = 'ENQUEUED' limit 1").rowcount:
            with connection.transaction() as transaction:
                batch = connection.execute(
                    "select workflow_key, token from claim(%s, max_workflows => %s)",
                    [executor, chance.randint(1, 60)],
                ).fetchall()
                if chance.random() < 0.2:
                    raise psycopg.Rollback(transaction)
                claimed += batch
        return claimed

    claimed = list(chain.from_iterable(at_once(database, 16, drain)))
    assert sorted(key for key, _ in claimed) == engine.keys("PENDING")
    assert len(claimed) == 2000
    assert len({token for _, token in claimed}) == 2000
    assert engine.violations() == {}


def test_what_an_open_transaction_has_claimed_is_skipped_without_waiting(engine, session):
    engine.enqueue(10)
    first, second = session(), session()
    keys = engine.keys("ENQUEUED")
    first.call("begin")
    assert first.call(CLAIM, [engine.executor(), 3]) == [(key, 1) for key in keys[:3]]

    assert second.call(CLAIM, [engine.executor(), 10]) == [(key, 1) for key in keys[3:]]
    first.call("commit")
    assert engine.keys("PENDING") == keys


def test_a_claim_that_is_rolled_back_gives_the_work_back(engine, session):
    engine.enqueue(10)
    first = session()
    keys = engine.keys("ENQUEUED")
    first.call("begin")
    first.call(CLAIM, [engine.executor(), 3])
    first.call("rollback")

    # In its old place, and the attempt does not count.
    assert first.call(CLAIM, [engine.executor(), 4]) == [(key, 1) for key in keys[:4]]


def test_a_claim_does_not_take_what_another_has_chosen_and_not_taken_yet(engine, session, gate):
    engine.enqueue(15)
    keys = engine.keys("ENQUEUED")
    late, early = session(), session()
    executor, other = engine.executor(), engine.executor()
    claiming = gate(late, "before update of started_at on tasks for each statement")
    pending = late.begin_call(CLAIM, [executor, 10])
    claiming.wait_until_reached()

    assert early.call(CLAIM, [other, 10]) == [(key, 1) for key in keys[10:]]
    claiming.open()
    assert pending.result(10) == [(key, 1) for key in keys[:10]]


def test_two_sessions_that_wake_the_same_workflow_wake_it_once(engine, session, gate):
    executor, [(key, token)] = engine.claimed(1)
    engine.rows("select suspend(%s, %s, interval '1 hour')", [key, token])
    engine.rows("update tasks set wake_at = now() - interval '1 second' returning 1")
    late, early = session(), session()
    waking = gate(late, "before update on tasks for each statement")
    pending = late.begin_call("select workflows_woken from run_maintenance()")
    waking.wait_until_reached()

    assert early.call(CLAIM, [executor, 1]) == [(key, 1)]
    waking.open()
    assert pending.result(10) == [(0,)]
    assert engine.status(key) == "PENDING"
    assert engine.violations() == {}
