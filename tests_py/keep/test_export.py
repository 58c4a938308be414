"""Documents: of one moment, the same bytes after a round trip, and work that goes on in another database."""

import json

import psycopg
import pytest

import perdure
from perdure import Client, Perdure
from tests_py.concurrency.engine import Engine
from tests_py.support import fresh_database, wait_until

EXPORT = "select export_workflow(%s)::text"


@pytest.fixture
def elsewhere(server, engine_template):
    """Another database."""
    with fresh_database(server, template=engine_template) as url:
        yield url


def test_the_document_of_a_running_workflow_is_of_one_moment(engine, session):
    [workflow_id] = engine.enqueue(1)
    [(key, token)] = engine.claim(engine.executor(), 1)
    engine.rows("select record_step(%s, %s, 1, 's', '1')", [key, token])
    before = engine.value(EXPORT, [workflow_id])
    exporter, holder = session(), session()
    # The export has begun, and has looked for the workflow, when it comes to the streams.
    holder.call("begin")
    holder.call("lock table stream_entries in access exclusive mode")
    pending = exporter.begin_call(EXPORT, [workflow_id])
    exporter.wait_until_blocked(by=holder)
    engine.rows("select record_step(%s, %s, 2, 's', '2')", [key, token])
    engine.rows("select set_event(%s, %s, 3, 'e', '3')", [key, token])
    engine.rows("select finish(%s, %s, '4')", [key, token])
    holder.call("rollback")
    assert pending.result(10) == [(before,)]
    assert json.loads(before)["workflows"][0]["status"] == "PENDING"


def test_of_two_imports_at_once_one_succeeds(engine, session, elsewhere):
    [workflow_id] = engine.enqueue(1)
    document = engine.value(EXPORT, [workflow_id])
    first, second = session(elsewhere), session(elsewhere)
    first.call("begin")
    assert first.value("select import_workflow(%s)", [document]) == 1
    pending = second.begin_call("select import_workflow(%s)", [document])
    second.wait_until_blocked(by=first)
    first.call("commit")
    with pytest.raises(psycopg.Error) as refusal:
        pending.result(10)
    assert refusal.value.sqlstate == "PD003"
    assert first.value(EXPORT, [workflow_id]) == document


def test_what_is_imported_is_as_if_it_had_always_been_there(engine, connect, elsewhere):
    ended, running, waiting = engine.enqueue(3)
    executor = engine.executor()
    [(key, token), _] = engine.claim(executor, 2)
    engine.rows("select finish(%s, %s)", [key, token])
    other = Engine(connect(elsewhere))
    for workflow_id in (ended, running, waiting):
        other.rows("select import_workflow(%s)", [engine.value(EXPORT, [workflow_id])])
    assert other.violations() == {}
    other.claim(other.executor(), 3)
    assert other.violations() == {}
    assert [other.value("select status from get_result(%s)", [i]) for i in (ended, running, waiting)] == [
        "SUCCESS",
        "PENDING",
        "PENDING",
    ]


def make_app(url):
    """An app whose workflow asks a child, waits for a word, and says both."""
    app, calls = Perdure(url, name="test", poll_interval=0.25), []

    @app.workflow(name="child")
    def child(number: int) -> int:
        return number + 1

    @app.step(name="note")
    def note(what: str) -> str:
        calls.append(what)
        return what

    @app.workflow(name="order")
    def order(number: int) -> list[object]:
        note("begun")
        found = app.start_workflow(child, number).get_result()
        word = app.recv("word", timeout=60)
        note("done")
        return [found, word]

    return app, order, calls


def test_work_goes_on_in_another_database(database, elsewhere, engine):
    app, order, _ = make_app(database)
    with app:
        app.start_workflow(order, 1, workflow_id="a")
        waits = (
            "select count(*) from waits w join workflows f on f.key = w.waiter_key where f.workflow_id = 'a'"
        )
        wait_until(lambda: engine.value(waits + " and w.kind = 'message'") == 1, 20)
        app.shutdown(0.1)
    with Client(database) as client:
        document = client.export_workflow("a")
    other, _, calls = make_app(elsewhere)
    with Client(elsewhere) as client:
        assert client.import_workflow(document) == 2
        assert client.export_workflow("a") == document
        with pytest.raises(perdure.WorkflowIdConflict):
            client.import_workflow(document)
        with pytest.raises(perdure.WorkflowActive):
            client.delete_workflow("a")
        with other:
            client.send("a", "go", "word")
            assert client.retrieve_workflow("a").get_result(20) == [2, "go"]
        assert calls == ["done"]
        assert client.delete_workflow("a", children=True)
        assert not client.delete_workflow("a")
