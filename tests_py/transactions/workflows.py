"""Transactions that kill their process at named points, in every way there is to hold a transaction."""

import asyncio
import contextlib
import os
import signal
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg

from perdure import Perdure

TABLES = """
    create table public.ledger (id bigint generated always as identity primary key, owner text, note text);
    create table public.killed (owner text primary key);
"""

Kill = Callable[[str], None]

POINTS = [
    "before begin",
    "before the first write",
    "between the writes",
    "after the writes",
    "before the record",
    "after the record",
    "before the commit",
    "after the commit",
]

INSERT = "insert into public.ledger (owner, note) values (%s, %s)"


class Killing:
    """Opens transactions as another opener does, and kills at points that the user's code cannot see."""

    def __init__(self, opener: Any, kill: Kill) -> None:
        self._opener, self._kill = opener, kill

    @contextlib.asynccontextmanager
    async def open(self, options: Any, is_async: bool) -> Any:
        self._kill("before begin")
        async with self._opener.open(options, is_async) as held:
            execute = held.execute

            async def killing(statement: Any) -> Any:
                writes = "record_steps" in statement[0] or "insert" in statement[0]
                if writes:
                    self._kill("before the record")
                rows = await execute(statement)
                if writes:
                    self._kill("after the record")
                return rows

            held.execute = killing
            yield held
            self._kill("before the commit")
        self._kill("after the commit")


def define(app: Perdure, audit_url: str, kind: str, other: str, kills: bool = True) -> Any:
    """A workflow that makes two writes in a transaction of this kind, and returns what it has written."""
    here: list[tuple[str, str]] = [("", "")]

    def kill(point: str) -> None:
        owner, wanted = here[0]
        if not kills or point != wanted:
            return
        with psycopg.connect(audit_url, autocommit=True) as connection:
            killed = connection.execute(
                "insert into public.killed values (%s) on conflict do nothing", [owner]
            )
            if killed.rowcount:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)  # the signal is on its way

    branched = kind.startswith("branched ")
    kind = kind.removeprefix("branched ")
    made = make(app, audit_url, kind, other, kill)
    made._scope.opener = Killing(made._scope.opener, kill)

    def note(owner: str, point: str) -> str:
        here[0] = (owner, point)
        return str(uuid.uuid4())

    if branched:

        @app.step(name="look")
        async def look(late: bool) -> None:
            # In the first run the process dies before the late one ends.
            if kills and late:
                await asyncio.sleep(60)

        @app.workflow(name="transfer")
        async def transfer(owner: str, point: str) -> str:
            async def branch(late: bool) -> str:
                await look(late)
                if kind.startswith("async"):
                    return await made(owner, note(owner, point))
                return await asyncio.to_thread(made, owner, note(owner, point))

            early, late = await asyncio.gather(branch(False), branch(True))
            return f"{early} {late}"

    elif kind.startswith("async"):

        @app.workflow(name="transfer")
        async def transfer(owner: str, point: str) -> str:
            return await made(owner, note(owner, point))

    else:

        @app.workflow(name="transfer")
        def transfer(owner: str, point: str) -> str:
            return made(owner, note(owner, point))

    return transfer


def make(app: Perdure, url: str, kind: str, other: str, kill: Kill) -> Any:
    where: Any = app
    if "datasource" in kind:
        where = app.datasource(other)
        url = other

    if kind in ("psycopg", "datasource"):

        @where.transaction(name="move")
        def move(connection: psycopg.Connection[Any], owner: str, note: str) -> str:
            kill("before the first write")
            connection.execute(INSERT, [owner, note])
            kill("between the writes")
            connection.execute(INSERT, [owner, note])
            kill("after the writes")
            return note

        return move

    if kind in ("async psycopg", "async datasource"):

        @where.transaction(name="move")
        async def move_async(connection: psycopg.AsyncConnection[Any], owner: str, note: str) -> str:
            kill("before the first write")
            await connection.execute(INSERT, [owner, note])
            kill("between the writes")
            await connection.execute(INSERT, [owner, note])
            kill("after the writes")
            return note

        return move_async

    if "sqlalchemy" in kind:
        return make_sqlalchemy(where, url, kind.startswith("async"), kill)
    return make_django(where, url, kill)


def make_sqlalchemy(where: Any, url: str, is_async: bool, kill: Kill) -> Any:
    from sqlalchemy import create_engine, text
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import sessionmaker
    from sqlalchemy.pool import NullPool

    from perdure.sqlalchemy import transaction

    url = url.replace("postgresql://", "postgresql+psycopg://")
    insert = text("insert into public.ledger (owner, note) values (:owner, :note)")

    if is_async:

        @transaction(where, async_sessionmaker(create_async_engine(url, poolclass=NullPool)), name="move")
        async def move_async(session: Any, owner: str, note: str) -> str:
            kill("before the first write")
            await session.execute(insert, {"owner": owner, "note": note})
            kill("between the writes")
            await session.execute(insert, {"owner": owner, "note": note})
            kill("after the writes")
            return note

        return move_async

    @transaction(where, sessionmaker(create_engine(url, poolclass=NullPool)), name="move")
    def move(session: Any, owner: str, note: str) -> str:
        kill("before the first write")
        session.execute(insert, {"owner": owner, "note": note})
        kill("between the writes")
        session.execute(insert, {"owner": owner, "note": note})
        kill("after the writes")
        return note

    return move


def configure_django(url: str) -> None:
    from urllib.parse import urlsplit

    import django
    from django.conf import settings
    from django.db import connections

    parts = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.removeprefix("/"),
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname,
        "PORT": parts.port,
    }
    if settings.configured:
        connections.settings["default"].update(database)
    else:
        settings.configure(DATABASES={"default": database}, INSTALLED_APPS=[], USE_TZ=True)
        django.setup()


def make_django(where: Any, url: str, kill: Kill) -> Any:
    configure_django(url)
    from django.db import connection

    from perdure.django import transaction

    @transaction(where, name="move")
    def move(owner: str, note: str) -> str:
        with connection.cursor() as cursor:
            kill("before the first write")
            cursor.execute(INSERT, [owner, note])
            kill("between the writes")
            cursor.execute(INSERT, [owner, note])
            kill("after the writes")
        return note

    return move
