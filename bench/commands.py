"""What the command line does, in the environment of the benchmark."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from . import environments, plots, report
from .goals import CHECKED
from .plan import PLAN, ROUNDS
from .postgres import Cluster
from .results import Results
from .suite import Suite, say

DOCS = environments.ROOT / "docs"
RESULTS = DOCS / "benchmarks" / "results.json"
RECORDED = environments.ROOT / "bench" / "recorded.json"

# A ratio that falls below this share of the recorded one fails the check.
ENOUGH = 0.8


def _suite(run: str, arguments: argparse.Namespace, cluster: Cluster, out: Path | None) -> Suite:
    return Suite(
        run,
        cluster,
        out,
        only=arguments.only,
        systems=arguments.systems,
        rounds=arguments.rounds,
        scale=arguments.scale,
    )


def quick(arguments: argparse.Namespace) -> int:
    out = arguments.out or environments.home() / "results" / f"quick-{time.strftime('%Y%m%d-%H%M%S')}.json"
    with Cluster(arguments.directory) as cluster:
        suite = _suite("quick", arguments, cluster, out)
        results = suite.run()
        if not arguments.no_claims:
            suite.claims(results, "^1M |held", 1.0, [1])
    print(report.tables(results))
    print(f"All figures: {out}")
    return 0


def full(arguments: argparse.Namespace) -> int:
    # Of a part only those figures are written anew.
    part = (arguments.only or arguments.systems) and not arguments.out and RESULTS.exists()
    out = arguments.out or RESULTS
    if part:
        out = environments.home() / "results" / f"part-{time.strftime('%Y%m%d-%H%M%S')}.json"
    with Cluster(arguments.directory) as cluster:
        suite = _suite("full", arguments, cluster, out)
        results = suite.run()
        if not arguments.no_claims:
            suite.claims(results, "", 2.0, [1, 2, 4, 8])
    if part:
        together = Results.load(RESULTS)
        together.put_in_place(results)
        together.save(RESULTS)
        write(arguments)
    elif out == RESULTS:
        write(arguments)
        say("the ratios that `make bench-check` compares with")
        arguments.record, arguments.systems = True, []
        return check(arguments)
    print(report.tables(results))
    return 0


def write(_arguments: argparse.Namespace) -> int:
    results = Results.load(RESULTS)
    drawn = plots.draw(results, RESULTS.parent)
    (DOCS / "benchmarks.md").write_text(report.page(results, drawn), "utf-8")
    say(f"wrote {DOCS / 'benchmarks.md'} and {len(drawn)} plots in {RESULTS.parent}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    if not arguments.record and not RECORDED.exists():
        print("no ratios are recorded: `make bench-full` records them, or `python -m bench check --record`")
        return 2
    arguments.systems = arguments.systems or ["perdure", "dbos", "sql", "plain"]
    with Cluster(arguments.directory) as cluster:
        results = _suite("check", arguments, cluster, None).run()
    found = {name: measure(results, "perdure") for name, measure in CHECKED.items()}
    if arguments.record:
        measured = {name: round(value, 3) for name, value in found.items() if value is not None}
        facts = {key: results.facts[key] for key in ("date", "commit", "machine", "versions")}
        RECORDED.write_text(json.dumps({"ratios": measured, **facts}, indent=2) + "\n", "utf-8")
        say(f"wrote {RECORDED}")
        return 0
    recorded: dict[str, float] = json.loads(RECORDED.read_text("utf-8"))["ratios"]
    fallen = 0
    print(f"{'ratio':52} {'recorded':>9} {'now':>9}")
    for name, before in recorded.items():
        now = found.get(name)
        if now is None:
            # Left out by --only, or it failed: then that was said.
            verdict, failed = "not measured", not arguments.only
        else:
            failed = now < ENOUGH * before
            verdict = "FALLEN" if failed else "ok"
        fallen += failed
        print(f"{name:52} {before:9.2f} {'' if now is None else f'{now:9.2f}':>9} {verdict}")
    return 1 if fallen else 0


def show_plan(_arguments: argparse.Namespace) -> int:
    for entry in PLAN:
        rounds = ", ".join(f"{run} {min(ROUNDS[run], entry.rounds)} times" for run in entry.runs)
        print(f"{entry.key:24} {rounds:46} {' '.join(entry.sizes)}")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "quick": quick,
    "full": full,
    "check": check,
    "list": show_plan,
    "report": write,
}

if __name__ == "__main__":
    sys.exit("python -m bench")
