"""The loop that carries the engine, and the ways into it."""

import asyncio
import concurrent.futures
import gc
import threading
from collections.abc import Iterator

import pytest

from perdure import NotLaunched, WrongContext
from perdure._loop import EngineLoop, Signal, Stop, maybe_await, run_sync, running_loop
from tests_py.support import wait_until, wait_until_async


@pytest.fixture
def loop() -> Iterator[EngineLoop]:
    loop = EngineLoop()
    loop.start_thread()
    yield loop
    loop.stop()


async def where() -> tuple[int, asyncio.AbstractEventLoop | None]:
    return threading.get_ident(), running_loop()


async def fail() -> None:
    raise KeyError("x")


def test_a_coroutine_that_does_not_suspend_runs_in_the_callers_thread():
    assert run_sync(where(), "") == (threading.get_ident(), None)


def test_what_a_coroutine_raises_reaches_the_caller():
    with pytest.raises(KeyError):
        run_sync(fail(), "")


async def test_a_running_event_loop_is_not_blocked():
    with pytest.raises(WrongContext, match="would block a running event loop: use `something_async`"):
        run_sync(where(), "something_async")


def test_a_synchronous_function_that_awaits_something_else_is_told():
    with pytest.raises(WrongContext, match="make the function async"):
        run_sync(asyncio.sleep(0), "")
    gc.collect()  # a coroutine that was never awaited would warn now


def test_the_engine_is_reached_from_a_thread_without_a_loop(loop):
    thread, its_loop = run_sync(loop.on_engine(where), "")
    assert thread != threading.get_ident()
    assert its_loop is loop.loop


async def test_the_engine_is_reached_from_another_event_loop(loop):
    thread, its_loop = await loop.on_engine(where)
    assert thread != threading.get_ident()
    assert its_loop is loop.loop


async def test_a_loop_made_inside_a_running_one_is_that_one():
    loop = EngineLoop()
    loop.adopt()
    assert loop.loop is asyncio.get_running_loop()
    assert await loop.on_engine(where) == (threading.get_ident(), loop.loop)
    loop.stop()
    assert asyncio.get_running_loop().is_running()


@pytest.mark.parametrize("run", [lambda c: run_sync(c, ""), asyncio.run], ids=["thread", "loop"])
def test_an_error_crosses_from_the_engine(loop, run):
    with pytest.raises(KeyError):
        run(loop.on_engine(fail))


def test_a_loop_that_was_never_started_says_so():
    loop = EngineLoop()
    assert not loop.is_running
    with pytest.raises(NotLaunched):
        run_sync(loop.on_engine(where), "")


def test_a_loop_that_was_stopped_says_so(loop):
    loop.stop()
    assert not loop.is_running
    with pytest.raises(NotLaunched):
        run_sync(loop.on_engine(where), "")


def test_a_loop_can_be_started_again(loop):
    loop.stop()
    loop.start_thread()
    assert run_sync(loop.on_engine(where), "")[1] is loop.loop


def test_an_adopted_loop_that_was_closed_is_not_running():
    loop = EngineLoop()

    async def adopt() -> None:
        loop.adopt()

    asyncio.run(adopt())
    assert not loop.is_running


def test_whoever_waits_when_the_loop_stops_is_told(loop):
    begun = threading.Event()

    async def for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    raised: list[BaseException] = []

    def wait() -> None:
        try:
            run_sync(loop.on_engine(for_ever), "")
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert begun.wait(10)
    loop.stop()
    thread.join(10)
    assert [type(error) for error in raised] == [NotLaunched]


def test_telling_a_loop_that_is_gone_is_no_error(loop):
    loop.stop()
    loop.tell(lambda: None)


def test_a_paused_thread_wakes_up_when_it_must_stop(loop):
    stop = Stop()
    thread = threading.Thread(target=lambda: run_sync(loop.pause(3600, stop), ""))
    thread.start()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


