"""A cancel that meets what else may happen to a workflow: exactly one decides, and both sides know."""

import threading
from typing import Any

import psycopg
import pytest

from tests_py.concurrency.engine import at_once
from tests_py.concurrency.test_notify import Listener

CANCEL = "select outcome, status from cancel_many(array[%s])"
FINISH = "select outcome from finish_many(array[%s]::bigint[], array[%s]::bigint[], array['42']::json[])"
RECORD = (
    "select outcome from record_steps(array[%s]::bigint[], array[%s]::bigint[], array[1], array['s'],"
    " array['1']::json[])"
)
SUSPEND = (
    "select outcome from suspend_many(array[%s]::bigint[], array[%s]::bigint[], array['1 day']::interval[])"
)
RELEASE = "select outcome from release_many(array[%s]::bigint[], array[%s]::bigint[])"
RECV = "select outcome from recv_many(array[%s]::bigint[], array[%s]::bigint[], array[1], array[null])"
CLAIM = "select workflow_id from claim(%s, max_workflows => 10)"
RESUME = "select outcome from resume_many(array[%s])"
STATUS = "select status, error ->> 'name' from get_result(%s)"
CANCELLED = [("CANCELLED", "WorkflowCancelled")]
LOST = [("lease lost",)]


@pytest.fixture
def running(engine):
    return engine.running()


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("write", [FINISH, RECORD, SUSPEND, RELEASE, RECV], ids=str.split)
def test_what_a_worker_writes_waits_for_a_cancel(engine, session, running, write, end):
    canceller, writer = session(), session()
    canceller.call("begin")
    assert canceller.call(CANCEL, [running.id]) == [("cancelled", "CANCELLED")]
    pending = writer.begin_call(write, [running.key, running.token])
    writer.wait_until_blocked(by=canceller)
    canceller.call(end)
    if end == "commit":
        assert pending.result(10) == LOST
        assert engine.rows(STATUS, [running.id]) == CANCELLED
        assert engine.steps(running) == []
    else:
        assert pending.result(10) in ([], [("waiting",)])
    assert engine.violations() == {}


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_cancel_that_meets_a_finish_waits_for_it(engine, session, running, end):
    finisher, canceller = session(), session()
    finisher.call("begin")
    assert finisher.call(FINISH, [running.key, running.token]) == []
    pending = canceller.begin_call(CANCEL, [running.id])
    canceller.wait_until_blocked(by=finisher)
    finisher.call(end)
    if end == "commit":
        assert pending.result(10) == [("ended before", "SUCCESS")]
        assert engine.rows(STATUS, [running.id]) == [("SUCCESS", None)]
    else:
        assert pending.result(10) == [("cancelled", "CANCELLED")]
    assert engine.violations() == {}


@pytest.mark.parametrize("write", [RECORD, SUSPEND, RELEASE, RECV], ids=str.split)
def test_a_cancel_that_meets_a_write_comes_after_it(engine, session, running, write):
    writer, canceller = session(), session()
    writer.call("begin")
    assert writer.call(write, [running.key, running.token]) in ([], [("waiting",)])
    pending = canceller.begin_call(CANCEL, [running.id])
    canceller.wait_until_blocked(by=writer)
    writer.call("commit")
    assert pending.result(10) == [("cancelled", "CANCELLED")]
    assert engine.rows(STATUS, [running.id]) == CANCELLED
    assert engine.violations() == {}


def test_a_claim_passes_over_what_is_being_cancelled(engine, session):
    [workflow_id] = engine.enqueue(1)
    canceller, worker = session(), session()
    canceller.call("begin")
    canceller.call(CANCEL, [workflow_id])
    assert worker.call(CLAIM, [engine.executor()]) == []
    canceller.call("commit")
    assert worker.call(CLAIM, [engine.executor()]) == []
    assert engine.violations() == {}


