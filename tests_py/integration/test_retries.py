"""Steps that are tried again. Count and moment are in the database; see also tests_py/chaos."""

import asyncio
import datetime as dt
import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import StepRetriesExceeded
from perdure._engine.workers import WorkerFunctions
from tests_py.integration.replay import Twice
from tests_py.support import wait_until
from tests_py.support.patience import suspend_after


class Flaky(Exception):
    pass


def failing(app, times, *, kind="async", **options):
    """A step that fails so many times, and the list of its attempts."""
    attempts = []

    def attempt():
        attempts.append(time.monotonic())
        if len(attempts) <= times:
            raise Flaky(f"attempt {len(attempts)}")
        return f"attempt {len(attempts)}"

    if kind == "sync":
        step = app.step(name="flaky", **options)(attempt)
    else:

        @app.step(name="flaky", **options)
        async def step():
            return attempt()

    return step, attempts


def body_of(step, kind):
    if kind == "sync":
        return lambda: step()

    async def body():
        return await step()

    return body


both_kinds = pytest.mark.parametrize("kind", ["sync", "async"])


@both_kinds
def test_a_step_is_tried_until_it_succeeds(app, kind):
    step, attempts = failing(app, 2, kind=kind, retries=5, interval=0.01)
    twice = Twice(app, body_of(step, kind))
    app.launch()
    assert twice.run() == ["attempt 3"] * 2
    assert len(attempts) == 3
    (recorded,) = app.list_steps(twice.workflow_id)
    assert (recorded.output, recorded.error, recorded.errors, recorded.attempts) == ("attempt 3", None, (), 3)
    assert recorded.retry_at is None


@both_kinds
def test_a_step_is_tried_so_often_and_no_more(app, kind):
    step, attempts = failing(app, 9, kind=kind, retries=3, interval=0)
    twice = Twice(app, body_of(step, kind))
    app.launch()
    first, second = twice.run()
    assert len(attempts) == 4
    for error in (first, second):
        assert type(error) is StepRetriesExceeded
        assert "step 1 (flaky) failed 4 times; the last error: attempt 4" in str(error)
        assert [type(e) for e in error.errors] == [Flaky] * 4
        assert [str(e) for e in error.errors] == [f"attempt {n}" for n in range(1, 5)]
    assert isinstance(first.__cause__, Flaky)
    (recorded,) = app.list_steps(twice.workflow_id)
    assert type(recorded.error) is StepRetriesExceeded
    assert recorded.attempts == 4


def test_each_delay_is_longer_up_to_the_longest(app, monkeypatch):
    told = []
    fail_step = WorkerFunctions.fail_step

    async def recorded(*args, **kwargs):
        found = await fail_step(*args, **kwargs)
        told.append(found[0])
        return found

    monkeypatch.setattr(WorkerFunctions, "fail_step", recorded)
    step, attempts = failing(app, 4, retries=9, interval=0.05, backoff=3.0, max_interval=0.2)
    workflow = app.workflow(name="workflow")(body_of(step, "async"))
    app.launch()
    app.start_workflow(workflow).get_result(10)
    delays = [later - earlier for earlier, later in itertools.pairwise(attempts)]
    wanted = [0.05, 0.15, 0.2, 0.2]
    assert told == pytest.approx(wanted)
    # How much later the next attempt begins depends on the machine.
    assert [delay >= least * 0.99 for delay, least in zip(delays, wanted, strict=True)] == [True] * 4


def test_while_it_waits_the_failed_attempts_are_listed(app, monkeypatch):
    suspend_after(monkeypatch, 1e6)
    step, _ = failing(app, 9, retries=9, interval=3600.0, backoff=1.0)
    workflow = app.workflow(name="workflow")(body_of(step, "async"))
    app.launch()
    handle = app.start_workflow(workflow)
    (found,) = wait_until(lambda: app.list_steps(handle.workflow_id))
    assert (found.step, found.name, found.attempts, found.error, found.output) == (1, "flaky", 1, None, None)
    assert found.completed_at is None
    assert [(type(e), str(e)) for e in found.errors] == [(Flaky, "attempt 1")]
    until = found.retry_at - dt.datetime.now(dt.timezone.utc)
    assert dt.timedelta(minutes=50) < until <= dt.timedelta(hours=1)
    app.shutdown(timeout=0)  # which does not wait for the next attempt either


