from typing import Any

import pytest

from tests_py.concurrency.engine import Engine, Gate


@pytest.fixture
def engine(connect) -> Engine:
    """The engine in the test's database, seen by a superuser."""
    return Engine(connect())


@pytest.fixture
def gate(session) -> Any:
    """A function that puts a gate in the way of a session: `gate(victim, "before insert on steps ...")`."""
    return lambda victim, event, when="true": Gate(session(), victim, event, when)
