"""The worker as a process of its own, to be started and killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress


class WorkerProcess:
    """A running `perdure.demo._worker`.

    Args:
        url: the database; it goes through the environment, where other users do not see its password.
    """

    def __init__(self, url: str) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "perdure.demo._worker"],
            env={**os.environ, "PERDURE_DATABASE_URL": url},
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the demonstration alone, which then ends its worker.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        self._input = self._process.stdin

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """Ends it with SIGKILL: it gets no chance to hand back or to record anything."""
        self._process.kill()
        self._process.wait()
        self._input.close()
        self._log.close()

    def stop(self) -> None:
        """Lets it shut down, and kills it if it does not."""
        self._input.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self.kill()

    def log(self) -> str:
        """The end of what it has said."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-4000:]
