"""A deadline that passes while somebody else holds the workflow: exactly one decides, and all agree."""

import random
import threading
from typing import Any

import psycopg
import pytest

from tests_py.support import wait_until

from .engine import at_once
from .test_notify import Listener

FINISH = "select outcome from finish_many(array[%s]::bigint[], array[%s]::bigint[], array['42']::json[])"
RECORD = (
    "select outcome from record_steps(array[%s]::bigint[], array[%s]::bigint[], array[1], array['s'],"
    " array['1']::json[])"
)
MAINTAIN = "select workflows_timed_out from run_maintenance()"
NEXT = "select workflows_timed_out, next_lapse_in <= interval '0.1 seconds' from run_maintenance()"
WATCH = "select output from get_results(array[%s], watch => true)"
PASS = "update tasks set deadline = clock_timestamp() where key = any (%s)"
CANCELLED = "select 1 from outcomes where status = 'CANCELLED' limit 1"
STATUS = "select status, error ->> 'name' from get_result(%s)"
TIMED_OUT = [("CANCELLED", "WorkflowTimedOut")]


@pytest.fixture
def late(engine):
    """The id, the key and the token of a workflow that runs and whose deadline has just passed."""
    [workflow_id] = engine.enqueue(1, timeout="1 hour")
    [(key, token)] = engine.claim(engine.executor(), 1)
    engine.rows("update tasks set deadline = clock_timestamp() returning 1")
    return workflow_id, key, token


def test_a_timeout_that_meets_a_finish_leaves_it_alone(engine, session, late):
    workflow_id, key, token = late
    finisher, maintainer = session(), session()
    finisher.call("begin")
    assert finisher.call(FINISH, [key, token]) == []
    assert maintainer.call(NEXT) == [(0, True)]
    finisher.call("commit")
    assert maintainer.value(MAINTAIN) == 0
    assert engine.rows(STATUS, [workflow_id]) == [("SUCCESS", None)]
    assert engine.violations() == {}


def test_a_timeout_that_meets_a_finish_which_rolls_back_comes_with_the_next_call(engine, session, late):
    workflow_id, key, token = late
    finisher, maintainer = session(), session()
    finisher.call("begin")
    finisher.call(FINISH, [key, token])
    assert maintainer.value(MAINTAIN) == 0
    finisher.call("rollback")
    assert maintainer.value(MAINTAIN) == 1
    assert engine.rows(STATUS, [workflow_id]) == TIMED_OUT


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("write", [FINISH, RECORD], ids=["finish", "record"])
def test_a_write_that_meets_a_timeout_waits_for_it(engine, session, late, write, end):
    workflow_id, key, token = late
    maintainer, writer = session(), session()
    maintainer.call("begin")
    assert maintainer.value(MAINTAIN) == 1
    pending = writer.begin_call(write, [key, token])
    writer.wait_until_blocked(by=maintainer)
    maintainer.call(end)
    if end == "commit":
        assert pending.result(10) == [("lease lost",)]
        assert engine.rows(STATUS, [workflow_id]) == TIMED_OUT
    else:
        assert pending.result(10) == []
    assert engine.violations() == {}


def test_a_finish_that_had_looked_before_the_timeout_is_refused(engine, session, gate, late):
    workflow_id, key, token = late
    maintainer, finisher = session(), session()
    looked = gate(finisher, "before delete on tasks for each statement")
    pending = finisher.begin_call(FINISH, [key, token])
    looked.wait_until_reached()
    assert maintainer.value(MAINTAIN) == 1
    looked.open()
    assert pending.result(10) == [("lease lost",)]
    assert engine.rows(STATUS, [workflow_id]) == TIMED_OUT


def test_a_timeout_that_meets_a_step_comes_with_the_next_call(engine, session, late):
    workflow_id, key, token = late
    writer, maintainer = session(), session()
    writer.call("begin")
    assert writer.call(RECORD, [key, token]) == []
    assert maintainer.call(NEXT) == [(0, True)]
    writer.call("commit")
    assert maintainer.value(MAINTAIN) == 1
    assert engine.rows("select step from list_steps(%s)", [workflow_id]) == [(1,)]


def test_a_claim_that_meets_a_timeout_hands_nothing_out(engine, session):
    engine.enqueue(1, deadline="2000-01-01 00:00+00")
    maintainer, claiming = session(), session()
    executor = engine.executor()
    maintainer.call("begin")
    assert maintainer.value(MAINTAIN) == 1
    assert claiming.call("select workflow_id from claim(%s)", [executor]) == []
    maintainer.call("rollback")
    assert claiming.call("select workflow_id from claim(%s)", [executor]) == []
    assert engine.rows("select count(*) from tasks") == [(0,)]