@both_kinds
def test_should_retry_decides_about_each_error(app, kind):
    asked = []

    def should_retry(error):
        asked.append(str(error))
        return str(error) != "attempt 2"

    step, attempts = failing(app, 9, kind=kind, retries=5, interval=0, should_retry=should_retry)
    twice = Twice(app, body_of(step, kind))
    app.launch()
    first, second = twice.run()
    assert asked == ["attempt 1", "attempt 2"]
    assert len(attempts) == 2
    assert [(type(e), str(e)) for e in (first, second)] == [(Flaky, "attempt 2")] * 2
    (recorded,) = app.list_steps(twice.workflow_id)
    assert (type(recorded.error), recorded.attempts) == (Flaky, 2)


def test_a_should_retry_that_raises_does_not_lose_the_workflow(app):
    def should_retry(error):
        raise KeyError("in should_retry")

    step, attempts = failing(app, 9, retries=5, interval=0, should_retry=should_retry)
    workflow = app.workflow(name="workflow")(body_of(step, "async"))
    app.launch()
    with pytest.raises((Flaky, KeyError)):
        app.enqueue(workflow).get_result(10)
    assert len(attempts) == 1


def test_without_retries_the_first_error_stands(app):
    step, attempts = failing(app, 9)
    twice = Twice(app, body_of(step, "async"))
    app.launch()
    first, second = twice.run()
    assert [(type(e), str(e)) for e in (first, second)] == [(Flaky, "attempt 1")] * 2
    assert len(attempts) == 1


@pytest.mark.parametrize("text", ["NUL \0 inside", "\ud800 alone", "\N{SNOWMAN}", "", "x" * 100_000])
def test_any_text_of_an_error_can_be_tried_again_and_spent(app, text):
    attempts = []

    @app.step(name="fail", retries=2, interval=0)
    def fail():
        attempts.append(1)
        raise Flaky(text)

    def body():
        return fail()

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert len(attempts) == 3
    for error in (first, second):
        assert type(error) is StepRetriesExceeded
        assert [str(e) for e in error.errors] == [text] * 3


# ----------------------------------------------------------------------------------- long waits

PUT_DOWN = "select key from tasks where executor_id is null and wake_at > clock_timestamp() + interval '9 s'"


@pytest.mark.parametrize("how", ["call", "start_workflow", "enqueue"])
@both_kinds
def test_a_long_wait_leaves_the_worker(app, sql, kind, how):
    step, attempts = failing(app, 2, kind=kind, retries=5, interval=600.0, backoff=2.0)
    workflow = app.workflow(name="workflow")(body_of(step, kind))
    app.launch()
    if how == "call":
        threads = ThreadPoolExecutor(1)
        result = threads.submit(lambda: asyncio.run(workflow()) if kind == "async" else workflow()).result
    else:
        result = getattr(app, how)(workflow).get_result

    for attempt, delay in ((1, 600), (2, 1200)):
        ((key,),) = wait_until(lambda: sql(PUT_DOWN))
        ((workflow_id,),) = sql("select workflow_id from workflows")
        status = app.get_workflow(workflow_id)
        assert (status.status, status.executor) == ("PENDING", None)
        until = (status.wake_at - dt.datetime.now(dt.timezone.utc)).total_seconds()
        assert delay - 60 < until <= delay
        assert status.attempts <= 1
        (found,) = app.list_steps(workflow_id)
        assert found.attempts == attempt == len(attempts)
        move_time(sql, key)
    assert result(10) == "attempt 3"
    assert len(attempts) == 3
    assert app.get_workflow(workflow_id).attempts == 1


