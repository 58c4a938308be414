"""Waiting for a condition, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

INTERVAL = 0.005


class NeverHappened(AssertionError):
    """The awaited condition did not come about in time."""


def wait_until(condition: Callable[[], T], timeout: float = 10.0, what: str | None = None) -> T:
    """Call `condition` until it returns something true, and return that."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise NeverHappened(_message(condition, what, timeout, result))
        time.sleep(INTERVAL)


async def wait_until_async(
    condition: Callable[[], T | Awaitable[T]], timeout: float = 10.0, what: str | None = None
) -> T:
    """The same in an event loop; the condition may be a function or a coroutine function."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        result: T = await answer if inspect.isawaitable(answer) else answer
        if result:
            return result
        if time.monotonic() > deadline:
            raise NeverHappened(_message(condition, what, timeout, result))
        await asyncio.sleep(INTERVAL)


def _message(condition: Callable[[], object], what: str | None, timeout: float, last: object) -> str:
    if what is None:
        what = _source(condition)
    return f"not within {timeout:g} s: {what} (last answer: {last!r})"


def _source(condition: Callable[[], object]) -> str:
    try:
        return " ".join(inspect.getsource(condition).split())
    except (OSError, TypeError):
        return getattr(condition, "__name__", repr(condition))
