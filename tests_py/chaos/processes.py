"""Worker processes that can be killed, frozen and told to end.

They are forked from a server that has imported everything, so one starts in some milliseconds.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from perdure import Perdure
from tests_py.support import wait_until

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests_py.chaos.workflows"])

Define = Callable[[Perdure, str], object]


class WorkerProcess:
    """A process that launches an app and serves until it is told to end.

        with WorkerProcess(proxy.url, define_orders, audit=database) as worker:
            worker.kill()

    Args:
        url: where it connects.
        define: a function of a module, called with the app and `audit`: gives the app its workflows.
        audit: the database that the steps write to by connections of their own; the same unless given.
        log: a file for what it logs.
        shutdown_timeout: how long what runs may take to end when it is told to end.
        options: for the app.
    """

    def __init__(
        self,
        url: str,
        define: Define,
        *,
        audit: str | None = None,
        log: Path | None = None,
        shutdown_timeout: float = 30.0,
        **options: Any,
    ) -> None:
        self._process = _context.Process(
            target=_serve, args=(url, define, audit or url, log, shutdown_timeout, options), daemon=True
        )
        self._process.start()
        # Tests and the hooks of a proxy look at it from several threads.
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None
        return pid

    @property
    def is_alive(self) -> bool:
        with self._lock:
            return self._process.is_alive()

    def ends_within(self, seconds: float) -> bool:
        """Whether it has ended, after that time at the latest."""
        with self._lock:
            self._process.join(seconds)
            return not self._process.is_alive()

    def kill(self) -> None:
        """End it at once, as a crash does, and return when it is gone."""
        with self._lock:
            self._process.kill()
        self.wait()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to shut down, as a process manager does."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self, timeout: float = 30.0) -> int | None:
        """Its exit code, when it has ended."""
        wait_until(lambda: not self.is_alive, timeout, f"worker {self.pid} ends")
        return self._process.exitcode

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def _serve(
    url: str,
    define: Define,
    audit: str,
    log: Path | None,
    shutdown_timeout: float,
    options: dict[str, Any],
) -> None:
    logging.basicConfig(filename=log or os.devnull, level=logging.INFO, force=True)
    app = Perdure(url, **{"name": f"worker-{os.getpid()}", "poll_interval": 0.1} | options)
    define(app, audit)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    app.launch()
    while not stop.wait(1.0):
        pass
    app.shutdown(shutdown_timeout)
