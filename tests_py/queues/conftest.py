from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests_py.concurrency.engine import Gate
from tests_py.support import Session, fresh_database, search_path

from .engine import QueueEngine

# All but those with the installation's own rows. Emptying a small one is faster than truncating it.
TABLES = """
    select format(case when pg_relation_size(oid) > 1e6 then 'truncate %I' else 'delete from %I' end, relname)
    from pg_class
    where relnamespace = 'perdure'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0
      and relname not in ('schema_migrations', 'schema_functions', 'queues')
"""

EMPTY_QUEUES = """
    delete from queues where name not in ('_internal', 'default');
    update queues
    set paused = false, concurrency = null, worker_concurrency = null, rate_limit = null, rate_period = null,
        partitioned = false, partition_concurrency = null, partition_rate_limit = null,
        partition_rate_period = null, priority_ageing = null, listening_until = null;
    drop function if exists public.stop_at_gate cascade;
    drop function if exists public.write_ledger cascade;
    drop table if exists public.ledger;
"""


@pytest.fixture(scope="package")
def kept_database(server: str, engine_template: str) -> Iterator[str]:
    with fresh_database(server, template=engine_template) as url:
        yield url


@pytest.fixture
def database(kept_database: str) -> str:
    """The URL of a database with the engine as it is after its installation.

    Emptied, not made anew: these tests are many and short, and a database takes longer than one of them.
    """
    with psycopg.connect(kept_database, options=search_path()) as connection:
        for (statement,) in connection.execute(TABLES).fetchall():
            connection.execute(statement)
        connection.execute(EMPTY_QUEUES)
    return kept_database


@pytest.fixture
def engine(connect: Callable[..., psycopg.Connection[Any]]) -> QueueEngine:
    """The engine in the test's database, seen by a superuser."""
    return QueueEngine(connect())


@pytest.fixture
def gate(session: Callable[..., Session]) -> Callable[..., Gate]:
    """A function that puts a gate in the way of a session: `gate(victim, "before insert on steps ...")`."""
    return lambda victim, event, when="true": Gate(session(), victim, event, when)
