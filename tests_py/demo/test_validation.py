"""What the demonstration takes for a flight."""

import pytest

from perdure.demo._data import COLUMNS, lines_of, problem

LINE = "2013,7,4,2350,2255,55,107,2359,68,B6,1503,N353JB,JFK,SJU,196,1598,22,55,2013-07-05T02:00:00Z"
CANCELLED = "2013,7,4,NA,1500,NA,NA,1700,NA,9E,3356,NA,LGA,CVG,NA,585,15,0,2013-07-04T19:00:00Z"


def with_value(name: str, value: str) -> str:
    fields = LINE.split(",")
    fields[COLUMNS.index(name)] = value
    return ",".join(fields)


@pytest.mark.parametrize("line", [LINE, CANCELLED])
def test_a_possible_flight_has_no_problem(line: str) -> None:
    assert problem(line, 7) is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("distance", "NA", "distance is missing"),
        ("flight", "many", "invalid literal for int() with base 10: 'many'"),
        ("origin", "ORD", "origin is 'ORD'"),
        ("tailnum", "n353jb", "tailnum is 'n353jb'"),
        ("year", "2014", "2014-07-04 is not in month 7 of 2013"),
        ("day", "32", "day is out of range for month"),
        ("time_hour", "2013-07-07T02:00:00Z", "the hour 2013-07-07 02:00:00 is not on 2013-07-04"),
        ("distance", "0", "a distance and a time in the air are more than nothing"),
        ("arr_time", "160", "160 is no time of day"),
        ("dep_delay", "54", "dep_delay is 54, but the clock says 55"),
    ],
)
def test_an_impossible_value_is_told(name: str, value: str, expected: str) -> None:
    assert problem(with_value(name, value), 7) == expected


def test_a_line_that_was_cut_off_is_told() -> None:
    assert problem("2013,7,4", 7) == "3 fields, not 19"


def test_every_line_of_the_file_belongs_to_its_month() -> None:
    february = list(lines_of(2))
    assert len(february) == 24_951
    assert all(line.startswith("2013,2,") for _, line in february)
    assert len({number for number, _ in february}) == 24_951
