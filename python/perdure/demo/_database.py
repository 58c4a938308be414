"""The demonstration's own tables, in a schema that only it uses."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg import sql

from .._errors import PerdureError
from ._settings import ENGINE_SCHEMA, SCHEMA

_MARK: Final = "Made by `perdure demo`, which drops it."

_TABLES: Final = """
create schema perdure_demo;

-- What `fetch` took from the file, as it is there.
create table perdure_demo.raw_lines (
  line int not null,
  month int not null,
  text text not null
);
create index on perdure_demo.raw_lines (month);

-- What `validate` found not to be a flight.
create table perdure_demo.rejected_lines (
  line int not null,
  month int not null,
  problem text not null
);

-- What `load` made of it. No constraint keeps a line from being here twice: that is for the check to see.
create table perdure_demo.flights (
  line int not null,
  year int not null,
  month int not null,
  day int not null,
  dep_time int,
  sched_dep_time int not null,
  dep_delay int,
  arr_time int,
  sched_arr_time int not null,
  arr_delay int,
  carrier text not null,
  flight int not null,
  tailnum text,
  origin text not null,
  dest text not null,
  air_time int,
  distance int not null,
  hour int not null,
  minute int not null,
  time_hour timestamptz not null
);
create index on perdure_demo.flights (month);

-- One row each time the code of a step begins to run: how often it ran, as opposed to was recorded.
create table perdure_demo.executions (
  step text not null,
  month int not null,
  worker_pid int not null,
  began_at timestamptz not null default clock_timestamp()
);
"""


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection in which each statement commits by itself, unless it is in `transaction()`."""
    return psycopg.connect(url, autocommit=True, connect_timeout=10)


def begin(step: str, month: int) -> psycopg.Connection[Any]:
    """A connection for a step. That the step began is noted at once, whatever becomes of it."""
    db = connect(os.environ["PERDURE_DATABASE_URL"])
    db.execute(
        "insert into perdure_demo.executions (step, month, worker_pid) values (%s, %s, %s)",
        [step, month, os.getpid()],
    )
    return db


def clear(table: str, month: int, db: psycopg.Connection[Any]) -> None:
    """Deletes what a table has of a month, in a transaction that then fills it anew.

    Two workers may be at this at once: one that was only taken for dead, and its successor. Each would
    delete nothing and insert everything. With the lock, the second replaces what the first has made.
    """
    db.execute("select pg_advisory_xact_lock(hashtext('perdure_demo'), %s)", [month])
    name = sql.Identifier(SCHEMA, table)
    db.execute(sql.SQL("delete from {} where month = %s").format(name), [month])


def take_turn(db: psycopg.Connection[Any]) -> None:
    """Makes sure that no other demonstration uses this database, for as long as the connection lives.

    Raises:
        PerdureError: one does.
    """
    row = db.execute("select pg_try_advisory_lock(hashtext('perdure.demo'), 0)").fetchone()
    if row != (True,):
        raise PerdureError("another demonstration is running in this database")


def create_tables(db: psycopg.Connection[Any]) -> None:
    """Makes the schema and its tables, all or nothing."""
    with db.transaction():
        db.execute(_TABLES)
        db.execute(sql.SQL("comment on schema perdure_demo is {}").format(_MARK))


def drop_all(db: psycopg.Connection[Any]) -> None:
    """Drops what the demonstration makes: its tables, its engine, and the engine's roles.

    Raises:
        PerdureError: a schema of that name is somebody else's.
    """
    found = db.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s", [SCHEMA]
    ).fetchone()
    if found is not None and found != (_MARK,):
        raise PerdureError(
            f"schema {SCHEMA!r} is not one of this demonstration's: rename it, or use another database"
        )
    with db.transaction():
        db.execute("set local client_min_messages = warning")
        db.execute("drop schema if exists perdure_demo cascade")
        db.execute("drop schema if exists perdure_demo_engine cascade")
    for role in ("operator", "worker", "client"):
        # Another database of the server may use them, and we may not be allowed to.
        with suppress(psycopg.errors.DependentObjectsStillExist, psycopg.errors.InsufficientPrivilege):
            db.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(f"{ENGINE_SCHEMA}_{role}")))
