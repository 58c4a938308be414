"""Notifications: a watcher gets the result or is told of it; idle workers are told of work, busy ones not."""

import uuid

import psycopg
import pytest

WATCH = "select output from get_results(array[%s], watch => true)"
FINISH = "select * from finish_many(array[%s]::bigint[], array[%s]::bigint[], array['42']::json[])"
CLAIM = "select workflow_key, token from claim(%s, %s, %s)"


class Listener:
    """A session that listens on one channel."""

    def __init__(self, connection: psycopg.Connection, channel: str) -> None:
        self._connection = connection
        self._channel = channel
        connection.execute(f'listen "{channel}"')

    def heard(self) -> list[str]:
        """The payloads of all notifications that were committed since the last time.

        Notifications arrive in the order of commits, so nothing that was committed before can follow
        one that is sent now.
        """
        last = str(uuid.uuid4())
        self._connection.execute("select pg_notify(%s, %s)", [self._channel, last])
        payloads: list[str] = []
        for notification in self._connection.notifies():
            if notification.payload == last:
                break
            payloads.append(notification.payload)
        return payloads


@pytest.fixture
def finished(connect):
    return Listener(connect(), "perdure.finished")


@pytest.fixture
def work(connect):
    return Listener(connect(), "perdure.work")


@pytest.fixture
def running(engine):
    """The id, the key and the token of a workflow that is running."""
    [workflow_id] = engine.enqueue(1)
    [(key, token)] = engine.claim(engine.executor(), 1)
    return workflow_id, key, token


def test_a_watcher_that_came_before_the_finish_is_told(session, running, finished):
    workflow_id, key, token = running
    assert session().call(WATCH, [workflow_id]) == []
    session().call(FINISH, [key, token])
    assert finished.heard() == [workflow_id]


def test_a_watcher_that_came_after_the_finish_gets_the_result(session, running, finished):
    workflow_id, key, token = running
    session().call(FINISH, [key, token])
    assert session().call(WATCH, [workflow_id]) == [(42,)]
    assert finished.heard() == []


def test_a_finish_without_a_watcher_tells_nobody(session, running, finished):
    workflow_id, key, token = running
    assert session().call("select * from get_results(array[%s])", [workflow_id]) == []
    session().call(FINISH, [key, token])
    assert finished.heard() == []


def test_a_watcher_that_meets_a_finish_waits_for_the_result(session, running, finished):
    workflow_id, key, token = running
    finisher, watcher = session(), session()
    finisher.call("begin")
    finisher.call(FINISH, [key, token])
    pending = watcher.begin_call(WATCH, [workflow_id])
    watcher.wait_until_blocked(by=finisher)
    finisher.call("commit")
    assert pending.result(10) == [(42,)]


def test_a_watcher_that_meets_a_finish_which_rolls_back_is_told_of_the_next(session, running, finished):
    workflow_id, key, token = running
    finisher, watcher = session(), session()
    finisher.call("begin")
    finisher.call(FINISH, [key, token])
    pending = watcher.begin_call(WATCH, [workflow_id])
    watcher.wait_until_blocked(by=finisher)
    finisher.call("rollback")
    assert pending.result(10) == []
    finisher.call(FINISH, [key, token])
    assert finished.heard() == [workflow_id]


def test_a_finish_that_meets_a_watcher_waits_and_tells_it(session, running, finished):
    workflow_id, key, token = running
    finisher, watcher = session(), session()
    watcher.call("begin")
    assert watcher.call(WATCH, [workflow_id]) == []
    pending = finisher.begin_call(FINISH, [key, token])
    finisher.wait_until_blocked(by=watcher)
    watcher.call("commit")
    assert pending.result(10) == []
    assert finished.heard() == [workflow_id]


def test_a_finish_that_meets_a_watcher_which_rolls_back_tells_nobody(session, running, finished):
    workflow_id, key, token = running
    finisher, watcher = session(), session()
    watcher.call("begin")
    watcher.call(WATCH, [workflow_id])
    pending = finisher.begin_call(FINISH, [key, token])
    finisher.wait_until_blocked(by=watcher)
    watcher.call("rollback")
    assert pending.result(10) == []
    assert finished.heard() == []