def test_a_cancel_that_meets_a_claim_tells_the_new_owner(engine, session, connect):
    told = Listener(connect(), "perdure.cancelled")
    [workflow_id] = engine.enqueue(1)
    worker, canceller = session(), session()
    worker.call("begin")
    [(key, token)] = worker.call("select workflow_key, token from claim(%s)", [engine.executor()])
    pending = canceller.begin_call(CANCEL, [workflow_id])
    canceller.wait_until_blocked(by=worker)
    worker.call("commit")
    assert pending.result(10) == [("cancelled", "CANCELLED")]
    assert told.heard() == [workflow_id]
    assert engine.rows(
        "select item from lost_workflows(array[%s]::bigint[], array[%s]::bigint[])", [key, token]
    )
    assert engine.rows(FINISH, [key, token]) == LOST


@pytest.mark.parametrize("attempts", [1, 200], ids=["goes back", "is dead-lettered"])
def test_a_cancel_that_meets_a_takeover_comes_after_it(engine, session, attempts):
    executor, [(key, _)] = engine.claimed(1)
    engine.rows("update tasks set attempts = %s returning 1", [attempts])
    engine.lapse(executor)
    maintainer, canceller = session(), session()
    maintainer.call("begin")
    [[moved]] = maintainer.call("select workflows_requeued + workflows_dead_lettered from run_maintenance()")
    assert moved == 1
    [workflow_id] = [w for (w,) in engine.rows("select workflow_id from workflows where key = %s", [key])]
    pending = canceller.begin_call(CANCEL, [workflow_id])
    canceller.wait_until_blocked(by=maintainer)
    maintainer.call("commit")
    assert pending.result(10) == [("cancelled", "CANCELLED")]
    assert engine.rows(STATUS, [workflow_id]) == CANCELLED
    assert engine.violations() == {}


def test_a_takeover_passes_over_what_is_being_cancelled(engine, session):
    executor, [(key, _)] = engine.claimed(1)
    engine.lapse(executor)
    [(workflow_id,)] = engine.rows("select workflow_id from workflows where key = %s", [key])
    canceller = session()
    canceller.call("begin")
    canceller.call(CANCEL, [workflow_id])
    assert session().value("select workflows_requeued from run_maintenance()") == 0
    canceller.call("commit")
    assert engine.maintain() == 0
    assert engine.violations() == {}
    assert engine.rows(STATUS, [workflow_id]) == CANCELLED


def test_what_sleeps_is_not_woken_by_a_message_after_its_cancel(engine, session, running):
    engine.rows(
        "select * from recv(%s, %s, 1, timeout => null, put_down => true)", [running.key, running.token]
    )
    sender, canceller = session(), session()
    sender.call("begin")
    sender.call("select send(%s, '1')", [running.id])
    assert canceller.call(CANCEL, [running.id]) == [("cancelled", "CANCELLED")]
    sender.call("commit")
    assert engine.claim_flows() == []
    assert engine.rows(STATUS, [running.id]) == CANCELLED
    assert engine.violations() == {}


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_cancel_that_meets_a_wake_up_comes_after_it(engine, session, running, end):
    engine.rows(SUSPEND, [running.key, running.token])
    engine.pass_time("2 days")
    maintainer, canceller = session(), session()
    maintainer.call("begin")
    assert maintainer.value("select workflows_woken from run_maintenance()") == 1
    pending = canceller.begin_call(CANCEL, [running.id])
    canceller.wait_until_blocked(by=maintainer)
    maintainer.call(end)
    assert pending.result(10) == [("cancelled", "CANCELLED")]
    assert engine.claim_flows() == []
    assert engine.violations() == {}


def test_a_wake_up_passes_over_what_is_being_cancelled(engine, session, running):
    engine.rows(SUSPEND, [running.key, running.token])
    engine.pass_time("2 days")
    canceller = session()
    canceller.call("begin")
    canceller.call(CANCEL, [running.id])
    assert session().value("select workflows_woken from run_maintenance()") == 0
    canceller.call("commit")
    assert engine.claim_flows() == []
    assert engine.rows(STATUS, [running.id]) == CANCELLED


