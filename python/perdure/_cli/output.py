"""What a command prints: tables in colours for people, JSON for programs."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import decimal
import enum
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

_COLOURS = {
    "SUCCESS": "green",
    "PENDING": "cyan",
    "ENQUEUED": "blue",
    "DELAYED": "blue",
    "ERROR": "red",
    "CANCELLED": "yellow",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "bold red",
    "ok": "green",
    "warning": "yellow",
    "problem": "bold red",
}


def console() -> Console:
    """Standard output; a pipe gets plain text, as wide as it needs."""
    found = Console()
    return found if found.is_terminal else Console(width=1000, soft_wrap=True)


def print_json(value: Any) -> None:
    """Prints a value as one JSON document: times as ISO 8601, spans in seconds."""
    click.echo(json.dumps(value, default=plain, ensure_ascii=False, indent=2))


def print_table(rows: Iterable[Sequence[Any]], *columns: str, empty: str = "nothing") -> None:
    """Prints rows as a table under these headings, or `empty` on standard error."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold", show_edge=False)
    many = 0
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
        many += 1
    if many:
        console().print(table)
    else:
        click.echo(empty, err=True)


def print_fields(fields: Mapping[str, Any]) -> None:
    """Prints one thing as names and values, without what is null."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in fields.items():
        if value is not None:
            table.add_row(name.replace("_", " "), _cell(value))
    console().print(table)


def plain(value: Any) -> Any:
    """A JSON form of what `json` does not know."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, BaseException):
        return {"name": type(value).__name__, "message": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, (uuid.UUID, decimal.Decimal)):
        return str(value)
    return repr(value)


def as_text(value: Any) -> str:
    """A value for people, on one line."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dt.timedelta):
        return span(value.total_seconds())
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, (int, float)):
        return str(value)
    return json.dumps(value, default=plain, ensure_ascii=False)


def span(seconds: float) -> str:
    """A span of time for people."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7200:
        return f"{seconds / 60:.3g} min"
    if seconds < 172800:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 86400:.4g} d"


def _cell(value: Any) -> Text:
    text = as_text(value)
    return Text(text, style=_COLOURS.get(text, ""), overflow="fold")
