"""One module for each system. They import their system only when they are used, so that any may be read."""

from __future__ import annotations

import importlib

from .base import Peer

NAMES = ("perdure", "dbos", "absurd", "procrastinate", "pgqueuer")


def peer(name: str) -> type[Peer]:
    """The class that knows a system."""
    if name not in NAMES:
        raise ValueError(f"no such system: {name}")
    return importlib.import_module(f"bench.peers.{name}").System
