"""`perdure workflow ...`."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text
from rich.tree import Tree

from .._client import Client
from .._errors import WorkflowNotFound
from .output import cell, one_line, print_fields, print_json, print_table, write
from .shared import json_option, read_json, seconds, with_client

STATUSES = (
    "DELAYED",
    "ENQUEUED",
    "PENDING",
    "SUCCESS",
    "ERROR",
    "CANCELLED",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED",
)
# How many one call changes, so that progress is seen and no transaction is long.
_PART = 1000
_COLUMNS = ("workflow id", "workflow", "status", "queue", "created", "ended")

_ids = click.argument("workflow_ids", nargs=-1, metavar="[WORKFLOW_ID]...")
_children = click.option("--children", is_flag=True, help="With its children, and theirs.")


@click.group()
def workflow() -> None:
    """See workflows and act on them."""


def _filters(command: Any) -> Any:
    """The options that choose workflows."""

    def moment(_context: Any, _parameter: Any, value: str | None) -> dt.datetime | None:
        if value is None:
            return None
        with contextlib.suppress(click.BadParameter):
            ago = seconds(None, None, value)
            with contextlib.suppress(OverflowError):
                return dt.datetime.now(dt.timezone.utc) - dt.timedelta(seconds=ago or 0)
        try:
            return dt.datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone()
        except (ValueError, OverflowError):
            raise click.BadParameter(
                f"{value!r} is no time: write 2026-01-31T12:00:00, or how long ago, as 90min or 7d"
            ) from None

    for names, text in reversed(
        (
            (("--name",), "The name of the workflow."),
            (("--queue",), "Enqueued in this queue."),
            (("--user",), "On whose behalf."),
            (("--app-version", "app_version"), "The version of the application."),
            (("--application",), "The application that it belongs to."),
            (("--executor",), "The worker that runs it, or ran it last."),
            (("--parent",), "A child of this workflow."),
            (("--forked-from", "forked_from"), "A fork of this workflow."),
            (("--schedule",), "Started by this schedule."),
            (("--prefix", "id_prefix"), "Ids that begin so."),
        )
    ):
        command = click.option(*names, multiple=True, metavar="TEXT", help=text + " May be repeated.")(
            command
        )
    for name, text in reversed(
        (
            ("created-from", "Created at that time or later"),
            ("created-until", "Created before"),
            ("started-from", "Started at that time or later"),
            ("started-until", "Started before"),
            ("completed-from", "Ended at that time or later"),
            ("completed-until", "Ended before"),
        )
    ):
        command = click.option(
            f"--{name}", callback=moment, metavar="TIME", help=text + ": 2026-01-31T12:00:00, or 90min ago."
        )(command)
    command = click.option(
        "--attributes", callback=read_json, metavar="JSON", help="Has these attributes, an object."
    )(command)
    command = click.option("--has-parent/--no-parent", default=None, help="Whether it is a child.")(command)
    command = click.option("--is-fork/--no-fork", default=None, help="Whether it is a fork.")(command)
    command = click.option("--was-forked/--not-forked", default=None, help="Whether there are forks of it.")(
        command
    )
    return click.option(
        "--status",
        multiple=True,
        type=click.Choice(STATUSES, case_sensitive=False),
        help="May be repeated.",
    )(command)


def _given(filters: dict[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType]
        for name, value in filters.items()
        if value is not None and value != ()
    }


@workflow.command("list")
@_filters
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most.")
@click.option("--after", metavar="CURSOR", help="Go on after this one: the cursor that --json shows.")
@click.option("--oldest-first", is_flag=True, help="The oldest first, not the newest.")
@click.option("--values", is_flag=True, help="With inputs and outputs.")
@with_client
@json_option
def list_workflows(
    client: Client,
    limit: int,
    after: str | None,
    oldest_first: bool,
    values: bool,
    as_json: bool,
    **filters: Any,
) -> None:
    """List workflows, the newest first."""
    found = client.list_workflows(
        limit=limit,
        after=after,
        newest_first=not oldest_first,
        with_input=values,
        with_output=values,
        **_given(filters),
    )
    if as_json:
        print_json(found)
        return
    rows = (
        (w.workflow_id, w.workflow, w.status, w.queue, w.created_at, w.completed_at)
        + ((w.input, w.output if w.error is None else w.error) if values else ())
        for w in found
    )
    print_table(
        rows, *_COLUMNS, *(("input", "result") if values else ()), empty="no workflow passes this filter"
    )
    if len(found) == limit:
        click.echo(f"there may be more: --limit, or --after {found[-1].cursor}", err=True)


@workflow.command()
@click.argument("workflow_id")
@with_client
@json_option
def get(client: Client, workflow_id: str, as_json: bool) -> None:
    """Show all about one workflow, and why it waits."""
    found = client.get_workflow(workflow_id)
    reasons = client.explain_wait(workflow_id) if found.completed_at is None else []
    fields = {name: getattr(found, name) for name in found.__slots__}
    if as_json:
        waits = [{"reason": reason, "detail": detail} for reason, detail in reasons]
        print_json({**fields, "waits": waits})
        return
    print_fields(
        {
            **fields,
            # Where a list goes on.
            "cursor": None,
            "failures": found.failures or None,
            "retries": found.retries or None,
            **({"waits": "; ".join(detail for _, detail in reasons)} if reasons else {}),
        }
    )


@workflow.command()
@click.argument("workflow_id")
@with_client
@json_option
def steps(client: Client, workflow_id: str, as_json: bool) -> None:
    """List the recorded steps of a workflow."""
    found = client.list_steps(workflow_id)
    if as_json:
        print_json(found)
        return
    print_table(
        (
            (
                s.step,
                s.name,
                s.output if s.error is None else s.error,
                s.child_id,
                s.attempts if s.attempts > 1 else None,
                None if s.started_at is None or s.completed_at is None else s.completed_at - s.started_at,
                s.completed_at,
            )
            for s in found
        ),
        *("step", "name", "result", "child", "attempts", "took", "completed"),
        empty="no step is recorded",
    )


@workflow.command()
@click.argument("workflow_id")
@with_client
@json_option
def tree(client: Client, workflow_id: str, as_json: bool) -> None:
    """Show a workflow with its children, and theirs."""
    found = client.workflow_tree(workflow_id)
    if as_json:
        print_json(found)
        return
    places: dict[str, Tree] = {}
    for node in found:
        label = Text("  ").join((cell(node.workflow_id), cell(node.workflow), cell(node.status)))
        above = places.get(node.parent_id or "")
        places[node.workflow_id] = Tree(label) if above is None else above.add(label)
    write(places[workflow_id])


@workflow.command()
@click.argument("name")
@click.option(
    "--input", "given", callback=read_json, metavar="JSON", help="A list: arguments; an object: named ones."
)
@click.option("--queue", default="default", show_default=True)
@click.option("--id", "workflow_id", help="Its id; a new one if not given.")
@click.option("--priority", type=int, default=0, show_default=True, help="A lower one is first.")
@click.option("--delay", callback=seconds, metavar="SPAN", help="Enqueued so long after now.")
@click.option("--timeout", callback=seconds, metavar="SPAN", help="How long it may take.")
@with_client
@json_option
def enqueue(
    client: Client, name: str, given: Any, workflow_id: str | None, as_json: bool, **options: Any
) -> None:
    """Enqueue a workflow; prints its id.

    An id starts one workflow, once: with one that exists nothing is enqueued, which is said on standard
    error.
    """
    if given is not None and not isinstance(given, (list, dict)):
        raise click.BadParameter("a list of arguments, or an object of named ones", param_hint="--input")
    chosen = {key: value for key, value in options.items() if value is not None}
    ids = {} if workflow_id is None else {"workflow_ids": [workflow_id]}
    # Of many, the input is apart from the options: it may have names that options have.
    inputs = cast("list[list[Any] | dict[str, Any]]", [given or []])
    there = None
    if workflow_id:
        with contextlib.suppress(WorkflowNotFound):
            there = client.get_workflow(workflow_id)
    (handle,) = client.enqueue_many(name, inputs, **ids, **chosen)
    if there is not None:
        other = ", with another input" if (there.input or []) != (given or []) else ""
        click.echo(
            f"nothing was enqueued: this id was there before ({one_line(there.status)}){other}", err=True
        )
    if as_json:
        print_json({"workflow_id": handle.workflow_id, "created": there is None})
    else:
        click.echo(handle.workflow_id)


def _act(
    client: Client,
    verb: str,
    ids: Sequence[str],
    filters: dict[str, Any],
    as_json: bool,
    act: Callable[[list[str]], dict[str, str]],
) -> None:
    """Acts on workflows, part by part, and prints what came of it."""
    outcomes: dict[str, str] = {}
    with _progress(verb, len(ids) or None) as advance:
        for part in _chosen(client, ids, filters):
            outcomes.update(act(part))
            advance(len(part))
    if as_json:
        print_json([{"workflow_id": found, "outcome": outcome} for found, outcome in outcomes.items()])
    elif len(outcomes) <= 20:
        print_table(outcomes.items(), "workflow id", "outcome", empty="no workflow passes this filter")
    else:
        for outcome, many in Counter(outcomes.values()).items():
            click.echo(f"{many} {outcome}")


@contextlib.contextmanager
def _progress(verb: str, total: int | None) -> Generator[Callable[[int], None]]:
    columns = (TextColumn(verb), BarColumn(), MofNCompleteColumn())
    shown = Console(stderr=True)
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bar:
        task = bar.add_task(verb, total=total)
        yield lambda many: bar.advance(task, many)


def _chosen(client: Client, ids: Sequence[str], filters: dict[str, Any]) -> Iterator[list[str]]:
    """Workflows by their ids, or all that pass a filter, part by part."""
    given = _given(filters)
    if bool(ids) == bool(given):
        raise click.UsageError("name workflows by their ids, or by a filter such as --status ERROR; not both")
    yield from _parts(ids) if ids else _found(client, given)


def _parts(ids: Sequence[str]) -> Iterator[list[str]]:
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), _PART):
        yield unique[start : start + _PART]


def _found(client: Client, filters: dict[str, Any]) -> Iterator[list[str]]:
    """The ids that pass a filter, read before anything is changed: a change can move them."""
    found = [
        w.workflow_id
        for w in client.iter_workflows(newest_first=False, with_input=False, with_output=False, **filters)
    ]
    yield from _parts(found)


@workflow.command()
@_ids
@_filters
@_children
@with_client
@json_option
def cancel(
    client: Client, workflow_ids: Sequence[str], children: bool, as_json: bool, **filters: Any
) -> None:
    """Cancel workflows: by ids, or all that pass a filter."""
    _act(
        client,
        "cancelling",
        workflow_ids,
        filters,
        as_json,
        lambda ids: client.cancel_many(ids, children=children),
    )


@workflow.command()
@_ids
@_filters
@_children
@click.option("--on-queue", help="Enqueue them here instead of in their own queues.")
@with_client
@json_option
def resume(
    client: Client,
    workflow_ids: Sequence[str],
    children: bool,
    on_queue: str | None,
    as_json: bool,
    **filters: Any,
) -> None:
    """Let workflows go on that were cancelled, or given up.

    They go on after their last completed step. By ids, or all that pass a filter.
    """
    _act(
        client,
        "resuming",
        workflow_ids,
        filters,
        as_json,
        lambda ids: client.resume_many(ids, queue=on_queue, children=children),
    )


@workflow.command()
@_ids
@_filters
@_children
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_client
@json_option
def delete(
    client: Client, workflow_ids: Sequence[str], children: bool, yes: bool, as_json: bool, **filters: Any
) -> None:
    """Remove workflows that have ended.

    All that is recorded of them goes, too. By ids, or all that pass a filter.
    """
    parts = list(_chosen(client, workflow_ids, filters))
    total = sum(map(len, parts))
    if total and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody is here to confirm that: add --yes")
        things = f"{total} workflows" if total > 1 else f"workflow {one_line(parts[0][0])}"
        more = " and all that they have started" if children else ""
        click.confirm(f"Remove {things}{more}, with all that is recorded?", abort=True, err=True)
    many = 0
    with _progress("deleting", total) as advance:
        for part in parts:
            many += client.delete_workflows(part, children=children)
            advance(len(part))
    if as_json:
        print_json({"deleted": many})
    else:
        click.echo(f"{many} deleted")


@workflow.command()
@click.argument("workflow_id")
@click.option("--from-step", type=click.IntRange(1), metavar="N", help="The first step that is done anew.")
@click.option("--from-name", metavar="STEP", help="The first step of this name is done anew.")
@click.option(
    "--from-last", type=click.Choice(["step", "failure"]), help="The last step, or the last that failed."
)
@click.option("--id", "new_workflow_id", help="Its id; a new one if not given.")
@click.option("--queue", help="Where it waits.")
@click.option("--app-version", help="The version that is to run it.")
@click.option("--timeout", callback=seconds, metavar="SPAN", help="How long it may take.")
@with_client
@json_option
def fork(client: Client, workflow_id: str, from_step: int | None, as_json: bool, **options: Any) -> None:
    """Start a copy of a workflow; prints its id.

    The copy has the steps of the original up to one, and does the rest itself.
    """
    chosen = {name: value for name, value in options.items() if value is not None}
    forked = client.fork(workflow_id, from_step, **chosen).workflow_id
    if as_json:
        print_json({"workflow_id": forked})
        return
    click.echo(forked)


@workflow.command()
@click.argument("workflow_id")
@click.option("--children/--no-children", default=True, help="With its children, and theirs.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
@with_client
@json_option
def export(client: Client, workflow_id: str, children: bool, output: Path | None, as_json: bool) -> None:
    """Write a workflow as one JSON document.

    That is what it prints with and without --json. With --output and --json it prints where it is.
    """
    text = client.export_workflow(workflow_id, children=children)
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from None
    if as_json:
        print_json({"workflow_id": workflow_id, "output": str(output)})


@workflow.command("import")
@click.argument("document", type=click.File("r", encoding="utf-8"))
@click.option("--create-queues", is_flag=True, help="Make queues that do not exist here.")
@with_client
@json_option
def import_workflow(client: Client, document: Any, create_queues: bool, as_json: bool) -> None:
    """Read workflows from a document of `export`.

    `-` is standard input.
    """
    try:
        text = document.read()
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"that is no JSON: {error}", param_hint="DOCUMENT") from None
    many = client.import_workflow(text, create_queues=create_queues)
    if as_json:
        print_json({"imported": many})
        return
    click.echo(f"{many} imported")
