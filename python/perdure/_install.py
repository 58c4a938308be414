"""Installs the engine by the same manifest that `make install-sql` gives to psql.

The manifest (sql/install.sql) is SQL, `\\ir` lines that name further files, and psql's own variables. This
reader follows the `\\ir` lines, puts the schema's name in, takes `\\gset` for the semicolon it stands for,
and passes over the other lines that begin with a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql as composing

from ._errors import BY_SQLSTATE, DatabaseUnavailable, InvalidArgument, PerdureError


@cache
def sql_directory() -> Path:
    """Where the SQL files are: in the installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    for place in (here / "sql", here.parent.parent / "sql"):
        if (place / "install.sql").is_file():
            return place
    raise PerdureError("the SQL files of the engine are missing from this installation: reinstall perdure")


@cache
def newest_migration() -> int:
    """The version of the schema that this package was written for."""
    numbers = [
        int(number)
        for path in (sql_directory() / "migrations").glob("*.sql")
        for number in re.findall(r"\b_migrate\((\d+),", path.read_text("utf-8"))
        if path.name[0] != "9" and not path.name.startswith("000")
    ]
    return max(numbers)


def install(dsn: str, schema: str = "perdure", *, progress: Callable[[int, int], None] | None = None) -> int:
    """Installs the engine, or upgrades it in place; changes nothing if it is current.

    Args:
        dsn: a libpq connection string or URL, of a role that may create in the database.
        schema: where it is to live; made if it is missing.
        progress: called with (files done, files in all).

    Returns:
        The version of the schema.

    Raises:
        SchemaTooNew: a newer release is installed there.
        DatabaseUnavailable: no connection.
        PerdureError: the database refused; nothing was changed.
    """
    if not schema or len(schema.encode()) > 50 or "\0" in schema:
        # The roles are named after it, and a name has 63 bytes.
        raise InvalidArgument(f"{schema!r} is no name for a schema: give it 1 to 50 bytes")
    parts = list(_parts("install.sql", schema))
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10, client_encoding="utf8") as connection:
            for done, (name, text) in enumerate(parts):
                try:
                    connection.execute(text.encode())
                except psycopg.Error as error:
                    kind = BY_SQLSTATE.get(error.sqlstate or "", PerdureError)
                    raise kind(f"installing {name} failed, nothing was changed: {error}") from error
                if progress:
                    progress(done + 1, len(parts))
    except psycopg.ProgrammingError:
        # What libpq says repeats the string, which may hold a password.
        raise InvalidArgument(
            "that is no database: give postgresql://user:password@host/database, or a libpq connection string"
        ) from None
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"cannot connect to the database: {error}") from error
    return newest_migration()


def script(name: str, schema: str) -> str:
    """One of the files that psql reads by themselves, for this schema."""
    return "\n".join(text for _, text in _parts(name, schema))


def _parts(manifest: str, schema: str) -> Iterator[tuple[str, str]]:
    """The files of the manifest and the SQL between them, in order, as (name, SQL)."""
    identifier = composing.Identifier(schema).as_string(None)
    literal = composing.Literal(schema).as_string(None)
    directory = sql_directory()
    pending: list[str] = []
    for line in (directory / manifest).read_text("utf-8").splitlines():
        if line.startswith("\\ir "):
            if any(part.strip() for part in pending):
                yield manifest, "\n".join(pending)
            pending = []
            name = line.removeprefix("\\ir ").strip()
            yield name, (directory / name).read_text("utf-8")
        elif line.startswith("\\gset"):
            pending.append(";")
        elif not line.startswith(("\\", "--")):
            pending.append(line.replace(':"schema"', identifier).replace(":'schema'", literal))
    if any(part.strip() for part in pending):
        yield manifest, "\n".join(pending)
