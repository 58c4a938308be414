"""A session that dies inside a function of those who wait leaves nothing half written, wherever it stood."""

import psycopg
import pytest

OWN = "%(key)s, %(token)s"

CALLS = {
    "recv": f"select * from recv({OWN}, 3)",
    "recv, again": f"select * from recv({OWN}, 1, 'noted')",
    "recv of one with a key": f"select * from recv({OWN}, 3, 'keyed')",
    "recv, waiting": f"select * from recv({OWN}, 3, 'none')",
    "recv, put down": f"select * from recv({OWN}, 3, 'none', put_down => true)",
    "recv, timed out": f"select * from recv({OWN}, 2, 'late')",
    "send": "select send(%(other)s, '1')",
    "send_in_step": f"select send_in_step({OWN}, 3, array[%(other)s], '{{1}}')",
    "set_event": f"select set_event({OWN}, 3, 'e', '1')",
    "write_stream": f"select write_stream({OWN}, 3, 's', '1')",
    "close_stream": f"select close_stream({OWN}, 3, 's')",
    "sleep": f"select sleep({OWN}, 3, '1 hour', put_down => true)",
    "suspend_until_ended": f"select suspend_until_ended({OWN}, array[%(other)s])",
    "suspend": f"select suspend({OWN}, '1 hour')",
    "finish": f"select finish({OWN}, '1')",
    "watch an event": "select watch(%(id)s, 'event', 'never')",
    "watch a stream": "select watch(%(id)s, 'stream', 'never')",
    "claim": "select * from claim(%(worker)s)",
    "run_maintenance": "select * from run_maintenance()",
}

WRITES = [
    ("recv", "delete on messages"),
    ("recv", "insert on steps"),
    ("recv, again", "insert on steps"),
    ("recv, again", "delete on messages"),
    ("recv, again", "delete on waits"),
    ("recv of one with a key", "update on messages"),
    ("recv, waiting", "insert on waits"),
    ("recv, waiting", "insert on steps"),
    ("recv, put down", "insert on steps"),
    ("recv, put down", "update on tasks"),
    ("recv, timed out", "insert on steps"),
    ("recv, timed out", "delete on waits"),
    ("send", "insert on messages"),
    ("send", "insert on wakes"),
    ("send_in_step", "insert on steps"),
    ("send_in_step", "insert on messages"),
    ("send_in_step", "insert on wakes"),
    ("set_event", "insert on steps"),
    ("set_event", "insert on events"),
    ("set_event", "delete on waits"),
    ("write_stream", "insert on steps"),
    ("write_stream", "insert on stream_entries"),
    ("write_stream", "delete on waits"),
    ("close_stream", "insert on stream_entries"),
    ("sleep", "insert on steps"),
    ("sleep", "update on tasks"),
    ("suspend_until_ended", "insert on waits"),
    ("suspend_until_ended", "update on tasks"),
    ("suspend", "update on tasks"),
    ("suspend", "delete on waits"),
    ("finish", "delete on tasks"),
    ("finish", "delete on waits"),
    ("watch an event", "insert on waits"),
    ("watch a stream", "insert on waits"),
    ("claim", "delete on wakes"),
    ("claim", "update on tasks"),
    ("run_maintenance", "delete on wakes"),
    ("run_maintenance", "delete on waits"),
]

TABLES = ("messages", "events", "stream_entries", "waits", "wakes", "steps", "tasks", "outcomes")


@pytest.fixture
def arguments(engine, session):
    """Something of each kind to write, to take, to wake and to forget."""
    flow, other, called, gone = (engine.running() for _ in range(4))
    for topic, key in (("", None), ("keyed", "k")):
        engine.rows("select send(%s, '1', %s, %s)", [flow.id, topic, key])
    engine.rows("select recv(%s, %s, 1, 'noted')", [flow.key, flow.token])
    engine.rows("select send(%s, '1', 'noted')", [flow.id])
    engine.rows("select recv(%s, %s, 2, 'late')", [flow.key, flow.token])
    engine.rows("update steps set retry_at = now() where key = %s and step = 2 returning 1", [flow.key])
    engine.rows("select watch(%s, 'event', 'e')", [flow.id])
    engine.rows("select watch(%s, 'stream', 's')", [flow.id])
    # Who waits for messages and for the end of the workflow, who is woken, and who waits no more.
    engine.rows("select suspend_until_ended(%s, %s, array[%s])", [gone.key, gone.token, flow.id])
    engine.rows("select recv(%s, %s, 1, put_down => true)", [other.key, other.token])
    engine.rows("select recv(%s, %s, 1, put_down => true)", [called.key, called.token])
    engine.rows("select send(%s, '1')", [called.id])
    engine.rows("insert into waits values (99999998, 'event', 'e', 99999999) returning 1")
    return flow._asdict() | {"other": other.id, "worker": engine.worker}


def state(engine):
    return {table: engine.rows(f"select t::text from {table} t order by 1") for table in TABLES}


@pytest.mark.parametrize(("call", "write"), WRITES, ids=[f"{call}: {write}" for call, write in WRITES])
def test_killed_before_a_write(engine, session, gate, arguments, call, write):
    before = state(engine)
    victim = session()
    stopped = gate(victim, f"before {write} for each row")
    pending = victim.begin_call(CALLS[call], arguments)
    stopped.wait_until_reached()
    victim.kill()
    with pytest.raises(psycopg.OperationalError):
        pending.result(10)
    assert state(engine) == before

    # Called again, it does all of it; nothing is locked any more.
    session().call(CALLS[call], arguments)
    assert state(engine) != before
