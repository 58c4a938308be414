"""A process that uses one system, in that system's environment: told what to do by lines of JSON.

    python -m bench.child '{"peer": "dbos", "url": ..., ...}'

A client does what it is asked and answers; a worker gets ready, answers, and works when told to go.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .peers import peer
from .peers.base import Peer, Progress

CHUNK = 10_000


def main() -> None:
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    config: dict[str, Any] = json.loads(sys.argv[1])
    role = config.pop("role")
    progress = Progress(Path(config.pop("progress")), config.get("worker", 0))
    system = peer(config.pop("peer"))(config.pop("url"), config.pop("settings"), progress=progress, **config)

    def answer(value: object) -> None:
        answers.write(json.dumps(value) + "\n")

    try:
        if role == "worker":
            system.prepare()
            answer({})
            sys.stdin.readline()
            system.serve()
            raise RuntimeError("the worker ended")
        for line in sys.stdin:
            request = json.loads(line)
            answer(TASKS[request.pop("do")](system, **request))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    # Threads and pools of the system must not keep a process that is done.
    os._exit(1 if role == "worker" else 0)


def _install(system: Peer) -> dict[str, float]:
    system.install()
    return {}


def _open(system: Peer) -> dict[str, float]:
    system.open()
    return {}


def _limit(system: Peer, running: int) -> dict[str, float]:
    system.limit(running)
    return {}


def _fill(system: Peer, n: int) -> dict[str, float]:
    for done in range(0, n, CHUNK):
        system.enqueue_many(min(CHUNK, n - done))
    return {}


def _one(system: Peer) -> dict[str, float]:
    system.wait(system.enqueue(0))
    return {}


def _put(system: Peer) -> dict[str, float]:
    system.enqueue(0)
    return {}


def _enqueue(system: Peer, n: int) -> dict[str, float]:
    for i in range(50):
        system.enqueue(i)
    taken = []
    began = time.perf_counter()
    for i in range(n):
        before = time.perf_counter()
        system.enqueue(i)
        taken.append(time.perf_counter() - before)
    return {"per_s": n / (time.perf_counter() - began), **quantiles(taken)}


def _enqueue_many(system: Peer, n: int, times: int) -> dict[str, float]:
    system.enqueue_many(100)
    began = time.perf_counter()
    for _ in range(times):
        system.enqueue_many(n)
    return {"per_s": n * times / (time.perf_counter() - began)}


def _latency(system: Peer, n: int) -> dict[str, float]:
    for i in range(5):
        system.wait(system.enqueue(i))
    taken = []
    for i in range(n):
        # Idle in between, and for times that do not fall in step with anybody's polling.
        time.sleep(random.uniform(0.005, 0.03))
        before = time.perf_counter()
        system.wait(system.enqueue(i))
        taken.append(time.perf_counter() - before)
    return quantiles(taken)


def _fan_out(system: Peer, children: int) -> dict[str, float]:
    system.wait(system.enqueue(0))
    began = time.perf_counter()
    system.fan_out(children)
    taken = time.perf_counter() - began
    return {"per_s": children / taken, "s": taken}


def _ping_pong(system: Peer, rounds: int) -> dict[str, float]:
    system.wait(system.enqueue(0))
    began = time.perf_counter()
    system.ping_pong(rounds)
    return {"ms": (time.perf_counter() - began) * 1e3 / rounds}


def _sleepers(system: Peer, n: int, seconds: float) -> dict[str, float]:
    system.enqueue_sleepers(n, seconds)
    return {}


def _direct(system: Peer, n: int, at_once: int) -> dict[str, float]:
    taken = system.direct(n, at_once)
    return {"per_s": n / taken, "ms": taken * 1e3 / n}


def quantiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"p{q}_ms": ordered[min(len(ordered) - 1, round(q / 100 * (len(ordered) - 1)))] * 1e3
        for q in (50, 95, 99)
    }


TASKS: dict[str, Callable[..., dict[str, float]]] = {
    "install": _install,
    "open": _open,
    "limit": _limit,
    "fill": _fill,
    "one": _one,
    "put": _put,
    "enqueue": _enqueue,
    "enqueue_many": _enqueue_many,
    "latency": _latency,
    "fan_out": _fan_out,
    "ping_pong": _ping_pong,
    "sleepers": _sleepers,
    "direct": _direct,
}


if __name__ == "__main__":
    main()
