"""Starts that wait until their calls have been quiet."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine
from typing import Any, Generic, ParamSpec, TypeVar

from . import error
from ._app import IN_USE, Extras
from ._calling import engine_options
from ._client import DBOSClient
from ._context import propagating
from ._enqueue import by_name
from ._handles import AsyncHandle, SyncHandle, in_step
from ._queue import Queue
from ._registry import registry
from ._twins import asks, drive
from ._types import EnqueueOptions, WorkflowHandle, WorkflowHandleAsync
from ._values import writes_portably

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


# The shortest delay.
_LEAST = 0.001


async def _debounce(
    client: Extras,
    workflow: Any,
    key: str,
    seconds: float,
    most: float | None,
    queue: str | None,
    given: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> str:
    options, policy = engine_options(queue or "default", **given)
    _refuse(
        deduplication_id=options.deduplication_id,
        delay_seconds=options.delay,
        priority=options.priority or None,
        queue_partition_key=options.partition_key,
        duplication_policy=None if options.on_duplicate == "reject" else options.on_duplicate,
        workflow_id_reuse_policy=policy if policy == IN_USE else None,
    )
    # 0 and less: as soon as can be. It starts no later than its bound.
    delay = max(_LEAST, seconds if most is None else min(seconds, most))
    return await in_step(
        "DBOS.debounce_delayed_workflow",
        lambda: client.debounced(workflow, key, args, kwargs, options, delay, most),
    )


def _refuse(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise error.DBOSException(f"what is debounced has no {name}: debouncing has one of its own")


def _name(queue: Queue | str | None) -> str | None:
    return queue.name if isinstance(queue, Queue) else queue


class Debouncer(Generic[P, R_co]):
    """Starts a workflow once its calls have been quiet; the last arguments count.

    Args:
        workflow_name: its name.
        debounce_timeout_sec: how long after the first call it starts at the latest; None: no bound.
        queue: where it waits; None: the default queue.
        application_name: nothing here.
    """

    def __init__(
        self,
        workflow_name: str,
        *,
        debounce_timeout_sec: float | None = None,
        queue: Queue | str | None = None,
        application_name: str | None = None,
    ) -> None:
        self.workflow_name = workflow_name
        self._most, self._queue = debounce_timeout_sec, _name(queue)
        self._function: Any = None

    @staticmethod
    def create(
        workflow: Callable[P, R],
        *,
        debounce_timeout_sec: float | None = None,
        queue: Queue | str | None = None,
        application_name: str | None = None,
    ) -> Debouncer[P, R]:
        """That of a decorated workflow."""
        return Debouncer._of(workflow, debounce_timeout_sec, queue)

    @staticmethod
    def create_async(
        workflow: Callable[P, Coroutine[Any, Any, R]],
        *,
        debounce_timeout_sec: float | None = None,
        queue: Queue | str | None = None,
        application_name: str | None = None,
    ) -> Debouncer[P, R]:
        """That of a decorated async workflow."""
        return Debouncer._of(workflow, debounce_timeout_sec, queue)

    @staticmethod
    def _of(workflow: Any, most: float | None, queue: Queue | str | None) -> Any:
        if isinstance(workflow, types.MethodType):
            raise TypeError("a function is debounced, not a method")
        name = str(getattr(workflow, "__qualname__", workflow))
        made: Debouncer[Any, Any] = Debouncer(name, debounce_timeout_sec=most, queue=queue)
        made._function = workflow
        return made

    @asks
    async def debounce_async(
        self, debounce_key: str, debounce_period_sec: float, *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandleAsync[R_co]:
        """Starts the workflow when nothing has called this for `debounce_period_sec` with this key."""
        found = await self._start(debounce_key, debounce_period_sec, args, kwargs)
        return AsyncHandle(found, registry.launched())

    def debounce(
        self, debounce_key: str, debounce_period_sec: float, *args: P.args, **kwargs: P.kwargs
    ) -> WorkflowHandle[R_co]:
        """Starts the workflow when nothing has called this for `debounce_period_sec` with this key."""
        found = drive(self._asked(debounce_key, debounce_period_sec, args, kwargs))
        return SyncHandle(found, registry.launched())

    @asks
    async def _asked(self, key: str, seconds: float, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        return await self._start(key, seconds, args, kwargs)

    async def _start(self, key: str, seconds: float, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        app = registry.launched()
        made, workflow = registry.named(self.workflow_name if self._function is None else self._function)
        if self._queue is not None and not await app.has_queue(self._queue):
            raise error.DBOSException(f"there is no queue {self._queue!r}: register it first")
        token = writes_portably.set(made.is_portable)
        try:
            given = {"app_version": app.app_version}
            return await _debounce(app, workflow, key, seconds, self._most, self._queue, given, args, kwargs)
        finally:
            writes_portably.reset(token)


class DebouncerClient:
    """`Debouncer` for a program that has only the name of the workflow.

    Args:
        client: the client.
        workflow_options: how it is enqueued; it needs `workflow_name`.
        debounce_timeout_sec, queue, application_name: as for `Debouncer`.
    """

    def __init__(
        self,
        client: DBOSClient,
        workflow_options: EnqueueOptions,
        *,
        debounce_timeout_sec: float | None = None,
        queue: Queue | str | None = None,
        application_name: str | None = None,
    ) -> None:
        if "workflow_name" not in workflow_options:
            raise error.DBOSException("the options need workflow_name")
        self._options = workflow_options
        self._client = client
        self._most = debounce_timeout_sec
        self._queue = _name(queue) or workflow_options.get("queue_name")

    def debounce(
        self, debounce_key: str, debounce_period_sec: float, *args: Any, **kwargs: Any
    ) -> WorkflowHandle[Any]:
        """Starts the workflow when nothing has called this for `debounce_period_sec` with this key."""
        found = drive(self._start(debounce_key, debounce_period_sec, args, kwargs))
        return SyncHandle(found, self._client.perdure)

    async def debounce_async(
        self, debounce_key: str, debounce_period_sec: float, *args: Any, **kwargs: Any
    ) -> WorkflowHandleAsync[Any]:
        """`debounce` for async code."""
        found = await self._start(debounce_key, debounce_period_sec, args, kwargs)
        return AsyncHandle(found, self._client.perdure)

    @asks
    async def _start(self, key: str, seconds: float, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        client, options = self._client.perdure, self._options
        given, policy, is_portable = by_name(options)
        if policy == IN_USE:
            _refuse(workflow_id_reuse_policy=policy)
        if self._queue is not None:
            await client.know_queue(self._queue, False)
        name = options.get("workflow_name")
        token = writes_portably.set(is_portable)
        try:
            with propagating(options.get("otel_context")):
                return await _debounce(
                    client, name, key, seconds, self._most, self._queue, given, args, kwargs
                )
        finally:
            writes_portably.reset(token)
