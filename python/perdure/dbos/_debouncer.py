"""Starts that wait until their calls have been quiet."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Generic, ParamSpec, TypeVar

from . import error
from ._app import Extras
from ._client import DBOSClient
from ._handles import AsyncHandle, SyncHandle, in_step
from ._queue import Queue
from ._registry import engine_options, registry
from ._twins import asks, drive
from ._types import EnqueueOptions, WorkflowHandle, WorkflowHandleAsync

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


async def _debounce(
    client: Extras,
    workflow: Any,
    key: str,
    seconds: float,
    most: float | None,
    queue: Queue | str | None,
    given: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> str:
    name = queue.name if isinstance(queue, Queue) else queue
    options, _ = engine_options(name or "default")
    more: dict[str, Any] = {
        "queue": options.queue,
        "workflow_id": options.workflow_id,
        "priority": options.priority or None,
        "partition_key": options.partition_key,
        "timeout": options.timeout,
        "attributes": options.attributes,
        "authenticated_user": options.authenticated_user,
        "authenticated_roles": options.authenticated_roles,
        **given,
    }
    more = {k: v for k, v in more.items() if v is not None}
    if name is not None:
        await client.know_queue(name, options.partition_key is not None)

    async def debounce() -> str:
        found = await client.debounce_async(
            workflow, key, *args, delay=seconds, max_delay=most, **more, **kwargs
        )
        return found.workflow_id

    return await in_step("DBOS.debounce_delayed_workflow", debounce)


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
        self._most, self._queue = debounce_timeout_sec, queue
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
        workflow = self.workflow_name if self._function is None else registry.find(self._function)[1]
        return await _debounce(
            registry.launched(), workflow, key, seconds, self._most, self._queue, {}, args, kwargs
        )


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
        self._queue = queue or workflow_options.get("queue_name")

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
        options = self._options
        given: dict[str, Any] = {
            "workflow_id": options.get("workflow_id"),
            "priority": options.get("priority"),
            "partition_key": options.get("queue_partition_key"),
            "timeout": options.get("workflow_timeout"),
            "attributes": options.get("attributes"),
        }
        given = {k: v for k, v in given.items() if v is not None}
        return await _debounce(
            self._client.perdure,
            options.get("workflow_name"),
            key,
            seconds,
            self._most,
            self._queue,
            given,
            args,
            kwargs,
        )
