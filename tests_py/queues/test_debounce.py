"""Debouncing: of calls that come close together the last one's input runs, once, and none is lost."""

import random
import threading
import time
from collections import defaultdict
from datetime import datetime, timedelta, timezone

import pytest

from tests_py.concurrency.engine import at_once

from .engine import CLAIM, refusal

DEBOUNCE = "select debounce('w', 'k', %(delay)s, input => %(input)s, max_delay => %(most)s)"

START = datetime(2030, 1, 1, tzinfo=timezone.utc)


def call(session, number, delay="10 seconds", most=None):
    return session.value(DEBOUNCE, {"delay": delay, "input": str(number), "most": most})


def move_clock(session, seconds):
    session.call(f"set perdure.test_clock = '{START + timedelta(seconds=seconds)}'")


def claim(session, executor):
    """The ids and inputs that a claim gets."""
    return session.call("select workflow_id, input from claim(%s, max_workflows => 100)", [executor])


class Calls:
    """What was called and acknowledged: for each workflow its calls, as (begin, end, input)."""

    def __init__(self):
        self.by_workflow = defaultdict(list)
        self._lock = threading.Lock()

    def make(self, connection, number, **options):
        begun = time.monotonic()
        params = {"delay": "1 hour", "most": None, **options, "input": str(number)}
        [workflow_id] = connection.execute(DEBOUNCE, params).fetchone()
        with self._lock:
            self.by_workflow[workflow_id].append((begun, time.monotonic(), number))

    def superseded_only(self, workflow_id, ran):
        """Whether no call of this workflow began after the one that ran had ended."""
        calls = self.by_workflow[workflow_id]
        [(_, ended, _)] = [made for made in calls if made[2] == ran]
        return all(begun <= ended for begun, _, number in calls if number != ran)


@pytest.mark.parametrize("attempt", range(3))
def test_30_sessions_make_one_workflow_that_runs_with_the_last_input(engine, database, attempt):
    calls = Calls()
    at_once(
        database,
        30,
        lambda connection, number: [calls.make(connection, 1000 * turn + number) for turn in range(3)],
    )
    [workflow_id] = calls.by_workflow
    assert len(calls.by_workflow[workflow_id]) == 90
    engine.rows("select set_delay(%s, '0')", [workflow_id])
    [(claimed, ran)] = engine.rows("select workflow_id, input from claim(%s)", [engine.executor()])
    assert claimed == workflow_id
    assert calls.superseded_only(workflow_id, ran)
    assert engine.violations() == {}


def test_calls_that_race_with_the_wake_up_are_never_lost(engine, database):
    """Each acknowledged input runs, or one that was called after it does; each workflow runs once."""
    calls = Calls()
    over = threading.Event()
    begun = time.monotonic()
    ran = []

    def debounce(connection, number):
        chance = random.Random(number)
        serial = 0
        # So many of them run in a fraction of that time, on all but a very slow machine.
        while time.monotonic() < begun + 4 or len(ran) <= 50:
            calls.make(
                connection,
                number * 1_000_000 + serial,
                delay=f"{chance.randint(1, 8)} ms",
                most=f"{chance.randint(8, 20)} ms",
            )
            serial += 1

    def run(connection):
        [executor] = connection.execute("select register_executor('test', '1 hour')").fetchone()
        while True:
            last = over.is_set()
            rows = connection.execute(
                "select workflow_key, token, workflow_id, input from claim(%s, max_workflows => 10)",
                [executor],
            ).fetchall()
            for key, token, workflow_id, value in rows:
                connection.execute("select finish(%s, %s)", [key, token])
                ran.append((workflow_id, value))
            if last and not rows and not connection.execute("select from tasks").fetchall():
                return

    debouncing: list[int] = []

    def work(connection, number):
        if number < 4:
            run(connection)
            return
        try:
            debounce(connection, number)
        finally:
            debouncing.append(number)
            if len(debouncing) == 8:
                over.set()

    at_once(database, 12, work)
    inputs = dict(ran)
    assert len(inputs) == len(ran) > 50
    assert set(inputs) == set(calls.by_workflow)
    assert sum(len(made) for made in calls.by_workflow.values()) > len(ran)
    assert [w for w, value in ran if not calls.superseded_only(w, value)] == []
    # What was handed out was not changed any more.
    assert dict(engine.rows("select workflow_id, input from workflows")) == inputs
    assert engine.violations() == {}


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_a_call_that_meets_a_wake_up_waits_for_it(engine, session, ending):
    first = engine.value(DEBOUNCE, {"delay": "1 ms", "input": "1", "most": None})
    engine.rows("update tasks set wake_at = clock_timestamp() - interval '1 s' returning 1")
    waking, calling, executor = session(), session(), engine.executor()
    waking.call("begin")
    assert claim(waking, executor) == [(first, 1)]
    pending = calling.begin_call(DEBOUNCE, {"delay": "1 ms", "input": "2", "most": None})
    calling.wait_until_blocked(by=waking)
    waking.call(ending)
    [(second,)] = pending.result(10)
    # It began anew, or it replaced the input of the one that was not woken after all.
    assert (second == first) == (ending == "rollback")
    engine.rows(
        "update tasks set wake_at = clock_timestamp() - interval '1 s' where wake_at is not null returning 1"
    )
    assert claim(calling, executor) == [(second, 2)]
    assert engine.violations() == {}


