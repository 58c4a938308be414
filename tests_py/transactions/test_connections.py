"""The connections of transactions: after a fork, on one event loop after another, and used again."""

import asyncio
import os
import threading
import traceback
import warnings

import pytest
from psycopg.rows import dict_row, scalar_row

from perdure import Perdure
from tests_py.support import wait_until

INSERT = "insert into public.ledger (owner, note) values ('ada', %s)"
PID = "select pg_backend_pid()"


def in_a_fork(task, seconds=20):
    """What a child of this process makes of the task: its exit code."""
    with warnings.catch_warnings():
        # From Python 3.12: with threads a fork may deadlock. That it need not is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            threading.Timer(seconds, os._exit, [2]).start()
            task()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("where", ["app", "datasource"])
def test_after_a_fork_both_have_connections_of_their_own(new_app, database, other, where, sql):
    app = new_app()
    decorates = app if where == "app" else app.datasource(other)
    if where == "datasource":
        decorates.install()

    @decorates.transaction()
    def write(connection):
        return connection.execute(PID).fetchone()[0]

    @decorates.transaction()
    async def write_async(connection):
        return (await (await connection.execute(PID)).fetchone())[0]

    @app.workflow()
    def plain():
        return write()

    @app.workflow()
    async def coroutine():
        return await write_async()

    app.launch()
    ours = [plain(), app.start_workflow(coroutine).get_result(10)]

    def child():
        app.launch()
        theirs = [plain(), app.start_workflow(coroutine).get_result(10)]
        assert not set(theirs) & set(ours)
        app.shutdown()

    assert in_a_fork(child) == 0
    # And the child has closed none of ours.
    assert [plain(), app.start_workflow(coroutine).get_result(10)] == ours


def test_after_a_fork_background_runs_have_threads(new_app):
    """Those that are idle in the parent are not in the child."""
    app = new_app()

    @app.workflow()
    def plain():
        return os.getpid()

    app.launch()
    handle = app.start_workflow(plain)
    assert handle.get_result(10) == os.getpid()
    wait_until(lambda: app._threads._idle == 1)

    def child():
        app.launch()
        assert app.start_workflow(plain).get_result(10) == os.getpid()
        app.shutdown()

    assert in_a_fork(child) == 0


def test_what_the_code_makes_of_its_connection_is_not_met_by_the_next(run, app, sql, ledger):
    """Also not by the record: a lost answer to it is looked for on this connection."""
    seen = []

    @app.transaction()
    def first(connection):
        connection.row_factory = dict_row
        # What is recorded already stands, and is read through this connection.
        key, token = sql("select key, token from tasks")[0]
        sql("select record_step(%s, %s, 1, 'recorded', '\"stands\"')", key, token)
        return "does not stand"

    first.options = first.options.__class__(**{**_fields(first.options), "name": "recorded"})
    first._scope.name = "recorded"

    @app.transaction()
    def second(connection):
        seen.append(connection.execute("select 1, 2").fetchone())
        connection.row_factory = scalar_row

    @app.transaction()
    async def third(connection):
        connection.row_factory = dict_row

    @app.transaction()
    async def fourth(connection):
        seen.append(await (await connection.execute("select 1, 2")).fetchone())

    @app.workflow()
    async def others():
        await third()
        await fourth()

    def body():
        found = first()
        second()
        app.start_workflow(others).get_result()
        return found

    assert run(body) == "stands"
    assert seen == [(1, 2), (1, 2)]


def _fields(options):
    return {name: getattr(options, name) for name in options.__slots__}


def test_an_app_serves_one_event_loop_after_another(database, ledger):
    """The first was closed without a shutdown; what it had begun does not keep the next from its own."""
    app = Perdure(database, name="test", poll_interval=0.25, connect_timeout=5.0, lease=5.0)

    @app.transaction()
    async def write(connection, note):
        await connection.execute(INSERT, [note])
        return note

    @app.workflow()
    async def workflow(note):
        return await write(note)

    async def once(note):
        await app.launch_async()
        assert await workflow(f"direct {note}") == f"direct {note}"
        handle = await app.enqueue_async(workflow, f"queued {note}")
        return await handle.get_result_async(10)

    async def last(note):
        try:
            return await once(note)
        finally:
            await app.shutdown_async(5)

    assert asyncio.run(once("one")) == "queued one"
    assert asyncio.run(once("two")) == "queued two"
    assert asyncio.run(last("three")) == "queued three"
    assert len(ledger()) == 6
