"""`perdure status`, `version`, `completion`, and what every command has in common."""

import json
import threading

import click
import pytest
from click.testing import CliRunner

from perdure._cli import cli
from perdure._install import newest_migration


def test_status_is_well_until_work_waits_for_nobody(run, read, client):
    # The test's server does not sync: it may lose everything, and nobody minds.
    found = {check["subject"]: check["state"] for check in read("status", code=4)}
    assert {subject for subject, state in found.items() if state != "ok"} == {"durability"}
    client.enqueue("w")
    found = {check["subject"]: check for check in read("status", code=4)}
    assert found["executors"]["state"] == "problem"
    assert "perdure worker" in found["executors"]["hint"]
    assert "no executor is alive" in run("status", code=4).output


def test_status_tells_of_a_missing_engine(process, server):
    found = process("status", PERDURE_DATABASE_URL=server)
    assert found.returncode == 4
    seen = found.stdout.splitlines()[1]
    assert "no engine in schema 'perdure'  Install it with `perdure install" in seen


def test_a_database_that_cannot_be_reached_has_its_own_exit_code(process):
    found = process("status", PERDURE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert found.returncode == 5
    assert found.stdout == ""
    waiting, told = found.stderr.splitlines()
    assert "Connection refused" in waiting
    assert "cannot connect" in told
    assert "Connection refused" in told


def test_a_list_of_commands_says_what_each_does_in_one_line_of_80_columns():
    def look(command, path):
        if isinstance(command, click.Group):
            shown = CliRunner().invoke(command, ["--help"], terminal_width=80).output
            assert not [line for line in shown.splitlines()[1:] if line.endswith("...")], path
            for name, below in command.commands.items():
                look(below, [*path, name])

    look(cli, [])


def test_a_command_without_database_is_wrong_usage(process):
    for command in (("status",), ("workflow", "list"), ("install",)):
        found = process(*command, PERDURE_DATABASE_URL="")
        assert found.returncode == 2
        assert "Give --database-url" in found.stderr
    assert process("status", "--database-url", "mysql://host/app").returncode == 2


def test_what_is_missing_has_its_own_exit_code(process):
    found = process("queue", "show", "nowhere")
    assert (found.returncode, found.stdout) == (3, "")
    assert "nowhere" in found.stderr


def test_libpq_variables_name_the_database(process, database):
    from psycopg.conninfo import conninfo_to_dict

    given = {k: str(v) for k, v in conninfo_to_dict(database).items()}
    variables = {
        "PGHOST": given["host"],
        "PGPORT": given["port"],
        "PGUSER": given["user"],
        "PGDATABASE": given["dbname"],
        "PGPASSWORD": given.get("password", ""),
        "PERDURE_DATABASE_URL": "",
    }
    found = process("queue", "list", "--json", **variables)
    assert found.returncode == 0, found.stderr
    assert [q["name"] for q in json.loads(found.stdout)] == ["default"]


def test_version_tells_both(run, read):
    assert read("version")["schema"] == newest_migration()
    assert str(newest_migration()) in run("version").output
    assert run("--version").output == f"perdure {read('version')['perdure']}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete(run, process, shell):
    assert "_PERDURE_COMPLETE" in run("completion", shell).output


def test_names_are_completed_from_the_database(process, client):
    client.queue("orders", concurrency=1)
    client.queue("others", concurrency=1)
    found = process(_PERDURE_COMPLETE="bash_complete", COMP_WORDS="perdure queue show or", COMP_CWORD="3")
    assert found.stdout.split() == ["plain,orders"]


@pytest.mark.parametrize("application", [None, "shop"])
def test_top_shows_what_was_started_directly_and_who_runs_it(run, new_app, application):
    app = new_app(queues="default", app_version="v7", application=application)
    begun, go_on = threading.Event(), threading.Event()

    @app.workflow()
    def waits():
        begun.set()
        assert go_on.wait(20)

    assert "started directly" not in run("top", "--once").output
    app.launch()
    handle = app.start_workflow(waits)
    assert begun.wait(20)
    shown = [line.split() for line in run("top", "--once").output.splitlines()]
    go_on.set()
    handle.get_result(timeout=20)
    assert ["started", "directly", "0", "0", "1", "0"] in shown
    assert ["all", "0", "0", "1", "0"] in shown
    (worker,) = (line for line in shown if line[-1:] == ["yes"])
    assert worker[-3:] == ["v7", "1", "yes"]


def test_top_shows_queues_and_what_is_wrong(run, client):
    client.enqueue("w")
    client.enqueue("w")
    shown = run("top", "--once").output
    assert next(line.split() for line in shown.splitlines() if line.startswith("default"))[:3] == [
        "default",
        "2",
        "0",
    ]
    assert "no executor is alive" in shown
    client.queue("[/x] [red]q\x1b[31m")
    assert r"[/x] [red]q\x1b[31m  " in run("top", "--once").output
    assert "more than 0" in run("top", "--interval", "0", code=2).output


def test_what_is_not_there_is_told_with_what_to_type(process):
    queue = process("queue", "pause", "nosuch")
    assert (queue.returncode, queue.stdout) == (3, "")
    assert queue.stderr.startswith("perdure: queue 'nosuch' does not exist")
    assert queue.stderr.endswith("; here: `perdure queue list`, `perdure queue create NAME`\n")
    schedule = process("schedule", "trigger", "nosuch")
    assert schedule.returncode == 3
    assert schedule.stderr.endswith("; here: `perdure schedule list`\n")


def test_an_app_that_is_not_there_is_wrong_usage(run):
    assert "there is no 'nosuch' in 'json'" in run("worker", "json:nosuch", code=2).output
    assert "not a Perdure app" in run("worker", "json:dumps", code=2).output
    assert "write MODULE:APP" in run("worker", ".shop:app", code=2).output
