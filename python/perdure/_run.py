"""One run of one workflow in this process: its numbering of steps, and what it recorded before."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ._branches import Branch, current_branch, inside_step, number_tasks
from ._engine.items import StepNumber
from ._errors import Abandoned, Suspended, UnexpectedStep, WrongContext
from ._loop import Stop, running_loop
from ._serialize import Codec

if TYPE_CHECKING:
    from ._core import Core
    from ._engine import Engine


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


class Run:
    """The state of a running workflow. Its steps are numbered from 1 in the order in which they begin.

    As long as its code has made no tasks, this order tells which step is which. From then on it depends on
    time: each further step is known by its place, which is the branch it is in and how many were before it
    there, and is recorded with the number.

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
        root: its code itself; known if that has an event loop or branches.
        has_assumed: whether the assumed role is not the one that is recorded, but one that its code requires.
    """

    __slots__ = (
        "__weakref__",
        "_abandoned",
        "_has_branches",
        "_known",
        "_lock",
        "_next",
        "_numbers",
        "_places",
        "_recorded",
        "_stop",
        "active_steps",
        "attempt",
        "attended",
        "authority",
        "awaited",
        "can_move",
        "core",
        "created_at",
        "has_assumed",
        "has_failed",
        "is_claimed",
        "is_interrupted",
        "key",
        "name",
        "owned",
        "put_down",
        "queue",
        "root",
        "suspendable",
        "token",
        "trace",
        "waiting",
        "workflow_id",
    )

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
        self.root: Branch | None = None
        # Whether its code has made tasks; and whether its steps have places from then on.
        self._has_branches = self._places = False
        self._recorded: dict[int, RecordedStep] = {}
        # The numbers that earlier runs have given to places; and all that are recorded or given.
        self._numbers: dict[str, int] = {}
        self._known: frozenset[int] = frozenset()
        # Threads of one workflow may begin steps at once.
        self._lock = threading.Lock()

    def read(self, steps: str | None) -> None:
        """Takes over what earlier runs recorded: the column `steps` of `claim`.

        Raises:
            SerializationError: a value is of a type that this process does not know.
        """
        if steps:
            rows = _read(self.core.codec, steps)
            self.take_over(
                {row["step"]: _recorded(row) for row in rows if "name" in row},
                {row["place"]: row["step"] for row in rows if row.get("place")},
            )

    def take_over(self, recorded: dict[int, RecordedStep], numbers: dict[str, int]) -> None:
        """Takes over steps by their numbers, and numbers by their places."""
        self._recorded, self._numbers = recorded, numbers
        self._known = frozenset((*recorded, *numbers.values()))

    def begin_branches(self) -> None:
        """Its code makes a branch."""
        if self._has_branches:
            return
        with self._lock:
            if self._has_branches:
                return
            self._has_branches = True
            if self.root is None:
                self.root = Branch(self)
            self.root.taken = self._next
            # Else whoever has recorded what comes now gave no places: the order tells, as well as it can.
            self._places = self._recorded.keys() <= set(self._numbers.values())

    @property
    def branch(self) -> Branch:
        """The branch in which this is called."""
        branch = current_branch.get()
        if branch is not None and branch.run is self:
            return branch
        if self.root is None:
            # Of code without an event loop nobody has asked so far.
            self.root = Branch(self)
        return self.root

    def _meet_loop(self) -> None:
        """A step begins here.

        Raises:
            WrongContext: it cannot be told from those of other tasks.
        """
        loop = running_loop()
        if loop is None:
            return
        branch = current_branch.get()
        if branch is None or branch.run is not self:
            branch = self.branch
            current_branch.set(branch)
        # The code may have made this loop by itself, or somebody has set a task factory: the tasks that are
        # made from now on are branches.
        number_tasks(loop)
        branch.check_task(loop)

    def _next_number(self) -> int:
        """The number of the step that begins next here, if steps have places; under the lock."""
        place = self.branch.next_place
        number = self._numbers.get(place)
        if number is None:
            # Above all that came before it, so that what is recorded below a number holds together.
            number = self._next + 1
            while number in self._known:
                number += 1
        return StepNumber(number, place)

    def _take(self, number: int) -> None:
        self._next = max(self._next, int(number))
        if self._places:
            self.branch.taken += 1

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
                f" {recorded.name!r}, the code now runs {name!r} there{_where(number)}. A workflow must take"
                " the same steps in the same order on every run: move what varies into steps, or let runs of"
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
        self._meet_loop()
        with self._lock:
            number = self._next_number() if self._places else self._next + 1
            recorded = self._recorded.get(number)
            if recorded is not None or not self.goes_back(0):
                self._take(number)
                if recorded is not None:
                    del self._recorded[number]
                return number, recorded
        raise self.go_back()

    def begin_patch(self, step_name: str, *, deprecated: bool = False) -> tuple[int | None, bool]:
        """The number of the step that records a patch, and whether it is recorded; None: it has no step,
        because the run had come past this point without it, or new runs do without.

        Raises:
            Abandoned: this run must not go on.
        """
        self.check()
        self._meet_loop()
        with self._lock:
            number = self._next_number() if self._places else self._next + 1
            recorded = self._recorded.get(number)
            if recorded is not None and recorded.name == step_name:
                del self._recorded[number]
                self._take(number)
                return number, True
            if deprecated or self._has_passed():
                return None, False
            self._take(number)
            return number, False

    def _has_passed(self) -> bool:
        """Whether an earlier run came past this point: what is left of its records lies before it."""
        if not self._places:
            # Of steps side by side a later one may be recorded alone.
            return bool(self._recorded)
        # But not what another branch, which may be ahead, has still to take.
        branch = self.branch
        return any(
            self._is_ahead(branch, place) for place, step in self._numbers.items() if step in self._recorded
        )

    def _is_ahead(self, branch: Branch, place: str) -> bool:
        outer: Branch | None = branch
        while outer is not None:
            if outer.comes_before(place):
                return True
            outer = outer.outer
        return False

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


def _read(codec: Codec, steps: str) -> list[dict[str, Any]]:
    # The array as a whole is plain JSON; tagged values inside it are restored as they are met.
    return codec.loads(steps) if '"$type"' in steps else json.loads(steps)


def _recorded(row: dict[str, Any]) -> RecordedStep:
    return RecordedStep(
        row["step"],
        row["name"],
        row["output"],
        row["error"],
        row["child_id"],
        row["attempts"],
        row["completed"],
        time.monotonic() + (row["retry_in"] or 0.0),
    )


def _where(number: int) -> str:
    """The place of a step, for people."""
    if not isinstance(number, StepNumber):
        return ""
    path, _, at = number.place.rpartition(":")
    return f" (step {at} of branch {path})" if path else f" (step {at} outside of branches)"


# The workflow whose code is running.
current_run: ContextVar[Run | None] = ContextVar("perdure_run", default=None)


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
