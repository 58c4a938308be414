"""Sessions that run their calls in the background, so that they can wait on each other."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from .databases import search_path
from .waiting import NeverHappened, wait_until

Params = Sequence[Any] | dict[str, Any] | None
Rows = list[TupleRow]


def blocked(observer: psycopg.Connection[Any], pid: int, by: int | None = None) -> bool:
    """Whether the backend `pid` waits for a lock (held by the backend `by`, if given)."""
    blockers: list[int] = observer.execute("select pg_blocking_pids(%s)", [pid]).fetchone()[0]
    return bool(blockers) if by is None else by in blockers


class Session:
    """One connection and the thread that uses it.

        first.call("begin")
        first.call("select * from claim(...)")
        pending = second.begin_call("select * from claim(...)")
        second.wait_until_blocked(by=first)
        first.call("commit")
        assert pending.result() == [...]

    `call` answers with the rows, `value` with the only value of the only row. Calls of one session
    run in the order they were begun. Each statement commits by itself unless `begin` was called.
    """

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        self.timeout = timeout
        self._connection = psycopg.connect(url, autocommit=True, options=search_path())
        self._observer = psycopg.connect(url, autocommit=True)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="session")
        self._pending: Future[Rows] | None = None
        self.pid = self._connection.info.backend_pid

    def begin_call(self, query: str, params: Params = None) -> "Future[Rows]":
        """Start a call and return at once."""
        self._pending = self._thread.submit(self._execute, query, params)
        return self._pending

    def call(self, query: str, params: Params = None) -> Rows:
        return self.begin_call(query, params).result(self.timeout)

    def value(self, query: str, params: Params = None) -> Any:
        ((value,),) = self.call(query, params)
        return value

    def is_blocked(self, by: "Session | None" = None) -> bool:
        return blocked(self._observer, self.pid, by.pid if by else None)

    def wait_until_blocked(self, by: "Session | None" = None, timeout: float = 10.0) -> None:
        """Return once this session waits for a lock; fail if its calls finish or time runs out."""
        what = f"session {self.pid} waits for a lock" + (f" of session {by.pid}" if by else "")

        def seen() -> bool:
            idle = self._pending is None or self._pending.done()
            if self.is_blocked(by):
                return True
            if idle:
                raise NeverHappened(f"not so: {what}; it has no call under way")
            return False

        wait_until(seen, timeout, what)

    def cancel(self) -> None:
        """Cancel the running call, as a client's timeout does."""
        self._connection.cancel_safe()

    def kill(self) -> None:
        """End the backend, as a crash of the client's machine does."""
        self._observer.execute("select pg_terminate_backend(%s, 10000)", [self.pid])

    def close(self) -> None:
        if self._pending is not None and not self._pending.done():
            # It may wait for a lock that nobody will release now.
            self.kill()
        self._thread.shutdown()
        self._connection.close()
        self._observer.close()

    def _execute(self, query: str, params: Params) -> Rows:
        cursor = self._connection.execute(query, params)
        return cursor.fetchall() if cursor.description else []

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
