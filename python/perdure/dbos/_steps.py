"""Steps that are no decorated functions."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast, overload

from .._loop import run_sync
from .._run import Run, calling_run
from . import error
from ._handles import in_step
from ._running import running
from ._stepping import StepSpec
from ._twins import refuse_running_loop
from ._types import StepOptions

P = ParamSpec("P")
R = TypeVar("R")


class Steps:
    """Calls that run anything as a step of the workflow."""

    @overload
    def run_step(
        self,
        dbos_step_options: StepOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...

    @overload
    def run_step(
        self,
        dbos_step_options: StepOptions | None,
        func: Callable[P, R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...

    def run_step(
        self, dbos_step_options: StepOptions | None, func: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Runs any function as a step of the workflow; elsewhere it is only called."""
        refuse_running_loop("run_step", "run_step_async")
        return run_sync(_run_step(None, dbos_step_options, func, args, kwargs), "run_step_async")

    @overload
    async def run_step_async(
        self,
        dbos_step_options: StepOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...

    @overload
    async def run_step_async(
        self,
        dbos_step_options: StepOptions | None,
        func: Callable[P, R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...

    async def run_step_async(
        self, dbos_step_options: StepOptions | None, func: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        """`run_step` for async workflows."""
        return await _run_step(None, dbos_step_options, func, args, kwargs)

    def reserve_step(self) -> StepReservation:
        """Takes the next number of a step now, for a step that is run later.

        Raises:
            DBOSException: not called by the code of a workflow.
        """
        return StepReservation(running("reserve_step"))

    async def asyncio_wait(
        self,
        fs: list[Awaitable[Any]],
        *,
        timeout: float | None = None,
        return_when: str = "ALL_COMPLETED",
    ) -> tuple[set[asyncio.Task[Any]], set[asyncio.Task[Any]]]:
        """`asyncio.wait` for workflows: which were done is a step, so that a replay sees the same."""
        tasks: list[asyncio.Task[Any]] = [asyncio.ensure_future(cast("Any", f)) for f in fs]

        async def wait() -> list[int]:
            done, _ = await asyncio.wait(tasks, timeout=timeout, return_when=return_when)
            return [i for i, task in enumerate(tasks) if task in done]

        found = await in_step("DBOS.asyncio_wait", wait)
        done = {tasks[i] for i in found}
        if done:
            await asyncio.wait(done)
        return done, set(tasks) - done


class StepReservation:
    """A number of a step that was taken for a step that is run later. Made by `DBOS.reserve_step`."""

    def __init__(self, step_ctx: Any) -> None:
        self._run: Run = step_ctx
        self._step_id, self._recorded = step_ctx.reserve_step()
        self._used = False

    @property
    def step_id(self) -> int:
        """The number."""
        return self._step_id

    def run(
        self,
        dbos_step_options: StepOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]] | Callable[P, R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Runs a function as that step; see `DBOS.run_step`."""
        refuse_running_loop("run", "run_async")
        return run_sync(self._call(dbos_step_options, func, args, kwargs), "run_async")

    async def run_async(
        self,
        dbos_step_options: StepOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]] | Callable[P, R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """`run` for async workflows."""
        return await self._call(dbos_step_options, func, args, kwargs)

    async def _call(
        self, options: StepOptions | None, func: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> Any:
        if self._used:
            raise error.DBOSException(f"step {self._step_id} was run already: reserve one for each step")
        self._used = True
        reserved = _ReservedRun(self._run, self._step_id, self._recorded)
        return await _run_step(cast("Run", reserved), options, func, args, kwargs)


class _ReservedRun:
    """A run whose next step has the number that was reserved."""

    def __init__(self, run: Run, number: int, recorded: Any) -> None:
        self.__dict__.update(_run=run, _number=number, _step=recorded)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_run"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["_run"], name, value)

    def begin_step(self, name: str) -> Any:
        """The number that was reserved, and what is recorded of it."""
        run, recorded = self.__dict__["_run"], self.__dict__["_step"]
        run.check()
        if recorded is not None and recorded.name != name:
            raise error.DBOSUnexpectedStepError(run.workflow_id, recorded.step, name, recorded.name)
        return self.__dict__["_number"], recorded


async def _run_step(
    run: Run | None,
    options: StepOptions | None,
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    found = run or calling_run()
    if found is None:
        value: Any = func(*args, **kwargs)
        return await value if inspect.isawaitable(value) else value
    spec = StepSpec(func, **cast("dict[str, Any]", options or {}))
    return await spec.run(found, args, kwargs)