def test_a_wake_up_that_meets_a_call_leaves_it_for_the_next(engine, session):
    first = engine.value(DEBOUNCE, {"delay": "1 ms", "input": "1", "most": "1 ms"})
    engine.rows("update tasks set wake_at = clock_timestamp() - interval '1 s' returning 1")
    engine.rows("update workflows set created_at = created_at - interval '1 hour' returning 1")
    calling, waking, executor = session(), session(), engine.executor()
    calling.call("begin")
    assert call(calling, 2, delay="1 ms", most="1 ms") == first
    assert claim(waking, executor) == []
    calling.call("commit")
    assert claim(waking, executor) == [(first, 2)]


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_a_call_that_meets_the_first_one_waits_for_it(engine, session, ending):
    first, second = session(), session()
    first.call("begin")
    one = call(first, 1)
    pending = second.begin_call(DEBOUNCE, {"delay": "10 seconds", "input": "2", "most": None})
    second.wait_until_blocked(by=first)
    first.call(ending)
    [(other,)] = pending.result(10)
    assert (other == one) == (ending == "commit")
    assert engine.rows("select workflow_id, input from workflows") == [(other, 2)]


def test_an_input_that_is_rolled_back_does_not_run(engine, session):
    calling, rolling_back = session(), session()
    first = call(calling, 1)
    rolling_back.call("begin")
    assert call(rolling_back, 2) == first
    rolling_back.call("rollback")
    assert engine.rows("select workflow_id, input from workflows") == [(first, 1)]


def test_each_call_puts_the_start_off_by_its_delay(engine, session):
    calling, executor = session(), engine.executor()
    for number, second in enumerate((0, 9, 18, 27)):
        move_clock(calling, second)
        assert claim(calling, executor) == []
        call(calling, number)
    move_clock(calling, 36.999)
    assert claim(calling, executor) == []
    move_clock(calling, 37)
    assert [value for _, value in claim(calling, executor)] == [3]


def test_max_delay_bounds_it_from_the_first_call_on(engine, session):
    calling, executor = session(), engine.executor()
    ids = set()
    for number, second in enumerate((0, 8, 16, 24, 29)):
        move_clock(calling, second)
        assert claim(calling, executor) == []
        ids.add(call(calling, number, most="30 seconds"))
    move_clock(calling, 29.999)
    assert claim(calling, executor) == []
    move_clock(calling, 30)
    [(workflow_id, value)] = claim(calling, executor)
    assert ({workflow_id}, value) == (ids, 4)

    # The next call begins anew, with a bound of its own.
    second = call(calling, 5, most="30 seconds")
    assert second not in ids
    move_clock(calling, 39)
    assert claim(calling, executor) == []
    move_clock(calling, 40)
    assert claim(calling, executor) == [(second, 5)]


def test_a_call_between_the_moment_and_the_wake_up_replaces_the_input_and_is_bounded(engine, session):
    calling, executor = session(), engine.executor()
    move_clock(calling, 0)
    first = call(calling, 1, most="15 seconds")
    move_clock(calling, 20)
    assert call(calling, 2, most="15 seconds") == first
    assert claim(calling, executor) == [(first, 2)]


def test_keys_belong_to_a_queue_and_to_a_partition(engine):
    engine.register("q", partitioned=True)
    places = [("default", None), ("q", "a"), ("q", "b")]
    ids = {
        engine.value("select debounce('w', 'k', '1 hour', queue => %s, partition_key => %s)", place)
        for place in places * 2
    }
    assert len(ids) == 3


def test_an_id_that_is_given_starts_one_workflow_once(engine):
    query = "select debounce('w', 'k', '1 ms', input => %s, workflow_id => 'id')"
    assert engine.value(query, ["1"]) == "id"
    assert engine.value(query, ["2"]) == "id"
    engine.rows("update tasks set wake_at = clock_timestamp() returning 1")
    executor = engine.executor()
    engine.claim(executor, 1)
    engine.finish_all(executor)
    assert engine.value(query, ["3"]) == "id"
    assert engine.rows("select input from workflows") == [(2,)]
    assert engine.violations() == {}


def test_a_key_that_is_held_otherwise_is_refused(engine):
    engine.enqueue(1, deduplication_ids=["k"])
    assert refusal(lambda: engine.rows(DEBOUNCE, {"delay": "1 s", "input": "1", "most": None})) == "PD012"
    engine.rows("select debounce('w', 'other', '1 s')")
    assert refusal(lambda: engine.rows("select debounce('x', 'other', '1 s')")) == "PD012"
    assert refusal(lambda: engine.rows("select enqueue('w', deduplication_id => 'other')")) == "PD012"


def test_a_debounced_workflow_that_runs_holds_its_key_no_more(engine, session):
    first = engine.value(DEBOUNCE, {"delay": "1 ms", "input": "1", "most": None})
    engine.rows("select set_delay(%s, '0')", [first])
    executor = engine.executor()
    [(key, token)] = engine.rows(CLAIM, [executor, 1])
    second = engine.value(DEBOUNCE, {"delay": "1 hour", "input": "2", "most": None})
    assert second != first
    # And gives up nothing when it ends.
    engine.rows("select finish(%s, %s)", [key, token])
    assert engine.value(DEBOUNCE, {"delay": "1 hour", "input": "3", "most": None}) == second
    assert engine.violations() == {}
