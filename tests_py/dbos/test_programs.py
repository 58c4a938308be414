"""Programs that are written for DBOS do here what they do there: results, statuses, steps, exceptions."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests_py.support import databases

HERE = Path(__file__).parent
FILES = sorted(found.stem for found in HERE.glob("programs*.py"))

# What the published package (3.4.0) gave, by file and program:
# `python -m tests_py.dbos.run dbos postgresql://... programs > tests_py/dbos/expected/programs.json`, with a
# fresh database.
EXPECTED: dict[str, dict[str, Any]] = {
    file: json.loads((HERE / "expected" / f"{file}.json").read_text()) for file in FILES
}

# A Python in which the published package is installed; see .ci/dbos.
THEIR_PYTHON = os.environ.get("PERDURE_DBOS_PYTHON")

# All programs of a file are one run.
pytestmark = pytest.mark.timeout(600)


def run_all(python: str, package: str, url: str, file: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-m", "tests_py.dbos.run", package, url, file],
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        timeout=580,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@functools.cache
def ours(server: str, file: str) -> dict[str, Any]:
    with databases.fresh_database(server) as url:
        return run_all(sys.executable, "perdure.dbos", url, file)


@pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file, programs in EXPECTED.items() for name in sorted(programs)]
)
def test_a_program_does_what_it_does_with_dbos(file: str, name: str, server: str) -> None:
    assert ours(server, file)[name] == EXPECTED[file][name]


@pytest.mark.parametrize("file", FILES)
def test_each_program_is_compared(file: str, server: str) -> None:
    assert ours(server, file).keys() == EXPECTED[file].keys()


@pytest.mark.parametrize("file", FILES)
# It waits a good minute for its own clocks, and runs beside other tests.
@pytest.mark.timeout(260)
@pytest.mark.skipif(not THEIR_PYTHON, reason="PERDURE_DBOS_PYTHON names no Python with dbos: see .ci/dbos")
def test_the_published_package_still_gives_what_is_expected(file: str, server: str) -> None:
    with databases.fresh_database(server) as url:
        theirs = run_all(str(THEIR_PYTHON), "dbos", url, file)
    assert theirs == EXPECTED[file]
