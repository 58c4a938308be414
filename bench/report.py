"""The tables and the page of the documentation. Every figure in them comes from the results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .goals import GOALS
from .plan import PLAN, SYSTEMS
from .results import BUSY_CORES, Results, Spread


@dataclass(frozen=True)
class Section:
    """A table of the entries whose keys begin alike.

    Attributes:
        figures: what is shown, with headings. One: a column for each system. Several: a row for each.
        text: what was done, and what to know when reading it.
    """

    prefix: str
    title: str
    figures: dict[str, str]
    text: str


SECTIONS = (
    Section(
        "enqueue",
        "Enqueue",
        {"per_s": "workflows per second"},
        "One client process. *Plain tables* is one `insert` in each transaction, or one of 5,000 rows; "
        "*SQL alone* is `select perdure.enqueue(...)`, or `enqueue_many`, from pgbench. DBOS and absurd "
        "have no call that enqueues many: DBOS is given one transaction with many of its calls, absurd "
        "one `select` of its SQL function over all of them.",
    ),
    Section(
        "drain",
        "Drain a full queue",
        {"per_s": "workflows per second"},
        "The queue is filled, then workers run it empty. *Async* and *sync* say what functions its workflows "
        "and steps are. A step does nothing, so this is what each system "
        "itself costs. Procrastinate and PgQueuer have no steps and no durable results: they stand beside "
        "the others where there are no steps. *Plain tables* is pgbench on two connections that claims, "
        "writes steps and writes ends, 100 in each transaction, of the narrowest rows; *SQL alone* is the "
        "same with the engine's own functions. Client, workers and Postgres share the machine.",
    ),
    Section(
        "direct",
        "Run directly, without a queue",
        {"per_s": "workflows per second"},
        "One process starts workflows of five steps and runs them itself. Each start, step and end is "
        "durable before the next begins. *SQL alone* has one transaction for each of these, as many "
        "connections as workflows at once, and no grouping.",
    ),
    Section(
        "latency",
        "Latency on an idle queue",
        {"p50_ms": "p50, ms", "p95_ms": "p95, ms", "p99_ms": "p99, ms"},
        "From the call that enqueues, in one process, to having the result there; another process works. "
        "Between two there is a random pause of 5 to 30 ms. Peers that poll are set to poll often; see "
        "the settings. *Plain tables* is what of it nobody can save: to enqueue, claim, record the step and "
        "end it, each in a transaction of its own that has to reach the disk, and a look at the result, one "
        "after another in one process that waits for no other.",
    ),
    Section(
        "fan_out",
        "Fan-out",
        {"per_s": "children per second"},
        "One workflow enqueues 500 children of one step and adds up their results. One worker runs all of "
        "them.",
    ),
    Section(
        "limited",
        "A limited queue",
        {"per_s": "workflows per second"},
        "At most ten of the queue run at once, over all workers; one step.",
    ),
    Section(
        "crowded",
        "Much waiting, much history",
        {"per_s": "workflows per second"},
        "As a drain of one step with one worker, for six seconds, in a database that has this much in it.",
    ),
    Section(
        "idle",
        "An idle worker",
        {
            "statements_per_s": "statements per second",
            "transactions_per_s": "transactions per second",
            "worker_cpu_ms_per_s": "processor of the worker, ms per second",
        },
        "One worker process serves 20 queues in which nothing happens. Every system as it comes, untuned.",
    ),
    Section(
        "storage",
        "Storage",
        {"bytes": "bytes in the database", "wal_bytes": "bytes of write-ahead log"},
        "What one workflow, enqueued and run, has added at its end: growth of the database (dead rows "
        "included) and of the log.",
    ),
    Section(
        "ping_pong",
        "Messages",
        {"ms": "ms for a message and its answer"},
        "Two workflows in one worker answer each other. absurd has events in place of messages; each wait "
        "runs its task again from the start.",
    ),
    Section(
        "sleepers",
        "Sleepers",
        {
            "s": "s longer than one sleeps",
            "memory_mb": "memory of the worker, MB",
            "worker_cpu_s": "processor of the worker, s",
        },
        "Workflows that all sleep, durably, for ten seconds.",
    ),
    Section(
        "clients",
        "Postgres by connections",
        {"per_s": "workflows per second"},
        "pgbench alone: workflows of one step in batches of 100, and enqueueing one in a transaction.",
    ),
)


def tables(results: Results) -> str:
    """The goals and all tables, for the terminal."""
    parts = ["\n" + _goals(results)]
    for section in SECTIONS:
        found = _section(results, section)
        if found:
            parts.append(f"{section.title}: {', '.join(section.figures.values())}\n\n{found}")
    if results.claims:
        parts.append("The cost of a claim, in ms\n\n" + _claims(results))
    parts.append(_failures(results))
    return "\n\n".join(part for part in parts if part)


def page(results: Results, plots: Sequence[Path]) -> str:
    """docs/benchmarks.md."""
    drawn = {path.stem: path for path in plots if path.suffix == ".svg"}

    def picture(name: str, text: str) -> Iterator[str]:
        if name in drawn:
            yield f"![{text}](benchmarks/{drawn[name].name})"

    parts = [_INTRODUCTION, "## Goals", _GOALS_TEXT, _goals(results)]
    for section in SECTIONS:
        found = _section(results, section)
        if found:
            heading = [f"## {section.title}", section.text]
            if len(section.figures) == 1:
                heading[1] += f" The figures are {next(iter(section.figures.values()))}."
            parts += [*heading, *picture(section.prefix, section.title), found]
    if results.claims:
        parts += ["## The cost of a claim", _CLAIMS_TEXT, *picture("claims", "The cost of a claim")]
        parts.append(_claims(results))
    parts += ["## Where", _where(results), "## Settings", _settings(results), "## Method", _METHOD]
    failed = _failures(results)
    if failed:
        parts += ["## Failed runs", failed]
    return "\n\n".join(parts) + "\n"


def _goals(results: Results) -> str:
    rows: list[list[str]] = []
    missed: list[str] = []
    for goal in GOALS:
        ours, tuned = goal.measure(results, "perdure"), goal.measure(results, "perdure-tuned")
        if ours is None and tuned is None:
            continue
        met = [v is not None and goal.is_met(v) for v in (ours, tuned)]
        verdict = "yes" if met[0] else "tuned" if met[1] else "**no**"
        bound = ("at least " if goal.least else "at most ") + _number(goal.bound) + goal.unit
        rows.append([goal.text, bound, _optional(ours, goal.unit), _optional(tuned, goal.unit), verdict])
        if goal.reason is not None and not met[0]:
            missed.append(f"- {goal.text}: {goal.reason(results)}.")
    table = _table(["Perdure, as a multiple of", "goal", "as it comes", "tuned", "met"], rows, "lrrrl")
    return table if not missed else table + "\n\nWhy, where it is missed:\n\n" + "\n".join(missed)


def _section(results: Results, section: Section) -> str:
    entries = [e for e in PLAN if e.key.partition(".")[0] == section.prefix and results.has(e.key)]
    if not entries:
        return ""
    measured = [s for s in SYSTEMS if any(list(results.of(e.key, s)) for e in entries)]
    names = [SYSTEMS[s].title for s in measured]
    if len(section.figures) == 1:
        figure = next(iter(section.figures))
        rows = [[e.title, *(_cell(results, e.key, s, figure) for s in measured)] for e in entries]
        return _table(["", *names], rows, "l" + "r" * len(names))
    rows = [
        [SYSTEMS[s].title + (f", {e.title}" if len(entries) > 1 else ""),
         *(_cell(results, e.key, s, figure) for figure in section.figures)]
        for e in entries for s in measured if list(results.of(e.key, s))
    ]  # fmt: skip
    return _table(["", *section.figures.values()], rows, "l" + "r" * len(section.figures))


def _cell(results: Results, entry: str, system: str, figure: str) -> str:
    found = results.spread(entry, system, figure)
    if found is None:
        return "failed" if any(r.get("error") for r in results.of(entry, system)) else ""
    return _spread(found)


def _spread(found: Spread) -> str:
    mark = "~" if found.disturbed else ""
    if found.rounds == 1:
        return mark + _number(found.median)
    return f"{mark}{_number(found.median)} ({_number(found.least)} to {_number(found.most)})"


def _claims(results: Results) -> str:
    empty = next(iter(results.claims.values()))
    shapes = list(empty)
    rows = []
    for case, figures in results.claims.items():
        cells = [f"{figures[s]:.2f} ({figures[s] / empty[s]:.2f})" if s in figures else "" for s in shapes]
        rows.append([case, *cells])
    return _table(["workflows x sessions", *shapes], rows, "l" + "r" * len(shapes))


def _failures(results: Results) -> str:
    return "\n".join(
        f"- {r['entry']}, {SYSTEMS[r['system']].title}: {r['error'].strip().splitlines()[-1]}"
        for r in results.failures()
    )


def _where(results: Results) -> str:
    facts, machine, postgres = results.facts, results.facts["machine"], results.facts["postgres"]
    changed = ", ".join(f"`{name} = {value}`" for name, value in facts["postgres_set"].items() if value)
    versions = "; ".join(
        f"{name}: " + ", ".join(f"{package} {version}" for package, version in packages.items())
        for name, packages in facts["versions"].items()
    )
    busy = [r["other_cores"] for r in results.runs]
    disturbed = sum(cores > BUSY_CORES for cores in busy)
    rounds = max(run["round"] for run in results.runs) + 1
    rows = [
        ["date, commit", f"{facts['date']}, `{facts['commit'] or 'unknown'}`"],
        ["machine", f"{machine['cores']} cores, {machine['processor']}, {machine['memory_gb']} GB"],
        ["system", f"{machine['system']}, Python {machine['python']}"],
        ["writing 8 kB durably", f"{machine['fdatasync_us']} µs (`fdatasync`, median)"],
        ["Postgres", f"{postgres['server_version']}, set: {changed}"],
        ["durability", ", ".join(f"`{n} = {postgres[n]}`" for n in
                                 ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"))],
        ["versions", versions],
        *(
            ["measured again", f"{', '.join(one['what'])}: {one['date']}, `{one['commit'] or 'unknown'}`"]
            for one in facts.get("again", [])
        ),
        ["rounds", f"at most {rounds} of each cell"],
        ["others", f"used more than {BUSY_CORES:g} cores during {disturbed} of {len(busy)} runs"],
    ]  # fmt: skip
    return _table(["", ""], rows, "ll")


def _settings(results: Results) -> str:
    titles = {entry.key: entry for entry in PLAN}
    found: dict[tuple[str, str], list[str]] = {}
    for run in results.runs:
        if SYSTEMS[run["system"]].pgbench:
            continue
        text = ", ".join(f"{k} {v}" for k, v in run["settings"].items()) or "as it comes"
        entry = titles.get(run["entry"])
        where = f"{entry.workload} {entry.mode}" if entry else run["entry"]
        places = found.setdefault((run["system"], text), [])
        if where not in places:
            places.append(where)
    rows = [
        [SYSTEMS[system].title, text, ", ".join(places).replace("_", " ")]
        for (system, text), places in sorted(found.items(), key=lambda item: list(SYSTEMS).index(item[0][0]))
    ]
    return _SETTINGS_TEXT + "\n\n" + _table(["", "settings", "in"], rows, "lll")


def _optional(value: float | None, unit: str) -> str:
    return "" if value is None else _number(value) + unit


def _number(value: float) -> str:
    for above, digits in ((100, 0), (10, 1), (0.1, 2)):
        if abs(value) >= above:
            text = f"{value:,.{digits}f}"
            return text.rstrip("0").rstrip(".") if digits else text
    return f"{value:.3g}"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], align: str) -> str:
    cells = [list(map(str, row)) for row in (head, *rows)]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(head))]

    def line(row: Sequence[str]) -> str:
        padded = [c.rjust(w) if a == "r" else c.ljust(w) for c, w, a in zip(row, widths, align, strict=True)]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (w + 1) + ":" if a == "r" else "-" * (w + 2)
                          for w, a in zip(widths, align, strict=True)) + "|"  # fmt: skip
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


_INTRODUCTION = """\
# Benchmarks