async def test_a_paused_coroutine_wakes_up_when_its_task_is_cancelled(loop):
    task = asyncio.create_task(loop.pause(3600, Stop()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_paused_coroutine_wakes_up_when_it_must_stop(loop):
    stop = Stop()
    task = asyncio.create_task(loop.pause(3600, stop))
    await asyncio.sleep(0)
    await asyncio.to_thread(stop.set)
    await asyncio.wait_for(task, 10)
    # One that is told already does not begin to wait.
    await asyncio.wait_for(loop.pause(3600, stop), 10)


def test_whoever_is_told_to_stop_is_called_back_once():
    stop, calls = Stop(), []
    with stop.calling(lambda: calls.append("left before")):
        pass
    with stop.calling(lambda: calls.append("inside")):
        stop.set()
        stop.set()
    with stop.calling(lambda: calls.append("told already")):
        pass
    assert calls == ["inside", "told already"]


def test_a_callback_into_a_loop_that_is_closed_keeps_no_other_from_being_called():
    stop, calls = Stop(), []
    closed = asyncio.new_event_loop()
    closed.close()
    with (
        stop.calling(lambda: closed.call_soon_threadsafe(print)),
        stop.calling(lambda: calls.append("called")),
    ):
        stop.set()
    assert calls == ["called"]


async def test_cancelling_a_caller_cancels_what_it_waits_for(loop):
    begun, ended = threading.Event(), threading.Event()

    async def for_ever() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(loop.on_engine(for_ever))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 10)


async def test_a_value_is_awaited_only_if_it_can_be():
    assert await maybe_await(5) == 5
    assert (await maybe_await(where()))[0] == threading.get_ident()


def test_callbacks_run_on_the_engines_loop(loop):
    seen: list[asyncio.AbstractEventLoop | None] = []
    loop.call_soon(lambda: seen.append(running_loop()))
    wait_until(lambda: seen)
    assert seen == [loop.loop]


def test_a_thread_that_comes_while_the_loop_is_stopped_does_not_wait_for_ever():
    """It comes when the tasks of the loop are being cancelled, with the loop in its hand."""
    waits, may_go, outcome = threading.Event(), threading.Event(), []

    class Late(EngineLoop):
        @property
        def loop(self):
            if threading.current_thread().name == "late":
                assert may_go.wait(10)
                return in_its_hand
            return super().loop

    loop = Late()
    loop.start_thread()
    in_its_hand = loop.loop

    async def lets_it_come():
        waits.set()
        try:
            await asyncio.Event().wait()
        finally:
            may_go.set()
            await wait_until_async(lambda: outcome)

    async def for_ever():
        await asyncio.Event().wait()

    def come():
        try:
            run_sync(loop.on_engine(for_ever), "")
        except BaseException as error:
            outcome.append(error)

    began = asyncio.run_coroutine_threadsafe(lets_it_come(), loop.loop)
    late = threading.Thread(target=come, name="late", daemon=True)
    late.start()
    assert waits.wait(10)
    loop.stop()
    late.join(10)
    assert began.done()
    assert isinstance(outcome[0], NotLaunched)


def test_a_thread_that_comes_after_the_loop_was_stopped_is_told(recwarn):
    loop = EngineLoop()
    loop.start_thread()
    closed = loop.loop
    loop.stop()
    loop._loop = closed

    class Late(EngineLoop):
        loop = closed

    late = Late()
    late._loop = closed
    with pytest.raises(NotLaunched):
        run_sync(late.on_engine(where), "")
    gc.collect()
    assert not recwarn.list


def test_what_nobody_will_answer_ends_when_the_loop_does():
    loop = EngineLoop()
    loop.start_thread()
    unanswered, outcome = concurrent.futures.Future(), []

    def wait():
        with pytest.raises(NotLaunched):
            run_sync(loop.wait_for(unanswered), "")
        outcome.append("told")

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    wait_until(lambda: loop._awaited)
    loop.stop()
    waiting.join(10)
    assert outcome == ["told"]


async def test_a_signal_that_was_set_is_not_waited_for_until_it_is_cleared() -> None:
    signal = Signal()
    signal.set()
    await signal.wait()
    await signal.wait(60)
    signal.clear()
    assert not signal.is_set()
    await signal.wait(0.001)
    assert not signal.is_set()


async def test_a_signal_wakes_who_waits() -> None:
    signal = Signal()
    waiting = asyncio.create_task(signal.wait())
    await wait_until_async(signal.is_awaited)
    signal.set()
    await waiting
    assert signal.is_set()
    assert not signal.is_awaited()


async def test_a_wait_for_a_signal_that_was_cancelled_leaves_nothing_behind() -> None:
    signal = Signal()
    waiting = asyncio.create_task(signal.wait(60))
    await wait_until_async(signal.is_awaited)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not signal.is_awaited()
    signal.set()
    await signal.wait(60)


async def test_a_signal_that_is_set_in_time_stops_its_timer() -> None:
    signal = Signal()
    waiting = asyncio.create_task(signal.wait(0.01))
    await wait_until_async(signal.is_awaited)
    signal.set()
    await waiting
    signal.clear()
    again = asyncio.create_task(signal.wait())
    await asyncio.sleep(0.02)  # past the time of the first wait
    assert not again.done()
    signal.set()
    await again
