"""Cancelling, resuming and forking from Python: by programs, and by workflows."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import (
    InvalidArgument,
    MaxRecoveryAttemptsExceeded,
    QueueNotFound,
    WorkflowCancelled,
    WorkflowIdConflict,
    WorkflowNotFound,
)
from tests_py.integration.quiet import idle_when_launched
from tests_py.support import wait_until

from .replay import Twice

SLOW = {"lease": 86400.0, "poll_interval": 3600.0}


@pytest.fixture
def slow_app(new_app, sql):
    """Nothing is polled: what happens is told by the database."""
    return idle_when_launched(new_app(**SLOW), sql)


@pytest.mark.parametrize("kind", ["call", "start", "enqueue"])
def test_code_stops_at_its_next_checkpoint_and_does_not_catch_it(slow_app, sql, kind):
    began, go_on, ends = threading.Event(), threading.Event(), []

    @slow_app.step()
    def first():
        began.set()
        go_on.wait(20)

    @slow_app.step()
    def second():
        ends.append("second")

    @slow_app.workflow(name="w")
    def w():
        try:
            first()
        except Exception:
            ends.append("caught")
        finally:
            ends.append("finally")
        second()

    slow_app.launch()
    with ThreadPoolExecutor(1) as threads:
        if kind == "call":
            waiting = threads.submit(w)
        elif kind == "start":
            waiting = threads.submit(slow_app.start_workflow(w).get_result)
        else:
            waiting = threads.submit(slow_app.enqueue(w).get_result)
        assert began.wait(10)
        ((workflow_id,),) = sql("select workflow_id from workflows")
        assert slow_app.cancel(workflow_id)
        go_on.set()
        with pytest.raises(WorkflowCancelled, match="the workflow was cancelled"):
            waiting.result(20)
    wait_until(lambda: not slow_app._core.runs)
    assert ends == ["finally"]
    assert not slow_app.cancel(workflow_id)
    assert sql("select count(*) from steps") == [(0,)]


@pytest.mark.parametrize("wait", ["sleep", "recv", "child", "preemptible", "event"])
def test_waits_and_preemptible_steps_stop_at_once(slow_app, wait):
    began, stopped = threading.Event(), threading.Event()

    @slow_app.step(preemptible=True)
    async def hang():
        await asyncio.Event().wait()

    @slow_app.workflow(suspendable=False)
    async def child():
        await slow_app.recv_async(timeout=None)

    @slow_app.workflow(name="w", suspendable=False)
    async def w():
        handle = await slow_app.enqueue_async(child)
        began.set()
        try:
            if wait == "sleep":
                await slow_app.sleep_async(86400)
            elif wait == "recv":
                await slow_app.recv_async(timeout=None)
            elif wait == "child":
                await handle.get_result_async()
            elif wait == "event":
                await slow_app.get_event_async(handle.workflow_id, "e", timeout=None)
            else:
                await hang()
        finally:
            stopped.set()

    slow_app.launch()
    handle = slow_app.enqueue(w)
    assert began.wait(10)
    assert handle.cancel(children=True)
    assert stopped.wait(10)
    with pytest.raises(WorkflowCancelled):
        handle.get_result(10)
    wait_until(lambda: not slow_app._core.runs)


def test_a_cancel_that_is_told_before_the_claim_is_answered_is_not_missed(slow_app, client):
    app = slow_app
    began, stopped, heard = threading.Event(), threading.Event(), threading.Event()

    @app.step(preemptible=True)
    async def hang():
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    @app.workflow(name="w", suspendable=False)
    async def w():
        await hang()

    app.launch()
    wait_until(lambda: app._notices.listening)
    told, claim = app._worker.cancelled, app._engine.claim

    def listen(workflow_id):
        told(workflow_id)
        if workflow_id == "w":
            heard.set()

    async def slow_claim(*args):
        found = await claim(*args)
        if found:
            assert await asyncio.to_thread(client.cancel, "w")
            assert await asyncio.to_thread(heard.wait, 10)
        return found

    app._worker.cancelled, app._engine.claim = listen, slow_claim
    client.enqueue("w", workflow_id="w")
    assert began.wait(10)
    assert stopped.wait(10)


def test_a_cancelled_workflow_goes_on_when_it_is_resumed(app, sql):
    ran = []
    ready = threading.Event()

    @app.step()
    def first():
        ran.append("first")
        return 1

    @app.workflow(name="w")
    def w(x):
        one = first()
        ready.set()
        return x + one + app.recv(timeout=None)

    app.launch()
    handle = app.enqueue(w, 10)
    assert ready.wait(10)
    assert handle.cancel()
    with pytest.raises(WorkflowCancelled):
        handle.get_result(10)
    app.send(handle.workflow_id, 100)
    assert handle.resume()
    assert handle.get_result(20) == 111
    assert ran == ["first"]
    assert not handle.resume()
    assert handle.get_status().attempts == 1


def test_what_was_resumed_runs_beside_the_step_that_has_not_stopped_yet(app, sql):
    """The old run's step ends later, and what it returns is not recorded."""
    began, go_on, returned = threading.Event(), threading.Event(), []

    @app.step()
    def slow():
        first = not began.is_set()
        began.set()
        if first:
            go_on.wait(20)
        returned.append("old" if first else "new")
        return returned[-1]

    @app.step()
    def then(value):
        returned.append(f"then {value}")
        return value

    @app.workflow(name="w")
    def w():
        return then(slow())

    app.launch()
    handle = app.enqueue(w)
    assert began.wait(10)
    assert handle.cancel()
    assert handle.resume()
    assert handle.get_result(20) == "new"
    go_on.set()
    wait_until(lambda: not app._core.runs)
    assert returned == ["new", "then new", "old"]
    assert sql("select output::text from list_steps(%s)", handle.workflow_id) == [('"new"',)] * 2


