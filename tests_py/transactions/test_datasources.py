"""Transactions in another database."""

import datetime as dt
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from perdure import UnexpectedStep
from perdure._errors import Abandoned
from perdure._install import sql_directory
from perdure._loop import run_sync
from perdure._run import Run
from tests_py.integration.replay import Twice
from tests_py.transactions.workflows import INSERT


@pytest.fixture
def rows(other):
    """A function that runs a statement in the other database and returns its rows."""
    with psycopg.connect(other, autocommit=True) as connection:

        def rows(query, *params):
            cursor = connection.execute(query, params)
            return cursor.fetchall() if cursor.description else []

        yield rows


@pytest.fixture
def datasource(app, other):
    datasource = app.datasource(other)
    datasource.install()
    datasource.install()
    return datasource


KEPT = "select workflow_id, step, name, output::text from perdure_datasource.perdure_transactions"


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_replay_gets_what_was_recorded(app, datasource, rows, sql, kind):
    value = {"when": dt.date(2030, 1, 1)}
    if kind == "sync":

        @datasource.transaction(name="write")
        def write(connection: psycopg.Connection):
            connection.execute(INSERT, ["me", "one"])
            return value

        def body():
            return write()
    else:

        @datasource.transaction(name="write")
        async def write(connection: psycopg.AsyncConnection):
            await connection.execute(INSERT, ["me", "one"])
            return value

        async def body():
            return await write()

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [value, value]
    assert rows("select note from public.ledger") == [("one",)]
    text = '{"when":{"$type":"date","value":"2030-01-01"}}'
    assert rows(KEPT) == [(twice.workflow_id, 1, "write", text)]
    assert sql("select name, output::text from steps") == [("write", text)]


def test_psql_and_python_make_the_same_table(app, other, rows):
    columns = """
        select c.table_schema, c.column_name, c.data_type, c.is_nullable, c.collation_name, c.column_default,
          obj_description((c.table_schema || '.' || c.table_name)::regclass)
        from information_schema.columns c
        where c.table_name = 'perdure_transactions' order by c.ordinal_position
    """
    indexes = "select indexdef from pg_indexes where tablename = 'perdure_transactions' order by 1"
    psql = [
        "psql",
        other,
        "-X",
        "-q",
        "-1",
        "-v",
        "ON_ERROR_STOP=1",
        "-f",
        sql_directory() / "datasource.sql",
    ]
    for _ in range(2):
        subprocess.run(psql, check=True, timeout=60)
    by_psql = [rows(columns), rows(indexes)]
    assert len(by_psql[0]) == 6
    assert len(by_psql[1]) == 2
    app.datasource(other).install()
    assert [rows(columns), rows(indexes)] == by_psql
    rows("drop schema perdure_datasource cascade")
    app.datasource(other).install()
    assert [rows(columns), rows(indexes)] == by_psql

    awkward = app.datasource(other, schema='of "mine"')
    awkward.install()
    awkward.install()
    assert rows("""select count(*) from "of ""mine""\".perdure_transactions""") == [(0,)]
    rows("""drop schema "of ""mine""\" cascade""")


def test_an_error_rolls_back_and_is_recorded_in_the_engine(app, datasource, rows, sql):
    @datasource.transaction(retries=1, interval=0.0)
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        raise KeyError("no")

    twice = Twice(app, lambda: write())
    app.launch()
    assert [type(error).__name__ for error in twice.run()] == ["StepRetriesExceeded"] * 2
    assert rows("select * from public.ledger") == []
    assert rows(KEPT) == []
    assert sql("select attempts from steps") == [(2,)]


def run_of(app, workflow_id):
    """A run of a workflow that does not notice whether it is superseded."""
    return Run(app._core, 1, 1, workflow_id, "workflow")


