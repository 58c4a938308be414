"""What the programs of this folder share; see `run.py`."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
import time
import uuid
from typing import Any

# The package that the programs run with: that of the command line of `run.py`.
PACKAGE = sys.argv[1] if len(sys.argv) > 2 and sys.argv[1] in ("dbos", "perdure.dbos") else "perdure.dbos"

dbos: Any = importlib.import_module(PACKAGE)
DBOS, Queue, SetWorkflowID = dbos.DBOS, dbos.Queue, dbos.SetWorkflowID
SetEnqueueOptions, SetWorkflowTimeout = dbos.SetEnqueueOptions, dbos.SetWorkflowTimeout
error = dbos.error

PROGRAMS: dict[str, Any] = {}


def program(fn: Any) -> Any:
    PROGRAMS[fn.__name__] = fn
    return fn


def fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def steps(workflow_id: str) -> list[Any]:
    """The steps of a workflow, without the ids of children that were made up."""
    return [
        [
            s["function_name"],
            s["output"],
            None if s["error"] is None else caught(s["error"]),
            # Which workflow a result is of is not recorded here.
            s["child_workflow_id"] is not None and s["function_name"] != "DBOS.getResult",
        ]
        for s in DBOS.list_workflow_steps(workflow_id)
    ]


def caught(e: BaseException) -> list[Any]:
    """An exception: its class, its code, and what it says if the user has said that."""
    is_own = isinstance(e, (error.DBOSException, error.DBOSBaseException))
    return [type(e).__name__, getattr(e, "dbos_error_code", None), None if is_own else str(e)]


def outcome(call: Any) -> Any:
    try:
        return ["returned", call()]
    except BaseException as e:
        return ["raised", *caught(e)]


def status(workflow_id: str, *fields: str) -> dict[str, Any]:
    found = DBOS.get_workflow_status(workflow_id)
    return {f: getattr(found, f) for f in ("status", "name", *fields)}


def in_block(block: Any) -> None:
    with block:
        pass


def under(name: str, call: Any) -> Any:
    with SetWorkflowID(name):
        return call()


def until(condition: Any) -> None:
    end = time.monotonic() + 15
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not come about")
        time.sleep(0.01)


def alone(text: str) -> list[str]:
    """What a program of its own prints, whose DBOS is not launched yet."""
    begin = f"import sys\nsys.argv = {sys.argv[:3]!r}\n"
    done = subprocess.run(
        [sys.executable, "-c", begin + textwrap.dedent(text)], capture_output=True, text=True, timeout=200
    )
    return done.stdout.splitlines() or done.stderr.splitlines()[-3:]
