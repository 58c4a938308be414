"""Every command prints JSON for programs, and tells its errors as JSON; a new one without it fails here."""

import json
import shlex
import subprocess
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo

from perdure import Client
from perdure._cli import cli
from tests_py.cli.conftest import BINARY

# These print no data: a log, code for a shell, a show for people.
WITHOUT = {"worker", "completion", "demo"}

# Each command once, in an order in which each finds what it needs; `@` is a file with an exported workflow.
# What its document has at least: the names of an object, or of each object of a list that is not empty.
STORY = {
    "install": {"schema", "version"},
    "version": {"perdure", "schema"},
    "status": [{"subject", "state", "detail", "hint"}],
    "queue create orders --concurrency 2": {"name", "concurrency", "paused", "created"},
    "queue update orders --concurrency none": {"name", "concurrency", "paused"},
    "queue pause orders": {"name", "paused"},
    "queue resume orders": {"name", "paused"},
    "queue list": [{"name", "paused", "waiting"}],
    "queue show orders": {"name", "paused", "waiting"},
    "queue delete orders": {"deleted"},
    "workflow enqueue w --id a": {"workflow_id", "created"},
    "workflow list": [{"workflow_id", "status", "cursor"}],
    "workflow get done": {"workflow_id", "status", "waits"},
    "workflow steps done": [{"step", "name", "output"}],
    "workflow tree done": [{"workflow_id", "parent_id"}],
    "workflow fork done --from-last step": {"workflow_id"},
    "workflow cancel a": [{"workflow_id", "outcome"}],
    "workflow resume a": [{"workflow_id", "outcome"}],
    "workflow export done --output @": {"workflow_id", "output"},
    "workflow delete done --children --yes": {"deleted"},
    "workflow import @": {"imported"},
    "schedule create s w '0 2 * * *'": {"name", "cron", "next_at"},
    "schedule pause s": {"name", "paused"},
    "schedule resume s": {"name", "paused", "next_at"},
    "schedule list": [{"name", "cron", "next_at"}],
    "schedule show s": {"name", "cron", "next_at"},
    "schedule trigger s": {"workflow_id"},
    "schedule backfill s 2026-01-01 2026-01-03": [{"workflow_id", "tick", "created"}],
    "schedule delete s": {"deleted"},
    "retention set w --max-count 0": {"workflow", "max_count"},
    "retention list": [{"workflow", "max_count"}],
    "retention preview w": [set()],
    "retention delete w": {"deleted"},
    "versions list": [{"app_version", "latest"}],
    "versions set-latest v7": {"latest", "application"},
    "versions move v7 --from v7": {"moved"},
    "executor list": [{"executor_id", "name", "alive"}],
    "application rename shop store": {"workflows", "queues", "schedules"},
    "alerts": [{"kind", "severity"}],
    "metrics": [{"name", "labels", "value"}],
    "top": {"queues", "status", "executors"},
}  # fmt: skip

# What serves until it is stopped: its own tests look at what it prints.
SERVES = {"console"}


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL = dict(commands())
OF = {
    line: next(name for name in sorted(ALL, key=len, reverse=True) if f"{line} ".startswith(f"{name} "))
    for line in STORY
}


