"""Where workflows run: in threads, on the app's loop, on a loop of the user's."""

import asyncio
import gc
import logging
import threading

import pytest

from perdure import Perdure
from tests_py.support import wait_until


def define_where(app):
    @app.step(name="where")
    async def where():
        return threading.get_ident(), id(asyncio.get_running_loop())

    @app.workflow(name="workflow")
    async def workflow():
        here = threading.get_ident(), id(asyncio.get_running_loop())
        assert await where() == here
        return here

    return workflow


async def here() -> tuple[int, int]:
    return threading.get_ident(), id(asyncio.get_running_loop())


def test_a_call_from_a_users_loop_runs_on_that_loop(app):
    workflow = define_where(app)
    app.launch()

    async def main():
        assert await workflow() == await here()
        assert await asyncio.gather(*(workflow() for _ in range(10))) == [await here()] * 10
        # What is started in the background, and what is enqueued, runs on the loop of the app.
        started = await (await app.start_workflow_async(workflow)).get_result_async(10)
        enqueued = await (await app.enqueue_async(workflow)).get_result_async(10)
        assert started == enqueued != await here()

    asyncio.run(main())
    asyncio.run(main())


async def test_an_app_launched_on_a_users_loop_runs_on_it(database):
    app = Perdure(database)
    workflow = define_where(app)
    async with app:
        assert await workflow() == await here()
        assert await (await app.start_workflow_async(workflow)).get_result_async(10) == await here()
        assert await (await app.enqueue_async(workflow)).get_result_async(10) == await here()


async def test_plain_workflows_do_not_run_on_a_users_loop(database):
    app = Perdure(database)

    @app.step(name="step")
    def step():
        return threading.get_ident()

    @app.workflow(name="workflow")
    def workflow():
        assert step() == threading.get_ident()
        return threading.get_ident()

    async with app:
        for start in (app.start_workflow_async, app.enqueue_async):
            assert await (await start(workflow)).get_result_async(10) != threading.get_ident()
        assert await asyncio.to_thread(workflow) != threading.get_ident()


async def test_an_app_launched_on_a_users_loop_serves_threads_too(database):
    app = Perdure(database)
    workflow = define_where(app)
    async with app:
        found = await asyncio.to_thread(lambda: app.enqueue(workflow).get_result(10))
        assert found == await here()


def test_a_plain_workflow_runs_in_the_thread_that_calls_it(app):
    @app.workflow()
    def workflow():
        return threading.get_ident()

    app.launch()
    assert workflow() == threading.get_ident()
    assert app.start_workflow(workflow).get_result(10) != threading.get_ident()


@pytest.mark.parametrize("listen", [True, False])
def test_a_thousand_async_and_fifty_plain_workflows_run_at_once(new_app, listen):
    app = new_app(concurrency=2000, listen=listen)
    begun = {"async": 0, "sync": 0}
    all_there, lock = threading.Event(), threading.Lock()
    loop_event: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def begin(kind):
        with lock:
            begun[kind] += 1
            if begun == {"async": 1000, "sync": 50}:
                all_there.set()
                loop, event = loop_event[0]
                loop.call_soon_threadsafe(event.set)

    @app.step()
    async def step(n):
        return n

    @app.step()
    def plain_step(n):
        return n

    @app.workflow(name="async")
    async def workflow(n):
        if not loop_event:
            loop_event.append((asyncio.get_running_loop(), asyncio.Event()))
        begin("async")
        await loop_event[0][1].wait()
        return await step(n)

    @app.workflow(name="sync")
    def plain(n):
        begin("sync")
        assert all_there.wait(60)
        return plain_step(n)

    handles = app.enqueue_many(workflow, [(n,) for n in range(1000)])
    handles += app.enqueue_many(plain, [(n,) for n in range(50)])
    app.launch()
    assert [handle.get_result(60) for handle in handles] == [*range(1000), *range(50)]


def test_concurrency_is_a_limit(new_app):
    app = new_app(concurrency=3)
    running, most, lock = 0, 0, threading.Lock()

    @app.workflow()
    def workflow():
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.01)
        with lock:
            running -= 1

    handles = app.enqueue_many(workflow, [()] * 20)
    app.launch()
    for handle in handles:
        handle.get_result(20)
    assert most == 3


