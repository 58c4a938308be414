"""Apps over the test's database.

The tests of this directory share one database, which is emptied after each: making one takes longer than
most of them.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from perdure import Client, Perdure
from tests_py.support import TcpProxy, databases, fresh_database

EMPTY = """
    do $$
    declare
      v_table regclass;
    begin
      for v_table in
        select format('%I.%I', schemaname, tablename)
        from pg_tables
        where schemaname = 'perdure'
          and tablename not in ('schema_migrations', 'schema_functions', 'queues')
          and pg_relation_size(format('%I.%I', schemaname, tablename)) > 0
      loop
        execute format('delete from %s', v_table);
      end loop;
      delete from perdure.queues where name not in ('_internal', 'default');
      update perdure.queues set listening_until = null;
    end
    $$
"""


@pytest.fixture(scope="session")
def shared_database(server: str, engine_template: str) -> Iterator[str]:
    with fresh_database(server, template=engine_template) as url:
        yield url


@pytest.fixture
def database(shared_database: str) -> Iterator[str]:
    """The URL of a database with the engine and nothing in it."""
    yield shared_database
    with psycopg.connect(shared_database, autocommit=True) as connection:
        databases.end_sessions(connection, databases.database_name(shared_database))
        connection.execute(EMPTY)


@pytest.fixture
def new_app(database: str) -> Iterator[Callable[..., Perdure]]:
    """A function that makes an app over the test's database; not launched, shut down at the end."""
    with contextlib.ExitStack() as opened:

        def make(dsn: str = database, **options: Any) -> Perdure:
            app = Perdure(dsn, **{"name": "test", "poll_interval": 0.25, "connect_timeout": 5.0} | options)
            opened.callback(app.shutdown, 5.0)
            return app

        yield make


@pytest.fixture
def app(new_app: Callable[..., Perdure]) -> Perdure:
    """An app that a test decorates its functions with, and then launches."""
    return new_app()


@pytest.fixture
def client(database: str) -> Iterator[Client]:
    with Client(database, poll_interval=0.25, connect_timeout=5.0) as client:
        yield client


@pytest.fixture
def sql(connect: Callable[..., psycopg.Connection[Any]]) -> Callable[..., list[tuple[Any, ...]]]:
    """A function that runs a statement as the owner of the schema and returns its rows."""
    connection = connect()

    def sql(query: str, *params: Any) -> list[tuple[Any, ...]]:
        cursor = connection.execute(query, params)
        return cursor.fetchall() if cursor.description else []

    return sql


@pytest.fixture
def quiet_app(proxy: TcpProxy, new_app: Callable[..., Perdure]) -> Perdure:
    """An app whose connection goes through the proxy, and that asks for nothing by itself once it is settled
    (see `is_settled`). A second connection would prepare its statements at a moment of its own."""
    return new_app(proxy.url, listen=False, poll_interval=600.0, lease=86400.0, max_connections=1)
