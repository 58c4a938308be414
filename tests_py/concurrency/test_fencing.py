"""Fencing: of a worker's write and the loss of its lease, one comes first and the other is told so."""

import psycopg
import pytest

from .engine import answer, at_once

KEY = "array[%(key)s]::bigint[]"
TOKEN = "array[%(token)s]::bigint[]"

# Every write of a worker. Each answers with one text or none: 'lease lost', or what it has to say.
WRITES = {
    "record_steps": f"""select outcome from record_steps({KEY}, {TOKEN},
        array[1], array['s'], array['1']::json[])""",
    "record_step": "select 'written' from record_step(%(key)s, %(token)s, 1, 's', '1')",
    "fail_step": "select 'written' from fail_step(%(key)s, %(token)s, 1, 's', '{}', 1, 3)",
    "finish_many": f"select outcome from finish_many({KEY}, {TOKEN}, array['1']::json[])",
    "finish": "select 'written' from finish(%(key)s, %(token)s, '1')",
    "suspend_many": f"select outcome from suspend_many({KEY}, {TOKEN}, array[interval '1 hour'])",
    "release_many": f"select outcome from release_many({KEY}, {TOKEN})",
    "enqueue_many": f"""select 'written' from enqueue_many('child', array['1']::json[],
        parent_keys => {KEY}, parent_tokens => {TOKEN}, parent_steps => array[1])""",
    "start_many": f"""select 'written' from start_many((select register_executor('other')), array['child'],
        array['1']::json[], parent_keys => {KEY}, parent_tokens => {TOKEN}, parent_steps => array[1])""",
}

# Where each of them has looked at its workflow and not locked it yet. The others lock first of all.
LOOKED = {
    "record_step": "before insert on steps for each statement",
    "finish_many": "before delete on tasks for each statement",
    "finish": "before delete on tasks for each statement",
    "suspend_many": "before update on tasks for each statement",
    "release_many": "before update on tasks for each statement",
}

# After these the executor does not own the workflow any more.
PUTS_DOWN = {"finish_many", "finish", "suspend_many", "release_many"}

TAKERS = {
    "run_maintenance": "select workflows_requeued from run_maintenance() where %s is not null",
    "deregister_executor": "select deregister_executor(%s)",
    "reconcile": "select reconcile(%s, '{}')",
}

every_write = pytest.mark.parametrize("write", WRITES)
every_taker = pytest.mark.parametrize("taker", TAKERS)


def record(key, token, value, step=1):
    """The arguments of `begin_call` that record this value."""
    return (
        """select outcome, output from record_steps(array[%s]::bigint[], array[%s]::bigint[],
           array[%s], array['s'], array[%s]::json[])""",
        [key, token, step, str(value)],
    )


def finish(key, token, value):
    return (
        """select outcome, output from finish_many(array[%s]::bigint[], array[%s]::bigint[],
           array[%s]::json[])""",
        [key, token, str(value)],
    )


@every_write
def test_maintenance_passes_over_a_write_that_is_under_way(engine, session, write):
    executor, [(key, token)] = engine.claimed(1)
    writer = session()
    writer.call("begin")
    assert answer(writer.begin_call(WRITES[write], {"key": key, "token": token})) == "written"
    engine.lapse(executor)
    assert engine.maintain() == 0

    writer.call("commit")
    assert engine.maintain() == (0 if write in PUTS_DOWN else 1)
    assert engine.rows("select from executors where executor_id = %s", [executor]) == []
    assert engine.violations() == {}


@every_write
@pytest.mark.parametrize("taker", ["deregister_executor", "reconcile"])
def test_handing_back_waits_for_a_write_that_is_under_way(engine, session, write, taker):
    executor, [(key, token)] = engine.claimed(1)
    writer, other = session(), session()
    writer.call("begin")
    assert answer(writer.begin_call(WRITES[write], {"key": key, "token": token})) == "written"
    pending = other.begin_call(TAKERS[taker], [executor])
    other.wait_until_blocked(by=writer)

    writer.call("commit")
    assert pending.result(10) == [(0 if write in PUTS_DOWN else 1,)]
    assert engine.violations() == {}


@every_write
@every_taker
def test_a_write_that_meets_the_loss_of_its_lease_waits_and_is_refused(engine, session, write, taker):
    executor, [(key, token)] = engine.claimed(1)
    writer, other = session(), session()
    engine.lapse(executor)
    other.call("begin")
    assert other.call(TAKERS[taker], [executor]) == [(1,)]
    pending = writer.begin_call(WRITES[write], {"key": key, "token": token})
    writer.wait_until_blocked(by=other)

    other.call("commit")
    lost = engine.state()
    assert answer(pending) == "lease lost"
    assert engine.status(key) == "ENQUEUED"
    assert engine.rows("select from steps") == []
    # `start_many` registers the executor that it needs in the statement that is refused.
    assert engine.state() == lost


