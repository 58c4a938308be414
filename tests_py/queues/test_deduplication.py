"""Of all that want one deduplication id at one moment, one gets it, and the others are told."""

from collections import Counter

import psycopg
import pytest

from tests_py.concurrency.engine import at_once

from .engine import refusal

SESSIONS = 50

REJECT = "select enqueue('w', deduplication_id => 'd')"
EXISTING = "select enqueue('w', deduplication_id => 'd', on_duplicate => 'return_existing')"


def outcome(connection, query, params=None):
    """The id that was returned, or the SQLSTATE that was raised."""
    try:
        return connection.execute(query, params).fetchone()[0]
    except psycopg.Error as error:
        return error.sqlstate


def holder(engine):
    [(workflow_id,)] = engine.rows("select workflow_id from tasks join workflows using (key)")
    return workflow_id


def test_of_50_sessions_one_wins_and_49_are_told_so(engine, database):
    for _ in range(5):
        answers = Counter(at_once(database, SESSIONS, lambda connection, _: outcome(connection, REJECT)))
        assert answers == {holder(engine): 1, "PD012": 49}
        executor = engine.executor()
        engine.claim(executor, 10)
        engine.finish_all(executor)
    assert engine.violations() == {}


def test_of_50_sessions_that_take_the_existing_one_all_get_the_winners_id(engine, database):
    for _ in range(5):
        answers = at_once(database, SESSIONS, lambda connection, _: outcome(connection, EXISTING))
        assert Counter(answers) == {holder(engine): 50}
        executor = engine.executor()
        engine.claim(executor, 10)
        engine.finish_all(executor)
    assert engine.violations() == {}


def test_of_50_sessions_with_partitions_one_wins_in_each(engine, database):
    engine.register("q", partitioned=True)

    def enqueue(connection, number):
        query = "select enqueue('w', queue => 'q', partition_key => %s, deduplication_id => 'd')"
        return outcome(connection, query, [f"p{number % 5}"])

    answers = Counter(at_once(database, SESSIONS, enqueue))
    assert answers.pop("PD012") == 45
    assert sorted(answers.values()) == [1] * 5
    assert engine.value("select count(distinct lane_id) from tasks") == 5
    assert engine.violations() == {}


def test_50_sessions_that_repeat_one_call_all_get_its_workflow(engine, database):
    query = "select enqueue('w', workflow_id => 'id', deduplication_id => 'd')"
    assert at_once(database, SESSIONS, lambda connection, _: outcome(connection, query)) == ["id"] * 50
    assert engine.value("select count(*) from tasks") == 1

    # Also when it has ended and the id is held by another.
    executor = engine.executor()
    engine.claim(executor, 1)
    engine.finish_all(executor)
    assert engine.value(query) == "id"
    other = engine.value(REJECT)
    assert engine.value(query) == "id"
    assert engine.value(EXISTING) == other
    assert engine.violations() == {}


def test_crowds_of_batches_with_the_same_ids_in_any_order_deadlock_never(engine, database):
    def enqueue(connection, number):
        ids = [f"d{(number * 7 + place * 11) % 40}" for place in range(40)]
        connection.execute(
            """select * from enqueue_many('w', array_fill(null::json, array[40]),
                 deduplication_ids => %s, on_duplicate => 'return_existing')""",
            [ids],
        )

    at_once(database, 20, enqueue)
    assert engine.value("select count(*) from tasks") == 40
    assert engine.violations() == {}


@pytest.mark.parametrize("waiting", [REJECT, EXISTING])
def test_who_waits_for_a_winner_that_rolls_back_wins(engine, session, waiting):
    first, second = session(), session()
    first.call("begin")
    lost = first.value(REJECT)
    pending = second.begin_call(waiting)
    second.wait_until_blocked(by=first)
    first.call("rollback")
    [(won,)] = pending.result(10)
    assert won != lost
    assert holder(engine) == won
    assert engine.violations() == {}


def test_who_waits_for_a_winner_that_commits_is_told(engine, session):
    first, second, third = session(), session(), session()
    first.call("begin")
    won = first.value(REJECT)
    rejected, returned = second.begin_call(REJECT), third.begin_call(EXISTING)
    second.wait_until_blocked(by=first)
    third.wait_until_blocked(by=first)
    first.call("commit")
    assert refusal(lambda: rejected.result(10)) == "PD012"
    assert returned.result(10) == [(won,)]


