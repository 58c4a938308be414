"""Queues, and what is put into them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._checks import Seconds, span
from .connections import Connections
from .identity import origin, origins
from .items import (
    StartItem,
    numbers,
    parent_arrays,
    parent_steps,
    texts,
    texts_or_none,
)

if TYPE_CHECKING:
    from .._options import EnqueueOptions
    from .._queue import QueueLimits


class QueueFunctions(Connections):
    """Queues, and what is put into them."""

    async def register_queue(self, queue: str, settings: QueueLimits, on_conflict: str) -> bool:
        rows = await self._call(
            "select {schema}.register_queue(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            queue,
            settings.concurrency,
            settings.worker_concurrency,
            settings.rate_limit,
            span(settings.rate_period),
            settings.partitioned,
            settings.partition_concurrency,
            settings.partition_rate_limit,
            span(settings.partition_rate_period),
            span(settings.priority_ageing),
            on_conflict,
            self.application,
        )
        return rows[0][0]

    async def update_queue(self, queue: str, changes: str) -> None:
        await self._call("select {schema}.update_queue(%s, %s::json)", queue, changes)

    async def delete_queue(self, queue: str) -> None:
        await self._call("select {schema}.delete_queue(%s)", queue)

    async def list_queues(self) -> list[Any]:
        return await self._call("select * from {schema}.list_queues()")

    async def queue_stats(self, queue: str | None, with_direct: bool) -> list[Any]:
        return await self._call("select * from {schema}.queue_stats(%s, %s)", queue, with_direct)

    async def enqueue(self, options: EnqueueOptions, item: StartItem) -> str:
        """Enqueues one workflow; its id."""
        more, values = origin(item, self.application)
        if options.are_plain and not more and item.timeout is item.deadline is None:
            rows = await self._call(
                "select {schema}.enqueue(%s, %s::json, %s, %s, %s, %s, %s)",
                item.name,
                item.input,
                options.queue,
                item.workflow_id,
                item.priority,
                item.max_recovery_attempts,
                options.app_version,
            )
            return rows[0][0]
        rows = await self._call(
            "select {schema}.enqueue(%s, %s::json, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " %s, %s, %s, %s" + more + ")",
            item.name,
            item.input,
            options.queue,
            item.workflow_id,
            item.priority,
            item.max_recovery_attempts,
            options.app_version,
            item.partition_key,
            item.deduplication_id,
            options.on_duplicate,
            span(options.delay),
            span(options.expires_in),
            options.retries,
            span(options.retry_interval),
            float(options.retry_backoff),
            span(options.retry_max_interval),
            options.create_queue,
            item.timeout,
            item.deadline,
            *values,
        )
        return rows[0][0]

    async def enqueue_many(
        self, options: EnqueueOptions, items: Sequence[StartItem]
    ) -> list[tuple[str, bool]]:
        """Enqueues workflows of one name with the same shared options; for each its id, and whether it is
        new."""
        first = items[0]
        parents = [i.parent or (None, None, None) for i in items] if first.parent else None
        more, values = origins(items, self.application)
        return await self._call_for_children(
            parent_steps(items),
            "select workflow_id, created from {schema}.enqueue_many("
            "%s, %s::json[], %s, %s::text[], %s::int[], %s, %s, %s::bigint[], %s::bigint[], %s::int[],"
            " %s::text[], %s::text[], %s, %s, %s, %s, %s, %s, %s, %s,"
            " timeout => %s, deadline => %s" + more + ") order by item",
            first.name,
            texts([i.input for i in items]),
            options.queue,
            texts([i.workflow_id for i in items]),
            numbers(i.priority for i in items) if any(i.priority for i in items) else None,
            first.max_recovery_attempts,
            options.app_version,
            *parent_arrays(parents),
            texts_or_none([i.partition_key for i in items]),
            texts_or_none([i.deduplication_id for i in items]),
            options.on_duplicate,
            span(options.delay),
            span(options.expires_in),
            options.retries,
            span(options.retry_interval),
            float(options.retry_backoff),
            span(options.retry_max_interval),
            options.create_queue,
            first.timeout,
            first.deadline,
            *values,
        )

    async def debounce(
        self, item: StartItem, options: EnqueueOptions, key: str, delay: Seconds, max_delay: Seconds | None
    ) -> str:
        more, values = origin(item, self.application)
        rows = await self._call(
            "select {schema}.debounce(%s, %s, %s, %s::json, %s, %s, %s, %s, %s,"
            " timeout => %s, deadline => %s, create_queue => %s" + more + ")",
            item.name,
            key,
            span(delay),
            item.input,
            options.queue,
            span(max_delay),
            item.partition_key,
            item.workflow_id,
            item.priority,
            item.timeout,
            item.deadline,
            options.create_queue,
            *values,
        )
        return rows[0][0]

    async def set_delay(self, workflow_id: str, delay: Seconds) -> bool:
        return (await self._call("select {schema}.set_delay(%s, %s)", workflow_id, span(delay)))[0][0]

    async def explain_wait(self, workflow_id: str) -> list[tuple[str, str]]:
        return await self._call("select reason, detail from {schema}.explain_wait(%s)", workflow_id)
