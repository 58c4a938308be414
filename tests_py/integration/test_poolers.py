"""Without LISTEN, without prepared statements, and behind a pooler in transaction mode."""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from perdure import Client
from tests_py.integration.quiet import idle_when_launched
from tests_py.support import wait_until

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def use(app, client):
    """A bit of everything."""
    attempts = []

    @app.step(retries=3, interval=0.01)
    async def flaky(n):
        attempts.append(n)
        if len(attempts) == 1:
            raise KeyError(n)
        return n

    @app.workflow(name="child")
    def child(n):
        return n + 1

    @app.workflow(name="parent")
    async def parent(n):
        enqueued = await app.enqueue_async(child, n)
        return [await flaky(n), await app.run_step_async(lambda: "\0"), await enqueued.get_result_async()]

    app.launch()
    assert app.start_workflow(parent, 1).get_result(20) == [1, "\0", 2]
    handles = client.enqueue_many("parent", [(n,) for n in range(50)])
    assert [handle.get_result(20) for handle in handles] == [[n, "\0", n + 1] for n in range(50)]
    assert asyncio.run(parent(7)) == [7, "\0", 8]
    with pytest.raises(TimeoutError):
        client.enqueue("someday").get_result(0.05)


def test_polling_alone_serves(new_app, database, sql):
    app = new_app(listen=False, poll_interval=0.1)
    with Client(database, listen=False, poll_interval=0.1) as client:
        use(app, client)
        listening = (
            "select count(*) from pg_stat_activity where query ilike 'listen%%' and pid <> pg_backend_pid()"
        )
        assert sql(listening) == [(0,)]


def test_nothing_is_prepared_if_that_is_off(new_app, database):
    app = new_app(listen=False, prepare=False, poll_interval=0.1)
    with Client(database, listen=False, prepare=False, poll_interval=0.1) as client:
        use(app, client)

        async def prepared():
            async with app._engine.connection() as connection:
                found = await connection.execute("select name from pg_prepared_statements")
                return await found.fetchall()

        from perdure._loop import run_sync

        assert run_sync(app._loop.on_engine(prepared), "") == []


def test_one_connection_is_enough(new_app, client):
    use(new_app(listen=False, poll_interval=0.1, max_connections=1), client)


def test_notifications_wake_a_worker_and_a_waiting_client(new_app, database, sql):
    """With an hour between polls, nothing else would."""
    app = idle_when_launched(new_app(poll_interval=3600.0), sql)

    @app.workflow(name="double")
    def double(n):
        return 2 * n

    app.launch()
    with Client(database, poll_interval=3600.0) as client:
        wait_until(lambda: app._results.listening)
        for n in range(5):
            assert client.enqueue("double", n).get_result(10) == 2 * n


@pytest.fixture
def pooler(database: str) -> Iterator[str]:
    """The URL of the test's database through pgbouncer in transaction mode."""
    if PGBOUNCER is None:
        pytest.skip("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    parts = urlsplit(database)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    directory = Path(tempfile.mkdtemp(prefix="perdure-test-"))
    (directory / "pgbouncer.ini").write_text(
        f"""
[databases]
* = host={parts.hostname} port={parts.port} user={parts.username} password={parts.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
logfile = {directory / "log"}
"""
    )
    command = [PGBOUNCER, "-q", str(directory / "pgbouncer.ini")]
    account: dict[str, Any] = {}
    if os.geteuid() == 0:  # where it refuses to run
        nobody = pwd.getpwnam("nobody")
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for path in (directory, directory / "pgbouncer.ini"):
            shutil.chown(path, user=nobody.pw_uid)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **account)
    url = parts._replace(netloc=f"{parts.username}@127.0.0.1:{port}").geturl()

    def ready() -> bool:
        assert process.poll() is None, (directory / "log").read_text()
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
            return True
        return False

    try:
        wait_until(ready)
        yield url
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        shutil.rmtree(directory)


def test_it_works_behind_a_pooler_in_transaction_mode(pooler, new_app):
    app = new_app(pooler, listen=False, prepare=False, poll_interval=0.1)
    with Client(pooler, listen=False, prepare=False, poll_interval=0.1) as client:
        use(app, client)


def test_listening_through_a_pooler_costs_speed_but_nothing_else(pooler, new_app):
    """LISTEN is accepted there and never answered: polling stands behind it."""
    app = new_app(pooler, listen=True, prepare=False, poll_interval=0.1)
    with Client(pooler, listen=True, prepare=False, poll_interval=0.1) as client:
        use(app, client)
