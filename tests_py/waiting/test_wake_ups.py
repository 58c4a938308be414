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


def test_who_meets_a_sender_is_not_put_down_before_it_has_committed(engine, session):
    flow = engine.running()
    worker, sender = session(), session()
    sender.call("begin")
    sender.call(SEND, [flow.id, "1"])
    assert worker.call(RECV_DOWN, flow.step(1)) == [("look again", None)]
    sender.call("commit")
    assert worker.call(RECV_DOWN, flow.step(1)) == [("received", 1)]


def test_who_meets_a_sender_that_rolls_back_is_put_down_and_not_woken(engine, session):
    flow = engine.running()
    worker, sender = session(), session()
    sender.call("begin")
    sender.call(SEND, [flow.id, "1"])
    assert worker.call(RECV_DOWN, flow.step(1)) == [("look again", None)]
    sender.call("rollback")
    assert worker.call(RECV_DOWN, flow.step(1)) == [("put down", None)]
    sender.call("begin")
    sender.call(SEND, [flow.id, "2"])
    sender.call("rollback")
    assert engine.woken() == []
    sender.call(SEND, [flow.id, "3"])
    assert engine.woken() == [flow.id]


def test_a_sender_that_comes_while_somebody_is_put_down_waits_for_that_and_wakes_it(engine, session):
    flow = engine.running()
    worker, sender = session(), session()
    worker.call("begin")
    assert worker.call(RECV_DOWN, flow.step(1)) == [("put down", None)]
    pending = sender.begin_call(SEND, [flow.id, "1"])
    sender.wait_until_blocked(by=worker)
    worker.call("commit")
    assert pending.result(10) == [(True,)]
    assert engine.woken() == [flow.id]


def test_a_wake_up_that_meets_a_takeover_is_not_lost(engine, session):
    """Noted in the memory of one worker, taken over, put down by another while the sender is under way."""
    flow = engine.running()
    sender = session()
    assert engine.rows(RECV, flow.step(1)) == [("waiting", None)]
    sender.call("begin")
    sender.call(SEND, [flow.id, "1"])
    engine.lapse(engine.worker)
    assert engine.maintain() == 1
    engine.worker = engine.executor()
    again = engine.claim_flow(flow.id)
    assert engine.rows(RECV_DOWN, again.step(1)) == [("look again", None)]
    engine.rows(SUSPEND, [again.key, again.token])
    sender.call("commit")
    engine.pass_time("2 seconds")
    last = engine.claim_flow(flow.id)
    assert engine.rows(RECV_DOWN, last.step(1)) == [("received", 1)]


def test_a_wake_up_of_a_workflow_that_is_locked_is_kept(engine, session):
    flow = engine.running()
    engine.rows(RECV_DOWN, flow.step(1))
    engine.rows(SEND, [flow.id, "1"])
    holder = session()
    holder.call("begin")
    holder.call("select from tasks where key = %s for update", [flow.key])
    assert engine.woken() == []
    holder.call("commit")
    assert engine.woken() == [flow.id]
    assert engine.rows("select * from wakes") == []


def test_claims_at_the_same_time_share_the_wake_ups(engine, session):
    flows = [engine.running() for _ in range(4)]
    for flow in flows:
        engine.rows(RECV_DOWN, flow.step(1))
        engine.rows(SEND, [flow.id, "1"])
    first = session()
    first.call("begin")
    taken = first.call("select workflow_id from claim(%s, max_workflows => 2)", [engine.executor()])
    assert engine.woken() == []
    first.call("rollback")
    assert len(taken) == 2
    assert sorted(engine.woken()) == sorted(flow.id for flow in flows)


def test_a_claim_that_does_not_come_to_its_end_wakes_nobody_for_good(engine, session):
    flow = engine.running()
    engine.rows(RECV_DOWN, flow.step(1))
    engine.rows(SEND, [flow.id, "1"])
    claimer = session()
    claimer.call("begin")
    claimer.call("select * from claim(%s)", [engine.executor()])
    claimer.kill()
    assert engine.woken() == [flow.id]


