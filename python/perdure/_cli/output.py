"""What a command prints: tables in colours for people, JSON for programs."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .._serialize import portable_error

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

# A column of sentences or values is at least so wide before it is broken into lines; what is longer than an
# id, of a child of a child, is such a value.
_BROKEN, _LONGEST_ID = 16, 44
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[\d.]+ \w+")

# Ids, errors and values are written by others: they must not steer a terminal, nor break a row.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


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
    click.echo(_json_text(value, indent=2))


def print_table(rows: Iterable[Sequence[Any]], *columns: str, empty: str = "nothing") -> None:
    """Prints rows as a table under these headings, or `empty` on standard error. In a terminal that is too
    narrow for it each row is a paragraph."""
    cells = [[cell(value) for value in row] for row in rows]
    if not cells:
        click.echo(empty, err=True)
        return
    shown = console()
    kept = list(range(len(columns)))
    flexible: set[int] = set()
    if shown.is_terminal:
        widths = [max(len(c), *(row[i].cell_len for row in cells)) for i, c in enumerate(columns)]
        if _width(widths, kept) > shown.width:
            # An empty column tells nothing; and sentences and values may have several lines, the rest not.
            kept = [i for i in kept if any(row[i].plain for row in cells)] or kept
            flexible = {i for i in kept if any(_may_be_broken(row[i].plain) for row in cells)}
            widths = [
                min(w, max(_BROKEN, len(columns[i]))) if i in flexible else w for i, w in enumerate(widths)
            ]
            if _width(widths, kept) > shown.width:
                write(_paragraphs(cells, columns, kept, shown))
                return
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for i in kept:
        # A pipe gets the whole of everything on one line.
        table.add_column(columns[i], no_wrap=shown.is_terminal and i not in flexible, overflow="fold")
    for row in cells:
        table.add_row(*(row[i] for i in kept))
    write(table)


def _width(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[i] for i in kept) + 2 * (len(kept) - 1)


def _may_be_broken(text: str) -> bool:
    return len(text) > _LONGEST_ID or (" " in text and not _MOMENT.fullmatch(text))


def _paragraphs(
    cells: Sequence[Sequence[Text]], columns: Sequence[str], kept: Sequence[int], shown: Console
) -> Text:
    """Each row as its first cell, and below it what the others say, with their headings."""
    lines: list[Text] = []
    for row in cells:
        lines.append(row[kept[0]])
        line = Text()
        for i in kept[1:]:
            if not row[i].plain:
                continue
            field = Text.assemble((f"{columns[i]} ", "dim"), row[i])
            if line and line.cell_len + 2 + field.cell_len > shown.width:
                lines.append(line)
                line = Text()
            *full, rest = field.wrap(shown, max(shown.width - 4, 1), overflow="fold")
            for n, part in enumerate(full):
                lines.append(Text.assemble("    " if n else "  ", part))
            line = Text.assemble(line, "    " if full else "  ", rest)
        if line:
            lines.append(line)
    return Text("\n").join(lines)


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
        return portable_error(value)
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
    return _json_text(value)


def _json_text(value: Any, indent: int | None = None) -> str:
    try:
        text = json.dumps(value, default=plain, ensure_ascii=False, allow_nan=False, indent=indent)
    except (TypeError, ValueError):
        text = json.dumps(_without_what_json_lacks(value), ensure_ascii=False, indent=indent)
    # One of a pair cannot be printed; JSON can escape it.
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _without_what_json_lacks(value: Any) -> Any:
    """A value whose keys are strings, and whose numbers are finite or else strings."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        # JSON has a form for keys that are whole numbers, truth values or nothing.
        kept = (str, int, type(None))
        return {k if isinstance(k, kept) else str(plain(k)): _without_what_json_lacks(v) for k, v in pairs}
    if isinstance(value, (list, tuple)):
        return [_without_what_json_lacks(item) for item in cast("Sequence[Any]", value)]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    return _without_what_json_lacks(plain(value))


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
