"""A program moves by changing its import; and what a crash leaves is taken up."""

import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tests_py.support import databases

# The first two examples of the package's introduction, with bodies for what they leave out.
EXAMPLES = """
from dbos import DBOS, DBOSClient, DBOSConfig, Queue, SetWorkflowID
import sys

@DBOS.step()
def step_one():
    print("Step one completed!")

@DBOS.step()
def step_two():
    print("Step two completed!")

@DBOS.workflow()
def workflow():
    step_one()
    step_two()

queue = Queue("example_queue")

@DBOS.step()
def process_task(task):
    return task * 2

@DBOS.workflow()
def process_tasks(tasks):
    task_handles = []
    for task in tasks:
        handle = queue.enqueue(process_task, task)
        task_handles.append(handle)
    return [handle.get_result() for handle in task_handles]

@DBOS.workflow()
def message_workflow(body):
    DBOS.sleep(0.01)
    return f"handled {body}"

def handle_message(event_id, body):
    with SetWorkflowID(event_id):
        return DBOS.start_workflow(message_workflow, body)

class ServiceOutage(Exception):
    pass

is_down = [True]

@DBOS.step()
def call_service():
    if is_down[0]:
        raise ServiceOutage("down")
    return "up"

@DBOS.workflow()
def calls_service():
    step_one()
    return call_service()

if __name__ == "__main__":
    config: DBOSConfig = {"name": "dbos-starter", "system_database_url": sys.argv[1]}
    DBOS(config=config)
    DBOS.launch()
    workflow()
    print(process_tasks([1, 2, 3]))
    print(handle_message("event-1", "a").get_result(), handle_message("event-1", "b").get_result())
    try:
        calls_service()
    except ServiceOutage:
        is_down[0] = False
    client = DBOSClient(system_database_url=sys.argv[1])
    for failed in client.list_workflows(status="ERROR", start_time="2025-04-22T03:00:00Z"):
        steps = client.list_workflow_steps(failed.workflow_id)
        if len(steps) >= 2 and isinstance(steps[1]["error"], ServiceOutage):
            print(DBOS.fork_workflow(failed.workflow_id, 2).get_result())
    client.destroy()
    DBOS.destroy()
"""


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(program), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_examples_run_with_only_the_import_changed(empty_database: str, tmp_path: Path) -> None:
    program = tmp_path / "main.py"
    program.write_text(EXAMPLES.replace("from dbos import", "from perdure.dbos import"))
    done = run(program, empty_database)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Step one completed!",
        "Step two completed!",
        "[2, 4, 6]",
        "handled a handled a",
        "Step one completed!",
        "up",
    ]


