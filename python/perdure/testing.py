"""For tests of workflows: a Postgres of their own, time that passes when told to, and replays.

With pytest the fixtures of `perdure.pytest_plugin` are there as soon as the package is installed.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Generator
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from ._checks import Seconds, as_seconds
from ._errors import InvalidArgument
from ._install import install
from ._replay import DifferentResult, Replayed, replay, replay_async

__all__ = [
    "DifferentResult",
    "Replayed",
    "fresh_database",
    "pass_time",
    "replay",
    "replay_async",
    "test_server",
]


@contextlib.contextmanager
def test_server() -> Generator[str]:
    """The URL of a superuser of a server for tests.

    It is PERDURE_TEST_DATABASE_URL, if that is set; databases are made and dropped there. Otherwise an
    embedded Postgres without durability, which ends with the block and leaves nothing; that needs the
    extra `embedded`.
    """
    if url := os.environ.get("PERDURE_TEST_DATABASE_URL"):
        yield url
        return
    from ._embedded import EmbeddedPostgres

    with EmbeddedPostgres(durable=False) as server:
        yield server.url


test_server.__test__ = False  # type: ignore[attr-defined] # pytest shall not take it for a test


@contextlib.contextmanager
def fresh_database(server: str, *, template: str | None = None, schema: str = "perdure") -> Generator[str]:
    """The URL of a new database with the engine; dropped at the end, whoever is still connected.

    Args:
        server: the URL of a role that may create databases.
        template: a database with the engine that nobody is connected to: copying one takes less time
            than an installation.
        schema: where the engine is, or is installed.
    """
    name = f"perdure_test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(template or "template1")
            )
        )
        url = urlsplit(server)._replace(path=f"/{name}").geturl()
        try:
            if template is None:
                install(url, schema)
            yield url
        finally:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


def pass_time(url: str, duration: Seconds, *, schema: str = "perdure") -> None:
    """Lets time pass for all workflows, at once: every recorded moment moves into the past.

    What is put down in the database sees it with the next poll of a worker: sleeps, timeouts of messages
    and events, retries, delays, deadlines, rates. What waits in memory does not: waits of less than 5
    seconds, and those of workflows that are not suspendable. Leases and the ticks of schedules stay where
    they are; start a schedule's workflow by `trigger_schedule`.

    Args:
        url: the database, as a role that owns the engine.
        duration: how much, in seconds or as a timedelta; not negative.
        schema: where the engine is.
    """
    seconds = as_seconds("duration", duration)
    if seconds < 0:
        raise InvalidArgument(f"time does not pass backwards: {seconds:g} s")
    with psycopg.connect(url) as connection:
        connection.execute(
            sql.SQL("select {}._pass_time(make_interval(secs => %s))").format(sql.Identifier(schema)),
            [seconds],
        )
