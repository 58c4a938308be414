"""Queues, as programs written for DBOS have them."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from .._errors import QueueNotFound
from .._loop import running_loop
from . import error
from ._calling import enqueue
from ._handles import AsyncHandle, SyncHandle
from ._registry import registry
from ._twins import asks, drive, sync_of
from ._types import QueueConflictResolution, QueueRateLimit, WorkflowHandle, WorkflowHandleAsync

if TYPE_CHECKING:
    from .._queue import QueueSettings
    from ._app import Extras

P = ParamSpec("P")
R = TypeVar("R")

_ON_CONFLICT = {"update_if_latest_version": "update", "always_update": "update", "never_update": "keep"}


class Queue:
    """A queue. One that is made before `launch` is registered by it; a running program has `register_queue`.

    Args:
        name: of the queue.
        concurrency, global_concurrency: how many of its workflows run at once, over all processes; two
        names for one limit.
        limiter: how many start in any span of time.
        worker_concurrency: how many run at once in one process.
        partition_concurrency, partition_limiter: the same for each partition.
        partition_worker_concurrency: as `partition_concurrency`, if that is not given: it holds over all
            processes.
        polling_interval_sec, database_backed_queue, token: nothing here.
        client_system_database: the client that it belongs to.
        application_name: of the application that it belongs to.
    """

    def __init__(
        self,
        name: str,
        concurrency: int | None = None,
        limiter: QueueRateLimit | None = None,
        *,
        worker_concurrency: int | None = None,
        global_concurrency: int | None = None,
        partition_concurrency: int | None = None,
        partition_worker_concurrency: int | None = None,
        partition_limiter: QueueRateLimit | None = None,
        polling_interval_sec: float = 1.0,
        database_backed_queue: bool = False,
        client_system_database: Any = None,
        application_name: str | None = None,
        token: object = None,
    ) -> None:
        if concurrency is not None and global_concurrency is not None:
            raise ValueError("concurrency and global_concurrency are one limit: give one of them")
        self.name = name
        self.application_name = application_name
        self.database_backed_queue = database_backed_queue
        self._global = concurrency if global_concurrency is None else global_concurrency
        self._limiter, self._worker = limiter, worker_concurrency
        self._partition, self._partition_worker = partition_concurrency, partition_worker_concurrency
        self._partition_limiter = partition_limiter
        self._polling = polling_interval_sec
        self._client: Extras | None = client_system_database
        if token is not _FOUND:
            self.check()
            registry.at_launch.append(self._at_launch)
            if registry.app is not None:
                drive(self.register(registry.app, "update_if_latest_version"))

    def __repr__(self) -> str:
        return f"Queue({self.name!r})"

    def check(self) -> None:
        """Raises ValueError if its limits do not go together."""
        pairs = [
            ("worker_concurrency", self._worker, "global_concurrency", self._global),
            ("partition_concurrency", self._partition, "global_concurrency", self._global),
            ("partition_worker_concurrency", self._partition_worker, "global_concurrency", self._global),
            ("partition_worker_concurrency", self._partition_worker, "worker_concurrency", self._worker),
            (
                "partition_worker_concurrency",
                self._partition_worker,
                "partition_concurrency",
                self._partition,
            ),
        ]
        for name, value, bound_name, bound in pairs:
            if value is not None and bound is not None and value > bound:
                raise ValueError(f"{name} is at most {bound_name}, which is {bound}, not {value}")
        for name, value in (
            ("partition_concurrency", self._partition),
            ("partition_worker_concurrency", self._partition_worker),
        ):
            if value is not None and value < 1:
                raise ValueError(f"{name} is 1 or more, not {value}")
        for name, limit in (("limiter", self._limiter), ("partition_limiter", self._partition_limiter)):
            given = cast("dict[str, Any]", limit or {"limit": 1, "period": 1})
            if given.get("limit") is None or given.get("period") is None:
                raise ValueError(f"{name} has a limit and a period")
        if self._polling <= 0:
            raise ValueError(f"polling_interval_sec is more than 0, not {self._polling}")

    def settings(self) -> dict[str, Any]:
        """Its limits as the engine has them."""
        partition = self._partition if self._partition is not None else self._partition_worker
        limits: dict[str, Any] = {
            "concurrency": self._global,
            "worker_concurrency": self._worker,
            "partition_concurrency": partition,
            "partitioned": partition is not None or self._partition_limiter is not None,
        }
        for prefix, limit in (("", self._limiter), ("partition_", self._partition_limiter)):
            if limit is not None:
                limits[f"{prefix}rate_limit"] = limit["limit"]
                limits[f"{prefix}rate_period"] = limit["period"]
        return limits

    async def register(self, client: Extras, on_conflict: QueueConflictResolution) -> None:
        """Makes it in the database, or changes what is there."""
        limits = {k: v for k, v in self.settings().items() if v is not None}
        await client.register_queue_async(self.name, on_conflict=_ON_CONFLICT[on_conflict], **limits)
        client.__dict__.setdefault("known_queues", {"default"}).add(self.name)
        self._client = client

    def _at_launch(self, app: Extras) -> None:
        drive(self.register(app, "update_if_latest_version"))

    # --------------------------------------------------------------------------------- enqueueing

    async def enqueue_async(
        self, func: Callable[P, Coroutine[Any, Any, R]], *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandleAsync[R]:
        """Enqueues a workflow, or a step as one."""
        return AsyncHandle(await enqueue(self.name, func, args, kwargs), registry.launched())

    def enqueue(self, func: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> WorkflowHandle[R]:
        """Enqueues a workflow, or a step as one."""
        return SyncHandle(drive(enqueue(self.name, func, args, kwargs)), registry.launched())

    # ----------------------------------------------------------------------------------- settings

    @property
    def concurrency(self) -> int | None:
        """How many of its workflows run at once."""
        self._look()
        return self._global

    @property
    def global_concurrency(self) -> int | None:
        """How many of its workflows run at once."""
        self._look()
        return self._global

    @property
    def worker_concurrency(self) -> int | None:
        """How many of its workflows run at once in one process."""
        self._look()
        return self._worker

    @property
    def limiter(self) -> QueueRateLimit | None:
        """How many start in any span of time."""
        self._look()
        return self._limiter

    @property
    def partition_concurrency(self) -> int | None:
        """How many run at once for each partition."""
        self._look()
        return self._partition

    @property
    def partition_worker_concurrency(self) -> int | None:
        """How many run at once for each partition."""
        return self._partition_worker

    @property
    def partition_limiter(self) -> QueueRateLimit | None:
        """How many start in any span of time for each partition."""
        self._look()
        return self._partition_limiter

    @property
    def polling_interval_sec(self) -> float:
        """What was given; nothing is polled here that is notified."""
        return self._polling

    def _look(self) -> None:
        # The database is not asked where that would stop an event loop.
        if running_loop() is None:
            drive(self._refresh())

    async def _refresh(self) -> None:
        """Takes over what is in the database: another program may have changed it."""
        client = self._client
        if client is None:
            return
        found = next((q for q in await client.list_queues_async() if q.name == self.name), None)
        if found is not None:
            self._global, self._worker = found.concurrency, found.worker_concurrency
            self._limiter = _limiter(found.rate_limit, found.rate_period)
            self._partition_limiter = _limiter(found.partition_rate_limit, found.partition_rate_period)
            if found.partition_concurrency != self._partition_worker:
                self._partition = found.partition_concurrency

    async def _change(self, field: str, value: Any) -> None:
        await self._refresh()
        before = getattr(self, field)
        setattr(self, field, value)
        try:
            self.check()
            changes = {"rate_limit": None, "rate_period": None, **self.settings()}
            if changes["partitioned"]:
                changes = {"partition_rate_limit": None, "partition_rate_period": None, **changes}
            else:
                del changes["partition_concurrency"]
            client = self._client or registry.launched()
            await client.update_queue_async(self.name, **changes)
        except BaseException:
            setattr(self, field, before)
            raise

    async def get_concurrency_async(self) -> int | None:
        """How many of its workflows run at once."""
        await self._refresh()
        return self._global

    async def get_global_concurrency_async(self) -> int | None:
        """How many of its workflows run at once."""
        await self._refresh()
        return self._global

    async def get_worker_concurrency_async(self) -> int | None:
        """How many of its workflows run at once in one process."""
        await self._refresh()
        return self._worker

    async def get_limiter_async(self) -> QueueRateLimit | None:
        """How many start in any span of time."""
        await self._refresh()
        return self._limiter

    async def get_partition_concurrency_async(self) -> int | None:
        """How many run at once for each partition."""
        await self._refresh()
        return self._partition

    async def get_partition_worker_concurrency_async(self) -> int | None:
        """How many run at once for each partition."""
        return self._partition_worker

    async def get_partition_limiter_async(self) -> QueueRateLimit | None:
        """How many start in any span of time for each partition."""
        await self._refresh()
        return self._partition_limiter

    async def get_polling_interval_sec_async(self) -> float:
        """What was given."""
        return self._polling

    @asks
    async def set_concurrency_async(self, value: int | None) -> None:
        """Changes how many of its workflows run at once."""
        await self._change("_global", value)

    set_concurrency = sync_of(set_concurrency_async)

    @asks
    async def set_global_concurrency_async(self, value: int | None) -> None:
        """Changes how many of its workflows run at once."""
        await self._change("_global", value)

    set_global_concurrency = sync_of(set_global_concurrency_async)

    @asks
    async def set_worker_concurrency_async(self, value: int | None) -> None:
        """Changes how many of its workflows run at once in one process."""
        await self._change("_worker", value)

    set_worker_concurrency = sync_of(set_worker_concurrency_async)

    @asks
    async def set_limiter_async(self, value: QueueRateLimit | None) -> None:
        """Changes how many start in any span of time."""
        await self._change("_limiter", value)

    set_limiter = sync_of(set_limiter_async)

    @asks
    async def set_partition_concurrency_async(self, value: int | None) -> None:
        """Changes how many run at once for each partition."""
        await self._change("_partition", value)

    set_partition_concurrency = sync_of(set_partition_concurrency_async)

    @asks
    async def set_partition_worker_concurrency_async(self, value: int | None) -> None:
        """Changes how many run at once for each partition."""
        await self._change("_partition_worker", value)

    set_partition_worker_concurrency = sync_of(set_partition_worker_concurrency_async)

    @asks
    async def set_partition_limiter_async(self, value: QueueRateLimit | None) -> None:
        """Changes how many start in any span of time for each partition."""
        await self._change("_partition_limiter", value)

    set_partition_limiter = sync_of(set_partition_limiter_async)

    @asks
    async def set_polling_interval_sec_async(self, value: float) -> None:
        """Is kept, and changes nothing: nothing is polled here that is notified."""
        before, self._polling = self._polling, value
        try:
            self.check()
        except ValueError:
            self._polling = before
            raise

    set_polling_interval_sec = sync_of(set_polling_interval_sec_async)


# Marks what was read from the database.
_FOUND = object()


class Queues:
    """Calls on queues; part of `DBOS` and `DBOSClient`."""

    def _client(self) -> Extras:
        raise NotImplementedError

    async def _register(
        self, name: str, on_conflict: QueueConflictResolution, limits: dict[str, Any]
    ) -> Queue:
        if on_conflict not in _ON_CONFLICT:
            raise error.DBOSException(f"on_conflict is one of {', '.join(_ON_CONFLICT)}, not {on_conflict!r}")
        queue = Queue(name, token=_FOUND, client_system_database=self._client(), **limits)
        queue.check()
        await queue.register(self._client(), on_conflict)
        return queue

    @asks
    async def retrieve_queue_async(self, name: str) -> Queue | None:
        """A queue; None if there is none of this name."""
        return next((q for q in await self._queues() if q.name == name), None)

    retrieve_queue = sync_of(retrieve_queue_async)

    @asks
    async def list_queues_async(self, *, application_name: str | list[str] | None = None) -> list[Queue]:
        """The queues, by name."""
        wanted = [application_name] if isinstance(application_name, str) else application_name
        return [q for q in await self._queues() if wanted is None or q.application_name in wanted]

    list_queues = sync_of(list_queues_async)

    @asks
    async def delete_queue_async(self, name: str) -> None:
        """Removes a queue that has no active workflows, if there is one of this name."""
        client = self._client()
        with contextlib.suppress(QueueNotFound):
            await client.delete_queue_async(name)
        client.__dict__.get("known_queues", set[str]()).discard(name)

    delete_queue = sync_of(delete_queue_async)

    async def _queues(self) -> list[Queue]:
        client = self._client()
        return [_read(client, s) for s in await client.list_queues_async() if s.name != "default"]


def _limiter(limit: int | None, period: dt.timedelta | None) -> QueueRateLimit | None:
    return None if limit is None or period is None else {"limit": limit, "period": period.total_seconds()}


def _read(client: Extras, found: QueueSettings) -> Queue:
    return Queue(
        found.name,
        found.concurrency,
        _limiter(found.rate_limit, found.rate_period),
        worker_concurrency=found.worker_concurrency,
        partition_concurrency=found.partition_concurrency,
        partition_limiter=_limiter(found.partition_rate_limit, found.partition_rate_period),
        database_backed_queue=True,
        client_system_database=client,
        application_name=found.application,
        token=_FOUND,
    )
