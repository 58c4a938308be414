"""What the pages of the console call."""

import importlib.metadata

from starlette.testclient import TestClient

from perdure import Client
from perdure.console import console


def test_a_list_has_pages_that_meet_each_other(get, client):
    ids = [client.enqueue("checkout", n).workflow_id for n in range(5)]
    first = get("workflows", limit=3)
    second = get("workflows", limit=3, after=first["next"])
    assert [w["workflow_id"] for w in first["workflows"] + second["workflows"]] == ids[::-1]
    assert (len(first["workflows"]), second["next"]) == (3, None)
    assert get("workflows", limit=5)["next"] is None
    assert [w["workflow_id"] for w in get("workflows", order="oldest")["workflows"]] == ids


def test_a_list_has_every_filter_of_the_client(get, client):
    client.queue("orders")
    wanted = client.enqueue("checkout", queue="orders", attributes={"shop": "north"}).workflow_id
    client.enqueue("checkout", attributes={"shop": "south"})
    client.cancel(client.enqueue("other").workflow_id)

    def found(**query):
        return [w["workflow_id"] for w in get("workflows", **query)["workflows"]]

    assert found(queue="orders") == [wanted]
    assert found(attributes='{"shop": "north"}') == [wanted]
    assert found(id_prefix=wanted[:-2]) == [wanted]
    assert len(found(status=["CANCELLED", "ENQUEUED"])) == 3
    assert len(found(name="checkout", has_parent="false")) == 2
    fork = client.fork(wanted).workflow_id
    assert (found(is_fork="true"), len(found(is_fork="false"))) == ([fork], 3)
    assert found(created_from="2999-01-01T00:00:00Z") == []


def test_a_query_that_cannot_be_read_is_told(get):
    for query in (
        {"colour": "red"},
        {"status": "LOST"},
        {"has_parent": "perhaps"},
        {"is_fork": "perhaps"},
        {"created_from": "yesterday"},
        {"attributes": "{"},
        {"attributes": "[]"},
        {"limit": "0"},
        {"limit": "100000"},
        {"order": "sideways"},
    ):
        assert get("workflows", 400, **query)["error"] == "InvalidArgument"
    assert get("workflow", 400)["message"] == "the query has no id"
    assert get("workflow", 404, id="nobody")["error"] == "WorkflowNotFound"


def test_one_workflow_has_its_steps_children_and_events(get, ran):
    app = ran()
    parent = app.enqueue("day", [7])
    assert parent.get_result(timeout=20) == ["payment-7"]
    nodes = get("tree", id=parent.workflow_id)["nodes"]
    assert [node["depth"] for node in nodes] == [0, 1]
    child = nodes[1]["workflow_id"]

    found = get("workflow", id=child)
    assert (found["workflow"]["status"], found["waits"]) == ("SUCCESS", [])
    assert found["workflow"]["output"]["text"] == '"payment-7"'
    (event,) = found["events"]
    assert (event["name"], '"order": 7' in event["value"]["text"]) == ("progress", True)

    steps = get("steps", id=child, limit=1)
    rest = get("steps", id=child, after=steps["next"])
    assert [s["name"] for s in steps["steps"] + rest["steps"]][-1] == "charge"
    assert rest["next"] is None


def test_an_error_and_values_of_unknown_classes_are_shown_as_they_are_stored(get, client, sql):
    stored = '{"$type": "Elsewhere", "value": {"n": 12345678901234567890}}'
    sql("select perdure.enqueue('checkout', %s::json, workflow_id => 'w')", stored)
    (me,) = sql("select perdure.register_executor('psql')")[0]
    ((key, token),) = sql("select workflow_key, token from perdure.claim(%s)", me)
    error = '{"name": "CardDeclined", "message": "no", "code": 7, "data": {"python": {"type": "os:error"}}}'
    sql("select perdure.record_step(%s, %s, 1, 'charge', null, %s::json)", key, token, error)
    found = get("workflow", id="w")["workflow"]
    assert '"n": 12345678901234567890' in found["input"]["text"]
    assert "Elsewhere" in found["input"]["text"]
    (step,) = get("steps", id="w")["steps"]
    assert (step["error"]["name"], step["error"]["message"], step["error"]["code"]) == (
        "CardDeclined",
        "no",
        7,
    )


def test_why_it_waits_is_said_of_what_waits(get, client):
    client.queue("orders")
    client.pause_queue("orders")
    waits = get("workflow", id=client.enqueue("checkout", queue="orders").workflow_id)["waits"]
    assert any("paused" in each["detail"] for each in waits)


