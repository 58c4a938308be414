"""Takeover: the work of the dead goes to the living once, all of it, and the living keep theirs."""

from itertools import chain

import psycopg
import pytest

from .engine import at_once

MAINTAIN = "select executors_lapsed, workflows_requeued, workflows_dead_lettered from run_maintenance()"
HEARTBEAT = "select heartbeat(%s) is not null"

# What gives an executor work. Each answers with a row for each workflow that is now its own.
GIVERS = {
    "claim": "select workflow_key, token from claim(%s, max_workflows => 10)",
    "start_many": """select workflow_key, token
        from start_many(%s, array['w', 'w'], array[null, null]::json[])""",
}

# What takes it away again, with the number of workflows that it took.
TAKERS = {
    "run_maintenance": "select workflows_requeued from run_maintenance() where %s is not null",
    "deregister_executor": "select deregister_executor(%s)",
}

every_giver = pytest.mark.parametrize("giver", GIVERS)
every_taker = pytest.mark.parametrize("taker", TAKERS)


def test_a_crowd_of_maintainers_requeues_each_workflow_of_the_dead_exactly_once(engine, database):
    executor, owned = engine.claimed(5000)
    engine.lapse(executor)

    def maintain(connection, number):
        taken = 0
        while connection.execute("select from executors").rowcount:
            taken += connection.execute(
                "select workflows_requeued from run_maintenance(%s)", [100 + number]
            ).fetchone()[0]
        return taken

    assert sum(at_once(database, 12, maintain)) == 5000
    assert engine.keys("ENQUEUED") == sorted(key for key, _ in owned)
    assert engine.rows("select from tasks where attempts <> 1 or not resumed") == []
    assert engine.violations() == {}


def test_a_crowd_of_maintainers_shares_many_dead_executors(engine, database):
    executors = [engine.claimed(20)[0] for _ in range(40)]
    engine.rows("update tasks set attempts = 101 where key % 4 = 0 returning 1")
    engine.lapse(*executors)

    def maintain(connection, number):
        taken = []
        while connection.execute("select from executors").rowcount:
            taken += connection.execute(MAINTAIN).fetchall()
        return taken

    taken = chain.from_iterable(at_once(database, 12, maintain))
    counts = [sum(column) for column in zip(*taken, strict=True)]
    assert counts == [40, 600, 200]
    assert engine.rows("select status::text, count(*) from outcomes group by status") == [
        ("MAX_RECOVERY_ATTEMPTS_EXCEEDED", 200)
    ]
    assert engine.violations() == {}


def test_maintenance_that_meets_another_one_does_not_wait(engine, session):
    executor, owned = engine.claimed(3)
    engine.lapse(executor)
    first, second = session(), session()
    first.call("begin")
    assert first.call(MAINTAIN) == [(1, 3, 0)]
    assert second.call(MAINTAIN) == [(0, 0, 0)]

    first.call("rollback")
    assert second.call(MAINTAIN) == [(1, 3, 0)]
    assert engine.keys("ENQUEUED") == [key for key, _ in owned]


def test_what_a_takeover_had_to_leave_is_taken_later_and_the_executor_stays_shut_out(engine, session):
    executor, owned = engine.claimed(5)
    holder = session()
    holder.call("begin")
    holder.call("select from tasks where key = %s for update", [owned[2][0]])
    engine.lapse(executor)
    assert engine.maintain(3) == 3
    assert engine.maintain() == 1
    # Neither a late heartbeat nor the clock brings it back.
    assert engine.value(HEARTBEAT, [executor]) is False
    engine.rows("update executors set lease_until = now() + interval '1 hour' returning 1")
    assert engine.value(HEARTBEAT, [executor]) is False
    with pytest.raises(psycopg.Error, match="is not registered"):
        engine.claim(executor, 1)

    holder.call("rollback")
    assert engine.rows(MAINTAIN) == [(0, 1, 0)]
    assert engine.rows("select from executors") == []
    assert engine.keys("ENQUEUED") == [key for key, _ in owned]


