"""Absurd. Its schema comes from absurdctl.

Tried for the drain, at 1 step: one object that runs 100, four of 50, eight of 20, four of 200, each with its
own connection; one plain `start_worker` does about half of what four objects do. It has no call that spawns
many; what stands for it is one SELECT of its SQL function over all of them.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

from .base import QUEUE, Peer, copy_rows

# Its SDK refuses to wait for a task of the queue that the waiting task is in.
PARENTS = "parents"


class System(Peer):
    SETTINGS: ClassVar[Any] = {
        "objects": 4,
        "concurrency": 1,
        "batch": 100,
        "poll": 0.01,
        "result_poll": 0.005,
    }
    BETTER: ClassVar[Any] = {
        ("drain", "async"): {"concurrency": 100},
        ("latency", "async"): {"objects": 1},
        ("latency", "sync"): {"objects": 1},
        ("ping_pong", "async"): {"objects": 2, "batch": 1, "poll": 0.002},
        ("sleepers", "async"): {"concurrency": 100},
    }

    UNFINISHED = (
        f"select exists (select from absurd.t_{QUEUE} where state in ('pending', 'running', 'sleeping'))"
    )
    FINISHED = f"select count(*) from absurd.t_{QUEUE} where state = 'completed'"

    def install(self) -> None:
        from absurd_sdk import Absurd

        program = Path(sys.executable).with_name("absurdctl")
        subprocess.run([program, "init", "-d", self.url], check=True, stdout=subprocess.DEVNULL)
        app = Absurd(self.url)
        for queue in (QUEUE, PARENTS, *(f"q{i}" for i in range(20))):
            app.create_queue(queue)
        app.close()

    # ------------------------------------------------------------------------------------ client

    def open(self) -> None:
        import psycopg
        from absurd_sdk import Absurd

        self._connection = psycopg.connect(self.url, autocommit=True)
        self._client = Absurd(self._connection, queue_name=QUEUE)

    def enqueue(self, i: int) -> Any:
        return self._client.spawn("job", i, queue=QUEUE)["task_id"]

    def enqueue_many(self, n: int) -> None:
        self._connection.execute(
            "select count(s.task_id) from generate_series(0, %s) as i"
            " cross join lateral absurd.spawn_task(%s, 'job', to_jsonb(i), '{\"max_attempts\": 5}') as s",
            [n - 1, QUEUE],
        )

    def wait(self, enqueued: Any, queue: str = QUEUE) -> None:
        poll = self.settings.get("result_poll")
        if poll is None:
            self._client.await_task_result(enqueued, queue_name=queue)
            return
        while True:
            found = self._client.fetch_task_result(enqueued, queue)
            if found is not None and found.state == "completed":
                return
            if found is not None and found.state in ("failed", "cancelled"):
                raise RuntimeError(f"a task ended as {found.state}")
            time.sleep(poll)

    def fan_out(self, children: int) -> None:
        self.wait(self._client.spawn("parent", children, queue=PARENTS)["task_id"], PARENTS)

    def ping_pong(self, rounds: int) -> None:
        ponger = self._client.spawn("ponger", rounds, queue=QUEUE)["task_id"]
        pinger = self._client.spawn("pinger", rounds, queue=QUEUE)["task_id"]
        self.wait(pinger)
        self.wait(ponger)

    def enqueue_sleepers(self, n: int, seconds: float) -> None:
        for _ in range(n):
            self._client.spawn("sleeper", seconds, queue=QUEUE)

    # ------------------------------------------------------------------------------------ worker

    def prepare(self) -> None:
        import absurd_sdk

        self._sdk = absurd_sdk

    def _register(self, app: Any) -> None:
        steps, tick = self.steps, self.tick

        @app.register_task(name="job")
        def job(i: Any, context: Any) -> Any:
            for _ in range(steps):
                context.step("step", lambda: i)
            tick()
            return i

    def _register_async(self, app: Any) -> None:
        steps, tick = self.steps, self.tick

        @app.register_task(name="job")
        async def job(i: Any, context: Any) -> Any:
            async def step() -> Any:
                return i

            for _ in range(steps):
                await context.step("step", step)
            tick()
            return i

        # Events have names, and one name happens once: each message has its own.
        @app.register_task(name="pinger")
        async def pinger(rounds: Any, context: Any) -> None:
            for i in range(rounds):
                await context.emit_event(f"ping-{i}", i)
                await context.await_event(f"pong-{i}")

        @app.register_task(name="ponger")
        async def ponger(rounds: Any, context: Any) -> None:
            for i in range(rounds):
                await context.await_event(f"ping-{i}")
                await context.emit_event(f"pong-{i}", i)

        @app.register_task(name="sleeper")
        async def sleeper(seconds: Any, context: Any) -> None:
            await context.sleep_for("nap", seconds)
            tick()

    def serve(self) -> None:
        if self.queues != [QUEUE]:
            # A worker serves one queue: one thread for each, at the SDK's own pace.
            self._in_threads([lambda q=queue: self._serve_queue(q) for queue in self.queues])
            return
        if self.is_async:
            asyncio.run(self._serve_async())
            return
        jobs = [lambda i=i: self._serve_slot(i) for i in range(self.settings["objects"])]
        self._in_threads([*jobs, self._serve_parents])

    def _in_threads(self, jobs: list[Any]) -> None:
        threads = [threading.Thread(target=job, daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _options(self, slot: int) -> dict[str, Any]:
        return {
            "worker_id": f"{self.worker}.{slot}",
            "concurrency": self.settings["concurrency"],
            "batch_size": self.settings["batch"],
            "poll_interval": self.settings["poll"],
        }

    def _serve_slot(self, slot: int) -> None:
        app = self._sdk.Absurd(self.url, queue_name=QUEUE)
        self._register(app)
        app.start_worker(**self._options(slot))

    async def _serve_async(self) -> None:
        apps = [self._sdk.AsyncAbsurd(self.url, queue_name=QUEUE) for _ in range(self.settings["objects"])]
        for app in apps:
            self._register_async(app)
        await asyncio.gather(*(app.start_worker(**self._options(i)) for i, app in enumerate(apps)))

    def _serve_queue(self, queue: str) -> None:
        app = self._sdk.Absurd(self.url, queue_name=queue)
        self._register(app)
        app.start_worker()

    def _serve_parents(self) -> None:
        app = self._sdk.Absurd(self.url, queue_name=PARENTS)
        children = self._sdk.Absurd(self.url, queue_name=QUEUE)

        @app.register_task(name="parent")
        def parent(many: Any, context: Any) -> Any:
            ids = [
                context.step(f"spawn-{i}", lambda i=i: str(children.spawn("job", i, queue=QUEUE)["task_id"]))
                for i in range(many)
            ]
            return sum(context.await_task_result(id_, queue_name=QUEUE).result for id_ in ids)

        app.start_worker(poll_interval=self.settings["poll"])

    # ------------------------------------------------------------------------ large databases

    @classmethod
    def copy_finished(cls, connection: Any, n: int) -> None:
        copy_rows(
            connection,
            n,
            {"task": "absurd.portable_uuidv7()", "run": "absurd.portable_uuidv7()"},
            {
                f"absurd.t_{QUEUE}": {"task_id": "c.task", "last_attempt_run": "c.run"},
                f"absurd.r_{QUEUE}": {
                    "run_id": "c.run",
                    "task_id": "c.task",
                    "available_at": "s.available_at - c.i * interval '1 ms'",
                },
                f"absurd.c_{QUEUE}": {"task_id": "c.task"},
            },
        )