def test_a_parent_learns_that_its_child_was_cancelled(app):
    @app.workflow(name="child", suspendable=False)
    def child():
        app.recv(timeout=None)

    ids = []

    @app.workflow(name="parent")
    def parent():
        handle = app.enqueue(child)
        ids.append(handle.workflow_id)
        try:
            handle.get_result()
        except WorkflowCancelled:
            return "it was cancelled"

    app.launch()
    handle = app.enqueue(parent)
    wait_until(lambda: ids)
    assert app.cancel(ids[0])
    assert handle.get_result(20) == "it was cancelled"


def test_a_dead_letter_is_resumed(app, sql):
    @app.workflow(name="w", max_recovery_attempts=0)
    def w():
        return 7

    handle = app.enqueue(w, delay=3600)
    sql("update tasks set status = 'PENDING', wake_at = null, executor_id = 0, token = 0, attempts = 1")
    sql(
        "insert into executors (executor_id, name, lease, lease_until, registered_at) overriding system value"
        " values (0, 'dead', '1 s', now() - interval '1 hour', now())"
    )
    sql("select run_maintenance()")
    with pytest.raises(MaxRecoveryAttemptsExceeded):
        handle.get_result(10)
    assert handle.resume()
    app.launch()
    assert handle.get_result(10) == 7


def test_a_fork_of_a_fork_of_a_cancelled_parent_with_streams_and_children(app):
    ran = []
    ready = threading.Event()

    @app.step(name="work")
    def work(n):
        ran.append(n)
        return n

    @app.workflow(name="child")
    def child(n):
        return n * 10

    @app.workflow(name="parent")
    def parent(n):
        app.write_stream("s", "begin")  # 1
        found = [app.start_workflow(child, n + i) for i in range(2)]  # 2, 3
        results = [handle.get_result() for handle in found]  # 4, 5
        app.set_event("results", results)  # 6
        app.write_stream("s", results)  # 7
        ready.set()
        answer = app.recv(timeout=None)  # 8
        app.write_stream("s", work(answer))  # 9, 10
        app.close_stream("s")  # 11
        return [results, answer]

    app.launch()
    original = app.start_workflow(parent, 1)
    assert ready.wait(10)
    original.cancel(children=True)
    with pytest.raises(WorkflowCancelled):
        original.get_result(10)

    first = original.fork(from_last="step")
    app.send(first.workflow_id, 5)
    assert first.get_result(20) == [[10, 20], 5]
    assert list(app.read_stream(first.workflow_id, "s")) == ["begin", [10, 20], 5]

    again = first.fork(from_name="work")
    assert again.get_result(20) == [[10, 20], 5]
    assert list(app.read_stream(again.workflow_id, "s")) == ["begin", [10, 20], 5]
    assert app.get_all_events(again.workflow_id) == {"results": [10, 20]}

    other = app.enqueue(child, 9)
    assert other.get_result(20) == 90
    ids = [
        step.child_id for step in again.get_status() and app.list_steps(again.workflow_id) if step.child_id
    ]
    assert ids == [f"{original.workflow_id}-2", f"{original.workflow_id}-3"]
    replaced = again.fork(4, children={ids[1]: other.workflow_id})
    app.send(replaced.workflow_id, 6)
    assert replaced.get_result(20) == [[10, 90], 6]
    assert list(app.read_stream(original.workflow_id, "s")) == ["begin", [10, 20]]
    assert ran == [5, 5, 6]


