"""Workers that die, freeze, or know less than others: their work is taken over, and no write of theirs
counts afterwards."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import Client, MaxRecoveryAttemptsExceeded, Perdure, StepRetriesExceeded
from tests_py.chaos.processes import WorkerProcess
from tests_py.chaos.workflows import define_deadly, define_flaky, define_gated, define_nothing
from tests_py.support import wait_until

REGISTERED = "select executor_id from executors where name = %s and not lapsed"


@pytest.fixture
def client(database):
    with Client(database, poll_interval=0.1) as client:
        yield client


RETRY_AT = "select retry_at from steps where attempts = %s and retry_at is not null"


def runs(sql, workflow_id: str, step: str) -> list[int]:
    """The processes that ran the code of a step, in order."""
    return [
        pid
        for (pid,) in sql(
            "select pid from public.audit where (workflow_id, step) = (%s, %s) order by id", workflow_id, step
        )
    ]


def open_gate(sql, name: str) -> None:
    sql("insert into public.gates values (%s)", name)


# -------------------------------------------------------------------------------------------- frozen


@pytest.mark.parametrize("kind", ["gated", "plain gated"])
def test_a_frozen_worker_is_taken_over_and_comes_back_as_another(
    database, sql, client, end_leases, tmp_path, kind
):
    log = tmp_path / "log"
    with WorkerProcess(database, define_gated, lease=3600.0, log=log) as frozen:
        client.enqueue(kind, "w", "gate", workflow_id="w")
        wait_until(lambda: runs(sql, "w", "gated") == [frozen.pid])
        ((executor,),) = sql(REGISTERED, f"worker-{frozen.pid}")
        frozen.freeze()
        end_leases(frozen.pid)

        with WorkerProcess(database, define_gated, lease=3600.0) as heir:
            wait_until(lambda: runs(sql, "w", "gated") == [frozen.pid, heir.pid], 20)
            frozen.thaw()
            # It learns of its loss by its heartbeat or its next claim, and registers anew.
            ((successor,),) = wait_until(lambda: sql(REGISTERED, f"worker-{frozen.pid}"), 20)
            assert successor != executor
            wait_until(lambda: "lease of executor" in log.read_text())

            # Both run the step to its end; only the heir's write counts.
            open_gate(sql, "gate")
            assert client.retrieve_workflow("w").get_result(20) == [frozen.pid, heir.pid]
            assert runs(sql, "w", "first") == [frozen.pid]
            assert client.list_steps("w")[1].output == heir.pid
            assert client.get_workflow("w").attempts == 2
            assert client.get_workflow("w").executor == f"worker-{heir.pid}"

            heir.kill()
            assert client.enqueue("quick").get_result(20) == frozen.pid
            assert frozen.is_alive
            wait_until(lambda: "is not run on here: the lease of this executor was lost" in log.read_text())


def test_the_writes_of_a_frozen_worker_are_refused(database, sql, client, tmp_path):
    """Frozen in the middle of a step whose end it will try to record, before it hears of its lease."""
    log = tmp_path / "log"
    client.enqueue("gated", "w", "gate", workflow_id="w")
    with WorkerProcess(
        database, define_gated, lease=3600.0, poll_interval=600.0, listen=False, log=log
    ) as frozen:
        wait_until(lambda: runs(sql, "w", "gated") == [frozen.pid])
        frozen.freeze()
        sql("update executors set lease_until = '2000-01-01'")
        with WorkerProcess(database, define_gated, lease=3600.0) as heir:
            wait_until(lambda: runs(sql, "w", "gated") == [frozen.pid, heir.pid], 20)
            heir.freeze()
            open_gate(sql, "gate")
            frozen.thaw()
            wait_until(lambda: "is not run on here" in log.read_text(), 20)
            assert runs(sql, "w", "gated ends") == [frozen.pid]
            assert [step.name for step in client.list_steps("w")] == ["first"]
            assert client.get_workflow("w").status == "PENDING"
            heir.thaw()
            assert client.retrieve_workflow("w").get_result(20) == [frozen.pid, heir.pid]


def test_the_result_of_a_frozen_worker_is_refused(database, sql, client, tmp_path):
    """As before, but it is frozen after its last step, in the code of the workflow."""
    log = tmp_path / "log"
    client.enqueue("gated end", "w", "gate", workflow_id="w")
    with WorkerProcess(
        database, define_gated, lease=3600.0, poll_interval=600.0, listen=False, log=log
    ) as frozen:
        wait_until(lambda: runs(sql, "w", "end") == [frozen.pid])
        frozen.freeze()
        sql("update executors set lease_until = '2000-01-01'")
        with WorkerProcess(database, define_gated, lease=3600.0) as heir:
            wait_until(lambda: runs(sql, "w", "end") == [frozen.pid, heir.pid], 20)
            heir.freeze()
            open_gate(sql, "gate")
            frozen.thaw()
            wait_until(lambda: "lease lost before its end" in log.read_text(), 20)
            assert client.get_workflow("w").status == "PENDING"
            heir.thaw()
            assert client.retrieve_workflow("w").get_result(20) == [frozen.pid, heir.pid]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_direct_call_that_has_lost_its_lease_returns_what_its_heir_makes(database, sql, kind):
    app = Perdure(database, poll_interval=0.1)
    runs_here, begun, go_on = [], threading.Event(), threading.Event()

    @app.step(name="step")
    def step() -> str:
        number = len(runs_here) + 1
        runs_here.append(number)
        begun.set()
        if number == 1:
            assert go_on.wait(20)
        return f"run {number}"

    @app.workflow(name="sync")
    def plain() -> str:
        return step()

    @app.workflow(name="async")
    async def workflow() -> str:
        return await asyncio.to_thread(step)

    with app, ThreadPoolExecutor(1) as threads:
        call = threads.submit(plain if kind == "sync" else lambda: asyncio.run(workflow()))
        assert begun.wait(20)
        sql("update executors set lease_until = '2000-01-01'")
        # Maintenance passes over an executor that claims at that moment.
        wait_until(
            lambda: (
                sql("select run_maintenance()") and sql("select status::text from outcomes") == [("SUCCESS",)]
            ),
            20,
        )
        go_on.set()
        assert call.result(20) == "run 2"
        assert sql("select count(*) from tasks") == [(0,)]


# ---------------------------------------------------------------------------------------------- dead


def test_the_work_of_the_dead_is_taken_over_within_a_lease(database, sql, client):
    """No row is touched by the test: the lease ends by itself."""
    # It renews its lease three times in that span, also on a machine that stands still now and then.
    with WorkerProcess(database, define_gated, lease=5.0) as victim:
        client.enqueue("gated", "w", "gate", workflow_id="w")
        wait_until(lambda: runs(sql, "w", "gated") == [victim.pid])
        with WorkerProcess(database, define_gated, lease=3600.0) as heir:
            wait_until(lambda: sql(REGISTERED, f"worker-{heir.pid}"))
            victim.kill()
            wait_until(lambda: len(runs(sql, "w", "gated")) == 2, 20)
            open_gate(sql, "gate")
            assert client.retrieve_workflow("w").get_result(20) == [victim.pid, heir.pid]
            assert not sql("select 1 from executors where name = %s", f"worker-{victim.pid}")


def test_a_retry_is_counted_and_its_moment_is_kept_when_its_worker_dies(database, sql, client, end_leases):
    heirs: list[WorkerProcess] = []
    try:
        client.enqueue("flaky", "w", workflow_id="w")
        moments = []
        for attempt in (1, 2):
            worker = WorkerProcess(database, define_flaky, lease=3600.0)
            heirs.append(worker)
            ((retry_at,),) = wait_until(lambda attempt=attempt: sql(RETRY_AT, attempt), 20)
            moments.append(retry_at)
            worker.kill()
            end_leases(worker.pid)
        heirs.append(WorkerProcess(database, define_flaky, lease=3600.0))
        with pytest.raises(StepRetriesExceeded) as raised:
            client.retrieve_workflow("w").get_result(30)
    finally:
        for worker in heirs:
            worker.kill()
    assert runs(sql, "w", "flaky") == [worker.pid for worker in heirs]
    assert [str(e) for e in raised.value.errors] == [f"in process {worker.pid}" for worker in heirs]
    times = [at for (at,) in sql("select at from public.audit where step = 'flaky' order by id")]
    assert times[1] >= moments[0]
    assert times[2] >= moments[1]


def test_a_workflow_that_kills_its_workers_is_dead_lettered(database, sql, client, end_leases):
    sql("""select enqueue('deadly', '["w"]', workflow_id => 'w', max_recovery_attempts => 2)""")
    for attempt in (1, 2, 3):
        with WorkerProcess(database, define_deadly, lease=3600.0) as worker:
            assert worker.wait() == 7
            assert runs(sql, "w", "deadly")[-1] == worker.pid
            assert client.get_workflow("w").attempts == attempt
            assert client.get_workflow("w").status == "PENDING"
        end_leases(worker.pid)
    with WorkerProcess(database, define_deadly, lease=3600.0) as worker:
        with pytest.raises(MaxRecoveryAttemptsExceeded, match="died 3 times"):
            client.retrieve_workflow("w").get_result(20)
        assert client.enqueue("quick").get_result(20) == worker.pid
    assert len(runs(sql, "w", "deadly")) == 3
    assert client.get_workflow("w").status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"


# ------------------------------------------------------------------------------------------- unknown


def test_a_workflow_that_a_worker_does_not_know_is_left_to_one_that_does(database, sql, client, tmp_path):
    log = tmp_path / "log"
    with WorkerProcess(database, define_nothing, log=log) as ignorant:
        handles = [client.enqueue("quick") for _ in range(5)]

        def have_been_claimed(times: int) -> bool:
            # Their moment comes again at once.
            sql("update tasks set wake_at = clock_timestamp() where wake_at is not null")
            return sql("select last_value >= %s from claim_tokens", 5 * times) == [(True,)]

        wait_until(lambda: have_been_claimed(4), 30)
        assert log.read_text().count("knows no workflow named 'quick'") == 1
        assert log.read_text().count("WARNING") == 1

        with WorkerProcess(database, define_gated) as knowing:

            def ended() -> bool:
                return have_been_claimed(0) and sql("select count(*) from outcomes") == [(5,)]

            wait_until(ended, 30)
            assert [handle.get_result(5) for handle in handles] == [knowing.pid] * 5
            assert {handle.get_status().attempts for handle in handles} == {1}
        assert ignorant.is_alive
