"""The snippets of the README and of the docs do what they say."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

import perdure
from perdure import Perdure
from tests_py.support import wait_until

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
TIMEOUTS = (ROOT / "docs" / "timeouts.md").read_text("utf-8")
QUEUES = (ROOT / "docs" / "queues.md").read_text("utf-8")
VERSIONS = (ROOT / "docs" / "versions.md").read_text("utf-8")
SCHEDULES = (ROOT / "docs" / "schedules.md").read_text("utf-8")
MANAGING = (ROOT / "docs" / "managing.md").read_text("utf-8")
GUARANTEES = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
OBSERVING = (ROOT / "docs" / "observing.md").read_text("utf-8")


def snippet(language: str, page: str = README) -> str:
    match = re.search(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert match is not None
    return match[1]


def test_program_of_the_first_screen_resumes_after_a_kill(database: str, tmp_path: Path) -> None:
    program = tmp_path / "checkout.py"
    text = snippet("python").replace('"embedded"', repr(database))
    program.write_text(text, "utf-8")
    # Dies between the two steps: what a kill does, at a known moment.
    dying = tmp_path / "dying.py"
    dying.write_text(text.replace('print("shipping", order)', "import os; os._exit(9)"), "utf-8")

    first = run(dying)
    assert first.returncode == 9
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("update perdure.executors set lease_until = now() - interval '1 second'")

    second, third = run(program), run(program)

    assert "charging" in first.stdout
    assert "charging" not in second.stdout
    assert "shipping 7" in second.stdout
    assert "shipping" not in third.stdout
    for done in (second, third):
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == str({"order": 7, "payment": "payment-7", "shipped": True})


def test_each_statement_of_the_worker_in_go_fits_the_functions(database: str) -> None:
    text = (ROOT / "examples" / "worker.go").read_text("utf-8")
    statements = re.findall(r'"(select [^"]*)"', text.partition("package main")[2])
    called = {re.search(r"perdure\.(\w+)", statement)[1] for statement in statements}
    assert called >= {"register_executor", "heartbeat", "run_maintenance", "claim", "record_step", "finish"}
    assert called >= {"release", "reconcile", "deregister_executor"}
    with psycopg.connect(database) as connection:
        for number, statement in enumerate(statements):
            connection.execute(f"prepare s{number} as {statement}")


def run(program: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )


def psql(database: str, script: str) -> list[str]:
    done = subprocess.run(
        ["psql", database, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_life_of_a_workflow_in_psql(database: str) -> None:
    assert psql(database, snippet("sql")) == [
        "order-8",
        "claimed order-8",
        "t",
        "t",
        "t",
        'SUCCESS|{"shipped": true}',
        '1|charge|"payment-8"',
        '2|ship|{"shipped": true}',
        "0",
    ]


def test_timeouts_and_deadlines(database: str, tmp_path: Path) -> None:
    text = snippet("python", TIMEOUTS).replace('"embedded"', repr(database))
    steps = re.findall(r"^```python\n(.*?)^```", TIMEOUTS, re.DOTALL | re.MULTILINE)[1]
    program = tmp_path / "approve.py"
    program.write_text(text.replace("\n\n@app.workflow", f"\n\n{steps}\n\n@app.workflow", 1), "utf-8")

    done = run(program)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["timed out: it had not ended at its deadline"]
    with psycopg.connect(database, autocommit=True) as owner:
        found = owner.execute(
            "select timeout, deadline > now() from perdure.workflows order by key offset 1"
        ).fetchall()
    assert found == [(timedelta(seconds=60), None), (timedelta(seconds=0.5), True)]


def test_timeouts_and_deadlines_in_psql(database: str) -> None:
    assert psql(database, snippet("sql", TIMEOUTS)) == [
        "approve-7",
        "approve-8",
        "1",
        "CANCELLED|WorkflowTimedOut",
    ]


def test_program_with_a_schedule(database: str, tmp_path: Path) -> None:
    program = tmp_path / "report.py"
    text = snippet("python", SCHEDULES).replace('"postgresql://localhost/app"', repr(database))
    program.write_text(text, "utf-8")
    done = run(program)
    assert done.returncode == 0, done.stderr
    result, listed = done.stdout.splitlines()
    assert re.fullmatch(r"report of \d{4}-\d\d-\d\d", result)
    assert listed == str(
        [("at noon", "0 12 * * mon-fri", "America/New_York"), ("report", "0 2 * * *", "Europe/Berlin")]
    )


def test_schedule_in_psql(database: str) -> None:
    first, *rest = psql(database, snippet("sql", SCHEDULES))
    assert re.search(r" 0[01]:00:00\+00$", first)
    assert rest == [
        "sched-nightly-trigger-2026-01-02T12:00:00+00:00",
        "sched-nightly-2026-01-01T01:00:00+00:00|t",
        "sched-nightly-2026-01-02T01:00:00+00:00|t",
        "",
        "t",
        "",
    ]


def test_queues_in_psql(database: str) -> None:
    first, second, third = psql(database, snippet("sql", QUEUES))
    assert (first, len(second), third) == ("t", 36, "")


def test_a_trigger_that_enqueues(database: str) -> None:
    _, text = re.findall(r"^```sql\n(.*?)^```", QUEUES, re.DOTALL | re.MULTILINE)
    with Perdure(database) as app, psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create table invoices (id int, customer text)")
        connection.execute(text)
        connection.execute("insert into invoices values (7, 'ada')")
        connection.execute("update invoices set customer = 'bob'")

        @app.workflow(name="send_invoice")
        def send_invoice(id: int, customer: str) -> str:
            return f"{id} to {customer}"

        [(workflow_id,)] = connection.execute("select workflow_id from perdure.workflows").fetchall()
        assert app.retrieve_workflow(workflow_id).get_result(20) == "7 to ada"


def test_programs_with_versions_and_patches(database: str, tmp_path: Path) -> None:
    found: list[str] = re.findall(r"^```python\n(.*?)^```", VERSIONS, re.DOTALL | re.MULTILINE)
    said: list[list[str]] = []
    for n, text in enumerate(found):
        program = tmp_path / f"program{n}.py"
        program.write_text(text.replace("DSN", repr(database)), "utf-8")
        done = run(program)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.splitlines())
    assert said == [
        ["hello ada", "[('2024-05-01', True, 1)]"],
        ["the new way", "['perdure.patch-charge first', 'charge', 'reserve']"],
    ]


def test_each_error_of_the_package_is_documented() -> None:
    errors = (ROOT / "docs" / "errors.md").read_text("utf-8")
    for name in perdure.__all__:
        thing = getattr(perdure, name)
        if isinstance(thing, type) and issubclass(thing, perdure.PerdureError):
            assert f"`{name}`" in errors, name
    assert "perdure._" not in errors


def test_each_option_and_setting_is_on_the_page_of_queues() -> None:
    for name in perdure.EnqueueOptions._fields:
        assert name in QUEUES, name
    for name in ("workflow_ids", "priorities", "partition_keys", "deduplication_ids"):
        assert f"`{name}`" in QUEUES, name


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"], ids=lambda p: p.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not urlsplit(target).scheme:
            assert (page.parent / target).exists(), target


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"make ([a-z][a-z-]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_code_in_the_sql_is_documented() -> None:
    errors = (ROOT / "docs" / "errors.md").read_text("utf-8")
    raised = set()
    for path in (ROOT / "sql").rglob("*.sql"):
        raised |= set(re.findall(r"'(PD\d{3})'", path.read_text("utf-8")))
    assert raised
    assert raised <= set(re.findall(r"PD\d{3}", errors))


def test_the_page_of_waiting_does_what_it_says(database: str) -> None:
    page = (ROOT / "docs" / "waiting.md").read_text("utf-8")
    found: dict[str, Any] = {"app": Perdure(database)}
    exec(snippet("python", page).replace("app.sleep(60)", "app.sleep(0.01)"), found)
    with found["app"] as app:
        assert app.retrieve_workflow(found["handle"].workflow_id).get_result(20) is True
        assert app.get_event(found["handle"].workflow_id, "state") == "approved"
        app.enqueue(found["approval"], 8, workflow_id="order-8")
        with psycopg.connect(database, autocommit=True) as connection:
            for statement in snippet("sql", page).split(";"):
                if statement.strip():
                    connection.execute(statement)
        assert app.retrieve_workflow("order-8").get_result(20) == {"approved": True}


def test_the_program_of_the_page_on_guarantees(database: str, tmp_path: Path) -> None:
    program = tmp_path / "threads.py"
    program.write_text(snippet("python", GUARANTEES).replace("DSN", repr(database)), "utf-8")
    done = run(program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["['packed book, labelled', 'packed lamp, labelled']"]
    with Perdure(database) as app:
        (workflow,) = app.list_workflows()
        names = [step.name for step in app.list_steps(workflow.workflow_id)]
        assert sorted(names) == ["label", "label", "pack", "pack"]


def test_the_program_of_the_page_on_managing(database: str, tmp_path: Path) -> None:
    program = tmp_path / "managing.py"
    program.write_text(snippet("python", MANAGING).replace('"embedded"', repr(database)), "utf-8")
    done = run(program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "cancelled: True",
        "the workflow was cancelled",
        "resumed: True",
        "failed: no parcel service",
        "['payment-7', 'Ann', 'parcel-7']",
    ]
    with Perdure(database) as app:
        fork, original = app.list_workflows()
        assert (fork.forked_from, fork.status, original.status) == (original.workflow_id, "SUCCESS", "ERROR")
        paid = [step for step in app.list_steps(fork.workflow_id) if step.name == "charge"]
        assert [step.output for step in paid] == ["payment-7"]


def test_the_program_of_the_page_on_observing(database: str, tmp_path: Path) -> None:
    program = tmp_path / "observing.py"
    program.write_text(snippet("python", OBSERVING).replace('"embedded"', repr(database)), "utf-8")
    done = run(program)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "card declined" in lines[0]
    # The ids of the children are those of their parent and its steps.
    assert lines[1:5] == [
        "monday SUCCESS",
        "  monday-1 SUCCESS",
        "  monday-2 SUCCESS",
        "  monday-3 ERROR",
    ]
    assert set(lines[5:8]) == {"checkout SUCCESS 2", "checkout ERROR 1", "day SUCCESS 1"}
    assert 'perdure_executors{state="alive"} 1' in lines


def test_managing_in_psql(database: str) -> None:
    assert psql(database, snippet("sql", MANAGING)) == [
        "checkout-8",
        "t",
        "f",
        "resumed|ENQUEUED",
        "checkout-8-again",
        "1|checkout-8|cancelled",
        "2|checkout-8-again|cancelled",
    ]


def python_of(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def test_the_page_of_transactions_does_what_it_says(database: str) -> None:
    page = (ROOT / "docs" / "transactions.md").read_text("utf-8")
    sqlalchemy_url = database.replace("postgresql://", "postgresql+psycopg://")
    found: dict[str, Any] = {"__name__": "page"}
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "create table public.accounts (name text, balance int);"
            "create table public.bookings (account text, amount int);"
            "insert into public.accounts values ('ada', 15), ('bob', 0)"
        )
        for text in python_of(page):
            for url in ("postgresql://localhost/shop", "postgresql://localhost/ledger"):
                text = text.replace(url, database)
            exec(text.replace("postgresql+psycopg://localhost/shop", sqlalchemy_url), found)
        app = found["app"]

        @app.workflow(name="rest")
        def rest() -> str:
            found["book"]("ada", 5)
            return found["close"]("bob")

        with app:
            assert found["transfer"]("ada", "bob", 10) == 5
            with pytest.raises(ValueError, match="ada has not enough"):
                found["transfer"]("ada", "bob", 10)
            assert rest() == "bob"
        found["Sessions"].kw["bind"].dispose()
        assert connection.execute("select * from public.accounts").fetchall() == [("ada", 5)]
        assert connection.execute("select * from public.bookings").fetchall() == [("ada", 5)]

        claim = "select workflow_key, token from perdure.claim(perdure.register_executor('me')) \\gset\n"
        script = "select perdure.enqueue('w');\n" + claim + snippet("sql", page)
        assert psql(database, script)[-1] == "t"
        assert connection.execute("select count(*) from public.bookings").fetchone() == (2,)


def test_the_page_of_values_does_what_it_says(database: str) -> None:
    page = (ROOT / "docs" / "values.md").read_text("utf-8")
    found: dict[str, Any] = {"__name__": "page"}
    exec(snippet("python", page).replace("postgresql://localhost/shop", database), found)
    with found["app"] as app:
        handle = app.enqueue(found["order"], "ball")
        result = handle.get_result(20)
        assert result["items"] == [
            found["Item"]("ball", found["Size"].SMALL),
            found["Item"]("a box", found["Size"].LARGE),
        ]
        assert result["note"] == found["Note"]("packed")
        assert result["price"].cents == 990
    stored = '{"$type": "Item", "value": {"name": "ball", "size": {"$type": "Size", "value": "SMALL"}}}'
    assert f"`{stored}`" in page
    with psycopg.connect(database) as connection:
        found_text = connection.execute("select output #>> '{items,0}' from perdure.outcomes").fetchone()
    assert found_text is not None
    assert json.loads(found_text[0]) == json.loads(stored)


RETENTION = (ROOT / "docs" / "retention.md").read_text("utf-8")
ALERTS = (ROOT / "docs" / "alerts.md").read_text("utf-8")


def test_program_that_keeps_and_deletes(database: str, tmp_path: Path) -> None:
    program = tmp_path / "keep.py"
    program.write_text(snippet("python", RETENTION).replace('"embedded"', repr(database)), "utf-8")
    done = run(program)
    assert done.returncode == 0, done.stderr
    policies, *rest = done.stdout.splitlines()
    assert policies == str([(None, timedelta(days=30), None), ("report", None, 1000)])
    assert rest[:-1] == ["would go now: []", "8", "deleted: True", "imported: 1", "True"]
    assert rest[-1].startswith("workflow 'report-5' is active")


def test_keeping_in_psql(database: str) -> None:
    with Perdure(database) as app:
        app.enqueue("report", 6, workflow_id="report-6")
    assert psql(database, snippet("sql", RETENTION)) == [
        "",
        "",
        "|720:00:00||",
        "report||1000|{SUCCESS}",
        "t",
        "0",
        "1",
    ]


def test_alerts_in_psql_and_python(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("select perdure.enqueue('w')")
        connection.execute("update perdure.workflows set created_at = now() - interval '1 hour'")
    told = "unserved queue|default|work waits and no executor is alive"
    assert psql(database, snippet("sql", ALERTS)) == [f"critical|{told}", ""]
    asking, listening = re.findall(r"^```python\n(.*?)^```", ALERTS, re.DOTALL | re.MULTILINE)
    program = tmp_path / "alerts.py"
    program.write_text(asking.replace('"postgresql://localhost/app"', repr(database)), "utf-8")
    done = run(program)
    assert done.stdout == "critical: unserved queue default: work waits and no executor is alive\n", (
        done.stderr
    )

    program.write_text(listening.replace('"postgresql://localhost/app"', repr(database)), "utf-8")
    listener = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    with psycopg.connect(database, autocommit=True) as connection:
        # Not only begun: it has committed.
        listens = """
            select count(*) from pg_stat_activity where query ilike 'listen%%alert%%' and state = 'idle'
        """
        wait_until(lambda: connection.execute(listens).fetchone() == (1,), 20)
        connection.execute("select set_config('search_path', 'perdure', false)")
        connection.execute("select register_executor('test')")
        [(key, token)] = connection.execute(
            "select workflow_key, token from claim((select max(executor_id) from executors))"
        ).fetchall()
        connection.execute("select finish(%s, %s, error => '{}')", [key, token])
    assert listener.communicate(timeout=20)[0] == "failed workflow\n"
