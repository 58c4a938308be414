"""The command line as a process, over the test's database."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from perdure import PerdureError
from perdure._cli import cli
from perdure._cli.shared import exit_code
from tests_py.integration.conftest import client, database, new_app, shared_database, sql

__all__ = ["client", "database", "new_app", "shared_database", "sql"]

BINARY = Path(sys.executable).with_name("perdure")


@pytest.fixture
def run(database: str) -> Callable[..., Result]:
    """A function that runs a command in this process and returns what came of it."""

    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(
            cli, arguments, env={"PERDURE_DATABASE_URL": database, "COLUMNS": "200"}, prog_name="perdure"
        )
        found = result.exit_code
        if isinstance(result.exception, PerdureError):
            found = exit_code(result.exception)
        assert found == code, f"{result.output}\n{result.stderr}\n{result.exception!r}"
        return result

    return run


@pytest.fixture
def read(run: Callable[..., Result]) -> Callable[..., Any]:
    """A function that runs a command with --json and returns what it printed."""
    return lambda *arguments, code=0: json.loads(run(*arguments, "--json", code=code).stdout)


@pytest.fixture
def process(database: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs the console script."""

    def process(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment = {**environment, "PERDURE_DATABASE_URL": database, **variables}
        return subprocess.run(
            [BINARY, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return process
