from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests_py.support import Session, fresh_database, search_path

from .engine import Engine, Gate

TABLES = "select relname from pg_class where relnamespace = 'perdure'::regnamespace and relkind = 'r'"


@pytest.fixture(scope="package")
def kept_database(server: str, engine_template: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The URL of a database for all tests of this folder, and the rows that it has from the start."""
    with fresh_database(server, template=engine_template) as url:
        with psycopg.connect(url, options=search_path()) as connection:
            rows = {
                table: connection.execute(
                    sql.SQL("select json_agg(t)::text from {} t").format(sql.Identifier(table))
                ).fetchone()[0]
                for (table,) in connection.execute(TABLES).fetchall()
            }
        yield url, rows


@pytest.fixture
def database(kept_database: tuple[str, dict[str, Any]]) -> str:
    """The URL of a database with the engine as it is after its installation.

    Emptied, not made anew: these tests are many and short, and a database takes longer than one of them.
    """
    url, rows = kept_database
    with psycopg.connect(url, options=search_path()) as connection:
        connection.execute("drop function if exists public.stop_at_gate cascade")
        connection.execute(sql.SQL("truncate {}").format(sql.SQL(", ").join(map(sql.Identifier, rows))))
        for table, content in rows.items():
            columns = connection.execute(
                "select attname from pg_attribute"
                " where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
                [table],
            ).fetchall()
            connection.execute(
                sql.SQL(
                    "insert into {0} ({1}) overriding system value "
                    "select {1} from json_populate_recordset(null::{0}, %s)"
                ).format(
                    sql.Identifier(table), sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
                ),
                [content or "[]"],
            )
    return url


@pytest.fixture
def engine(connect: Callable[..., psycopg.Connection[Any]]) -> Engine:
    """The engine in the test's database, seen by a superuser."""
    return Engine(connect())


@pytest.fixture
def gate(session: Callable[..., Session]) -> Callable[..., Gate]:
    """A function that puts a gate in the way of a session: `gate(victim, "before insert on steps ...")`."""
    return lambda victim, event, when="true": Gate(session(), victim, event, when)
