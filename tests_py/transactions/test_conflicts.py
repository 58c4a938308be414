"""What the database makes a transaction run again for, and who may not commit."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from perdure import DatabaseUnavailable, Perdure, PerdureError, WrongContext
from perdure._loop import run_sync
from perdure._run import Run, current_run
from perdure.sqlalchemy import transaction as sqlalchemy_transaction
from tests_py.support import Link, fresh_database, wait_until
from tests_py.transactions.workflows import INSERT


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_serialization_failure_runs_it_again(run, app, sql, ledger, kind):
    sql(INSERT, "me", "first")
    ran = []

    def meddle():
        """What another session commits while the transaction runs, in its first attempt."""
        ran.append(1)
        if len(ran) == 1:
            sql("update public.ledger set note = note || ', meddled'")

    def is_awaited():
        """Whoever waits for the result has left its mark in the workflow's row, which transactions lock."""
        return sql("select 1 from tasks where watched")

    update = "update public.ledger set note = note || ', done'"
    if kind == "sync":

        @app.transaction(isolation_level="repeatable read")
        def write(connection):
            connection.execute("select from public.ledger")
            meddle()
            connection.execute(update)

        def body():
            wait_until(is_awaited)
            write()
    else:

        @app.transaction(isolation_level="repeatable read")
        async def write(connection):
            await connection.execute("select from public.ledger")
            meddle()
            await connection.execute(update)

        async def body():
            await asyncio.to_thread(wait_until, is_awaited)
            await write()

    run(body)
    assert len(ran) == 2
    assert ledger() == ["first, meddled, done"]
    assert sql("select name, attempts, error from steps") == [(write.options.name, 1, None)]


def test_two_counters_that_write_what_they_have_read_count_right(app, sql):
    sql("create table public.counter as select 0 as n")

    @app.transaction(isolation_level="serializable")
    def count(connection):
        ((n,),) = connection.execute("select n from public.counter").fetchall()
        connection.execute("update public.counter set n = %s", [n + 1])

    @app.workflow()
    def counter():
        for _ in range(10):
            count()

    try:
        app.launch()
        for handle in [app.enqueue(counter) for _ in range(4)]:
            handle.get_result(30)
        assert sql("select n from public.counter") == [(40,)]
    finally:
        sql("drop table public.counter")


def test_a_deadlock_runs_one_of_the_two_again(app, sql, ledger):
    for owner in ("ada", "bob"):
        sql(INSERT, owner, "")
    both = threading.Barrier(2, timeout=20)
    met = []

    @app.transaction()
    def write(connection, first, second):
        update = "update public.ledger set note = note || %s where owner = %s"
        connection.execute(update, [first, first])
        if len(met) < 2:
            met.append(1)
            both.wait()
        connection.execute(update, [first, second])

    @app.workflow()
    def workflow(first, second):
        write(first, second)

    app.launch()
    for handle in [app.enqueue(workflow, "ada", "bob"), app.enqueue(workflow, "bob", "ada")]:
        handle.get_result(30)
    assert {"".join(sorted(note)) for note in ledger()} == {"".join(sorted("adabob"))}


