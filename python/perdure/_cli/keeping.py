"""`perdure retention ...` and `perdure alerts`."""

from __future__ import annotations

import sys
from typing import Any

import click

from .._client import Client
from .output import print_json, print_table
from .shared import UNHEALTHY, json_option, seconds, with_client

_STATUSES = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@click.group()
def retention() -> None:
    """See and change how long workflows are kept that have ended.

    WORKFLOW is the name of a workflow; without one it is about the policy for all names that have none of
    their own.
    """


@retention.command("list")
@with_client
@json_option
def list_policies(client: Client, as_json: bool) -> None:
    """List the policies."""
    found = client.list_retention()
    if as_json:
        print_json(found)
        return
    print_table(
        ((_subject(p.workflow), p.max_age, p.max_count, ", ".join(p.statuses or ["all"])) for p in found),
        "workflow", "max age", "max count", "statuses",
        empty="no policy: everything is kept",
    )  # fmt: skip


@retention.command("set")
@click.argument("workflow", required=False)
@click.option("--max-age", callback=seconds, metavar="SPAN", help="What ended longer ago goes: 30d, 12h.")
@click.option("--max-count", type=click.IntRange(0), metavar="N", help="What has so many after it goes.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(_STATUSES),
    help="Only what ended so. Repeatable.",
)
@click.option("--keep-all", is_flag=True, help="Keep everything; for a name that is not to follow the rest.")
@with_client
@json_option
def set_policy(
    client: Client,
    workflow: str | None,
    max_age: float | None,
    max_count: int | None,
    statuses: tuple[str, ...],
    keep_all: bool,
    as_json: bool,
) -> None:
    """Set a policy, in place of the one that there is. It begins to remove soon: see `preview` before."""
    bounded = max_age is not None or max_count is not None
    if keep_all == bounded:
        raise click.UsageError("give --max-age, --max-count or both; or --keep-all")
    client.set_retention(workflow, max_age=max_age, max_count=max_count, statuses=statuses or None)
    (found,) = (p for p in client.list_retention() if p.workflow == workflow)
    if as_json:
        print_json(found)
    else:
        click.echo(f"the policy for {_subject(workflow)} is set")


@retention.command("delete")
@click.argument("workflow", required=False)
@with_client
@json_option
def delete_policy(client: Client, workflow: str | None, as_json: bool) -> None:
    """Remove a policy, but no workflow. One that does not exist is passed over."""
    deleted = client.delete_retention(workflow)
    if as_json:
        print_json({"deleted": deleted})
    else:
        click.echo(f"the policy for {_subject(workflow)} {'is gone' if deleted else 'was not there'}")


@retention.command()
@click.argument("workflow", required=False)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=1000,
    show_default=True,
    help="How many to name at most.",
)
@with_client
@json_option
def preview(client: Client, workflow: str | None, limit: int, as_json: bool) -> None:
    """List what a policy would remove now, earliest first. Nothing is removed."""
    found = client.preview_retention(workflow, max_workflows=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ((p.workflow_id, p.name, p.status, p.completed_at, p.descendants) for p in found),
        "workflow id", "workflow", "status", "ended", "descendants",
        empty="nothing would be removed",
    )  # fmt: skip


@click.command()
@with_client
@click.option(
    "--within", callback=seconds, metavar="SPAN", help="How far to look back at what has ended. Default: 1h."
)
@click.option(
    "--max-waiting", callback=seconds, metavar="SPAN", help="How long one may wait to start. Default: 5min."
)
@click.option(
    "--max-failures",
    type=click.FloatRange(0, 1),
    help="Which share of the runs of a name may fail. Default: 0.5.",
)
@click.option(
    "--min-ended",
    type=click.IntRange(1),
    help="How many must have ended before failures count. Default: 10.",
)
@click.option(
    "--max-lateness", callback=seconds, metavar="SPAN", help="By how much a tick may be late. Default: 1min."
)
@json_option
def alerts(client: Client, as_json: bool, **bounds: Any) -> None:
    """List what needs somebody.

    Dead letters, failing workflows, queues that nobody serves, and more.

    Exit code 0: nothing critical; 4: something is.
    """
    found = client.alerts(**{name: value for name, value in bounds.items() if value is not None})
    if as_json:
        print_json(found)
    else:
        print_table(
            (("problem" if a.severity == "critical" else a.severity, a.kind, a.subject, a.since, a.detail)
             for a in found),
            "state", "kind", "what", "since", "seen",
            empty="no alerts",
        )  # fmt: skip
    if any(alert.severity == "critical" for alert in found):
        sys.exit(UNHEALTHY)


def _subject(workflow: str | None) -> str:
    return "the rest" if workflow is None else workflow