def test_a_fork_from_the_last_failure_runs_the_step_again(app):
    broken = [True]

    @app.step()
    def good():
        return 1

    @app.step()
    def bad():
        if broken[0]:
            raise ValueError("broken")
        return 2

    @app.workflow(name="w")
    def w():
        return good() + bad()

    app.launch()
    handle = app.enqueue(w)
    with pytest.raises(ValueError, match="broken"):
        handle.get_result(10)
    broken[0] = False
    assert not handle.resume()
    forks = app.fork_many([handle.workflow_id] * 2, from_last="failure")
    assert [fork.get_result(10) for fork in forks] == [3, 3]


def test_a_workflow_manages_others_once(app, sql):
    @app.workflow(name="other")
    def other():
        return 1

    victim = app.enqueue(other, delay=3600)

    async def body():
        found = [
            await app.cancel_async(victim.workflow_id),
            await app.cancel_many_async([victim.workflow_id], children=True),
            await app.resume_many_async([victim.workflow_id], queue="default"),
            await app.resume_async(victim.workflow_id),
        ]
        forks = await app.fork_many_async([victim.workflow_id] * 2)
        one = await app.fork_async(victim.workflow_id, priority=3)
        return [*found, *(fork.workflow_id for fork in forks), one.workflow_id]

    twice = Twice(app, body)
    handle = app.enqueue(twice.workflow)
    app.launch()
    handle.get_result(20)
    w = handle.workflow_id
    assert twice.seen[0] == twice.seen[1]
    assert twice.seen[0] == [
        True,
        {victim.workflow_id: "ended before"},
        {victim.workflow_id: "resumed"},
        twice.seen[0][3],
        f"{w}-5-1",
        f"{w}-5-2",
        f"{w}-6",
    ]
    names = [name for (name,) in sql("select name from list_steps(%s)", w)]
    assert names == ["perdure.cancel"] * 2 + ["perdure.resume"] * 2 + ["perdure.fork"] * 2
    assert sql("select count(*) from workflows where forked_from = %s", victim.workflow_id) == [(3,)]


def test_a_workflow_may_cancel_itself(app):
    ends = []

    @app.step()
    def after():
        ends.append("never")

    @app.workflow(name="w")
    def w():
        app.cancel("w")
        try:
            after()
        except Exception:
            ends.append("caught")

    app.launch()
    with pytest.raises(WorkflowCancelled):
        app.enqueue(w, workflow_id="w").get_result(10)
    wait_until(lambda: not app._core.runs)
    assert ends == []


async def test_handles_have_async_twins(new_app):
    async with new_app() as app:

        @app.workflow(name="w")
        async def w():
            return 1

        handle = await app.enqueue_async(w, delay=3600)
        assert await handle.cancel_async()
        assert await handle.resume_async()
        assert await handle.get_result_async(10) == 1
        fork = await handle.fork_async(new_workflow_id="f")
        assert fork.workflow_id == "f"
        assert await fork.get_result_async(10) == 1
        assert (await handle.fork_async(new_workflow_id="f")).workflow_id == "f"


def test_bad_calls_are_told(client):
    handle = client.enqueue("w", workflow_id="w")
    for call in (client.cancel, client.resume, client.fork):
        with pytest.raises(WorkflowNotFound):
            call("none")
        with pytest.raises(InvalidArgument):
            call(7)
    with pytest.raises(InvalidArgument, match="list of ids"):
        client.cancel_many("w")
    with pytest.raises(QueueNotFound):
        client.resume("w", queue="none")
    with pytest.raises(QueueNotFound):
        client.fork("w", queue="none")
    with pytest.raises(InvalidArgument, match="cannot be forked from step 2"):
        client.fork("w", 2)
    with pytest.raises(InvalidArgument):
        client.fork("w", 0)
    with pytest.raises(InvalidArgument, match="has no step named"):
        handle.fork(from_name="x")
    client.enqueue("w", workflow_id="v")
    with pytest.raises(WorkflowIdConflict):
        handle.fork(new_workflow_id="v")
    with pytest.raises(InvalidArgument, match="elements"):
        client.fork_many(["w"], new_workflow_ids=["a", "b"])
    assert client.cancel_many([]) == client.resume_many([]) == {}
    assert client.fork_many([]) == []
