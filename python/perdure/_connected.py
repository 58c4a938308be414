"""What every client is before it asks for anything: a database, connections, an event loop, a codec."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import random
import weakref
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, TypeVar

from ._checks import checked_name, flag, number, text, whole_number
from ._engine import Engine
from ._errors import InvalidArgument, WrongContext
from ._loop import EngineLoop, run_sync, running_loop
from ._notices import NoticeBoard
from ._results import FirstLook, ResultWatcher
from ._serialize import Codec, Serializer
from ._tracing import Tracing

logger = logging.getLogger("perdure")

T = TypeVar("T")


def find_dsn(dsn: str | None) -> str:
    """The database to use: the one given, else PERDURE_DATABASE_URL, else libpq's own variables.

    Raises:
        InvalidArgument: none of them is set, or it is no URL and no connection string.
    """
    found = dsn or os.environ.get("PERDURE_DATABASE_URL")
    if found:
        if (
            found != "embedded"
            and not found.startswith(("postgresql://", "postgres://"))
            and "=" not in found
        ):
            raise InvalidArgument(
                "that is no database: give postgresql://user:password@host/database, a libpq connection"
                ' string, or "embedded"'
            )
        return found
    if any(name in os.environ for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")):
        return ""
    raise InvalidArgument(
        "which database? Pass its URL, or set PERDURE_DATABASE_URL (postgresql://user:password@host/database)"
    )


class Connected:
    """The base of all parts of a client; see `Client` for its arguments and attributes.

    A part calls the engine by `_ask`, or by `_on_engine` where it waits for notifications.
    """

    # Whether it can start the embedded Postgres: a Perdure can.
    _embeds = False
    # What it listens to: not to what only workers need, which would wake it for nothing.
    _channels: Sequence[str] = ("finished", "changed")

    def __init__(
        self,
        dsn: str | None = None,
        *,
        schema: str = "perdure",
        connect_timeout: float = 30.0,
        poll_interval: float = 1.0,
        listen: bool = True,
        prepare: bool = True,
        max_connections: int = 4,
        application: str | None = None,
        serializer: Serializer | None = None,
    ) -> None:
        if not 0 < number("poll_interval", poll_interval) < math.inf:
            raise InvalidArgument(f"poll_interval is more than 0, not {poll_interval}")
        if number("connect_timeout", connect_timeout) < 0:
            raise InvalidArgument(f"connect_timeout is not negative, not {connect_timeout}")
        whole_number("max_connections", max_connections, 1)
        if not text("schema", schema) or "\0" in schema:
            raise InvalidArgument(f"a schema has a name, not {schema!r}")
        flag("listen", listen)
        flag("prepare", prepare)
        if serializer is not None:
            _check_serializer(serializer)
        self._dsn = self._find_dsn(dsn)
        self.schema = schema
        # Set by `perdure.otel.instrument`.
        self.tracing: Tracing | None = None
        self.codec = Codec(serializer)
        self._listen = listen
        self._poll_interval = poll_interval
        self._engine = Engine(
            self._dsn,
            schema,
            max_connections=max_connections,
            prepare=prepare,
            connect_timeout=connect_timeout,
        )
        self.application = None if application is None else checked_name("application", application)
        self._engine.application = self.application
        self._start_afresh()
        _clients.add(self)

    def _start_afresh(self) -> None:
        """What it is before its first call; also in the child of a fork, where the loop does not run, and the
        connections are the parent's."""
        self._loop = EngineLoop()
        self._engine.start_afresh()
        self._notices = NoticeBoard(self._poll_interval)
        self._results = ResultWatcher(self._engine, self._loop, self._poll_interval)
        self._first_look = FirstLook()
        self._opening: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None

    def register_type(
        self,
        kind: type[T],
        *,
        name: str | None = None,
        dump: Callable[[T], Any] | None = None,
        load: Callable[[Any], T] | None = None,
    ) -> type[T]:
        """Lets objects of a class be arguments and results; also as a decorator, `@app.register_type`.

        Enums, dataclasses, named tuples and pydantic models say themselves how they are written: by the name
        of the member, or as an object with their fields. What a type hint of a workflow or step names is
        registered already.

        Args:
            kind: the class; objects of its subclasses are not meant.
            name: under which it is stored; None: its qualified name without its module.
            dump, load: for other classes: what is written instead, JSON or other values that have a JSON
                form; and what makes an object of that. `load` gets whatever the database holds: let it check.

        Returns:
            The class.

        Raises:
            InvalidArgument: it is of another kind, and `dump` and `load` are missing; or the name is taken.
        """
        self.codec.types.register(kind, name, dump, load)
        return kind

    def use_database(self, dsn: str) -> None:
        """Connects to this database instead; for a program that takes it from its command line.

        Raises:
            InvalidArgument: it is no URL and no connection string.
            WrongContext: it is connected already.
        """
        if self._loop.is_running:
            raise WrongContext("the database is chosen before the first call")
        self._dsn = self._engine.dsn = self._find_dsn(dsn)

    def use_tracing(self, tracing: Tracing | None) -> None:
        """Follows what is enqueued and run from now on; `perdure.otel.instrument` calls it. None: no more."""
        self.tracing = tracing

    def _find_dsn(self, dsn: str | None) -> str:
        found = find_dsn(dsn)
        if found == "embedded" and not self._embeds:
            raise InvalidArgument(
                'only a Perdure starts the embedded Postgres: use Perdure("embedded") in one process, or give'
                " the URL of a server"
            )
        return found

    def _begin(self) -> None:
        """Makes the loop that everything runs on: the running one, or a thread."""
        if running_loop() is not None:
            self._loop.adopt(self._forget_loop)
        else:
            self._loop.start_thread(self._forget_loop)

    def _forget_loop(self) -> None:
        """Closes what a loop that has ended left behind; before there is a new one."""
        self._engine.close()
        self._opening = self._listener = None
        # Theirs are tasks and futures of that loop, which may never end.
        self._notices = NoticeBoard(self._poll_interval)
        self._results = ResultWatcher(self._engine, self._loop, self._poll_interval)

    async def _open(self) -> None:
        """Connects once; on the engine's loop. A failed attempt is made again by the next call."""
        if self._opening is None or has_failed(self._opening):
            self._opening = asyncio.create_task(self._connect())
        await asyncio.shield(self._opening)

    async def _connect(self) -> None:
        await self._engine.open()
        if self._listen:
            self._listener = asyncio.create_task(self._keep_listening())

    async def _keep_listening(self) -> None:
        delay = 0.5
        # Those of this loop: it may be left behind, and another one have its own by the time that it ends.
        results, notices = self._results, self._notices
        while True:
            try:
                await self._engine.listen(self._channels, self._on_listening, self._on_notice)
            except Exception as error:
                if notices.listening:
                    delay = 0.5
                logger.debug("LISTEN was lost, polling until it is back: %s", error)
            finally:
                results.lose()
                notices.lose()
            await asyncio.sleep(delay * random.uniform(0.75, 1.25))
            delay = min(delay * 2, 10.0)

    def _on_listening(self) -> None:
        self._results.listening = self._notices.listening = True
        self._results.fetch_all()
        self._notices.tell_all()
        self._on_notice("work", "")
        self._on_notice("cancelled", "")

    def _on_notice(self, channel: str, payload: str) -> None:
        if channel == "finished":
            self._results.told(payload)
            self._notices.tell(f"end {payload}")
        elif channel in ("wake", "changed"):
            # A change says itself what has changed.
            self._notices.tell(payload if channel == "changed" else f"wake {payload}")

    def close(self) -> None:
        """Closes the connections. Nothing that was asked for is lost."""
        if self._loop.is_running:
            run_sync(self.close_async(), "close_async")
            self._loop.stop()
        self._engine.close()

    async def close_async(self) -> None:
        """`close` for async code."""
        if self._loop.is_running:
            await self._loop.on_engine(self._close)
        self._engine.close()

    async def _close(self) -> None:
        for task in (self._listener, self._opening):
            if task is not None:
                task.cancel()
                with contextlib.suppress(BaseException):
                    await task
        self._listener = self._opening = None
        self._engine.close()

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close_async()

    async def _on_engine(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Awaits a coroutine on the engine's loop, connected."""
        if self._engine.is_open and self._loop.is_running:
            return await self._loop.on_engine(make)
        if not self._loop.is_running:
            self._begin()

        async def connected() -> T:
            await self._open()
            return await make()

        return await self._loop.on_engine(connected)

    async def _ask(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Awaits a call of the engine, connected: in a thread without a loop it is made right here."""
        if self._engine.is_open and self._loop.needs_no_hop:
            return await make()
        return await self._on_engine(make)


def _check_serializer(serializer: object) -> None:
    has_both = all(callable(getattr(serializer, method, None)) for method in ("dumps", "loads"))
    if isinstance(serializer, type) or not has_both or not isinstance(getattr(serializer, "name", None), str):
        raise InvalidArgument(
            f"a serializer is an object with a `name`, `dumps(value)` and `loads(text)`, not {serializer!r}"
        )


_clients: weakref.WeakSet[Connected] = weakref.WeakSet()


def _after_fork() -> None:
    for client in list(_clients):
        client._start_afresh()  # pyright: ignore[reportPrivateUsage]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def has_failed(task: asyncio.Task[None]) -> bool:
    """Whether the task has ended otherwise than well."""
    return task.done() and (task.cancelled() or task.exception() is not None)
