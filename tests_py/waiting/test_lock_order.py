"""Who waits for whom: a reader for nobody, a writer for no reader longer than one short call."""

import pytest

from .engine import FINISH, SEND

WATCH = "select watch(%s, 'stream', 's')"


def test_watching_a_stream_waits_for_nobody_who_has_the_workflow(engine, session):
    flow = engine.running()
    writer, reader = session(), session()
    writer.call("begin")
    writer.call("select from tasks where key = %s for no key update", [flow.key])
    assert reader.call(WATCH, [flow.id]) == [(False,)]


def test_watching_a_stream_takes_the_workflow_before_what_its_writers_share(engine, session, gate):
    """As write_stream does; in the other order each would have what the other waits for."""
    flow = engine.running()
    reader, writer = session(), session()
    stopped = gate(reader, "before update on tasks for each statement")
    pending = reader.begin_call(WATCH, [flow.id])
    stopped.wait_until_reached()
    writer.call("begin")
    writer.call(SEND, [flow.id, "1"])  # shares it: the reader has not taken it yet
    stopped.open()
    assert pending.result(10) == [(False,)]
    assert engine.rows("select kind from waits") == [], "a writer is under way: nothing is noted"


def test_maintenance_waits_for_no_other_that_forgets_the_same(engine, session):
    flow = engine.running()
    session().call("select watch(%s, 'event', 'e')", [flow.id])
    engine.rows(FINISH, [flow.key, flow.token])
    first, second = session(), session()
    first.call("begin")
    first.call("select * from run_maintenance()")
    second.call("select * from run_maintenance()")
    first.call("commit")
    assert engine.rows("select * from waits") == []


def eight(value: str) -> str:
    return f"array_fill({value}, array[8])"


TEXTS = eight("'x'::text")
JSONS = eight("'1'::json")
SECONDS = eight("interval '1 s'")
OWNED = f"%(keys)s, %(tokens)s, {eight('1')}"

# Everything that locks several workflows and waits for them.
LOCKERS = {
    "recv_many": f"recv_many({OWNED}, {TEXTS})",
    "recv_many, put down": f"recv_many({OWNED}, {TEXTS}, put_down => {eight('true')})",
    "await_events": f"await_events({OWNED}, {eight('%(id)s::text')}, {TEXTS})",
    "set_events": f"set_events({OWNED}, {TEXTS}, {JSONS})",
    "write_streams": f"write_streams({OWNED}, {TEXTS}, {JSONS})",
    "sleep_many": f"sleep_many({OWNED}, {SECONDS})",
}


@pytest.mark.parametrize("locker", LOCKERS)
def test_workflows_are_locked_by_key_in_whatever_order_they_are_given(engine, session, locker):
    flows = sorted((engine.running() for _ in range(8)), key=lambda flow: flow.key)
    # Rows written anew lie in another order in the table than their keys.
    for flow in reversed(flows[2:]):
        engine.rows("update tasks set rank = 1 where key = %s returning 1", [flow.key])
    lowest, *rest = flows
    given = [*reversed(rest), lowest]
    holder, locking = session(), session()
    holder.call("begin")
    holder.call("select from tasks where key = %s for update", [lowest.key])
    pending = locking.begin_call(
        f"select * from {LOCKERS[locker]}",
        {"keys": [flow.key for flow in given], "tokens": [flow.token for flow in given], "id": lowest.id},
    )
    locking.wait_until_blocked(by=holder)

    # It waits for the lowest key and has locked no higher one, nor kept any writer away.
    unlocked = engine.rows("select key from tasks order by key for update skip locked")
    assert unlocked == [(flow.key,) for flow in rest]
    assert session(timeout=5).call(
        "select send_many(%s, array_fill('1'::json, array[8]))", [[f.id for f in flows]]
    )
    holder.call("rollback")
    pending.result(10)


@pytest.mark.parametrize("older", ["waiter", "target"])
def test_who_waits_for_an_end_locks_the_older_of_both_first(engine, session, older):
    first, second = sorted((engine.running() for _ in range(2)), key=lambda flow: flow.key)
    waiter, target = (first, second) if older == "waiter" else (second, first)
    holder, locking = session(), session()
    holder.call("begin")
    holder.call("select from tasks where key = %s for update", [first.key])
    pending = locking.begin_call(
        "select suspend_until_ended(%s, %s, array[%s])", [waiter.key, waiter.token, target.id]
    )
    locking.wait_until_blocked(by=holder)
    assert engine.rows("select key from tasks for update skip locked") == [(second.key,)]
    holder.call("rollback")
    assert pending.result(10) == [(True,)]


def test_a_batch_of_any_size_takes_few_locks(engine, session):
    ids = [engine.running().id for _ in range(10)] + engine.enqueue(1000)
    sender = session()
    sender.call("begin")
    sender.call("select send_many(%s, array_fill('1'::json, array[%s]))", [ids, len(ids)])
    locks = engine.value(
        "select count(*) from pg_locks where pid = %s and locktype = 'advisory'", [sender.pid]
    )
    assert locks <= 256