def move_time(sql, key):
    """Lets the moment come that a workflow waits for."""
    sql("update steps set retry_at = clock_timestamp() where key = %s and retry_at is not null", key)
    sql("update tasks set wake_at = clock_timestamp() where key = %s", key)


def test_a_workflow_that_was_put_down_gives_its_slot_to_others(new_app, sql):
    app = new_app(concurrency=1)
    step, _ = failing(app, 1, retries=5, interval=600.0)
    sleeper = app.workflow(name="sleeper")(body_of(step, "async"))

    @app.workflow()
    async def quick():
        return 1

    sleepers = [app.enqueue(sleeper) for _ in range(3)]
    handle = app.enqueue(quick)
    app.launch()
    assert handle.get_result(10) == 1
    assert [h.get_status().status for h in sleepers] == ["PENDING", "SUCCESS", "SUCCESS"]


def test_finally_blocks_run_when_a_workflow_is_put_down(app, sql):
    step, _ = failing(app, 1, retries=5, interval=600.0)
    seen = []

    @app.workflow()
    async def workflow():
        try:
            return await step()
        except Exception as error:
            seen.append(error)
            raise
        finally:
            seen.append("finally")

    app.launch()
    handle = app.enqueue(workflow)
    ((key,),) = wait_until(lambda: sql(PUT_DOWN))
    assert seen == ["finally"]
    move_time(sql, key)
    assert handle.get_result(10) == "attempt 2"
    assert seen == ["finally", "finally"]


def test_a_step_that_waits_beside_others_does_not_interrupt_them(app, monkeypatch):
    suspend_after(monkeypatch, 0.2)

    @app.step(name="other")
    async def other():
        await asyncio.sleep(0.1)
        return "other"

    step, attempts = failing(app, 1, retries=1, interval=0.5)
    runs = []

    @app.workflow()
    async def workflow():
        runs.append(1)
        return await asyncio.gather(step(), other(), return_exceptions=True)

    app.launch()
    handle = app.enqueue(workflow)
    assert handle.get_result(20) == ["attempt 2", "other"]
    assert len(attempts) == 2
    assert [s.attempts for s in app.list_steps(handle.workflow_id)] == [2, 1]


def test_a_step_in_a_finally_block_does_not_run_when_its_workflow_is_put_down(app, sql):
    """Its number would be that of the step that comes next when the workflow goes on."""
    step, _ = failing(app, 1, retries=5, interval=600.0)
    cleaned = []

    @app.step(name="next")
    async def following():
        return "next"

    @app.step(name="clean up")
    async def clean_up():
        cleaned.append(1)

    @app.workflow()
    async def workflow():
        try:
            return [await step(), await following()]
        finally:
            await clean_up()

    app.launch()
    handle = app.enqueue(workflow)
    ((key,),) = wait_until(lambda: sql(PUT_DOWN))
    assert cleaned == []
    move_time(sql, key)
    assert handle.get_result(10) == ["attempt 2", "next"]
    assert cleaned == [1]
    assert [s.name for s in app.list_steps(handle.workflow_id)] == ["flaky", "next", "clean up"]


@pytest.mark.parametrize("then", ["returns", "raises", "goes on"])
def test_code_that_swallows_everything_is_put_down_all_the_same(app, sql, then):
    step, attempts = failing(app, 1, retries=5, interval=600.0)

    @app.workflow()
    async def workflow():
        try:
            return await step()
        except BaseException:
            if then == "returns":
                return "swallowed"
            if then == "raises":
                raise KeyError("swallowed") from None
            return await step()

    app.launch()
    handle = app.enqueue(workflow)
    ((key,),) = wait_until(lambda: sql(PUT_DOWN))
    assert handle.get_status().status == "PENDING"
    move_time(sql, key)
    assert handle.get_result(10) == "attempt 2"
    assert len(attempts) == 2
