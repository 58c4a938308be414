"""A queue: its name, its settings, and enqueueing into it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ._checks import Seconds, flag, integer, period, text
from ._errors import InvalidArgument
from ._loop import run_sync

if TYPE_CHECKING:
    from ._client import Client
    from ._connected import Connected
    from ._handle import WorkflowHandle


@dataclass(slots=True, frozen=True)
class QueueSettings:
    """The settings of a queue, as they are in the database; see `Client.queue`.

    Attributes:
        application: the one that it belongs to; None: workers of all applications serve it.
    """

    name: str
    paused: bool
    concurrency: int | None
    worker_concurrency: int | None
    rate_limit: int | None
    rate_period: dt.timedelta | None
    partitioned: bool
    partition_concurrency: int | None
    partition_rate_limit: int | None
    partition_rate_period: dt.timedelta | None
    priority_ageing: dt.timedelta | None
    created_at: dt.datetime
    application: str | None


@dataclass(slots=True, frozen=True)
class QueueLimits:
    """The settings of a queue; see `Client.queue`. Periods are seconds or timedeltas."""

    concurrency: int | None = None
    worker_concurrency: int | None = None
    rate_limit: int | None = None
    rate_period: Seconds | None = None
    partitioned: bool = False
    partition_concurrency: int | None = None
    partition_rate_limit: int | None = None
    partition_rate_period: Seconds | None = None
    priority_ageing: Seconds | None = None


@dataclass(slots=True, frozen=True)
class QueueStats:
    """What a queue holds now.

    Attributes:
        name: of the queue; None for what was started directly.
        waiting, delayed, running, suspended: numbers of workflows.
        partitions_waiting: in how many partitions some wait.
        oldest_waiting: since when the oldest waits; None if none does.
    """

    name: str | None
    waiting: int
    delayed: int
    running: int
    suspended: int
    partitions_waiting: int
    oldest_waiting: dt.timedelta | None


class Queue:
    """A queue by its name; made by `Client.queue`. Its settings live in the database."""

    def __init__(self, client: Connected, name: str) -> None:
        self._client = cast("Client", client)
        self.name = name

    def __repr__(self) -> str:
        return f"Queue({self.name!r})"

    def enqueue(self, workflow: Any, *args: Any, **kwargs: Any) -> WorkflowHandle[Any]:
        """`Client.enqueue` into this queue."""
        return run_sync(self.enqueue_async(workflow, *args, **kwargs), "enqueue_async")

    async def enqueue_async(self, workflow: Any, *args: Any, **kwargs: Any) -> WorkflowHandle[Any]:
        """`enqueue` for async code."""
        return await self._client.enqueue_async(workflow, *args, queue=self.name, **kwargs)

    def enqueue_many(
        self, workflow: Any, inputs: Iterable[Sequence[Any] | Mapping[str, Any]], **options: Any
    ) -> list[WorkflowHandle[Any]]:
        """`Client.enqueue_many` into this queue."""
        return run_sync(self.enqueue_many_async(workflow, inputs, **options), "enqueue_many_async")

    async def enqueue_many_async(
        self, workflow: Any, inputs: Iterable[Sequence[Any] | Mapping[str, Any]], **options: Any
    ) -> list[WorkflowHandle[Any]]:
        """`enqueue_many` for async code."""
        return await self._client.enqueue_many_async(workflow, inputs, queue=self.name, **options)

    def update(self, **changes: Any) -> None:
        """Changes these settings, from the next claim on, and leaves the others; None removes a limit.

        Args:
            **changes: the settings of `Client.queue`, and `paused`.

        Raises:
            QueueNotFound: it was deleted.
            InvalidArgument: an unknown setting, or a value out of range.
            QueueInUse: partitions would come or go under active workflows.
        """
        run_sync(self.update_async(**changes), "update_async")

    async def update_async(self, **changes: Any) -> None:
        """`update` for async code."""
        await self._client.update_queue_async(self.name, **changes)

    def pause(self) -> None:
        """Lets no more of its workflows start; what runs goes on."""
        run_sync(self.pause_async(), "pause_async")

    async def pause_async(self) -> None:
        """`pause` for async code."""
        await self.update_async(paused=True)

    def resume(self) -> None:
        """Lets its workflows start again."""
        run_sync(self.resume_async(), "resume_async")

    async def resume_async(self) -> None:
        """`resume` for async code."""
        await self.update_async(paused=False)

    def delete(self) -> None:
        """Removes it, if it has no active workflows.

        Raises:
            QueueNotFound: it is deleted already.
            QueueInUse: it has active workflows.
        """
        run_sync(self.delete_async(), "delete_async")

    async def delete_async(self) -> None:
        """`delete` for async code."""
        await self._client.delete_queue_async(self.name)

    def stats(self) -> QueueStats:
        """What it holds now.

        Raises:
            QueueNotFound: it was deleted.
        """
        return run_sync(self.stats_async(), "stats_async")

    async def stats_async(self) -> QueueStats:
        """`stats` for async code."""
        (found,) = await self._client.queue_stats_async(self.name)
        return found


def queue_name(what: str, value: object) -> str:
    """The name of a queue, given by its name or as a `Queue`.

    Raises:
        InvalidArgument: it is something else.
    """
    return value.name if isinstance(value, Queue) else text(what, value)


def queue_names(value: object) -> list[str] | None:
    """The queues that a worker serves: None, one, or several.

    Raises:
        InvalidArgument: it is something else.
    """
    if value is None:
        return None
    if isinstance(value, (str, Queue)):
        return [queue_name("queues", value)]
    if not isinstance(value, Iterable):
        raise InvalidArgument(f"queues is a list of names, not {value!r}")
    return [queue_name("each of queues", one) for one in cast("Iterable[object]", value)]


def queue_limits(settings: dict[str, Any]) -> QueueLimits:
    """The settings of a queue.

    Raises:
        InvalidArgument: one is unknown.
    """
    known = {field.name for field in dataclasses.fields(QueueLimits)}
    unknown = sorted(settings.keys() - known)
    if unknown:
        raise InvalidArgument(f"a queue has no setting {unknown[0]!r}: there are {', '.join(sorted(known))}")
    checked = {
        name: _LIMIT_CHECKS[name](name, value) for name, value in settings.items() if value is not None
    }
    return QueueLimits(**checked)


def dump_changes(changes: dict[str, Any]) -> str:
    """Changes of settings as JSON: periods as ISO 8601 durations, which Postgres reads as intervals."""
    try:
        return json.dumps({name: _iso(value) for name, value in changes.items()}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"a setting of a queue cannot be read: {error}") from None


_LIMIT_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "concurrency": integer,
    "worker_concurrency": integer,
    "rate_limit": integer,
    "rate_period": period,
    "partitioned": flag,
    "partition_concurrency": integer,
    "partition_rate_limit": integer,
    "partition_rate_period": period,
    "priority_ageing": period,
}


def _iso(value: Any) -> Any:
    return f"PT{value.total_seconds():.6f}S" if isinstance(value, dt.timedelta) else value
