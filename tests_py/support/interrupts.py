"""Interrupts at every place where a signal may come."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


class Interrupted(BaseException):
    """What a handler of a signal raises."""


def interrupt(call: Callable[[], object], n: int, modules: tuple[str, ...]) -> bool:
    """Calls, and raises `Interrupted` in this thread where Python would run the handler of a signal: when a
    function begins, or one that is written in C has returned; the nth time that this is so in these modules.

    Returns:
        Whether it came to that.
    """
    left = n

    def profile(frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal left
        if event in ("call", "c_return") and frame.f_globals.get("__name__") in modules:
            left -= 1
            if left == 0:
                sys.setprofile(None)
                raise Interrupted

    sys.setprofile(profile)
    try:
        call()
    except Interrupted:
        pass
    finally:
        sys.setprofile(None)
    return left <= 0


def interrupt_everywhere(call: Callable[[], object], modules: tuple[str, ...]) -> int:
    """`interrupt` at one place after the other; how many there were."""
    n = 1
    while interrupt(call, n, modules):
        n += 1
    return n - 1
