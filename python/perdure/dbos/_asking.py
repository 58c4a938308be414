"""What all parts of `DBOS` and `DBOSClient` have: a client of the engine."""

from __future__ import annotations

from typing import Any

from ._app import Extras
from ._handles import AsyncHandle

Strings = str | list[str] | None


class Asking:
    """What asks the engine."""

    def _client(self) -> Extras:
        raise NotImplementedError

    def _handle(self, workflow_id: str) -> AsyncHandle[Any]:
        return AsyncHandle(workflow_id, self._client())


def several(value: Strings) -> list[str] | None:
    """A filter as a list."""
    return [value] if isinstance(value, str) else value
