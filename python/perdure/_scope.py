"""How the code of a transaction is run: between who begins it and who records it, and all of it again when
the database asks for that.

An *opener* begins and ends it on some connection; see `_openers`, `perdure.sqlalchemy`, `perdure.django`. A
*recorder* writes the step's record on that same connection; see `_recorders`.
"""

from __future__ import annotations

import inspect
import logging
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ._engine.transactions import Statement, cannot_connect, sqlstate
from ._errors import DatabaseUnavailable, WrongContext
from ._loop import maybe_await, pause
from ._run import Run, current_run
from ._steps import Committed

logger = logging.getLogger("perdure")

IsolationLevel = Literal["read committed", "repeatable read", "serializable"]

# How often a transaction is run again that conflicts with others, and one that loses its connection, before
# that counts as a failure of its own; and for how long it is tried while its database is not there.
_MOST_CONFLICTS = 100
_MOST_LOSSES = 10
_RETRY_FOR = 60.0


@dataclass(slots=True, frozen=True)
class TransactionOptions:
    """How a transaction is begun; see `Perdure.transaction`."""

    isolation_level: IsolationLevel | None = None
    read_only: bool = False


class Held(Protocol):
    """A transaction that is open.

    Attributes:
        given: what the user's function gets before its own arguments.
    """

    given: tuple[Any, ...]

    @property
    def is_lost(self) -> bool:
        """Whether its connection is gone, so that nobody here knows whether it has committed."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether it is still the transaction that was begun, as far as the driver knows: the user's code
        has not ended it."""
        ...

    async def execute(self, statement: Statement) -> Sequence[Sequence[Any]]:
        """Runs a statement in it, and returns the rows."""
        ...


class Opener(Protocol):
    """Begins transactions, and ends them: commits at the end of the block, rolls back on an exception."""

    def open(self, options: TransactionOptions, is_async: bool) -> AbstractAsyncContextManager[Held]: ...


# Returns what is recorded of a step, or raises it.
Replay = Callable[[], Any]


class Recorder(Protocol):
    """Records the step of a transaction in the transaction."""

    # Whether `record` makes the step's record, or the step is still to be recorded after it.
    is_engine: bool

    def serves(self, run: Run) -> bool:
        """Whether it can record a step of this workflow."""
        ...

    async def find(self, held: Held, run: Run, step: int, name: str, again: bool) -> Replay | None:
        """What has committed before; `again`: an earlier attempt of this run may have."""
        ...

    async def record(
        self, held: Held, run: Run, step: int, name: str, output: str, seconds: float
    ) -> Replay | None:
        """Records what the step returned; or returns what is recorded already, then nothing may commit."""
        ...


@dataclass(slots=True)
class _Open:
    """The transaction whose code is running, and who opened it: a transaction called in it joins it."""

    opener: Opener
    held: Held
    is_async: bool
    # What the code has begun may go on after its end, with the same context.
    is_open: bool = True


_current: ContextVar[_Open | None] = ContextVar("perdure_transaction", default=None)


