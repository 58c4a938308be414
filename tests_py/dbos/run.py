"""Runs programs that are written for DBOS: `python -m tests_py.dbos.run <package> <url> [files]` prints what
those of these files (`programs_flow`; all, if none is named) have given, as JSON; what differs from run to
run (ids, times) is left out. A name of a program stands for that program."""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path
from typing import Any

from tests_py.dbos.harness import DBOS, PROGRAMS

for found in sorted(Path(__file__).parent.glob("programs*.py")):
    importlib.import_module(f"tests_py.dbos.{found.stem}")


def main() -> None:
    wanted = sys.argv[3:]
    chosen = [
        name
        for name, fn in PROGRAMS.items()
        if not wanted or name in wanted or fn.__module__.rpartition(".")[2] in wanted
    ]
    DBOS(
        config={
            "name": "programs", "system_database_url": sys.argv[2], "log_level": "CRITICAL",
            "enable_patching": True, "application_version": "v1",
        }
    )  # fmt: skip
    DBOS.launch()
    given: dict[str, Any] = {}
    for name in chosen:
        print(name, file=sys.stderr, flush=True)
        try:
            given[name] = PROGRAMS[name]()
        except BaseException as e:
            given[name] = ["broken", repr(e), traceback.format_exc().splitlines()[-6:]]
    print(json.dumps(given, indent=1, default=repr))
    sys.stdout.flush()
    DBOS.destroy()


if __name__ == "__main__":
    main()
