"""Workflows that are run twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from perdure import Perdure
from perdure._run import current_run


class Twice:
    """Runs the body of a workflow, hands the workflow back, and runs it again over what is recorded.

        twice = Twice(app, body)
        app.launch()
        assert twice.run() == twice.seen[0]

    `seen` holds what the body returned or raised in each run.
    """

    def __init__(self, app: Perdure, body: Callable[[], Any], name: str = "twice") -> None:
        self.seen: list[Any] = []
        self._app = app

        def end(outcome: Any) -> Any:
            self.seen.append(outcome)
            if len(self.seen) == 1:
                # What an interrupted worker does: the workflow goes back to its queue.
                raise KeyboardInterrupt
            return len(self.seen)

        if asyncio.iscoroutinefunction(body):

            async def run_async() -> Any:
                self.seen.append(await _outcome(body()))
                if len(self.seen) == 1:
                    await interrupt()
                return len(self.seen)

            self.workflow: Any = app.workflow(name=name)(run_async)
        else:

            def run() -> Any:
                try:
                    outcome = body()
                except Exception as error:
                    outcome = error
                return end(outcome)

            self.workflow = app.workflow(name=name)(run)

    def run(self, timeout: float = 20.0) -> Any:
        """Runs it to its end; what both runs saw."""
        handle = self._app.enqueue(self.workflow)
        assert handle.get_result(timeout) == 2
        self.workflow_id = handle.workflow_id
        return self.seen


async def interrupt() -> None:
    """Abandons the workflow that calls it and cancels its task, as a worker does that stops."""
    run, task = current_run.get(), asyncio.current_task()
    assert run is not None
    assert task is not None
    run.abandon("interrupted")
    task.cancel()
    await asyncio.sleep(0)


async def _outcome(coroutine: Awaitable[Any]) -> Any:
    try:
        return await coroutine
    except Exception as error:
        return error
