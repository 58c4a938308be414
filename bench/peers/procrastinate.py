"""Procrastinate: a queue of jobs, without steps and results. Finished jobs are kept, as it comes.

Tried for the drain: 10, 20 and 50 jobs at once; 10 is the fastest.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, ClassVar

from .base import QUEUE, Peer, copy_rows


class System(Peer):
    SETTINGS: ClassVar[Any] = {"concurrency": 10, "pool": 10, "result_poll": 0.005}
    UNFINISHED = "select exists (select from procrastinate_jobs where status in ('todo', 'doing'))"
    FINISHED = "select count(*) from procrastinate_jobs where status = 'succeeded'"

    def _app(self, connector: Any) -> tuple[Any, Any]:
        import procrastinate

        logging.disable(logging.INFO)
        app, tick = procrastinate.App(connector=connector), self.tick

        @app.task(queue=QUEUE, name="job")
        async def job(i: int) -> int:
            tick()
            return i

        return app, job

    def install(self) -> None:
        import procrastinate

        app, _ = self._app(procrastinate.SyncPsycopgConnector(conninfo=self.url))
        with app.open():
            app.schema_manager.apply_schema()

    # ------------------------------------------------------------------------------------ client

    def open(self) -> None:
        import procrastinate

        self._client, self._job = self._app(procrastinate.SyncPsycopgConnector(conninfo=self.url))
        self._client.open()

    def enqueue(self, i: int) -> Any:
        return self._job.defer(i=i)

    def enqueue_many(self, n: int) -> None:
        self._job.batch_defer(*({"i": i} for i in range(n)))

    def wait(self, enqueued: Any) -> None:
        from procrastinate.jobs import Status

        while self._client.job_manager.get_job_status(job_id=enqueued) != Status.SUCCEEDED:
            time.sleep(self.settings["result_poll"])

    # ------------------------------------------------------------------------------------ worker

    def prepare(self) -> None:
        import procrastinate

        size = self.settings.get("pool")
        pool = {} if size is None else {"min_size": size, "max_size": size}
        self._worker, _ = self._app(procrastinate.PsycopgConnector(conninfo=self.url, **pool))

    def serve(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        given = {k: v for k, v in self.settings.items() if k == "concurrency"}
        async with self._worker.open_async():
            await self._worker.run_worker_async(queues=self.queues, install_signal_handlers=False, **given)

    # ------------------------------------------------------------------------ large databases

    @classmethod
    def copy_finished(cls, connection: Any, n: int) -> None:
        copy_rows(
            connection,
            n,
            {"id": "nextval('procrastinate_jobs_id_seq')"},
            {
                "procrastinate_jobs": {"id": "c.id"},
                "procrastinate_events": {"id": "nextval('procrastinate_events_id_seq')", "job_id": "c.id"},
            },
        )