def options(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


def told(result):
    """The error of a command: the last line of standard error."""
    assert result.stdout == ""
    found = json.loads(result.stderr.splitlines()[-1])
    assert set(found) == {"error", "code", "message"}
    assert found["message"]
    return found["error"], found["code"]


def test_every_command_can_print_json():
    assert {name for name, command in ALL.items() if "--json" not in options(command)} == WITHOUT


def test_every_command_is_tried_here():
    assert {*OF.values(), *WITHOUT, *SERVES} == set(ALL)
    assert len(set(OF.values())) == len(OF)


def test_what_every_command_prints_is_one_document(read, new_app, tmp_path):
    app = new_app(queues="default", app_version="v7")

    @app.step()
    def step():
        return 1

    @app.workflow()
    def w():
        return step()

    app.launch()
    app.start_workflow(w, workflow_id="done").get_result(timeout=30)
    for line, names in STORY.items():
        arguments = [str(tmp_path / "w.json") if word == "@" else word for word in shlex.split(line)]
        found = read(*arguments, code={"status": 4}.get(line, 0))
        if isinstance(names, set):
            assert names <= set(found), line
            continue
        assert isinstance(found, list), line
        assert found or names == [set()] or line == "alerts", line
        assert [row for row in found if not names[0] <= set(row)] == [], line


def test_the_documents_say_what_was_done(read, run, client):
    read("queue", "create", "orders", "--concurrency", "2")
    assert read("queue", "create", "orders")["created"] is False
    changed = read("queue", "update", "orders", "--concurrency", "none", "--worker-concurrency", "3")
    assert (changed["concurrency"], changed["worker_concurrency"]) == (None, 3)
    assert read("queue", "pause", "orders")["paused"] is True
    assert read("queue", "resume", "orders")["paused"] is False
    assert read("queue", "delete", "orders") == {"deleted": True}

    made = read("schedule", "create", "s", "w", "0 2 * * *")
    assert read("schedule", "show", "s") == made
    assert read("schedule", "pause", "s")["paused"] is True
    assert read("schedule", "resume", "s")["next_at"] == made["next_at"]
    span = ("2026-01-01T00:00:00+0000", "2026-01-03T00:00:00+0000")
    first = read("schedule", "backfill", "s", *span)
    assert [row["tick"] for row in first] == ["2026-01-01T02:00:00+00:00", "2026-01-02T02:00:00+00:00"]
    assert [row["created"] for row in first] == [True, True]
    assert [row["created"] for row in read("schedule", "backfill", "s", *span)] == [False, False]
    assert "0 started" in run("schedule", "backfill", "s", *span).stderr
    started = read("schedule", "trigger", "s")["workflow_id"]
    assert client.get_workflow(started).workflow == "w"

    fork = read("workflow", "fork", started, "--id", "again")
    assert fork == {"workflow_id": "again"}
    document = run("workflow", "export", "again").stdout
    assert read("workflow", "export", "again") == json.loads(document)
    assert [queue["name"] for queue in read("top")["queues"]] == ["default", None]


@pytest.mark.parametrize("line", STORY, ids=OF.get)
def test_wrong_usage_is_told_as_json(line):
    found = CliRunner().invoke(cli, [*shlex.split(line), "--json", "--no-such-option"])
    assert (found.exit_code, told(found)) == (2, ("UsageError", None))


@pytest.mark.parametrize(
    "line", [line for line in STORY if "--database-url" in options(ALL[OF[line]])], ids=OF.get
)
def test_a_database_that_cannot_be_reached_is_told_as_json(server, line, tmp_path):
    (tmp_path / "w.json").write_text("{}", "utf-8")
    given = [str(tmp_path / "w.json") if word == "@" else word for word in shlex.split(line)]
    nowhere = {"PERDURE_DATABASE_URL": make_conninfo(server, dbname="no_such_database")}
    found = CliRunner().invoke(cli, [*given, "--json"], env=nowhere, prog_name="perdure")
    assert found.exit_code == 5, found.output
    assert told(found)[0] == "DatabaseUnavailable"


@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("workflow get nothing", 3, ("WorkflowNotFound", "PD002")),
        ("workflow steps nothing", 3, ("WorkflowNotFound", "PD002")),
        ("workflow tree nothing", 3, ("WorkflowNotFound", "PD002")),
        ("workflow cancel nothing", 3, ("WorkflowNotFound", "PD002")),
        ("workflow resume nothing", 3, ("WorkflowNotFound", "PD002")),
        ("workflow fork nothing", 3, ("WorkflowNotFound", "PD002")),
        ("workflow export nothing", 3, ("WorkflowNotFound", "PD002")),
        ("workflow enqueue w --queue nowhere", 3, ("QueueNotFound", "PD007")),
        ("queue show nowhere", 3, ("QueueNotFound", "PD007")),
        ("queue update nowhere --concurrency 1", 3, ("QueueNotFound", "PD007")),
        ("queue pause nowhere", 3, ("QueueNotFound", "PD007")),
        ("queue resume nowhere", 3, ("QueueNotFound", "PD007")),
        ("queue delete nowhere", 3, ("QueueNotFound", "PD007")),
        ("schedule show never", 3, ("ScheduleNotFound", "PD020")),
        ("schedule pause never", 3, ("ScheduleNotFound", "PD020")),
        ("schedule resume never", 3, ("ScheduleNotFound", "PD020")),
        ("schedule trigger never", 3, ("ScheduleNotFound", "PD020")),
        ("schedule backfill never 2026-01-01 2026-01-02", 3, ("ScheduleNotFound", "PD020")),
        ("schedule delete never", 3, ("ScheduleNotFound", "PD020")),
        ("schedule create s w '61 * * * *'", 1, ("InvalidArgument", "PD001")),
        ("queue create orders --concurrency -1", 1, ("InvalidArgument", "PD001")),
        ("workflow delete waits --yes", 1, ("WorkflowActive", "PD030")),
        ("queue delete busy", 1, ("QueueInUse", "PD013")),
        ("queue list --schema nowhere", 1, ("SchemaMissing", "3F000")),
        ("workflow cancel", 2, ("UsageError", None)),
        ("workflow delete waits", 2, ("UsageError", None)),
        ("workflow import none.json", 2, ("UsageError", None)),
        ("queue list --database-url mysql://host/app", 2, ("UsageError", None)),
        ("no-such-command", 2, ("UsageError", None)),
    ],
)  # fmt: skip
def test_each_class_of_errors_has_its_exit_code_and_its_names(run, client, line, code, error):
    client.queue("busy").enqueue("w", workflow_id="waits")
    found = run(*shlex.split(line), "--json", code=code)
    assert told(found) == error
    # Without --json the same is told to people, with the same exit code.
    plain = run(*shlex.split(line), code=code)
    assert "{" not in plain.stderr


def test_an_error_of_a_process_is_told_as_json(process):
    found = process("queue", "pause", "nosuch", "--json")
    assert (found.returncode, told(found)) == (3, ("QueueNotFound", "PD007"))
    assert "perdure queue list" in found.stderr
    # After `--` it is a name.
    found = process("queue", "pause", "--", "--json")
    assert (found.returncode, found.stderr[:8]) == (3, "perdure:")


def test_an_interruption_is_told_as_json(run, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "list_queues", interrupted)
    assert told(run("queue", "list", "--json", code=1)) == ("Aborted", None)
    assert "Aborted!" in run("queue", "list", code=1).stderr


def test_a_broken_pipe_is_no_error_of_ours(database):
    shell = f"'{BINARY}' metrics --json | head -c 1"
    found = subprocess.run(
        ["bash", "-c", shell],
        env={"PERDURE_DATABASE_URL": database, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (found.stdout, found.stderr) == ("[", "")
