"""What the engine runs of a workflow: the function, in its own context, with the arguments that it wants."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Generator
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from .._run import current_run
from ._context import Identity, StartOptions, identity, start_options
from ._types import KafkaMessage
from ._values import as_format, writes_portably

if TYPE_CHECKING:
    from ._app import App
    from ._registry import Registered


def body_of(made: Registered, app: App) -> Callable[..., Any]:
    """What the engine runs: the function, without the blocks around the call that started it."""
    fn = made.fn
    if inspect.iscoroutinefunction(fn):

        @functools.wraps(fn)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            with _own_context():
                found = _arguments(made, args)
                if app.is_on_engine():
                    value = await app.user_loop.run(lambda: fn(*found, **kwargs))
                else:
                    value = await fn(*found, **kwargs)
                return as_format(value, made.format)

        return run_async

    @functools.wraps(fn)
    def run(*args: Any, **kwargs: Any) -> Any:
        with _own_context():
            return as_format(fn(*_arguments(made, args), **kwargs), made.format)

    return run


@contextlib.contextmanager
def _own_context() -> Generator[None]:
    tokens = start_options.set(StartOptions()), identity.set(Identity()), writes_portably.set(False)
    try:
        yield
    finally:
        # A coroutine that was closed elsewhere leaves another context than it entered.
        with contextlib.suppress(ValueError):
            start_options.reset(tokens[0])
            identity.reset(tokens[1])
            writes_portably.reset(tokens[2])


def _arguments(made: Registered, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, those of the clock and of Kafka as their functions want them."""
    run = current_run.get()
    place = 1 if made.workflow is not None and made.workflow.kind in ("instance", "class") else 0
    if run is None or len(args) <= place:
        return args
    first: Any = args[place]
    shown: Any = first
    if run.workflow_id.startswith("sched-") and isinstance(first, str):
        with contextlib.suppress(ValueError):
            shown = datetime.fromisoformat(first)
    elif run.workflow_id.startswith("kafka") and isinstance(first, dict):
        given = cast("dict[str, Any]", first)
        if {"topic", "partition", "offset", "value"} <= given.keys():
            stamp = given.get("timestamp")
            shown = KafkaMessage(
                headers=[(k, v) for k, v in given.get("headers") or ()],
                key=given.get("key"),
                latency=None,
                leader_epoch=None,
                offset=given["offset"],
                partition=given["partition"],
                timestamp=(0, -1) if stamp is None else (1, stamp),
                topic=given["topic"],
                value=given["value"],
            )
    return (*args[:place], shown, *args[place + 1 :])
