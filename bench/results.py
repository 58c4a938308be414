"""The figures of a run of the suite, as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Somebody else used the machine: such runs count only where there are no others.
BUSY_CORES = 0.5


@dataclass(frozen=True)
class Spread:
    """A figure over the rounds."""

    median: float
    least: float
    most: float
    rounds: int
    disturbed: bool


class Results:
    """What was measured: `facts` of machine and settings, one dict a run, and the curves of the claim."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.runs: list[dict[str, Any]] = []
        self.claims: dict[str, dict[str, float]] = {}

    @classmethod
    def load(cls, path: Path) -> Results:
        stored = json.loads(path.read_text("utf-8"))
        found = cls(stored["facts"])
        found.runs, found.claims = stored["runs"], stored["claims"]
        return found

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"facts": self.facts, "claims": self.claims, "runs": self.runs}, indent=1)
        # Complete at any moment: a run of hours may be interrupted.
        written = path.with_suffix(".part")
        written.write_text(text + "\n", "utf-8")
        written.replace(path)

    def put_in_place(self, others: Results) -> None:
        """Takes what others have measured in place of what was measured of it here; `facts` tells."""
        again = {(run["entry"], run["system"]) for run in others.runs}
        self.runs = [run for run in self.runs if (run["entry"], run["system"]) not in again] + others.runs
        self.claims = others.claims or self.claims
        what = sorted({entry for entry, _ in again}) + (["claims"] if others.claims else [])
        self.facts.setdefault("again", []).append(
            {"what": what, "date": others.facts["date"], "commit": others.facts["commit"]}
        )

    def of(self, entry: str, system: str) -> Iterator[dict[str, Any]]:
        return (run for run in self.runs if run["entry"] == entry and run["system"] == system)

    def has(self, entry: str) -> bool:
        return any(run["entry"] == entry for run in self.runs)

    def spread(self, entry: str, system: str, figure: str) -> Spread | None:
        """A figure of a system over its rounds; None if it was not measured."""
        runs = [run for run in self.of(entry, system) if figure in run["figures"]]
        calm = [run for run in runs if run["other_cores"] <= BUSY_CORES]
        values = [run["figures"][figure] for run in calm or runs]
        if not values:
            return None
        return Spread(statistics.median(values), min(values), max(values), len(values), not calm)

    def median(self, entry: str, system: str, figure: str) -> float | None:
        found = self.spread(entry, system, figure)
        return None if found is None else found.median

    def failures(self) -> Iterator[dict[str, Any]]:
        return (run for run in self.runs if run.get("error"))
