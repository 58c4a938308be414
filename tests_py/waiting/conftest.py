from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import psycopg
import pytest

from tests_py.concurrency.conftest import database, gate, kept_database
from tests_py.support import Session

from .engine import WaitingEngine

__all__ = ["database", "gate", "kept_database"]


@pytest.fixture
def engine(connect: Callable[..., psycopg.Connection[Any]]) -> WaitingEngine:
    """The engine in the test's database, seen by a superuser."""
    return WaitingEngine(connect())


class SlowToWait:
    """Stops a session that has looked and found nothing, before it keeps those who write away."""

    def __init__(self, engine: WaitingEngine, keeper: Session) -> None:
        self._engine = engine
        self._keeper = keeper

    def __call__(self, victim: Session, query: str, params: Any) -> "Future[list[Any]]":
        self._keeper.call("select pg_advisory_lock(%s)", [self._keeper.pid])
        victim.call("set test.slow_to_wait = 'on'")
        pending = victim.begin_call(query, params)
        victim.wait_until_blocked(by=self._keeper)
        return pending

    def go_on(self) -> None:
        self._keeper.call("select pg_advisory_unlock(%s)", [self._keeper.pid])


@pytest.fixture
def slow_to_wait(engine: WaitingEngine, session: Callable[..., Session]) -> Iterator[SlowToWait]:
    """A function that begins a call and returns when it stands there; `go_on` lets it go on."""
    keeper = session()
    engine.connection.execute("alter function _hold_writers(bigint) rename to _hold_writers_at_once")
    engine.connection.execute(f"""
        create function _hold_writers(target_key bigint) returns boolean language plpgsql as $$
        begin
          if current_setting('test.slow_to_wait', true) = 'on' then
            perform pg_advisory_xact_lock_shared({keeper.pid});
          end if;
          return _hold_writers_at_once(target_key);
        end
        $$
    """)
    try:
        yield SlowToWait(engine, keeper)
    finally:
        engine.connection.execute("drop function _hold_writers(bigint)")
        engine.connection.execute("alter function _hold_writers_at_once(bigint) rename to _hold_writers")
