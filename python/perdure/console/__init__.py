"""The console: one database, seen and acted on from a browser. `perdure console` serves it.

`console(client)` is the same as an ASGI application, for those who serve it themselves; see docs/console.md.
"""

from __future__ import annotations

try:
    import starlette  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ImportError as error:  # pragma: no cover
    raise ImportError("perdure.console needs Starlette: pip install 'perdure[console]'") from error

from ._app import console

__all__ = ["console"]
