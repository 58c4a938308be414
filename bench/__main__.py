"""The command line: see `python -m bench --help`. Makes the environments and goes on in its own."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import environments


def main() -> int:
    arguments = _parser().parse_args()
    own = environments.ready("bench")
    if Path(sys.prefix).resolve() != own.parent.parent.resolve():
        os.chdir(environments.ROOT)
        os.execve(own, [str(own), "-m", "bench", *sys.argv[1:]], environments.variables())
    from . import commands

    return commands.COMMANDS[arguments.command](arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Perdure beside other systems of its kind, on one Postgres."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in {
        "quick": "ten to twenty minutes: the goals and the tables, on the terminal",
        "full": "everything, with plots; writes docs/benchmarks and bench/recorded.json; with --only or"
        " --systems only these, in place of what was measured of them before",
        "check": "exits with 1 when a ratio of bench/recorded.json has fallen below 0.8 of what it was",
        "list": "print the plan",
        "report": "write the report and the plots again, from docs/benchmarks/results.json",
    }.items():
        command = commands.add_parser(name, help=text, description=text)
        if name in ("list", "report"):
            continue
        command.add_argument(
            "--only",
            default="",
            help="workloads whose key or title matches this regex; `python -m bench list` has the keys",
        )
        command.add_argument(
            "--systems", nargs="*", default=[], help="only these systems, as `python -m bench list` has them"
        )
        command.add_argument("--rounds", type=int, help="how often, in place of the plan's")
        command.add_argument("--scale", type=float, default=1.0, help="makes every run larger or smaller")
        command.add_argument("--directory", type=Path, help="where the database goes; default: temporary")
        if name != "check":
            command.add_argument("--out", type=Path, help="where the results go, as JSON")
            command.add_argument("--no-claims", action="store_true", help="leave out the cost of a claim")
        else:
            command.add_argument("--record", action="store_true", help="write bench/recorded.json instead")
    return parser


if __name__ == "__main__":
    sys.exit(main())
