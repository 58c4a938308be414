"""A Postgres of the benchmark's own: on loopback, with default durability, gone when the run ends."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import psycopg

from .environments import ROOT


def _test_cluster() -> ModuleType:
    """.ci/cluster as a module: it knows where binaries are, how to start as root, and how to clean up."""
    loader = importlib.machinery.SourceFileLoader("perdure_test_cluster", str(ROOT / ".ci" / "cluster"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def settings() -> dict[str, str]:
    """What differs from Postgres's defaults. Nothing about durability does."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "300",
        "shared_buffers": f"{max(128, min(1024, memory // 4))}MB",
        # No checkpoint falls into a run: each run begins with one.
        "max_wal_size": "8GB",
        "timezone": "UTC",
    }


class Cluster:
    """A running server.

    Args:
        directory: where its files go, in a directory of its own; None: the system's temporary directory.

    Attributes:
        url: of a superuser, for the database `postgres`.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._ci = _test_cluster()
        self._ci.SETTINGS = settings()
        self._parent = directory
        self._templates: set[str] = set()

    def __enter__(self) -> Cluster:
        self.directory = Path(tempfile.mkdtemp(prefix="perdure-bench-", dir=self._parent))
        self._guard, self._leash = self._ci.guard(self.directory)
        try:
            self.url = self._ci.start(self.directory)
        except BaseException as error:
            self.__exit__()
            if isinstance(error, self._ci.Failure):
                raise SystemExit(f"bench: {error}") from None
            raise
        self.pid = int((self.directory / "data" / "postmaster.pid").read_text().splitlines()[0])
        self.admin = psycopg.connect(self.url, autocommit=True)
        self.has_statements = bool(self._scalar("select current_setting('shared_preload_libraries')"))
        if self.has_statements:
            self.admin.execute("create extension pg_stat_statements")
        return self

    def __exit__(self, *_: object) -> None:
        # The guard stops the server and removes its files as soon as this end of its pipe is closed.
        os.close(self._leash)
        os.waitpid(self._guard, 0)

    def program(self, name: str) -> str:
        """The path of one of Postgres's programs, of this server's version."""
        return str(Path((self.directory / "bin").read_text()) / name)

    def url_of(self, database: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{database}").geturl()

    def connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url_of(database), autocommit=True)

    def facts(self) -> dict[str, str]:
        """The version and the settings that matter for durability and speed, as the server says."""
        names = [
            "server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method",
            "shared_buffers", "max_connections", "max_wal_size", "jit", "autovacuum",
            "shared_preload_libraries",
        ]  # fmt: skip
        return {name: str(self._scalar(f"select current_setting('{name}')")) for name in names}

    # ---------------------------------------------------------------------------------- databases

    def has_template(self, name: str) -> bool:
        return name in self._templates

    def add_template(self, name: str, like: str | None = None) -> str:
        """A new database to fill and to copy from; its URL."""
        self.admin.execute(f'create database "{name}"' + (f' template "{like}"' if like else ""))
        self._templates.add(name)
        return self.url_of(name)

    def fresh(self, template: str, name: str = "bench") -> str:
        """A new copy of a template, in place of the last one; its URL."""
        self.drop(name)
        self._disconnect(template)
        self.admin.execute(f'create database "{name}" template "{template}"')
        self.admin.execute("checkpoint")
        return self.url_of(name)

    def drop(self, name: str) -> None:
        self._templates.discard(name)
        self.admin.execute(f'drop database if exists "{name}" with (force)')

    def drop_filled(self, peer: str) -> None:
        """Drops the large databases of a system that were kept for the rounds of one workload."""
        for name in [n for n in self._templates if n.startswith(f"filled_{peer}_")]:
            self.drop(name)

    def _disconnect(self, database: str) -> None:
        # Waits until they are gone: a template must have no sessions when it is copied.
        self.admin.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s", [database]
        )

    def _scalar(self, query: str) -> Any:
        row = self.admin.execute(query).fetchone()
        assert row is not None
        return row[0]
