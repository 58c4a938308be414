"""One run of one workflow in this process: its numbering of steps, and what it recorded before."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
import weakref
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ._errors import Abandoned, Suspended, UnexpectedStep, WrongContext
from ._loop import Stop, running_loop
from ._serialize import Codec

if TYPE_CHECKING:
    from ._core import Core
    from ._engine import Engine


logger = logging.getLogger("perdure")


@dataclass(slots=True, frozen=True)
class RecordedStep:
    """A step as an earlier run recorded it; `retry_at` is on this process's monotonic clock."""

    step: int
    name: str
    output: Any
    error: Any
    child_id: str | None
    attempts: int
    completed: bool
    retry_at: float


class Authority(NamedTuple):
    """On whose behalf a workflow runs."""

    user: str | None = None
    roles: tuple[str, ...] | None = None
    assumed_role: str | None = None


NOBODY = Authority()


class _Branch:
    """A task of a workflow that takes steps: the number of its first, and of its last if it takes several."""

    __slots__ = ("_within", "first", "last", "siblings", "task")

    def __init__(
        self,
        first: int,
        task: weakref.ref[asyncio.Task[Any]],
        within: _Branch | None,
        siblings: list[_Branch],
    ) -> None:
        self.first, self.last, self.siblings = first, 0, siblings
        self.task, self._within = task, within

    @property
    def has_ended(self) -> bool:
        task = self.task()
        return task is None or task.done()

    def is_within(self, other: _Branch) -> bool:
        """Whether it was begun by another, or by what that has begun."""
        outer = self._within
        while outer is not None and outer is not other:
            outer = outer._within
        return outer is other


_current_branch: ContextVar[_Branch | None] = ContextVar("perdure_branch", default=None)
# The workflows that have been warned of.
_warned: set[str] = set()


