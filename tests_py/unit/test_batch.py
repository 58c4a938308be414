"""Grouping of items into batches."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import DatabaseUnavailable, InvalidArgument, NotLaunched
from perdure._batch import Batcher
from perdure._loop import EngineLoop, run_and_move, run_sync, running_loop
from tests_py.support import wait_until, wait_until_async
from tests_py.support.interrupts import interrupt_everywhere


@pytest.fixture
def loop() -> Iterator[EngineLoop]:
    loop = EngineLoop()
    loop.start_thread()
    yield loop
    loop.stop()


class Recorder:
    """Sends batches: keeps them, and fails as it is told to. While `gate` is clear, the first one waits."""

    def __init__(self, fails: Callable[[Sequence[int]], Exception | None] = lambda items: None) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self._fails = fails

    async def send(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        if running_loop() is None:
            assert self.gate.wait(10)
        else:
            await wait_until_async(self.gate.is_set)
        if error := self._fails(items):
            raise error
        return [item * 10 for item in items]


async def put_all(batcher: Batcher[int, int], items: Sequence[int]) -> list[int | BaseException]:
    return await asyncio.gather(*map(batcher.put, items), return_exceptions=True)


def on(loop: EngineLoop, make):
    """Runs a coroutine on the engine's loop, and waits for it here."""
    return run_sync(loop.on_engine(make), "")


def test_each_caller_gets_its_own_result(loop):
    recorder = Recorder()
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    assert on(loop, lambda: put_all(batcher, range(50))) == [i * 10 for i in range(50)]


def test_an_idle_batcher_sends_a_single_item_at_once(loop):
    recorder = Recorder()
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    assert run_sync(batcher.put(1), "") == 10
    assert run_sync(batcher.put(2), "") == 20
    assert recorder.batches == [[1], [2]]


def test_what_comes_while_one_is_under_way_shares_the_next(loop):
    recorder = Recorder()
    batcher = Batcher(loop, recorder.send)
    with ThreadPoolExecutor(30) as threads:
        first = threads.submit(lambda: run_sync(batcher.put(0), ""))
        wait_until(lambda: recorder.batches == [[0]])
        others = [threads.submit(lambda i=i: run_sync(batcher.put(i), "")) for i in range(1, 30)]
        wait_until(lambda: len(batcher._waiting) == 29)
        recorder.gate.set()
        assert first.result() == 0
        assert [other.result() for other in others] == [i * 10 for i in range(1, 30)]
    assert [len(batch) for batch in recorder.batches] == [1, 29]


def test_a_batch_has_a_largest_size(loop):
    recorder = Recorder()
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send, most=10)
    on(loop, lambda: put_all(batcher, range(25)))
    assert [len(batch) for batch in recorder.batches] == [10, 10, 5]


def test_one_bad_item_does_not_harm_the_others(loop):
    recorder = Recorder(lambda items: InvalidArgument("seven") if 7 in items else None)
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    found = on(loop, lambda: put_all(batcher, range(10)))
    assert isinstance(found.pop(7), InvalidArgument)
    assert found == [i * 10 for i in range(10) if i != 7]


def test_an_error_that_is_not_the_engines_harms_its_own_item_only(loop):
    """For example a text that cannot be encoded, which fails before it reaches the database."""
    recorder = Recorder(lambda items: "\ud800".encode() if 7 in items else None)  # type: ignore[return-value]
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    found = on(loop, lambda: put_all(batcher, range(10)))
    assert isinstance(found.pop(7), UnicodeEncodeError)
    assert found == [i * 10 for i in range(10) if i != 7]


def test_items_are_not_sent_one_by_one_to_a_database_that_is_gone(loop):
    recorder = Recorder(lambda items: DatabaseUnavailable("gone"))
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    found = on(loop, lambda: put_all(batcher, range(10)))
    assert all(isinstance(error, DatabaseUnavailable) for error in found)
    assert len(recorder.batches) == 1


def test_a_batcher_goes_on_after_an_error(loop):
    recorder = Recorder(lambda items: InvalidArgument("one") if 1 in items else None)
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    with pytest.raises(InvalidArgument):
        run_sync(batcher.put(1), "")
    assert run_sync(batcher.put(2), "") == 20


def test_a_caller_that_has_left_does_not_harm_the_others(loop):
    recorder = Recorder()
    batcher = Batcher(loop, recorder.send)

    async def leave() -> list[int | BaseException]:
        leaving = asyncio.ensure_future(batcher.put(1))
        staying = asyncio.ensure_future(batcher.put(2))
        await wait_until_async(lambda: recorder.batches)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        recorder.gate.set()
        return await asyncio.gather(leaving, staying, return_exceptions=True)

    left, stayed = on(loop, leave)
    assert isinstance(left, asyncio.CancelledError)
    assert stayed == 20