@pytest.mark.parametrize("first", ["waiter", "finisher"])
def test_who_waits_for_an_end_gets_it_or_is_woken_by_it(engine, session, first):
    flow, other = engine.running(), engine.running()
    waiter, finisher = session(), session()
    wait = ("select suspend_until_ended(%s, %s, array[%s])", [flow.key, flow.token, other.id])
    finish = (FINISH, [other.key, other.token])
    if first == "waiter":
        waiter.call("begin")
        assert waiter.call(*wait) == [(True,)]
        pending = finisher.begin_call(*finish)
        finisher.wait_until_blocked(by=waiter)
        waiter.call("commit")
        assert pending.result(10) == []
        assert engine.woken() == [flow.id]
    else:
        finisher.call("begin")
        finisher.call(*finish)
        pending = waiter.begin_call(*wait)
        waiter.wait_until_blocked(by=finisher)
        finisher.call("commit")
        assert pending.result(10) == [(False,)]
        assert engine.rows("select * from waits") == []


def test_an_end_that_is_rolled_back_wakes_nobody(engine, session):
    flow, other = engine.running(), engine.running()
    assert engine.rows("select suspend_until_ended(%s, %s, array[%s])", [flow.key, flow.token, other.id]) == [
        (True,)
    ]
    finisher = session()
    finisher.call("begin")
    finisher.call(FINISH, [other.key, other.token])
    finisher.call("rollback")
    assert engine.woken() == []
    finisher.call(FINISH, [other.key, other.token])
    assert engine.woken() == [flow.id]


def test_who_waits_for_the_end_of_what_ends_while_it_is_put_down_for_something_else_is_woken(engine, session):
    flow, other = engine.running(), engine.running()
    engine.rows("select suspend_until_ended(%s, %s, array[%s])", [flow.key, flow.token, other.id])
    engine.pass_time("200 years")
    again = engine.claim_flow(flow.id)
    finisher = session()
    finisher.call("begin")
    finisher.call(FINISH, [other.key, other.token])  # it sees the waiter in the memory of its worker
    engine.rows(SUSPEND, [again.key, again.token])
    finisher.call("commit")
    engine.pass_time("2 seconds")
    assert engine.woken() == [flow.id]


def test_an_event_that_is_under_way_wakes_who_waits_for_it(engine, session):
    flow, other = engine.running(), engine.running()
    waiter, setter = session(), session()
    wait = (
        """select outcome, value from await_events(array[%s::bigint], array[%s::bigint], array[%s], array[%s],
             '{e}', put_down => '{true}')""",
        [*flow.step(1), other.id],
    )
    set_event = ("select set_event(%s, %s, 1, 'e', '1')", [other.key, other.token])
    setter.call("begin")
    setter.call(*set_event)
    assert waiter.call(*wait) == [("look again", None)]
    setter.call("rollback")
    assert waiter.call(*wait) == [("put down", None)]
    setter.call(*set_event)
    assert engine.woken() == [flow.id]


def test_a_message_that_comes_between_the_look_and_the_wait_is_seen(engine, session, slow_to_wait):
    """It is committed when the receiver has found nothing, and has not yet kept senders away."""
    flow = engine.running()
    worker = session()
    pending = slow_to_wait(worker, RECV_DOWN, flow.step(1))
    session().call(SEND, [flow.id, "1"])
    slow_to_wait.go_on()
    assert pending.result(10) == [("received", 1)]


def test_a_message_that_comes_between_the_look_and_the_rest_is_seen(engine, session, slow_to_wait):
    flow = engine.running()
    engine.rows(RECV, flow.step(1))
    pending = slow_to_wait(session(), SUSPEND, [flow.key, flow.token])
    session().call(SEND, [flow.id, "1"])
    slow_to_wait.go_on()
    pending.result(10)
    assert engine.woken() == [flow.id]


def test_a_claim_that_wakes_for_others_waits_for_no_writer(engine, session):
    """A note of what was written with an older snapshot, of what somebody else tells of just now."""
    flow = engine.running()
    engine.rows("select watch(%s, 'event', 'e')", [flow.id])
    engine.rows("insert into wakes (key, kind, name) values (%s, 'event', 'e') returning 1", [flow.key])
    writer = session()
    writer.call("begin")
    writer.call("select set_event(%s, %s, 1, 'e', '1')", [flow.key, flow.token])
    assert session(timeout=5).call("select * from claim(%s)", [engine.executor()]) == []
