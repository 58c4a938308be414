"""Deadlines hold whatever the worker does: it is frozen, dead, hangs, or has lost its database."""

import datetime as dt

import pytest

from perdure import Client, WorkflowTimedOut
from tests_py.chaos.processes import WorkerProcess
from tests_py.chaos.workflows import define_hanging, define_nothing
from tests_py.support import wait_until

SLOW = {"lease": 86400.0, "poll_interval": 3600.0}


@pytest.fixture
def client(database):
    with Client(database, poll_interval=0.1) as client:
        yield client


def steps(sql) -> list[str]:
    """What the steps of all workflows have done, in order."""
    return [step for (step,) in sql("select step from public.audit order by id")]


def pass_deadlines(sql) -> None:
    sql("update tasks set deadline = clock_timestamp()")


def maintain(sql) -> None:
    """Nobody else does. What a worker holds at that moment is passed over."""
    wait_until(lambda: sql("select run_maintenance()") and not sql("select 1 from tasks"))


@pytest.mark.parametrize("state", ["frozen", "dead", "blocked"])
def test_a_worker_that_does_nothing_holds_up_no_deadline(database, sql, client, state):
    """Its lease is as good as new: nobody takes anything over."""
    kind = "blocking" if state == "blocked" else "hanging"
    with WorkerProcess(database, define_hanging, lease=3600.0) as worker:
        handle = client.enqueue(kind, "w")
        wait_until(lambda: steps(sql) == [kind])
        if state == "frozen":
            worker.freeze()
        elif state == "dead":
            worker.kill()
        pass_deadlines(sql)
        with WorkerProcess(database, define_nothing), pytest.raises(WorkflowTimedOut):
            handle.get_result(30)
        status = handle.get_status()
        assert (status.status, status.attempts) == ("CANCELLED", 1)
        assert status.executor == f"worker-{worker.pid}"
        assert steps(sql) == [kind]


def test_a_worker_that_thaws_after_the_deadline_learns_of_it_at_once(database, sql, client):
    handle = client.enqueue("hanging", "w")
    with WorkerProcess(database, define_hanging, **SLOW) as worker:
        wait_until(lambda: steps(sql) == ["hanging"])
        worker.freeze()
        pass_deadlines(sql)
        maintain(sql)
        with pytest.raises(WorkflowTimedOut):
            handle.get_result(30)
        assert steps(sql) == ["hanging"]
        worker.thaw()
        wait_until(lambda: steps(sql) == ["hanging", "hanging ends"], 30)


def test_the_write_of_a_worker_that_thaws_after_the_deadline_is_refused(database, sql, client, tmp_path):
    log = tmp_path / "log"
    handle = client.enqueue("gated", "w")
    # Its first claim is its last: it is told nothing.
    with WorkerProcess(database, define_hanging, listen=False, log=log, **SLOW) as worker:
        wait_until(lambda: steps(sql) == ["gated"])
        worker.freeze()
        pass_deadlines(sql)
        maintain(sql)
        sql("insert into public.gates values ('gate')")
        worker.thaw()
        wait_until(lambda: "is not run on here" in log.read_text(), 30)
        assert steps(sql) == ["gated", "gated ends"]
        assert sql("select count(*) from steps") == [(0,)]
        with pytest.raises(WorkflowTimedOut):
            handle.get_result(30)


def test_a_worker_that_was_cut_off_learns_of_it_when_it_is_back(proxy, database, sql, client):
    """The notification was sent while it did not listen."""
    handle = client.enqueue("hanging", "w")
    with WorkerProcess(proxy.url, define_hanging, audit=database, **SLOW):
        wait_until(lambda: steps(sql) == ["hanging"])
        proxy.refuse()
        pass_deadlines(sql)
        maintain(sql)
        with pytest.raises(WorkflowTimedOut):
            handle.get_result(30)
        assert steps(sql) == ["hanging"]
        proxy.accept()
        wait_until(lambda: steps(sql) == ["hanging", "hanging ends"], 60)


def test_a_timeout_goes_on_counting_when_its_worker_dies(database, sql, client, end_leases):
    handle = client.enqueue("hanging", "w", timeout=3600)
    with WorkerProcess(database, define_hanging, **SLOW) as victim:
        wait_until(lambda: steps(sql) == ["hanging"])
        before = handle.get_status().deadline
        assert before is not None
        victim.kill()
        end_leases(victim.pid)
        with WorkerProcess(database, define_hanging, **SLOW):
            wait_until(lambda: steps(sql) == ["hanging", "hanging"], 30)
            after = handle.get_status()
            assert (after.deadline, after.attempts) == (before, 2)
            assert after.timeout == dt.timedelta(hours=1)
            pass_deadlines(sql)
            maintain(sql)
            with pytest.raises(WorkflowTimedOut):
                handle.get_result(30)
            wait_until(lambda: steps(sql) == ["hanging", "hanging", "hanging ends"], 30)