Perdure beside four other systems that keep their work in Postgres, and beside what the same Postgres does
without any of them. `make bench-full` measures all of it and writes this page: no figure in it is typed in.
`make bench` measures the goals in ten to twenty minutes, `make bench-check` fails when a ratio has fallen.

Only ratios carry over to another machine. A cell is the median of the rounds, with the least and the most
in brackets (of two rounds, the mean between both); `~` marks a cell that was only measured while somebody
else used the machine."""

_GOALS_TEXT = """\
*As it comes* is Perdure without settings, and what counts as *met*; where only *tuned* meets a goal, it says
so. *Tuned* has uvloop and more workflows at once, in every row: it is the slower one in some, as in calls one
by one. The peers always have the best settings that were found, for each workload."""

_CLAIMS_TEXT = """\
Milliseconds of one call of `claim`, and in brackets its ratio to the same call where almost nothing waits.
*10 x 4* is four sessions at once that claim ten each. Claims and ends alternate; only claims are timed."""

_SETTINGS_TEXT = """\
Concurrency is the number of workflows that a worker runs at once, a poll is in seconds. The settings of the
peers are the best of those that were tried for each workload; `bench/peers` says which."""

_METHOD = """\
- Every run has a fresh database and begins with a checkpoint. The systems take turns, round by round.
- Workers are processes of their own, and have imported everything before the clock starts. It stops when
  the database says that nothing is unfinished; then the finished workflows are counted.
- Everything talks to Postgres over TCP on loopback with a password, and Postgres has its default
  durability.
- Workflows and steps do nothing: what is measured is what each system costs. Where the work itself is slow,
  the systems are closer to each other.
- Procrastinate and PgQueuer are queues of jobs. They keep no results and have no steps, so they do less.
  PgQueuer's ends are written some time after the job: a crash between runs it again.
- How much of the processors others used is measured in each run. Runs beside busy others count only where
  there is no calm one."""
