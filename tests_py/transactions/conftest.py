"""An app over a database that also has tables of the user's: `public.ledger`, and what was killed where."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from perdure import Perdure
from tests_py.integration.conftest import app, client, new_app, shared_database, sql  # noqa: F401
from tests_py.integration.conftest import database as emptied_database  # noqa: F401
from tests_py.support import fresh_database
from tests_py.transactions.workflows import TABLES


@pytest.fixture
def database(emptied_database: str) -> Iterator[str]:  # noqa: F811
    with psycopg.connect(emptied_database, autocommit=True) as connection:
        connection.execute(TABLES)
        yield emptied_database
        connection.execute("drop table public.ledger, public.killed")


@pytest.fixture(scope="session")
def other_database(server: str) -> Iterator[str]:
    """A database without the engine."""
    with fresh_database(server) as url:
        yield url


@pytest.fixture
def other(other_database: str) -> Iterator[str]:
    """The same, with the user's tables."""
    with psycopg.connect(other_database, autocommit=True) as connection:
        connection.execute(TABLES)
        yield other_database
        connection.execute(
            "drop table public.ledger, public.killed; drop schema if exists perdure_datasource cascade"
        )


@pytest.fixture
def ledger(database: str, connect: Callable[..., psycopg.Connection[Any]]) -> Callable[..., list[Any]]:
    """A function that returns the notes in the ledger, in order."""
    connection = connect(database)

    def ledger(where: str = "true") -> list[Any]:
        return [n for (n,) in connection.execute(f"select note from public.ledger where {where} order by id")]

    return ledger


@pytest.fixture
def run(app: Perdure) -> Callable[..., Any]:  # noqa: F811
    """A function that makes a body the code of a workflow and returns what that returns, or raises it."""

    def run(body: Callable[..., Any]) -> Any:
        workflow = app.workflow(name="body")(body)
        app.launch()
        handle = app.enqueue(workflow)
        run.workflow_id = handle.workflow_id  # type: ignore[attr-defined]
        return handle.get_result(20)

    return run