def test_of_two_cancels_one_cancels(engine, session, running):
    first, second = session(), session()
    first.call("begin")
    assert first.call(CANCEL, [running.id]) == [("cancelled", "CANCELLED")]
    pending = second.begin_call(CANCEL, [running.id])
    second.wait_until_blocked(by=first)
    first.call("commit")
    assert pending.result(10) == [("ended before", "CANCELLED")]


def test_a_watcher_and_a_parent_that_waits_are_told(engine, session, connect, running):
    finished = Listener(connect(), "perdure.finished")
    child = engine.running()
    engine.rows("select suspend_until_ended(%s, %s, array[%s])", [running.key, running.token, child.id])
    session().call(CANCEL, [child.id])
    assert finished.heard() == [child.id]
    assert engine.woken() == [running.id]
    assert engine.violations() == {}


# --------------------------------------------------------------------------------- resumed meanwhile


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_cancel_that_meets_a_resume_of_a_dead_letter_waits_for_it(engine, session, running, end):
    engine.rows("update tasks set attempts = 200 returning 1")
    engine.lapse(engine.worker)
    assert engine.maintain() == 1
    resumer, canceller = session(), session()
    resumer.call("begin")
    assert resumer.call(RESUME, [running.id]) == [("resumed",)]
    pending = canceller.begin_call(CANCEL, [running.id])
    canceller.wait_until_blocked(by=resumer)
    resumer.call(end)
    # It looks again, and finds it active.
    assert pending.result(10) == [("cancelled", "CANCELLED")]
    assert engine.rows(STATUS, [running.id]) == CANCELLED
    assert engine.violations() == {}


def test_of_two_resumes_one_resumes(engine, session, running):
    engine.rows(CANCEL, [running.id])
    first, second = session(), session()
    first.call("begin")
    assert first.call(RESUME, [running.id]) == [("resumed",)]
    pending = second.begin_call(RESUME, [running.id])
    second.wait_until_blocked(by=first)
    first.call("commit")
    assert pending.result(10) == [("active",)]
    assert engine.violations() == {}


def test_a_resume_does_not_wait_for_a_cancel(engine, session, running):
    """It was active when it was asked for, and stays cancelled."""
    canceller, resumer = session(), session()
    canceller.call("begin")
    canceller.call(CANCEL, [running.id])
    assert resumer.call(RESUME, [running.id]) == [("active",)]
    canceller.call("commit")
    assert engine.rows(STATUS, [running.id]) == CANCELLED
    assert resumer.call(RESUME, [running.id]) == [("resumed",)]
    assert engine.violations() == {}


def test_a_claim_and_a_resume_that_moves_it_meet(engine, session):
    [workflow_id] = engine.enqueue(1)
    worker, resumer = session(), session()
    worker.call("begin")
    assert worker.call(CLAIM, [engine.executor()]) == [(workflow_id,)]
    pending = resumer.begin_call("select outcome from resume_many(array[%s], 'default')", [workflow_id])
    resumer.wait_until_blocked(by=worker)
    worker.call("commit")
    assert pending.result(10) == [("active",)]
    assert engine.violations() == {}


@pytest.mark.parametrize("call", ["resume_many(array[%s, %s])", "resume_in_step({}, array[%s, %s])"])
def test_a_resume_and_a_change_of_its_queue_do_not_wait_in_a_circle(engine, session, running, call):
    """Both hold the queue first, and then the tasks."""
    low, high = engine.enqueue(2, delay="1 hour")
    holder, resumer, changer = session(), session(), session()
    holder.call("begin")
    holder.call("select set_delay(%s, '2 hours')", [high])
    step = f"{running.key}, {running.token}, 1"
    pending = resumer.begin_call("select " + call.format(step), [low, high])
    resumer.wait_until_blocked(by=holder)
    changing = changer.begin_call("select update_queue('default', '{\"priority_ageing\": \"1 hour\"}')")
    changer.wait_until_blocked()
    holder.call("commit")
    pending.result(10)
    changing.result(10)
    assert engine.rows("select count(*) from tasks where status = 'ENQUEUED' and rank > 0") == [(2,)]
    assert engine.violations() == {}


# ----------------------------------------------------------------------------------------- children

