"""What a workflow costs on the wire."""

import asyncio
import threading

import pytest

from perdure import Client, _client
from perdure._engine.looking import LookingFunctions
from perdure._engine.workers import WorkerFunctions
from perdure._results import FirstLook
from tests_py.integration.quiet import is_settled
from tests_py.integration.replay import interrupt
from tests_py.support import wait_until


def launch(app, proxy, sql):
    """Launches, and waits until the first claim has been answered, and the first maintenance."""
    app.launch()
    wait_until(lambda: sql("select 1 from queues where listening_until is not null"))
    wait_until(lambda: is_settled(app, proxy))


@pytest.mark.parametrize("steps", [0, 1, 5])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_direct_workflow_costs_its_start_its_steps_and_its_end(quiet_app, proxy, sql, kind, steps):
    app = quiet_app
    if kind == "sync":

        @app.step()
        def step(n):
            return n

        @app.workflow()
        def workflow():
            return [step(n) for n in range(steps)]

        call = workflow
    else:

        @app.step()
        async def step(n):
            return n

        @app.workflow()
        async def workflow():
            return [await step(n) for n in range(steps)]

        def call():
            return asyncio.run(workflow())

    launch(app, proxy, sql)
    for _ in range(3):  # preparing a statement is a round trip of its own, once for each connection
        call()
    proxy.reset()
    assert call() == list(range(steps))
    assert proxy.requests <= steps + 2


def test_steps_that_end_at_once_share_a_round_trip(quiet_app, proxy, sql):
    app = quiet_app

    @app.step()
    async def step(n):
        return n

    @app.workflow()
    async def workflow():
        return await asyncio.gather(*(step(n) for n in range(50)))

    launch(app, proxy, sql)
    for _ in range(3):
        app.start_workflow(workflow).get_result(10)
    proxy.reset()
    assert app.start_workflow(workflow).get_result(10) == list(range(50))
    assert proxy.requests <= 6


def test_queued_workflows_share_their_round_trips(quiet_app, proxy, sql):
    app = quiet_app

    @app.step()
    async def step(n):
        return n

    @app.workflow()
    async def workflow(n):
        return await step(n)

    app.enqueue_many(workflow, [(n,) for n in range(100)])
    proxy.reset()
    app.launch()
    wait_until(lambda: sql("select count(*) from outcomes where status = 'SUCCESS'") == [(100,)])
    assert proxy.requests <= 30


def test_results_that_are_waited_for_together_share_a_round_trip(quiet_app, proxy, sql):
    app = quiet_app

    @app.workflow()
    async def workflow(n):
        return n

    def all_wait(link):
        wait_until(lambda: all(app._results.is_awaited(handle.workflow_id) for handle in handles))

    async def results(handles):
        return await asyncio.gather(*(handle.get_result_async(10) for handle in handles))

    handles = app.enqueue_many(workflow, [(n,) for n in range(100)])
    app.launch()
    wait_until(lambda: sql("select count(*) from outcomes") == [(100,)])
    wait_until(lambda: is_settled(app, proxy))
    proxy.reset()
    # However slowly they come one after the other: the first is answered when all are there.
    proxy.before_reply(1, all_wait)
    assert asyncio.run(results(handles)) == list(range(100))
    assert proxy.requests <= 5


def test_a_replay_asks_nothing_before_its_first_new_step(quiet_app, proxy, sql):
    app = quiet_app
    seen = []

    @app.step()
    async def step(n):
        return n

    @app.workflow()
    async def workflow():
        before = proxy.requests
        found = [await step(n) for n in range(10)]
        seen.append(proxy.requests - before)
        if len(seen) == 1:
            await interrupt()
        return found

    launch(app, proxy, sql)
    handle = app.enqueue(workflow)
    app._loop.call_soon(app._worker.notice, "")
    wait_until(lambda: len(seen) > 0)
    app._loop.call_soon(app._worker.notice, "")
    assert handle.get_result(10) == list(range(10))
    assert seen[0] >= 10
    assert seen[1] <= 2  # the question for the result, which may come at any time, is not the replay's


