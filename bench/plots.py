"""The figures as plots, PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

from .plan import PLAN, SYSTEMS, Entry
from .results import Results

COLOURS = {
    "perdure": "#0b6e4f",
    "perdure-tuned": "#6bbf59",
    "dbos": "#d1495b",
    "absurd": "#edae49",
    "procrastinate": "#8d6a9f",
    "pgqueuer": "#30638e",
    "sql": "#5c6670",
    "plain": "#b8bfc6",
}


def draw(results: Results, directory: Path) -> list[Path]:
    """Draws what was measured; the files written."""
    directory.mkdir(parents=True, exist_ok=True)
    plt.rcParams.update(
        {
            "svg.hashsalt": "perdure",
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
        }
    )
    written = []
    for name, make in _PLOTS.items():
        figure = make(results)
        if figure is None:
            continue
        for ending, options in (("png", {"dpi": 130}), ("svg", {"metadata": {"Date": None}})):
            path = directory / f"{name}.{ending}"
            figure.savefig(path, bbox_inches="tight", **options)
            written.append(path)
        plt.close(figure)
    return written


def _entries(results: Results, prefix: str) -> list[Entry]:
    return [e for e in PLAN if e.key.partition(".")[0] == prefix and results.has(e.key)]


def _bars(prefix: str, figure: str, label: str) -> Callable[[Results], Any]:
    """Bars on a logarithmic axis: a group for each entry, a bar for each system."""

    def make(results: Results) -> Any:
        entries = _entries(results, prefix)
        if not entries:
            return None
        plot, axes = plt.subplots(
            figsize=(
                8,
                0.6
                + 0.24 * sum(1 for e in entries for _ in _known(results, e, figure))
                + 0.25 * len(entries),
            )
        )
        place, ticks, names, labelled = 0.0, [], [], set()
        for entry in entries:
            first = place
            for system, spread in _known(results, entry, figure):
                title = SYSTEMS[system].title
                axes.barh(
                    place, spread.median, 0.9, color=COLOURS[system],
                    xerr=[[spread.median - spread.least], [spread.most - spread.median]],
                    error_kw={"lw": 0.8}, label=None if title in labelled else title,
                )  # fmt: skip
                axes.annotate(f"{spread.median:,.4g}" if spread.median < 1000 else f"{spread.median:,.0f}",
                              (spread.most, place), xytext=(4, 0), textcoords="offset points",
                              va="center", fontsize=7)  # fmt: skip
                labelled.add(title)
                place += 1
            ticks.append((first + place - 1) / 2)
            names.append(entry.title)
            place += 0.8
        axes.set_xscale("log")
        axes.set_yticks(ticks, names)
        axes.invert_yaxis()
        axes.set_xlabel(label)
        axes.grid(axis="x", alpha=0.3)
        axes.margins(x=0.12, y=0.01)
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return plot

    return make


def _known(results: Results, entry: Entry, figure: str) -> Iterator[tuple[str, Any]]:
    for system in SYSTEMS:
        spread = results.spread(entry.key, system, figure)
        if spread is not None:
            yield system, spread


def _latency(results: Results) -> Any:
    figures = ("p50_ms", "p95_ms", "p99_ms")
    entries = _entries(results, "latency")
    if not entries:
        return None
    plot, axes = plt.subplots(figsize=(7, 3.2))
    for system, _ in _known(results, entries[0], "p50_ms"):
        values = [results.median(entries[0].key, system, figure) for figure in figures]
        axes.plot(("p50", "p95", "p99"), values, "o-", color=COLOURS[system], label=SYSTEMS[system].title)
    axes.set_yscale("log")
    axes.set_ylabel("ms from enqueueing to the result")
    axes.grid(axis="y", alpha=0.3)
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return plot


def _crowded(results: Results) -> Any:
    """The rate as the backlog and the history grow."""
    entries = _entries(results, "crowded")
    if not entries:
        return None
    plot, panes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True)
    for axes, grows, other in ((panes[0], "waiting", "finished"), (panes[1], "finished", "waiting")):
        least = min(e.arguments[other] for e in entries)
        chosen = [e for e in entries if e.arguments[other] == least]
        for system in SYSTEMS:
            points = [
                (max(1, e.arguments[grows]), found)
                for e in chosen
                if (found := results.median(e.key, system, "per_s")) is not None
            ]
            if points:
                axes.plot(*zip(*sorted(points), strict=True), "o-", color=COLOURS[system],
                          label=SYSTEMS[system].title)  # fmt: skip
        axes.set_xscale("symlog", linthresh=10_000)
        axes.set_yscale("log")
        axes.set_xlabel(f"{grows}")
        axes.grid(alpha=0.3)
    panes[0].set_ylabel("workflows per second")
    panes[1].legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return plot


def _clients(results: Results) -> Any:
    entries = _entries(results, "clients")
    if not entries:
        return None
    kinds = list(dict.fromkeys(e.workload for e in entries))
    plot, panes = plt.subplots(1, len(kinds), figsize=(4.5 * len(kinds), 3.2), squeeze=False)
    for axes, kind in zip(panes[0], kinds, strict=True):
        for system in ("plain", "sql"):
            points = [
                (e.arguments["clients"], found)
                for e in entries
                if e.workload == kind and (found := results.median(e.key, system, "per_s")) is not None
            ]
            if points:
                axes.plot(*zip(*sorted(points), strict=True), "o-", color=COLOURS[system],
                          label=SYSTEMS[system].title)  # fmt: skip
        axes.set_title(kind, fontsize=9)
        axes.set_xscale("log", base=2)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("connections")
        axes.grid(alpha=0.3)
    panes[0][0].set_ylabel("per second")
    panes[0][-1].legend(fontsize=7, frameon=False)
    return plot


def _claims(results: Results) -> Any:
    """Each case as a multiple of the claim in a nearly empty system."""
    if not results.claims:
        return None
    empty = next(iter(results.claims.values()))
    plot, axes = plt.subplots(figsize=(8, 3.6))
    for case, figures in results.claims.items():
        shapes = [shape for shape in empty if shape in figures]
        axes.plot(shapes, [figures[s] / empty[s] for s in shapes], "o-", ms=3, lw=1, label=case)
    axes.axhline(1.5, color="#999", lw=0.8, ls="--")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("times the claim where little waits")
    axes.set_xlabel("workflows x sessions")
    axes.tick_params(axis="x", rotation=45)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return plot


_PLOTS: dict[str, Callable[[Results], Any]] = {
    "enqueue": _bars("enqueue", "per_s", "workflows per second"),
    "drain": _bars("drain", "per_s", "workflows per second"),
    "direct": _bars("direct", "per_s", "workflows per second"),
    "latency": _latency,
    "crowded": _crowded,
    "idle": _bars("idle", "statements_per_s", "statements per second"),
    "storage": _bars("storage", "bytes", "bytes"),
    "clients": _clients,
    "claims": _claims,
}