def test_a_heartbeat_under_way_keeps_the_takeover_away(engine, session):
    executor, _ = engine.claimed(1)
    engine.lapse(executor)
    beating = session()
    beating.call("begin")
    assert beating.call(HEARTBEAT, [executor]) == [(True,)]
    assert engine.rows(MAINTAIN) == [(0, 0, 0)]
    beating.call("commit")
    assert engine.rows(MAINTAIN) == [(0, 0, 0)]
    assert engine.keys("PENDING") != []


def test_a_heartbeat_that_was_rolled_back_keeps_nothing_away(engine, session):
    executor, _ = engine.claimed(1)
    engine.lapse(executor)
    beating = session()
    beating.call("begin")
    beating.call(HEARTBEAT, [executor])
    beating.call("rollback")
    assert engine.rows(MAINTAIN) == [(1, 1, 0)]


def test_a_heartbeat_that_meets_a_takeover_waits_and_is_told_that_the_lease_is_lost(engine, session):
    executor, _ = engine.claimed(1)
    engine.lapse(executor)
    beating, taking = session(), session()
    taking.call("begin")
    assert taking.call(MAINTAIN) == [(1, 1, 0)]
    pending = beating.begin_call(HEARTBEAT, [executor])
    beating.wait_until_blocked(by=taking)
    taking.call("commit")
    # No row of `executors` is left: the function returns null.
    assert pending.result(10) == [(False,)]


def test_a_heartbeat_that_meets_a_takeover_which_rolls_back_renews_the_lease(engine, session):
    executor, _ = engine.claimed(1)
    engine.lapse(executor)
    beating, taking = session(), session()
    taking.call("begin")
    taking.call(MAINTAIN)
    pending = beating.begin_call(HEARTBEAT, [executor])
    beating.wait_until_blocked(by=taking)
    taking.call("rollback")
    assert pending.result(10) == [(True,)]
    assert taking.call(MAINTAIN) == [(0, 0, 0)]


def test_a_heartbeat_that_had_looked_before_the_takeover_does_not_renew_the_lease(engine, session, gate):
    executor, _ = engine.claimed(2)
    engine.lapse(executor)
    beating = session()
    looked = gate(beating, "before update on executors for each statement")
    pending = beating.begin_call(HEARTBEAT, [executor])
    looked.wait_until_reached()
    # One workflow is left, so its row is still there, marked as lapsed.
    assert engine.maintain(1) == 1
    looked.open()
    assert pending.result(10) == [(False,)]
    assert engine.maintain() == 1


def test_an_executor_that_renews_after_maintenance_has_looked_keeps_its_work(engine, session, gate):
    """The lease is checked once more when the executor is locked, not only when it is looked for."""
    executors = [engine.claimed(1)[0] for _ in range(30)]
    engine.lapse(*executors)
    taking = session()
    # It finds executors in one statement and takes them over one after the other.
    at_the_first = gate(
        taking, "before update on executors for each row", f"new.executor_id = {executors[0]}"
    )
    pending = taking.begin_call(MAINTAIN)
    at_the_first.wait_until_reached()
    assert engine.value(HEARTBEAT, [executors[-1]]) is True
    at_the_first.open()

    assert pending.result(10) == [(29, 29, 0)]
    assert engine.rows("select executor_id from tasks where status = 'PENDING'") == [(executors[-1],)]
    assert engine.violations() == {}


@every_giver
def test_work_given_to_an_executor_whose_lease_lapses_meanwhile_is_taken_over_later(engine, session, giver):
    engine.enqueue(2)
    executor = engine.executor()
    worker = session()
    worker.call("begin")
    owned = worker.call(GIVERS[giver], [executor])
    assert len(owned) == 2
    engine.lapse(executor)
    # It does not wait, and does not take the executor away from under what is being given.
    assert engine.rows(MAINTAIN) == [(0, 0, 0)]

    worker.call("commit")
    assert engine.rows(MAINTAIN) == [(1, 2, 0)]
    assert {key for key, _ in owned} <= set(engine.keys("ENQUEUED"))
    assert engine.violations() == {}