CHILDREN = """
    select item from enqueue_many('w', array_fill(null::json, array[%(many)s]),
      parent_keys => array_fill(%(key)s::bigint, array[%(many)s]),
      parent_tokens => array_fill(%(token)s::bigint, array[%(many)s]),
      parent_steps => (select array_agg(nextval('steps_of_parents')::int) from generate_series(1, %(many)s)))
"""
TREE = "select count(*) from cancel_many(array[%s], children => true)"


@pytest.fixture
def steps_of_parents(engine):
    engine.connection.execute("create temp sequence steps_of_parents")
    engine.connection.execute("create sequence public.steps_of_parents")
    yield
    engine.connection.execute("drop sequence public.steps_of_parents")


def children(flow, many=1):
    return {"key": flow.key, "token": flow.token, "many": many}


def test_a_child_that_is_started_at_the_same_moment_does_not_escape(
    engine, session, running, steps_of_parents
):
    starter, canceller = session(), session()
    starter.call("begin")
    assert len(starter.call(CHILDREN, children(running, 3))) == 3
    pending = canceller.begin_call(TREE, [running.id])
    canceller.wait_until_blocked(by=starter)
    starter.call("commit")
    assert pending.result(10) == [(4,)]
    assert engine.rows("select count(*) from tasks") == [(0,)]
    assert engine.violations() == {}


def test_a_child_comes_too_late(engine, session, running, steps_of_parents):
    canceller, starter = session(), session()
    canceller.call("begin")
    assert canceller.call(TREE, [running.id]) == [(1,)]
    pending = starter.begin_call(CHILDREN, children(running))
    starter.wait_until_blocked(by=canceller)
    canceller.call("commit")
    assert pending.exception(10).sqlstate == "PD004"
    assert engine.rows("select count(*) from tasks") == [(0,)]


def test_a_child_with_a_lower_key_than_one_that_is_held_is_waited_for_without_that(
    engine, session, running, steps_of_parents
):
    """The locks are given up and taken anew: all who lock several do it by key, and wait in no circle."""
    other = engine.running()
    engine.rows(
        "update workflows set parent_key = %s, parent_step = -1 where key = %s returning 1",
        [running.key, other.key],
    )
    lock = "select key from tasks where key = %s for update"
    starter, canceller, holder, writer = (session() for _ in range(4))
    starter.call("begin")
    starter.call(CHILDREN, children(running))
    engine.rows(CHILDREN, children(other))
    [(high,)] = engine.rows("select max(key) from tasks")
    pending = canceller.begin_call(TREE, [running.id])
    canceller.wait_until_blocked(by=starter)
    holder.call("begin")
    holder.call(lock, [high])
    starter.call("commit")
    canceller.wait_until_blocked(by=holder)

    # One that the canceller does not know of yet is locked by somebody who wants the one that it waits for.
    [(low,)] = engine.rows("select min(key) from tasks where key > %s", [other.key])
    assert low < high
    writer.call("begin")
    writer.call(lock, [low])
    wanted = writer.begin_call(lock, [high])
    writer.wait_until_blocked()
    holder.call("commit")
    assert wanted.result(10) == [(high,)]
    assert not pending.done()
    writer.call("commit")
    assert pending.result(10) == [(4,)]
    assert engine.rows("select count(*) from tasks") == [(0,)]
    assert engine.violations() == {}


def test_in_a_crowd_no_child_escapes(engine, database, steps_of_parents):
    roots = [engine.running() for _ in range(10)]
    done = threading.Event()

    def start(connection: psycopg.Connection[Any], number: int) -> int:
        """Children, and children of those, as fast as it goes, until their parents are gone."""
        alive, many = list(roots), 0
        while alive:
            flow = alive[many % len(alive)]
            try:
                connection.execute(CHILDREN, children(flow, 2))
                rows = connection.execute(
                    "select workflow_key, token from claim(%s, max_workflows => 1)", [engine.worker]
                ).fetchall()
                alive += [type(flow)("", key, token) for key, token in rows]
                many += 1
            except psycopg.Error as error:
                if error.sqlstate != "PD004":
                    raise
                alive.remove(flow)
        return many

    def cancel(connection: psycopg.Connection[Any]) -> int:
        ended = 0
        for root in roots:
            connection.execute("select pg_sleep(0.02)")
            ended += connection.execute(TREE, [root.id]).fetchone()[0]
        done.set()
        return ended

    ended, *_ = at_once(database, 4, lambda c, number: start(c, number) if number else cancel(c))
    assert engine.rows("select count(*) from tasks") == [(0,)]
    assert engine.rows("select count(*) from outcomes where status = 'CANCELLED'") == [(ended,)]
    assert engine.violations() == {}


