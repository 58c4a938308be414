"""Branches of a workflow's code: its tasks that run side by side.

In which order their steps begin depends on time. Which tasks a task makes, one after another, and which
steps it takes, does not: that tells which step is which when the workflow is replayed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import TYPE_CHECKING, Any, cast

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
    """

    __slots__ = ("outer", "path", "run", "taken", "tasks")

    def __init__(self, run: Run, path: str = "", outer: Branch | None = None) -> None:
        self.run, self.path, self.outer = run, path, outer
        self.tasks = self.taken = 0

    def next_task(self) -> Branch:
        """The branch that is the task that is made in this one now."""
        self.run.begin_branches()
        self.tasks += 1
        return Branch(self.run, f"{self.path}.{self.tasks}" if self.path else str(self.tasks), self)

    @property
    def next_place(self) -> str:
        """The place of the step that begins next in it."""
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
    if isinstance(before, _Factory):
        return
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
        if context is not None:
            branch = context.get(current_branch)
            if branch is not None and not context.get(inside_step):
                _enter(context, branch)
            return self._make(loop, coroutine, context=context, **options)
        branch = current_branch.get()
        if branch is None or inside_step.get():
            return self._make(loop, coroutine, **options)
        # The task begins with a copy of what is set here.
        current_branch.set(branch.next_task())
        try:
            return self._make(loop, coroutine, **options)
        finally:
            current_branch.set(branch)


def _enter(context: Context, branch: Branch) -> None:
    # If it is entered, it is that of whoever makes the task, and cannot tell the two apart.
    with contextlib.suppress(RuntimeError):
        context.run(current_branch.set, branch.next_task())


def _make(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    return asyncio.Task(coroutine, loop=loop, **options)
