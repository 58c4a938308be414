"""An id starts one workflow, once, however many sessions ask for it at the same moment."""

import psycopg
import pytest

from tests_py.support import wait_until

from .engine import at_once

# Each answers with one row: whether this call created the workflow.
STARTS = {
    "enqueue_many": """select created from enqueue_many(%(name)s, array['1']::json[],
        workflow_ids => array['same'])""",
    "start_many": """select token is not null from start_many(%(executor)s, array[%(name)s],
        array['1']::json[], workflow_ids => array['same'])""",
}

every_start = pytest.mark.parametrize("start", STARTS)


def wait_until_all_blocked(engine, sessions):
    pids = [session.pid for session in sessions]
    wait_until(
        lambda: (
            engine.value(
                "select count(*) from unnest(%s::int[]) as pid where cardinality(pg_blocking_pids(pid)) > 0",
                [pids],
            )
            == len(pids)
        )
    )


@every_start
def test_of_fifty_sessions_that_start_one_id_at_once_one_creates_it(engine, database, start):
    executor = engine.executor()
    created = at_once(
        database,
        50,
        lambda connection, _: connection.execute(
            STARTS[start], {"name": "w", "executor": executor}
        ).fetchone()[0],
    )
    assert sorted(created) == [False] * 49 + [True]
    assert engine.rows("select workflow_id from workflows") == [("same",)]
    assert engine.violations() == {}


@every_start
def test_those_who_wait_for_the_first_are_told_that_it_exists(engine, session, start):
    arguments = {"name": "w", "executor": engine.executor()}
    first, *others = (session() for _ in range(12))
    first.call("begin")
    assert first.call(STARTS[start], arguments) == [(True,)]
    pending = [other.begin_call(STARTS[start], arguments) for other in others]
    wait_until_all_blocked(engine, others)

    first.call("commit")
    assert [answer.result(10) for answer in pending] == [[(False,)]] * 11
    assert engine.violations() == {}


@every_start
def test_when_the_first_rolls_back_one_of_those_who_wait_creates_it(engine, session, start):
    arguments = {"name": "w", "executor": engine.executor()}
    first, *others = (session() for _ in range(12))
    first.call("begin")
    first.call(STARTS[start], arguments)
    pending = [other.begin_call(STARTS[start], arguments) for other in others]
    wait_until_all_blocked(engine, others)

    first.call("rollback")
    assert sorted(answer.result(10) for answer in pending) == [[(False,)]] * 10 + [[(True,)]]
    assert engine.violations() == {}


@every_start
def test_those_who_wait_with_another_name_are_refused(engine, session, start):
    arguments = {"name": "w", "executor": engine.executor()}
    first, other = session(), session()
    first.call("begin")
    first.call(STARTS[start], arguments)
    pending = other.begin_call(STARTS[start], arguments | {"name": "another"})
    other.wait_until_blocked(by=first)

    first.call("commit")
    with pytest.raises(psycopg.Error, match="belongs to a workflow named 'w'") as caught:
        pending.result(10)
    assert caught.value.sqlstate == "PD003"
    assert engine.rows("select name from workflows") == [("w",)]


def test_a_crowd_with_two_names_for_one_id_ends_with_one_name(engine, database):
    executor = engine.executor()

    def start(connection, number):
        name = ("one", "two")[number % 2]
        try:
            return (
                name,
                connection.execute(STARTS["start_many"], {"name": name, "executor": executor}).fetchone()[0],
            )
        except psycopg.Error as error:
            return name, error.sqlstate

    told = at_once(database, 50, start)
    [winner] = [name for name, created in told if created is True]
    assert engine.rows("select name from workflows") == [(winner,)]
    assert {created for name, created in told if name == winner} == {True, False}
    assert {created for name, created in told if name != winner} == {"PD003"}


def test_batches_with_the_same_ids_in_opposite_order_do_not_deadlock(engine, session, gate):
    enqueue = """select created from enqueue_many('w', array_fill(null::json, array[3]),
        workflow_ids => %s::text[]) order by item"""
    first, second = session(), session()
    # The first batch stops when it has written one id of three and is about to write the next.
    halfway = gate(first, "before insert on workflows for each row", "new.workflow_id = 'b'")
    forward = first.begin_call(enqueue, [["a", "b", "c"]])
    halfway.wait_until_reached()
    backward = second.begin_call(enqueue, [["c", "b", "a"]])
    second.wait_until_blocked(by=first)

    halfway.open()
    assert forward.result(10) == [(True,)] * 3
    assert backward.result(10) == [(False,)] * 3


def test_a_crowd_of_batches_with_overlapping_ids_in_random_order_creates_each_id_once(engine, database):
    def enqueue(connection, number):
        return [
            connection.execute(
                """select count(*) filter (where created) from enqueue_many(
                     'w', array_fill(null::json, array[40]),
                     workflow_ids => (
                       select array_agg(n::text order by random()) from generate_series(%s::int, %s::int) as n
                     ))""",
                [first, first + 39],
            ).fetchone()[0]
            for first in range(1, 200, 10)
        ]

    created = at_once(database, 8, enqueue)
    assert sum(map(sum, created)) == engine.value("select count(*) from workflows") == 230
    assert engine.violations() == {}
