"""How a function is run as a step."""

from __future__ import annotations

import contextlib
import functools
import inspect
import math
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from .._branches import inside_step
from .._errors import PerdureError
from .._loop import maybe_await
from .._run import Run, current_run
from .._steps import StepOptions as EngineStepOptions
from . import error
from ._calling import drive_workflow
from ._errors import translated
from ._registry import MARK, ROLES, Registered, registry
from ._roles import assuming, role_for
from ._types import StepStatus

_MAY_RETRY = "__perdure_may_retry"
_MOST_INTERVAL = 3600.0

step_status: ContextVar[StepStatus | None] = ContextVar("perdure_dbos_step_status", default=None)


class StepSpec:
    """How a function is run as a step.

    Raises:
        DBOSException: a timeout, or an interruption, for a function that is not async.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        retries_allowed: bool = False,
        interval_seconds: float = 1.0,
        max_attempts: int = 3,
        backoff_rate: float = 2.0,
        should_retry: Callable[[BaseException], Any] | None = None,
        preemptible: bool = False,
        timeout_seconds: float | None = None,
    ) -> None:
        self.fn = fn
        self.name = name or str(getattr(fn, "__qualname__", type(fn).__qualname__))
        self.is_async = inspect.iscoroutinefunction(fn)
        if preemptible and not self.is_async:
            raise error.DBOSException(
                f"step {self.name!r} is a plain function, and a thread cannot be stopped: it is not"
                " preemptible"
            )
        if timeout_seconds is not None and not self.is_async:
            raise error.DBOSException(
                f"step {self.name!r} is a plain function, and a thread cannot be stopped: it has no timeout"
            )
        if timeout_seconds is not None and not 0 < timeout_seconds < math.inf:
            raise error.DBOSException(f"the timeout of step {self.name!r} is more than 0 seconds, and finite")
        if not self.is_async and inspect.iscoroutinefunction(should_retry):
            raise error.DBOSException(f"step {self.name!r} is a plain function: its should_retry is one, too")
        self.attempts = max_attempts if retries_allowed else None
        self._should_retry = should_retry
        self.options = EngineStepOptions(
            self.name,
            max(0, max_attempts - 1) if retries_allowed else 0,
            interval_seconds,
            max(1.0, backoff_rate),
            _MOST_INTERVAL,
            None if should_retry is None else self._may_retry,
            timeout_seconds,
            preemptible,
        )

    def _may_retry(self, failure: BaseException) -> bool:
        asked: bool | None = vars(failure).pop(_MAY_RETRY, None)
        if asked is not None:
            return asked
        assert self._should_retry is not None
        return bool(self._should_retry(failure))

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Calls it: as a step in a workflow, as what it is elsewhere. A coroutine if it is async."""
        run = current_run.get()
        if run is None or inside_step.get():
            return self.fn(*args, **kwargs)
        coroutine = self.run(run, args, kwargs)
        return coroutine if self.is_async else drive_workflow(coroutine, self.name)

    async def run(self, run: Run, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs it as a step of a workflow."""
        own: list[str] | None = getattr(self.fn, ROLES, None)
        # Who may not is no outcome of the step.
        role = role_for(self.fn, registry.roles_of_class(self.fn) if own is None else own)
        attempt = -1

        async def attempted(*args: Any, **kwargs: Any) -> Any:
            nonlocal attempt
            attempt += 1
            shown = (None, None) if self.attempts is None else (attempt, self.attempts)
            token = step_status.set(StepStatus(inside_step.get(), *shown))
            try:
                with assuming(role):
                    return await maybe_await(self.fn(*args, **kwargs))
            except Exception as failure:
                if self._should_retry is not None and self.is_async:
                    answer = self._should_retry(failure)
                    vars(failure)[_MAY_RETRY] = bool(await maybe_await(answer))
                raise
            finally:
                with contextlib.suppress(ValueError):
                    step_status.reset(token)

        try:
            return await run.core.steps.run(run, self.options, attempted, args, kwargs)
        except PerdureError as failure:
            raise translated(failure, run.workflow_id, step=self.name) from failure


def make_step(spec: StepSpec) -> Callable[..., Any]:
    """The function that stands for a step."""
    fn = spec.fn
    if spec.is_async:

        @functools.wraps(fn)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            return await spec.call(args, kwargs)

        wrapper: Callable[..., Any] = run_async
    else:

        @functools.wraps(fn)
        def run(*args: Any, **kwargs: Any) -> Any:
            return spec.call(args, kwargs)

        wrapper = run
    # On its own it runs as a workflow of one step.
    alone = Registered(_alone(wrapper, spec.is_async), f"<temp>.{spec.name}", wrapper, is_step=True)
    setattr(wrapper, MARK, alone)
    registry.add(alone)
    return wrapper


def _alone(step: Callable[..., Any], is_async: bool) -> Callable[..., Any]:
    if is_async:

        @functools.wraps(step)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            return await step(*args, **kwargs)

        return run_async

    @functools.wraps(step)
    def run(*args: Any, **kwargs: Any) -> Any:
        return step(*args, **kwargs)

    return run
