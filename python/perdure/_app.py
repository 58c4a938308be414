"""The app: a client that also has workflows of its own and runs them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import queue
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ._checkpoints import Checkpoints
from ._checks import checked_name, flag, number, whole_number
from ._classes import Classes
from ._client import Client
from ._connected import has_failed
from ._core import Core
from ._decorators import Decorators
from ._direct import DirectRuns
from ._engine.transactions import Pools
from ._errors import InvalidArgument
from ._garbage import collecting_seldom
from ._install import install
from ._loop import run_sync
from ._queue import queue_names
from ._schedules import ScheduleSettings, dump_schedules
from ._serialize import Serializer
from ._threads import ThreadPool
from ._tracing import Tracing
from ._transactions import Transactions
from ._versions import Patches, version_of
from ._worker import Worker
from ._workflow import Workflow

if TYPE_CHECKING:
    from ._embedded import EmbeddedPostgres

logger = logging.getLogger("perdure")


class Perdure(Decorators, DirectRuns, Checkpoints, Transactions, Patches, Client):
    """Durable workflows over one Postgres.

        app = Perdure("postgresql://localhost/shop")

        @app.step()
        def charge(order): ...

        @app.workflow()
        def checkout(order):
            return charge(order)

        with app:                       # app.launch() ... app.shutdown()
            checkout({"id": 7})

    Every method has a twin that ends in `_async`, for async code. Launched inside a running event loop
    (`async with app`), async workflows run on that loop; otherwise on one in a thread of its own.

    Args:
        dsn: the database: a libpq URL or connection string; None: PERDURE_DATABASE_URL, or libpq's own
            environment variables; "embedded": a Postgres of its own, for a first run, started by `launch`
            with the engine in it; its files stay in ./.perdure (as root: /var/lib/perdure). Needs the
            extra `embedded`.
        schema: the schema in which the engine is installed.
        name: of this executor, for people; None: host and process id.
        queues: the name of the queue to serve, or a list of names; None: all. Recovered direct runs are
            served in any case.
        concurrency: how many claimed workflows run at once; one that waits for another does not count. None:
            200; and up to 1,000 while they are short, if all that it has at launch are async.
        lease: seconds for which this process counts as alive without a heartbeat; 1 to 86,400. When
            it dies, its work is taken over within one lease.
        poll_interval: seconds between polls, behind notifications.
        app_version: of the code: what this process starts belongs to it, and only processes of it go on with
            that; what belongs to none is taken by the latest. None: PERDURE_APP_VERSION, or none: then it
            takes all. "auto": a hash of the workflows' sources.
        application: the application that this process is a worker of; it serves the queues of that and
            those of none. See docs/applications.md.
        validate: whether workflows check their arguments unless they say otherwise; see `workflow`.
        connect_timeout, listen, prepare, max_connections, serializer: as for `Client`.
    """

    _embeds = True
    _channels = ("work", "finished", "wake", "changed", "cancelled")

    def __init__(
        self,
        dsn: str | None = None,
        *,
        schema: str = "perdure",
        name: str | None = None,
        queues: str | Sequence[str] | None = None,
        concurrency: int | None = None,
        lease: float = 30.0,
        poll_interval: float = 1.0,
        app_version: str | None = None,
        application: str | None = None,
        validate: bool = False,
        connect_timeout: float = 30.0,
        listen: bool = True,
        prepare: bool = True,
        max_connections: int = 8,
        serializer: Serializer | None = None,
    ) -> None:
        if concurrency is not None:
            whole_number("concurrency", concurrency, 1)
        if name is not None:
            checked_name("the name of an app", name)
        if app_version is not None:
            checked_name("app_version", app_version)
        flag("validate", validate)
        if not 1 <= number("lease", lease) <= 86400:
            raise InvalidArgument(f"a lease has 1 to 86,400 seconds, not {lease}")
        super().__init__(
            dsn,
            schema=schema,
            connect_timeout=connect_timeout,
            poll_interval=poll_interval,
            listen=listen,
            prepare=prepare,
            max_connections=max_connections,
            application=application,
            serializer=serializer,
        )
        # The server of "embedded", once it is started.
        self._server: EmbeddedPostgres | None = None
        self._name = name
        self._queues = queue_names(queues)
        self._concurrency = concurrency
        self._lease = lease
        self._app_version = app_version
        self._validate = validate
        self._workflows: dict[str, Workflow[Any, Any]] = {}
        self.classes = Classes(self)
        self._schedules: dict[str, ScheduleSettings] = {}
        # Background runs are kept from the garbage collector.
        self._background: set[asyncio.Task[Any]] = set()
        # For transactions, which have connections of their own.
        self._pools: list[Pools] = []
        self._max_connections, self._prepares = max_connections, prepare

    def _start_afresh(self) -> None:
        super()._start_afresh()
        self._core: Core | None = None
        self._worker: Worker | None = None
        self._launching: asyncio.Task[None] | None = None
        self._threads = ThreadPool("perdure-direct")
        # Unknown while this is made.
        for pools in getattr(self, "_pools", ()):
            pools.start_afresh(self._loop)

    def _forget_loop(self) -> None:
        super()._forget_loop()
        # What it ran there is taken over when its lease lapses.
        self._core = self._worker = self._launching = None

    # --------------------------------------------------------------------------------- lifecycle

    def install(self) -> int:
        """Installs or upgrades the engine in this database; see `perdure install`.

        Returns:
            The version of the schema.
        """
        if self._dsn == "embedded":
            raise InvalidArgument("the embedded Postgres has the engine installed: call `launch`")
        return install(self._dsn, self.schema)

    def launch(self) -> None:
        """Connects, registers this process and begins to run workflows; returns when it is ready.

        Raises:
            DatabaseUnavailable: no connection within `connect_timeout`.
            SchemaMissing, SchemaTooOld, SchemaTooNew: the engine there does not fit this package.
            InvalidArgument: a schedule that is decorated cannot be applied.
        """
        run_sync(self.launch_async(), "launch_async")

    async def _connect(self) -> None:
        if self._dsn == "embedded" and self._server is None:
            self._server = await asyncio.to_thread(_start_embedded, self.schema)
            self._engine.dsn = self._server.url
        await super()._connect()

    async def launch_async(self) -> None:
        """`launch` for async code; async workflows then run on this event loop."""
        try:
            await self._on_engine(self._launch)
        except BaseException:
            if self._worker is None:
                await self.close_async()
                self._loop.stop()
            raise

    async def _launch(self) -> None:
        # One launch, however many ask for it; one that failed is made again by the next call.
        if self._launching is None or has_failed(self._launching):
            self._launching = asyncio.create_task(self._start_worker())
        await asyncio.shield(self._launching)

    async def _start_worker(self) -> None:
        version = version_of(self._app_version, {name: w.fn for name, w in self._workflows.items()})
        core = Core(self._engine, self._loop, self._results, self._notices, version, self.codec)
        core.tracing = self.tracing
        worker = Worker(
            core,
            self._workflows,
            # The child of a fork has an id of its own.
            name=self._name or f"{socket.gethostname()}:{os.getpid()}",
            queues=self._queues,
            concurrency=self._concurrency,
            lease=self._lease,
            poll_interval=self._poll_interval,
        )
        if self._schedules:
            await self._engine.apply_schedules(
                dump_schedules(self.codec, list(self._schedules.values())), True
            )
        await worker.start()
        self._core, self._worker = core, worker

    def shutdown(self, timeout: float = 30.0, *, hand_back: bool = False) -> None:
        """Stops claiming, waits until what runs has ended, hands back what has not, and disconnects.

        Args:
            timeout: how many seconds what runs may take to end.
            hand_back: whether a workflow goes back to its queue as soon as it comes to a step that is not
                recorded, for other workers: then only steps are waited for. Not what a caller in this
                process waits for by having called the workflow, what is not suspendable, and what belongs
                to a version that no other living executor runs: they may end. For processes that are
                stopped while others go on; `run` and `perdure worker` do it.
        """
        self._shut_down(timeout, hand_back=hand_back)

    def _shut_down(self, timeout: float, *, hand_back: bool = False, by_signal: bool = False) -> None:
        if self._loop.is_running:
            stop = self._loop.on_engine(
                lambda: self._shutdown(timeout, hand_back=hand_back, by_signal=by_signal)
            )
            run_sync(stop, "shutdown_async")
            self._loop.stop()
        self._stop_server()

    async def shutdown_async(self, timeout: float = 30.0, *, hand_back: bool = False) -> None:
        """`shutdown` for async code."""
        if self._loop.is_running:
            await self._loop.on_engine(lambda: self._shutdown(timeout, hand_back=hand_back))
        self._stop_server()

    def _stop_server(self) -> None:
        for pools in self._pools:
            pools.close_threads()
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    async def _shutdown(self, timeout: float, *, hand_back: bool = False, by_signal: bool = False) -> None:
        worker, self._worker, self._core, self._launching = self._worker, None, None, None
        if worker is not None:
            await worker.stop(timeout, hand_back=hand_back, by_signal=by_signal)
        for pools in self._pools:
            await pools.close()
        await self._close()

    def run(self) -> None:
        """Launches and serves until SIGINT or SIGTERM, then shuts down; for the main thread of a worker.

        A step that runs may take 30 seconds to end; then its workflow goes back to its queue, for other
        workers, or for this one when it is started again; see `shutdown`. A second signal stops at once.

        The process is taken to be there for this: its garbage collector runs more seldom meanwhile
        (`gc.set_threshold`, `gc.freeze`), which saves a quarter of its processor time.

        Raises:
            KeyboardInterrupt: a second signal came before it was launched.
        """
        # Unlike an event it may be used by a handler that interrupts a wait for it.
        signals: queue.SimpleQueue[None] = queue.SimpleQueue()
        received = 0

        def on_signal(_signal: int, _frame: object) -> None:
            nonlocal received
            received += 1
            signals.put(None)
            if received > 1:
                if worker is None:
                    raise KeyboardInterrupt
                self._loop.tell(worker.hurry)

        worker: Worker | None = None
        before = {s: signal.signal(s, on_signal) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            with collecting_seldom():
                self.launch()
                worker = self._worker
                # Waits in slices: a thread that waits for ever gets no signals on some platforms.
                while signals.empty():
                    with contextlib.suppress(queue.Empty):
                        signals.get(timeout=1.0)
                        break
        finally:
            try:
                self._shut_down(30.0, hand_back=True, by_signal=True)
            finally:
                for which, handler in before.items():
                    signal.signal(which, handler)

    def close(self) -> None:
        """`shutdown` with its default time."""
        self.shutdown()

    def __enter__(self) -> Perdure:
        self.launch()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            # Somebody sits there and wonders why it does not end.
            self._shut_down(30.0, hand_back=True, by_signal=True)
        else:
            self.close()

    async def __aenter__(self) -> Perdure:
        await self.launch_async()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shutdown_async()

    def use_tracing(self, tracing: Tracing | None) -> None:
        """See `Client.use_tracing`."""
        super().use_tracing(tracing)
        if self._core is not None:
            self._core.tracing = tracing

    def _on_notice(self, channel: str, payload: str) -> None:
        super()._on_notice(channel, payload)
        if self._worker is None:
            return
        if channel == "work":
            self._worker.notice(payload)
        elif channel == "cancelled":
            self._worker.cancelled(payload)


def _start_embedded(schema: str) -> EmbeddedPostgres:
    """An embedded Postgres with the engine in it, whose files stay for the next run."""
    from ._embedded import start_embedded

    directory = Path(".perdure").resolve()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Postgres does not run as root, and the account it then runs as may not reach this directory.
        directory = Path("/var/lib/perdure", hashlib.sha256(str(directory).encode()).hexdigest()[:12])
        directory.parent.mkdir(mode=0o755, exist_ok=True)
    server = start_embedded(directory)
    logger.info("the embedded Postgres keeps its files in %s", directory)
    install(server.url, schema)
    return server
