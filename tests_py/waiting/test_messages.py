"""A message is received once, whoever comes at the same time; sender and receiver do not wait for each other."""

import pytest

from tests_py.concurrency.engine import at_once

from .engine import FINISH, RECV, SEND

RECV_NOW = "select outcome, message from recv(%s, %s, %s, timeout => '0')"
MANY = 60


def test_steps_that_receive_at_once_have_a_message_each(engine, database):
    flow = engine.running()
    engine.value(
        "select send_many(array_fill(%s::text, array[%s]), (select array_agg(to_json(i)) from generate_series(1, %s) as i))",
        [flow.id, MANY, MANY],
    )

    def receive(connection, number):
        return [
            connection.execute(RECV_NOW, flow.step(step)).fetchone()
            for step in range(number * 10, number * 10 + 10)
        ]

    received = [row for rows in at_once(database, 8, receive) for row in rows]
    assert sorted(message for outcome, message in received if outcome == "received") == list(range(1, MANY + 1))
    assert [outcome for outcome, _ in received if outcome != "received"] == ["timed out"] * (80 - MANY)
    assert sorted(output for _, _, output in engine.steps(flow) if output) == list(range(1, MANY + 1))
    assert engine.messages(flow) == []


def test_the_same_step_in_two_sessions_receives_once(engine, session):
    flow = engine.running()
    engine.value("select send_many(%s, '{1,2}')", [[flow.id, flow.id]])
    first, second = session(), session()
    first.call("begin")
    assert first.call(RECV, flow.step(1)) == [("received", 1)]
    pending = second.begin_call(RECV, flow.step(1))
    second.wait_until_blocked(by=first)
    first.call("commit")
    assert pending.result(10) == [("recorded before", 1)]
    assert engine.messages(flow) == [2]


def test_messages_of_one_sender_arrive_in_their_order_while_they_are_received(engine, database):
    flow = engine.running()

    def act(connection, number):
        if number == 0:
            for message in range(MANY):
                key = f"key {message}" if message % 3 == 0 else None
                connection.execute("select send(%s, %s, null, %s)", [flow.id, str(message), key])
            return []
        received = []
        step = 1
        while len(received) < MANY:
            outcome, message = connection.execute(RECV, flow.step(step)).fetchone()
            if outcome == "received":
                received.append(message)
                step += 1
        return received

    assert at_once(database, 2, act)[1] == list(range(MANY))


def test_a_message_that_comes_while_a_step_times_out_stays_for_the_next(engine, session, gate):
    flow = engine.running()
    worker, sender = session(), session()
    stopped = gate(worker, "before insert on steps for each statement")
    pending = worker.begin_call(RECV_NOW, flow.step(1))
    stopped.wait_until_reached()
    sender.call(SEND, [flow.id, "1"])  # committed before the other
    stopped.open()
    assert pending.result(10) == [("timed out", None)]
    assert worker.call(RECV_NOW, flow.step(1)) == [("recorded before", None)]
    assert worker.call(RECV_NOW, flow.step(2)) == [("received", 1)]


def test_a_message_that_is_not_committed_at_the_timeout_stays_for_the_next(engine, session):
    flow = engine.running()
    worker, sender = session(), session()
    sender.call("begin")
    sender.call(SEND, [flow.id, "1"])
    assert worker.call(RECV_NOW, flow.step(1)) == [("timed out", None)]
    sender.call("commit")
    assert worker.call(RECV_NOW, flow.step(2)) == [("received", 1)]


def test_a_step_that_is_rolled_back_gives_its_message_back(engine, session):
    flow = engine.running()
    engine.value("select send_many(%s, '{1,2}', idempotency_keys => '{k,null}')", [[flow.id, flow.id]])
    worker = session()
    worker.call("begin")
    assert worker.call(RECV, flow.step(1)) == [("received", 1)]
    assert worker.call(RECV, flow.step(2)) == [("received", 2)]
    worker.call("rollback")
    assert engine.messages(flow) == [1, 2]
    assert session().call(RECV, flow.step(1)) == [("received", 1)]


def test_a_receiver_whose_work_is_taken_over_meanwhile_receives_nothing(engine, session):
    flow = engine.running()
    engine.value(SEND, [flow.id, "1"])
    taker, worker = session(), session()
    engine.lapse(engine.worker)
    taker.call("begin")
    taker.call("select * from run_maintenance()")
    pending = worker.begin_call(RECV, flow.step(1))
    worker.wait_until_blocked(by=taker)
    taker.call("commit")
    with pytest.raises(Exception, match="lease lost"):
        pending.result(10)
    assert engine.messages(flow) == [1]
    assert engine.steps(flow) == []


