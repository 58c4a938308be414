"""A program that asks for workflows and looks at them, but runs none."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import os
import random
import time
import uuid
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from . import _serialize
from ._core import wait_with_timeout
from ._engine import Engine, Outcome, StartItem
from ._errors import InvalidArgument
from ._handle import StepStatus, WorkflowHandle, WorkflowStatus, read_step, read_workflow
from ._loop import EngineLoop, run_sync, running_loop
from ._results import ResultWatcher

logger = logging.getLogger("perdure")

DEFAULT_QUEUE = "default"


def find_dsn(dsn: str | None) -> str:
    """The database to use: the one given, else PERDURE_DATABASE_URL, else libpq's own variables.

    Raises:
        InvalidArgument: none of them is set.
    """
    found = dsn or os.environ.get("PERDURE_DATABASE_URL")
    if found:
        return found
    if any(name in os.environ for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")):
        return ""
    raise InvalidArgument(
        "which database? Pass its URL, or set PERDURE_DATABASE_URL (postgresql://user:password@host/database)"
    )


class Client:
    """Enqueues workflows, waits for results and looks at what runs; connects at its first call.

    Every method has a twin that ends in `_async`, for async code.

    Args:
        dsn: the database: a libpq URL or connection string; None: PERDURE_DATABASE_URL, or libpq's
            own environment variables.
        schema: the schema in which the engine is installed.
        connect_timeout: how long to try to connect at first, in seconds.
        poll_interval: seconds between polls for results, behind notifications.
        listen: whether to LISTEN; off behind a pooler in transaction mode.
        prepare: whether to prepare statements; off for old poolers in transaction mode.
    """

    def __init__(
        self,
        dsn: str | None = None,
        *,
        schema: str = "perdure",
        connect_timeout: float = 30.0,
        poll_interval: float = 1.0,
        listen: bool = True,
        prepare: bool = True,
        max_connections: int = 4,
    ) -> None:
        self._dsn = find_dsn(dsn)
        self.schema = schema
        self._listen = listen
        self._poll_interval = poll_interval
        self._loop = EngineLoop()
        self._engine = Engine(
            self._dsn,
            schema,
            max_connections=max_connections,
            prepare=prepare,
            connect_timeout=connect_timeout,
        )
        self._results = ResultWatcher(self._engine, self._loop, poll_interval)
        self._opening: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None

    # -------------------------------------------------------------------------------- connection

    def _begin(self) -> None:
        """Makes the loop that everything runs on: the running one, or a thread."""
        if running_loop() is not None:
            self._loop.adopt()
        else:
            self._loop.start_thread()

    async def _open(self) -> None:
        """Connects once; on the engine's loop. A failed attempt is made again by the next call."""
        if self._opening is None or has_failed(self._opening):
            self._opening = asyncio.create_task(self._connect())
        await asyncio.shield(self._opening)

    async def _connect(self) -> None:
        await self._engine.open()
        if self._listen:
            self._listener = asyncio.create_task(self._keep_listening())

    async def _keep_listening(self) -> None:
        delay = 0.5
        while True:
            ready = asyncio.Event()
            try:
                told = asyncio.create_task(self._on_listening(ready))
                try:
                    async for channel, payload in self._engine.listen(ready):
                        self._on_notice(channel, payload)
                finally:
                    self._results.listening = False
                    told.cancel()
                    if ready.is_set():
                        delay = 0.5
            except Exception as error:
                logger.debug("LISTEN was lost, polling until it is back: %s", error)
            await asyncio.sleep(delay * random.uniform(0.75, 1.25))
            delay = min(delay * 2, 10.0)

    async def _on_listening(self, ready: asyncio.Event) -> None:
        await ready.wait()
        self._results.listening = True
        self._results.fetch_all()
        self._on_notice("work", "")

    def _on_notice(self, channel: str, payload: str) -> None:
        if channel == "finished":
            self._results.told(payload)

    def close(self) -> None:
        """Closes the connections. Nothing that was asked for is lost."""
        if self._loop.is_running:
            run_sync(self.close_async(), "close_async")
            self._loop.stop()

    async def close_async(self) -> None:
        """`close` for async code."""
        if self._loop.is_running:
            await self._loop.on_engine(self._close)

    async def _close(self) -> None:
        for task in (self._listener, self._opening):
            if task is not None:
                task.cancel()
                with contextlib.suppress(BaseException):
                    await task
        self._listener = self._opening = None
        await self._engine.close()

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close_async()

    async def _on_engine(self, make: Any) -> Any:
        """Awaits a coroutine on the engine's loop, connected."""
        if not self._loop.is_running:
            self._begin()

        async def connected() -> Any:
            await self._open()
            return await make()

        return await self._loop.on_engine(connected)

    # ------------------------------------------------------------------------------------ queues

    def register_queue(self, queue: str) -> bool:
        """Makes a queue if there is none of this name; every worker serves it from then on.

        Returns:
            Whether it is new.

        Raises:
            InvalidArgument: the name is empty or has more than 512 bytes.
        """
        return run_sync(self.register_queue_async(queue), "register_queue_async")

    async def register_queue_async(self, queue: str) -> bool:
        """`register_queue` for async code."""
        return await self._on_engine(lambda: self._engine.register_queue(queue))

    def enqueue(
        self,
        workflow: Any,
        *args: Any,
        queue: str = DEFAULT_QUEUE,
        workflow_id: str | None = None,
        priority: int = 0,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """Puts a workflow into a queue; some worker that knows it will run it.

        Args:
            workflow: its name, or the decorated function.
            *args, **kwargs: what it is called with: JSON values, dates, decimals, UUIDs, bytes, tuples, sets.
            queue: the name of the queue.
            workflow_id: 1 to 512 bytes; None: a new time-ordered one. An id starts one workflow, once:
                a second call gets a handle to the first.
            priority: lower runs first.

        Raises:
            SerializationError: an argument has no JSON form.
            WorkflowIdConflict: the id belongs to a workflow of another name.
            QueueNotFound: there is no such queue.
            InvalidArgument: the id or the name is empty or too long.
        """
        return run_sync(
            self.enqueue_async(
                workflow, *args, queue=queue, workflow_id=workflow_id, priority=priority, **kwargs
            ),
            "enqueue_async",
        )

    async def enqueue_async(
        self,
        workflow: Any,
        *args: Any,
        queue: str = DEFAULT_QUEUE,
        workflow_id: str | None = None,
        priority: int = 0,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """`enqueue` for async code."""
        item = start_item(workflow, args, kwargs, workflow_id, priority)
        ((found, _),) = await self._on_engine(lambda: self._engine.enqueue_many(queue, [item], None))
        return WorkflowHandle(self, found)

    def enqueue_many(
        self,
        workflow: Any,
        inputs: Sequence[Sequence[Any]],
        *,
        queue: str = DEFAULT_QUEUE,
        workflow_ids: Sequence[str] | None = None,
        priority: int = 0,
    ) -> list[WorkflowHandle[Any]]:
        """Enqueues many workflows of one name in one transaction: all of them or, on an error, none.

        Args:
            workflow: its name, or the decorated function.
            inputs: for each workflow its positional arguments.
            queue, priority: as for `enqueue`.
            workflow_ids: for each workflow its id.

        Raises:
            As `enqueue`.
        """
        return run_sync(
            self.enqueue_many_async(
                workflow, inputs, queue=queue, workflow_ids=workflow_ids, priority=priority
            ),
            "enqueue_many_async",
        )

    async def enqueue_many_async(
        self,
        workflow: Any,
        inputs: Sequence[Sequence[Any]],
        *,
        queue: str = DEFAULT_QUEUE,
        workflow_ids: Sequence[str] | None = None,
        priority: int = 0,
    ) -> list[WorkflowHandle[Any]]:
        """`enqueue_many` for async code."""
        if workflow_ids is not None and len(workflow_ids) != len(inputs):
            raise InvalidArgument(f"{len(inputs)} inputs, but {len(workflow_ids)} workflow_ids")
        if not inputs:
            return []
        items = [
            start_item(workflow, tuple(args), {}, workflow_ids[i] if workflow_ids else None, priority)
            for i, args in enumerate(inputs)
        ]
        rows = await self._on_engine(lambda: self._engine.enqueue_many(queue, items, None))
        return [WorkflowHandle(self, workflow_id) for workflow_id, _ in rows]

    # ----------------------------------------------------------------------------------- looking

    def retrieve_workflow(self, workflow_id: str) -> WorkflowHandle[Any]:
        """A handle to a workflow by its id; whether there is one shows at its first use."""
        return WorkflowHandle(self, workflow_id)

    def get_workflow(self, workflow_id: str) -> WorkflowStatus:
        """All about a workflow.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.get_workflow_async(workflow_id), "get_workflow_async")

    async def get_workflow_async(self, workflow_id: str) -> WorkflowStatus:
        """`get_workflow` for async code."""
        (row,) = await self._on_engine(lambda: self._engine.get_workflow(workflow_id))
        return read_workflow(workflow_id, row)

    def list_steps(self, workflow_id: str) -> list[StepStatus]:
        """The recorded steps of a workflow, in order.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.list_steps_async(workflow_id), "list_steps_async")

    async def list_steps_async(self, workflow_id: str) -> list[StepStatus]:
        """`list_steps` for async code."""
        return [read_step(r) for r in await self._on_engine(lambda: self._engine.list_steps(workflow_id))]

    async def wait_for_outcome(self, workflow_id: str, timeout: float | None) -> Outcome:
        """How a workflow ended, when it has; see `WorkflowHandle.get_result`."""
        return await self._on_engine(lambda: wait_with_timeout(self._results, workflow_id, timeout))


def has_failed(task: asyncio.Task[None]) -> bool:
    """Whether the task has ended otherwise than well."""
    return task.done() and (task.cancelled() or task.exception() is not None)


def start_item(
    workflow: Any, args: tuple[Any, ...], kwargs: dict[str, Any], workflow_id: str | None, priority: int = 0
) -> StartItem:
    """What the engine needs to start a workflow, given by name or as the decorated function."""
    name = workflow if isinstance(workflow, str) else getattr(workflow, "workflow_name", None)
    if name is None:
        raise InvalidArgument(f"{workflow!r} is no workflow: give a name, or a function decorated as one")
    if not isinstance(workflow, str):
        check_arguments(workflow, args, kwargs)
    return StartItem(
        name,
        new_workflow_id() if workflow_id is None else checked_id(workflow_id),
        _serialize.dump_arguments(args, kwargs),
        getattr(workflow, "max_recovery_attempts", 100),
        priority,
    )


def check_arguments(workflow: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raises TypeError, before anything starts, if the function cannot be called with these."""
    try:
        inspect.signature(workflow).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"workflow {workflow.workflow_name!r}: {error}") from None


def checked_id(workflow_id: object) -> str:
    """The id as it is, if it can be one; the engine decides about its length."""
    if not isinstance(workflow_id, str):
        raise InvalidArgument(f"a workflow id is a string, not {workflow_id!r}")
    if "\0" in workflow_id or (not workflow_id.isascii() and not _encodable(workflow_id)):
        raise InvalidArgument("a workflow id cannot hold a NUL character or a lone surrogate")
    return workflow_id


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def new_workflow_id() -> str:
    """A new time-ordered id (UUID version 7, RFC 9562). Made by the client, so that a call whose answer
    was lost can be made again."""
    random_part = uuid.uuid4().int & ((1 << 76) - 1)
    high = random_part >> 64
    low = random_part & ((1 << 62) - 1)
    millis = time.time_ns() // 1_000_000
    return str(uuid.UUID(int=(millis << 80) | (7 << 76) | (high << 64) | (2 << 62) | low))
