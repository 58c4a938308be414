"""The command line: `perdure COMMAND`.

Exit codes: 0 done, 1 an error of Perdure's, 2 wrong usage, 3 what was named does not exist, 4 `status` or
`alerts` found a problem, 5 the database cannot be reached. With --json an error is one JSON object, on the
last line of standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from .._errors import PerdureError
from . import server
from .applications import application
from .console import console
from .keeping import alerts, retention
from .metrics import metrics
from .queues import queue
from .schedules import schedule
from .shared import JsonError, exit_code, remedy
from .top import top
from .versions import executor, versions
from .workflows import workflow

_AS_JSON = "perdure.as_json"


class _Commands(click.Group):
    """All commands. Where --json was asked for, errors are JSON, too; also those of the usage."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        as_json = "--json" in (args[: args.index("--")] if "--" in args else args)
        with _errors_as_json(as_json):
            context = super().make_context(info_name, args, parent, **extra)
        context.meta[_AS_JSON] = as_json
        return context

    def invoke(self, ctx: click.Context) -> Any:
        with _errors_as_json(ctx.meta[_AS_JSON]):
            return super().invoke(ctx)


@contextmanager
def _errors_as_json(wanted: bool) -> Generator[None]:
    try:
        yield
    except (click.ClickException, click.Abort, EOFError, KeyboardInterrupt, PerdureError) as error:
        if not wanted:
            raise
        raise JsonError(error) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