@pytest.mark.parametrize("level", ["read committed", "repeatable read"])
def test_of_two_runs_at_once_one_commits(app, datasource, rows, level):
    """A worker that was superseded may be faster than its heir, who then takes what is there."""
    both, first_ended = threading.Barrier(2, timeout=20), threading.Event()
    attempts = []

    @datasource.transaction(name="write", isolation_level=level)
    def write(connection, who):
        connection.execute(INSERT, [who, "one"])
        attempts.append(who)
        both.wait()
        if who == "second":
            assert first_ended.wait(20)
        return who

    app.workflow(name="workflow")(lambda: None)
    app.launch()
    handle = app.enqueue("workflow")
    handle.get_result(20)

    def transact(who):
        return run_sync(write.options.transaction.run(run_of(app, handle.workflow_id), 1, (who,), {}), "")

    with ThreadPoolExecutor(2) as threads:
        second = threads.submit(transact, "second")
        assert threads.submit(transact, "first").result(20) == "first"
        first_ended.set()
        assert second.result(20) == "first"
    assert sorted(attempts) == ["first", "second"]
    assert rows("select owner from public.ledger") == [("first",)]


def test_a_run_that_must_not_go_on_does_not_commit(app, datasource, rows):
    """The database of the datasource does not know who owns the workflow; who knows says so till the end."""
    app.workflow(name="workflow")(lambda: None)
    app.launch()
    this = run_of(app, app.enqueue("workflow").workflow_id)

    @datasource.transaction(name="write")
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        this.abandon("superseded")

    with pytest.raises(Abandoned):
        run_sync(write.options.transaction.run(this, 1, (), {}), "")
    assert rows("select * from public.ledger") == []


def test_the_same_id_in_another_life_is_another_workflow(app, datasource, rows, sql):
    """As of an engine that was installed anew, or of two engines that share a datasource."""
    ran = []

    @datasource.transaction(name="write")
    def write(connection):
        ran.append(1)
        connection.execute(INSERT, ["me", str(len(ran))])
        return len(ran)

    @app.workflow()
    def workflow():
        return write()

    app.launch()
    for expected in (1, 2):
        assert app.start_workflow(workflow, workflow_id="same").get_result(20) == expected
        for table in ("workflows", "steps", "outcomes"):
            sql(f"delete from {table}")
    assert rows("select note from public.ledger order by id") == [("1",), ("2",)]


def test_another_step_in_that_place_is_told(app, datasource, rows):
    names = iter(["write", "other", "other"])

    def body():
        @datasource.transaction(name=next(names))
        def write(connection):
            connection.execute(INSERT, ["me", "one"])

        write()

    workflow = app.workflow(name="body")(body)
    app.launch()
    handle = app.start_workflow(workflow)
    handle.get_result(20)

    # As if it had died before the step was recorded in the engine, and its code had changed.
    @datasource.transaction(name="other")
    def other(connection):
        raise AssertionError("not run")

    with pytest.raises(UnexpectedStep, match="recorded as 'write', not as 'other'"):
        run_sync(other.options.transaction.run(run_of(app, handle.workflow_id), 1, (), {}), "")


def test_a_transaction_that_only_reads_keeps_nothing(app, datasource, rows):
    @datasource.transaction(read_only=True)
    def read(connection):
        return connection.execute("select current_setting('transaction_read_only')").fetchone()[0]

    twice = Twice(app, lambda: read())
    app.launch()
    assert twice.run() == ["on", "on"]
    assert rows(KEPT) == []


async def test_what_is_old_is_pruned(app, other, rows):
    datasource = app.datasource(other, schema="perdure_datasource")
    await datasource.install_async()

    @datasource.transaction()
    def write(connection):
        return 1

    @app.workflow()
    def workflow():
        return write()

    await app.launch_async()
    handle = await app.enqueue_async(workflow)
    assert await handle.get_result_async(20) == 1
    assert await datasource.prune_async(dt.timedelta(hours=1)) == 0
    rows("update perdure_datasource.perdure_transactions set completed_at = now() - interval '2 hours'")
    assert await datasource.prune_async(dt.timedelta(hours=1)) == 1
    assert rows(KEPT) == []
    await app.shutdown_async()
