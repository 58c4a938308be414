"""Threads for synchronous workflows."""

import threading
import weakref

import pytest

from perdure import _threads
from perdure._threads import ThreadPool
from tests_py.support import wait_until


def names(pool_name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == pool_name]


def test_every_job_begins_at_once_however_many_there_are():
    pool = ThreadPool("pool-at-once")
    together = threading.Barrier(41)
    for _ in range(40):
        pool.run(together.wait)
    together.wait(10)


def test_an_idle_thread_is_used_again():
    pool = ThreadPool("pool-reuse")
    used: list[int] = []
    for turn in range(10):
        pool.run(lambda: used.append(threading.get_ident()))
        wait_until(lambda turn=turn: len(used) == turn + 1 and pool._idle == 1)
    assert len(set(used)) == 1


def test_no_job_is_left_behind_when_many_are_given_from_many_threads():
    pool = ThreadPool("pool-many")
    done = threading.Semaphore(0)
    givers = [threading.Thread(target=lambda: [pool.run(done.release) for _ in range(200)]) for _ in range(8)]
    for giver in givers:
        giver.start()
    for giver in givers:
        giver.join()
    for _ in range(1600):
        assert done.acquire(timeout=10)


def test_a_job_given_while_an_idle_thread_ends_is_run(monkeypatch):
    monkeypatch.setattr(_threads, "_IDLE_SECONDS", 0.0002)
    pool = ThreadPool("pool-ending")
    for _ in range(1000):
        done = threading.Event()
        pool.run(done.set)
        assert done.wait(10)


def test_threads_end_when_they_have_been_idle(monkeypatch):
    monkeypatch.setattr(_threads, "_IDLE_SECONDS", 0.01)
    pool = ThreadPool("pool-idle")
    pool.run(lambda: None)
    wait_until(lambda: not names("pool-idle"))


def test_a_job_that_hangs_does_not_keep_the_process_from_ending():
    pool = ThreadPool("pool-daemon")
    release = threading.Event()
    pool.run(release.wait)
    assert all(thread.daemon for thread in names("pool-daemon"))
    release.set()


def test_a_job_for_which_there_is_no_thread_does_not_run_later(monkeypatch):
    pool = ThreadPool("pool-full")
    done: list[str] = []

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            pool.run(lambda: done.append("refused"))
    for turn in ("first", "second"):
        pool.run(lambda turn=turn: done.append(turn))
        wait_until(lambda turn=turn: turn in done and pool._idle == 1)
    assert done == ["first", "second"]


def test_an_idle_thread_keeps_nothing_of_its_last_job():
    class Heavy:
        pass

    pool, heavy = ThreadPool("test"), Heavy()
    left, done = weakref.ref(heavy), threading.Event()

    def job(_heavy=heavy):
        done.set()

    pool.run(job)
    assert done.wait(10)
    del job, heavy
    wait_until(lambda: left() is None)
