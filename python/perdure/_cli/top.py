"""`perdure top`: queues and what is wrong, live."""

from __future__ import annotations

import datetime as dt
import time

import click
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .._client import Client
from .output import as_text, cell, console, one_line, write
from .shared import seconds, with_client

# How many workers it lists: those that run most.
_WORKERS = 20


@click.command()
@with_client
@click.option(
    "--interval",
    default="1s",
    callback=seconds,
    metavar="SPAN",
    show_default=True,
    help="How often it looks.",
)
@click.option("--once", is_flag=True, help="Look once, print, and end.")
def top(client: Client, interval: float, once: bool) -> None:
    """Watch queues, workers and what is wrong, until Ctrl-C. A pipe gets one look."""
    if interval <= 0:
        raise click.BadParameter("it is more than 0", param_hint="--interval")
    if once or not console().is_terminal:
        write(look(client))
        return
    with Live(look(client), screen=True, auto_refresh=False) as live:
        try:
            while True:
                time.sleep(interval)
                live.update(look(client), refresh=True)
        except KeyboardInterrupt:
            pass


def look(client: Client) -> Group:
    """One picture."""
    queues = Table("queue", box=None, pad_edge=False, header_style="bold")
    for heading in ("waiting", "delayed", "running", "suspended", "oldest"):
        queues.add_column(heading, justify="right")
    rows = [
        (
            Text("started directly", "italic") if found.name is None else cell(found.name),
            [found.waiting, found.delayed, found.running, found.suspended],
            found.oldest_waiting,
        )
        for found in client.queue_stats(with_direct=True)
    ]
    if not any(rows[-1][1]):
        del rows[-1]
    for name, numbers, oldest in rows:
        queues.add_row(name, *map(str, numbers), as_text(oldest))
    totals = [sum(column) for column in zip(*(numbers for _, numbers, _ in rows), strict=True)]
    queues.add_section()
    queues.add_row("all", *map(str, totals), "", style="bold")
    wrong = Table("state", "what", "seen", "what to do", box=None, pad_edge=False, header_style="bold")
    well: list[str] = []
    for check in client.status():
        if check.state == "ok":
            well.append(one_line(f"{check.subject}: {check.detail}"))
        else:
            style = "red" if check.state == "problem" else "yellow"
            wrong.add_row(Text(check.state, style), cell(check.subject), cell(check.detail), cell(check.hint))
    now = dt.datetime.now().astimezone().strftime("%H:%M:%S")
    workers = Table("worker", "application", "version", box=None, pad_edge=False, header_style="bold")
    workers.add_column("running", justify="right")
    workers.add_column("alive")
    executors = sorted(client.list_executors(), key=lambda executor: -executor.running)
    for found in executors[:_WORKERS]:
        shown = (found.name, found.application, found.app_version, found.running, found.alive)
        workers.add_row(*map(cell, shown))
    if len(executors) > _WORKERS:
        workers.add_row(f"and {len(executors) - _WORKERS} more")
    parts = [Text(f"{now}  " + " · ".join(well), style="dim"), Text(), queues]
    if workers.row_count:
        parts += [Text(), workers]
    if wrong.row_count:
        parts += [Text(), wrong]
    return Group(*parts)
