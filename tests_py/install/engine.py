"""Installing the engine in every way there is, and looking at what was installed."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import perdure
from perdure import _install
from tests_py.support import databases

SQL = databases.ROOT / "sql"
ROLES = ("client", "worker", "operator")


class Refused(Exception):
    """An installation failed."""

    def __init__(self, sqlstate: str | None, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


def program(name: str) -> str:
    """The newest of the client programs of this name: an older one cannot dump a newer server."""
    places = [Path(os.environ["PG_BIN"])] if "PG_BIN" in os.environ else []
    debian = [place for place in Path("/usr/lib/postgresql").glob("*/bin") if place.parent.name.isdigit()]
    places += sorted(debian, key=lambda place: int(place.parent.name), reverse=True)
    for place in places:
        if (place / name).exists():
            return str(place / name)
    found = shutil.which(name)
    assert found, f"{name} is missing: install the Postgres client"
    return found


def psql_command(url: str, script: Path, schema: str | None = None) -> list[str]:
    command = [program("psql"), url, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"]
    return [*command, *(["-v", f"schema={schema}"] if schema is not None else []), "-f", str(script)]


def run_psql(url: str, script: Path, schema: str | None = None) -> str:
    """Run a script; returns what it warned of."""
    done = subprocess.run(
        psql_command(url, script, schema), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        code = re.search(r"(?:ERROR|FATAL): +(\w{5}): ", done.stderr)
        raise Refused(code[1] if code else None, done.stderr)
    return done.stderr


def install_by_psql(url: str, schema: str = databases.SCHEMA) -> None:
    run_psql(url, SQL / "install.sql", schema)


def install_by_python(url: str, schema: str = databases.SCHEMA) -> None:
    try:
        _install.install(url, schema)
    except perdure.PerdureError as error:
        raise Refused(getattr(error.__cause__, "sqlstate", None), str(error)) from error


def uninstall(url: str, schema: str = databases.SCHEMA) -> None:
    run_psql(url, SQL / "uninstall.sql", schema)


INSTALLERS = {"psql": install_by_psql, "python": install_by_python}


def dump(url: str, *options: str) -> str:
    """What pg_dump says, without what differs from run to run; rows of tables in one order."""
    text = subprocess.run(
        [program("pg_dump"), "--no-owner", *options, url], check=True, capture_output=True, text=True
    ).stdout
    text = re.sub(r"^(--.*|\\(un)?restrict .*)?\n", "", text, flags=re.MULTILINE)
    return re.sub(
        r"(?<=FROM stdin;\n)(?!\\\.\n)(.*?)(?=\\\.\n)",
        lambda rows: "".join(sorted(rows[0].splitlines(keepends=True))),
        text,
        flags=re.DOTALL,
    )


def dump_schema(url: str, schema: str = databases.SCHEMA) -> str:
    pattern = schema.replace('"', '""')
    return dump(url, "--schema-only", f'--schema="{pattern}"')


def query(url: str, text: str, params: Any = None, schema: str = databases.SCHEMA) -> list[Any]:
    """Run one statement with bare names, as whoever the URL says."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select set_config('search_path', quote_ident(%s), false)", [schema])
        cursor = connection.execute(text, params)
        return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def roles_dropped(server: str, *schemas: str) -> Iterator[None]:
    """Roles belong to the whole cluster: drop those of these schemas when their databases are gone."""
    try:
        yield
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            for schema in schemas:
                for role in ROLES:
                    connection.execute(
                        sql.SQL("drop role if exists {}").format(sql.Identifier(f"{schema}_{role}"))
                    )
