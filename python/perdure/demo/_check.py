"""Whether the table holds the file: every line once, none lost, none doubled, none changed."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from ._data import COLUMNS, find_file
from ._watch import STEPS, Month

_SHOWN = 5


class Line(NamedTuple):
    """A flight, in the file or in the table; the digest is of the line as the file writes it."""

    number: int
    month: int
    dep_delay: int
    arr_delay: int
    digest: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What many lines come to; the checksum is the sum of their digests."""

    rows: int
    dep_delay: int
    arr_delay: int
    checksum: int


def lines_in_file(months: Sequence[int]) -> Iterator[Line]:
    """The flights of these months, read from the file by other code than loads it."""
    wanted = {str(month) for month in months}
    with zipfile.ZipFile(find_file()) as archive, archive.open("flights.csv") as file:
        for number, row in enumerate(csv.reader(io.TextIOWrapper(file, "ascii", newline="")), start=1):
            if row[1] in wanted:
                md5 = hashlib.md5(",".join(row).encode(), usedforsecurity=False).hexdigest()
                dep_delay, arr_delay = (0 if row[i] == "NA" else int(row[i]) for i in (5, 8))
                yield Line(number, int(row[1]), dep_delay, arr_delay, int(md5[:15], 16))


def lines_in_table(db: psycopg.Connection[Any]) -> Iterator[Line]:
    """The flights that were loaded. Their lines are made again from the columns, so a changed value shows."""
    columns: list[sql.Composable] = [
        sql.SQL("coalesce({}::text, 'NA')").format(sql.Identifier(name)) for name in COLUMNS[:-1]
    ]
    columns.append(sql.SQL("""to_char(time_hour at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""))
    query = sql.SQL(
        "select line, month, coalesce(dep_delay, 0), coalesce(arr_delay, 0),"
        "  ('x' || left(md5(concat_ws(',', {})), 15))::bit(60)::bigint "
        "from perdure_demo.flights"
    ).format(sql.SQL(", ").join(columns))
    yield from map(Line._make, db.execute(query))


def total(lines: Iterable[Line]) -> Totals:
    rows, dep_delay, arr_delay, checksum = 0, 0, 0, 0
    for line in lines:
        rows += 1
        dep_delay += line.dep_delay
        arr_delay += line.arr_delay
        checksum += line.digest
    return Totals(rows, dep_delay, arr_delay, checksum)


def rejected_lines(db: psycopg.Connection[Any]) -> set[int]:
    return {number for (number,) in db.execute("select line from perdure_demo.rejected_lines")}


def compare(file: Sequence[Line], table: Sequence[Line], rejected: set[int]) -> list[str]:
    """What is wrong with the table: one sentence for each kind of fault; none if it holds the file."""
    expected = {line.number: line.digest for line in file if line.number not in rejected}
    times = Counter(line.number for line in table)
    kinds = {
        "lost": [number for number in expected if number not in times],
        "there more than once": [number for number, count in times.items() if count > 1],
        "not in the file, or rejected": [number for number in times if number not in expected],
        "not as in the file": [
            line.number for line in table if expected.get(line.number, line.digest) != line.digest
        ],
    }
    return [_sentence(kind, sorted(set(numbers))) for kind, numbers in kinds.items() if numbers]


def _sentence(kind: str, numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_SHOWN])) + (", ..." if len(numbers) > _SHOWN else "")
    return f"{len(numbers):,} {'line is' if len(numbers) == 1 else 'lines are'} {kind}: {shown}"


def check_months(months: Sequence[Month], file: Sequence[Line]) -> list[str]:
    """What is wrong with what the workflows recorded and returned."""
    faults: list[str] = []
    lines = Counter(line.month for line in file)
    for month in months:
        summary = month.summary
        if summary is None:
            faults.append(f"{month.name} has no summary: it is {month.status}")
        elif summary["rows"] + summary["rejected"] != lines[month.number]:
            faults.append(
                f"{month.name} was summarised with {summary['rows']:,} rows and {summary['rejected']:,}"
                f" rejected, but has {lines[month.number]:,} lines"
            )
        if tuple(month.recorded) != STEPS:
            faults.append(f"{month.name} has the steps {', '.join(month.recorded) or 'none'}")
        faults += [
            f"{month.name}: {step} ran again after it was recorded"
            for step, recorded_at in month.recorded.items()
            if any(began_at > recorded_at for began_at in month.runs.get(step, ()))
        ]
    return faults
