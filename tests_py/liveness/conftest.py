"""As in tests_py/chaos: a database with an audit table, and a client of it."""

from collections.abc import Iterator

import pytest

from perdure import Client
from tests_py.chaos.conftest import sql

__all__ = ["sql"]


@pytest.fixture
def client(database: str) -> Iterator[Client]:
    with Client(database, poll_interval=0.1) as client:
        yield client
