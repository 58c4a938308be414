"""No wake-up is lost, whatever comes between: a workflow that was put down is claimed again when what it
waits for has committed."""

import pytest

from .engine import FINISH, RECV, RECV_DOWN, SEND, SUSPEND

# Other ways to put down a workflow one of whose branches waits for a message.
OTHERWISE = {
    "suspend": (SUSPEND, lambda flow, other: [flow.key, flow.token]),
    "sleep": (
        "select sleep(%s, %s, 2, '1 year', put_down => true)",
        lambda flow, other: [flow.key, flow.token],
    ),
    "suspend_until_ended": (
        "select suspend_until_ended(%s, %s, array[%s])",
        lambda flow, other: [flow.key, flow.token, other.id],
    ),
}


def test_a_message_wakes_who_was_put_down_before_it_was_sent(engine, session):
    flow = engine.running()
    assert session().call(RECV_DOWN, flow.step(1)) == [("put down", None)]
    assert engine.woken() == []
    session().call(SEND, [flow.id, "1"])
    assert engine.woken() == [flow.id]


@pytest.mark.parametrize("otherwise", OTHERWISE)
def test_a_sender_under_way_wakes_who_is_put_down_for_something_else(engine, session, otherwise):
    flow, other = engine.running(), engine.running()
    call, arguments = OTHERWISE[otherwise]
    worker, sender = session(), session()
    assert worker.call(RECV, flow.step(1)) == [("waiting", None)]
    sender.call("begin")
    sender.call(SEND, [flow.id, "1"])  # it sees the workflow in the memory of its worker
    worker.call(call, arguments(flow, other))
    sender.call("commit")
    engine.pass_time("2 seconds")
    assert engine.woken() == [flow.id]


@pytest.mark.parametrize("otherwise", OTHERWISE)
def test_what_was_sent_while_it_was_in_memory_wakes_who_is_put_down_for_something_else(
    engine, session, otherwise
):
    flow, other = engine.running(), engine.running()
    call, arguments = OTHERWISE[otherwise]
    worker = session()
    assert worker.call(RECV, flow.step(1)) == [("waiting", None)]
    session().call(SEND, [flow.id, "1"])
    worker.call(call, arguments(flow, other))
    assert engine.woken() == [flow.id]


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_sender_with_an_older_snapshot_wakes_who_it_cannot_see(engine, session, isolation):
    flow = engine.running()
    sender = session()
    sender.call(f"begin isolation level {isolation}")
    sender.call("select 1 from workflows")  # from here on it sees nothing newer
    assert session().call(RECV_DOWN, flow.step(1)) == [("put down", None)]
    sender.call(SEND, [flow.id, "1"])
    sender.call("commit")
    assert engine.woken() == [flow.id]


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_an_end_with_an_older_snapshot_wakes_who_it_cannot_see(engine, session, isolation):
    flow, other = engine.running(), engine.running()
    session().call("select * from get_results(array[%s], watch => true)", [other.id])
    finisher = session()
    finisher.call(f"begin isolation level {isolation}")
    finisher.call("select 1 from workflows")
    session().call("select suspend_until_ended(%s, %s, array[%s])", [flow.key, flow.token, other.id])
    finisher.call(FINISH, [other.key, other.token])
    finisher.call("commit")
    assert engine.woken() == [flow.id]
    assert engine.violations() == {}
