"""How a workflow is called, started and enqueued."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from .._branches import inside_step
from .._loop import running_loop
from .._options import EnqueueOptions as EngineOptions
from .._run import current_run
from . import error
from ._context import identity, start_options, take_assigned_id
from ._registry import MARK, Registered, registry
from ._twins import drive
from ._values import Portable, writes_portably


def engine_options(queue: str | None = None, **more: Any) -> tuple[EngineOptions, str | None]:
    """What the blocks around a call say, and what to do if the id is in use."""
    said, assigned, who = start_options.get(), take_assigned_id(), identity.get()
    given: dict[str, Any] = {
        "workflow_id": None if assigned is None else assigned.workflow_id,
        "timeout": said.timeout,
        "attributes": said.attributes,
        "authenticated_user": who.user,
        "authenticated_roles": who.roles or None,
    }
    if queue is not None:
        given.update(
            queue=queue,
            deduplication_id=said.deduplication_id,
            priority=said.priority or 0,
            app_version=said.app_version,
            partition_key=said.partition_key,
            delay=said.delay,
        )
        if said.duplication_policy == "return-existing":
            given["on_duplicate"] = "return_existing"
    given.update(more)
    return EngineOptions(**given), None if assigned is None else assigned.reuse_policy


async def call_workflow(made: Registered, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Runs a workflow to its end; what calling it does."""
    if inside_step.get() and current_run.get() is not None:
        raise error.DBOSException(
            f"workflow {made.name!r} is called in a step, which a retry would do again: call it in the"
            " workflow"
        )
    app = registry.launched()
    if made.workflow is None:
        made.bind(app)
    options, policy = engine_options()
    token = writes_portably.set(made.is_portable)
    try:
        found = await app.begin(made.workflow, args, kwargs, options, policy, background=False)
    finally:
        writes_portably.reset(token)
    return found.value if isinstance(found, Portable) else found


async def start(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Starts a workflow, or a step as one, in the background; its id."""
    made, workflow = registry.find(func)
    options, policy = engine_options()
    token = writes_portably.set(made.is_portable)
    try:
        return await registry.launched().begin(workflow, args, kwargs, options, policy, background=True)
    finally:
        writes_portably.reset(token)


async def enqueue(queue: str, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Enqueues a workflow, or a step as one; its id."""
    made, workflow = registry.find(func)
    options, policy = engine_options(queue)
    if options.app_version is None:
        # Only code like that which asks for it runs it.
        options = options._replace(app_version=registry.launched().app_version)
    token = writes_portably.set(made.is_portable)
    try:
        return await registry.launched().put(workflow, args, kwargs, options, policy)
    finally:
        writes_portably.reset(token)


def make_workflow(made: Registered) -> Callable[..., Any]:
    """The function that stands for a workflow; calling it runs it to its end."""
    fn = made.fn
    if inspect.iscoroutinefunction(fn):

        @functools.wraps(fn)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            return await call_workflow(made, args, kwargs)

        wrapper: Callable[..., Any] = run_async
    else:

        @functools.wraps(fn)
        def run(*args: Any, **kwargs: Any) -> Any:
            return drive_workflow(call_workflow(made, args, kwargs), made.name)

        wrapper = run
    setattr(wrapper, MARK, made)
    made.wrapper = wrapper
    return wrapper


def drive_workflow(coroutine: Coroutine[Any, Any, Any], name: str) -> Any:
    """Runs what a workflow or a step of this name gave to its end, for sync code.

    Raises:
        DBOSException: it would stop the loop that carries the engine.
    """
    if running_loop() is not None and registry.app is not None and registry.app.is_on_engine():
        coroutine.close()
        raise error.DBOSException(f"{name!r} would block the loop that carries the engine")
    return drive(coroutine)
