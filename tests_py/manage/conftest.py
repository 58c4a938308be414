from tests_py.concurrency.conftest import database, gate, kept_database
from tests_py.waiting.conftest import engine

__all__ = ["database", "engine", "gate", "kept_database"]
