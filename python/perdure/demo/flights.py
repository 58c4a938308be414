"""The workflows of the demonstration: a year of flights, a child for each month, a step for each stage.

A worker can die at any moment. What its workflows have recorded then stands, and another worker goes on
from there. A step that was cut off before its record runs again, so a step runs at least once, and must
bear to run twice. Here each does by one idiom: **it replaces its month in one transaction**. Cut off before
the commit it has done nothing; run again after the commit it does the same once more.

The data stays in tables; what a step returns, which the engine records, is small.
"""

from __future__ import annotations

from typing import Final, TypedDict

from .. import Perdure
from . import _data
from ._database import begin, clear
from ._settings import ENGINE_SCHEMA, LEASE, QUEUE

app = Perdure(schema=ENGINE_SCHEMA, queues=[QUEUE], lease=LEASE)


class Summary(TypedDict):
    """What a month comes to; delays are means, in minutes."""

    month: int
    rows: int
    rejected: int
    dep_delay: float
    arr_delay: float
    worst_day: int


@app.workflow()
def load_year(months: list[int]) -> list[Summary]:
    """Loads the flights of a year, a quarter at a time: its months side by side."""
    summaries: list[Summary] = []
    while months:
        quarter, months = months[:3], months[3:]
        children = [app.enqueue(load_month, month, queue=QUEUE) for month in quarter]
        summaries += [child.get_result() for child in children]
    return summaries


@app.workflow()
def load_month(month: int) -> Summary:
    """Loads the flights of a month."""
    fetch(month)
    rejected = validate(month)
    load(month)
    return summarise(month, rejected)


@app.step()
def fetch(month: int) -> int:
    """Copies the lines of the month from the file into the database; says how many."""
    with begin("fetch", month) as db, db.transaction():
        clear("raw_lines", month, db)
        cursor = db.cursor()
        with cursor.copy("copy perdure_demo.raw_lines (month, line, text) from stdin") as copy:
            for number, line in _data.lines_of(month):
                copy.write_row((month, number, line))
        return cursor.rowcount


@app.step()
def validate(month: int) -> int:
    """Finds the lines that cannot be flights; says how many."""
    with begin("validate", month) as db, db.transaction():
        clear("rejected_lines", month, db)
        cursor = db.execute("select line, text from perdure_demo.raw_lines where month = %s", [month])
        problems = [(number, month, _data.problem(line, month)) for number, line in cursor]
        rejected = [found for found in problems if found[2] is not None]
        db.cursor().executemany("insert into perdure_demo.rejected_lines values (%s, %s, %s)", rejected)
        return len(rejected)


@app.step()
def load(month: int) -> int:
    """Puts the valid lines into the table of flights; says how many."""
    with begin("load", month) as db, db.transaction():
        clear("flights", month, db)
        valid = db.execute(
            "select line, text from perdure_demo.raw_lines where month = %s"
            " and line not in (select line from perdure_demo.rejected_lines)",
            [month],
        ).fetchall()
        cursor = db.cursor()
        with cursor.copy("copy perdure_demo.flights from stdin (format csv, null 'NA')") as copy:
            for number, line in valid:
                copy.write(f"{number},{line}\n")
        return cursor.rowcount


@app.step()
def summarise(month: int, rejected: int) -> Summary:
    """Counts the flights of the month and averages their delays."""
    with begin("summarise", month) as db:
        row = db.execute(_SUMMARY, [month]).fetchone()
    assert row is not None
    rows, dep_delay, arr_delay, worst_day = row
    return Summary(
        month=month,
        rows=rows,
        rejected=rejected,
        dep_delay=dep_delay,
        arr_delay=arr_delay,
        worst_day=worst_day,
    )


_SUMMARY: Final = """
with days as (
  select day, count(*) as flights, avg(dep_delay) as mean_delay,
    sum(dep_delay) as dep_delay, count(dep_delay) as departed,
    sum(arr_delay) as arr_delay, count(arr_delay) as arrived
  from perdure_demo.flights
  where month = %s
  group by day
)
select sum(flights)::int, (sum(dep_delay) / sum(departed))::float, (sum(arr_delay) / sum(arrived))::float,
  (array_agg(day order by mean_delay desc nulls last))[1]
from days
"""
