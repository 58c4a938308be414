"""`perdure workflow ...`."""

import json
from datetime import date

import pytest


@pytest.fixture
def family(new_app):
    """An app with a workflow that has a child, run to its end under the id `parent`."""
    app = new_app(queues="default")
    app.register_queue("elsewhere")

    @app.step()
    def double(n):
        return 2 * n

    @app.workflow()
    def child(n):
        return double(n)

    @app.workflow()
    def parent(n):
        return double(n) + child(n)

    @app.workflow()
    def fails():
        raise ValueError("no")

    app.launch()
    app.start_workflow(parent, 1, workflow_id="parent").get_result(timeout=30)
    return app


def ids(rows):
    return [row["workflow_id"] for row in rows]


def test_list_filters_and_pages(read, run, family, client):
    client.enqueue("unknown", workflow_id="waits", queue="elsewhere")
    assert set(ids(read("workflow", "list"))) == {"waits", "parent", "parent-2"}
    assert ids(read("workflow", "list", "--status", "SUCCESS", "--name", "parent")) == []
    (name,) = {row["workflow"] for row in read("workflow", "list", "--prefix", "parent", "--no-parent")}
    assert ids(read("workflow", "list", "--name", name)) == ["parent"]
    assert ids(read("workflow", "list", "--parent", "parent")) == ["parent-2"]
    assert ids(read("workflow", "list", "--status", "enqueued")) == ["waits"]
    assert ids(read("workflow", "list", "--created-until", "1h")) == []
    assert len(read("workflow", "list", "--created-from", "1h")) == 3

    first = read("workflow", "list", "--limit", "2", "--oldest-first")
    rest = read("workflow", "list", "--limit", "2", "--oldest-first", "--after", first[-1]["cursor"])
    assert ids(first) + ids(rest) == ["parent", "parent-2", "waits"]
    shown = run("workflow", "list", "--limit", "2")
    assert "waits" in shown.stdout
    assert "--after" in shown.stderr
    assert read("workflow", "list", "--values", "--prefix", "parent", "--no-parent")[0]["output"] == 4


def test_one_workflow_is_shown_with_steps_children_and_why_it_waits(read, run, family, client):
    client.enqueue("unknown", workflow_id="waits", queue="elsewhere")
    assert {w["reason"] for w in read("workflow", "get", "waits")["waits"]} == {
        "unknown workflow",
        "unserved queue",
    }
    assert "no living executor knows" in run("workflow", "get", "waits").output
    found = read("workflow", "get", "parent")
    assert (found["status"], found["output"], found["waits"]) == ("SUCCESS", 4, [])
    steps = read("workflow", "steps", "parent")
    assert [s["step"] for s in steps] == [1, 2, 3]
    assert steps[1]["child_id"] == "parent-2"
    assert "parent-2" in run("workflow", "steps", "parent").output
    assert ids(read("workflow", "tree", "parent")) == ["parent", "parent-2"]
    tree = run("workflow", "tree", "parent").output.splitlines()
    assert tree[0].startswith("parent ")
    assert "parent-2" in tree[1]
    for command in ("get", "steps", "tree"):
        run("workflow", command, "nothing", code=3)


def test_an_input_is_a_list_or_an_object(run, client):
    first = run("workflow", "enqueue", "w", "--input", "[1, 2]", "--queue", "default").stdout.strip()
    assert client.get_workflow(first).input == [1, 2]
    run("workflow", "enqueue", "w", "--input", '{"a": 1}', "--id", "named", "--delay", "1h")
    assert client.get_workflow("named").status == "DELAYED"
    assert "a list of arguments" in run("workflow", "enqueue", "w", "--input", "1", code=2).output
    run("workflow", "enqueue", "w", "--queue", "nowhere", code=3)
    assert "NaN is not in JSON" in run("workflow", "enqueue", "w", "--input", "[NaN]", code=2).output


def test_an_input_may_have_names_that_options_have(run, client):
    given = {"queue": "a", "retries": 3, "workflow_id": "b", "timeout": "c"}
    run("workflow", "enqueue", "w", "--input", json.dumps(given), "--id", "named", "--timeout", "1h")
    found = client.get_workflow("named")
    assert (found.input, found.queue, found.retries) == (given, "default", 0)
    assert found.timeout.total_seconds() == 3600


