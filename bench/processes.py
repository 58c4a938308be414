"""The processes of a run, each in the environment of its system, and talking to them."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import environments, machine


class RunFailed(Exception):
    """A run could not be measured; with what its process said last."""


class Child:
    """A client or a worker, see `bench.child`."""

    def __init__(self, role: str, config: dict[str, Any], log: Path) -> None:
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [
                    environments.ready(config["peer"]),
                    "-m",
                    "bench.child",
                    json.dumps({"role": role, **config}),
                ],
                cwd=environments.ROOT,
                env=environments.variables(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                bufsize=1,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, what: str, timeout: float = 300.0, **arguments: Any) -> dict[str, float]:
        """Has a client do something; what it measured."""
        self._write(json.dumps({"do": what, **arguments}))
        return self.answer(timeout)

    def go(self) -> None:
        """Lets a worker begin."""
        self._write("go")

    def answer(self, timeout: float = 60.0) -> dict[str, float]:
        # A process that is killed closes its end, so this returns in any case.
        late = threading.Timer(timeout, self._process.kill)
        late.start()
        try:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        finally:
            late.cancel()
        if not line:
            raise RunFailed(self.last_words() or f"no answer within {timeout:g} s")
        return json.loads(line)

    def last_words(self) -> str:
        """The end of what it wrote to its standard error."""
        return "\n".join(self._log.read_text("utf-8", "replace").strip().splitlines()[-12:])

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
        except OSError:
            raise RunFailed(self.last_words() or "its process is gone") from None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class Workers:
    """Worker processes that are imported and registered, and wait for `go`."""

    def __init__(self, children: list[Child]) -> None:
        self._children = children
        for child in children:
            child.answer()

    def go(self) -> float:
        """Lets them begin; the moment."""
        self._cpu = sum(machine.cpu_seconds(child.pid) for child in self._children)
        began = time.perf_counter()
        for child in self._children:
            child.go()
        return began

    def check(self) -> None:
        """Raises RunFailed if one of them has ended."""
        for child in self._children:
            if not child.is_alive:
                raise RunFailed(child.last_words() or "a worker ended")

    def cpu_seconds(self) -> float:
        """What they have used since `go`."""
        return sum(machine.cpu_seconds(child.pid) for child in self._children) - self._cpu

    def memory_mb(self) -> float:
        return sum(machine.memory_mb(child.pid) for child in self._children)

    def kill(self) -> None:
        for child in self._children:
            child.kill()


@contextmanager
def client(config: dict[str, Any], log: Path) -> Iterator[Child]:
    child = Child("client", config, log)
    try:
        yield child
    finally:
        child.kill()


@contextmanager
def workers(many: int, config: dict[str, Any], log: Path) -> Iterator[Workers]:
    children = [Child("worker", {**config, "worker": i}, log) for i in range(many)]
    try:
        yield Workers(children)
    finally:
        for child in children:
            child.kill()
