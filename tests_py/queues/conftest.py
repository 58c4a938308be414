from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests_py.concurrency.engine import Gate
from tests_py.support import Session

from .engine import QueueEngine


@pytest.fixture
def engine(connect: Callable[..., psycopg.Connection[Any]]) -> QueueEngine:
    """The engine in the test's database, seen by a superuser."""
    return QueueEngine(connect())


@pytest.fixture
def gate(session: Callable[..., Session]) -> Callable[..., Gate]:
    """A function that puts a gate in the way of a session: `gate(victim, "before insert on steps ...")`."""
    return lambda victim, event, when="true": Gate(session(), victim, event, when)