@every_giver
def test_deregistering_waits_for_work_that_is_being_given_and_hands_it_back(engine, session, giver):
    engine.enqueue(2)
    executor = engine.executor()
    worker, other = session(), session()
    worker.call("begin")
    owned = worker.call(GIVERS[giver], [executor])
    pending = other.begin_call("select deregister_executor(%s)", [executor])
    other.wait_until_blocked(by=worker)

    worker.call("commit")
    assert pending.result(10) == [(2,)]
    assert {key for key, _ in owned} <= set(engine.keys("ENQUEUED"))
    assert engine.rows("select from executors") == []
    assert engine.violations() == {}


@every_giver
def test_deregistering_finds_nothing_to_hand_back_when_the_giving_rolls_back(engine, session, giver):
    engine.enqueue(2)
    executor = engine.executor()
    worker, other = session(), session()
    worker.call("begin")
    worker.call(GIVERS[giver], [executor])
    pending = other.begin_call("select deregister_executor(%s)", [executor])
    other.wait_until_blocked(by=worker)

    worker.call("rollback")
    assert pending.result(10) == [(0,)]
    assert len(engine.keys("ENQUEUED")) == 2


@every_giver
@every_taker
def test_an_executor_that_is_being_ended_is_given_nothing_more(engine, session, giver, taker):
    executor, _ = engine.claimed(1)
    engine.enqueue(2)
    engine.lapse(executor)
    worker, other = session(), session()
    other.call("begin")
    assert other.call(TAKERS[taker], [executor]) == [(1,)]
    pending = worker.begin_call(GIVERS[giver], [executor])
    worker.wait_until_blocked(by=other)

    other.call("commit")
    ended = engine.state()
    with pytest.raises(psycopg.Error, match="is not registered") as caught:
        pending.result(10)
    assert caught.value.sqlstate == "PD006"
    assert engine.state() == ended
    assert len(engine.keys("ENQUEUED")) == 3


@every_giver
@every_taker
def test_an_executor_whose_end_rolls_back_is_given_work_as_before(engine, session, giver, taker):
    executor, _ = engine.claimed(1)
    engine.enqueue(2)
    engine.lapse(executor)
    worker, other = session(), session()
    other.call("begin")
    assert other.call(TAKERS[taker], [executor]) == [(1,)]
    pending = worker.begin_call(GIVERS[giver], [executor])
    worker.wait_until_blocked(by=other)

    other.call("rollback")
    assert len(pending.result(10)) == 2
    assert engine.violations() == {}


def test_reconciling_passes_over_a_claim_that_is_under_way(engine, session):
    executor, [(known, _), (lost, _)] = engine.claimed(2)
    engine.enqueue(1)
    worker = session()
    worker.call("begin")
    [(claimed, _)] = worker.call(GIVERS["claim"], [executor])
    assert engine.value("select reconcile(%s, array[%s]::bigint[])", [executor, known]) == 1
    worker.call("commit")
    assert engine.keys("PENDING") == [known, claimed]
    assert engine.keys("ENQUEUED") == [lost]


def test_reconciling_hands_back_only_what_is_still_owned(engine, session, gate):
    executor, [(key, token)] = engine.claimed(1)
    late, early = session(), session()
    looked = gate(late, "before update on tasks for each statement")
    pending = late.begin_call("select reconcile(%s, '{}')", [executor])
    looked.wait_until_reached()
    early.call("select release(%s, %s)", [key, token])
    [(again, new_token)] = engine.claim(engine.executor(), 1)
    assert again == key

    looked.open()
    assert pending.result(10) == [(0,)]
    assert engine.value("select finish(%s, %s, '1')", [key, new_token]) is True
    assert engine.violations() == {}


def test_a_worker_that_registers_again_under_its_name_inherits_nothing(engine, session):
    executor, [(key, token)] = engine.claimed(1)
    worker, other = session(), session()
    engine.lapse(executor)
    other.call("begin")
    other.call(MAINTAIN)
    # Registering does not wait for the takeover of the old one.
    again = worker.value("select register_executor('test')")
    assert again != executor
    assert worker.call(GIVERS["claim"], [again]) == []
    other.call("commit")
    [(claimed, new_token)] = worker.call(GIVERS["claim"], [again])
    assert (claimed, new_token > token) == (key, True)
