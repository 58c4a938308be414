"""Forks of workflows that go on meanwhile, and forks that meet."""

import itertools
import threading
from typing import Any

import psycopg
import pytest

from tests_py.concurrency.engine import at_once

SET = "select set_event(%s, %s, %s, 'e', %s)"
WRITE = "select write_stream(%s, %s, %s, 's', %s)"
FORK = (
    "select workflow_id, created from fork_many(array[%s], from_last => 'step',"
    " new_workflow_ids => array['fork'])"
)


def test_a_fork_does_not_wait_for_who_writes_and_has_all_of_a_step_or_nothing(engine, session):
    flow = engine.running()
    writer, forker = session(), session()
    writer.call(SET, [*flow.step(1), "1"])
    writer.call("begin")
    writer.call(SET, [*flow.step(2), "2"])
    writer.call(WRITE, [*flow.step(3), "3"])
    assert forker.value("select fork(%s, 2, new_workflow_id => 'fork')", [flow.id]) == "fork"
    writer.call("commit")
    assert engine.rows("select step from list_steps('fork')") == [(1,)]
    assert engine.rows("select value from get_all_events('fork')") == [(1,)]
    assert engine.rows("select entry from read_stream('fork', 's')") == []
    assert engine.violations() == {}


def test_forks_of_what_runs_are_whole(engine, database):
    """Its events and its entries are those of its steps, however fast the original goes on."""
    flow = engine.running()
    steps = 300
    ids: list[str] = []
    ended = threading.Event()

    def write(connection: psycopg.Connection[Any]) -> None:
        try:
            for step in itertools.count(1, 2):
                # However slow the others are, they have forked some.
                if step >= steps and len(ids) > 5:
                    return
                connection.execute(SET, [*flow.step(step), str(step)])
                connection.execute(WRITE, [*flow.step(step + 1), str(step + 1)])
        finally:
            ended.set()

    def fork(connection: psycopg.Connection[Any]) -> None:
        while not ended.is_set():
            [[last]] = connection.execute("select count(*)::int from list_steps(%s)", [flow.id]).fetchall()
            # From some steps back, so that there is something to leave out.
            first = max(1, last - 3)
            ids.extend(connection.execute("select fork(%s, %s)", [flow.id, first]).fetchone())

    at_once(database, 3, lambda c, number: fork(c) if number else write(c))
    assert engine.rows("select count(*) from workflows where forked_from = %s", [flow.id]) == [(len(ids),)]
    assert not engine.rows("""
        select w.workflow_id
        from workflows w
        cross join lateral (
          select array_agg(s.step order by s.step) as steps from steps s where s.key = w.key
        ) as s
        cross join lateral (
          select array_agg(x.step order by x.step) as steps
          from (
            select step from events e where e.key = w.key
            union all
            select step from stream_entries r where r.key = w.key
          ) as x
        ) as x
        where w.forked_from is not null
          and (s.steps is distinct from x.steps or cardinality(s.steps) <> s.steps[cardinality(s.steps)])
    """)
    assert engine.violations() == {}


def test_the_same_fork_at_once_is_made_once(engine, session):
    flow = engine.running()
    engine.rows("select record_step(%s, %s, 1, 's')", [flow.key, flow.token])
    first, second = session(), session()
    first.call("begin")
    assert first.call(FORK, [flow.id]) == [("fork", True)]
    pending = second.begin_call(FORK, [flow.id])
    second.wait_until_blocked(by=first)
    first.call("commit")
    assert pending.result(10) == [("fork", False)]
    assert engine.rows("select count(*) from workflows where forked_from = %s", [flow.id]) == [(1,)]
    assert engine.violations() == {}


def test_the_same_fork_at_once_is_made_by_the_second_if_the_first_rolls_back(engine, session):
    flow = engine.running()
    first, second = session(), session()
    first.call("begin")
    first.call(FORK, [flow.id])
    pending = second.begin_call(FORK, [flow.id])
    second.wait_until_blocked(by=first)
    first.call("rollback")
    assert pending.result(10) == [("fork", True)]
    assert engine.violations() == {}


def test_a_fork_that_is_deleted_while_it_is_made_again_is_told(engine, session):
    """Not passed over in silence: of two forks that were asked for one row would come back."""
    engine.enqueue(2)
    originals = [row[0] for row in engine.rows("select workflow_id from workflows order by key")]
    engine.rows("select fork(%s, new_workflow_id => 'first')", [originals[0]])
    engine.rows("select outcome from cancel('first') as outcome")
    holder, forker = session(), session()
    holder.call("begin")
    holder.call("select set_attributes(%s, '{}')", [originals[1]])
    pending = forker.begin_call(
        "select workflow_id from fork_many(%s, new_workflow_ids => array['first', 'second'])", [originals]
    )
    forker.wait_until_blocked(by=holder)
    assert engine.value("select delete_workflows(array['first'])") == 1
    holder.call("commit")
    with pytest.raises(psycopg.Error) as refusal:
        pending.result(10)
    assert refusal.value.sqlstate == "40001"
    assert engine.violations() == {}


def test_forks_of_many_in_any_order_do_not_wait_in_a_circle(engine, database):
    engine.enqueue(40)
    ids = [workflow_id for (workflow_id,) in engine.rows("select workflow_id from workflows order by key")]

    def fork(connection: psycopg.Connection[Any], number: int) -> int:
        order = ids[number:] + ids[:number]
        if number % 2:
            order.reverse()
        new = [f"fork of {workflow_id}" for workflow_id in order]
        rows = connection.execute(
            "select created from fork_many(%s, new_workflow_ids => %s)", [order, new]
        ).fetchall()
        return sum(created for (created,) in rows)

    assert sum(at_once(database, 6, fork)) == len(ids)
    assert engine.rows("select count(*) from workflows where was_forked") == [(len(ids),)]
    assert engine.violations() == {}
