"""Values of all kinds, and those that are refused."""

import datetime as dt
import decimal
import json
import random
import uuid
import zoneinfo

import pytest

from perdure import SerializationError
from perdure._serialize import Codec, dumps, load_arguments, loads
from tests_py.serialization.shop import CLASSES
from tests_py.serialization.shop import VALUES as OBJECTS
from tests_py.unit.values import VALUES, same

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "value",
    [
        dt.datetime(2030, 7, 1, 12, tzinfo=BERLIN),
        dt.datetime(2030, 1, 1, 12, tzinfo=BERLIN),
        # The hour that there is twice, and the one that there is not.
        *(dt.datetime(2030, 10, 27, 2, 30, fold=fold, tzinfo=BERLIN) for fold in (0, 1)),
        *(dt.datetime(2030, 3, 31, 2, 30, fold=fold, tzinfo=BERLIN) for fold in (0, 1)),
        dt.datetime(2030, 10, 27, 2, 30, fold=1),
        dt.datetime(2030, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
        dt.time(12, 30, tzinfo=BERLIN),
        dt.time(2, 30, fold=1),
        dt.time(2, 30, tzinfo=zoneinfo.ZoneInfo("America/Argentina/Buenos_Aires")),
    ],
    ids=str,
)
def test_a_time_keeps_its_zone(value):
    found = loads(dumps(value))
    assert repr(found) == repr(value)
    assert found.fold == value.fold
    if isinstance(value, dt.datetime):
        later = dt.timedelta(days=180)
        assert (found + later).utcoffset() == (value + later).utcoffset()


def test_a_time_of_a_zone_whose_rules_have_changed_is_the_same_moment():
    found = loads('{"$type": "datetime", "value": "2030-01-01T12:00:00+07:00[Europe/Berlin]"}')
    assert found == dt.datetime(2030, 1, 1, 5, tzinfo=dt.timezone.utc)
    assert found.tzinfo is BERLIN


@pytest.mark.parametrize("zone", ["Nowhere/Here", "../etc/passwd", "/etc/passwd", "a b", "", "x" * 999])
def test_a_zone_that_there_is_not_is_an_error(zone):
    text = json.dumps({"$type": "datetime", "value": f"2030-01-01T12:00:00+01:00[{zone}]"})
    with pytest.raises(SerializationError, match="a stored datetime cannot be read"):
        loads(text)


class Drawn:
    """Values drawn at random, always the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def leaf(self):
        r = self._random
        return r.choice(
            [
                lambda: r.choice(VALUES),
                lambda: r.choice(OBJECTS),
                lambda: r.randint(-(10**25), 10**25),
                lambda: r.uniform(-1, 1) * 10.0 ** r.randint(-320, 308),
                lambda: "".join(
                    chr(r.choice([r.randint(0, 0x2FF), r.randint(0, 0x10FFFF)])) for _ in range(4)
                ),
                lambda: r.randbytes(r.randint(0, 9)),
                lambda: decimal.Decimal(r.randint(-(10**30), 10**30)).scaleb(r.randint(-40, 40)),
                lambda: uuid.UUID(int=r.getrandbits(128)),
                lambda: dt.datetime.fromtimestamp(r.randint(0, 4 * 10**9), BERLIN),
                lambda: dt.timedelta(r.randint(-999, 999), r.randint(0, 10**6), r.randint(0, 10**6)),
            ]
        )()

    def hashable(self):
        value = self.leaf()
        try:
            hash(value)
        except TypeError:
            return "unhashable"
        # A value that is not itself cannot be told from another.
        return value if value == value else 0

    def value(self, depth=4):
        r = self._random
        if depth == 0 or r.random() < 0.3:
            return self.leaf()
        many = range(r.randint(0, 4))
        return r.choice(
            [
                lambda: [self.value(depth - 1) for _ in many],
                lambda: tuple(self.value(depth - 1) for _ in many),
                lambda: {f"{i} {self._random.random()}": self.value(depth - 1) for i in many},
                lambda: {self.hashable(): self.value(depth - 1) for _ in many},
                lambda: {"$type": self.value(depth - 1), "value": self.value(depth - 1)},
                lambda: {self.hashable() for _ in many},
                lambda: frozenset(self.hashable() for _ in many),
            ]
        )()


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_drawn_comes_back(seed):
    codec = Codec()
    for kind in CLASSES:
        codec.types.register(kind, None, None, None)
    drawn = Drawn(seed)
    for _ in range(30):
        value = drawn.value()
        text = codec.dumps(value)
        assert same(codec.loads(text), value), value
        assert codec.dumps(codec.loads(codec.dumps(value))) is not None
        json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ([1, object()], "[1]"),
        ({"a": [{"b": object()}]}, "a[0].b"),
        ({"a": ({1: [object()]},)}, "a[0][1][0]"),
        ([[[]], (1, {"x": {"y": range(3)}})], "[1][1].x.y"),
        ({"a": {1.5, object()}}, "a["),
    ],
    ids=lambda v: v if isinstance(v, str) else "value",
)
def test_an_error_says_where(value, place):
    with pytest.raises(SerializationError, match="has no JSON form") as raised:
        dumps(value)
    assert f"(at {place}" in str(raised.value)


def test_what_is_refused_itself_has_no_place():
    with pytest.raises(SerializationError) as raised:
        dumps(object())
    assert "(at" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"$type":"bytes","value":"a-_b"}',
        '{"$type":"bytearray","value":"***"}',
        "9" * 5000,
        "[" * 50_000 + "]" * 50_000,
        '[{"$type":"tuple","value":[' + "9" * 5000 + "]}]",
    ],
    ids=["base64 for URLs", "no base64", "a long number", "a deep list", "a long number within"],
)
def test_what_others_have_written_and_cannot_be_read_is_told(text):
    with pytest.raises(SerializationError, match="cannot be read"):
        loads(text)


def test_lines_of_base64_are_read():
    assert loads('{"$type":"bytes","value":"YWJj\\r\\nZGVm"}') == b"abcdef"


@pytest.mark.parametrize("args", ["5", '"abc"', "{}"])
@pytest.mark.parametrize("kwargs", ["{}", "[]", '[["a", 1]]'])
def test_arguments_that_are_none_are_told(args, kwargs):
    with pytest.raises(SerializationError, match="positionalArgs is an array"):
        load_arguments(f'{{"positionalArgs": {args}, "namedArgs": {kwargs}}}')
