"""DBOS Transact for Python.

Tried for the drain, at 1 step: pools of 20 and 50, polls of 10 to 200 ms, 16 to 500 workflows at once and no
bound. Coroutines do best with more at once and fewer polls. LISTEN/NOTIFY and its executor's threads are as
they come. It has no call that enqueues many; what stands for it is one transaction with many of its calls.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from .base import QUEUE, Peer, copy_rows


class System(Peer):
    SETTINGS: ClassVar[Any] = {"worker_concurrency": 64, "poll": 0.01, "result_poll": 0.005, "pool": 20}
    BETTER: ClassVar[Any] = {
        ("drain", "async"): {"worker_concurrency": 200, "poll": 0.05},
        # Each sleeper keeps its place.
        ("sleepers", "async"): {"worker_concurrency": None},
    }

    _ACTIVE = "select from dbos.workflow_status where status in ('ENQUEUED', 'PENDING', 'DELAYED')"
    UNFINISHED = f"select exists ({_ACTIVE})"
    FINISHED = "select count(*) from dbos.workflow_status where status = 'SUCCESS'"

    def install(self) -> None:
        self.prepare()
        self._dbos.launch()
        self._dbos.register_queue(QUEUE)
        self._dbos.destroy()

    # ------------------------------------------------------------------------------------ client

    def open(self) -> None:
        import sqlalchemy
        from dbos import DBOSClient

        self._database = sqlalchemy.create_engine(
            self.url.replace("postgresql://", "postgresql+psycopg://", 1)
        )
        self._client = DBOSClient(system_database_url=self.url, application_name="bench")
        if self.settings:
            self._client.register_queue(
                QUEUE,
                worker_concurrency=self.settings["worker_concurrency"],
                polling_interval_sec=self.settings["poll"],
            )

    def limit(self, running: int) -> None:
        self._client.register_queue(
            QUEUE, global_concurrency=running, polling_interval_sec=self.settings["poll"]
        )

    def _options(self, workflow: str = "job") -> Any:
        return {"workflow_name": workflow, "queue_name": QUEUE, "app_version": "bench"}

    def enqueue(self, i: int) -> Any:
        return self._client.enqueue(self._options(), i)

    def enqueue_many(self, n: int) -> None:
        with self._database.begin() as connection:
            for i in range(n):
                self._client.enqueue_in_transaction(connection, self._options(), i)

    def wait(self, enqueued: Any) -> None:
        enqueued.get_result(polling_interval_sec=self.settings.get("result_poll", 1.0))

    def fan_out(self, children: int) -> None:
        self.wait(self._client.enqueue(self._options("parent"), children))

    def ping_pong(self, rounds: int) -> None:
        ponger = self._client.enqueue(self._options("ponger"), rounds)
        pinger = self._client.enqueue(self._options("pinger"), rounds, ponger.workflow_id)
        self.wait(pinger)
        self.wait(ponger)

    def enqueue_sleepers(self, n: int, seconds: float) -> None:
        for _ in range(n):
            self._client.enqueue(self._options("sleeper"), seconds)

    def direct(self, n: int, at_once: int) -> float:
        self.prepare()
        self._dbos.launch()
        job = self._job
        if self.is_async:
            return asyncio.run(self._direct_async(n, at_once))
        if at_once == 1:
            for i in range(20):
                job(i)
            began = time.perf_counter()
            for i in range(n):
                job(i)
            return time.perf_counter() - began
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(job, range(2 * at_once)))
            began = time.perf_counter()
            list(pool.map(job, range(n)))
            return time.perf_counter() - began

    async def _direct_async(self, n: int, at_once: int) -> float:
        async def one_after_another(numbers: Any) -> None:
            for i in numbers:
                await self._job(i)

        async def run(many: int) -> float:
            numbers = iter(range(many))
            began = time.perf_counter()
            await asyncio.gather(*(one_after_another(numbers) for _ in range(at_once)))
            return time.perf_counter() - began

        await run(20 + at_once)
        return await run(n)

    # ------------------------------------------------------------------------------------ worker

    def prepare(self) -> None:
        from dbos import DBOS

        config: Any = {
            "name": "bench",
            "system_database_url": self.url,
            "log_level": "ERROR",
            "application_version": "bench",
            "executor_id": f"worker-{self.worker}",
        }
        if self.settings:
            config["sys_db_pool_size"] = self.settings["pool"]
        DBOS(config=config)
        self._dbos = DBOS
        steps, tick = self.steps, self.tick

        if self.is_async:

            @DBOS.step()
            async def step(i: int) -> int:
                return i

            @DBOS.workflow(name="job")
            async def job(i: int) -> int:
                for _ in range(steps):
                    await step(i)
                tick()
                return i

        else:

            @DBOS.step()
            def step(i: int) -> int:
                return i

            @DBOS.workflow(name="job")
            def job(i: int) -> int:
                for _ in range(steps):
                    step(i)
                tick()
                return i

        self._job = job
        self._register_others(DBOS)

    def _register_others(self, dbos: Any) -> None:
        poll, job, tick = self.settings.get("result_poll", 1.0), self._job, self.tick

        if self.is_async:

            @dbos.workflow(name="parent")
            async def parent(children: int) -> int:
                handles = [await dbos.enqueue_workflow_async(QUEUE, job, i) for i in range(children)]
                return sum([await handle.get_result(polling_interval_sec=poll) for handle in handles])

        else:

            @dbos.workflow(name="parent")
            def parent(children: int) -> int:
                handles = [dbos.enqueue_workflow(QUEUE, job, i) for i in range(children)]
                return sum(handle.get_result(polling_interval_sec=poll) for handle in handles)

        @dbos.workflow(name="ponger")
        def ponger(rounds: int) -> None:
            for _ in range(rounds):
                sender = dbos.recv("ping", timeout_seconds=60)
                dbos.send(sender, 1, "pong")

        @dbos.workflow(name="pinger")
        def pinger(rounds: int, other: str) -> None:
            for _ in range(rounds):
                dbos.send(other, dbos.workflow_id, "ping")
                dbos.recv("pong", timeout_seconds=60)

        @dbos.workflow(name="sleeper")
        async def sleeper(seconds: float) -> None:
            await dbos.sleep_async(seconds)
            tick()

    def serve(self) -> None:
        self._dbos.launch()
        for name in self.queues:
            if name != QUEUE:
                self._dbos.register_queue(name)
        while True:
            time.sleep(3600)

    # ------------------------------------------------------------------------ large databases

    @classmethod
    def _copy(cls, connection: Any, n: int, tables: tuple[str, ...]) -> None:
        replaced = {"workflow_uuid": "c.id"}
        copy_rows(
            connection,
            n,
            {"id": "gen_random_uuid()::text"},
            {
                # A millisecond apart, as if they had been enqueued at 1,000 a second.
                "dbos.workflow_status": {**replaced, "created_at": "s.created_at + c.i"},
                **{f"dbos.{table}": replaced for table in tables},
            },
        )

    @classmethod
    def copy_waiting(cls, connection: Any, n: int) -> bool:
        # What has finished already must not be copied with it.
        id_ = connection.execute(
            "select workflow_uuid from dbos.workflow_status where status = 'ENQUEUED'"
        ).fetchone()[0]
        replaced = {"workflow_uuid": "c.id"}
        copy_rows(
            connection,
            n,
            {"id": "gen_random_uuid()::text"},
            {
                "dbos.workflow_status": {**replaced, "created_at": "s.created_at + c.i"},
                "dbos.workflow_input": replaced,
            },
            where=f"s.workflow_uuid = '{id_}'",
        )
        return True

    @classmethod
    def copy_finished(cls, connection: Any, n: int) -> None:
        cls._copy(connection, n, ("workflow_input", "workflow_output", "operation_outputs"))
