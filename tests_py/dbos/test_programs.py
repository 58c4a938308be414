"""Programs that are written for DBOS do here what they do there: results, statuses, steps, exceptions."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests_py.support import databases

HERE = Path(__file__).parent

# What the published package (3.4.0) gave:
# `python -m tests_py.dbos.run dbos postgresql://... > tests_py/dbos/expected.json`, with a fresh database.
EXPECTED: dict[str, Any] = json.loads((HERE / "expected.json").read_text())

# A Python in which the published package is installed; see .ci/dbos.
THEIR_PYTHON = os.environ.get("PERDURE_DBOS_PYTHON")


def run_all(python: str, package: str, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-m", "tests_py.dbos.run", package, url],
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ours(server: str) -> Iterator[dict[str, Any]]:
    with databases.fresh_database(server) as url:
        yield run_all(sys.executable, "perdure.dbos", url)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_program_does_what_it_does_with_dbos(name: str, ours: dict[str, Any]) -> None:
    assert ours[name] == EXPECTED[name]


def test_each_program_is_compared(ours: dict[str, Any]) -> None:
    assert ours.keys() == EXPECTED.keys()


@pytest.mark.skipif(not THEIR_PYTHON, reason="PERDURE_DBOS_PYTHON names no Python with dbos: see .ci/dbos")
def test_the_published_package_still_gives_what_is_expected(server: str) -> None:
    with databases.fresh_database(server) as url:
        theirs = run_all(str(THEIR_PYTHON), "dbos", url)
    assert theirs == EXPECTED
