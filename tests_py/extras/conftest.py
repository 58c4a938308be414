"""The examples, each over a database of its own."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests_py.integration.conftest import client, database, shared_database

__all__ = ["client", "database", "shared_database"]

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """A function that imports an example as a user's program would: it finds the test's database."""
    monkeypatch.setenv("PERDURE_DATABASE_URL", database)

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load
