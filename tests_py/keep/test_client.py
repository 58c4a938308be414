"""Retention and alerts from Python."""

import datetime as dt

import pytest

import perdure
from perdure import Client, Perdure
from tests_py.concurrency.test_notify import Listener


@pytest.fixture
def client(database):
    with Client(database, poll_interval=0.25, connect_timeout=5.0) as client:
        yield client


def test_policies_are_set_listed_previewed_and_removed(client, engine):
    app = Perdure("postgresql://localhost/none", name="test")

    @app.workflow(name="report")
    def report() -> None: ...

    client.set_retention(max_age=dt.timedelta(days=30))
    client.set_retention(report, max_count=0, statuses=["CANCELLED"])
    rest, named = client.list_retention()
    assert (rest.workflow, rest.max_age, rest.max_count) == (None, dt.timedelta(days=30), None)
    assert (named.workflow, named.max_count, named.statuses) == ("report", 0, ["CANCELLED"])

    client.enqueue("report", workflow_id="a")
    engine.rows("select cancel('a')")
    [found] = client.preview_retention(report)
    assert (found.workflow_id, found.status, found.descendants) == ("a", "CANCELLED", 0)
    engine.maintain()
    with pytest.raises(perdure.WorkflowNotFound):
        client.get_workflow("a")
    assert client.delete_retention("report")
    assert not client.delete_retention("report")
    with pytest.raises(perdure.InvalidArgument):
        client.set_retention(max_count=-1)
    with pytest.raises(perdure.InvalidArgument):
        client.delete_workflows("a")


async def test_async_too(client, engine):
    await client.set_retention_async("w", max_age=60)
    assert [p.workflow for p in await client.list_retention_async()] == ["w"]
    [workflow_id] = engine.enqueue(1)
    document = await client.export_workflow_async(workflow_id)
    engine.rows("select cancel(%s)", [workflow_id])
    assert await client.delete_workflow_async(workflow_id)
    assert await client.import_workflow_async(document) == 1
    assert await client.preview_retention_async("w") == []
    assert await client.alerts_async() == []


def test_a_workflow_deletes_as_a_step(database, client, engine):
    app = Perdure(database, name="test", poll_interval=0.25)
    [old] = engine.enqueue(1)
    engine.rows("select cancel(%s)", [old])

    @app.workflow(name="clean")
    def clean() -> list[object]:
        try:
            app.delete_workflow(handle.workflow_id)
        except perdure.WorkflowActive as error:
            return [app.delete_workflows([old]), type(error).__name__]
        return []

    handle = client.enqueue("clean")
    with app:
        assert handle.get_result(20) == [1, "WorkflowActive"]
    assert "perdure.delete" in [step.name for step in client.list_steps(handle.workflow_id)]


def test_a_document_that_is_no_json_is_refused(client):
    for document in ("", "{", '{"format": "perdure.workflow",'):
        with pytest.raises(perdure.InvalidArgument, match="it is no JSON"):
            client.import_workflow(document)


def test_alerts_are_told(client, engine):
    assert client.alerts() == []
    engine.enqueue(1)
    [found] = client.alerts(max_waiting=0)
    assert (found.kind, found.subject, found.severity) == ("unserved queue", "default", "critical")
    with pytest.raises(perdure.InvalidArgument):
        client.alerts(max_failures=2)


FAIL = """
    select * from finish_many(%s::bigint[], %s::bigint[], array_fill(null::json, '{3}'),
      array_fill('{}'::json, '{3}'))
"""


def test_a_transaction_notifies_once_of_its_failures_if_asked_to(client, engine, connect):
    alert = Listener(connect(), "perdure.alert")
    for enabled, told in ((False, []), (True, ["failed workflow"]), (False, [])):
        client.notify_alerts(enabled)
        executor = engine.executor()
        engine.enqueue(4)
        held = engine.claim(executor, 4)
        engine.rows(FAIL, [[key for key, _ in held[:3]], [token for _, token in held[:3]]])
        engine.rows("select finish(%s, %s)", held[3])
        assert alert.heard() == told


def test_one_that_is_finished_alone_is_told_too(client, engine, connect):
    alert = Listener(connect(), "perdure.alert")
    client.notify_alerts()
    engine.enqueue(1)
    [(key, token)] = engine.claim(engine.executor(), 1)
    engine.rows("select finish(%s, %s, error => '{}')", [key, token])
    assert alert.heard() == ["failed workflow"]


def test_a_dead_letter_is_told(client, engine, connect):
    alert = Listener(connect(), "perdure.alert")
    client.notify_alerts()
    executor = engine.executor()
    engine.enqueue(2, max_recovery_attempts=0)
    engine.claim(executor, 2)
    engine.lapse(executor)
    engine.maintain()
    assert alert.heard() == ["dead letter"]
    assert [a.kind for a in client.alerts()] == ["dead letter"]
