"""Steps: their code is run, and what has come of it is recorded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from ._batch import Batcher
from ._branches import inside_step
from ._engine import Refusal, StepItem
from ._errors import (
    DatabaseUnavailable,
    LeaseLost,
    NotLaunched,
    SerializationError,
    StepTimedOut,
    WrongContext,
)
from ._loop import is_awaitable, running_loop
from ._run import RecordedStep, Run
from ._serialize import Codec
from ._tracing import UNTRACED

if TYPE_CHECKING:
    from ._core import Core

logger = logging.getLogger("perdure")


@dataclass(slots=True, frozen=True)
class StepOptions:
    """How a step is run; see `Perdure.step`."""

    name: str
    retries: int = 0
    interval: float = 1.0
    backoff: float = 2.0
    max_interval: float = 3600.0
    should_retry: Callable[[BaseException], bool] | None = None
    timeout: float | None = None
    preemptible: bool = False
    transaction: RunsStep | None = None


class RunsStep(Protocol):
    """Runs the code of a step in a transaction; see `_scope.Scope`."""

    async def run(self, run: Run, step: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Returns what is to be recorded; or `Committed`, if it is recorded with the user's writes."""
        ...


@dataclass(slots=True, frozen=True)
class Committed:
    """A step that its transaction has recorded: `replay` returns what is recorded, or raises it."""

    replay: Callable[[], Any]


