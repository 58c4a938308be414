"""Each tick starts one workflow, whoever fires it, and whoever dies while doing so."""

import random
import threading
import time

import pytest

from tests_py.concurrency.engine import Gate, at_once
from tests_py.queues.engine import QueueEngine

TICKS = "select workflow_id from workflows where workflow_id like 'sched-%' order by 1"


@pytest.fixture
def engine(connect):
    return QueueEngine(connect())


def stop_clock(engine):
    """From now on it is this moment, also for sessions that come later: no minute ends during the test."""
    engine.rows("select set_config('perdure.test_clock', now()::text, false)")
    engine.connection.execute("""
        do $$
        begin
          execute format(
            'alter database %I set perdure.test_clock = %L',
            current_database(), current_setting('perdure.test_clock')
          );
        end
        $$
    """)


def due(engine, many, cron="* * * * *", ago="90 seconds", **settings):
    """Schedules `s1`, `s2`, ... that have been due since then; the clock stands still from now on."""
    stop_clock(engine)
    named = "".join(f", {name} => %({name})s" for name in settings)
    engine.rows(
        f"select create_schedule('s' || i, 'w', %(cron)s{named}) from generate_series(1, %(many)s) as i",
        {"many": many, "cron": cron, **settings},
    )
    engine.rows(
        """update schedules
           set next_at = cron_next(cron, zone, _now() - %s::interval), reckoned_at = _now() - interval '1 day'
           returning 1""",
        [ago],
    )


def minutes(engine, since):
    """The ids of one schedule's ticks from this moment on until now."""
    return engine.value(
        """select count(*) from generate_series(%s::timestamptz, _now(), '1 minute') as tick""", [since]
    )


@pytest.mark.parametrize(
    "call", ["fire_schedules()", "run_maintenance()", "claim({}, max_workflows => 1000)"]
)
def test_many_sessions_that_fire_at_once_start_each_tick_once(engine, database, call):
    due(engine, 200)

    def fire(connection, number):
        executor = connection.execute("select register_executor('test')").fetchone()[0]
        connection.execute(f"select * from {call.format(executor)}")

    at_once(database, 12, fire)

    ids = [workflow_id for (workflow_id,) in engine.rows(TICKS)]
    assert len(ids) == len(set(ids))
    assert engine.value("select count(distinct split_part(workflow_id, '-', 2)) from workflows") == 200
    assert engine.value("select count(*) from schedules where next_at > _now()") == 200
    assert engine.value("select count(*) from workflows") in (200, 400)
    assert engine.violations() == {}


def test_sessions_that_race_through_a_backfill_leave_nothing_out(engine, database):
    due(engine, 5, ago="2 hours", automatic_backfill=True)
    [since] = engine.rows("select distinct next_at from schedules")[0]

    def fire(connection, number):
        chance = random.Random(number)
        for _ in range(300):
            many = chance.choice([1, 3, 100])
            connection.execute("select fire_schedules(%s)", [many])
            connection.execute(
                "select backfill_schedule('s1', _now() - interval '30 minutes', _now(), %s)", [many]
            )
            if connection.execute("select min(next_at) > _now() from schedules").fetchone()[0]:
                return

    at_once(database, 8, fire)

    counted = dict(
        engine.rows("select split_part(workflow_id, '-', 2), count(*) from workflows group by 1 order by 1")
    )
    assert set(counted.values()) == {minutes(engine, since)}
    assert set(counted) == {f"s{i}" for i in range(1, 6)}
    assert engine.violations() == {}


@pytest.mark.parametrize("event", ["insert on workflows", "insert on tasks", "update on schedules"])
@pytest.mark.parametrize("call", ["select fire_schedules()", "select * from run_maintenance()"])
def test_a_session_that_dies_while_it_fires_leaves_the_ticks_to_others(engine, session, event, call):
    due(engine, 3)
    ticks = engine.rows("select name, next_at from schedules order by 1")
    victim, other = session(), session()
    gate = Gate(session(), victim, f"before {event} for each statement")
    pending = victim.begin_call(call)
    gate.wait_until_reached()
    if event == "update on schedules":
        # What it has fired it holds: others pass it over, and do not wait.
        assert other.value("select fire_schedules()") == 0
    victim.kill()
    assert pending.exception(10) is not None
    gate.open()

    assert engine.rows(TICKS) == []
    assert engine.rows("select name, next_at from schedules order by 1") == ticks
    assert other.value("select fire_schedules()") == 3
    assert other.value("select fire_schedules()") == 0
    assert len(engine.rows(TICKS)) == 3
    assert engine.violations() == {}


def test_a_tick_that_another_session_fires_is_not_waited_for(engine, session):
    due(engine, 2)
    first, second = session(), session()
    first.call("begin")
    first.call("select from schedules where name = 's1' for update")
    assert second.value("select fire_schedules()") == 1
    first.call("commit")
    assert second.value("select fire_schedules()") == 1


def test_programs_that_apply_the_same_schedules_do_not_stand_in_each_others_way(engine, database):
    names = [f"s{i}" for i in range(40)]

    def apply(connection, number):
        shuffled = random.Random(number).sample(names, len(names))
        told = []
        for turn in range(5):
            items = ",".join(
                f'{{"schedule": "{n}", "workflow": "w", "cron": "{turn} * * * *"}}' for n in shuffled
            )
            told += connection.execute("select outcome from apply_schedules(%s)", [f"[{items}]"]).fetchall()
        return [outcome for (outcome,) in told]

    told = [outcome for each in at_once(database, 8, apply) for outcome in each]

    assert told.count("created") == 40
    assert engine.value("select count(*) from schedules") == 40
    assert engine.value("select count(distinct cron) from schedules") == 1


def test_a_schedule_that_is_changed_while_it_fires_has_one_state(engine, database):
    """Pausing, resuming, applying and deleting race with the ticks of each second."""
    ended = threading.Event()

    def work(connection, number):
        if number < 4:
            while not ended.is_set():
                connection.execute("select fire_schedules()")
            return
        chance = random.Random(number)
        line = '[{"schedule": "s", "workflow": "w", "cron": "* * * * * *"}]'
        try:
            until = time.monotonic() + 3
            while time.monotonic() < until:
                connection.execute("select apply_schedules(%s)", [line])
                verb = chance.choice(
                    ["pause_schedule", "resume_schedule", "trigger_schedule", "delete_schedule"]
                )
                connection.execute(
                    "do $$ begin perform " + verb + "('s'); exception when sqlstate 'PD020' then null; end $$"
                )
        finally:
            ended.set()

    at_once(database, 7, work)

    assert engine.rows("select from schedules where paused <> (next_at is null)") == []
    assert engine.violations() == {}


def test_an_idle_worker_is_told_of_a_tick(engine, connect):
    listener = connect()
    listener.execute('listen "perdure.work"')
    engine.rows("select * from claim(%s, array['default'])", [engine.executor()])
    due(engine, 1)
    engine.rows("select fire_schedules()")
    (notice,) = listener.notifies(timeout=10, stop_after=1)
    assert notice.payload == "default"
