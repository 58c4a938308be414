"""What the commands share: the options that name the database, a client, and exit codes."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import click

from .._client import Client
from .._connected import find_dsn
from .._errors import (
    DatabaseUnavailable,
    InvalidArgument,
    PerdureError,
    QueueNotFound,
    ScheduleNotFound,
    SerializationError,
    WorkflowNotFound,
)
from .._serialize import Codec

DONE, FAILED, WRONG_USAGE, NOT_FOUND, UNHEALTHY, UNAVAILABLE = range(6)

database_option = click.option(
    "--database-url",
    envvar="PERDURE_DATABASE_URL",
    metavar="URL",
    help="The database, a libpq URL. Default: PERDURE_DATABASE_URL, or libpq's own variables.",
)
schema_option = click.option(
    "--schema",
    envvar="PERDURE_SCHEMA",
    default="perdure",
    show_default=True,
    help="The schema of the engine.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def exit_code(error: PerdureError) -> int:
    """What the process ends with after this error."""
    if isinstance(error, (WorkflowNotFound, QueueNotFound, ScheduleNotFound)):
        return NOT_FOUND
    if isinstance(error, DatabaseUnavailable):
        return UNAVAILABLE
    return FAILED


def remedy(error: PerdureError) -> str:
    """What to type here, where the hint of the engine names a function."""
    if isinstance(error, QueueNotFound):
        return "; here: `perdure queue list`, `perdure queue create NAME`"
    if isinstance(error, ScheduleNotFound):
        return "; here: `perdure schedule list`"
    return ""


class AnyValues(Codec):
    """Reads values for people: what names a class or a serializer of somebody's program, or cannot be read by
    anybody, is shown as it is stored."""

    def loads(self, text: str | None) -> Any:
        """The value of a JSON text, or where it has none here the JSON itself, with its tags."""
        try:
            return super().loads(text)
        except SerializationError as error:
            try:
                return json.loads(text or "null")
            except (ValueError, RecursionError):
                raise error from None


class JsonError(click.ClickException):
    """An error as one JSON object, on one line."""

    def __init__(self, error: BaseException) -> None:
        name, code, ends_with = type(error).__name__, None, FAILED
        if isinstance(error, PerdureError):
            message, ends_with = f"{error}{remedy(error)}", exit_code(error)
            code = error.sqlstate or getattr(error.__cause__, "sqlstate", None)
        elif isinstance(error, click.ClickException):
            message, ends_with = error.format_message(), error.exit_code
            kinds = (click.UsageError, click.FileError)
            name = next((kind.__name__ for kind in kinds if isinstance(error, kind)), "ClickException")
        else:
            message, name = "aborted", "Aborted"
        self.told = {"error": name, "code": code, "message": message}
        super().__init__(message)
        vars(self)["exit_code"] = ends_with

    def show(self, file: Any = None) -> None:
        click.echo(json.dumps(self.told, ensure_ascii=False), file=file, err=file is None)


def with_client(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options of the database, and a connected client as its first argument."""

    @database_option
    @schema_option
    @functools.wraps(command)
    def run(database_url: str | None, schema: str, **given: Any) -> Any:
        with open_client(database_url, schema) as client:
            return command(client, **given)

    return run


def database(given: str | None) -> str:
    """The database of a command; none, or what cannot be one, is wrong usage."""
    try:
        return find_dsn(given)
    except InvalidArgument as error:
        raise click.UsageError(str(error).replace("Pass its URL", "Give --database-url")) from None


def open_client(database_url: str | None, schema: str) -> Client:
    """A client for one command: tries the database for a short time only, and listens to nothing."""
    client = Client(database(database_url), schema=schema, connect_timeout=5.0, listen=False)
    client.codec = AnyValues()
    return client


def completed(list_names: Callable[[Client], list[str]]) -> Callable[..., list[str]]:
    """Completion of a name in a shell, from the database; nothing if that cannot be reached."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        try:
            url = context.params.get("database_url")
            with open_client(url, context.params.get("schema") or "perdure") as client:
                return [name for name in list_names(client) if name.startswith(incomplete)]
        except Exception:
            return []

    return complete


queue_argument = click.argument(
    "queue", shell_complete=completed(lambda client: [q.name for q in client.list_queues()])
)
schedule_argument = click.argument(
    "schedule", shell_complete=completed(lambda client: [s.name for s in client.list_schedules()])
)


def seconds(_context: Any, _parameter: Any, value: str | None) -> float | None:
    """Reads a span: seconds, or a number with ms, s, min, h or d."""
    if value is None:
        return None
    units = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
    digits = value.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = value[len(digits) :].strip() or "s"
    try:
        return float(digits) * units[unit]
    except (KeyError, ValueError):
        raise click.BadParameter(
            f"{value!r} is no span of time: write 90, 1.5h, 30min, 250ms or 7d"
        ) from None


def _no_json(name: str) -> Any:
    raise ValueError(f"{name} is not in JSON")


def read_json(_context: Any, _parameter: Any, value: str | None) -> Any:
    """Reads an option that is JSON text."""
    if value is None:
        return None
    try:
        return json.loads(value, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"that is no JSON: {error}") from None
