"""`perdure versions ...` and `perdure executor ...`."""

from __future__ import annotations

import click

from .._client import Client
from .output import print_json, print_table
from .shared import json_option, with_client

_application_option = click.option("--application", metavar="NAME", help="Of this application.")


@click.group()
def versions() -> None:
    """See versions of applications, and move work between them."""


@versions.command("list")
@_application_option
@with_client
@json_option
def list_versions(client: Client, application: str | None, as_json: bool) -> None:
    """List the versions, with what belongs to each."""
    found = client.list_versions(application=application)
    if as_json:
        print_json(found)
        return
    print_table(
        (
            (v.app_version, "latest" if v.latest else "", v.application, v.executors, v.running, v.waiting,
             v.registered_at)
            for v in found
        ),
        "version", "state", "application", "executors", "running", "waiting", "registered",
        empty="no versions",
    )  # fmt: skip


@versions.command("set-latest")
@click.argument("version")
@_application_option
@with_client
@json_option
def set_latest(client: Client, version: str, application: str | None, as_json: bool) -> None:
    """Make a version the latest.

    Its executors take what belongs to none.
    """
    client.set_latest_version(version, application=application)
    if as_json:
        print_json({"latest": version, "application": application})
    else:
        click.echo(f"version {version} is the latest")


@versions.command()
@click.argument("to_version", metavar="[TO]", required=False)
@click.argument("workflow_ids", metavar="[WORKFLOW_ID]...", nargs=-1)
@click.option("--to-none", is_flag=True, help="To no version, in place of TO: the latest takes them.")
@click.option("--from", "from_version", metavar="VERSION", help="All that belongs to this version.")
@click.option("--from-none", is_flag=True, help="All that belongs to no version.")
@with_client
@json_option
def move(
    client: Client,
    to_version: str | None,
    workflow_ids: tuple[str, ...],
    to_none: bool,
    from_version: str | None,
    from_none: bool,
    as_json: bool,
) -> None:
    """Move active workflows to another version.

    Those that do not run: all of a version, or those named.
    """
    ids = list(workflow_ids)
    if to_none and to_version is not None:
        # There is no TO: the first is an id, too.
        ids, to_version = [to_version, *ids], None
    if not to_none and to_version is None:
        raise click.UsageError("name the version to move to, or give --to-none")
    if (from_version is not None) + from_none + bool(ids) != 1:
        raise click.UsageError("name workflows, or give --from or --from-none")
    moved = client.set_version(to_version, ids or None, from_version="" if from_none else from_version)
    if as_json:
        print_json({"moved": moved})
    else:
        click.echo(f"{moved} moved to {'no version' if to_version is None else f'version {to_version}'}")


@click.group()
def executor() -> None:
    """See executors: the processes that run workflows."""


@executor.command("list")
@with_client
@json_option
def list_executors(client: Client, as_json: bool) -> None:
    """List the registered executors, oldest first."""
    found = client.list_executors()
    if as_json:
        print_json(found)
        return
    print_table(
        (
            (e.executor_id, e.name, "alive" if e.alive else "lapsed", e.running, e.application, e.app_version,
             e.registered_at, e.lease_until)
            for e in found
        ),
        "id", "executor", "state", "running", "application", "version", "registered", "lease until",
        empty="no executors",
    )  # fmt: skip
