"""What a command prints: tables in colours for people, JSON for programs."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import decimal
import enum
import json
import re
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

# Ids, errors and values are written by others: they must not steer a terminal, nor break a row.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def console() -> Console:
    """Standard output; a pipe gets plain text, as wide as it needs."""
    found = Console()
    return found if found.is_terminal else Console(width=1000, soft_wrap=True)


def write(what: Any) -> None:
    """Prints something of rich's; a pipe gets its lines without the spaces at their ends."""
    found = console()
    if found.is_terminal:
        found.print(what)
        return
    with found.capture() as captured:
        found.print(what)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_json(value: Any) -> None:
    """Prints a value as one JSON document: times as ISO 8601, spans in seconds."""
    click.echo(json.dumps(value, default=plain, ensure_ascii=False, indent=2))


def print_table(rows: Iterable[Sequence[Any]], *columns: str, empty: str = "nothing") -> None:
    """Prints rows as a table under these headings, or `empty` on standard error."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold", show_edge=False)
    many = 0
    for row in rows:
        table.add_row(*(cell(value) for value in row))
        many += 1
    if many:
        write(table)
    else:
        click.echo(empty, err=True)


def print_fields(fields: Mapping[str, Any]) -> None:
    """Prints one thing as names and values, without what is null."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in fields.items():
        if value is not None:
            table.add_row(name.replace("_", " "), cell(value))
    write(table)


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
    if abs(seconds) < 1:
        return f"{seconds * 1000:.3g} ms" if abs(seconds) >= 0.001 else "0 s" if not seconds else "< 1 ms"
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7200:
        return f"{seconds / 60:.3g} min"
    if seconds < 172800:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 86400:.4g} d"


def one_line(text: str) -> str:
    """A text without line breaks and control characters: they are shown as Python writes them."""
    return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], text)


def cell(value: Any) -> Text:
    """A value in a table, in the colour of what it says."""
    text = one_line(as_text(value))
    return Text(text, style=_COLOURS.get(text, ""), overflow="fold")
