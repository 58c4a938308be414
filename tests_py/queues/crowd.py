"""Many sessions that work at the same time and, now and then, stand still together."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class Member:
    """One of the crowd. What it needs it makes in `begin` and gives back in `end`."""

    def begin(self) -> None: ...

    def act(self) -> None:
        raise NotImplementedError

    def end(self) -> None: ...


def run_crowd(
    members: list[Any],
    seconds: float,
    *,
    rounds: int = 1,
    when_quiet: Callable[[], object] = lambda: None,
) -> None:
    """Let all members act for so long; after each round, when all have stopped, call `when_quiet`.

    What one of them raises ends the run and is raised here.
    """
    errors: list[BaseException] = []

    def settle() -> None:
        try:
            when_quiet()
        except BaseException as error:
            errors.append(error)

    together = threading.Barrier(len(members), action=settle)

    def live(member: Any) -> None:
        try:
            member.begin()
            try:
                for _ in range(rounds):
                    together.wait(60)
                    until = time.monotonic() + seconds / rounds
                    while time.monotonic() < until and not errors:
                        member.act()
                together.wait(60)
            finally:
                member.end()
        except BaseException as error:
            errors.append(error)
            together.abort()

    with ThreadPoolExecutor(len(members)) as pool:
        list(pool.map(live, members))
    if errors:
        raise errors[0]