@pytest.mark.parametrize("query", [REJECT, EXISTING])
def test_who_meets_a_holder_that_is_ending_wins_when_it_has_ended(engine, session, query):
    [first] = engine.enqueue(1, deduplication_ids=["d"])
    executor = engine.executor()
    [(key, token)] = engine.claim(executor, 1)
    ending, late = session(), session()
    ending.call("begin")
    ending.call("select finish(%s, %s)", [key, token])
    pending = late.begin_call(query)
    late.wait_until_blocked(by=ending)
    ending.call("commit")
    [(second,)] = pending.result(10)
    assert second != first
    assert holder(engine) == second
    assert engine.violations() == {}


@pytest.mark.parametrize("query", [REJECT, EXISTING])
def test_who_meets_a_holder_whose_end_is_rolled_back_is_told(engine, session, query):
    [first] = engine.enqueue(1, deduplication_ids=["d"])
    [(key, token)] = engine.claim(engine.executor(), 1)
    ending, late = session(), session()
    ending.call("begin")
    ending.call("select finish(%s, %s)", [key, token])
    pending = late.begin_call(query)
    late.wait_until_blocked(by=ending)
    ending.call("rollback")
    if query == REJECT:
        assert refusal(lambda: pending.result(10)) == "PD012"
    else:
        assert pending.result(10) == [(first,)]


def test_a_holder_that_ends_between_two_looks_at_it_leads_to_no_deadlock(engine, session, gate):
    [(key, token)] = [engine.enqueue(1, deduplication_ids=["a"]), engine.claim(engine.executor(), 1)][1]
    both = """select workflow_id from enqueue_many('w', array[null, null]::json[],
                deduplication_ids => array['a', 'b'], on_duplicate => 'return_existing') order by item"""
    first, second = session(), session()
    # The first has found `a` held, has taken `b`, and has not looked yet who holds `a`.
    looking = gate(first, "after insert on deduplications for each statement")
    one = first.begin_call(both)
    looking.wait_until_reached()
    engine.rows("select finish(%s, %s)", [key, token])
    # The second takes `a`, which is free now, and waits for `b`.
    other = second.begin_call(both)
    second.wait_until_blocked(by=first)
    looking.open()
    assert one.result(10) == other.result(10)
    assert engine.value("select count(*) from tasks") == 2
    assert engine.violations() == {}


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_snapshot_older_than_the_end_of_a_holder_enqueues_all_or_nothing(engine, session, isolation):
    engine.enqueue(1, deduplication_ids=["a"])
    [(key, token)] = engine.claim(engine.executor(), 1)
    late = session()
    late.call(f"begin isolation level {isolation}")
    late.call("select from queues")
    engine.rows("select finish(%s, %s)", [key, token])
    rows = late.call("""select created from enqueue_many('w', array[null, null, null]::json[],
                          deduplication_ids => array['a', 'b', null])""")
    late.call("commit")
    assert rows == [(True,)] * 3
    assert engine.value("select count(*) from tasks") == 3
    assert engine.violations() == {}


def test_a_snapshot_older_than_a_new_holder_is_told_to_try_again(engine, session):
    late = session()
    late.call("begin isolation level repeatable read")
    late.call("select from queues")
    engine.enqueue(1, deduplication_ids=["d"])
    assert refusal(lambda: late.call(REJECT)) == "40001"


# What ends a workflow sets its deduplication id free, and nothing else does.
ENDS = {
    "finish": "select finish(%(key)s, %(token)s)",
    "fail": "select finish(%(key)s, %(token)s, error => '{}')",
    "die too often": """
        with old as (update executors set lease_until = clock_timestamp() - interval '1 s' returning 1),
             spent as (update tasks set max_recovery_attempts = 0 returning 1)
        select count(*) from old, spent
    """,
}
STAYS = {
    "suspend": "select suspend(%(key)s, %(token)s, interval '1 hour')",
    "release": "select release(%(key)s, %(token)s, interval '1 hour')",
    "retry": "select finish(%(key)s, %(token)s, error => '{}')",
    "be taken over": """
        with old as (update executors set lease_until = clock_timestamp() - interval '1 s' returning 1)
        select count(*) from old
    """,
}


@pytest.mark.parametrize("end", [*ENDS, *STAYS])
def test_an_id_is_free_when_its_workflow_has_ended_and_not_before(engine, end):
    engine.enqueue(1, deduplication_ids=["d"], retries=1 if end == "retry" else None)
    [(key, token)] = engine.claim(engine.executor(), 1)
    engine.rows((ENDS | STAYS)[end], {"key": key, "token": token})
    engine.maintain()
    assert refusal(lambda: engine.rows(REJECT)) == (None if end in ENDS else "PD012")
    assert engine.violations() == {}


def test_an_expired_workflow_sets_its_id_free(engine):
    engine.enqueue(1, deduplication_ids=["d"], expires_in="1 microsecond")
    engine.maintain()
    assert refusal(lambda: engine.rows(REJECT)) is None
    assert engine.violations() == {}
