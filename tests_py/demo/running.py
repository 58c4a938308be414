"""Runs the demonstration as a user does, on a quarter of the file, and looks at what it left."""

import subprocess
import sys
from typing import Any

import psycopg

from perdure.demo import _check

QUARTER = [1, 2, 3]


def command(url: str | None, *options: str) -> list[str]:
    """The command line; without a URL the demonstration starts an embedded Postgres."""
    database = [] if url is None else ["--database-url", url]
    months = ["--months", str(len(QUARTER))]
    return [sys.executable, "-m", "perdure", "demo", *months, *database, *options]


def run(url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(url, *options), capture_output=True, text=True, timeout=100)


def faults(db: psycopg.Connection[Any]) -> list[str]:
    """What its check says of the tables."""
    file, table = list(_check.lines_in_file(QUARTER)), list(_check.lines_in_table(db))
    return _check.compare(file, table, _check.rejected_lines(db))