@every_write
@every_taker
def test_a_write_that_meets_a_takeover_which_rolls_back_goes_through(engine, session, write, taker):
    executor, [(key, token)] = engine.claimed(1)
    writer, other = session(), session()
    engine.lapse(executor)
    other.call("begin")
    assert other.call(TAKERS[taker], [executor]) == [(1,)]
    pending = writer.begin_call(WRITES[write], {"key": key, "token": token})
    writer.wait_until_blocked(by=other)

    other.call("rollback")
    assert answer(pending) == "written"
    assert engine.violations() == {}


@pytest.mark.parametrize("write", LOOKED)
@every_taker
def test_a_write_that_had_looked_before_the_lease_was_lost_is_refused(engine, session, gate, write, taker):
    executor, [(key, token)] = engine.claimed(1)
    writer, other = session(), session()
    looked = gate(writer, LOOKED[write])
    pending = writer.begin_call(WRITES[write], {"key": key, "token": token})
    looked.wait_until_reached()

    engine.lapse(executor)
    assert other.call(TAKERS[taker], [executor]) == [(1,)]
    lost = engine.state()
    looked.open()
    assert answer(pending) == "lease lost"
    assert engine.state() == lost


@every_write
def test_only_the_new_owner_writes_after_a_takeover(engine, session, write):
    executor, [(key, token)] = engine.claimed(1)
    engine.lapse(executor)
    assert engine.maintain() == 1
    [(again, new_token)] = engine.claim(engine.executor(), 1)
    assert again == key

    writer = session()
    assert answer(writer.begin_call(WRITES[write], {"key": key, "token": token})) == "lease lost"
    assert answer(writer.begin_call(WRITES[write], {"key": key, "token": new_token})) == "written"
    assert engine.violations() == {}


def test_of_two_that_finish_under_one_token_one_ends_it_and_the_other_is_told_how(engine, session):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    first.call("begin")
    assert first.call(*finish(key, token, 1)) == []
    pending = second.begin_call(*finish(key, token, 2))
    second.wait_until_blocked(by=first)

    first.call("commit")
    assert pending.result(10) == [("finished before", 1)]
    assert engine.rows("select status::text, output from outcomes") == [("SUCCESS", 1)]


def test_a_finish_that_rolls_back_leaves_it_to_the_one_that_waits(engine, session):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    first.call("begin")
    first.call(*finish(key, token, 1))
    pending = second.begin_call(*finish(key, token, 2))
    second.wait_until_blocked(by=first)

    first.call("rollback")
    assert pending.result(10) == []
    assert engine.rows("select status::text, output from outcomes") == [("SUCCESS", 2)]


def test_a_finish_that_had_looked_before_another_ended_it_is_told_how(engine, session, gate):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    looked = gate(second, "before delete on tasks for each statement")
    pending = second.begin_call(*finish(key, token, 2))
    looked.wait_until_reached()
    assert first.call(*finish(key, token, 1)) == []

    looked.open()
    assert pending.result(10) == [("finished before", 1)]
    assert engine.violations() == {}


def test_a_crowd_that_finishes_one_workflow_ends_it_once(engine, database):
    _, [(key, token)] = engine.claimed(1)
    told = at_once(
        database, 12, lambda connection, number: connection.execute(*finish(key, token, number)).fetchall()
    )
    [output] = [value for (value,) in engine.rows("select output from outcomes")]
    assert told.pop(output) == []
    assert told == [[("finished before", output)]] * 11


def test_a_workflow_that_was_put_down_is_not_finished_by_the_one_that_waits(engine, session):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    first.call("begin")
    first.call(WRITES["suspend_many"], {"key": key, "token": token})
    pending = second.begin_call(*finish(key, token, 1))
    second.wait_until_blocked(by=first)

    first.call("commit")
    assert pending.result(10) == [("lease lost", None)]
    assert engine.status(key) == "PENDING"
    assert engine.violations() == {}


def test_of_two_that_record_one_step_the_first_wins_and_the_second_sees_its_value(engine, session):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    first.call("begin")
    assert first.call(*record(key, token, 1)) == []
    pending = second.begin_call(*record(key, token, 2))
    second.wait_until_blocked(by=first)

    first.call("commit")
    assert pending.result(10) == [("recorded before", 1)]
    assert engine.rows("select output from steps") == [(1,)]


