"""`perdure application ...`."""

from __future__ import annotations

import click

from .._client import Client
from .._words import many
from .output import print_json
from .shared import json_option, with_client


@click.group()
def application() -> None:
    """Applications that share a database; see docs/applications.md."""


@application.command("rename")
@click.argument("names", nargs=-1, metavar="OLD_NAME NEW_NAME")
@click.option("--of-none", is_flag=True, help="In place of OLD_NAME: what belongs to no application.")
@json_option
@with_client
def rename(client: Client, names: tuple[str, ...], of_none: bool, as_json: bool) -> None:
    """Give all that belongs to an application to another name. Stop its workers before."""
    if len(names) != (1 if of_none else 2):
        raise click.UsageError("name the application, or give --of-none, and then its new name")
    new_name = names[-1]
    moved = client.rename_application(None if of_none else names[0], new_name)
    if as_json:
        print_json(moved._asdict())
    else:
        click.echo(
            f"{new_name} has {many(moved.workflows, 'workflow')}, {many(moved.queues, 'queue')} and"
            f" {many(moved.schedules, 'schedule')} more"
        )
