import pytest

from tests_py.concurrency.conftest import database, gate, kept_database

from .engine import WaitingEngine

__all__ = ["database", "gate", "kept_database"]


@pytest.fixture
def engine(connect) -> WaitingEngine:
    """The engine in the test's database, seen by a superuser."""
    return WaitingEngine(connect())
