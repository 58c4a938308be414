"""Fixtures for every test. `database` is a database with the engine; nothing outlives its test."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests_py.support import databases, sessions
from tests_py.support.proxy import TcpProxy
from tests_py.support.sessions import Session

HERE = Path(__file__).parent


# What takes longest, first the longest. When several processes share out the files, nobody waits for a long
# one at the end.
LONGEST = [
    "dbos/test_programs.py",
    "install/test_install.py",
    "chaos/test_lost_connections.py",
    "demo/test_check.py",
    "concurrency/test_fencing.py",
    "demo/test_demo.py",
    "unit/test_embedded.py",
    "chaos/test_kill_points.py",
    "install/test_upgrade.py",
    "cli/test_keeping.py",
    "concurrency/test_kill_points.py",
    "chaos/test_shutdown.py",
    "queues/test_changes.py",
    "integration/test_waiting.py",
    "integration/test_workflows.py",
    "cli/test_server.py",
    "extras/test_replay.py",
    "docs/test_snippets.py",
    "transactions/test_kills.py",
    "dbos/test_moving.py",
    "waiting/test_messages.py",
    "extras/test_kafka.py",
    "manage/test_cancel.py",
    "chaos/test_takeover.py",
    "demo/test_steps.py",
    "extras/test_pytest_plugin.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        places = {HERE / name: place for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a superuser on the test cluster, which is started if need be."""
    with databases.cluster() as url:
        yield url


@pytest.fixture(scope="session")
def engine_template(server: str) -> Iterator[str]:
    """The name of a database with the engine, to copy; installing takes longer than copying."""
    from perdure._install import install

    with databases.fresh_database(server) as url:
        install(url, databases.SCHEMA)
        yield databases.database_name(url)


@pytest.fixture
def database(server: str, engine_template: str) -> Iterator[str]:
    """The URL of a fresh database with the engine in schema `perdure`."""
    with databases.fresh_database(server, template=engine_template) as url:
        yield url


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """The URL of a fresh database without the engine."""
    with databases.fresh_database(server) as url:
        yield url


@pytest.fixture
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """A function that connects to the test's database (or `url`) with autocommit and bare names."""
    with contextlib.ExitStack() as opened:

        def connect(url: str | None = None, **options: Any) -> psycopg.Connection[Any]:
            url = url or request.getfixturevalue("database")
            options = {"autocommit": True, "options": databases.search_path()} | options
            return opened.enter_context(contextlib.closing(psycopg.connect(url, **options)))

        yield connect


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Callable[..., Session]]:
    """A function that opens a `Session`, which runs calls in the background and can be seen to block."""
    with contextlib.ExitStack() as opened:

        def session(url: str | None = None, **options: Any) -> Session:
            url = url or request.getfixturevalue("database")
            return opened.enter_context(Session(url, **options))

        yield session


@pytest.fixture
def blocked(server: str) -> Iterator[Callable[..., bool]]:
    """A function that says whether the backend `pid` waits for a lock: `blocked(pid, by=other_pid)`."""
    with psycopg.connect(server, autocommit=True) as observer:
        yield lambda pid, by=None: sessions.blocked(observer, pid, by)


@pytest.fixture
def proxy(database: str) -> Iterator[TcpProxy]:
    """A `TcpProxy` in front of the test's database."""
    with TcpProxy(database) as proxy:
        yield proxy
