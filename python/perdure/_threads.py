"""Threads for synchronous workflows: made when none is idle, kept for reuse.

They are daemons, unlike those of `concurrent.futures`: a step that hangs must not keep the process from
ending. What it did not record, another worker does again.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_IDLE_SECONDS = 30.0


class ThreadPool:
    """Runs each job at once, in an idle thread or a new one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._idle = 0
        self._lock = threading.Lock()

    def run(self, job: Callable[[], object]) -> None:
        """Starts the job and returns; the job must not raise.

        Raises:
            RuntimeError: no thread can be started; the job will not run.
        """
        with self._lock:
            start = self._idle == 0
            if not start:
                self._idle -= 1
        # First: if this fails, no other thread comes upon the job.
        if start:
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    # A job that was promised to an idle thread may be on its way to this one.
                    if self._idle == 0:
                        continue
                    self._idle -= 1
                return
            job()
            del job  # and with it what it has worked on, however long this thread is idle
            with self._lock:
                self._idle += 1
