"""A console over the test's database, as an application and as a server with a browser."""

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from perdure import Client, Perdure
from perdure.console import console
from tests_py.integration.conftest import client, database, new_app, shared_database, sql

__all__ = ["client", "database", "new_app", "shared_database", "sql"]

CHROMIUM = os.environ.get("PERDURE_CHROMIUM") or "/usr/bin/chromium"
POST = {"X-Perdure-Console": "1"}


@pytest.fixture
def make_console(database: str) -> Callable[..., Any]:
    """A function that makes the application."""
    return lambda **options: console(Client(database, connect_timeout=5.0, listen=False), **options)


@pytest.fixture
def opened(make_console: Callable[..., Any]) -> Iterator[Callable[..., TestClient]]:
    """A function that serves it in this process: `opened(token=...)`."""
    with contextlib.ExitStack() as stack:

        def open_it(base_url: str = "http://127.0.0.1:8700", **options: Any) -> TestClient:
            return stack.enter_context(TestClient(make_console(**options), base_url=base_url))

        yield open_it


@pytest.fixture
def api(opened: Callable[..., TestClient]) -> TestClient:
    """The console on loopback."""
    return opened()


@pytest.fixture
def post(api: TestClient) -> Callable[..., Any]:
    """A function that acts, as the pages do, and returns the answer."""

    def post(path: str, code: int = 200, **body: Any) -> Any:
        response = api.post(f"/api/{path}", json=body, headers=POST)
        assert response.status_code == code, response.text
        return response.json()

    return post


@pytest.fixture
def get(api: TestClient) -> Callable[..., Any]:
    """A function that looks, and returns the answer."""

    def get(path: str, code: int = 200, **query: Any) -> Any:
        response = api.get(f"/api/{path}", params=query)
        assert response.status_code == code, response.text
        return response.json()

    return get


@pytest.fixture
def ran(new_app: Callable[..., Perdure]) -> Callable[..., Perdure]:
    """A function that launches an app with the workflows of these tests."""

    def launch() -> Perdure:
        app = with_workflows(new_app())
        app.launch()
        return app

    return launch


def with_workflows(app: Perdure) -> Perdure:
    """Gives an app the workflows of these tests."""

    @app.step(name="charge")
    def charge(order: int) -> str:
        if order == 13:
            raise ValueError("card declined")
        return f"payment-{order}"

    @app.workflow(name="checkout")
    def checkout(order: int) -> str:
        app.set_event("progress", {"order": order})
        return charge(order)

    @app.workflow(name="day")
    def day(orders: list[int]) -> list[Any]:
        return [app.start_workflow(checkout, order).get_result() for order in orders]

    return app


# ----------------------------------------------------------------------------------------- browser


@pytest.fixture
def served(make_console: Callable[..., Any]) -> Iterator[Callable[..., str]]:
    """A function that serves the console on a free port, and returns its URL."""
    with contextlib.ExitStack() as stack:

        def serve(**options: Any) -> str:
            bound = stack.enter_context(contextlib.closing(socket.create_server(("127.0.0.1", 0))))
            config = uvicorn.Config(make_console(**options), log_level="warning", access_log=False, ws="none")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
            thread.start()

            def stop() -> None:
                server.should_exit = True
                thread.join(10)

            stack.callback(stop)
            return f"http://127.0.0.1:{bound.getsockname()[1]}/"

        yield serve


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright, which has an event loop run in this thread meanwhile."""
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    if not shutil.which(CHROMIUM):
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium, or set PERDURE_CHROMIUM")
    with playwright.sync_playwright() as running:
        found = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page; the test fails with what its scripts or the policy complain about."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(10_000)
    found = context.new_page()
    complaints: list[str] = []
    found.on("pageerror", lambda error: complaints.append(str(error)))

    def told(message: Any) -> None:
        # A refusal is no mistake of the pages: a test that expects none sees what is shown.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    found.on("console", told)
    yield found
    context.close()
    assert complaints == []
