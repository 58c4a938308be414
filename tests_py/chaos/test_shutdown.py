"""`perdure worker` is told to end: what runs may end in time, and what does not goes back at once."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from perdure import Client, Perdure
from tests_py.chaos.processes import WorkerProcess
from tests_py.chaos.workflows import define_gated
from tests_py.support import databases, wait_until, wait_until_async
from tests_py.support.patience import suspend_after

GATED = "select count(*) from public.audit where step = 'gated'"


@pytest.fixture
def client(database):
    with Client(database, poll_interval=0.1) as client:
        yield client


@pytest.fixture
def worker(database, sql) -> Iterator[subprocess.Popen]:
    """`perdure worker`, as a person starts it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "perdure", "worker", "tests_py.chaos.workflows:app"],
        cwd=databases.ROOT,
        env={**os.environ, "PERDURE_DATABASE_URL": database},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("kind", ["gated", "plain gated"])
def test_what_runs_may_end(worker, sql, client, how, kind):
    handle = client.enqueue(kind, "w", "gate")
    wait_until(lambda: sql(GATED) == [(1,)], 20)
    worker.send_signal(how)
    said = _until_it_knows(worker)
    # It claims nothing more ...
    wait_until(lambda: _stopped_claiming(client))
    assert worker.poll() is None
    assert handle.get_status().status == "PENDING"
    # ... and ends when the last one has.
    sql("insert into public.gates values ('gate')")
    assert worker.wait(20) == 0
    assert handle.get_result(1) == [worker.pid, worker.pid]
    assert sql("select * from executors") == []
    said += worker.stderr.read()
    assert "Traceback" not in said
    assert "is deregistered, 0 workflows went back" in said


@pytest.mark.parametrize("kind", ["two gated", "two plain gated"])
def test_a_workflow_goes_back_before_its_next_step(database, worker, sql, client, kind):
    handle = client.enqueue(kind, "w", "gate")
    wait_until(lambda: sql(GATED) == [(1,)], 20)
    worker.terminate()
    _until_it_knows(worker)
    wait_until(lambda: _stopped_claiming(client))
    # The step that runs may end, and is recorded.
    assert worker.poll() is None
    sql("insert into public.gates values ('gate')")
    assert worker.wait(20) == 0
    assert "is deregistered, 1 workflow went back" in worker.stderr.read()
    assert sql(GATED) == [(1,)]
    assert [step.output for step in client.list_steps(handle.workflow_id)] == [worker.pid]
    status = handle.get_status()
    assert (status.status, status.attempts) == ("ENQUEUED", 0)

    sql("insert into public.gates values ('second gate')")
    with WorkerProcess(database, define_gated) as heir:
        assert handle.get_result(20) == [worker.pid, heir.pid]
    assert sql(GATED) == [(2,)]


def _until_it_knows(worker: subprocess.Popen) -> str:
    """What it has said when it has been told to end: a signal may take its time."""
    said = ""
    while "shutting down" not in said:
        line = worker.stderr.readline()
        assert line, said
        said += line
    return said


def _stopped_claiming(client: Client) -> bool:
    """Whether nobody takes a new workflow for a while in which a worker would have polled ten times."""
    handle = client.enqueue("quick")
    try:
        handle.get_result(1.0)
    except TimeoutError:
        return True
    return False


def test_a_worker_that_has_nothing_to_do_ends_at_once(worker, sql, client):
    assert client.enqueue("quick").get_result(20) == worker.pid
    worker.terminate()
    assert worker.wait(10) == 0
    assert sql("select * from executors") == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("kind", ["gated", "plain gated"])
def test_a_second_signal_stops_at_once(worker, sql, client, how, kind):
    client.enqueue(kind, "w", "gate")
    wait_until(lambda: sql(GATED) == [(1,)], 20)
    worker.send_signal(how)
    said = _until_it_knows(worker)
    assert "waiting up to 30 s for 1 workflow; again to stop now" in said
    worker.send_signal(how)
    assert worker.wait(20) == 0
    said = worker.stderr.read()
    assert "Traceback" not in said
    assert "is deregistered, 1 workflow went back" in said
    assert sql("select status::text, attempts, executor_id from tasks") == [("ENQUEUED", 0, None)]


