"""Many sessions that work at the same time and, now and then, stand still together."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# How many seconds more a slow machine gets.
PATIENCE = 60.0


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
    enough: Callable[[], bool] = lambda: True,
) -> None:
    """Let all members act for so long; after each round, when all have stopped, call `when_quiet`.

    How much they do in that time depends on the machine: the last round goes on until it is `enough`, or much
    more time has passed. What one of them raises ends the run and is raised here.
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
                for number in range(rounds):
                    together.wait(60)
                    until = time.monotonic() + seconds / rounds
                    latest = until + (PATIENCE if number == rounds - 1 else 0)
                    while not errors and (
                        time.monotonic() < until or (time.monotonic() < latest and not enough())
                    ):
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
