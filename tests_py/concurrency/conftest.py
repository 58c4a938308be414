from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests_py.support import Session, fresh_database, search_path

from .engine import Engine, Gate

TABLES = "select relname from pg_class where relnamespace = 'perdure'::regnamespace and relkind = 'r'"

# Emptying a small table is faster than truncating it.
FILLED = """
    select relname, pg_relation_size(oid) > 1e6
    from pg_class
    where relnamespace = 'perdure'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0
"""

ROWS = "select json_agg(t order by t::text)::text from {} t"


@pytest.fixture(scope="package")
def kept_database(server: str, engine_template: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The URL of a database for all tests of this folder, and the rows that it has from the start."""
    with fresh_database(server, template=engine_template) as url:
        with psycopg.connect(url, options=search_path()) as connection:
            rows = {
                table: connection.execute(sql.SQL(ROWS).format(sql.Identifier(table))).fetchone()[0]
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
        changed = []
        for table, is_large in connection.execute(FILLED).fetchall():
            name = sql.Identifier(table)
            if rows[table]:
                if connection.execute(sql.SQL(ROWS).format(name)).fetchone()[0] == rows[table]:
                    continue
                changed.append(table)
            connection.execute(sql.SQL("truncate {}" if is_large else "delete from {}").format(name))
        for table in changed:
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
                [rows[table]],
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
