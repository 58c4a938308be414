"""Steps run at least once, so those of the demonstration bear to run twice, even at once."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from perdure.demo._database import clear
from tests_py.demo.running import faults
from tests_py.support import databases
from tests_py.support.sessions import blocked
from tests_py.support.waiting import wait_until


@pytest.fixture
def url(server: str, kept: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of its own with everything loaded; called here, the steps work in it."""
    with databases.fresh_database(server, template=databases.database_name(kept[0])) as url:
        monkeypatch.setenv("PERDURE_DATABASE_URL", url)
        yield url


def test_a_step_that_runs_again_leaves_each_row_once(url: str) -> None:
    from perdure.demo import flights

    flights.fetch(1)
    flights.validate(1)
    flights.load(1)
    with psycopg.connect(url) as db:
        assert faults(db) == []


def test_two_workers_that_run_a_step_at_once_leave_each_row_once(url: str) -> None:
    from perdure.demo import flights

    second = threading.Thread(target=flights.load, args=(1,))
    with psycopg.connect(url) as first, psycopg.connect(url, autocommit=True) as observer:
        first.execute("create temp table january as select * from perdure_demo.flights where month = 1")
        first.commit()
        clear("flights", 1, first)
        second.start()
        pids = (
            "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        pid = wait_until(lambda: observer.execute(pids).fetchone(), what="the second waits for the first")[0]
        assert blocked(observer, pid, first.info.backend_pid)
        first.execute("insert into perdure_demo.flights select * from january")
        first.commit()
        second.join(30)
        assert faults(observer) == []
