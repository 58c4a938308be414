"""Perdure. `uvloop` and `concurrency` are what can be tuned; without settings it runs as it comes."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .base import QUEUE, Peer, copy_rows

# Tuned: other loops are faster, and a busy worker batches better with more at once.
TUNED = {"uvloop": True, "concurrency": 1000}


class System(Peer):
    UNFINISHED = "select exists (select from perdure.tasks)"
    FINISHED = "select count(*) from perdure.outcomes where status = 'SUCCESS'"

    def install(self) -> None:
        import perdure

        perdure.install(self.url)
        with perdure.Client(self.url) as client:
            client.queue(QUEUE)

    # ------------------------------------------------------------------------------------ client

    def open(self) -> None:
        import perdure

        self._loop = self._make_loop() if self.settings.get("uvloop") else None
        self._client = perdure.Client(self.url)

    def limit(self, running: int) -> None:
        self._client.queue(QUEUE, concurrency=running)

    def enqueue(self, i: int) -> Any:
        if self._loop is not None:
            return self._loop.run_until_complete(self._client.enqueue_async("job", i, queue=QUEUE))
        return self._client.enqueue("job", i, queue=QUEUE)

    def enqueue_many(self, n: int) -> None:
        if self._loop is not None:
            many = self._client.enqueue_many_async("job", [(i,) for i in range(n)], queue=QUEUE)
            self._loop.run_until_complete(many)
        else:
            self._client.enqueue_many("job", [(i,) for i in range(n)], queue=QUEUE)

    def wait(self, enqueued: Any) -> None:
        if self._loop is not None:
            self._loop.run_until_complete(enqueued.get_result_async())
        else:
            enqueued.get_result()

    def _ask(self, workflow: str, *args: Any, **options: Any) -> Any:
        options["queue"] = QUEUE
        if self._loop is not None:
            return self._loop.run_until_complete(self._client.enqueue_async(workflow, *args, **options))
        return self._client.enqueue(workflow, *args, **options)

    def fan_out(self, children: int) -> None:
        self.wait(self._ask("parent", children))

    def ping_pong(self, rounds: int) -> None:
        ponger = self._ask("ponger", rounds, "the-pinger", workflow_id="the-ponger")
        pinger = self._ask("pinger", rounds, "the-ponger", workflow_id="the-pinger")
        self.wait(pinger)
        self.wait(ponger)

    def enqueue_sleepers(self, n: int, seconds: float) -> None:
        many = [(seconds,)] * n
        if self._loop is not None:
            self._loop.run_until_complete(self._client.enqueue_many_async("sleeper", many, queue=QUEUE))
        else:
            self._client.enqueue_many("sleeper", many, queue=QUEUE)

    def direct(self, n: int, at_once: int) -> float:
        self.prepare()
        if self.is_async:
            loop = self._make_loop()
            return loop.run_until_complete(self._direct_async(n, at_once))
        if self.settings.get("uvloop"):
            self._use_uvloop()
        with self._app:
            if at_once == 1:
                for i in range(20):
                    self._job(i)
                began = time.perf_counter()
                for i in range(n):
                    self._job(i)
                return time.perf_counter() - began
            with ThreadPoolExecutor(at_once) as pool:
                list(pool.map(self._job, range(2 * at_once)))
                began = time.perf_counter()
                list(pool.map(self._job, range(n)))
                return time.perf_counter() - began

    async def _direct_async(self, n: int, at_once: int) -> float:
        async def one_after_another(numbers: Any) -> None:
            for i in numbers:
                await self._job(i)

        async def run(many: int) -> float:
            # Each of `at_once` tasks runs one after another of the same numbers.
            numbers = iter(range(many))
            began = time.perf_counter()
            await asyncio.gather(*(one_after_another(numbers) for _ in range(at_once)))
            return time.perf_counter() - began

        async with self._app:
            await run(20 + at_once)
            return await run(n)

    # ------------------------------------------------------------------------------------ worker

    def prepare(self) -> None:
        import perdure

        given = {k: v for k, v in self.settings.items() if k == "concurrency"}
        app = self._app = perdure.Perdure(self.url, **given)
        steps, tick = self.steps, self.tick

        if self.is_async:

            @app.step()
            async def step(i: int) -> int:
                return i

            @app.workflow(name="job")
            async def job(i: int) -> int:
                for _ in range(steps):
                    await step(i)
                tick()
                return i

        else:

            @app.step()
            def step(i: int) -> int:
                return i

            @app.workflow(name="job")
            def job(i: int) -> int:
                for _ in range(steps):
                    step(i)
                tick()
                return i

        self._job = job
        self._register_others(app)

    def _register_others(self, app: Any) -> None:
        tick, job = self.tick, self._job

        if self.is_async:

            @app.workflow(name="parent")
            async def parent(children: int) -> int:
                handles = await app.enqueue_many_async(job, [(i,) for i in range(children)], queue=QUEUE)
                return sum([await handle.get_result_async() for handle in handles])

        else:

            @app.workflow(name="parent")
            def parent(children: int) -> int:
                handles = app.enqueue_many(job, [(i,) for i in range(children)], queue=QUEUE)
                return sum(handle.get_result() for handle in handles)

        if not hasattr(app, "recv"):
            return

        @app.workflow(name="ponger")
        async def ponger(rounds: int, other: str) -> None:
            for _ in range(rounds):
                await app.recv_async("ping", timeout=60)
                await app.send_async(other, 1, "pong")

        @app.workflow(name="pinger")
        async def pinger(rounds: int, other: str) -> None:
            for _ in range(rounds):
                await app.send_async(other, 1, "ping")
                await app.recv_async("pong", timeout=60)

        @app.workflow(name="sleeper")
        async def sleeper(seconds: float) -> None:
            await app.sleep_async(seconds)
            tick()

    def serve(self) -> None:
        for name in self.queues:
            if name != QUEUE:
                self._app.queue(name)
        if self.settings.get("uvloop"):
            self._use_uvloop()
        self._app.run()

    def _make_loop(self) -> asyncio.AbstractEventLoop:
        if self.settings.get("uvloop"):
            self._use_uvloop()
        return asyncio.new_event_loop()

    def _use_uvloop(self) -> None:
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

    # ------------------------------------------------------------------------ large databases

    @classmethod
    def copy_finished(cls, connection: Any, n: int) -> None:
        copy_rows(
            connection,
            n,
            {"key": "nextval('perdure.task_keys')"},
            {
                "perdure.workflows": {"key": "c.key", "workflow_id": "'copy-' || c.key"},
                "perdure.steps": {"key": "c.key"},
                "perdure.outcomes": {"key": "c.key"},
            },
        )
