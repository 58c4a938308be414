"""Who waits for whom: a reader for nobody, a writer for no reader longer than one short call."""

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
