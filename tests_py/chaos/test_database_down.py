"""The database is not there, is another one, has another schema, or goes away and comes back."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from perdure import (
    Client,
    DatabaseUnavailable,
    Perdure,
    PerdureError,
    SchemaMissing,
    SchemaTooNew,
    SchemaTooOld,
    install,
)
from perdure._install import newest_migration
from tests_py.support import databases, wait_until


def launch(url: str, **options) -> float:
    """Launches, which must fail; how long that took. The error is in `launch.error`."""
    app = Perdure(url, **options)
    began = time.monotonic()
    try:
        with pytest.raises(PerdureError) as raised:
            app.launch()
        launch.error = raised.value
        return time.monotonic() - began
    finally:
        app.shutdown()


def nobody_listens() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"postgresql://postgres:secret@127.0.0.1:{probe.getsockname()[1]}/postgres"


# ------------------------------------------------------------------------------------------- at start


def test_a_database_that_is_not_there_is_waited_for_and_then_named(caplog):
    seconds = launch(nobody_listens(), connect_timeout=2.0)
    assert type(launch.error) is DatabaseUnavailable
    assert "cannot connect to the database" in str(launch.error)
    assert "tried for 2 s" in str(launch.error)
    assert "secret" not in str(launch.error) + caplog.text
    assert 0.2 <= seconds < 20
    assert caplog.text.count("the database is not there yet, trying on") == 1


def test_a_client_says_the_same():
    client = Client(nobody_listens(), connect_timeout=0.3)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            client.enqueue("someday")
    client.close()


def test_a_database_that_comes_in_time_is_used(database, proxy, caplog):
    proxy.refuse()
    app = Perdure(proxy.url, connect_timeout=30.0)
    waiting = threading.Thread(target=app.launch)
    waiting.start()
    wait_until(lambda: "the database is not there yet" in caplog.text)
    proxy.accept()
    waiting.join(20)
    assert app.workflow(name="w")(lambda: 1)() == 1
    app.shutdown()


def test_a_launch_that_failed_can_be_made_again(database, proxy):
    app = Perdure(proxy.url, connect_timeout=0.3)
    workflow = app.workflow(name="w")(lambda: 1)
    proxy.refuse()
    with pytest.raises(DatabaseUnavailable):
        app.launch()
    proxy.accept()
    app.launch()
    assert workflow() == 1
    app.shutdown()


@pytest.mark.parametrize("part", ["password", "database", "user"])
def test_what_no_retry_mends_is_said_at_once(database, part):
    parts = urlsplit(database)
    url = {
        "password": parts._replace(netloc=f"postgres:wrong@{parts.hostname}:{parts.port}").geturl(),
        "database": parts._replace(path="/nowhere").geturl(),
        "user": parts._replace(netloc=f"nobody:{parts.password}@{parts.hostname}:{parts.port}").geturl(),
    }[part]
    seconds = launch(url, connect_timeout=60.0)
    assert type(launch.error) is DatabaseUnavailable
    assert seconds < 20
    message = str(launch.error)
    assert {"password": "password", "database": '"nowhere" does not exist', "user": "nobody"}[part] in message
    assert parts.password not in message
    assert "tried for" not in message


def test_a_broken_url_is_said_at_once():
    assert launch("postgresql://localhost/x?no_such_option=1", connect_timeout=60.0) < 20
    assert "no_such_option" in str(launch.error)


# ----------------------------------------------------------------------------------------- the schema


def test_a_database_without_the_engine_says_how_to_install_it(empty_database):
    for options in ({}, {"schema": "other"}):
        launch(empty_database, **options)
        assert type(launch.error) is SchemaMissing
        assert f"perdure install --database-url URL --schema {options.get('schema', 'perdure')}" in str(
            launch.error
        )


def test_an_engine_in_another_schema_is_not_taken_for_this_one(database):
    launch(database, schema="other")
    assert type(launch.error) is SchemaMissing


def test_an_older_schema_says_how_to_upgrade_it(database, connect):
    connect().execute("delete from schema_migrations where number = %s", [newest_migration()])
    launch(database)
    assert type(launch.error) is SchemaTooOld
    assert f"this package needs {newest_migration()}: install it with `perdure install" in str(launch.error)


def test_a_newer_schema_says_to_upgrade_the_package(database, connect):
    connect().execute("insert into schema_migrations (number, name) values (999, 'from the future')")
    launch(database)
    assert type(launch.error) is SchemaTooNew
    assert "is at version 999" in str(launch.error)
    with pytest.raises(SchemaTooNew):
        install(database)


def test_a_role_without_rights_says_which_it_needs(database, connect):
    role = f"nobody_{os.getpid()}"
    connect().execute(f"create role {role} login password 'x'")
    parts = urlsplit(database)
    try:
        launch(parts._replace(netloc=f"{role}:x@{parts.hostname}:{parts.port}").geturl())
        assert "<schema>_worker" in str(launch.error) or "perdure_worker" in str(launch.error)
    finally:
        connect().execute(f"drop role {role}")


def test_a_worker_needs_no_more_than_its_role(database, connect):
    role = f"worker_{os.getpid()}"
    connect().execute(f"create role {role} login password 'x' in role perdure_worker")
    parts = urlsplit(database)
    app = Perdure(parts._replace(netloc=f"{role}:x@{parts.hostname}:{parts.port}").geturl())
    try:

        @app.step(retries=1, interval=0)
        async def step(n, fails=[1]):  # noqa: B006
            if fails:
                raise KeyError(fails.pop())
            return n

        @app.workflow(name="child")
        async def child(n):
            return await step(n)

        @app.workflow(name="parent")
        async def parent(n):
            enqueued = await app.enqueue_async(child, n, queue="new")
            return [await child(n), await enqueued.get_result_async()]

        with app:
            app.register_queue("new")
            assert app.start_workflow(parent, 1).get_result(20) == [1, 1]
            assert app.enqueue(parent, 2).get_result(20) == [2, 2]
            assert asyncio.run(parent(3)) == [3, 3]
    finally:
        connect().execute(f"drop role {role}")


# ------------------------------------------------------------------------------------------ a restart


class Server:
    """A cluster of its own that can be stopped and started again."""

    def __init__(self) -> None:
        found = subprocess.run(
            [sys.executable, databases.ROOT / ".ci" / "cluster", "start"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        words = dict(word.split("=", 1) for word in found.split() if "=" in word)
        self.url = words[databases.URL_VARIABLE].strip("'\"")
        self._directory = Path(words["PERDURE_TEST_CLUSTER"].strip("'\""))

    def stop(self, mode: str) -> None:
        self._pg_ctl("stop", "-m", mode)

    def start(self) -> None:
        self._pg_ctl("start", "-l", self._directory / "log", "-o", f"-p {urlsplit(self.url).port}")

    def close(self) -> None:
        subprocess.run(
            [sys.executable, databases.ROOT / ".ci" / "cluster", "stop", self._directory], check=True
        )

    def _pg_ctl(self, *arguments: object) -> None:
        command = [(self._directory / "bin").read_text() + "/pg_ctl", "-D", self._directory / "data", "-w"]
        if os.geteuid() == 0:
            command = ["runuser", "-u", (self._directory / "data").owner(), "--", *command]
        # Not through pipes: the server would keep them open for as long as it lives.
        subprocess.run(
            [str(part) for part in (*command, *arguments)],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture
def own_server() -> Iterator[Server]:
    server = Server()
    with contextlib.closing(server):
        yield server


def test_work_goes_on_when_the_server_has_restarted(own_server):
    install(own_server.url)
    app = Perdure(own_server.url, poll_interval=0.1, lease=30.0)
    runs = []
    gate = threading.Event()

    @app.step(name="work")
    async def work(n, k):
        runs.append((n, k))
        return k

    @app.workflow(name="workflow")
    async def workflow(n):
        first = await work(n, 1)
        await asyncio.to_thread(gate.wait, 60)
        return [first, await work(n, 2)]

    with app:
        handles = app.enqueue_many(workflow, [(n,) for n in range(10)])
        direct = app.start_workflow(workflow, 10)
        for mode in ("fast", "immediate"):
            wait_until(lambda: len(runs) == 11, 20)
            own_server.stop(mode)
            own_server.start()
        gate.set()
        for handle in [*handles, direct]:
            assert handle.get_result(60) == [1, 2]
        assert sorted(runs) == sorted((n, k) for n in range(11) for k in (1, 2))
        assert app.enqueue(workflow, 11).get_result(60) == [1, 2]
        with psycopg.connect(own_server.url) as connection:
            left = connection.execute("select count(*) from perdure.tasks").fetchone()
        assert left == (0,)
