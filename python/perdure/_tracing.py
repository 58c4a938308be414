"""Where a program that is instrumented hooks in; see `perdure.otel`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ._run import Run


class Tracing(Protocol):
    """What follows workflows and steps. Contexts are W3C trace contexts, the header `traceparent`."""

    def current(self) -> str | None:
        """The context of the code that calls this, if it has one."""
        ...

    def enqueueing(self, name: str, queue: str | None, many: int = 1) -> AbstractContextManager[str | None]:
        """Around a call that enqueues so many workflows of a name; the context for them."""
        ...

    async def run(
        self,
        run: Run,
        fn: Callable[..., Any],
        execute: Callable[[Callable[..., Any]], Coroutine[Any, Any, Any]],
    ) -> Any:
        """Awaits `execute` of the code of a workflow; it may end in another thread than the code."""
        ...

    def step(self, run: Run, name: str, number: int, attempt: int) -> AbstractContextManager[None]:
        """Around an attempt of a step."""
        ...


UNTRACED: AbstractContextManager[None] = contextlib.nullcontext()