def test_a_finish_that_had_looked_before_the_watcher_came_tells_it(session, gate, running, finished):
    workflow_id, key, token = running
    finisher, watcher = session(), session()
    looked = gate(finisher, "before delete on tasks for each statement")
    pending = finisher.begin_call(FINISH, [key, token])
    looked.wait_until_reached()
    assert watcher.call(WATCH, [workflow_id]) == []
    looked.open()
    assert pending.result(10) == []
    assert finished.heard() == [workflow_id]


def test_a_watcher_that_had_looked_before_the_finish_gets_the_result(session, gate, running, finished):
    workflow_id, key, token = running
    finisher, watcher = session(), session()
    looked = gate(watcher, "before update on tasks for each statement")
    pending = watcher.begin_call(WATCH, [workflow_id])
    looked.wait_until_reached()
    finisher.call(FINISH, [key, token])
    looked.open()
    assert pending.result(10) == [(42,)]


def test_a_second_watcher_waits_for_the_first_and_both_are_told(session, running, finished, connect):
    workflow_id, key, token = running
    first, second = session(), session()
    also_finished = Listener(connect(), "perdure.finished")
    first.call("begin")
    first.call(WATCH, [workflow_id])
    pending = second.begin_call(WATCH, [workflow_id])
    second.wait_until_blocked(by=first)
    # The mark of the first is lost; that of the second must be written none the less.
    first.call("rollback")
    assert pending.result(10) == []
    second.call(FINISH, [key, token])
    assert finished.heard() == also_finished.heard()[:1] == [workflow_id]


def test_a_watcher_is_told_by_whoever_ends_the_workflow_in_the_end(engine, session, running, finished):
    workflow_id, key, token = running
    session().call(WATCH, [workflow_id])
    engine.rows("select suspend(%s, %s)", [key, token])
    executor = engine.executor()
    engine.claim(executor, 1)
    engine.lapse(executor)
    assert engine.maintain() == 1
    assert finished.heard() == []

    executor = engine.executor()
    [(_, token)] = engine.claim(executor, 1)
    session().call(FINISH, [key, token])
    assert finished.heard() == [workflow_id]


def test_a_watcher_is_told_when_the_workflow_is_dead_lettered(engine, session, finished):
    [watched, other] = engine.enqueue(2, max_recovery_attempts=0)
    executor = engine.executor()
    engine.claim(executor, 2)
    session().call(WATCH, [watched])
    engine.lapse(executor)
    assert engine.maintain() == 2
    assert finished.heard() == [watched]
    assert engine.value("select status from get_result(%s)", [other]) == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"


def test_a_watcher_of_many_gets_what_has_ended_and_is_told_of_the_rest(engine, session, finished):
    ids = engine.enqueue(6)
    owned = engine.claim(engine.executor(), 6)
    finisher, watcher = session(), session()
    finisher.call(FINISH, list(owned[0]))
    finisher.call("begin")
    finisher.call(FINISH, list(owned[1]))
    pending = watcher.begin_call(
        "select workflow_id from get_results(%s, watch => true)", [list(reversed(ids))]
    )
    watcher.wait_until_blocked(by=finisher)
    finisher.call("commit")
    assert sorted(pending.result(10)) == sorted((workflow_id,) for workflow_id in ids[:2])
    for key, token in owned[2:]:
        finisher.call(FINISH, [key, token])
    assert finished.heard() == ids[2:]


def test_enqueueing_tells_an_idle_worker(engine, work):
    executor = engine.executor()
    assert engine.claim(executor, 1) == []
    engine.enqueue(1)
    assert work.heard() == ["default"]


def test_a_claim_that_found_less_than_it_asked_for_counts_as_idle(engine, work):
    engine.enqueue(3)
    assert len(engine.claim(engine.executor(), 4)) == 3
    engine.enqueue(1)
    assert work.heard() == ["default"]


def test_enqueueing_tells_nobody_when_no_worker_ever_asked(engine, work):
    engine.enqueue(1)
    assert work.heard() == []


def test_enqueueing_tells_nobody_while_the_queue_is_busy(engine, work):
    executor = engine.executor()
    assert engine.claim(executor, 1) == []
    engine.enqueue(2)
    assert work.heard() == ["default"]
    # From a claim on that found all it asked for.
    assert len(engine.claim(executor, 2)) == 2
    engine.enqueue(2)
    assert work.heard() == []


