"""How many workflows a worker runs at once."""

from __future__ import annotations

import time

# Where nobody says how many.
_USUAL = 200
# So many at the most, if they are short and need no threads. Measured, one-step workflows of a full queue:
# 1.4 times as many a second with 1,000 at once as with 200.
_LARGEST = 1000
# What is short: all that run at once have ended within so many seconds; and what is long.
_SHORT, _LONG = 1.0, 5.0


class Room:
    """How many workflows run at once: as many as was said; or, for workflows that need no threads, more while
    they are short. Those that take long are left to other workers, too.

    Args:
        said: how many; None: nobody has said it.
        needs_threads: whether some of them may need a thread.
    """

    def __init__(self, said: int | None, needs_threads: bool) -> None:
        self.size = self._least = said or _USUAL
        self._most = _LARGEST if said is None and not needs_threads else self._least
        self._ended, self._since = 0, time.monotonic()

    def note_end(self) -> None:
        """One of them has ended."""
        if self._most == self._least:
            return
        self._ended += 1
        if self._ended < self.size:
            return
        now = time.monotonic()
        took = now - self._since
        if took < _SHORT:
            self.size = min(2 * self.size, self._most)
        elif took > _LONG:
            self.size = max(self.size // 2, self._least)
        self._ended, self._since = 0, now