def test_a_record_that_rolls_back_leaves_the_step_to_the_one_that_waits(engine, session):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    first.call("begin")
    first.call(*record(key, token, 1))
    pending = second.begin_call(*record(key, token, 2))
    second.wait_until_blocked(by=first)

    first.call("rollback")
    assert pending.result(10) == []
    assert engine.rows("select output from steps") == [(2,)]


def test_a_record_that_had_looked_before_another_recorded_sees_its_value(engine, session, gate):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    looked = gate(second, "before insert on steps for each statement")
    pending = second.begin_call("select record_step(%s, %s, 1, 's', '2')", [key, token])
    looked.wait_until_reached()
    assert first.call(*record(key, token, 1)) == []

    looked.open()
    assert pending.result(10) == [(False,)]
    assert first.call(*record(key, token, 3)) == [("recorded before", 1)]
    assert engine.rows("select output from steps") == [(1,)]


def test_a_record_in_an_older_snapshot_is_to_be_tried_again(engine, session):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    second.call("begin isolation level repeatable read")
    second.call("select")
    assert first.call(*record(key, token, 1)) == []
    with pytest.raises(psycopg.errors.SerializationFailure):
        second.call(*record(key, token, 2))
    second.call("rollback")
    assert second.call(*record(key, token, 2)) == [("recorded before", 1)]


def test_a_crowd_that_records_one_step_agrees_on_its_value(engine, database):
    _, [(key, token)] = engine.claimed(1)

    def write(connection, number):
        return [connection.execute(*record(key, token, number, step)).fetchall() for step in range(1, 21)]

    told = at_once(database, 12, write)
    values = [value for (value,) in engine.rows("select output from steps order by step")]
    assert len(values) == 20
    for step, value in enumerate(values):
        answers = [answers[step] for answers in told]
        assert answers.pop(value) == []
        assert answers == [[("recorded before", value)]] * 11


def test_an_attempt_that_is_told_twice_at_once_counts_once(engine, session):
    _, [(key, token)] = engine.claimed(1)
    fail = "select retry_in, final_error from fail_step(%s, %s, 1, 's', %s, 1, 3, interval '1 hour')"
    first, second = session(), session()
    first.call("begin")
    ((delay, _),) = first.call(fail, [key, token, '"first"'])
    pending = second.begin_call(fail, [key, token, '"second"'])
    second.wait_until_blocked(by=first)

    first.call("commit")
    ((rest, error),) = pending.result(10)
    assert rest <= delay
    assert error is None
    assert engine.rows("select attempts, error from steps") == [(1, ["first"])]


def test_a_step_that_fails_and_is_recorded_at_once_ends_with_what_was_recorded(engine, session):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    first.call("begin")
    first.call(WRITES["fail_step"], {"key": key, "token": token})
    pending = second.begin_call(*record(key, token, 2))
    second.wait_until_blocked(by=first)

    first.call("commit")
    assert pending.result(10) == []
    assert engine.rows("select attempts, output, error, retry_at from steps") == [(2, 2, None, None)]


def test_a_step_that_was_recorded_does_not_fail_afterwards(engine, session):
    _, [(key, token)] = engine.claimed(1)
    first, second = session(), session()
    first.call("begin")
    first.call(*record(key, token, 1))
    pending = second.begin_call(
        "select retry_in, final_error from fail_step(%s, %s, 1, 's', '{}', 1, 3)", [key, token]
    )
    second.wait_until_blocked(by=first)

    first.call("commit")
    assert pending.result(10) == [(None, None)]
    assert engine.rows("select attempts, output, error from steps") == [(1, 1, None)]


def test_only_one_session_starts_a_child_as_the_same_step(engine, session):
    _, [(key, token)] = engine.claimed(1)
    start = """select workflow_id, created from enqueue_many(%s, array['1']::json[],
        parent_keys => array[%s]::bigint[], parent_tokens => array[%s]::bigint[], parent_steps => array[1])"""
    first, second = session(), session()
    first.call("begin")
    ((child, created),) = first.call(start, ["child", key, token])
    assert created
    pending = second.begin_call(start, ["child", key, token])
    second.wait_until_blocked(by=first)

    first.call("commit")
    assert pending.result(10) == [(child, False)]
    with pytest.raises(psycopg.Error, match="belongs to a workflow named 'child'"):
        second.call(start, ["another", key, token])
    assert engine.rows("select name, child_id from steps") == [("child", child)]
    assert engine.violations() == {}