def test_acts_on_workflows(get, post, client):
    one, other = (client.enqueue("checkout", n).workflow_id for n in range(2))
    assert post("workflows/cancel", ids=[one, other])["workflows"] == {one: "cancelled", other: "cancelled"}
    assert post("workflows/resume", ids=[one])["workflows"] == {one: "resumed"}
    fork = post("workflows/fork", id=one)["workflow_id"]
    assert client.get_workflow(fork).forked_from == one
    assert post("workflows/delete", 409, ids=[one])["error"] == "WorkflowActive"
    assert post("workflows/delete", ids=[other], children=True)["deleted"] == 1
    assert get("workflow", 404, id=other)
    assert post("workflows/cancel", 404, ids=["nobody"])["error"] == "WorkflowNotFound"


def test_a_body_that_is_no_such_call_is_refused(post, api):
    for body in ({}, {"ids": []}, {"ids": "w"}, {"ids": [1]}, {"ids": ["w"], "children": 1}, {"id": "w"}):
        assert post("workflows/cancel", 400, **body)["error"] == "InvalidArgument"
    for body in ({"id": "w", "from_step": "1"}, {"id": "w", "from_step": True}, {"id": 1}):
        assert post("workflows/fork", 400, **body)["error"] == "InvalidArgument"
    headers = {"X-Perdure-Console": "1"}
    assert api.post("/api/queues/pause", content=b"[1]", headers=headers).status_code == 400
    assert api.post("/api/queues/pause", content=b"[" * 100_000, headers=headers).status_code == 400
    assert (
        api.post(
            "/api/queues/pause", content=b'{"name": "default"}' + b" " * 1_000_000, headers=headers
        ).status_code
        == 400
    )


def test_acts_on_queues(get, post, client):
    client.queue("orders", concurrency=2)

    def orders():
        (found,) = (q for q in get("queues")["queues"] if q["name"] == "orders")
        return found

    post("queues/pause", name="orders")
    assert (orders()["paused"], orders()["waiting"]) == (True, 0)
    post("queues/resume", name="orders")
    post("queues/update", name="orders", changes={"concurrency": 5, "rate_limit": 3, "rate_period": 60})
    assert (orders()["paused"], orders()["concurrency"], orders()["rate_period"]) == (False, 5, 60.0)
    assert post("queues/update", 400, name="orders", changes={"colour": 1})["error"] == "InvalidArgument"
    assert post("queues/pause", 404, name="nowhere")["error"] == "QueueNotFound"


def test_acts_on_schedules(get, post, client):
    client.create_schedule("nightly", "report", "0 3 * * *", context={"a": 1})
    post("schedules/pause", name="nightly")
    (found,) = get("schedules")["schedules"]
    assert (found["paused"], found["next_at"]) == (True, None)
    assert post("schedules/resume", name="nightly")["next_at"]
    started = post("schedules/trigger", name="nightly")["workflow_id"]
    assert client.get_workflow(started).schedule == "nightly"
    assert post("schedules/trigger", 404, name="daily")["error"] == "ScheduleNotFound"


def test_workers_health_and_figures(get, ran):
    app = ran()
    app.enqueue("day", [1]).get_result(timeout=20)
    (executor,) = get("workers")["executors"]
    assert executor["alive"] is True
    health = get("health")
    assert "executors" in {check["subject"] for check in health["checks"]}
    assert health["denied"] == []
    figures = get("figures", hours=1)
    assert sum(count["workflows"] for count in figures["counts"]) == 2
    assert {each["name"] for each in figures["durations"]} == {"day", "checkout"}
    assert get("metrics")["metrics"]


def test_a_client_without_the_rights_of_an_operator_sees_what_it_may(opened, database, sql):
    sql("create role console_viewer in role perdure_client")
    try:
        joint = "&" if "?" in database else "?"
        viewer = Client(f"{database}{joint}options=-crole%3Dconsole_viewer", listen=False)
        with TestClient(console(viewer), base_url="http://localhost") as api:
            assert api.get("/api/workflows").status_code == 200
            health = api.get("/api/health")
            assert health.status_code == 200, health.text
            assert health.json()["denied"]
            act = api.post("/api/queues/pause", json={"name": "default"}, headers={"X-Perdure-Console": "1"})
            assert (act.status_code, act.json()["error"]) == (403, "PermissionDenied")
    finally:
        sql("drop role console_viewer")


def test_it_says_what_it_is(get):
    assert get("info") == {
        "version": importlib.metadata.version("perdure"),
        "schema": "perdure",
        "read_only": False,
    }