def test_the_program_of_the_docs_runs(empty_database: str, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "dbos.md").read_text("utf-8")
    found = re.search(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert found is not None
    program = tmp_path / "shop.py"
    program.write_text(found[1].replace("postgresql://localhost/shop", empty_database))
    done = run(program)
    assert done.stdout == "payment-7\n", done.stderr


DYING = textwrap.dedent("""
    import os, sys
    from perdure.dbos import DBOS, SetWorkflowID

    @DBOS.step()
    def once():
        print("once")
        return 1

    @DBOS.workflow()
    def checkout():
        first = once()
        if sys.argv[2] == "die":
            os._exit(9)
        return first + 1

    DBOS(config={"name": "dying", "system_database_url": sys.argv[1], "application_version": "1"})
    DBOS.launch()
    with SetWorkflowID("checkout-1"):
        print(checkout())
    DBOS.destroy()
""")


def test_a_workflow_goes_on_after_its_process_died(empty_database: str, tmp_path: Path) -> None:
    program = tmp_path / "dying.py"
    program.write_text(DYING)
    first = subprocess.run(
        [sys.executable, "-u", str(program), empty_database, "die"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (first.returncode, first.stdout.split()) == (9, ["once"]), first.stderr
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute("update dbos.executors set lease_until = now() - interval '1 second'")
    second = run(program, empty_database, "live")
    assert second.stdout.split() == ["2"], second.stderr


TRANSACTIONS = textwrap.dedent("""
    import sys
    from sqlalchemy import text
    from perdure.dbos import DBOS, SetWorkflowID, SQLAlchemyDatasource

    source = SQLAlchemyDatasource.create(sys.argv[1])

    @source.transaction
    def book(amount):
        source.sql_session().execute(text("insert into bookings values (:a)"), {"a": amount})
        return amount

    @DBOS.workflow()
    def pay(amount):
        return [book(amount), source.run_tx_step({"name": "again"}, lambda: amount + 1)]

    DBOS(config={"name": "bookings", "system_database_url": sys.argv[1]})
    DBOS.launch()
    for _ in range(2):
        with SetWorkflowID("pay-1"):
            print(pay(7), [s["function_name"] for s in DBOS.list_workflow_steps("pay-1")][1:])
    DBOS.destroy()
""")


def test_a_transaction_of_a_datasource_happens_once(empty_database: str, tmp_path: Path) -> None:
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute("create table bookings (amount int)")
        program = tmp_path / "bookings.py"
        program.write_text(TRANSACTIONS)
        done = run(program, empty_database)
        assert done.stdout.splitlines() == ["[7, 8] ['again']"] * 2, done.stderr
        assert owner.execute("select amount from bookings").fetchall() == [(7,)]


def test_an_enqueue_and_a_message_are_part_of_the_callers_transaction(empty_database: str) -> None:
    from perdure.dbos import DBOSClient, run_dbos_database_migrations

    run_dbos_database_migrations(empty_database)
    client = DBOSClient(system_database_url=empty_database)
    engine = create_engine(empty_database.replace("postgresql://", "postgresql+psycopg://"))

    def statuses() -> list[Any]:
        return [w.workflow_id for w in client.list_workflows()]

    try:
        with Session(engine) as session:
            client.enqueue_in_transaction(
                session, {"workflow_name": "w", "queue_name": "q", "workflow_id": "rolled back"}, 1
            )
            session.rollback()
        assert statuses() == []
        with engine.begin() as connection:
            connection.execute(text("create table mine ()"))
            client.enqueue_in_transaction(
                connection, {"workflow_name": "w", "queue_name": "q", "workflow_id": "kept"}, 1
            )
            client.send_in_transaction(connection, "kept", "hello", "topic")
            assert statuses() == []
        assert statuses() == ["kept"]
        with pytest.raises(Exception, match="no such") as refused, engine.begin() as connection:
            client.send_in_transaction(connection, "no such workflow", 1)
        assert type(refused.value).__name__ == "DBOSNonExistentWorkflowError"
    finally:
        client.destroy()
        engine.dispose()


def test_the_database_is_made_if_there_is_none(server: str) -> None:
    from perdure.dbos import run_dbos_database_migrations

    name = f"made_{time.monotonic_ns()}"
    url = databases.with_database(server, name)
    try:
        run_dbos_database_migrations(url)
        with psycopg.connect(url) as connection:
            assert connection.execute("select to_regnamespace('dbos') is not null").fetchone() == (True,)
    finally:
        with psycopg.connect(server, autocommit=True) as owner:
            owner.execute(f'drop database if exists "{name}" with (force)')


AGAIN = textwrap.dedent("""
    import asyncio, sys
    from perdure.dbos import DBOS, DBOSConfiguredInstance, Queue, SetWorkflowID

    queue = Queue("early", concurrency=2)

    @DBOS.step()
    def add(x):
        return x + 1

    @DBOS.workflow()
    def plain(x):
        return add(x)

    @DBOS.workflow()
    async def waiting(x):
        await asyncio.sleep(0)
        return add(x)

    @DBOS.dbos_class()
    class Shop(DBOSConfiguredInstance):
        @DBOS.workflow()
        def sell(self, x):
            return add(x)

    shop = Shop("one")
    for i in range(2):
        DBOS.destroy()
        DBOS(config={"name": "again", "system_database_url": sys.argv[1]})
        DBOS.reset_system_database()
        DBOS.launch()
        with SetWorkflowID("same"):
            first = plain(i)
        print(first, queue.enqueue(plain, 1).get_result(), queue.enqueue(shop.sell, 2).get_result())
    # Sync and async ones, which call a sync step in their loop, at the same time.
    handles = [DBOS.enqueue_workflow("many", waiting, i) for i in range(50)]
    handles += [DBOS.start_workflow(plain, i) for i in range(50)]
    print(sum(h.get_result() for h in handles))

    @DBOS.workflow()
    def late():
        return add(5)

    print(late())
    DBOS.destroy(destroy_registry=True)
""")


def test_a_program_is_reset_and_launched_again(server: str, tmp_path: Path) -> None:
    program = tmp_path / "again.py"
    program.write_text(AGAIN)
    name = f"again_{time.monotonic_ns()}"
    try:
        # The database is not there yet.
        done = run(program, databases.with_database(server, name))
        assert done.stdout.splitlines() == ["1 2 3", "2 2 3", "2550", "6"], done.stderr
    finally:
        with psycopg.connect(server, autocommit=True) as owner:
            owner.execute(f'drop database if exists "{name}" with (force)')


def test_without_pickle_no_pickle_is_read() -> None:
    from perdure.dbos import DBOSPortableJSONSerializer
    from perdure.dbos._values import ValueCodec

    class Mine:
        pass

    stored = ValueCodec().dumps({1, 2}), ValueCodec().dumps(ValueError)
    assert "pickle" not in stored[0]
    assert "pickle" in stored[1]
    assert ValueCodec().loads(stored[1]) is ValueError
    with pytest.raises(ValueError, match="pickle"):
        ValueCodec(DBOSPortableJSONSerializer()).loads(stored[1])
    with pytest.raises(ValueError, match="no portable JSON form"):
        ValueCodec(DBOSPortableJSONSerializer()).dumps(Mine())


LOGGING = textwrap.dedent("""
    import logging, sys
    from perdure.dbos import DBOS, SetWorkflowID

    @DBOS.workflow()
    def says():
        DBOS.logger.info("in a workflow")

    records = []

    class Keeping(logging.Handler):
        def emit(self, record):
            records.append(record)

    config = {"name": "logging", "system_database_url": sys.argv[1], "application_version": "v"}
    DBOS(config={**config, "executor_id": "me"})
    DBOS.launch()
    DBOS.logger.addHandler(Keeping())
    DBOS.logger.debug("not this")
    with SetWorkflowID("logs-1"):
        says()
    DBOS.destroy()
    [record] = records
    print(record.operationUUID, record.executorID, record.applicationVersion)
    DBOS(config={**config, "log_level": "DEBUG", "console_log_level": "WARNING"})
    DBOS.logger.debug("not on the console")
    DBOS.logger.warning("a warning")
    print(len(records))
    DBOS.destroy()
""")


def test_the_logger_writes_to_the_console_from_the_level_of_the_config(
    empty_database: str, tmp_path: Path
) -> None:
    program = tmp_path / "logging_program.py"
    program.write_text(LOGGING)
    done = run(program, empty_database)
    assert done.stdout.splitlines() == ["logs-1 me v", "3"], done.stderr
    assert [line.rpartition(") ")[2] for line in done.stderr.splitlines()] == ["in a workflow", "a warning"]


SOURCES = textwrap.dedent("""
    import asyncio, sys
    import psycopg
    from perdure.dbos import AsyncSQLAlchemyDatasource, SQLAlchemyDatasource, error

    def asked(call):
        try:
            call()
            return "there"
        except error.DBOSInitializationError:
            return "missing"

    sync, both = SQLAlchemyDatasource, AsyncSQLAlchemyDatasource
    print(asked(lambda: sync.create(sys.argv[1], run_migrations=False)))
    print(asked(lambda: asyncio.run(both.create(sys.argv[1], run_migrations=False))))
    sync.migrate(sys.argv[1], application_role=sys.argv[2])
    print(asked(lambda: sync.create(sys.argv[1], run_migrations=False)))
    print(asked(lambda: asyncio.run(both.create(sys.argv[1], run_migrations=False))))
    asyncio.run(both.migrate(sys.argv[1], schema="other", application_role=sys.argv[2]))
    with psycopg.connect(sys.argv[1], autocommit=True) as owner:
        for schema in ("dbos_datasource", "other"):
            print(owner.execute(
                "select has_table_privilege(%s, %s, 'insert')",
                [sys.argv[2], schema + ".perdure_transactions"],
            ).fetchone())
""")


def test_a_datasource_that_may_not_migrate_looks_for_its_table(empty_database: str, tmp_path: Path) -> None:
    program = tmp_path / "sources.py"
    program.write_text(SOURCES)
    role = f"app_{time.monotonic_ns()}"
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute(f"create role {role}")
        try:
            done = run(program, empty_database, role)
        finally:
            owner.execute(f"drop owned by {role}")
            owner.execute(f"drop role {role}")
    assert done.stdout.splitlines() == ["missing"] * 2 + ["there"] * 2 + ["(True,)"] * 2, done.stderr
