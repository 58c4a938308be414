"""A demonstration that runs once for all tests that look at what it left."""

from collections.abc import Iterator

import pytest

from tests_py.demo.running import run
from tests_py.support import databases


@pytest.fixture(scope="package")
def kept(server: str) -> Iterator[tuple[str, str]]:
    """The URL of a database in which a demonstration left its tables, and what it said."""
    with databases.fresh_database(server) as url:
        done = run(url, "--keep")
        assert done.returncode == 0, done.stdout + done.stderr
        yield url, done.stdout
