"""Queues, for programs: made, seen, changed, removed; part of `Client`."""

from __future__ import annotations

from typing import Any

from ._connected import Connected
from ._loop import run_sync
from ._queue import Queue, QueueSettings, QueueStats, dump_changes, queue_limits, queue_name


class Queues(Connected):
    """The part of a client that has to do with queues."""

    def queue(self, name: str, *, on_conflict: str | None = None, **settings: Any) -> Queue:
        """Returns a queue, which is made if there is none of this name.

        Without settings, one that exists keeps its own. With settings it gets exactly these: what is left out
        is without limit.

        Args:
            name: 1 to 512 bytes.
            on_conflict: what to do if it exists: "update" its settings to exactly these, or "keep" them;
                None: "update" if there are any here.
            **settings: `concurrency` (how many of its workflows run at once, over all executors),
                `worker_concurrency` (on one executor), `rate_limit` and `rate_period` (how many start at
                most in any such span), `partitioned` (its workflows have partition keys, which are served
                in turn), `partition_concurrency`, `partition_rate_limit`, `partition_rate_period` (the
                same for each partition), `priority_ageing` (the wait that counts as one step of
                priority). Periods are seconds or timedeltas; without a limit there is none.

        Raises:
            InvalidArgument: the name is empty or too long, a setting is unknown or out of range.
            QueueInUse: partitions would come or go under active workflows.
        """
        return run_sync(self.queue_async(name, on_conflict=on_conflict, **settings), "queue_async")

    async def queue_async(self, name: str, *, on_conflict: str | None = None, **settings: Any) -> Queue:
        """`queue` for async code."""
        name = queue_name("the name of a queue", name)
        if on_conflict is None:
            on_conflict = "update" if settings else "keep"
        await self.register_queue_async(name, on_conflict=on_conflict, **settings)
        return Queue(self, name)

    def register_queue(self, name: str, *, on_conflict: str = "keep", **settings: Any) -> bool:
        """Makes a queue; see `queue`. One that exists keeps its settings.

        Returns:
            Whether it is new.
        """
        return run_sync(
            self.register_queue_async(name, on_conflict=on_conflict, **settings), "register_queue_async"
        )

    async def register_queue_async(self, name: str, *, on_conflict: str = "keep", **settings: Any) -> bool:
        """`register_queue` for async code."""
        found, limits = queue_name("the name of a queue", name), queue_limits(settings)
        return await self._ask(lambda: self._engine.register_queue(found, limits, on_conflict))

    def list_queues(self) -> list[QueueSettings]:
        """The queues with their settings, by name."""
        return run_sync(self.list_queues_async(), "list_queues_async")

    async def list_queues_async(self) -> list[QueueSettings]:
        """`list_queues` for async code."""
        return [QueueSettings(*row) for row in await self._ask(self._engine.list_queues)]

    def queue_stats(self, queue: str | None = None, *, with_direct: bool = False) -> list[QueueStats]:
        """What each queue, or one, holds now.

        Args:
            queue: the name of one; None for all.
            with_direct: of all, also what was started directly: the last one, without a name.

        Raises:
            QueueNotFound: there is no such queue.
        """
        return run_sync(self.queue_stats_async(queue, with_direct=with_direct), "queue_stats_async")

    async def queue_stats_async(
        self, queue: str | None = None, *, with_direct: bool = False
    ) -> list[QueueStats]:
        """`queue_stats` for async code."""
        name = None if queue is None else queue_name("queue", queue)
        rows = await self._ask(lambda: self._engine.queue_stats(name, with_direct))
        return [QueueStats(*row) for row in rows]

    def update_queue(self, queue: str, **changes: Any) -> None:
        """Changes settings of a queue, from the next claim on; see `Queue.update`."""
        run_sync(self.update_queue_async(queue, **changes), "update_queue_async")

    async def update_queue_async(self, queue: str, **changes: Any) -> None:
        """`update_queue` for async code."""
        name, json = queue_name("queue", queue), dump_changes(changes)
        await self._ask(lambda: self._engine.update_queue(name, json))

    def pause_queue(self, queue: str) -> None:
        """Lets no more workflows of a queue start; what runs goes on.

        Raises:
            QueueNotFound: there is no such queue.
        """
        run_sync(self.pause_queue_async(queue), "pause_queue_async")

    async def pause_queue_async(self, queue: str) -> None:
        """`pause_queue` for async code."""
        await self.update_queue_async(queue, paused=True)

    def resume_queue(self, queue: str) -> None:
        """Lets the workflows of a queue start again.

        Raises:
            QueueNotFound: there is no such queue.
        """
        run_sync(self.resume_queue_async(queue), "resume_queue_async")

    async def resume_queue_async(self, queue: str) -> None:
        """`resume_queue` for async code."""
        await self.update_queue_async(queue, paused=False)

    def delete_queue(self, queue: str) -> None:
        """Removes a queue that has no active workflows.

        Raises:
            QueueNotFound: there is no such queue.
            QueueInUse: it has active workflows.
        """
        run_sync(self.delete_queue_async(queue), "delete_queue_async")

    async def delete_queue_async(self, queue: str) -> None:
        """`delete_queue` for async code."""
        name = queue_name("queue", queue)
        await self._ask(lambda: self._engine.delete_queue(name))