def test_an_id_that_exists_starts_nothing_and_that_is_said(process):
    def enqueue(given):
        return process("workflow", "enqueue", "w", "--id", "a", "--input", given)

    first = enqueue("[1]")
    assert (first.stdout, first.stderr) == ("a\n", "")
    again = enqueue("[1]")
    assert (again.stdout, again.stderr) == (
        "a\n",
        "nothing was enqueued: this id was there before (ENQUEUED)\n",
    )
    other = process("workflow", "enqueue", "w", "--id", "a", "--input", "[2]", "--json")
    assert json.loads(other.stdout) == {"workflow_id": "a", "created": False}
    assert other.stderr == "nothing was enqueued: this id was there before (ENQUEUED), with another input\n"
    new = process("workflow", "enqueue", "w", "--id", "b", "--json")
    assert json.loads(new.stdout) == {"workflow_id": "b", "created": True}
    assert process("workflow", "enqueue", "w", "--id", "b").stderr.endswith("(ENQUEUED)\n")


def test_texts_of_others_do_not_steer_the_terminal(run, client):
    name = "[/x] [red]w\x1b[31m\nx"
    client.enqueue(name, "a\x1b[2J\u009b31m\n\rb", workflow_id=name)
    shown = r"[/x] [red]w\x1b[31m\nx"
    assert shown in run("workflow", "list").output.splitlines()[1]
    assert run("workflow", "tree", name).output == f"{shown}  {shown}  ENQUEUED\n"
    found = run("workflow", "list", "--values").output + run("workflow", "get", name).output
    assert not {"\x1b", "\x9b", "\r"} & set(found)
    assert len(run("workflow", "list", "--values").output.splitlines()) == 2
    (read,) = json.loads(run("workflow", "list", "--json").output)
    assert read["workflow_id"] == name


def test_many_are_cancelled_resumed_and_deleted_by_a_filter(read, run, client):
    client.enqueue_many("w", [[n] for n in range(30)], workflow_ids=[f"w{n}" for n in range(30)])
    assert "not both" in run("workflow", "cancel", code=2).output
    assert "not both" in run("workflow", "cancel", "w1", "--status", "ERROR", code=2).output
    assert run("workflow", "cancel", "--name", "w", "--status", "ENQUEUED").stdout == "30 cancelled\n"
    assert read("workflow", "cancel", "w1") == [{"workflow_id": "w1", "outcome": "ended before"}]
    assert read("workflow", "resume", "w1", "w2") == [
        {"workflow_id": "w1", "outcome": "resumed"},
        {"workflow_id": "w2", "outcome": "resumed"},
    ]
    run("workflow", "resume", "nothing", code=3)
    assert "add --yes" in run("workflow", "delete", "--status", "CANCELLED", code=2).output
    assert "not both" in run("workflow", "delete", code=2).output
    assert run("workflow", "delete", "--status", "ERROR").stdout == "0 deleted\n"
    assert run("workflow", "delete", "--status", "CANCELLED", "--yes").stdout == "28 deleted\n"
    assert "w1" in str(run("workflow", "delete", "w1", "--yes", code=1).exception)
    assert sorted(ids(read("workflow", "list"))) == ["w1", "w2"]


def test_a_fork_goes_on_from_a_step(run, read, family):
    run("workflow", "fork", "parent", "--from-step", "3", "--id", "again")
    assert family.retrieve_workflow("again").get_result(timeout=30) == 4
    assert read("workflow", "get", "again")["forked_from"] == "parent"
    assert ids(read("workflow", "list", "--was-forked")) == ["parent"]
    assert ids(read("workflow", "list", "--is-fork")) == ["again"]
    assert set(ids(read("workflow", "list", "--no-fork"))) == {"parent", "parent-2"}
    run("workflow", "fork", "parent", "--from-step", "9", code=1)