@pytest.mark.parametrize("kind", ["gated", "plain gated"])
def test_what_does_not_end_in_time_goes_back_and_is_not_counted(database, sql, client, kind):
    with WorkerProcess(database, define_gated, shutdown_timeout=0.05) as worker:
        handles = [client.enqueue(kind, f"w{n}", "gate", workflow_id=f"w{n}") for n in range(5)]
        client.enqueue("starter", "direct", "gate").get_result(20)
        handles.append(client.retrieve_workflow("direct"))
        wait_until(lambda: sql(GATED) == [(6,)])
        worker.terminate()
        assert worker.wait(10) == 0
    assert sql("select status::text, attempts, executor_id from tasks") == [("ENQUEUED", 0, None)] * 6
    assert sql("select * from executors") == []

    with WorkerProcess(database, define_gated) as heir:
        wait_until(lambda: sql(GATED) == [(12,)], 20)
        sql("insert into public.gates values ('gate')")
        for handle in handles:
            assert handle.get_result(20) == [worker.pid, heir.pid]
            assert handle.get_status().attempts == 1
    assert sql("select count(*) from public.audit where step = 'first'") == [(6,)]


def test_what_runs_on_while_an_app_shuts_down_may_use_all_of_it(database, sql, client):
    """Steps, children and results: the engine is there until the last workflow has ended."""
    app = Perdure(database, poll_interval=0.1)
    begun, go_on = threading.Event(), threading.Event()

    @app.step()
    async def step(n):
        return n

    @app.workflow(name="child")
    async def child(n):
        return await step(n)

    @app.workflow(name="parent")
    def parent():
        begun.set()
        go_on.wait(20)
        handle = app.start_workflow(child, 1)
        app.enqueue(child, 2)
        return [handle.get_result(), app.run_step(lambda: 3)]

    app.launch()
    handle = app.enqueue(parent)
    assert begun.wait(10)
    shutdown = threading.Thread(target=app.shutdown, args=[20.0])
    shutdown.start()
    wait_until(lambda: app._worker is None)
    go_on.set()
    shutdown.join(20)
    assert client.retrieve_workflow(handle.workflow_id).get_result(5) == [1, 3]
    assert sql("select status::text from tasks") == [("ENQUEUED",)]


class Stopping:
    """An app that is stopped, and hands back, while a workflow is where a test wants it."""

    def __init__(self, database: str, **options: Any) -> None:
        self.app = Perdure(database, poll_interval=0.1, **options)
        self.begun, self.gates = threading.Event(), {name: threading.Event() for name in "ab"}
        self.taken: list[str] = []

    def step(self, name: str, **options: Any) -> Any:
        """A step that waits for the gate of its name, if there is one."""

        @self.app.step(name=name, **options)
        async def step() -> str:
            self.taken.append(name)
            self.begun.set()
            if name in self.gates:
                await wait_until_async(self.gates[name].is_set, 20)
            return name

        return step

    def stop(self) -> threading.Thread:
        """Begins to stop, when the first step has begun."""
        assert self.begun.wait(20)
        worker = self.app._worker
        assert worker is not None
        decide, decided = worker._has_heirs, threading.Event()

        async def decide_and_tell() -> bool:
            try:
                return await decide()
            finally:
                # After what follows from it.
                self.app._loop.call_soon(decided.set)

        worker._has_heirs = decide_and_tell
        stopping = threading.Thread(target=lambda: self.app.shutdown(20, hand_back=True))
        stopping.start()
        assert decided.wait(20)
        return stopping


@pytest.mark.parametrize(
    ("executors", "goes_back"),
    [
        ([], False),
        (["app_version => '2'"], False),
        (["app_version => '1', application => 'other'"], False),
        (["app_version => '1'"], True),
        (["app_version => null"], True),
    ],
)
def test_work_of_a_version_goes_back_if_another_executor_can_take_it(
    database, sql, client, executors, goes_back
):
    stopping = Stopping(database, app_version="1")
    a, last = stopping.step("a"), stopping.step("last")

    @stopping.app.workflow(name="versioned")
    async def versioned():
        return [await a(), await last()]

    for which in executors:
        sql(f"select register_executor('heir', '1 hour', {which})")
    with stopping.app:
        handle = client.enqueue("versioned", app_version="1")
        thread = stopping.stop()
        stopping.gates["a"].set()
        thread.join(20)
    assert stopping.taken == (["a"] if goes_back else ["a", "last"])
    assert handle.get_status().status == ("ENQUEUED" if goes_back else "SUCCESS")


