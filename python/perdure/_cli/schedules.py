"""`perdure schedule ...`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from .._client import Client
from .output import print_fields, print_json, print_table
from .shared import json_option, read_json, schedule_argument, with_client


@click.group()
def schedule() -> None:
    """See and change schedules."""


@schedule.command("list")
@with_client
@json_option
def list_schedules(client: Client, as_json: bool) -> None:
    """List the schedules."""
    found = client.list_schedules()
    if as_json:
        print_json(found)
        return
    print_table(
        (
            (s.name, "paused" if s.paused else "", s.workflow, s.cron, s.zone, s.queue, s.next_at, s.last_at)
            for s in found
        ),
        "schedule", "state", "workflow", "cron", "zone", "queue", "next", "last",
    )  # fmt: skip


@schedule.command()
@schedule_argument
@with_client
@json_option
def show(client: Client, schedule: str, as_json: bool) -> None:
    """Show a schedule."""
    found = client.get_schedule(schedule)
    if as_json:
        print_json(found)
    else:
        print_fields({name: getattr(found, name) for name in found.__slots__})


@schedule.command()
@schedule_argument
@click.argument("workflow")
@click.argument("cron")
@click.option("--zone", default="UTC", show_default=True, help="The time zone of the line.")
@click.option("--queue", default="default", show_default=True)
@click.option("--context", callback=read_json, metavar="JSON", help="Given to each of its workflows.")
@click.option("--automatic-backfill", is_flag=True, help="Start every missed tick, not just the last.")
@with_client
def create(client: Client, schedule: str, workflow: str, cron: str, **settings: Any) -> None:
    """Make a schedule.

    CRON is a line of five fields, or six with the seconds last.
    """
    first = client.create_schedule(schedule, workflow, cron, **settings)
    click.echo(f"schedule {schedule}: first at {first.isoformat()}")


@schedule.command()
@schedule_argument
@with_client
def pause(client: Client, schedule: str) -> None:
    """Fire no more ticks of a schedule."""
    client.pause_schedule(schedule)
    click.echo(f"schedule {schedule} is paused")


@schedule.command()
@schedule_argument
@with_client
def resume(client: Client, schedule: str) -> None:
    """Let a schedule go on."""
    click.echo(f"schedule {schedule}: next at {client.resume_schedule(schedule).isoformat()}")


@schedule.command()
@schedule_argument
@with_client
def trigger(client: Client, schedule: str) -> None:
    """Start a workflow of a schedule now."""
    click.echo(client.trigger_schedule(schedule).workflow_id)


@schedule.command()
@schedule_argument
@click.argument(
    "since", metavar="SINCE", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])
)
@click.argument(
    "until", metavar="UNTIL", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])
)
@with_client
def backfill(client: Client, schedule: str, since: dt.datetime, until: dt.datetime) -> None:
    """Start the ticks of a span of time.

    From SINCE (included) to UNTIL (not); a time without an offset is local.
    """
    found = client.backfill_schedule(schedule, since.astimezone(), until.astimezone())
    for handle in found:
        click.echo(handle.workflow_id)
    click.echo(f"{len(found)} started", err=True)


@schedule.command()
@schedule_argument
@with_client
def delete(client: Client, schedule: str) -> None:
    """Remove a schedule; what it has started goes on."""
    client.delete_schedule(schedule)
    click.echo(f"schedule {schedule} is gone")
