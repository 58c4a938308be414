"""A workflow that fails is run again as often as it was asked for, each time after a longer wait."""

from datetime import datetime, timedelta, timezone

import pytest

from .engine import refusal

START = datetime(2030, 1, 1, tzinfo=timezone.utc)
CLAIM = "select workflow_key, token, attempt, steps from claim(%s)"
FAIL = "select finish(%s, %s, error => %s)"
ENQUEUE = """
    select enqueue('w', retries => 4, retry_interval => '10 seconds', retry_backoff => 3,
                   retry_max_interval => '1 minute')
"""


def move_clock(session, seconds):
    session.call(f"set perdure.test_clock = '{START + timedelta(seconds=seconds)}'")


def test_each_failure_is_followed_by_a_longer_wait_until_the_retries_are_spent(engine, session):
    worker, executor = session(), engine.executor()
    move_clock(worker, 0)
    workflow_id = worker.value(ENQUEUE)
    now = 0.0
    for number, wait in enumerate((10, 30, 60, 60)):
        [(key, token, attempt, _)] = worker.call(CLAIM, [executor])
        assert attempt == 1  # what is counted are the deaths of its workers
        assert worker.value(FAIL, [key, token, f'{{"name": "E{number}"}}']) is False
        assert worker.value("select status from get_result(%s)", [workflow_id]) == "DELAYED"
        move_clock(worker, now + wait - 0.001)
        assert worker.call(CLAIM, [executor]) == []
        now += wait
        move_clock(worker, now)
    [(key, token, _, _)] = worker.call(CLAIM, [executor])
    assert worker.value(FAIL, [key, token, '{"name": "the last"}']) is True
    assert worker.call("select * from get_result(%s)", [workflow_id]) == [
        ("ERROR", None, {"name": "the last"})
    ]
    assert engine.violations() == {}


def test_a_retry_that_succeeds_is_a_success(engine):
    [workflow_id] = engine.enqueue(1, retries=1, retry_interval="0")
    executor = engine.executor()
    [(key, token, _, _)] = engine.rows(CLAIM, [executor])
    engine.rows(FAIL, [key, token, "{}"])
    [(key, token, _, _)] = engine.rows(CLAIM, [executor])
    engine.rows("select finish(%s, %s, '1')", [key, token])
    assert engine.rows("select * from get_result(%s)", [workflow_id]) == [("SUCCESS", 1, None)]


def test_the_steps_that_succeeded_are_kept_and_the_error_it_ended_with_is_forgotten(engine):
    engine.enqueue(1, retries=1, retry_interval="0")
    executor = engine.executor()
    [(key, token, _, _)] = engine.rows(CLAIM, [executor])
    step = "select record_step(%s, %s, %s, %s, output => %s, error => %s)"
    engine.rows(step, [key, token, 1, "caught", None, "{}"])
    engine.rows(step, [key, token, 2, "fine", "2", None])
    engine.rows(step, [key, token, 3, "fatal", None, "{}"])
    engine.rows("select * from fail_step(%s, %s, 4, 'being retried', '{}', 1, 5)", [key, token])
    engine.rows(FAIL, [key, token, "{}"])
    [(_, _, _, steps)] = engine.rows(CLAIM, [executor])
    assert [(s["step"], s["name"], s["output"], s["completed"]) for s in steps] == [
        (1, "caught", None, True),
        (2, "fine", 2, True),
    ]


@pytest.mark.parametrize("loss", ["taken over", "handed back", "suspended", "retried"])
def test_the_failure_of_a_superseded_worker_does_not_count(engine, loss):
    engine.enqueue(1, retries=1, retry_interval="0")
    first, second = engine.executor(), engine.executor()
    [(key, token, _, _)] = engine.rows(CLAIM, [first])
    if loss == "taken over":
        engine.lapse(first)
        engine.maintain()
    elif loss == "handed back":
        engine.rows("select deregister_executor(%s)", [first])
    elif loss == "suspended":
        engine.rows("select suspend(%s, %s)", [key, token])
    else:
        engine.rows(FAIL, [key, token, "{}"])
    before = engine.rows("select * from tasks")
    # Told, not raised: raising would undo what it had done.
    late = "select outcome from finish_many(array[%s], array[%s], '{null}', array['{}'::json])"
    assert engine.rows(late, [key, token]) == [("lease lost",)]
    assert engine.rows("select * from tasks") == before
    engine.rows(CLAIM, [second])
    before = engine.rows("select * from tasks")
    assert engine.rows(late, [key, token]) == [("lease lost",)]
    assert engine.rows("select * from tasks") == before


def test_a_failure_that_meets_a_takeover_counts_or_is_refused(engine, session):
    for order in ("takeover first", "failure first"):
        engine.enqueue(1, retries=1, retry_interval="0")
        executor = engine.executor()
        [(key, token, _, _)] = engine.rows(CLAIM, [executor])
        engine.lapse(executor)
        failing, maintaining = session(), session()
        if order == "takeover first":
            maintaining.call("begin")
            assert maintaining.value("select workflows_requeued from run_maintenance()") == 1
            pending = failing.begin_call(FAIL, [key, token, "{}"])
            failing.wait_until_blocked(by=maintaining)
            maintaining.call("commit")
            assert refusal(lambda: pending.result(10)) == "PD004"  # noqa: B023
        else:
            failing.call("begin")
            assert failing.value(FAIL, [key, token, "{}"]) is False
            assert maintaining.value("select workflows_requeued from run_maintenance()") == 0
            failing.call("commit")
        expected = 0 if order == "takeover first" else 1
        assert engine.value("select failures from tasks where key = %s", [key]) == expected
        engine.connection.execute("delete from tasks")
        engine.connection.execute("delete from workflows")


def test_deaths_of_its_workers_between_failures_begin_anew(engine):
    [workflow_id] = engine.enqueue(1, retries=1, retry_interval="0", max_recovery_attempts=1)
    for end in ("die", "fail", "die", "die"):
        executor = engine.executor()
        [(key, token, _, _)] = engine.rows(CLAIM, [executor])
        if end == "die":
            engine.lapse(executor)
            engine.maintain()
        else:
            engine.rows(FAIL, [key, token, "{}"])
    assert (
        engine.value("select status from get_result(%s)", [workflow_id]) == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
    )


def test_a_failed_workflow_gives_back_its_place_and_waits_for_a_new_one(engine):
    engine.register("q", concurrency=1)
    engine.enqueue(2, queue="q", retries=1, retry_interval="0")
    executor = engine.executor()
    [(failed, token, _, _)] = engine.rows(CLAIM, [executor])
    engine.rows(FAIL, [failed, token, "{}"])
    # It has its old place in the order, ahead of the other.
    assert [row[0] for row in engine.rows(CLAIM, [executor])] == [failed]
    assert engine.rows(CLAIM, [executor]) == []


def test_of_one_batch_some_end_some_are_retried_and_some_are_lost(engine):
    engine.enqueue(2)
    engine.enqueue(2, retries=1)
    executor = engine.executor()
    owned = engine.claim(executor, 4)
    rows = engine.rows(
        "select item, outcome from finish_many(%s, %s, array_fill('1'::json, array[5]), %s::json[])",
        [[key for key, _ in owned] + [owned[0][0]], [token for _, token in owned] + [-1],
         ["{}", None, "{}", None, "{}"]],
    )  # fmt: skip
    assert rows == [(3, "will be retried"), (5, "lease lost")]
    ended = engine.rows("select key, status::text from outcomes order by key")
    assert ended == [(owned[0][0], "ERROR"), (owned[1][0], "SUCCESS"), (owned[3][0], "SUCCESS")]
