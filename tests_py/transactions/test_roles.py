"""The role of the program is not the owner of the engine: the engine's functions write for it."""

from urllib.parse import urlsplit

import psycopg
import pytest

from tests_py.transactions.workflows import INSERT


@pytest.fixture
def shop(database, sql):
    """The URL of a role that is a worker, and may write the ledger."""
    sql("create role txn_shop login password 'shop' in role perdure_worker")
    sql("create role txn_books")
    sql("grant txn_books to txn_shop")
    sql("grant insert, select on public.ledger to txn_shop, txn_books")
    parts = urlsplit(database)
    yield parts._replace(netloc=f"txn_shop:shop@{parts.hostname}:{parts.port}").geturl()
    sql("select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = 'txn_shop'")
    sql("drop owned by txn_shop, txn_books")
    sql("drop role txn_shop, txn_books")


def test_a_worker_records_what_it_may_not_write_itself(shop, new_app, ledger, sql):
    app = new_app(shop)

    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("insert into perdure.steps (key, step, name) values (1, 1, 'forged')")
        # What the code makes of its session does not lead the engine astray.
        connection.execute("set local search_path = ''")
        return connection.info.user

    @app.workflow()
    def workflow():
        return write()

    app.launch()
    assert app.start_workflow(workflow).get_result(20) == "txn_shop"
    assert ledger() == ["one"]
    assert sql("select (select xmin from steps) = (select xmin from public.ledger)") == [(True,)]
    app.shutdown()


def test_a_role_that_is_no_worker_cannot_record(shop, new_app, ledger):
    app = new_app(shop)

    @app.transaction()
    def write(connection, back):
        connection.execute("set local role txn_books")
        connection.execute(INSERT, ["me", f"back {back}"])
        if back:
            connection.execute("reset role")

    @app.workflow()
    def workflow():
        write(True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            write(False)

    app.launch()
    app.start_workflow(workflow).get_result(20)
    assert ledger() == ["back True"]
    app.shutdown()