def test_enqueueing_tells_nobody_when_the_idle_worker_was_there_long_ago(engine, work):
    assert engine.claim(engine.executor(), 1) == []
    engine.rows(
        "update queues set listening_until = clock_timestamp() where listening_until > now() returning 1"
    )
    engine.enqueue(1)
    assert work.heard() == []


def test_enqueueing_into_a_queue_that_the_idle_worker_does_not_serve_tells_nobody(engine, work):
    for queue in ("a", "b"):
        engine.rows("select register_queue(%s)", [queue])
    assert engine.rows(CLAIM, [engine.executor(), ["a"], 1]) == []
    engine.enqueue(1, queue="b")
    assert work.heard() == []
    engine.enqueue(1, queue="a")
    assert work.heard() == ["a"]


def test_a_transaction_that_enqueues_often_tells_once(engine, session, work):
    engine.claim(engine.executor(), 1)
    client = session()
    client.call("begin")
    for _ in range(3):
        client.call("select enqueue('w')")
    client.call("select * from enqueue_many('w', array_fill(null::json, array[100]))")
    assert work.heard() == []
    client.call("commit")
    assert work.heard() == ["default"]


def test_a_transaction_that_is_rolled_back_tells_nobody(engine, session, work):
    engine.claim(engine.executor(), 1)
    client = session()
    client.call("begin")
    client.call("select enqueue('w')")
    client.call("rollback")
    assert work.heard() == []


@pytest.mark.parametrize(
    "give_back",
    [
        "select suspend(%(key)s, %(token)s)",
        "select release(%(key)s, %(token)s)",
        "select deregister_executor(%(executor)s)",
        "select reconcile(%(executor)s, '{}')",
        """with lapsed as (update executors set lease_until = now() - interval '1 second' returning 1)
           select * from lapsed; select executors_lapsed from run_maintenance()""",
    ],
    ids=["suspend", "release", "deregister_executor", "reconcile", "run_maintenance"],
)
def test_work_that_comes_back_to_its_queue_tells_an_idle_worker(engine, work, give_back):
    executor, [(key, token)] = engine.claimed(1)
    assert engine.claim(engine.executor(), 1) == []
    cursor = psycopg.ClientCursor(engine.connection)
    cursor.execute(give_back, {"executor": executor, "key": key, "token": token})
    assert engine.keys("ENQUEUED") == [key]
    assert work.heard() == ["default"]


def test_work_that_comes_back_to_wait_tells_nobody(engine, work):
    _, [(key, token)] = engine.claimed(1)
    assert engine.claim(engine.executor(), 1) == []
    engine.rows("select suspend(%s, %s, interval '1 hour')", [key, token])
    assert work.heard() == []


def test_a_direct_start_tells_nobody(engine, work):
    executor = engine.executor()
    assert engine.claim(executor, 1) == []
    engine.rows("select * from start(%s, 'w')", [executor])
    assert work.heard() == []


def test_marking_a_queue_as_idle_does_not_wait_for_another_that_marks_it(engine, session, work):
    first, second = session(), session()
    first.call("begin")
    assert first.call(CLAIM, [engine.executor(), None, 1]) == []
    assert second.call(CLAIM, [engine.executor(), None, 1]) == []
    first.call("commit")
    engine.enqueue(1)
    assert work.heard() == ["default"]


def test_idle_workers_are_told_of_a_paused_queue_when_it_goes_on(engine, work):
    assert engine.claim(engine.executor(), 1) == []
    engine.rows("select pause_queue('default')")
    [workflow_id] = engine.enqueue(1)
    engine.rows("select cancel(%s)", [workflow_id])
    engine.rows("select resume(%s)", [workflow_id])
    engine.rows("select fork(%s)", [workflow_id])
    assert work.heard() == []
    engine.rows("select resume_queue('default')")
    assert work.heard() == ["default"]


def test_work_that_every_worker_serves_is_told_without_a_name(engine, work):
    idle, dead = engine.executor(), engine.executor()
    assert engine.claim(idle, 1) == []
    engine.rows("select start(%s, 'w')", [dead])
    engine.lapse(dead)
    engine.maintain()
    assert work.heard() == [""]
