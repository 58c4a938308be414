"""`perdure queue ...`."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from .._client import Client
from .._queue import QueueSettings
from .output import as_text, print_fields, print_json, print_table
from .shared import json_option, queue_argument, seconds, with_client


@click.group()
def queue() -> None:
    """See queues and change their settings.

    Workers follow with their next claim.
    """


def _limits(create: bool) -> Any:
    """The options of the settings; `none` takes one away."""

    def whole(_context: Any, parameter: click.Parameter, value: str | None) -> Any:
        if value is None or (value == "none" and not create):
            return value
        try:
            return int(value)
        except ValueError:
            none = "" if create else ", and not 'none'"
            raise click.BadParameter(f"{value!r} is no whole number{none}") from None

    def period(context: Any, parameter: click.Parameter, value: str | None) -> Any:
        return value if value == "none" and not create else seconds(context, parameter, value)

    def add(command: Any) -> Any:
        for name, reader, text in reversed(
            (
                ("concurrency", whole, "How many run at once, over all workers."),
                ("worker-concurrency", whole, "How many run at once on each worker."),
                ("rate-limit", whole, "How many start in any window of --rate-period."),
                ("rate-period", period, "For example 60, 1min, 1h."),
                ("partition-concurrency", whole, "How many of each partition run at once."),
                ("partition-rate-limit", whole, "How many of each partition start in a window."),
                ("partition-rate-period", period, "For example 60, 1min, 1h."),
                ("priority-ageing", period, "In what time of waiting a priority rises by one."),
            )
        ):
            metavar = "SPAN" if reader is period else "N"
            command = click.option(
                f"--{name}", callback=reader, metavar=metavar if create else f"{metavar}|none", help=text
            )(command)
        return click.option(
            "--partitioned/--not-partitioned", default=None, help="Whether what waits has partition keys."
        )(command)

    return add


@queue.command("list")
@with_client
@json_option
def list_queues(client: Client, as_json: bool) -> None:
    """List the queues, with what each holds."""
    stats = {s.name: s for s in client.queue_stats()}
    found = [(q, stats[q.name]) for q in client.list_queues() if q.name in stats]
    if as_json:
        print_json([{**_fields(q), **_fields(s)} for q, s in found])
        return
    print_table(
        (
            (q.name, "paused" if q.paused else "", s.waiting, s.delayed, s.running,
             s.suspended, s.oldest_waiting, _limits_text(q))
            for q, s in found
        ),
        "queue", "state", "waiting", "delayed", "running", "suspended", "oldest", "limits",
    )  # fmt: skip


@queue.command()
@queue_argument
@with_client
@json_option
def show(client: Client, queue: str, as_json: bool) -> None:
    """Show the settings of a queue and what it holds."""
    (stats,) = client.queue_stats(queue)
    (settings,) = (q for q in client.list_queues() if q.name == queue)
    found = {**_fields(settings), **_fields(stats)}
    print_json(found) if as_json else print_fields(found)


@queue.command()
@queue_argument
@_limits(create=True)
@with_client
def create(client: Client, queue: str, **settings: Any) -> None:
    """Make a queue. One that exists keeps its settings."""
    given = {name: value for name, value in settings.items() if value is not None}
    made = client.register_queue(queue, **given)
    click.echo(f"queue {queue} is there" if made else f"queue {queue} was there, and keeps its settings")


@queue.command()
@queue_argument
@_limits(create=False)
@with_client
def update(client: Client, queue: str, **settings: Any) -> None:
    """Change settings of a queue; those not named stay."""
    changes = {
        name: None if value == "none" else value for name, value in settings.items() if value is not None
    }
    if not changes:
        raise click.UsageError("name a setting to change, for example --concurrency 10")
    client.update_queue(queue, **changes)
    click.echo(f"queue {queue}: {', '.join(f'{name} = {_text(value)}' for name, value in changes.items())}")


@queue.command()
@queue_argument
@with_client
def pause(client: Client, queue: str) -> None:
    """Start no more workflows of a queue; what runs goes on."""
    client.pause_queue(queue)
    click.echo(f"queue {queue} is paused")


@queue.command()
@queue_argument
@with_client
def resume(client: Client, queue: str) -> None:
    """Start workflows of a queue again."""
    client.resume_queue(queue)
    click.echo(f"queue {queue} goes on")


@queue.command()
@queue_argument
@with_client
def delete(client: Client, queue: str) -> None:
    """Remove a queue that has no active workflows."""
    client.delete_queue(queue)
    click.echo(f"queue {queue} is gone")


def _fields(value: Any) -> dict[str, Any]:
    return dataclasses.asdict(value)


def _limits_text(settings: QueueSettings) -> str:
    parts: list[str] = []
    if settings.concurrency is not None:
        parts.append(f"{settings.concurrency} at once")
    if settings.worker_concurrency is not None:
        parts.append(f"{settings.worker_concurrency} a worker")
    if settings.rate_limit is not None:
        parts.append(f"{settings.rate_limit} per {_text(settings.rate_period)}")
    if settings.partitioned:
        parts.append("partitioned")
    if settings.partition_concurrency is not None:
        parts.append(f"{settings.partition_concurrency} a partition")
    if settings.partition_rate_limit is not None:
        parts.append(
            f"{settings.partition_rate_limit} a partition per {_text(settings.partition_rate_period)}"
        )
    return ", ".join(parts)


def _text(value: Any) -> str:
    return "none" if value is None else as_text(value)
