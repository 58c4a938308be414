"""What the demonstration shows: events as lines, progress as a table that lives, the result as tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ._watch import STEPS, Month, Watch

if TYPE_CHECKING:
    from ._check import Totals

_WIDTH = 100
_STYLES = {"recorded": "green", "runs": "yellow", "cut off": "bold red", "": "dim"}


class Screen:
    """The terminal; without one, only lines. Times are seconds since the start."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        if not self.console.is_terminal:
            self.console.width = _WIDTH
        self._began = time.monotonic()
        self._live = Live(console=self.console, transient=True, refresh_per_second=10)
        self._done: set[int] = set()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    def say(self, text: str, style: str = "") -> None:
        """Adds a line: something has happened."""
        self.console.print(Text(f"{self.elapsed:5.1f} s  ") + Text(text, style), soft_wrap=True)

    def follow(self, watch: Watch) -> None:
        """Shows how far the months are."""
        if self.console.is_terminal:
            self._live.start()
            self._live.update(_progress(watch))
            return
        for month in watch.months:
            if month.summary and month.number not in self._done:
                self._done.add(month.number)
                self.say(f"{month.name} is loaded: {month.summary['rows']:,} flights")

    def unfollow(self) -> None:
        self._live.stop()

    def result(self, months: Sequence[Month], totals: dict[str, Totals]) -> None:
        """The table of the months, and the totals side by side."""
        self.console.print()
        self.console.print(_months(months))
        self.console.print(_totals(totals))


def _progress(watch: Watch) -> Group:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("", *STEPS, "attempt"):
        table.add_column(header)
    for month in watch.months:
        states = [watch.state(month, step) for step in STEPS]
        cells = [Text(state or "·", _STYLES[state]) for state in states]
        table.add_row(month.name, *cells, str(month.attempts or ""))
    return Group(Text(), table, ProgressBar(total=1.0, completed=watch.share, width=60))


def _months(months: Sequence[Month]) -> Table:
    table = Table(
        title="Mean delays, and how often the code of each step ran: each is recorded once",
        title_style="",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=0,
        collapse_padding=True,
    )
    for header in ("Month", "Flights", "Depart", "Arrive", "Worst day", *STEPS, "Attempts"):
        table.add_column(header, justify="left" if header == "Month" else "right", no_wrap=True)
    for month in months:
        found = month.summary
        facts = ["?"] * 4
        if found:
            delays = (f"{found[key]:.1f} min" for key in ("dep_delay", "arr_delay"))
            facts = [f"{found['rows']:,}", *delays, f"{month.name} {found['worst_day']}"]
        runs = [_times(len(month.runs.get(step, ()))) for step in STEPS]
        table.add_row(month.name, *facts, *runs, _times(month.attempts))
    return table


def _times(times: int) -> Text:
    return Text(str(times), "" if times == 1 else "bold yellow")


def _totals(totals: dict[str, Totals]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Totals")
    for where in totals:
        table.add_column(where, justify="right")
    for label, key, form in (
        ("Flights", "rows", ","),
        ("Departure delays, minutes", "dep_delay", ","),
        ("Arrival delays, minutes", "arr_delay", ","),
        ("Checksum of the lines", "checksum", "x"),
    ):
        table.add_row(label, *(format(getattr(found, key), form) for found in totals.values()))
    return table
