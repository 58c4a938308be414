"""Throwaway databases in the test cluster, with and without the engine."""

import contextlib
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).parents[2]
SCHEMA = "perdure"
URL_VARIABLE = "PERDURE_TEST_DATABASE_URL"
# Set when that cluster was started by .ci/cluster.
CLUSTER_VARIABLE = "PERDURE_TEST_CLUSTER"

_numbers = itertools.count(1)


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """The URL of a superuser in the test cluster; starts a cluster when nobody has.

    Roles belong to a whole cluster, so of the processes that share out the tests (pytest-xdist) each has one.
    """
    environment = dict(os.environ)
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0" and CLUSTER_VARIABLE in os.environ:
        del environment[URL_VARIABLE]
    if url := environment.get(URL_VARIABLE):
        yield url
        return
    script = f'printf "%s\\n" "${URL_VARIABLE}"; cat'
    with subprocess.Popen(
        [sys.executable, str(ROOT / ".ci" / "cluster"), "run", "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the test cluster did not start; its message is above")
        # `cat` ends, and the cluster with it, when this end of the pipe closes.
        with process.stdin:
            yield url


def with_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path="/" + name).geturl()


def database_name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def create_database(server: str, template: str = "template1") -> str:
    """Create a database and return its URL."""
    name = f"perdure_test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        # Copied as files it takes half the time: in the test cluster a checkpoint costs next to nothing.
        strategy = "strategy file_copy" if connection.info.server_version >= 150000 else ""
        connection.execute(
            sql.SQL("create database {} template {} " + strategy).format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return with_database(server, name)


# What the server itself has for this looks every 100 ms.
END_SESSIONS = """
    do $$
    begin
      for v_look in 1 .. 2000 loop
        perform pg_terminate_backend(pid)
        from pg_stat_activity
        where datname = {} and pid <> pg_backend_pid();
        exit when not found;
        perform pg_sleep(0.005), pg_stat_clear_snapshot();
      end loop;
    end
    $$
"""


def end_sessions(connection: psycopg.Connection[Any], database: str) -> None:
    """End all sessions of this database but that of the connection, and return when they are gone."""
    connection.execute(sql.SQL(END_SESSIONS).format(sql.Literal(database)))


def drop_database(server: str, url: str) -> None:
    name = database_name(url)
    with psycopg.connect(server, autocommit=True) as connection:
        end_sessions(connection, name)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextlib.contextmanager
def fresh_database(server: str, template: str = "template1") -> Iterator[str]:
    """A database that is dropped at the end, whoever is still connected."""
    url = create_database(server, template)
    try:
        yield url
    finally:
        drop_database(server, url)


def install_engine(url: str, schema: str = SCHEMA) -> str:
    """Install the engine the way the Makefile does, without the Python client; returns what it said."""
    done = subprocess.run(
        ["make", "--no-print-directory", "install-sql", f"SCHEMA={schema}"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the engine does not install:\n{done.stdout}{done.stderr}")
    return done.stdout


def search_path(schema: str = SCHEMA) -> str:
    """The connection option that lets tests write bare names."""
    return f"-c search_path={schema},public"
