"""PgQueuer: a queue of jobs, without steps and results. A finished job is deleted and logged.

Tried for the drain: batches of 50, 100 and 500; 500 is the fastest. It claims, deletes and logs in batches;
an end that is in a batch not yet written is lost with the process.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from .base import QUEUE, Peer, copy_rows


class System(Peer):
    SETTINGS: ClassVar[Any] = {"batch": 500, "pool": 10, "result_poll": 0.005}
    UNFINISHED = "select exists (select from pgqueuer)"
    FINISHED = "select count(*) from pgqueuer_log where status = 'successful'"

    def install(self) -> None:
        import asyncpg
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        async def install() -> None:
            connection = await asyncpg.connect(self.url)
            await Queries(AsyncpgDriver(connection)).install()
            await connection.close()

        asyncio.run(install())

    # ------------------------------------------------------------------------------------ client

    def open(self) -> None:
        import asyncpg
        import uvloop
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        self._loop = uvloop.new_event_loop()
        connection = self._loop.run_until_complete(asyncpg.connect(self.url))
        # Made on its loop, as it makes a lock.
        self._queries = self._loop.run_until_complete(_made(lambda: Queries(AsyncpgDriver(connection))))

    def limit(self, running: int) -> None:
        # A setting of the worker: see `serve`.
        pass

    def enqueue(self, i: int) -> Any:
        return self._loop.run_until_complete(self._queries.enqueue("job", b"%d" % i))[0]

    def enqueue_many(self, n: int) -> None:
        payloads = [b"%d" % i for i in range(n)]
        self._loop.run_until_complete(self._queries.enqueue(["job"] * n, payloads, [0] * n))

    def wait(self, enqueued: Any) -> None:
        self._loop.run_until_complete(self._wait(enqueued))

    async def _wait(self, enqueued: Any) -> None:
        while True:
            found = await self._queries.job_status([enqueued])
            if found and found[0][1] == "successful":
                return
            await asyncio.sleep(self.settings["result_poll"])

    # ------------------------------------------------------------------------------------ worker

    def prepare(self) -> None:
        import asyncpg  # noqa: F401
        import pgqueuer  # noqa: F401

    def serve(self) -> None:
        import uvloop

        uvloop.run(self._serve())

    async def _serve(self) -> None:
        import asyncpg
        from pgqueuer import PgQueuer

        size = self.settings.get("pool")
        pool = await asyncpg.create_pool(self.url, **({"min_size": size, "max_size": size} if size else {}))
        app, tick = PgQueuer.from_asyncpg_pool(pool), self.tick
        names = ["job"] if self.queues == [QUEUE] else self.queues
        for name in names:

            @app.entrypoint(name, concurrency_limit=self.settings.get("limit", 0))
            async def job(_job: Any) -> None:
                tick()

        batch = self.settings.get("batch")
        await app.run(**({"batch_size": batch} if batch else {}))

    # ------------------------------------------------------------------------ large databases

    @classmethod
    def copy_finished(cls, connection: Any, n: int) -> None:
        copy_rows(
            connection,
            n,
            {"id": "nextval('pgqueuer_id_seq')"},
            {"pgqueuer_log": {"id": "nextval('pgqueuer_log_id_seq')", "job_id": "c.id"}},
        )


async def _made(make: Any) -> Any:
    return make()
