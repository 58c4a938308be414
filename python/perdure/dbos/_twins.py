"""Both faces of a method from one: the async one is written, the sync one derived."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar, cast, overload

from .._branches import current_branch, number_tasks
from .._errors import PerdureError
from .._loop import run_sync, running_loop
from ._errors import translated
from ._handles import AsyncHandle, SyncHandle
from ._types import WorkflowHandle, WorkflowHandleAsync

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")


def asks(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """Lets an async method raise the exceptions that DBOS has."""

    @functools.wraps(method)
    async def asking(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await method(self, *args, **kwargs)
        except PerdureError as error:
            raise translated(error) from error

    return asking


@overload
def sync_of(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, WorkflowHandleAsync[R]]],
) -> Callable[Concatenate[S, P], WorkflowHandle[R]]: ...


@overload
def sync_of(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, list[WorkflowHandleAsync[R]]]],
) -> Callable[Concatenate[S, P], list[WorkflowHandle[R]]]: ...


@overload
def sync_of(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, P], R]: ...


def sync_of(method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """The sync face of an async method: waits for it, and gives sync handles for async ones."""
    twin = method.__name__.lstrip("_")
    name = twin.removesuffix("_async")

    @functools.wraps(method)
    def sync(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        refuse_running_loop(name, twin)
        return as_sync(run_sync(method(self, *args, **kwargs), twin))

    sync.__name__, sync.__qualname__ = name, method.__qualname__.rpartition(".")[0] + "." + name
    sync.__doc__ = method.__doc__
    shown: Any = sync
    shown.__signature__ = inspect.signature(method)
    del shown.__wrapped__
    return shown


def refuse_running_loop(name: str, twin: str) -> None:
    """Raises RuntimeError in a thread whose event loop runs."""
    if running_loop() is not None:
        raise RuntimeError(f"{name}() would stop the event loop that runs in this thread: await {twin}()")


def as_sync(value: Any) -> Any:
    """What an async call gave, for sync code."""
    if isinstance(value, AsyncHandle):
        return SyncHandle[Any].of(cast("AsyncHandle[Any]", value))
    if isinstance(value, list):
        return [as_sync(v) for v in cast("list[Any]", value)]
    return value


def drive(coroutine: Coroutine[Any, Any, R]) -> R:
    """Runs a coroutine of this package to its end, also in a thread whose event loop runs; that stands still
    meanwhile, as it does for any function that blocks."""
    if running_loop() is None:
        return run_sync(coroutine, "an async function")
    context = contextvars.copy_context()
    found: list[R] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(context.run(run_sync, coroutine, "an async function"))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="perdure-dbos-call", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


class UserLoop:
    """The event loop of async workflows that no loop of the program runs: a thread of its own, so that code
    that blocks it does not stop the engine."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    async def run(self, make: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """Awaits a coroutine there, in the context of the caller."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="perdure-dbos-async", daemon=True
                )
                number_tasks(self._loop)
                self._thread.start()
        branch = current_branch.get()

        async def go_on() -> R:
            current_branch.set(branch)
            return await make()

        # It is no branch of the caller's, who waits for it, but goes on where that is.
        current_branch.set(None)
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(go_on(), self._loop))
        finally:
            current_branch.set(branch)

    def stop(self) -> None:
        """Ends the thread."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