class Run:
    """The state of a running workflow. Its steps are numbered from 1 in the order in which they begin.

    Attributes:
        key, token: what every write for this run names.
        attempt: 1 for the first run.
        owned: False once the database has said that the workflow is not this run's any more; also that it
            has ended.
        has_failed: whether an error of its code is recorded as its end.
        active_steps: how many of its steps are running or waiting now.
        waiting: how many of its calls wait for another workflow; it then gives its slot back.
        awaited: the ids of the workflows whose results it waits for now.
        put_down: set when it is to leave the worker, once its code is unwound: puts it down in the
            database, and says whether that was still to be done.
        authority: on whose behalf it runs.
        is_claimed: whether it was handed out by a claim, not started here.
        queue: from which it was claimed; None if that has no name.
        trace: the trace context in which it was started here, if that is known.
        is_interrupted: says whether the caller that awaits the run was cancelled; None if nobody does.
        attended: whether a caller in this process waits until it has run to its end.
        has_assumed: whether the assumed role is not the one that is recorded, but one that its code requires.
    """

    def __init__(
        self,
        core: Core,
        key: int,
        token: int,
        workflow_id: str,
        name: str,
        attempt: int = 1,
    ) -> None:
        self.core = core
        self.key, self.token = key, token
        self.workflow_id, self.name, self.attempt = workflow_id, name, attempt
        self.owned = True
        self.has_failed = False
        self.active_steps = 0
        self.waiting = 0
        self.awaited: list[str] = []
        self.put_down: Callable[[], Coroutine[Any, Any, bool]] | None = None
        self._stop: Stop | None = None
        self.suspendable = True
        self.attended = False
        self.is_interrupted: Callable[[], bool] | None = None
        # Whether what drives it in a thread goes on with it on the engine's loop; see `move`.
        self.can_move = False
        # ISO 8601; known once a transaction of a datasource has asked.
        self.created_at: str | None = None
        self.is_claimed = False
        self.queue: str | None = None
        self.trace: str | None = None
        self.authority = NOBODY
        self.has_assumed = False
        self._abandoned: str | None = None
        self._next = 0
        # The tasks that take steps, and those of them that take several; see `_note_branch`.
        self._branches: weakref.WeakKeyDictionary[asyncio.Task[Any], _Branch] | None = None
        self._latest: _Branch | None = None
        self._long: list[_Branch] = []
        self._recorded: dict[int, RecordedStep] = {}
        # Threads of one workflow may begin steps at once.
        self._lock = threading.Lock()

    def read(self, steps: str | None) -> None:
        """Takes over what earlier runs recorded: the column `steps` of `claim`.

        Raises:
            SerializationError: a value is of a type that this process does not know.
        """
        self._recorded = _read(self.core.codec, steps) if steps else {}

    def begin_step(self, name: str) -> tuple[int, RecordedStep | None]:
        """The number of the step that begins now, and what is recorded of it.

        Raises:
            Abandoned: this run must not go on.
            UnexpectedStep: another step is recorded there.
        """
        number, recorded = self.reserve_step()
        if recorded is not None and recorded.name != name:
            raise UnexpectedStep(
                f"workflow {self.workflow_id!r} ({self.name}): step {number} is recorded as"
                f" {recorded.name!r}, the code now runs {name!r} there. A workflow must take the same"
                " steps in the same order on every run: move what varies into steps, or let runs of"
                " the old code end before the new code starts"
            )
        return number, recorded

    def reserve_step(self) -> tuple[int, RecordedStep | None]:
        """The number of the next step, and what is recorded there, whatever its name.

        Raises:
            Abandoned: this run must not go on.
            Suspended: the worker is stopping, and nothing is recorded there: another one does that step.
        """
        self.check()
        with self._lock:
            if self._next + 1 in self._recorded or not self.goes_back(0):
                self._next += 1
                if running_loop() is not None:
                    self._note_branch(self._next)
                return self._next, self._recorded.pop(self._next, None)
        raise self.go_back()

    def _note_branch(self, number: int) -> None:
        """Warns of two branches of a `gather` that both go on to further steps: which of these begins first,
        and so gets the lower number, is a matter of time, and a replay has another time."""
        task = asyncio.current_task()
        if task is None or self.name in _warned:
            return
        if self._latest is not None and self._latest.task() is task:
            # Most workflows take all of their steps in one task.
            me = self._latest
        else:
            if self._branches is None:
                self._branches = weakref.WeakKeyDictionary()
            me = self._latest = self._branches.get(task)
        if me is None:
            assert self._branches is not None
            outer = _current_branch.get()
            # Not one of the workflow that has started this one.
            within = outer if outer is not None and outer.siblings is self._long else None
            me = self._latest = self._branches[task] = _Branch(number, weakref.ref(task), within, self._long)
            _current_branch.set(me)
            return
        if not me.last:
            self._long.append(me)
        me.last = number
        if len(self._long) == 1:
            return
        for other in tuple(self._long):
            if other is me or other.last < me.first:
                continue  # it had ended, or it waits
            if other.has_ended and other.is_within(me):
                self._long.remove(other)  # it was awaited
                continue
            _warned.add(self.name)
            logger.warning(
                "workflow %s (%s): steps %s and %s are taken by tasks that run side by side and take several"
                " each: on a replay their order may be another, and one would get what is recorded for the"
                " other. Make each branch a child workflow (said once per name)",
                self.workflow_id, self.name, other.last, number,
            )  # fmt: skip
            return

    def begin_patch(self, step_name: str, *, deprecated: bool = False) -> tuple[int | None, bool]:
        """The number of the step that records a patch, and whether it is recorded; None: it has no step,
        because the run had come past this point without it, or new runs do without.

        Raises:
            Abandoned: this run must not go on.
        """
        self.check()
        with self._lock:
            number = self._next + 1
            recorded = self._recorded.get(number)
            if recorded is not None and recorded.name == step_name:
                del self._recorded[number]
                self._next = number
                return number, True
            # What is left lies before it: of steps side by side a later one may be recorded alone.
            if deprecated or self._recorded:
                return None, False
            self._next = number
            return number, False

    def abandon(self, reason: str) -> None:
        """Lets the code of this run stop at its next checkpoint; what waits in memory, and steps that may
        be interrupted, stop at once. From any thread."""
        if self._abandoned is None:
            self._abandoned = reason
        self.stop.set()
        self.core.loop.tell(self.core.notices.tell, f"wake {self.key}")

    def give_up(self, reason: str) -> Abandoned:
        """Abandons this run; the caller raises what this returns."""
        self.abandon(reason)
        return Abandoned(reason)

    def lose(self) -> Abandoned:
        """The database says that the workflow is not this run's any more; the caller raises what this
        returns."""
        self.owned = False
        return self.give_up("another executor owns it now, or it has ended")

    def check_recorded(self, step: int, recorded: str | None, name: str) -> None:
        """Raises UnexpectedStep unless the step that the database has recorded is the one of this name."""
        if recorded != name:
            raise self._unexpected(step, recorded, name)

    def _unexpected(self, step: int, recorded: str | None, name: str) -> UnexpectedStep:
        return UnexpectedStep(
            f"workflow {self.workflow_id!r}: step {step} is recorded as {recorded!r}, not as {name!r}"
        )

    def check_outcome(self, step: int, name: str, outcome: str, recorded: str | None) -> None:
        """Raises what it means that the engine has refused to write a step.

        Raises:
            Abandoned: the workflow is not this run's any more.
            UnexpectedStep: another step is recorded there.
        """
        if outcome == "lease lost":
            raise self.lose()
        if outcome == "unexpected step":
            raise self._unexpected(step, recorded, name)

    def leave(self, put_down: Callable[[], Coroutine[Any, Any, bool]], reason: str = "it waits") -> Suspended:
        """Lets this run leave the worker; the caller raises what this returns.

        Args:
            put_down: see the attribute.
            reason: for people.
        """
        # From here on no step begins, not in a `finally` block either.
        self.put_down = put_down
        self.abandon(reason)
        return Suspended()

    def goes_back(self, active_steps: int) -> bool:
        """Whether it is to leave here because the worker is stopping: if no more than so many of its steps
        are running or waiting, whose results would be lost."""
        return (
            self.core.handing_back
            and self.suspendable
            and not self.attended
            and self.active_steps <= active_steps
        )

    def go_back(self) -> Suspended:
        """Lets this run go back to its queue; the caller raises what this returns."""
        return self.leave(lambda: self.core.hand_back(self), "the worker is stopping")

    @property
    def stop(self) -> Stop:
        """Set when this run is abandoned. Made at its first use: few runs need it."""
        with self._lock:
            if self._stop is None:
                self._stop = Stop()
            return self._stop

    @property
    def abandoned(self) -> str | None:
        """Why this run must not go on; None while it may."""
        return self._abandoned

    def check(self) -> None:
        """Raises Abandoned if this run must not go on."""
        if self._abandoned is not None:
            raise Abandoned(self._abandoned)


