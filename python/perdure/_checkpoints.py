"""What only a running workflow does: sleep, receive, set events, write streams."""

from __future__ import annotations

import contextvars
from typing import Any

from ._branches import current_branch, inside_step
from ._checks import Seconds, as_seconds, text
from ._errors import WrongContext
from ._loop import run_sync
from ._run import Run, current_run


class Checkpoints:
    """Durable calls of workflow code; part of `Perdure`."""

    def branch(self) -> contextvars.Context:
        """A context for a thread of workflow code that runs beside others and takes several steps.

            with ThreadPoolExecutor() as pool:
                parcels = [pool.submit(app.branch().run, pack, item) for item in order]

        It is a copy of the caller's, as that of `contextvars.copy_context`, and tells the steps of this
        thread from those of others: on a replay each call stands for the same branch as before. Tasks need
        none, nor does `asyncio.to_thread` in a task.

        Raises:
            WrongContext: not called by the code of a workflow.
        """
        run = running("branch", "contextvars.copy_context")
        context = contextvars.copy_context()
        context.run(current_branch.set, run.branch.next_task())
        return context

    def sleep(self, duration: Seconds) -> None:
        """Sleeps, durably: the moment to wake is recorded when it begins, and a replay waits for what is
        left. A long sleep leaves the worker.

        Args:
            duration: in seconds, or as a timedelta; not negative.

        Raises:
            WrongContext: not called by the code of a workflow.
            InvalidArgument: it is negative, or longer than 100 years.
        """
        run_sync(self.sleep_async(duration), "sleep_async")

    async def sleep_async(self, duration: Seconds) -> None:
        """`sleep` for async workflows."""
        run = running("sleep", "time.sleep or asyncio.sleep")
        await run.core.waits.sleep(run, as_seconds("duration", duration))

    def recv(self, topic: str | None = None, timeout: Seconds | None = 60.0) -> Any:
        """Receives the first message of a topic that was sent to this workflow; waits until there is one.

        Args:
            topic: None: messages that were sent without one.
            timeout: how long to wait at most, in seconds or as a timedelta; None: as long as it takes. It
                is counted from the first time this is called, whatever happens meanwhile.

        Returns:
            The message; None if there was none in that time, or if the message is None.

        Raises:
            WrongContext: not called by the code of a workflow.
        """
        return run_sync(self.recv_async(topic, timeout), "recv_async")

    async def recv_async(self, topic: str | None = None, timeout: Seconds | None = 60.0) -> Any:
        """`recv` for async workflows."""
        if topic is not None:
            text("a topic", topic)
        run = running("recv", "a queue of your own")
        return await run.core.waits.recv(
            run, topic, None if timeout is None else as_seconds("timeout", timeout)
        )

    def set_event(self, name: str, value: Any) -> None:
        """Sets an event of this workflow: a value that anybody gets by the workflow's id and this name.

        In the code of a step it may be called, too; it is then set again when the step runs again.

        Args:
            name: 1 to 512 bytes.
            value: a JSON value, or what else may be an argument of a workflow. The last one counts.

        Raises:
            WrongContext: not called by a workflow.
            SerializationError: the value has no JSON form.
        """
        run_sync(self.set_event_async(name, value), "set_event_async")

    async def set_event_async(self, name: str, value: Any) -> None:
        """`set_event` for async workflows."""
        run = running("set_event", None)
        await run.core.waits.set_event(run, name, run.core.codec.dumps(value, f"event {name!r}"))

    def write_stream(self, name: str, value: Any) -> None:
        """Writes a value to a stream of this workflow, exactly once; see `Client.read_stream`.

        In the code of a step it may be called, too; it is then written again when the step runs again.

        Args:
            name: 1 to 512 bytes; the stream begins with its first value.
            value: a JSON value, or what else may be an argument of a workflow.

        Raises:
            StreamClosed: it was closed.
            WrongContext: not called by a workflow.
            SerializationError: the value has no JSON form.
        """
        run_sync(self.write_stream_async(name, value), "write_stream_async")

    async def write_stream_async(self, name: str, value: Any) -> None:
        """`write_stream` for async workflows."""
        run = running("write_stream", None)
        written = run.core.codec.dumps(value, f"value for stream {name!r}")
        await run.core.waits.write_stream(run, name, written, closes=False)

    def close_stream(self, name: str) -> None:
        """Closes a stream of this workflow: its readers come to an end.

        Raises:
            StreamClosed: it was closed before.
            WrongContext: not called by a workflow.
        """
        run_sync(self.close_stream_async(name), "close_stream_async")

    async def close_stream_async(self, name: str) -> None:
        """`close_stream` for async workflows."""
        run = running("close_stream", None)
        await run.core.waits.write_stream(run, name, None, closes=True)


def running(call: str, instead: str | None) -> Run:
    """The running workflow; `instead`: what to use in a step, where this call does not belong."""
    run = current_run.get()
    if run is None:
        raise WrongContext(
            f"`{call}` belongs into the code of a workflow" + ("" if instead else ", or of a step of one")
        )
    if instead is not None and inside_step.get():
        raise WrongContext(
            f"`{call}` belongs into the code of a workflow, not into a step of it: use {instead}, or call it"
            " from the workflow itself"
        )
    return run
