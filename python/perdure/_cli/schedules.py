"""`perdure schedule ...`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from .._client import Client
from .._loop import run_sync
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
@json_option
def create(client: Client, schedule: str, workflow: str, cron: str, as_json: bool, **settings: Any) -> None:
    """Make a schedule.

    CRON is a line of five fields, or six with the seconds last.
    """
    first = client.create_schedule(schedule, workflow, cron, **settings)
    if as_json:
        print_json(client.get_schedule(schedule))
        return
    click.echo(f"schedule {schedule}: first at {first.isoformat()}")


@schedule.command()
@schedule_argument
@with_client
@json_option
def pause(client: Client, schedule: str, as_json: bool) -> None:
    """Fire no more ticks of a schedule."""
    client.pause_schedule(schedule)
    if as_json:
        print_json(client.get_schedule(schedule))
        return
    click.echo(f"schedule {schedule} is paused")


@schedule.command()
@schedule_argument
@with_client
@json_option
def resume(client: Client, schedule: str, as_json: bool) -> None:
    """Let a schedule go on."""
    following = client.resume_schedule(schedule)
    if as_json:
        print_json(client.get_schedule(schedule))
        return
    click.echo(f"schedule {schedule}: next at {following.isoformat()}")


@schedule.command()
@schedule_argument
@with_client
@json_option
def trigger(client: Client, schedule: str, as_json: bool) -> None:
    """Start a workflow of a schedule now."""
    started = client.trigger_schedule(schedule).workflow_id
    if as_json:
        print_json({"workflow_id": started})
        return
    click.echo(started)


@schedule.command()
@schedule_argument
@click.argument(
    "since", metavar="SINCE", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])
)
@click.argument(
    "until", metavar="UNTIL", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])
)
@with_client
@json_option
def backfill(client: Client, schedule: str, since: dt.datetime, until: dt.datetime, as_json: bool) -> None:
    """Start the ticks of a span of time.

    From SINCE (included) to UNTIL (not); a time without an offset is local.
    """
    work = client._backfill_async(schedule, since.astimezone(), until.astimezone())  # pyright: ignore[reportPrivateUsage]
    found = run_sync(work, "backfill_schedule_async")
    if as_json:
        print_json([{"workflow_id": started, "tick": tick, "created": new} for started, tick, new in found])
        return
    for started, _, _ in found:
        click.echo(started)
    click.echo(f"{sum(new for _, _, new in found)} started", err=True)


@schedule.command()
@schedule_argument
@with_client
@json_option
def delete(client: Client, schedule: str, as_json: bool) -> None:
    """Remove a schedule; what it has started goes on."""
    client.delete_schedule(schedule)
    if as_json:
        print_json({"deleted": True})
        return
    click.echo(f"schedule {schedule} is gone")
