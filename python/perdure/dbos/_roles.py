"""On whose behalf the code runs, and whether it may."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import Any

from .._run import current_run
from . import error
from ._context import identity

_assumed: ContextVar[str | None] = ContextVar("perdure_dbos_assumed_role", default=None)


def who() -> tuple[str | None, list[str] | None]:
    """The user, and the roles of that user."""
    said, run = identity.get(), current_run.get()
    if said.user is not None or said.roles or run is None:
        return said.user, list(said.roles) if said.roles else None
    roles = run.authority.roles
    return run.authority.user, None if roles is None else list(roles)


def assumed_role() -> str | None:
    """The role in which the user acts."""
    run = current_run.get()
    return _assumed.get() or (None if run is None else run.authority.assumed_role)


def role_for(func: Callable[..., Any], roles: list[str] | None) -> str | None:
    """The first of these roles that the user has; None if none is required.

    Raises:
        DBOSNotAuthorizedError: there is none.
    """
    if not roles:
        return None
    has = who()[1] or []
    for role in roles:
        if role in has:
            return role
    name = getattr(func, "__qualname__", str(func))
    raise error.DBOSNotAuthorizedError(f"{name} needs one of the roles {', '.join(roles)}")


def guarded(func: Callable[..., Any], roles: list[str]) -> Callable[..., Any]:
    """The function, which refuses callers that have none of these roles."""
    if inspect.iscoroutinefunction(func):

        @functools.wraps(func)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            with assuming(role_for(func, roles)):
                return await func(*args, **kwargs)

        return call_async

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        with assuming(role_for(func, roles)):
            return func(*args, **kwargs)

    return call


@contextlib.contextmanager
def assuming(role: str | None) -> Generator[None]:
    """Within the block the user acts in this role; None: as before."""
    if role is None:
        yield
        return
    token = _assumed.set(role)
    try:
        yield
    finally:
        # A coroutine that was closed elsewhere leaves another context than it entered.
        with contextlib.suppress(ValueError):
            _assumed.reset(token)