# What the owner of a workflow does, and what it is told, while a sender keeps its transaction open.
UNHINDERED = {
    "recv": ("select outcome, message from recv(%(key)s, %(token)s, 2)", [("look again", None)]),
    "recv, put down": (
        "select outcome, message from recv(%(key)s, %(token)s, 2, put_down => true)",
        [("look again", None)],
    ),
    "recv of another topic": ("select outcome from recv(%(key)s, %(token)s, 2, 'other')", [("look again",)]),
    "record_step": ("select record_step(%(key)s, %(token)s, 2, 's')", None),
    "fail_step": ("select retry_in is not null from fail_step(%(key)s, %(token)s, 2, 's', '{}', 1, 2)", [(True,)]),
    "set_event": ("select set_event(%(key)s, %(token)s, 2, 'e', '1')", [(True,)]),
    "get_event": ("select * from get_event(%(id)s, 'e', watch => true)", []),
    "write_stream": ("select write_stream(%(key)s, %(token)s, 2, 's', '1')", [(True,)]),
    "read_stream": ("select * from read_stream(%(id)s, 's', watch => true)", []),
    "send": ("select send(%(id)s, '2')", [(True,)]),
    "sleep": ("select sleep(%(key)s, %(token)s, 2, '1 s', put_down => true)", None),
    "suspend": ("select suspend(%(key)s, %(token)s, '1 s')", None),
    "release": ("select release(%(key)s, %(token)s)", None),
    "finish": ("select finish(%(key)s, %(token)s, '1')", None),
    "run_maintenance": ("select workflows_woken from run_maintenance()", [(0,)]),
    "claim": ("select * from claim(%(worker)s)", []),
}


@pytest.mark.parametrize("call", UNHINDERED)
def test_a_sender_that_keeps_its_transaction_open_holds_up_nobody(engine, session, call):
    statement, answer = UNHINDERED[call]
    flow = engine.running()
    assert engine.rows(RECV, flow.step(1)) == [("waiting", None)]
    sender, other = session(), session(timeout=5)
    sender.call("begin")
    sender.call(SEND, [flow.id, "1"])
    # `call` would not come back if it waited.
    told = other.call(statement, flow._asdict() | {"worker": engine.worker})
    assert answer is None or told == answer
    sender.call("commit")


# What a worker may be in the middle of.
UNDER_WAY = {
    "record_step": "select record_step(%(key)s, %(token)s, 2, 's')",
    "set_event": "select set_event(%(key)s, %(token)s, 2, 'e', '1')",
    "write_stream": "select write_stream(%(key)s, %(token)s, 2, 's', '1')",
    "received": "select * from recv(%(key)s, %(token)s, 2)",
    "timed out": "select * from recv(%(key)s, %(token)s, 2, 'other', '0')",
    "sleep": "select sleep(%(key)s, %(token)s, 2, '1 s', put_down => true)",
    "finish": "select finish(%(key)s, %(token)s, '1')",
    "everything": "select from tasks for update",
}


@pytest.mark.parametrize("work", UNDER_WAY)
def test_a_sender_waits_for_nothing_that_the_workflow_does(engine, session, work):
    flow = engine.running()
    engine.value(SEND, [flow.id, "1"])
    worker, sender = session(), session(timeout=5)
    worker.call("begin")
    worker.call(UNDER_WAY[work], flow._asdict())
    assert sender.call(SEND, [flow.id, "2"]) == [(True,)]
    worker.call("commit")


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_of_two_senders_with_one_key_one_sends(engine, session, end):
    flow = engine.running()
    first, second = session(), session()
    keyed = "select send(%s, %s, null, 'key')"
    first.call("begin")
    assert first.value(keyed, [flow.id, "1"]) is True
    pending = second.begin_call(keyed, [flow.id, "2"])
    second.wait_until_blocked(by=first)
    first.call(end)
    assert pending.result(10) == [(end == "rollback",)]
    assert engine.messages(flow) == ([1] if end == "commit" else [2])


def test_batches_with_the_same_keys_in_another_order_do_not_wait_in_a_circle(engine, database):
    flows = [engine.running() for _ in range(4)]
    ids = [flow.id for flow in flows] * 5
    keys = [f"{number}" for number in range(len(ids))]

    def send(connection, number):
        given = list(zip(ids, keys, strict=True))
        if number % 2:
            given.reverse()
        return connection.execute(
            "select send_many(%s, array_fill('1'::json, array[%s]), idempotency_keys => %s)",
            [[i for i, _ in given], len(given), [k for _, k in given]],
        ).fetchone()[0]

    for round in range(20):
        keys = [f"{round} {number}" for number in range(len(ids))]
        assert sum(at_once(database, 4, send)) == len(ids)


def test_what_a_worker_does_under_an_old_token_is_lost(engine, session):
    flow = engine.running()
    other = engine.running()
    engine.lapse(engine.worker)
    engine.maintain()
    engine.worker = engine.executor()
    engine.value(SEND, [flow.id, "1"])
    for call in (
        RECV,
        "select set_event(%s, %s, %s, 'e', '1')",
        "select write_stream(%s, %s, %s, 's', '1')",
        "select close_stream(%s, %s, %s, 's')",
        "select sleep(%s, %s, %s, '1 s')",
        f"select send_in_step(%s, %s, %s, array['{other.id}'], '{{1}}')",
    ):
        with pytest.raises(Exception, match="lease lost"):
            session().call(call, flow.step(1))
    assert engine.rows(FINISH, [flow.key, flow.token])[0][1] == "lease lost"
    assert (engine.messages(flow), engine.messages(other), engine.steps(flow)) == ([1], [], [])
