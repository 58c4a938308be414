"""Branches of a workflow's code: its tasks that run side by side.

In which order their steps begin depends on time. Which tasks a task makes, one after another, and which
steps it takes, does not: that tells which step is which when the workflow is replayed.
"""

from __future__ import annotations

import asyncio
import inspect
import weakref
from collections.abc import AsyncGenerator, Callable
from contextvars import Context, ContextVar
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, cast

from ._errors import WrongContext

if TYPE_CHECKING:
    from ._run import Run

# Which step of the running workflow this is in, or 0: in a step, steps are plain calls.
inside_step: ContextVar[int] = ContextVar("perdure_step", default=0)


class Branch:
    """The code of a workflow, or a task that was made in it.

    Attributes:
        run: of which it is a branch.
        path: the number of each task among those of its maker, from the outermost; empty for the code of the
            workflow itself.
        outer: the one in which it was made.
        tasks: how many tasks were made in it.
        taken: how many steps have begun in it.
        is_known: whether its number is the same on every run.
        maker: the task factory that makes it now.
    """

    __slots__ = (
        "_closings",
        "_others",
        "_task",
        "_unordered",
        "is_known",
        "maker",
        "outer",
        "path",
        "run",
        "taken",
        "tasks",
    )

    def __init__(self, run: Run, path: str = "", outer: Branch | None = None) -> None:
        self.run, self.path, self.outer = run, path, outer
        self.tasks = self.taken = self._closings = 0
        self.is_known = True
        self.maker: object | None = None
        # The task that was the last to begin a step or a task in it; and those before, if they went on.
        # (Weakly: its context knows this, and such a circle would wait for the garbage collector.)
        self._task: weakref.ref[asyncio.Task[Any]] | None = None
        self._others: tuple[asyncio.Task[Any], ...] = ()
        # The call of `asyncio.as_completed` that makes tasks of it now, and how many were made before.
        self._unordered: tuple[FrameType, int] | None = None

    def next_task(self) -> Branch:
        """The branch that is the task that is made in this one now."""
        self.run.begin_branches()
        self._unordered = None
        self.tasks += 1
        return self._inner(self.tasks)

    def check_task(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """A step or a task begins in it now; on this loop, if that is known.

        Raises:
            WrongContext: several tasks, which do not know that they are branches, do that by turns.
        """
        try:
            task = asyncio.current_task(loop)
        except RuntimeError:
            return
        last = None if self._task is None else self._task()
        if task is last or task is None:
            return
        if task in self._others:
            raise WrongContext(
                "tasks take steps by turns, and a replay could not tell whose is which: they were made before"
                " the first step in an event loop of the workflow's own, as of `asyncio.run`, or they share a"
                " context. Make the workflow async, or begin with a step"
            )
        if last is not None:
            self._others = tuple(one for one in (*self._others, last) if not one.done())
        self._task = weakref.ref(task)

    def task_of(self, coroutine: Any) -> Branch:
        """`next_task` for what becomes a task of this coroutine.

        Raises:
            WrongContext: see `check_task`.
        """
        try:
            self.check_task()
        except WrongContext:
            coroutine.close()  # nobody will await it
            raise
        if type(coroutine) is _CLOSING and asyncio.current_task() is None:
            # The loop closes an async generator that was left: whenever the garbage collector comes to it, in
            # whichever workflow that may be. So it does not count among the tasks.
            self._closings += 1
            return self._inner(-self._closings)
        caller = _as_completed()
        if caller is None:
            return self.next_task()
        given: Any = caller.f_locals.get("aws", caller.f_locals.get("fs"))
        listed = cast("list[Any]", given) if isinstance(given, (list, tuple)) else []
        at = [i for i, one in enumerate(listed) if one is coroutine]
        if not at:
            # A set has another order in each process, and an iterator is used up by now.
            branch = self.next_task()
            branch.is_known = False
            return branch
        self.run.begin_branches()
        if self._unordered is None or self._unordered[0] is not caller:
            self._unordered = (caller, self.tasks)
            self.tasks += len(listed)
        return self._inner(self._unordered[1] + at[0] + 1)

    def _inner(self, number: int) -> Branch:
        branch = Branch(self.run, f"{self.path}.{number}" if self.path else str(number), self)
        branch.is_known = self.is_known
        return branch

    @property
    def next_place(self) -> str:
        """The place of the step that begins next in it.

        Raises:
            WrongContext: another run would not find it again.
        """
        if not self.is_known:
            raise WrongContext(
                "a step in a task that `asyncio.as_completed` has made of what has no order, as a set or an"
                " iterator, cannot be told from those of the others: give it a list of coroutines, or tasks"
            )
        return f"{self.path}:{self.taken + 1}"

    def comes_before(self, place: str) -> bool:
        """Whether a step at that place, which has not begun in this run, comes after what is next in this
        branch: it is in the branch itself, or in a task that is still to be made in it."""
        path = place.rpartition(":")[0]
        if path == self.path:
            return True
        inner = path if not self.path else path.removeprefix(self.path + ".")
        if self.path and inner == path:
            return False
        return int(inner.partition(".")[0]) > self.tasks


# Set in the code of a workflow on an event loop; not while this package makes tasks of its own for it.
current_branch: ContextVar[Branch | None] = ContextVar("perdure_branch", default=None)


def number_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Lets the tasks that are made in the code of workflows on this loop be branches."""
    before = loop.get_task_factory()
    if not isinstance(before, _Factory):
        loop.set_task_factory(cast("Any", _Factory(before)))


class _Factory:
    """Makes tasks as the loop did before, and tells those of workflows which branch they are."""

    def __init__(self, before: Callable[..., Any] | None) -> None:
        self._make: Callable[..., Any] = before or _make

    def __call__(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Any,
        *,
        context: Context | None = None,
        **options: Any,
    ) -> Any:
        branch = current_branch.get() if context is None else context.get(current_branch)
        in_step = inside_step.get() if context is None else context.get(inside_step)
        if branch is None or in_step or branch.maker not in (None, self):
            # In the last case one that others have wrapped is called by the one that has wrapped theirs,
            # which has numbered the task.
            return self._begin(loop, coroutine, context, options)
        if context is None:
            made = branch.task_of(coroutine)
            # The task begins with a copy of what is set here.
            current_branch.set(made)
        else:
            made = _enter(context, branch, coroutine)
        if made is None:
            return self._begin(loop, coroutine, context, options)
        made.maker = self
        try:
            return self._begin(loop, coroutine, context, options)
        finally:
            made.maker = None
            if context is None:
                current_branch.set(branch)

    def _begin(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Any,
        context: Context | None,
        options: dict[str, Any],
    ) -> Any:
        if context is None:
            return self._make(loop, coroutine, **options)
        return self._make(loop, coroutine, context=context, **options)


def _enter(context: Context, branch: Branch, coroutine: Any) -> Branch | None:
    made = branch.task_of(coroutine)
    try:
        context.run(current_branch.set, made)
    except RuntimeError:
        # It is entered: that of whoever makes the task, and cannot tell the two apart.
        return None
    return made


async def _yielding() -> AsyncGenerator[None]:
    yield


_CLOSING = type(_yielding().aclose())


def _codes_of_as_completed() -> frozenset[CodeType]:
    # From Python 3.13 on it is in the constructor of what it returns.
    made = getattr(asyncio.tasks, "_AsCompletedIterator", None)
    codes = [asyncio.as_completed.__code__]
    return frozenset(codes if made is None else [*codes, made.__init__.__code__])


_AS_COMPLETED = _codes_of_as_completed()


def _as_completed() -> FrameType | None:
    """The call of `asyncio.as_completed` that makes this task. It does so in the order of a set, which is
    that of addresses in memory."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code not in _AS_COMPLETED:
        module = frame.f_globals.get("__name__", "")
        if module != __name__ and not module.startswith("asyncio."):
            # An eager task makes others inside of that call.
            return None
        frame = frame.f_back
    return frame


def _make(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    return asyncio.Task(coroutine, loop=loop, **options)