def test_a_conflict_without_end_is_an_error(run, app, monkeypatch):
    monkeypatch.setattr("perdure._scope._MOST_CONFLICTS", 3)
    ran = []

    @app.transaction()
    def write(connection):
        ran.append(1)
        raise psycopg.errors.SerializationFailure("always")

    with pytest.raises(psycopg.errors.SerializationFailure):
        run(lambda: write())
    assert len(ran) == 4


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("kind", ["psycopg", "sqlalchemy"])
def test_a_superseded_worker_does_not_commit(database, new_app, sql, ledger, monkeypatch, level, kind):
    """Its code runs to its end after another worker has taken over; what it wrote is rolled back."""
    # It does not notice: the database has to tell it.
    monkeypatch.setattr(Run, "check", lambda run: None)
    # It has one place, and its code is in it: it cannot be its own heir.
    old, heir = new_app(name="old", lease=3600.0, concurrency=1), new_app(name="heir")
    running, superseded = threading.Event(), threading.Event()

    def code(execute):
        execute("first write")
        if not running.is_set():
            running.set()
            assert superseded.wait(20)
        execute("second write")

    for app in (old, heir):
        if kind == "psycopg":

            @app.transaction(name="write", isolation_level=level)
            def write(connection, who):
                code(lambda note: connection.execute(INSERT, [who, note]))
                return who
        else:
            from sqlalchemy import create_engine
            from sqlalchemy.orm import sessionmaker
            from sqlalchemy.pool import NullPool

            url = database.replace("postgresql://", "postgresql+psycopg://")
            sessions = sessionmaker(create_engine(url, poolclass=NullPool))

            @sqlalchemy_transaction(app, sessions, name="write", isolation_level=level)
            def write(session, who):
                execute = session.connection().exec_driver_sql
                code(lambda note: execute(INSERT, (who, note)))
                return who

        app.workflow(name="workflow")(lambda write=write, name=app._name: write(name))

    handle = old.enqueue("workflow")
    old.launch()
    assert running.wait(20)
    sql("update executors set lease_until = '2000-01-01' where name = 'old'")
    heir.launch()
    assert handle.get_result(20) == "heir"
    superseded.set()
    wait_until(lambda: not [r for r in old._core.runs if r.workflow_id == handle.workflow_id], 20)
    assert ledger("owner = 'old'") == []
    assert ledger("owner = 'heir'") == ["first write", "second write"]
    assert sql("select output #>> '{}' from steps") == [("heir",)]


def test_a_cancelled_workflow_does_not_commit(app, sql, ledger):
    running, cancelled = threading.Event(), threading.Event()

    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        running.set()
        assert cancelled.wait(20)

    @app.workflow()
    def workflow():
        write()

    app.launch()
    handle = app.enqueue(workflow, timeout=3600)
    assert running.wait(20)
    # The deadline passes, and the database ends it.
    sql("update tasks set deadline = '2000-01-01'")
    wait_until(lambda: handle.get_status().status == "CANCELLED", 20)
    cancelled.set()
    wait_until(lambda: not app._core.runs, 20)
    assert ledger() == []
    assert sql("select * from steps") == []


