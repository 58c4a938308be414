"""A database with an audit table, and a connection of its owner."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests_py.chaos.workflows import AUDIT


@pytest.fixture
def sql(connect: Callable[..., psycopg.Connection[Any]]) -> Callable[..., list[tuple[Any, ...]]]:
    """A function that runs a statement as the owner of the schema and returns its rows."""
    connection = connect()
    connection.execute(AUDIT)

    def sql(query: str, *params: Any) -> list[tuple[Any, ...]]:
        cursor = connection.execute(query, params)
        return cursor.fetchall() if cursor.description else []

    return sql


@pytest.fixture
def end_leases(sql: Callable[..., list[tuple[Any, ...]]]) -> Callable[..., None]:
    """A function that lets the leases of executors end: of all, or of those of one process."""

    def end_leases(pid: int | None = None) -> None:
        sql(
            "update executors set lease_until = '2000-01-01' where %s::text is null or name = %s",
            pid,
            f"worker-{pid}",
        )

    return end_leases
