"""Fixtures for tests of your workflows; pytest finds them when the package is installed.

    def test_an_order_is_paid(perdure_app, perdure_time):
        @perdure_app.workflow()
        def order():
            perdure_app.sleep(3600)
            return "paid"

        with perdure_app:
            handle = perdure_app.start_workflow(order)
            perdure_time.advance(3600, until=handle)
            assert handle.get_result(timeout=10) == "paid"

For an app that your program has made: `app.use_database(perdure_url)` before its launch.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ._app import Perdure
    from ._checks import Seconds
    from ._handle import WorkflowHandle


class TimeTravel:
    """Time that passes when told to; see `perdure.testing.pass_time`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def advance(self, duration: Seconds, *, until: WorkflowHandle[Any] | None = None) -> None:
        """Lets time pass for all workflows.

        Args:
            duration: how much, in seconds or as a timedelta.
            until: a workflow that is to be put down before; this waits until it is, for 30 seconds at most.

        Raises:
            TimeoutError: it was not put down.
        """
        from .testing import pass_time

        end = time.monotonic() + 30
        while until is not None:
            found = until.get_status()
            if found.completed_at is not None or found.wake_at is not None:
                break
            if time.monotonic() > end:
                raise TimeoutError(f"workflow {until.workflow_id} is {found.status} and not put down")
            time.sleep(0.02)
        pass_time(self._url, duration)


@pytest.fixture(scope="session")
def perdure_server() -> Iterator[str]:
    """The URL of a superuser of a Postgres for tests: PERDURE_TEST_DATABASE_URL, or an embedded one."""
    from .testing import test_server

    with test_server() as url:
        yield url


@pytest.fixture(scope="session")
def perdure_template(perdure_server: str) -> Iterator[str]:
    """The name of a database with the engine, to copy."""
    from urllib.parse import urlsplit

    from .testing import fresh_database

    with fresh_database(perdure_server) as url:
        yield urlsplit(url).path[1:]


@pytest.fixture
def perdure_url(perdure_server: str, perdure_template: str) -> Iterator[str]:
    """The URL of a fresh database with the engine."""
    from .testing import fresh_database

    with fresh_database(perdure_server, template=perdure_template) as url:
        yield url


@pytest.fixture
def perdure_app(perdure_url: str) -> Iterator[Perdure]:
    """A `Perdure` over a fresh database: not launched yet, shut down at the end of the test."""
    from ._app import Perdure

    app = Perdure(perdure_url, name="pytest", poll_interval=0.1)
    try:
        yield app
    finally:
        app.shutdown(0)


@pytest.fixture
def perdure_time(perdure_url: str) -> TimeTravel:
    """Time that passes when told to."""
    return TimeTravel(perdure_url)
