"""Apps that ask for nothing by themselves; see the fixture `quiet_app`."""

from collections.abc import Callable
from typing import Any

from perdure import Perdure
from perdure._loop import run_sync
from tests_py.support import TcpProxy, wait_until


def is_settled(app: Perdure, proxy: TcpProxy | None = None) -> bool:
    """Whether the worker of a quiet app has done all that it had to do, and waits for something new."""
    worker, core = app._worker, app._core

    async def waits() -> bool:
        # Seen from its own loop, where nothing is half done.
        loops = (worker._wanted, worker._sooner, worker._suspected)
        return (
            all(event.is_awaited() and not event.is_set() for event in loops)
            and worker._timer is None
            and not (worker._freed or worker._running or core.runs)
        )

    return run_sync(app._loop.on_engine(waits), "") and (proxy is None or proxy.requests == proxy.replies)


def idle_when_launched(app: Any, sql: Callable[..., list[Any]]) -> Any:
    """Gives an app that does not poll a `launch` that returns when its worker is idle and is told of work.

    Of what is enqueued while a worker looks for work and finds none, its next poll tells, and nothing else.
    """
    launch = app.launch
    idle = "select 1 from queues where name = 'default' and listening_until > clock_timestamp()"

    def launch_and_wait() -> None:
        launch()
        wait_until(lambda: app._notices.listening and sql(idle))

    app.launch = launch_and_wait
    return app