def test_what_is_recorded_by_the_time_of_the_record_stands(run, app, ledger):
    """As after a lost connection, when the first attempt commits while the second runs."""
    both, first_ended = threading.Barrier(2, timeout=20), threading.Event()

    @app.transaction(name="write")
    def write(connection, who):
        connection.execute(INSERT, ["me", who])
        both.wait()
        if who == "second":
            assert first_ended.wait(20)
        return who

    def body():
        this = current_run.get()
        step, _ = this.begin_step("write")

        def transact(who):
            return run_sync(write.options.transaction.run(this, step, (who,), {}), "").replay()

        with ThreadPoolExecutor(2) as threads:
            second = threads.submit(transact, "second")
            first = threads.submit(transact, "first").result(20)
            first_ended.set()
            return first, second.result(20)

    assert run(body) == ("first", "first")
    assert ledger() == ["first"]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_connection_anywhere_changes_nothing(new_app, database, proxy, sql, ledger, kind, when):
    """Each round trip of a transaction is cut off once, before the server has it, or before its answer."""
    app = new_app(max_connections=1)
    app.launch()
    # Only the transaction's connections go through the proxy.
    app._parts()[0]._pools._dsn = lambda: proxy.url

    if kind == "sync":

        @app.transaction(name="write")
        def write(connection, note):
            connection.execute(INSERT, ["me", note])
            connection.execute(INSERT, ["me", note])
            return note

        @app.workflow()
        def workflow(note):
            return write(note)
    else:

        @app.transaction(name="write")
        async def write(connection, note):
            await connection.execute(INSERT, ["me", note])
            await connection.execute(INSERT, ["me", note])
            return note

        @app.workflow()
        async def workflow(note):
            return await write(note)

    assert app.start_workflow(workflow, "warm").get_result(20) == "warm"
    proxy.reset()
    assert app.start_workflow(workflow, "whole").get_result(20) == "whole"
    trips = proxy.requests
    assert trips == 5  # begin, two writes, the record, commit
    notes = [str(k) for k in range(1, trips + 1)]
    for note in notes:
        hook = proxy.before_request if when == "before" else proxy.before_reply
        hook(int(note), Link.cut)
        assert app.start_workflow(workflow, note).get_result(20) == note
        proxy.reset()
    assert ledger() == [note for note in ["warm", "whole", *notes] for _ in range(2)]
    assert sql("select count(*), count(error) from steps") == [(2 + trips, 0)]


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_without_a_record_a_lost_answer_to_the_commit_is_told(new_app, proxy, ledger, kind):
    """Nobody can look whether it has committed: run again, it might write twice."""
    app = new_app()
    app.launch()
    app._parts()[0]._pools._dsn = lambda: proxy.url
    ran = []

    @app.transaction()
    def write(connection):
        ran.append(1)
        connection.execute(INSERT, ["me", "one"])

    @app.transaction()
    async def write_async(connection):
        ran.append(1)
        await connection.execute(INSERT, ["me", "one"])

    def call():
        asyncio.run(write_async()) if kind == "async" else write()

    call()
    proxy.reset()
    # An asynchronous one has a connection of its own here, whose start counts as no request.
    proxy.before_reply(3, Link.cut)
    with pytest.raises(DatabaseUnavailable, match="may have committed"):
        call()
    assert (ran, ledger()) == ([1, 1], ["one", "one"])
    # Before its commit it has not, and is run again.
    proxy.reset()
    proxy.before_reply(2, Link.cut)
    call()
    assert (ran, ledger()) == ([1, 1, 1, 1], ["one"] * 3)


def test_a_lost_answer_to_the_commit_does_not_run_the_code_again(new_app, proxy):
    app = new_app()
    app.launch()
    app._parts()[0]._pools._dsn = lambda: proxy.url
    ran = []

    @app.transaction()
    def write(connection):
        ran.append(1)
        connection.execute(INSERT, ["me", "one"])
        return len(ran)

    @app.workflow()
    def workflow():
        return write()

    assert app.start_workflow(workflow).get_result(20) == 1
    proxy.reset()
    proxy.before_reply(4, Link.cut)
    assert app.start_workflow(workflow).get_result(20) == 2
    assert ran == [1, 1]


def test_a_database_without_the_engine_says_what_to_do(run, app, other):
    from sqlalchemy import create_engine, text
    from sqlalchemy.orm import sessionmaker
    from sqlalchemy.pool import NullPool

    url = other.replace("postgresql://", "postgresql+psycopg://")

    @sqlalchemy_transaction(app, sessionmaker(create_engine(url, poolclass=NullPool)))
    def write(session):
        session.execute(text("insert into public.ledger (note) values ('one')"))

    with pytest.raises(PerdureError, match="datasource"):
        run(lambda: write())
    with psycopg.connect(other) as connection:
        assert connection.execute("select * from public.ledger").fetchall() == []


def test_a_transaction_of_another_app_is_told_where_it_belongs(run, server, engine_template, ledger):
    """Its record would be looked for in the other database, where this workflow is not."""
    with fresh_database(server, template=engine_template) as elsewhere:
        other_app = Perdure(elsewhere)
        ran = []

        @other_app.transaction()
        def write(connection):
            ran.append(1)

        try:
            with pytest.raises(WrongContext, match=r"app\.datasource"):
                run(lambda: write())
        finally:
            other_app.shutdown()
    assert ran == []


def test_two_apps_over_one_database_share_their_transactions(run, database, ledger):
    other_app = Perdure(database)

    @other_app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])

    try:
        run(lambda: write())
    finally:
        other_app.shutdown()
    assert ledger() == ["one"]