class Scope:
    """The way in which one function is run in transactions; `StepOptions.transaction`."""

    def __init__(
        self,
        opener: Opener,
        recorder: Recorder,
        options: TransactionOptions,
        code: Callable[..., Any],
        name: str,
    ) -> None:
        self.opener, self.recorder, self.options = opener, recorder, options
        self.code, self.name = code, name
        self.is_async = inspect.iscoroutinefunction(code)

    async def plain(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Runs it without a record: in the transaction whose code calls it, or in one of its own."""
        current = _current.get()
        if (
            current is not None
            and current.is_open
            and current.opener is self.opener
            and current.is_async is self.is_async
        ):
            return await maybe_await(self.code(*current.held.given, *args, **kwargs))

        async def attempt(held: Held, _again: bool) -> Any:
            return await self._call(held, args, kwargs)

        return await self._until_done(None, attempt)

    async def run(self, run: Run, step: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Runs it as a step: returns `Committed` if it is recorded by now, else what is to be recorded."""
        if not self.recorder.serves(run):
            raise WrongContext(
                f"transaction {self.name!r} is of another app, in whose database workflow {run.workflow_id!r}"
                " is not: make it one of a datasource of this app, `app.datasource(...)`"
            )
        if self.options.read_only and self.recorder.is_engine:
            # It changes nothing, so running it twice is no harm, and it may not write its record.
            return await self.plain(args, kwargs)

        async def attempt(held: Held, again: bool) -> Any:
            found = await self.recorder.find(held, run, step, self.name, again)
            if found is not None:
                return Committed(found) if self.recorder.is_engine else found()
            began = time.perf_counter()
            value = await self._call(held, args, kwargs)
            output = run.core.codec.dumps(value, f"result of step {self.name!r}")
            run.check()
            if self.options.read_only:
                return value
            try:
                stands = await self.recorder.record(
                    held, run, step, self.name, output, time.perf_counter() - began
                )
            except Exception as error:
                if sqlstate(error) in ("42883", "3F000"):
                    raise WrongContext(
                        f"transaction {self.name!r} is in a database without the engine: give it a"
                        " datasource, `app.datasource(...)`, in place of the app"
                    ) from error
                if sqlstate(error) == "25P02":
                    raise WrongContext(
                        f"the code of transaction {self.name!r} went on after an error of the database that"
                        " ended its transaction: let the error pass, or put what may fail into a savepoint"
                    ) from error
                raise
            if stands is not None:
                raise _Stands(stands)
            return Committed(lambda: value) if self.recorder.is_engine else value

        try:
            return await self._until_done(run, attempt)
        except _Stands as stands:
            return Committed(stands.replay)

    async def _call(self, held: Held, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        current = _Open(self.opener, held, self.is_async)
        outer = _current.set(current)
        try:
            value = await maybe_await(self.code(*held.given, *args, **kwargs))
        finally:
            current.is_open = False
            _current.reset(outer)
        if not held.is_open and not held.is_lost:
            raise WrongContext(
                f"the code of transaction {self.name!r} ended its transaction itself, by a commit, a rollback"
                " or by closing its connection: it ends when the function returns, with the step's record,"
                " and is rolled back when it raises; a part of it may be rolled back to a savepoint"
            )
        return value

    async def _until_done(
        self, run: Run | None, attempt: Callable[[Held, bool], Coroutine[Any, Any, Any]]
    ) -> Any:
        conflicts = losses = 0
        delay = 0.01
        unreachable_since: float | None = None
        while True:
            if run is not None:
                run.check()
            held: Held | None = None
            is_ending = False
            try:
                async with self.opener.open(self.options, self.is_async) as held:
                    value = await attempt(held, losses > 0)
                    is_ending = True
                    return value
            except (_Stands, WrongContext):
                raise
            except Exception as error:
                if held is None:
                    now = time.monotonic()
                    unreachable_since = unreachable_since or now
                    if not cannot_connect(error) or now - unreachable_since > _RETRY_FOR:
                        raise self._unreachable(run, error) from error
                elif held.is_lost:
                    # It may have committed all the same: the next attempt looks. A step may do things twice.
                    if is_ending and current_run.get() is None and not self.options.read_only:
                        raise DatabaseUnavailable(
                            f"the connection of transaction {self.name!r} was lost at its commit, and it may"
                            " have committed or not: look, and call it again if not. A workflow would know"
                        ) from error
                    losses += 1
                    if losses > _MOST_LOSSES:
                        raise self._unreachable(run, error) from error
                else:
                    conflicts += 1
                    if sqlstate(error) not in ("40001", "40P01") or conflicts > _MOST_CONFLICTS:
                        raise
                logger.debug("transaction %s is run again: %s", self.name, error)
            else:
                # What lets the block end without an exception and without an end of the code.
                raise WrongContext(
                    f"the code of transaction {self.name!r} raised psycopg.Rollback, which does not say what"
                    " to record: raise an error of your own"
                )
            wait, delay = delay * random.uniform(0.5, 1.0), min(delay * 2, 1.0)
            if run is not None:
                await run.core.loop.pause(wait, run.stop)
            else:
                await pause(wait)

    def _unreachable(self, run: Run | None, error: Exception) -> BaseException:
        message = f"the database of transaction {self.name!r} cannot be reached: {str(error).strip()}"
        if run is not None and self.recorder.is_engine:
            return run.give_up(message)
        return DatabaseUnavailable(message)


class _Stands(Exception):
    """Rolls a transaction back whose step is recorded already."""

    def __init__(self, replay: Replay) -> None:
        super().__init__()
        self.replay = replay