class Steps:
    """The steps of one launched app; what many workflows want recorded at one moment goes in one call."""

    def __init__(self, core: Core) -> None:
        self._core, self._codec = core, core.codec
        self._engine, self._loop = core.engine, core.loop
        self._records: Batcher[StepItem, Refusal | None] = Batcher(self._loop, self._engine.record_steps)

    async def run(
        self,
        run: Run,
        options: StepOptions,
        fn: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> Any:
        """Runs a step, or replays it if it is recorded; see `Perdure.step`."""
        number, recorded = run.begin_step(options.name)
        if recorded is not None and recorded.completed:
            return replay(self._codec, recorded)
        attempt = 1
        run.active_steps += 1
        try:
            if recorded is not None:
                attempt = recorded.attempts + 1
                await self._wait_to_retry(run, recorded.retry_at - time.monotonic())
            while True:
                began = time.perf_counter()
                failure: Exception | None = None
                output: str | None = None
                value: Any = None
                awaited = False
                outer = inside_step.get()
                try:
                    inside_step.set(number)
                    with (
                        UNTRACED
                        if self._core.tracing is None
                        else self._core.tracing.step(run, options.name, number, attempt)
                    ):
                        if options.transaction is not None:
                            value = await options.transaction.run(run, number, args, kwargs)
                        else:
                            value = fn(*args, **kwargs)
                            if options.timeout is not None or options.preemptible:
                                value = await _interruptibly(run, options, value)
                            elif is_awaitable(value):
                                awaited = True
                                value = await value
                    if not isinstance(value, Committed):
                        output = self._codec.dumps(value, "result of step", options.name)
                except Exception as error:
                    failure = explained(error, "step", options.name) if awaited else error
                finally:
                    inside_step.set(outer)
                if isinstance(value, Committed):
                    return value.replay()
                may_retry = False
                if failure is not None:
                    try:
                        may_retry = _may_retry(options, failure)
                    except Exception as error:
                        # Of the code that was asked: it is what the step has come to.
                        failure = error
                item = StepItem(
                    run.key,
                    run.token,
                    number,
                    options.name,
                    output,
                    None if failure is None else self._codec.dump_error(failure),
                    time.perf_counter() - began,
                )
                if not may_retry:
                    stands = await self.record(run, item)
                    if stands is not None:
                        return stands()
                    if failure is not None:
                        raise failure
                    return value
                delay, final_error = await self._fail(run, item, attempt, options)
                if delay is None:
                    raise self._codec.load_error(final_error or item.error or "{}") from failure
                logger.warning(
                    "workflow %s: step %s (%s) failed, attempt %s of %s, next in %.1f s: %r",
                    run.workflow_id, number, options.name, attempt, options.retries + 1, delay, failure,
                )  # fmt: skip
                attempt += 1
                await self._wait_to_retry(run, delay)
        finally:
            run.active_steps -= 1

    async def record(self, run: Run, item: StepItem) -> Callable[[], Any] | None:
        """Records a step.

        Returns:
            None if it is recorded as given; else what replays the record that was there before.

        Raises:
            Abandoned: the workflow is not this run's any more.
            UnexpectedStep: another step is recorded there.
        """
        run.check()
        try:
            refusal = await self._records.put(item)
        except (DatabaseUnavailable, NotLaunched) as error:
            raise run.give_up(str(error)) from error
        if refusal is None:
            return None
        run.check_outcome(item.step, item.name, refusal.outcome, refusal.label)
        return lambda: replay_texts(self._codec, refusal.output, refusal.error)

    async def _fail(
        self, run: Run, item: StepItem, attempt: int, options: StepOptions
    ) -> tuple[float | None, str | None]:
        run.check()
        try:
            return await self._loop.on_engine(
                lambda: self._engine.fail_step(
                    item,
                    attempt,
                    options.retries + 1,
                    options.interval,
                    options.backoff,
                    options.max_interval,
                )
            )
        except (DatabaseUnavailable, NotLaunched, LeaseLost) as error:
            raise run.give_up(str(error)) from error

    async def _wait_to_retry(self, run: Run, delay: float) -> None:
        if delay > self._core.suspend_after and run.active_steps == 1:
            raise run.leave(lambda: self._engine.suspend(run.key, run.token, delay))
        until = time.monotonic() + delay
        while True:
            # Looked at first: a stop that begins right after that ends the pause.
            stops = (run.stop,) if self._core.stopping.is_set() else (run.stop, self._core.stopping)
            left = until - time.monotonic()
            if left <= 0 or run.goes_back(run.waiting + 1):
                break
            await self._loop.pause(left, *stops)
            run.check()
        run.check()
        if run.goes_back(run.waiting + 1):
            raise run.go_back()


def replay(codec: Codec, recorded: RecordedStep) -> Any:
    """The recorded value of a step; raises its recorded error."""
    if recorded.error is not None:
        raise codec.restore_error(recorded.error)
    return recorded.output


def replay_texts(codec: Codec, output: str | None, error: str | None) -> Any:
    """`replay` for JSON texts."""
    if error is not None:
        raise codec.load_error(error)
    return codec.loads(output)


def explained(error: Exception, kind: str, name: str) -> Exception:
    """An error of what the code has returned and was awaited: a plain function may return a coroutine, as
    of a step."""
    if (
        not isinstance(error, RuntimeError)
        or str(error) != "no running event loop"
        or running_loop() is not None
    ):
        return error
    told = WrongContext(
        f"{kind} {name!r} is a plain function, and what it has returned awaits something outside of"
        " Perdure: make it async; if a decorator of yours is between, its wrapper is to be async, too"
    )
    told.__cause__ = error
    return told


async def _interruptibly(run: Run, options: StepOptions, value: Any) -> Any:
    """What a step returns that may be interrupted: it is a task of its own.

    Raises:
        StepTimedOut: it ran longer than its timeout.
        Abandoned: it was interrupted, because the run must not go on.
    """
    loop = running_loop()
    if loop is None:
        if not is_awaitable(value):
            return value
        try:
            return await value
        except RuntimeError as error:
            told = explained(error, "step", options.name)
            if told is error:
                raise
            raise told from error
    task = asyncio.ensure_future(cast("Awaitable[Any]", value))
    interrupted = run.stop.calling(lambda: loop.call_soon_threadsafe(task.cancel))
    with interrupted if options.preemptible else contextlib.nullcontext():
        try:
            ended, _ = await asyncio.wait([task], timeout=options.timeout)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])
            raise
        if not ended:
            task.cancel()
            await asyncio.wait([task])
    if task.cancelled() and ended:
        run.check()
        raise asyncio.CancelledError
    if not ended and (task.cancelled() or task.exception() is not None):
        raise StepTimedOut(f"step {options.name!r} ran longer than {options.timeout:g} s")
    return task.result()


def _may_retry(options: StepOptions, failure: Exception) -> bool:
    if options.retries == 0 or isinstance(failure, (SerializationError, LeaseLost, WrongContext)):
        return False
    return options.should_retry is None or options.should_retry(failure)
