"""The command line: `perdure COMMAND`.

Exit codes: 0 done, 1 an error of Perdure's, 2 wrong usage, 3 what was named does not exist, 4 `status` or
`alerts` found a problem, 5 the database cannot be reached.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from .._errors import PerdureError
from . import server
from .applications import application
from .console import console
from .keeping import alerts, retention
from .metrics import metrics
from .queues import queue
from .schedules import schedule
from .shared import exit_code, remedy
from .top import top
from .versions import executor, versions
from .workflows import workflow


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="perdure", message="perdure %(version)s")
def cli() -> None:
    """Durable workflows that live in your own Postgres.

    Commands find the database in --database-url, PERDURE_DATABASE_URL or libpq's own variables (PGHOST, ...).
    Exit codes: 0 done, 1 refused, 2 wrong usage, 3 what was named does not exist, 4 `status` or `alerts`
    found a problem, 5 the database cannot be reached.
    """


for command in (
    server.install,
    server.worker,
    server.status,
    server.version,
    server.demo,
    server.completion,
    workflow,
    queue,
    schedule,
    retention,
    versions,
    executor,
    application,
    alerts,
    metrics,
    top,
    console,
):
    cli.add_command(command)


def main() -> NoReturn:
    """The console script."""
    try:
        cli(standalone_mode=True)
    except PerdureError as error:
        click.echo(f"perdure: {error}{remedy(error)}", err=True)
        sys.exit(exit_code(error))
    sys.exit(0)
