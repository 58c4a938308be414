"""The event loop that carries the engine, and the ways into it.

All of the package is written as coroutines. They are awaited in three places:

- on the engine's loop itself: there a coroutine is simply awaited;
- on another event loop of the user's: there it is awaited across the two loops;
- in a thread without a loop, by a synchronous caller. `run_sync` drives the coroutine in the caller's
  thread, and calls of the database block it. What has to be on the engine's loop, because it waits there
  for notifications, is awaited through `EngineLoop.on_engine`, which blocks the thread as well. So
  nothing suspends, and the same code serves both faces.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
import time
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from typing import Any, TypeVar, cast

from ._branches import current_branch
from ._errors import NotLaunched, WrongContext

T = TypeVar("T")


def run_sync(coroutine: Coroutine[Any, Any, T], instead: str) -> T:
    """Runs one of this package's coroutines to its end in this thread, which must have no event loop.

    Args:
        coroutine: what to run.
        instead: what the caller of a running event loop should call.

    Raises:
        WrongContext: an event loop runs in this thread; it would stand still.
    """
    if running_loop() is not None:
        coroutine.close()
        raise WrongContext(f"this call would block a running event loop: use `{instead}`")
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise WrongContext(
        "a synchronous workflow or step awaited something outside of Perdure: make the function async"
    )


def run_and_move(
    coroutine: Coroutine[Any, Any, None], to: EngineLoop, moved: Callable[[Any], object]
) -> None:
    """Runs a coroutine in this thread, which has no event loop, to its end or until it awaits `move`; then
    it goes on as a task on the engine's loop, and the thread is free.

    Args:
        moved: gets the task.
    """
    try:
        coroutine.send(None)
    except BaseException:  # its end, too
        return

    def go_on() -> None:
        moved(asyncio.get_running_loop().create_task(coroutine))

    try:
        to.call_soon(go_on)
    except (NotLaunched, RuntimeError):
        coroutine.close()


@types.coroutine
def move() -> Generator[None]:
    """Leaves this thread for the engine's loop; see `run_and_move`."""
    yield


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop of this thread, if one is running."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def pause(seconds: float) -> None:
    """Waits for so long, on a loop or in a thread without one."""
    if running_loop() is None:
        time.sleep(seconds)  # noqa: ASYNC251
    else:
        await asyncio.sleep(seconds)


class Stop(threading.Event):
    """An event that also calls back when it is set: what cannot wait for it is woken so."""

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: list[Callable[[], object]] = []
        self._adding = threading.Lock()

    def set(self) -> None:
        super().set()
        with self._adding:
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            # The loop that it would reach may be closed.
            with contextlib.suppress(RuntimeError):
                callback()

    @contextlib.contextmanager
    def calling(self, callback: Callable[[], object]) -> Generator[None]:
        """Calls back once, in the thread that sets this event, if it is set inside the block or is set
        already. The callback must return at once and be safe to call from any thread."""
        with self._adding:
            # `set` sets the event before it takes the callbacks: either it is seen here, or it calls this.
            is_set = self.is_set()
            if not is_set:
                self._callbacks.append(callback)
        if is_set:
            callback()
        try:
            yield
        finally:
            with self._adding:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)


class Signal:
    """An event of one loop that one coroutine at a time waits for, no longer than it wants.

    It goes on with the next turn of the loop; `asyncio.wait_for`, which makes a task up to Python 3.11, takes
    three turns more.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._waiting: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Lets the coroutine go on that waits, or the next one that would wait."""
        self._is_set = True
        self._wake()

    def clear(self) -> None:
        """Takes `set` back."""
        self._is_set = False

    def is_set(self) -> bool:
        """Whether it was set since it was cleared."""
        return self._is_set

    def is_awaited(self) -> bool:
        """Whether somebody waits for it."""
        return self._waiting is not None

    async def wait(self, seconds: float | None = None) -> None:
        """Waits until it is set, so many seconds at the most; None: as long as it takes."""
        if self._is_set:
            return
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = None if seconds is None else loop.call_later(max(seconds, 0.0), self._wake)
        try:
            await self._waiting
        finally:
            self._waiting = None
            if timer is not None:
                timer.cancel()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


def _nothing() -> None:
    pass


