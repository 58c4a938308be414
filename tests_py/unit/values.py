"""One value of every type that can be stored, and of every form that has once been lost on the way."""

import datetime as dt
import decimal
import uuid
from typing import Any

VALUES: list[Any] = [
    None,
    True,
    0,
    -(2**63),
    10**30,
    0.1,
    -0.0,
    1e22,
    1e-300,
    5.0,
    float("nan"),
    float("inf"),
    float("-inf"),
    "",
    "plain",
    "quotes \" ' and \\ and \n",
    "\N{SNOWMAN} \N{GRINNING FACE}",
    "NUL \0 inside",
    "\ud800 alone",
    "$type",
    [],
    [[], [[]]],
    {},
    {"b": 1, "a": 2},
    {"": None, "\0": "\0", "\ud800": 1},
    {1: "one", "1": "text"},
    {None: 1, True: 2, (1, 2): 3, dt.date(2030, 1, 1): 4, 2.5: 5},
    {"$type": "date", "value": "2030-01-01"},
    {"nested": {"$type": 1}},
    (),
    (1, (2, [3])),
    set(),
    {1, "a", (2, 3)},
    frozenset({1, frozenset({2})}),
    b"",
    bytes(range(256)),
    bytearray(b"\0\xff"),
    decimal.Decimal("1.10"),
    decimal.Decimal("-0"),
    decimal.Decimal("1E+400"),
    decimal.Decimal("Infinity"),
    uuid.UUID("12345678-1234-5678-1234-567812345678"),
    dt.date(1, 1, 1),
    dt.time(23, 59, 59, 999999),
    dt.time(12, 0, tzinfo=dt.timezone.utc),
    dt.datetime(2030, 1, 1, 12, 30, 15, 123456),
    dt.datetime(2030, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=45))),
    dt.timedelta(days=-1, microseconds=1),
    dt.timedelta.max,
    {"everything": [(decimal.Decimal(1), {b"k": {uuid.UUID(int=0)}})]},
]


def same(found: Any, expected: Any) -> bool:
    """Whether two values are equal in value, type, order of keys, and in all that they contain."""
    if type(found) is not type(expected):
        return False
    if isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict):
        return same(list(found.items()), list(expected.items()))
    if isinstance(expected, (set, frozenset)):
        return found == expected
    return repr(found) == repr(expected)