def test_a_blocked_plain_workflow_does_not_hold_up_the_others(app):
    go_on = threading.Event()

    @app.workflow()
    def blocked():
        go_on.wait(20)

    @app.workflow()
    async def quick():
        return 1

    app.launch()
    handles = [app.enqueue(blocked) for _ in range(5)]
    assert app.enqueue(quick).get_result(10) == 1
    go_on.set()
    for handle in handles:
        handle.get_result(10)


async def test_a_cancelled_call_goes_on_where_it_stopped(database):
    app = Perdure(database, poll_interval=0.2)
    runs: list[str] = []
    stuck, begun = asyncio.Event(), asyncio.Event()

    @app.step(name="first")
    async def first():
        runs.append("first")
        return 1

    @app.workflow(name="workflow")
    async def workflow():
        found = await first()
        runs.append("after")
        begun.set()
        if len(runs) == 2:
            await stuck.wait()
        return found

    async with app:
        task = asyncio.create_task(workflow())
        await asyncio.wait_for(begun.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        ((workflow_id,),) = await _rows(database, "select workflow_id from perdure.workflows")
        assert await app.retrieve_workflow(workflow_id).get_result_async(10) == 1
        assert (await app.get_workflow_async(workflow_id)).attempts == 1
    assert runs == ["first", "after", "after"]


async def test_a_step_in_a_finally_block_does_not_run_when_its_call_is_cancelled(database):
    """Its number would be that of the step that comes next when the workflow goes on."""
    app = Perdure(database, poll_interval=0.1)
    begun, ended = asyncio.Event(), []

    @app.step(name="slow")
    async def slow():
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()
        return "slow"

    @app.step(name="next")
    async def following():
        return "next"

    @app.step(name="clean up")
    async def clean_up():
        ended.append("clean up")

    @app.workflow(name="workflow")
    async def workflow():
        try:
            return [await slow(), await following()]
        finally:
            ended.append("finally")
            await clean_up()

    async with app:
        task = asyncio.create_task(workflow())
        await asyncio.wait_for(begun.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended == ["finally"]
        ((workflow_id,),) = await _rows(database, "select workflow_id from perdure.workflows")
        assert await app.retrieve_workflow(workflow_id).get_result_async(10) == ["slow", "next"]
        assert [s.name for s in await app.list_steps_async(workflow_id)] == ["slow", "next", "clean up"]
    assert ended == ["finally", "finally", "clean up"]


async def _rows(url, query):
    import psycopg

    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        return await (await connection.execute(query)).fetchall()


def test_a_shutdown_waits_for_what_runs(new_app):
    app = new_app()
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    @app.workflow()
    def workflow():
        begun.set()
        go_on.wait(10)
        return "done"

    app.launch()
    handle = app.enqueue(workflow)
    assert begun.wait(10)
    shutdown = threading.Thread(target=lambda: (app.shutdown(20), ended.set()))
    shutdown.start()
    wait_until(lambda: app._worker is None)
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(20)
    assert handle.get_status().status == "SUCCESS"
    app.close()


@pytest.fixture
def collected():
    """What a test has dropped is complained of in this test, not in the next one."""
    yield
    gc.collect()


@pytest.mark.usefixtures("collected")
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine .* never awaited"
)
def test_what_a_loop_that_was_closed_in_the_middle_has_left_does_not_hold_up_the_next(database, caplog):
    """Closed without the end of its tasks: nobody has told them."""
    caplog.set_level(logging.CRITICAL, "asyncio")
    app = Perdure(database, name="test", poll_interval=0.25, connect_timeout=5.0, lease=5.0, listen=False)
    waits, unwound = threading.Event(), threading.Event()

    @app.workflow()
    def waiting():
        try:
            waits.set()
            app.sleep(4)
        finally:
            unwound.set()

    @app.workflow()
    async def double(n):
        return 2 * n

    left = []

    async def first():
        await app.launch_async()
        await app.start_workflow_async(waiting)
        await asyncio.to_thread(waits.wait, 10)
        handle = await app.enqueue_async("nobody knows this", workflow_id="never")
        # It asks the database at this moment, and somebody polls.
        left.append(asyncio.create_task(handle.get_result_async()))
        await asyncio.sleep(0.1)
        left.append(asyncio.create_task(handle.get_result_async()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def second():
        await app.launch_async()
        try:
            handle = await app.enqueue_async(double, 4)
            assert await handle.get_result_async(10) == 8
            assert await asyncio.to_thread(unwound.wait, 10)
        finally:
            await app.shutdown_async(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(first())
    loop.close()
    asyncio.run(asyncio.wait_for(second(), 25))