def test_a_workflow_is_taken_elsewhere(run, read, family, tmp_path):
    run("workflow", "export", "parent", "--output", str(tmp_path / "parent.json"))
    text = run("workflow", "export", "parent").stdout
    assert (tmp_path / "parent.json").read_text("utf-8") == text
    run("workflow", "import", str(tmp_path / "parent.json"), code=1)
    run("workflow", "delete", "parent", "--children", "--yes")
    assert run("workflow", "import", str(tmp_path / "parent.json")).stdout == "2 imported\n"
    assert run("workflow", "export", "parent").stdout == text
    nowhere = run("workflow", "export", "parent", "--output", str(tmp_path / "none" / "x"), code=1)
    assert "No such file or directory" in nowhere.stderr
    told = run("workflow", "export", "parent", "--output", str(tmp_path / "none" / "x"), "--json", code=1)
    assert json.loads(told.stderr)["error"] == "FileError"


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000], ids=["broken", "no text", "deep"])
def test_what_is_no_json_is_wrong_usage(run, tmp_path, content):
    (tmp_path / "broken.json").write_bytes(content)
    assert "no JSON" in run("workflow", "import", str(tmp_path / "broken.json"), code=2).output
    if content.isascii():
        assert "no JSON" in run("workflow", "enqueue", "w", "--input", content.decode(), code=2).output


def test_times_are_moments_or_spans(run):
    assert "no time" in run("workflow", "list", "--created-from", "yesterday", code=2).output
    for never in "9999999d", "99999999999d":
        assert "no time" in run("workflow", "list", "--created-from", never, code=2).output
    run("workflow", "list", "--created-from", "2026-01-31T12:00:00Z", "--completed-until", "90min")
    assert "Invalid value" in run("workflow", "list", "--status", "LOST", code=2).output


def test_json_is_one_document(process, client):
    client.enqueue("w", workflow_id="w")
    found = process("workflow", "list", "--json")
    assert found.returncode == 0, found.stderr
    assert ids(json.loads(found.stdout)) == ["w"]


def test_a_pipe_gets_nothing_but_the_table(process, client):
    client.enqueue("w", workflow_id="w")
    listed = process("workflow", "list")
    assert [line for line in listed.stdout.splitlines() if line != line.rstrip()] == []
    assert len(listed.stdout.splitlines()) == 2
    cancelled = process("workflow", "cancel", "w")
    assert (cancelled.returncode, cancelled.stderr) == (0, "")


def test_an_error_of_another_language_is_shown_as_it_is_stored(read, sql):
    sql("select perdure.enqueue('w', workflow_id => 'w')")
    ((me,),) = sql("select perdure.register_executor('psql')")
    ((key, token),) = sql("select workflow_key, token from perdure.claim(%s)", me)
    error = {"name": "CardDeclined", "message": "no", "code": 7, "data": {"card": 1}}
    sql("select perdure.finish(%s, %s, null, %s::json)", key, token, json.dumps(error))
    assert read("workflow", "get", "w")["error"] == error


def test_values_of_unknown_classes_are_shown_as_they_are_stored(read, run, sql):
    item = {"$type": "Item", "value": {"name": "ball"}}
    wrong = {"$type": "date", "value": "soon"}
    sql("select perdure.enqueue('w', %s::json, workflow_id => 'w')", json.dumps([item]))
    sql("select perdure.enqueue('w', %s::json, workflow_id => 'wrong')", json.dumps([wrong]))
    ((me,),) = sql("select perdure.register_executor('psql')")
    ((key, token),) = sql("select workflow_key, token from perdure.claim(%s)", me)
    day = {"$type": "date", "value": "2026-01-31"}
    sql("select perdure.record_step(%s, %s, 1, 'pack', %s::json)", key, token, json.dumps(item))
    sql("select perdure.record_step(%s, %s, 2, 'date', %s::json)", key, token, json.dumps(day))
    assert read("workflow", "get", "w")["input"] == [item]
    assert [s["output"] for s in read("workflow", "steps", "w")] == [item, "2026-01-31"]
    assert [w["input"] for w in read("workflow", "list", "--values")] == [[wrong], [item]]
    assert "ball" in run("workflow", "get", "w").stdout


def test_values_that_json_lacks_are_shown_as_text(process, client):
    client.enqueue(
        "w",
        {(1, 2): {float("inf")}, date(2026, 1, 31): 1, "a": "\ud800é", "b": [float("nan")]},
        workflow_id="w",
    )

    def refused(constant):
        raise AssertionError(f"{constant} is not JSON")

    found = process("workflow", "get", "w", "--json")
    assert found.returncode == 0, found.stderr
    (given,) = json.loads(found.stdout, parse_constant=refused)["input"]
    assert given == {"(1, 2)": ["inf"], "2026-01-31": 1, "a": "\ud800é", "b": ["nan"]}
    plain = process("workflow", "get", "w")
    assert plain.returncode == 0, plain.stderr
    assert r"\ud800é" in plain.stdout
