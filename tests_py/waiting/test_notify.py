"""Who waits in the memory of a worker, or watches, is notified; idle workers hear of who was put down."""

import pytest

from tests_py.concurrency.test_notify import Listener

from .engine import FINISH, RECV, RECV_DOWN, SEND, SUSPEND

WATCH_EVENT = "select watch(%s, 'event', 'e')"
SET_EVENT = "select set_event(%s, %s, %s, 'e', '1')"
READ = "select entry, at_end from read_stream(%s, 's', %s)"
WATCH_STREAM = "select watch(%s, 'stream', 's')"
WRITE = "select write_stream(%s, %s, %s, 's', '1')"


@pytest.fixture
def wake(connect):
    return Listener(connect(), "perdure.wake")


@pytest.fixture
def changed(connect):
    return Listener(connect(), "perdure.changed")


def test_a_message_to_who_waits_in_memory_notifies_it(engine, wake):
    flow = engine.running()
    engine.rows(RECV, flow.step(1))
    engine.rows(SEND, [flow.id, "1"])
    assert wake.heard() == [str(flow.key)]
    assert engine.rows("select * from wakes") == []
    engine.rows(RECV, flow.step(1))
    engine.rows(SEND, [flow.id, "2"])
    assert wake.heard() == [], "it does not wait any more"


def test_an_event_notifies_the_workflow_that_waits_and_whoever_watches(engine, wake, changed):
    flow, other = engine.running(), engine.running()
    engine.rows(
        "select outcome from await_events(array[%s::bigint], array[%s::bigint], array[%s], array[%s], '{e}')",
        [*flow.step(1), other.id],
    )
    assert engine.rows(WATCH_EVENT, [other.id]) == [(True,)]
    engine.rows(SET_EVENT, other.step(1))
    assert (wake.heard(), changed.heard()) == ([str(flow.key)], [f"event {other.id}"])
    engine.rows(SET_EVENT, other.step(2))
    assert changed.heard() == [], "who was told looks, and watches again if it wants"


def test_a_rolled_back_event_tells_nobody_and_the_next_one_does(engine, session, changed):
    flow = engine.running()
    engine.rows(WATCH_EVENT, [flow.id])
    setter = session()
    setter.call("begin")
    setter.call(SET_EVENT, flow.step(1))
    setter.call("rollback")
    assert changed.heard() == []
    setter.call(SET_EVENT, flow.step(1))
    assert changed.heard() == [f"event {flow.id}"]


def test_a_stream_notifies_its_reader_of_entries_and_of_the_end(engine, connect, changed):
    finished = Listener(connect(), "perdure.finished")
    flow = engine.running()
    assert engine.rows(READ, [flow.id, 0]) == []
    assert engine.rows(WATCH_STREAM, [flow.id]) == [(True,)]
    engine.rows(WRITE, flow.step(1))
    assert changed.heard() == [f"stream {flow.id}"]
    assert engine.rows(READ, [flow.id, 0]) == [(0, False)]
    assert engine.rows(READ, [flow.id, 1]) == []
    assert engine.rows(WATCH_STREAM, [flow.id]) == [(True,)]
    engine.rows(FINISH, [flow.key, flow.token])
    assert finished.heard() == [flow.id]
    assert engine.rows(READ, [flow.id, 1]) == [(1, True)]


@pytest.mark.parametrize("writer", ["event", "stream"])
def test_who_begins_to_watch_while_it_is_written_sees_it_or_is_told(engine, session, gate, changed, writer):
    """The watcher has looked, and the writer commits before the watch begins."""
    flow = engine.running()
    engine.rows(READ, [flow.id, 0])  # from now on its end will be told: a watcher has nothing to write there
    engine.rows("delete from waits returning 1")
    watcher = session()
    stopped = gate(watcher, "before insert on waits for each statement")
    look, write = {"event": (WATCH_EVENT, SET_EVENT), "stream": (WATCH_STREAM, WRITE)}[writer]
    pending = watcher.begin_call(look, [flow.id])
    stopped.wait_until_reached()
    other = session()
    written = other.begin_call(write, flow.step(1))
    other.wait_until_blocked(by=watcher)
    stopped.open()
    assert pending.result(10) == [(True,)]
    assert written.result(10) == [(True,)]
    assert changed.heard() == [f"{writer} {flow.id}"]


@pytest.mark.parametrize("idle", [True, False])
def test_idle_workers_are_told_when_who_was_put_down_is_woken(engine, connect, idle):
    flow = engine.running()
    engine.rows(RECV_DOWN, flow.step(1))
    assert engine.woken() == []  # now it says that it is idle
    if not idle:
        engine.rows("update queues set listening_until = null returning 1")
    work = Listener(connect(), "perdure.work")
    engine.rows(SEND, [flow.id, "1"])
    assert work.heard() == (["default"] if idle else [])
    assert engine.woken() == [flow.id]


@pytest.mark.parametrize("idle", [True, False])
def test_idle_workers_are_told_when_who_is_put_down_has_something_to_see(engine, connect, idle):
    flow = engine.running()
    engine.rows(RECV, flow.step(1))
    engine.rows(SEND, [flow.id, "1"])
    if not idle:
        engine.rows("update queues set listening_until = null returning 1")
    work = Listener(connect(), "perdure.work")
    engine.rows(SUSPEND, [flow.key, flow.token])
    assert work.heard() == (["default"] if idle else [])
    assert engine.woken() == [flow.id]
