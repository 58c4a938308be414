"""`cron_next` agrees with the package croniter, over lines, zones and moments drawn by lot.

Where croniter is wrong, it is put right here:

- Where the clocks are put back, it fires a line that names hours both times. Its second tick is passed over.
- Where they are put forward, it moves a missing time in steps of a minute, so that a line with seconds fires
  some seconds after the change, and not if it is asked in these seconds. Such cases are left out.

Ranges whose ends are equal (5-5), and steps in a range that goes past the highest value (50-10/3), are
refused here; croniter reads the first as the whole range, and miscounts the second.
"""

import datetime as dt
import functools
import random
from zoneinfo import ZoneInfo

import psycopg
import pytest
from croniter import CroniterBadDateError, croniter

from perdure import Client

UTC = dt.timezone.utc
HOUR = dt.timedelta(hours=1)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
)
FIRST, LAST = dt.datetime(2011, 1, 1, tzinfo=UTC), dt.datetime(2022, 1, 1, tzinfo=UTC)

ASK = """
    select cron_next(c.line, c.zone, c.after)
    from unnest(%s::text[], %s::text[], %s::timestamptz[]) with ordinality as c (line, zone, after, item)
    order by c.item
"""


class Lot:
    """Draws lines, zones and moments."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def item(self, low: int, high: int, names: list[str]) -> str:
        draw = self.random

        def value(number: int) -> str:
            name = names[number - low] if number - low < len(names) else str(number)
            return draw.choice([str(number), name, name.upper()])

        kind, first, last = draw.random(), draw.randint(low, high), draw.randint(low, high)
        if first == last or (low, first % 7, last % 7) == (0, 0, 0) or kind < 0.5:
            return value(first)
        if kind < 0.6:
            return f"*/{draw.randint(1, high + 3)}"
        if kind < 0.7:
            return f"{value(first)}/{draw.randint(1, high)}"
        if kind < 0.9 and first > last:
            first, last = last, first
        step = f"/{draw.randint(1, high)}" if first < last and draw.random() < 0.5 else ""
        return f"{value(first)}-{value(last)}{step}"

    def field(self, low: int, high: int, star: float, names: list[str] | None = None) -> str:
        if self.random.random() < star:
            return "*"
        many = self.random.choice([1, 1, 1, 2, 3])
        return ",".join(self.item(low, high, names or []) for _ in range(many))

    def days(self) -> tuple[str, str]:
        """The day of the month, and the day of the week."""
        draw, number = self.random, self.random.randint(1, 31)
        special = [
            ("L", "*"),
            ("L", self.field(0, 7, 0.5, DAYS)),
            (f"L,{number}", "*"),
            (f"{min(number, 30)}-L", "*"),
            (f"{number}W", "*"),
            ("*", f"{draw.choice(DAYS)}#{draw.randint(1, 5)}"),
            ("*", f"{draw.randint(0, 7)}#{draw.randint(1, 4)},wed#5"),
            ("*", f"L{draw.randint(0, 7)}"),
        ]
        if draw.random() < 0.15:
            day, weekday = draw.choice(special)
        else:
            day, weekday = self.field(1, 31, 0.6), self.field(0, 7, 0.6, DAYS)
        mark = draw.choice(["*", "*", "?"])
        return mark if day == "*" else day, mark if weekday == "*" else weekday

    def line(self) -> str:
        draw = self.random
        if draw.random() < 0.02:
            return draw.choice(
                ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"]
            )
        day, weekday = self.days()
        # Hours by night, when clocks are changed, as often as by day.
        hour = draw.choice([self.field(0, 23, 0.4), self.field(0, 4, 0.2)])
        fields = [self.field(0, 59, 0.2), hour, day, self.field(1, 12, 0.7, MONTHS), weekday]
        if draw.random() < 0.3:
            fields.append(self.field(0, 59, 0.2))
        return draw.choice([" ", " ", "  ", "\t"]).join(fields)

    def moment(self, zone: str) -> dt.datetime:
        draw = self.random
        if changes(zone) and draw.random() < 0.6:
            around = draw.randint(-4 * 3600, 3 * 3600) if draw.random() < 0.8 else draw.randint(-5400000, 0)
            return draw.choice(changes(zone)) + dt.timedelta(
                seconds=around, milliseconds=draw.choice([0, 500])
            )
        return FIRST + (LAST - FIRST) * draw.random()


@functools.cache
def changes(zone: str) -> list[dt.datetime]:
    """When the clocks of a zone are changed, to the hour."""
    hours = [FIRST + HOUR * i for i in range((LAST - FIRST) // HOUR)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in hours]
    return [at for at, before, after in zip(hours[1:], offsets, offsets[1:], strict=False) if before != after]


def expected(line: str, zone: str, after: dt.datetime) -> dt.datetime | None:
    """What croniter says, put right; None where it is left out."""
    ticks = croniter(line, after.astimezone(ZoneInfo(zone)))
    found = ticks.get_next(dt.datetime)
    names_hours = "*" not in ticks.expanded[1]
    while names_hours and found.fold:
        found = ticks.get_next(dt.datetime)
    put_forward = found - dt.timedelta(minutes=1)
    missing = put_forward.astimezone(UTC).astimezone(ZoneInfo(zone)).utcoffset() != put_forward.utcoffset()
    before = (found.astimezone(UTC) - dt.timedelta(minutes=1)).astimezone(ZoneInfo(zone))
    if names_hours and len(line.split()) == 6 and (missing or before.utcoffset() != found.utcoffset()):
        return None
    return found.astimezone(UTC)


@pytest.mark.parametrize("seed", range(4))
def test_cron_next_agrees_with_croniter(connect, seed):
    lot, connection = Lot(seed), connect()
    cases, wanted = [], []
    while len(cases) < 1500:
        zone = lot.random.choice(ZONES)
        case = (lot.line(), zone, lot.moment(zone))
        try:
            tick = expected(*case)
        except CroniterBadDateError:
            with pytest.raises(psycopg.Error, match="never fires"):
                connection.execute("select cron_next(%s, %s, %s)", case)
        else:
            cases.append(case)
            wanted.append(tick)
    found = connection.execute(ASK, [list(column) for column in zip(*cases, strict=True)]).fetchall()

    wrong = [
        (*case, want, got)
        for case, want, (got,) in zip(cases, wanted, found, strict=True)
        if want is not None and want != got
    ]
    assert not wrong
    assert wanted.count(None) < 30


def test_ticks_follow_each_other_as_croniter_has_them(connect):
    """Sequences, over a year with both changes of the clocks."""
    lot, connection = Lot(5), connect()
    for _ in range(25):
        line, zone = lot.line(), lot.random.choice(ZONES)
        at = dt.datetime(2019, 1, 1, tzinfo=UTC)
        after, wanted = [], []
        while len(wanted) < 40 and (tick := expected(line, zone, at)) is not None:
            after.append(at)
            wanted.append(at := tick)
        found = connection.execute(ASK, [[line] * len(after), [zone] * len(after), after]).fetchall()
        assert [tick for (tick,) in found] == wanted, (line, zone)


def test_what_croniter_gets_wrong_where_clocks_are_put_back(connect):
    """If this fails, croniter has been mended, and `expected` needs less."""
    before = dt.datetime(2021, 10, 30, 20, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    ticks = croniter("30 2 * * *", before)
    assert [ticks.get_next(dt.datetime).astimezone(UTC).hour for _ in range(3)] == [0, 1, 1]
    asked = [["30 2 * * *"] * 2, ["Europe/Berlin"] * 2, [before, before + dt.timedelta(hours=6)]]
    assert [
        tick.isoformat()
        for (tick,) in connect(options="-c search_path=perdure -c timezone=UTC").execute(ASK, asked)
    ] == [
        "2021-10-31T00:30:00+00:00",
        "2021-11-01T01:30:00+00:00",
    ]


def test_a_preview_shows_the_next_ticks(database):
    with Client(database) as client:
        ticks = client.preview_schedule(
            "0 2 * * *", "Europe/Berlin", many=3, after=dt.datetime(2030, 3, 30, tzinfo=UTC)
        )
        assert [tick.astimezone(UTC).isoformat() for tick in ticks] == [
            "2030-03-30T01:00:00+00:00",
            "2030-03-31T01:00:00+00:00",
            "2030-04-01T00:00:00+00:00",
        ]
        (soon,) = client.preview_schedule("* * * * * *", many=1)
        assert abs(soon - dt.datetime.now(UTC)) < dt.timedelta(minutes=1)
