"""Notifications: who waits for a change in this process, and how long one waits between looks.

A wait in memory is a loop: look, then pause until a notification says that something may have changed.
While LISTEN works nothing is asked meanwhile; where it does not, one looks again soon, then less often.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Generator

from ._loop import Signal

# A lost LISTEN is noticed and made up for at once; this stands behind a connection that hangs.
_BEHIND_LISTEN = 30.0


class NoticeBoard:
    """Events by topic; lives on the engine's loop.

    Args:
        poll_interval: the longest pause between two looks, in seconds, where LISTEN does not work.
    """

    def __init__(self, poll_interval: float) -> None:
        self._poll_interval = poll_interval
        self._watchers: dict[str, set[Signal]] = {}
        self.listening = False

    @contextlib.contextmanager
    def watch(self, *topics: str) -> Generator[Signal]:
        """An event that is set by each `tell` of one of these topics."""
        changed = Signal()
        for topic in topics:
            self._watchers.setdefault(topic, set()).add(changed)
        try:
            yield changed
        finally:
            for topic in topics:
                watchers = self._watchers[topic]
                watchers.discard(changed)
                if not watchers:
                    del self._watchers[topic]

    def tell(self, topic: str) -> None:
        """Something may have changed there."""
        for changed in self._watchers.get(topic, ()):
            changed.set()

    def tell_all(self) -> None:
        """Notifications may have been missed."""
        for watchers in self._watchers.values():
            for changed in watchers:
                changed.set()

    def lose(self) -> None:
        """LISTEN was lost: who waits looks again, and soon again until it is back, which may take long."""
        self.listening = False
        self.tell_all()

    async def pause(self, changed: Signal, looks: int, most: float, *, told: bool = True) -> None:
        """Waits between two looks, until something may have changed.

        Args:
            looks: how often one has looked before.
            most: how long to wait at most, in seconds.
            told: whether a notification is to come.
        """
        soon = min(0.02 * 1.5 ** min(looks, 20), self._poll_interval)
        behind = _BEHIND_LISTEN if self.listening and told else soon
        await changed.wait(min(behind * random.uniform(0.75, 1.25), most))