def test_steps_that_run_side_by_side_are_recorded_before_it_goes_back(database, client):
    stopping = Stopping(database)
    a, b, after, last = (stopping.step(name) for name in ("a", "b", "after", "last"))

    @stopping.app.workflow(name="branches")
    async def branches():
        async def branch():
            await a()
            return await after()

        return [*await asyncio.gather(branch(), b()), await last()]

    with stopping.app:
        handle = client.enqueue("branches")
        thread = stopping.stop()
        stopping.gates["a"].set()
        wait_until(lambda: len(client.list_steps(handle.workflow_id)) == 2)
        stopping.gates["b"].set()
        thread.join(20)
    assert stopping.taken == ["a", "b", "after"]
    assert [step.output for step in client.list_steps(handle.workflow_id)] == ["a", "b", "after"]
    assert handle.get_status().status == "ENQUEUED"


def test_what_waits_is_put_down_when_its_worker_stops(database, client, caplog, monkeypatch):
    suspend_after(monkeypatch, 1000.0)
    stopping = Stopping(database)

    @stopping.app.workflow(name="waits")
    async def waits():
        stopping.begun.set()
        return await stopping.app.recv_async("topic", timeout=None)

    with stopping.app:
        handle = client.enqueue("waits")
        wait_until(lambda: client.list_steps(handle.workflow_id) or _is_waiting(stopping.app))
        stopping.stop().join(20)
    assert "did not end in time" not in caplog.text
    assert handle.get_status().status == "PENDING"


def _is_waiting(app: Perdure) -> bool:
    return app._core is not None and any(run.waiting for run in app._core.runs)


def test_the_next_attempt_of_a_step_is_left_to_others(database, client):
    stopping = Stopping(database)
    attempts = []

    @stopping.app.step(retries=5, interval=0.5)
    async def fails():
        attempts.append(1)
        stopping.begun.set()
        await wait_until_async(stopping.gates["a"].is_set, 20)
        raise ValueError("down")

    @stopping.app.workflow(name="retried")
    async def retried():
        await fails()

    with stopping.app:
        handle = client.enqueue("retried")
        thread = stopping.stop()
        stopping.gates["a"].set()
        thread.join(20)
    assert len(attempts) == 1
    assert handle.get_status().status == "ENQUEUED"


def test_what_is_not_suspendable_and_what_a_caller_waits_for_may_end(database, client):
    stopping = Stopping(database)
    a, last = stopping.step("a"), stopping.step("last")

    def b() -> str:
        stopping.taken.append("b")
        assert stopping.gates["b"].wait(20)
        return "b"

    @stopping.app.workflow(name="stays", suspendable=False)
    async def stays():
        return [await a(), await last()]

    @stopping.app.workflow(name="called")
    def called():
        return [stopping.app.run_step(b), stopping.app.run_step(lambda: "last")]

    found = []
    with stopping.app:
        handle = client.enqueue("stays")
        caller = threading.Thread(target=lambda: found.append(called()))
        caller.start()
        wait_until(lambda: sorted(stopping.taken) == ["a", "b"])
        thread = stopping.stop()
        for gate in stopping.gates.values():
            gate.set()
        thread.join(20)
        caller.join(20)
    assert found == [["b", "last"]]
    assert handle.get_result(1) == ["a", "last"]


def test_who_interrupts_a_program_is_told_what_it_waits_for(database, client, caplog):
    app = Perdure(database, poll_interval=0.1)
    begun, go_on = threading.Event(), threading.Event()

    @app.workflow(name="waits")
    def waits():
        begun.set()
        assert go_on.wait(20)
        return 1

    told = threading.Thread(
        target=lambda: (wait_until(lambda: "waiting up to 30 s for 1 workflow" in caplog.text), go_on.set())
    )

    def program():
        with app:
            app.start_workflow(waits, workflow_id="waits")
            assert begun.wait(20)
            told.start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        program()
    told.join(20)
    # At the level that Python shows without any logging set up.
    assert [r.levelname for r in caplog.records if "shutting down" in r.message] == ["WARNING"]
    assert client.retrieve_workflow("waits").get_result(5) == 1


def test_a_shutdown_without_a_database_ends_all_the_same(proxy):
    app = Perdure(proxy.url)
    app.workflow(name="w")(lambda: 1)
    app.launch()
    proxy.refuse()
    shutdown = threading.Thread(target=app.shutdown, args=[0.1])
    shutdown.start()
    shutdown.join(20)
    assert not shutdown.is_alive()


def test_an_app_that_is_wrong_is_said_in_one_line(database):
    for path, message in {
        "no_such_module:app": "there is no module 'no_such_module'",
        "tests_py.chaos.workflows:nothing": "not a Perdure app",
        "tests_py.chaos.workflows": "write MODULE:APP",
    }.items():
        done = subprocess.run(
            [sys.executable, "-m", "perdure", "worker", path],
            cwd=databases.ROOT,
            env={**os.environ, "PERDURE_DATABASE_URL": database},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr
