"""Messages, events and streams of workflows, for programs; in a workflow, as steps of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ._checks import Seconds, as_seconds, text
from ._connected import Connected
from ._errors import InvalidArgument, WrongContext
from ._loop import run_sync
from ._run import calling_run

if TYPE_CHECKING:
    pass

T = TypeVar("T")


class Messages(Connected):
    """What a program says to workflows, and learns from them; part of `Client`."""

    # ----------------------------------------------------------------------------------- messages

    def send(
        self, workflow_id: str, message: Any, topic: str | None = None, *, idempotency_key: str | None = None
    ) -> None:
        """Sends a message to a workflow, which gets it from `recv`; in a workflow it is a step.

        Args:
            workflow_id: a workflow that exists; one that has ended never reads it.
            message: a JSON value, or what else may be an argument of a workflow.
            topic: the messages of each topic are received in order; None: those without one.
            idempotency_key: 1 to 512 bytes; a workflow gets one message for a key, for ever.

        Raises:
            WorkflowNotFound: there is none of this id.
            SerializationError: the message has no JSON form.
            InvalidArgument: the topic or the key is too long.
        """
        run_sync(self.send_async(workflow_id, message, topic, idempotency_key=idempotency_key), "send_async")

    async def send_async(
        self, workflow_id: str, message: Any, topic: str | None = None, *, idempotency_key: str | None = None
    ) -> None:
        """`send` for async code."""
        await self.send_many_async([(workflow_id, message, topic, idempotency_key)])

    def send_many(self, messages: Sequence[Sequence[Any]]) -> None:
        """Sends many messages in one transaction: all of them or, on an error, none; in a workflow one step.

        Args:
            messages: each (workflow_id, message), or with a topic and an idempotency key besides; see
                `send`.

        Raises:
            As `send`.
        """
        run_sync(self.send_many_async(messages), "send_many_async")

    async def send_many_async(self, messages: Sequence[Sequence[Any]]) -> None:
        """`send_many` for async code."""
        ids: list[str] = []
        texts: list[str] = []
        topics: list[str | None] = []
        keys: list[str | None] = []
        run = calling_run(self._engine)
        for entry in messages:
            if isinstance(entry, str) or not 2 <= len(entry) <= 4:
                raise InvalidArgument(
                    "a message to send is (workflow_id, message), (workflow_id, message, topic) or"
                    f" (workflow_id, message, topic, idempotency_key), not {entry!r}"
                )
            workflow_id, message, *rest = entry
            topic, key = (*rest, None, None)[:2]
            ids.append(text("workflow_id", workflow_id))
            texts.append(self.codec.dumps(message, "message"))
            topics.append(None if topic is None else text("topic", topic))
            if key is not None:
                text("idempotency_key", key)
            # With a key, a call whose answer was lost can be made again. In a workflow the step is the key.
            keys.append(uuid.uuid4().hex if key is None and run is None else key)
        if run is not None:
            await run.core.waits.send(run, ids, texts, topics, keys)
        elif ids:
            await self._ask(lambda: self._engine.send_many(ids, texts, topics, keys))

    # ------------------------------------------------------------------------------------- events

    def get_event(self, workflow_id: str, name: str, timeout: Seconds | None = 60.0) -> Any:
        """The value an event of a workflow was last set to; waits until it is set. In a workflow it is a
        step: a replay gets the same value.

        Args:
            workflow_id: a workflow that exists.
            name: of the event.
            timeout: how long to wait at most, in seconds or as a timedelta; None: as long as it takes.

        Returns:
            The value; None if it was not set in that time.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.get_event_async(workflow_id, name, timeout), "get_event_async")

    async def get_event_async(self, workflow_id: str, name: str, timeout: Seconds | None = 60.0) -> Any:
        """`get_event` for async code."""
        seconds = None if timeout is None else as_seconds("timeout", timeout)
        if seconds is not None and seconds < 0:
            raise InvalidArgument(f"a timeout is 0 seconds or more, not {timeout!r}")
        text("workflow_id", workflow_id)
        text("name", name)
        run = calling_run(self._engine)
        if run is not None:
            return await run.core.waits.get_event(run, workflow_id, name, seconds)

        async def look() -> list[Any]:
            return [self.codec.loads(value) for (value,) in await self._engine.get_event(workflow_id, name)]

        async def wait() -> Any:
            found = await self._watching(look, workflow_id, "event", name, seconds)
            return found[0] if found else None

        return await self._on_engine(wait)

    def get_all_events(self, workflow_id: str) -> dict[str, Any]:
        """The events of a workflow with the values they were last set to.

        Raises:
            WorkflowNotFound: there is none of this id.
        """
        return run_sync(self.get_all_events_async(workflow_id), "get_all_events_async")

    async def get_all_events_async(self, workflow_id: str) -> dict[str, Any]:
        """`get_all_events` for async code."""
        rows = await self._ask(lambda: self._engine.get_all_events(workflow_id))
        return {name: self.codec.loads(value) for name, value in rows}

    # ------------------------------------------------------------------------------------ streams

    def read_stream(self, workflow_id: str, name: str, *, start: int = 0) -> Iterator[Any]:
        """The values of a stream, in order, as they are written; ends when the stream is closed or its
        workflow has ended.

        Args:
            workflow_id: a workflow that exists.
            name: of the stream; one that nothing was written to yet is waited for.
            start: which value to begin with, from 0.

        Raises:
            WorkflowNotFound: there is none of this id.
            WrongContext: in a workflow, where a replay would not see the same: read in a step.
        """
        _refuse_in_workflow("read_stream")
        while True:
            values, ended = run_sync(self._read_on(workflow_id, name, start), "read_stream_async")
            yield from values
            if ended:
                return
            start += len(values)

    async def read_stream_async(self, workflow_id: str, name: str, *, start: int = 0) -> AsyncIterator[Any]:
        """`read_stream` for async code: `async for value in client.read_stream_async(...)`."""
        _refuse_in_workflow("read_stream_async")
        while True:
            values, ended = await self._read_on(workflow_id, name, start)
            for value in values:
                yield value
            if ended:
                return
            start += len(values)

    def _read_on(
        self, workflow_id: str, name: str, start: int
    ) -> Coroutine[Any, Any, tuple[list[Any], bool]]:
        """The next values, when there are any, and whether there will be no more."""

        async def look() -> list[tuple[int, str | None, bool]]:
            return await self._engine.read_stream(workflow_id, name, start)

        async def wait() -> tuple[list[Any], bool]:
            rows = await self._watching(look, workflow_id, "stream", name, None)
            return [self.codec.loads(value) for _, value, at_end in rows if not at_end], rows[-1][2]

        return self._on_engine(wait)

    async def _watching(
        self,
        look: Callable[[], Coroutine[Any, Any, list[T]]],
        workflow_id: str,
        kind: str,
        name: str,
        timeout: float | None,
    ) -> list[T]:
        """Looks until there is something; an empty list: there was nothing in that time."""
        until = time.monotonic() + (1e9 if timeout is None else timeout)
        looks = 0
        watched = False
        with self._notices.watch(f"{kind} {workflow_id}", f"end {workflow_id}") as changed:
            while True:
                changed.clear()
                found = await look()
                left = until - time.monotonic()
                if found or left <= 0:
                    return found
                if not watched:
                    watched = await self._engine.watch(workflow_id, kind, name)
                    if watched:
                        # Once more: it may have come before the watch began.
                        continue
                await self._notices.pause(changed, looks, left, told=watched)
                looks += 1
                watched = watched and not changed.is_set()


def _refuse_in_workflow(call: str) -> None:
    if calling_run() is not None:
        raise WrongContext(f"`{call}` in a workflow would see something else on a replay: call it in a step")
