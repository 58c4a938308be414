"""`perdure retention ...`, `alerts`, `versions ...`, `executor ...`, `application ...` and `metrics`."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import pytest

from perdure._cli import cli
from perdure.prometheus import CONTENT_TYPE
from tests_py.cli.conftest import BINARY


def test_a_policy_is_set_shown_and_removed(run, read, client):
    assert "everything is kept" in run("retention", "list").output
    run("retention", "set", "--max-age", "30d")
    made = read("retention", "set", "report", "--max-count", "5", "--status", "SUCCESS", "--status", "ERROR")
    assert (made["workflow"], made["max_count"], made["statuses"]) == ("report", 5, ["SUCCESS", "ERROR"])
    run("retention", "set", "invoice", "--keep-all")

    assert [(p["workflow"], p["max_age"], p["max_count"]) for p in read("retention", "list")] == [
        (None, 30 * 86400.0, None),
        ("invoice", None, None),
        ("report", None, 5),
    ]
    shown = run("retention", "list").output
    assert "the rest" in shown
    assert "SUCCESS, ERROR" in shown

    assert read("retention", "delete", "report") == {"deleted": True}
    assert "was not there" in run("retention", "delete", "report").output
    run("retention", "delete")
    assert [p.workflow for p in client.list_retention()] == ["invoice"]


def test_a_preview_names_what_would_go(run, read, client):
    client.enqueue("report", workflow_id="report-1")
    client.cancel("report-1")
    run("retention", "set", "report", "--max-count", "0")
    (found,) = read("retention", "preview", "report")
    assert (found["workflow_id"], found["status"], found["descendants"]) == ("report-1", "CANCELLED", 0)
    assert "report-1" in run("retention", "preview", "report").output
    assert "nothing would be removed" in run("retention", "preview").output
    assert client.get_workflow("report-1").status == "CANCELLED"


def test_alerts_end_with_4_when_one_is_critical(run, read, client, database):
    assert read("alerts") == []
    assert "no alerts" in run("alerts").output
    client.enqueue("report", queue="default")
    (found,) = read("alerts", "--max-waiting", "0", code=4)
    assert (found["kind"], found["subject"], found["severity"]) == ("unserved queue", "default", "critical")
    assert "problem" in run("alerts", "--max-waiting", "0", code=4).output
    assert read("alerts", "--max-waiting", "1h") == []


def test_versions_are_listed_and_work_moves_between_them(run, read, client):
    assert "no versions" in run("versions", "list").output
    client.register_version("v1")
    client.register_version("v2")
    ids = [client.enqueue("w", app_version="v1").workflow_id for _ in range(4)]
    assert read("versions", "set-latest", "v1") == {"latest": "v1", "application": None}
    assert [(v["app_version"], v["latest"], v["waiting"]) for v in read("versions", "list")] == [
        ("v1", True, 4),
        ("v2", False, 0),
    ]
    assert "latest" in run("versions", "list").output
    assert read("versions", "list", "--application", "other") == []

    assert read("versions", "move", "v2", ids[0]) == {"moved": 1}
    assert read("versions", "move", "--to-none", ids[1], ids[2]) == {"moved": 2}
    assert read("versions", "move", "v2", "--from-none") == {"moved": 2}
    assert "1 moved to version v2" in run("versions", "move", "v2", "--from", "v1").output
    assert "4 moved to no version" in run("versions", "move", "--to-none", "--from", "v2").output
    assert {client.get_workflow(i).app_version for i in ids} == {None}


def test_who_moves_work_to_a_version_that_nobody_had_is_told(process, client):
    client.register_version("v1")
    client.enqueue("w", workflow_id="w")
    done = process("versions", "move", "v9", "w")
    assert (done.returncode, done.stdout) == (0, "1 moved to version v9\n")
    assert "version 'v9' was never registered. What was moved waits until an executor has" in done.stderr
    # Nothing waits there by mistake: of nothing that was moved, and of a version that is known.
    for arguments in (["v8", "nothing"], ["v1", "w"], ["--to-none", "w"]):
        assert process("versions", "move", *arguments).stderr == ""


def test_executors_are_listed(run, read, new_app):
    assert "no executors" in run("executor", "list").output
    with new_app(name="elise", app_version="v1"):
        (found,) = read("executor", "list")
        assert (found["name"], found["app_version"], found["alive"]) == ("elise", "v1", True)
        shown = run("executor", "list").output
        assert "elise" in shown
        assert "alive" in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("retention", "set", "report"), "--keep-all"),
        (("retention", "set", "--keep-all", "--max-age", "1d"), "--keep-all"),
        (("retention", "set", "--max-age", "1 year"), "no span of time"),
        (("retention", "set", "--max-age", "1d", "--status", "PENDING"), "Invalid value"),
        (("alerts", "--max-failures", "2"), "Invalid value"),
        (("versions", "move", "v2"), "name workflows"),
        (("versions", "move", "v2", "one", "--from", "v1"), "name workflows"),
        (("versions", "move", "--from", "v1"), "--to-none"),
        (("metrics", "--listen", "here"), "no address"),
        (("metrics", "--listen", "127.0.0.1:70000"), "no address"),
        (("metrics", "--listen", "9464", "--json"), "without --json"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "says",
)
def test_wrong_usage_says_what_is_right(run, arguments, says):
    assert says in run(*arguments, code=2).output


def test_a_version_that_does_not_exist_is_refused(run):
    assert "v9" in str(run("versions", "set-latest", "v9", code=1).exception)


def test_metrics_are_printed_once(run, read):
    shown = run("metrics").stdout
    assert '\nperdure_workflows{queue="default",state="waiting"} 0\n' in shown
    assert shown.endswith("\n")
    assert {"name": "perdure_dead_letters", "labels": {}, "value": 0.0} in read("metrics")


def test_metrics_are_served_on_loopback_until_interrupted(database):
    process = subprocess.Popen(
        [sys.executable, "-u", BINARY, "metrics", "--listen", "0", "--database-url", database],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        url = process.stderr.readline().split()[-1]
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.headers["Content-Type"] == CONTENT_TYPE
            assert b"# TYPE perdure_executors gauge\n" in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="404") as missing:
            urllib.request.urlopen(f"{url}/more", timeout=10)
        missing.value.close()
        process.send_signal(2)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


COMMANDS = [("retention", "list"), ("alerts",), ("versions", "list"), ("executor", "list"), ("metrics",)]


@pytest.fixture(scope="module")
def without_a_database():
    """What each of the commands comes to; they try to connect for five seconds, all at the same time."""

    def run(arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment["PERDURE_DATABASE_URL"] = "postgresql://127.0.0.1:1/none"
        return subprocess.run(
            [BINARY, *arguments, "--json"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    with ThreadPoolExecutor(len(COMMANDS)) as threads:
        return dict(zip(COMMANDS, threads.map(run, COMMANDS), strict=True))


@pytest.mark.parametrize("arguments", COMMANDS, ids="-".join)
def test_without_a_database_the_code_is_5(without_a_database, arguments):
    done = without_a_database[arguments]
    assert done.returncode == 5
    assert done.stdout == ""


def test_every_command_has_help_and_is_on_the_page(run):
    page = Path(__file__).parents[2].joinpath("docs", "cli.md").read_text("utf-8")
    for name, command in cli.commands.items():
        assert command.help
        (row,) = re.findall(rf"^\| `perdure {name}\b.*$", page, re.MULTILINE)
        if isinstance(command, click.Group):
            for inner, one in command.commands.items():
                assert one.help
                assert re.search(rf"(`| {name} ){inner}(`| )", row), f"{name} {inner}"
    for group in ("retention", "versions", "executor", "application"):
        for inner in cli.commands[group].commands:
            assert "--json" in run(group, inner, "--help").output
