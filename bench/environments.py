"""Virtualenvs from PyPI, one for each system, in a cache directory; versions are pinned here.

A fresh clone needs nothing but Python: everything else is installed at the first run. Only the standard
library is used here, because this is what makes the others importable.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

PSYCOPG = "psycopg[binary,pool]==3.3.9"
UVLOOP = "uvloop==0.23.0"

PINS: dict[str, tuple[str, ...]] = {
    "bench": (PSYCOPG, "matplotlib==3.10.9"),
    # Perdure itself comes from this checkout, on PYTHONPATH; here is what it needs.
    "perdure": (PSYCOPG, UVLOOP),
    "dbos": ("dbos==3.4.0", "sqlalchemy==2.1.9", PSYCOPG),
    "absurd": ("absurd-sdk==0.5.1", "absurdctl==0.5.1", PSYCOPG),
    "procrastinate": ("procrastinate==3.10.0", PSYCOPG),
    "pgqueuer": ("pgqueuer[asyncpg]==1.6.0", "asyncpg==0.32.0", UVLOOP, PSYCOPG),
}


def home() -> Path:
    """Where environments and results are kept: $BENCH_HOME, or a directory in the user's cache."""
    if os.environ.get("BENCH_HOME"):
        return Path(os.environ["BENCH_HOME"]).resolve()
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "perdure-bench"


def ready(name: str) -> Path:
    """The Python of a system's environment, which is made if it is missing or its pins have changed."""
    wanted = _requirements(name)
    label = hashlib.sha256("\n".join([sys.version, *wanted]).encode()).hexdigest()[:12]
    directory = home() / "venvs" / f"{name}-{label}"
    python = directory / "bin" / "python"
    done = directory / ".ready"
    if done.exists():
        return python
    print(f"making the environment of {name} in {directory}", flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    directory.parent.mkdir(parents=True, exist_ok=True)
    _quiet([sys.executable, "-m", "venv", directory])
    _quiet([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted])
    done.touch()
    return python


def versions(name: str) -> dict[str, str]:
    """What is installed in an environment, by the packages that its pins name."""
    names = [re.split(r"[\[=<>~]", pin)[0] for pin in PINS[name]]
    code = "import sys, importlib.metadata as m; print(*[m.version(n) for n in sys.argv[1:]])"
    said = subprocess.run([ready(name), "-c", code, *names], check=True, capture_output=True, text=True)
    return dict(zip(names, said.stdout.split(), strict=True))


def variables() -> dict[str, str]:
    """The environment variables of every child: this checkout comes first on the path."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "python")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


def _requirements(name: str) -> list[str]:
    wanted = list(PINS[name])
    if name == "perdure":
        # Pins first: the project's own bounds only add what is not pinned.
        project = (ROOT / "pyproject.toml").read_text("utf-8")
        found = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
        wanted += re.findall(r'^\s*"([^"]+)"', found[1], re.MULTILINE) if found else []
    return wanted


def _quiet(command: list[object]) -> None:
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout}")
