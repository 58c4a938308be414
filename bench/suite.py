"""Runs the plan: round by round, the systems of an entry in turn."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import ceilings, environments, machine, workloads
from .plan import NEEDS, PLAN, ROUNDS, SYSTEMS, Entry
from .postgres import Cluster, settings
from .processes import RunFailed
from .results import Results


class Suite:
    """One run of the suite.

    Args:
        run: "check", "quick" or "full".
        cluster: where.
        out: the file of results, written after every run.
        only: entries whose key or title matches.
        systems: those to measure; none: all.
        rounds: how often, in place of the plan's.
        scale: makes everything larger or smaller.
    """

    def __init__(
        self,
        run: str,
        cluster: Cluster,
        out: Path | None,
        *,
        only: str = "",
        systems: Sequence[str] = (),
        rounds: int | None = None,
        scale: float = 1.0,
    ) -> None:
        self._run, self._cluster, self._out = run, cluster, out
        self._rounds, self._scale = rounds, scale
        can = _abilities()
        self._entries = [
            entry
            for entry in PLAN
            if run in entry.runs
            and re.search(only, f"{entry.key} {entry.title}")
            and NEEDS.get(entry.workload, "launch") in can
        ]
        self._chosen = [s for s in SYSTEMS if not systems or s in systems]
        if not ceilings.has_pgbench(cluster):
            say("pgbench is not installed beside this Postgres: no ceilings")
            self._chosen = [s for s in self._chosen if not SYSTEMS[s].pgbench]
        if not any(self._systems_of(entry) for entry in self._entries):
            raise SystemExit("no workload matches: `python -m bench list` has the keys and the systems")
        self._work = cluster.directory / "work"
        self._work.mkdir()

    def run(self) -> Results:
        for name in dict.fromkeys(SYSTEMS[s].peer for s in self._chosen):
            environments.ready(name)
        results = Results(self._facts())
        many = sum(self._rounds_of(entry) * len(self._systems_of(entry)) for entry in self._entries)
        say(f"{many} runs of {len(self._entries)} workloads, {', '.join(self._chosen)}")
        began, done = time.monotonic(), 0
        for entry in self._entries:
            for number in range(self._rounds_of(entry)):
                for system in self._systems_of(entry):
                    done += 1
                    found = self._measure(entry, system, number)
                    results.runs.append(found)
                    if self._out:
                        results.save(self._out)
                    passed = time.monotonic() - began
                    clock = f"{int(passed // 60)}:{int(passed % 60):02}"
                    say(f"[{done}/{many} {clock}] {entry.key} {SYSTEMS[system].title}: {_headline(found)}")
            for system in self._systems_of(entry):
                self._cluster.drop_filled(SYSTEMS[system].peer)
        return results

    def claims(self, results: Results, cases: str, seconds: float, sessions: Sequence[int]) -> None:
        """The curves of the claim's cost; see `claims`."""
        say(f"the cost of a claim, {seconds:g} s for each of some dozens of cases")
        path = self._work / "claims.json"
        command = [
            environments.ready("perdure"), environments.ROOT / "bench" / "claims.py", "--url",
            self._cluster.url, "--seconds", seconds, "--only", cases, "--out", path, "--sessions", *sessions,
        ]  # fmt: skip
        try:
            subprocess.run([str(p) for p in command], env=environments.variables(), check=True, timeout=3600)
        except (subprocess.SubprocessError, OSError) as error:
            say(f"the cost of a claim could not be measured: {error}")
            return
        results.claims = json.loads(path.read_text("utf-8"))
        if self._out:
            results.save(self._out)

    def _rounds_of(self, entry: Entry) -> int:
        return self._rounds or min(ROUNDS[self._run], entry.rounds)

    def _systems_of(self, entry: Entry) -> list[str]:
        return [s for s in self._chosen if s in entry.sizes]

    def _measure(self, entry: Entry, system: str, number: int) -> dict[str, Any]:
        given = entry.settings(system)
        size = entry.size(system, self._run, self._scale)
        run = workloads.Run(
            self._cluster,
            SYSTEMS[system].peer,
            given,
            mode=entry.mode,
            steps=entry.steps,
            timeout=entry.timeout,
            directory=self._work,
        )
        arguments: dict[str, Any] = {**entry.arguments, **({"n": size} if size else {})}
        pgbench = SYSTEMS[system].pgbench
        if pgbench:
            function: Any = ceilings.WORKLOADS[entry.workload]
            arguments["system"] = pgbench
        else:
            function = workloads.WORKLOADS[entry.workload]
        found: dict[str, Any] = {
            "entry": entry.key, "system": system, "round": number, "n": size, "settings": given,
            "figures": {}, "other_cores": 0.0,
        }  # fmt: skip
        usage = machine.Usage(self._cluster.pid)
        try:
            found["figures"] = {name: round(value, 4) for name, value in function(run, **arguments).items()}
        except RunFailed as error:
            found["error"] = str(error)
        except Exception as error:
            # One system that fails must not end a run of hours.
            found["error"] = f"{type(error).__name__}: {error}"
        found["other_cores"] = usage.stop().get("other_cores", 0.0)
        return found

    def _facts(self) -> dict[str, Any]:
        peers = dict.fromkeys(SYSTEMS[s].peer for s in self._chosen)
        return {
            "run": self._run,
            "date": dt.datetime.now(dt.timezone.utc).date().isoformat(),
            "commit": _commit(),
            "machine": machine.facts(self._cluster.directory),
            "postgres": self._cluster.facts(),
            "postgres_set": settings(),
            "versions": {name: environments.versions(name) for name in peers},
        }


def _headline(found: dict[str, Any]) -> str:
    if "error" in found:
        return "FAILED: " + found["error"].strip().splitlines()[-1]
    return ", ".join(f"{name} {value:,.4g}" if value < 1e3 else f"{name} {value:,.0f}"
                     for name, value in found["figures"].items())  # fmt: skip


def _abilities() -> set[str]:
    """The names of what an app can do, as this checkout has it."""
    said = subprocess.run(
        [environments.ready("perdure"), "-c", "import perdure; print(*dir(perdure.Perdure))"],
        env=environments.variables(), check=True, capture_output=True, text=True,
    )  # fmt: skip
    return set(said.stdout.split())


def _commit() -> str:
    if not shutil.which("git"):
        return ""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=environments.ROOT, capture_output=True, text=True
    )
    return done.stdout.strip()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
