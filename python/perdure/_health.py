"""Whether all is well with an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._connected import Connected
from ._loop import run_sync

if TYPE_CHECKING:
    pass


@dataclass(slots=True, frozen=True)
class StatusCheck:
    """One thing that was looked at.

    Attributes:
        subject: for example "executors", or "queue orders".
        state: "ok", "warning" (nothing stands still; look at it soon) or "problem".
        detail: what was seen.
        hint: what to do about it; None if it is ok.
    """

    subject: str
    state: str
    detail: str
    hint: str | None


class Health(Connected):
    """The part of a client that tells whether all is well."""

    def status(self) -> list[StatusCheck]:
        """Whether all is well with the server, the workers, the queues and the schedules.

        Raises:
            PermissionDenied: this role is no operator.
        """
        return run_sync(self.status_async(), "status_async")

    async def status_async(self) -> list[StatusCheck]:
        """`status` for async code."""
        return [StatusCheck(*row) for row in await self._ask(self._engine.status)]