CHILD = """
    select workflow_key from start_many(%s, array['child'], array['1']::json[],
      parent_keys => array[%s]::bigint[], parent_tokens => array[%s]::bigint[], parent_steps => array[1])
"""


def test_a_child_that_meets_the_timeout_of_its_parent_is_not_started(engine, session, late):
    _, key, token = late
    executor = engine.executor()
    maintainer, starting = session(), session()
    maintainer.call("begin")
    assert maintainer.value(MAINTAIN) == 1
    pending = starting.begin_call(CHILD, [executor, key, token])
    starting.wait_until_blocked(by=maintainer)
    maintainer.call("commit")
    assert pending.exception(10).sqlstate == "PD004"
    assert engine.rows("select count(*) from workflows") == [(1,)]


def test_of_many_sessions_one_times_it_out(engine, session, late):
    workflow_id, _, _ = late
    sessions = [session() for _ in range(6)]
    pending = [s.begin_call(MAINTAIN) for s in sessions]
    assert sorted(p.result(20) for p in pending) == [[(0,)]] * 5 + [[(1,)]]
    assert engine.rows(STATUS, [workflow_id]) == TIMED_OUT


def test_in_a_crowd_each_workflow_ends_once_and_its_worker_knows_how(engine, database):
    """Their deadlines pass in any order while they are finished, so both sides meet all the time."""
    many = 600
    _, owned = engine.claimed(many)
    chance = random.Random(1)
    finished = threading.Event()

    def finish(connection: psycopg.Connection[Any]) -> list[int]:
        lost: list[int] = []
        for start in range(0, many, 5):
            # Of these and of those that come soon.
            passing = [key for key, _ in chance.sample(owned[start : start + 20], 4)]
            connection.execute(PASS, [passing])
            batch = owned[start : start + 5]
            if start + 5 == many:
                # By now they have met, also when the others were slow.
                wait_until(lambda: connection.execute(CANCELLED).fetchone())
            refused = connection.execute(
                """select item from finish_many(%s::bigint[], %s::bigint[], array_fill('1'::json, array[%s]))
                   where outcome = 'lease lost'""",
                [[key for key, _ in batch], [token for _, token in batch], len(batch)],
            ).fetchall()
            lost.extend(batch[item - 1][0] for (item,) in refused)
        return lost

    def time_out(connection: psycopg.Connection[Any]) -> int:
        ended = 0
        while not finished.is_set():
            ended += connection.execute("select _time_out_due(3)").fetchone()[0]
        return ended

    def work(connection: psycopg.Connection[Any], number: int) -> Any:
        if number:
            return time_out(connection)
        try:
            return finish(connection)
        finally:
            finished.set()

    lost, *timed_out = at_once(database, 3, work)
    ended = dict(engine.rows("select status::text, array_agg(key order by key) from outcomes group by 1"))
    assert ended["CANCELLED"] == sorted(lost)
    assert sum(timed_out) == len(lost)
    assert len(ended["SUCCESS"]) + len(lost) == many
    assert engine.rows("select count(*) from tasks") == [(0,)]
    assert engine.violations() == {}


# ------------------------------------------------------------------------------------- notifications


@pytest.fixture
def cancelled(connect):
    return Listener(connect(), "perdure.cancelled")


def test_the_executor_that_runs_it_is_told(session, late, cancelled):
    workflow_id, _, _ = late
    assert session().value(MAINTAIN) == 1
    assert cancelled.heard() == [workflow_id]


def test_of_what_nobody_runs_no_executor_is_told(engine, session, cancelled):
    _, [(key, token)] = engine.claimed(1)
    engine.rows("update tasks set deadline = clock_timestamp() where key = %s returning 1", [key])
    engine.rows("select suspend(%s, %s)", [key, token])
    engine.enqueue(1, deadline="2000-01-01 00:00+00")
    engine.enqueue(1, deadline="2000-01-01 00:00+00", delay="1 hour")
    assert session().value(MAINTAIN) == 3
    assert cancelled.heard() == []


def test_a_watcher_is_told(connect, session, late):
    workflow_id, _, _ = late
    finished = Listener(connect(), "perdure.finished")
    assert session().call(WATCH, [workflow_id]) == []
    assert session().value(MAINTAIN) == 1
    assert finished.heard() == [workflow_id]


def test_a_watcher_that_meets_a_timeout_gets_the_outcome(session, late):
    workflow_id, _, _ = late
    maintainer, watcher = session(), session()
    maintainer.call("begin")
    assert maintainer.value(MAINTAIN) == 1
    pending = watcher.begin_call("select status from get_results(array[%s], watch => true)", [workflow_id])
    watcher.wait_until_blocked(by=maintainer)
    maintainer.call("commit")
    assert pending.result(10) == [("CANCELLED",)]