# ------------------------------------------------------------------------------------------- crowds


def test_in_a_crowd_each_workflow_ends_once_and_its_worker_knows_how(engine, database):
    many = 400
    _, owned = engine.claimed(many)
    ids = dict(engine.rows("select key, workflow_id from workflows"))

    def finish(connection: psycopg.Connection[Any]) -> list[int]:
        lost: list[int] = []
        for start in range(0, many, 5):
            batch = owned[start : start + 5]
            refused = connection.execute(
                """select item from finish_many(%s::bigint[], %s::bigint[], array_fill('1'::json, array[%s]))
                   where outcome = 'lease lost'""",
                [[key for key, _ in batch], [token for _, token in batch], len(batch)],
            ).fetchall()
            lost.extend(batch[item - 1][0] for (item,) in refused)
        return lost

    def cancel(connection: psycopg.Connection[Any], number: int) -> list[int]:
        cancelled: list[int] = []
        # From the other end, in batches in another order.
        keys = [key for key, _ in reversed(owned)]
        for start in range(0, many, 7):
            batch = keys[start : start + 7]
            rows = connection.execute(
                "select item from cancel_many(%s) where outcome = 'cancelled'", [[ids[key] for key in batch]]
            ).fetchall()
            cancelled.extend(batch[item - 1] for (item,) in rows)
        return cancelled

    lost, *cancelled = at_once(database, 3, lambda c, number: cancel(c, number) if number else finish(c))
    found = [key for keys in cancelled for key in keys]
    assert len(found) == len(set(found))
    assert set(found) >= set(lost)
    ended = dict(engine.rows("select status::text, array_agg(key order by key) from outcomes group by 1"))
    assert ended.get("CANCELLED", []) == sorted(found)
    assert len(ended.get("SUCCESS", [])) + len(found) == many
    assert engine.violations() == {}


def test_ten_thousand_are_resumed_at_once_while_workers_run(engine, database):
    many = 10_000
    ids = engine.enqueue(many)
    assert engine.value("select count(*) from cancel_many(%s) where outcome = 'cancelled'", [ids]) == many
    engine.enqueue(500)
    resumed = threading.Event()

    def work(connection: psycopg.Connection[Any]) -> list[int]:
        [[executor]] = connection.execute("select register_executor('crowd', '1 hour')").fetchall()
        done: list[int] = []
        while True:
            last = resumed.is_set()
            rows = connection.execute(
                "select workflow_key, token from claim(%s, max_workflows => 500)", [executor]
            ).fetchall()
            keys = [key for key, _ in rows]
            assert not connection.execute(
                "select item from finish_many(%s::bigint[], %s::bigint[], array_fill('1'::json, array[%s]))",
                [keys, [token for _, token in rows], len(keys)],
            ).fetchall()
            done += keys
            if last and not rows:
                return done

    def resume(connection: psycopg.Connection[Any]) -> list[int]:
        try:
            [[many]] = connection.execute(
                "select count(*) from resume_many(%s) where outcome = 'resumed'", [ids]
            ).fetchall()
            return [many]
        finally:
            resumed.set()

    [[again], *done] = at_once(database, 3, lambda c, number: work(c) if number else resume(c))
    assert again == many
    found = [key for keys in done for key in keys]
    assert len(found) == len(set(found)) == many + 500
    assert engine.rows("select status::text, count(*) from outcomes group by 1") == [("SUCCESS", many + 500)]
    assert engine.violations() == {}