class EngineLoop:
    """An event loop in a thread of its own, or, when made inside a running loop, that loop."""

    def __init__(self) -> None:
        # Read by others, which ask at every step whether they are on it; None, or closed: there is none.
        self.carrier: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        # The first calls may come from many threads at once; they share one loop.
        self._starting = threading.Lock()
        # What other threads wait for: nobody would answer them once the loop is closed.
        self._awaited: set[concurrent.futures.Future[Any]] = set()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        if self.carrier is None or self.carrier.is_closed():
            raise NotLaunched("the app is not launched, or its event loop was closed: call `launch()` first")
        return self.carrier

    @property
    def is_running(self) -> bool:
        return self.carrier is not None and not self.carrier.is_closed()

    @property
    def needs_no_hop(self) -> bool:
        """Whether the engine can be called right here: on its loop, or in a thread without one."""
        here = running_loop()
        return here is None or here is self.carrier

    def start_thread(self, before: Callable[[], object] = _nothing) -> None:
        """Starts the loop in a daemon thread, after this call; does nothing if there is a loop."""
        with self._starting:
            if self.is_running:
                return
            self._forget_awaited()
            before()
            loop = asyncio.new_event_loop()

            def main() -> None:
                asyncio.set_event_loop(loop)
                try:
                    loop.run_forever()
                    loop.run_until_complete(loop.shutdown_asyncgens())
                    # Threads may have made some of them just now.
                    while tasks := asyncio.all_tasks(loop):
                        _cancel_all(loop, tasks)
                finally:
                    loop.close()
                    self._forget_awaited()

            self._thread = threading.Thread(target=main, name="perdure-engine", daemon=True)
            self._thread.start()
            self.carrier = loop

    def adopt(self, before: Callable[[], object] = _nothing) -> None:
        """Uses the running loop, after this call; does nothing if there is a loop."""
        with self._starting:
            if not self.is_running:
                self._forget_awaited()
                before()
                self.carrier = asyncio.get_running_loop()

    def _forget_awaited(self) -> None:
        """Lets those go on who wait for a loop that is closed."""
        for future in list(self._awaited):
            future.cancel()

    def stop(self) -> None:
        """Ends the thread, if the loop has one; from outside of it."""
        loop, thread = self.carrier, self._thread
        self.carrier = self._thread = None
        if thread is not None and loop is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    async def on_engine(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Awaits a coroutine on the engine's loop, from wherever this is."""
        branch = current_branch.get()
        if branch is None:
            return await self._on_engine(make)
        # The tasks that it makes are none of the workflow's.
        current_branch.set(None)
        try:
            return await self._on_engine(make)
        finally:
            current_branch.set(branch)

    async def _on_engine(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        here = running_loop()
        if here is self.loop:
            return await make()
        coroutine = make()
        try:
            remote = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except RuntimeError:
            coroutine.close()
            raise NotLaunched("the app was shut down at this moment") from None
        except NotLaunched:
            coroutine.close()
            raise
        return await self.wait_for(remote)

    async def wait_for(self, future: concurrent.futures.Future[T]) -> T:
        """Awaits a result that the engine's loop will set, from wherever this is."""
        self._awaited.add(future)
        future.add_done_callback(self._awaited.discard)
        if not self.is_running:
            # The loop may have looked already.
            future.cancel()
        if running_loop() is None:
            return _wait(future)
        return await asyncio.wrap_future(future)

    def call_soon(self, callback: Callable[..., object], *args: Any) -> None:
        """Calls back on the engine's loop, from any thread."""
        loop = self.loop
        branch = current_branch.get()
        current_branch.set(None)
        try:
            if running_loop() is loop:
                loop.call_soon(callback, *args)
            else:
                loop.call_soon_threadsafe(callback, *args)
        finally:
            current_branch.set(branch)

    def tell(self, callback: Callable[..., object], *args: Any) -> None:
        """Calls back on the engine's loop if that is still there: now, if this is on it."""
        here = running_loop()
        if here is not None and here is self.carrier:
            callback(*args)
        else:
            with contextlib.suppress(NotLaunched, RuntimeError):
                self.loop.call_soon_threadsafe(callback, *args)

    async def pause(self, seconds: float, *stops: Stop) -> None:
        """Waits, in memory; until one of `stops` is set at the latest."""
        loop = running_loop()
        with contextlib.ExitStack() as watching:
            if loop is None:
                woken = threading.Event()
                for stop in stops:
                    watching.enter_context(stop.calling(woken.set))
                woken.wait(seconds)
                return
            stopped = Signal()
            for stop in stops:
                watching.enter_context(stop.calling(lambda: loop.call_soon_threadsafe(stopped.set)))
            await stopped.wait(seconds)


def _wait(future: concurrent.futures.Future[T]) -> T:
    try:
        return future.result()
    except concurrent.futures.CancelledError:
        raise NotLaunched("the app was shut down while this call was waiting") from None


def _cancel_all(loop: asyncio.AbstractEventLoop, tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


def is_awaitable(value: object) -> bool:
    """What `isinstance(value, Awaitable)` tells, at a tenth of its price."""
    return hasattr(cast("type[Any]", type(value)), "__await__")


async def maybe_await(value: Any) -> Any:
    """The value, awaited if it needs to be."""
    return await cast("Awaitable[Any]", value) if is_awaitable(value) else value