def test_an_idle_worker_costs_one_call_a_poll(proxy, new_app, sql):
    app = new_app(proxy.url, listen=False, poll_interval=0.05, lease=86400.0)
    for n in range(30):
        app.register_queue(f"queue {n}")
    app.launch()
    wait_until(lambda: proxy.requests > 20)
    ((before,),) = sql("select clock_timestamp()")
    start = proxy.requests
    wait_until(lambda: proxy.requests - start >= 40, timeout=30)
    ((seconds,),) = sql("select extract(epoch from clock_timestamp() - %s)::float8", before)
    assert seconds >= 40 * 0.05 * 0.7


@pytest.mark.parametrize(("concurrency", "most"), [(10, 10), (19, 19), (40, 20)])
def test_a_large_worker_claims_no_more_than_half_of_what_it_runs_at_once(
    new_app, sql, monkeypatch, concurrency, most
):
    """So the halves are at different places, and database and interpreter work at the same time."""
    asked = []
    claim = WorkerFunctions.claim

    async def recorded(engine, executor_id, queues, max_workflows, poll_interval):
        asked.append(max_workflows)
        return await claim(engine, executor_id, queues, max_workflows, poll_interval)

    monkeypatch.setattr(WorkerFunctions, "claim", recorded)
    app = new_app(concurrency=concurrency)

    @app.workflow()
    async def workflow(n):
        return n

    app.enqueue_many(workflow, [(n,) for n in range(100)])
    app.launch()
    wait_until(lambda: sql("select count(*) from outcomes where status = 'SUCCESS'") == [(100,)])
    assert max(asked) == most


@pytest.mark.parametrize(("kind", "most"), [("async", 250), ("sync", 100)])
def test_short_workflows_that_need_no_threads_are_claimed_in_larger_batches(
    new_app, sql, monkeypatch, kind, most
):
    asked = []
    claim = WorkerFunctions.claim

    async def recorded(engine, executor_id, queues, max_workflows, poll_interval):
        asked.append(max_workflows)
        return await claim(engine, executor_id, queues, max_workflows, poll_interval)

    monkeypatch.setattr(WorkerFunctions, "claim", recorded)
    # However slow this machine is.
    monkeypatch.setattr("perdure._room._SHORT", 600.0)
    app = new_app()

    async def as_task():
        pass

    def in_thread():
        pass

    workflow = app.workflow()(as_task if kind == "async" else in_thread)
    app.enqueue_many(workflow, [()] * 3000)
    app.launch()
    wait_until(lambda: sql("select count(*) from outcomes where status = 'SUCCESS'") == [(3000,)], 60)
    assert (asked[0], max(asked)) == (100, most)


@pytest.mark.parametrize("ends", ["before the look", "after the look"])
def test_a_thread_that_waits_for_what_it_has_enqueued_looks_once_from_there(
    proxy, new_app, sql, monkeypatch, ends
):
    """Without the loop, and without asking to be told of the end, as most have ended by then."""
    worker = new_app()
    release = threading.Event()

    @worker.workflow(name="workflow")
    def workflow():
        release.wait(30)
        return 1

    asked = []
    get_results = LookingFunctions.get_results

    async def recorded(engine, workflow_ids, *, watch, **options):
        asked.append(watch)
        if ends == "after the look" and watch:
            release.set()
        return await get_results(engine, workflow_ids, watch=watch, **options)

    async def pause(seconds):
        assert 0 < seconds < 0.01
        if ends == "before the look":
            release.set()
            wait_until(lambda: sql("select 1 from outcomes"))

    monkeypatch.setattr(LookingFunctions, "get_results", recorded)
    monkeypatch.setattr(_client, "pause", pause)
    worker.launch()
    with Client(proxy.url, listen=False) as client:
        # Not by the clock: that this thread was stopped for long is none of this.
        monkeypatch.setattr(FirstLook, "begins", lambda *_: 0.002)
        before = client._first_look._after
        assert client.enqueue("workflow").get_result(30) == 1
        assert asked[:2] == ([False] if ends == "before the look" else [False, True])
        assert (client._first_look._after < before) == (ends == "before the look")