def test_whoever_waits_when_the_loop_stops_is_told():
    loop = EngineLoop()
    loop.start_thread()
    recorder = Recorder()
    batcher = Batcher(loop, recorder.send)
    with ThreadPoolExecutor(2) as threads:
        under_way = threads.submit(lambda: on(loop, lambda: batcher.put(1)))
        wait_until(lambda: recorder.batches)
        behind_it = threads.submit(lambda: run_sync(batcher.put(2), ""))
        wait_until(lambda: batcher._waiting)
        loop.stop()
        for waiting in (under_way, behind_it):
            with pytest.raises(NotLaunched):
                waiting.result(10)


def test_what_waits_behind_a_thread_is_told_when_the_loop_has_stopped():
    loop = EngineLoop()
    loop.start_thread()
    recorder = Recorder()
    batcher = Batcher(loop, recorder.send)
    with ThreadPoolExecutor(2) as threads:
        under_way = threads.submit(lambda: run_sync(batcher.put(1), ""))
        wait_until(lambda: recorder.batches)
        behind_it = threads.submit(lambda: run_sync(batcher.put(2), ""))
        wait_until(lambda: batcher._waiting)
        loop.stop()
        recorder.gate.set()
        assert under_way.result(10) == 10
        with pytest.raises(NotLaunched):
            behind_it.result(10)
    assert recorder.batches == [[1]]


def test_a_thread_sends_from_where_it_is(loop):
    sent_in = []

    async def send(items):
        sent_in.append(threading.get_ident())
        return items

    batcher = Batcher(loop, send)
    assert run_sync(batcher.put(1), "") == 1
    assert sent_in == [threading.get_ident()]


def test_what_waits_goes_before_a_thread_that_comes_later(loop):
    recorder = Recorder()
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    early = concurrent.futures.Future()
    batcher._waiting.append((1, early))
    assert run_sync(batcher.put(2), "") == 20
    assert recorder.batches == [[1, 2]]
    assert early.result(10) == 10


def test_an_interrupted_thread_leaves_its_turn_to_the_others(loop):
    async def send(items):
        if items == [1]:
            raise KeyboardInterrupt
        return items

    batcher = Batcher(loop, send)
    with pytest.raises(KeyboardInterrupt):
        run_sync(batcher.put(1), "")
    assert run_sync(batcher.put(2), "") == 2
    assert on(loop, lambda: batcher.put(3)) == 3


def test_nothing_is_under_way_while_it_pauses(loop):
    recorder = Recorder()
    batcher = Batcher(loop, recorder.send)
    seen = []

    async def pause():
        async with batcher.pausing():
            seen.append(list(recorder.batches))
            behind_it.append(threads.submit(lambda: run_sync(batcher.put(2), "")))
            await wait_until_async(lambda: batcher._waiting)
            seen.append(list(recorder.batches))

    behind_it = []
    with ThreadPoolExecutor(3) as threads:
        under_way = threads.submit(lambda: run_sync(batcher.put(1), ""))
        wait_until(lambda: recorder.batches)
        pausing = threads.submit(lambda: on(loop, pause))
        wait_until(lambda: batcher._pausing)
        assert seen == []
        recorder.gate.set()
        pausing.result(10)
        assert under_way.result(10) == 10
        assert behind_it[0].result(10) == 20
    assert seen == [[[1]], [[1]]]
    assert recorder.batches == [[1], [2]]


def test_a_thread_does_not_get_ahead_of_who_wants_a_pause(loop):
    recorder = Recorder()
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    batcher._pausing = True  # as while it waits for a batch that is under way
    with ThreadPoolExecutor(1) as threads:
        put = threads.submit(lambda: run_sync(batcher.put(1), ""))
        wait_until(lambda: batcher._waiting)
        assert recorder.batches == []

        async def pause():
            async with batcher.pausing():
                pass

        on(loop, pause)
        assert put.result(10) == 10


def test_who_can_move_waits_on_the_loop(loop):
    recorder = Recorder()
    batcher = Batcher(loop, recorder.send)
    ended_in = []

    async def put(item):
        assert await batcher.put(item, can_move=True) == 10 * item
        ended_in.append(threading.get_ident())

    moved = []
    with ThreadPoolExecutor(2) as threads:
        under_way = threads.submit(lambda: run_sync(batcher.put(1), ""))
        wait_until(lambda: recorder.batches)
        # The thread is free before the batch is sent.
        threads.submit(lambda: run_and_move(put(2), loop, moved.append)).result(10)
        wait_until(lambda: batcher._waiting)
        recorder.gate.set()
        assert under_way.result(10) == 10
    wait_until(lambda: ended_in)
    assert ended_in == [loop._thread.ident]
    assert len(moved) == 1


async def test_it_serves_a_loop_of_its_callers_own(loop):
    recorder = Recorder()
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    assert await put_all(batcher, range(20)) == [i * 10 for i in range(20)]


def test_an_interrupt_at_any_place_leaves_the_way_free(loop):
    recorder = Recorder()
    recorder.gate.set()
    batcher = Batcher(loop, recorder.send)
    places = interrupt_everywhere(lambda: run_sync(batcher.put(1), ""), ("perdure._batch", __name__))
    assert places > 5
    assert not batcher._turn
    assert run_sync(batcher.put(2), "") == 20
