"""Async and plain workflows on one worker: neither kind keeps the other from running."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from tests_py.support import wait_until


def test_a_thousand_async_and_two_hundred_plain_workflows_run_at_one_time(new_app, sql):
    """Each kind has begun in full, and records steps, before any of the other may end."""
    app = new_app(concurrency=1200)
    began = {"async": 0, "plain": 0}
    counting = threading.Lock()
    plain_may_end = threading.Event()
    async_may_end = asyncio.Event()

    def count(kind):
        with counting:
            began[kind] += 1

    @app.step()
    async def async_step():
        count("async")

    @app.workflow()
    async def async_workflow():
        await async_step()
        await async_may_end.wait()
        await async_step()

    @app.step()
    def plain_step():
        count("plain")

    @app.workflow()
    def plain_workflow():
        plain_step()
        assert plain_may_end.wait(60)
        plain_step()

    def ended(workflow):
        ((n,),) = sql(
            "select count(*) from outcomes o join workflows w using (key)"
            " where o.status = 'SUCCESS' and w.name = %s",
            workflow.workflow_name,
        )
        return n

    app.enqueue_many(async_workflow, [[]] * 1000)
    app.enqueue_many(plain_workflow, [[]] * 200)
    app.launch()
    wait_until(lambda: began == {"async": 1000, "plain": 200}, timeout=60)
    # The threads of all 200 stand still: the async ones go on, and end.
    app._loop.call_soon(async_may_end.set)
    wait_until(lambda: ended(async_workflow) == 1000, timeout=60)
    assert ended(plain_workflow) == 0
    async_may_end.clear()
    app.enqueue_many(async_workflow, [[]] * 1000)
    wait_until(lambda: began["async"] == 3000, timeout=60)
    # Now 1,000 async ones wait on the loop: the plain ones go on, and end.
    plain_may_end.set()
    wait_until(lambda: ended(plain_workflow) == 200, timeout=60)
    assert ended(async_workflow) == 1000
    app._loop.call_soon(async_may_end.set)
    wait_until(lambda: sql("select 1 from tasks limit 1") == [], timeout=60)


def test_a_busy_loop_keeps_no_thread_and_busy_threads_keep_no_loop_from_its_connections(new_app, sql):
    """Each kind has connections of its own: while those of one are all in use, the other goes on."""
    app = new_app(max_connections=2)

    @app.step()
    async def async_step(n):
        return n

    @app.workflow()
    async def async_workflow(n):
        return [await async_step(n + i) for i in range(3)]

    @app.step()
    def plain_step(n):
        return n

    @app.workflow()
    def plain_workflow(n):
        return [plain_step(n + i) for i in range(3)]

    app.launch()
    plain_workflow(0)
    engine = app._engine
    with engine._connection_here(5), engine._connection_here(5):
        called = asyncio.run_coroutine_threadsafe(async_workflow(1), app._loop.loop)
        assert called.result(30) == [1, 2, 3]

    async def hold_all():
        async with engine.connection(), engine.connection():
            held.set()
            await asyncio.to_thread(go_on.wait, 30)

    held, go_on = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        holding = asyncio.run_coroutine_threadsafe(hold_all(), app._loop.loop)
        assert held.wait(10)
        try:
            assert pool.submit(plain_workflow, 1).result(30) == [1, 2, 3]
        finally:
            go_on.set()
        holding.result(10)
