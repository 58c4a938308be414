"""Machines whose clocks differ: no clock of a client decides anything."""

import time

import pytest

from perdure import Perdure
from tests_py.chaos.processes import WorkerProcess
from tests_py.support import wait_until

HOURS = 3 * 3600.0
# A machine that stands still for some seconds loses none.
LEASE = 6.0


def _skew(seconds: float) -> None:
    now, now_ns = time.time, time.time_ns
    time.time = lambda: now() + seconds
    time.time_ns = lambda: now_ns() + int(seconds * 1e9)


def _define(app: Perdure) -> None:
    failed = []

    @app.step(name="flaky", retries=1, interval=0.1)
    async def flaky() -> None:
        if not failed:
            failed.append(1)
            raise ValueError

    @app.workflow(name="clock")
    async def clock() -> float:
        await app.sleep_async(0.1)
        await flaky()
        return time.time()


def define_ahead(app: Perdure, _audit: str) -> None:
    _skew(HOURS)
    _define(app)


def define_behind(app: Perdure, _audit: str) -> None:
    _skew(-HOURS)
    _define(app)


@pytest.mark.parametrize(("define", "skew"), [(define_ahead, HOURS), (define_behind, -HOURS)])
def test_a_clock_that_is_hours_off_changes_nothing(database, sql, client, define, skew):
    with WorkerProcess(database, define, lease=LEASE):
        handle = client.enqueue("clock", delay=0.1, timeout=60)
        assert handle.get_result(20) - time.time() == pytest.approx(skew, abs=600)
        (first,) = client.list_executors()
        # Its lease is renewed, for so long by the clock of the database, and nobody takes it over.
        renewed = "select 1 from executors where executor_id = %s and lease_until > %s and not lapsed"
        wait_until(lambda: sql(renewed, first.executor_id, first.lease_until))
        later = "select 1 from executors where lease_until > clock_timestamp() + %s * interval '1 second'"
        assert sql(later, LEASE) == []
        ran = client.get_workflow(handle.workflow_id)
        assert ran.attempts == 1
        assert abs(ran.completed_at.timestamp() - time.time()) < 60
        assert abs(ran.deadline.timestamp() - time.time()) < 120