def _read(codec: Codec, steps: str) -> dict[int, RecordedStep]:
    now = time.monotonic()
    # The array as a whole is plain JSON; tagged values inside it are restored as they are met.
    rows = codec.loads(steps) if '"$type"' in steps else json.loads(steps)
    return {
        row["step"]: RecordedStep(
            row["step"],
            row["name"],
            row["output"],
            row["error"],
            row["child_id"],
            row["attempts"],
            row["completed"],
            now + (row["retry_in"] or 0.0),
        )
        for row in rows
    }


# The workflow whose code is running, and which step of it is, or 0: in a step, steps are plain calls.
current_run: ContextVar[Run | None] = ContextVar("perdure_run", default=None)
inside_step: ContextVar[int] = ContextVar("perdure_step", default=0)


def calling_run(engine: Engine | None = None) -> Run | None:
    """The workflow of which this call is a step; None outside of workflows and inside of steps.

    Args:
        engine: of the app or client that is called.

    Raises:
        WrongContext: that is of another database: the call would be made in that of the workflow.
    """
    run = None if inside_step.get() else current_run.get()
    if run is not None and engine is not None:
        check_place(run, engine)
    return run


def check_place(run: Run, engine: Engine) -> None:
    """Raises WrongContext if what is called is of another database than the running workflow."""
    its = cast("Engine | None", run.core.engine)  # a replay without a database has none
    if its is not None and engine.is_elsewhere(its):
        raise WrongContext(
            f"this call is of an app or a client of another database, in which workflow"
            f" {run.workflow_id!r} is not: make it in a step, with a `Client`"
        )
