"""What the tests stand on: databases, sessions that wait on each other, a proxy on the wire."""

from .databases import create_database, drop_database, fresh_database, install_engine, search_path
from .proxy import Link, TcpProxy
from .sessions import Session, blocked
from .waiting import NeverHappened, wait_until, wait_until_async

__all__ = [
    "Link",
    "NeverHappened",
    "Session",
    "TcpProxy",
    "blocked",
    "create_database",
    "drop_database",
    "fresh_database",
    "install_engine",
    "search_path",
    "wait_until",
    "wait_until_async",
]
