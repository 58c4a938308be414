"""The app: a client that also has workflows of its own and runs them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import inspect
import logging
import os
import queue
import signal
import socket
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast, overload

from ._calls import Call, read_call
from ._checkpoints import Checkpoints
from ._checks import (
    Seconds,
    check_retries,
    checked_name,
    flag,
    name_for,
    number,
    positive_seconds,
    whole_number,
)
from ._classes import Classes, read_identity
from ._client import Client, has_failed, start_item
from ._core import Core, StepOptions
from ._engine import StartItem
from ._engine.transactions import Pools
from ._errors import Abandoned, InvalidArgument, NotLaunched, WrongContext
from ._handle import GET_RESULT, WorkflowHandle
from ._identity import role_names
from ._install import install
from ._loop import run_sync, running_loop
from ._options import EnqueueOptions, check_clash
from ._queue import queue_names
from ._run import Run, calling_run, current_run, inside_step
from ._schedules import ScheduleSettings, dump_schedules
from ._serialize import Serializer
from ._threads import ThreadPool
from ._tracing import UNTRACED, Tracing
from ._transactions import Transactions
from ._validation import make_validator
from ._versions import Patches, version_of
from ._worker import Worker
from ._workflow import ROLES, Step, Workflow, as_step

if TYPE_CHECKING:
    from ._embedded import EmbeddedPostgres

logger = logging.getLogger("perdure")

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Perdure(Checkpoints, Transactions, Patches, Client):
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
        concurrency: how many claimed workflows run at once; one that waits for another does not count.
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
        concurrency: int = 200,
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
        self._name = name or f"{socket.gethostname()}:{os.getpid()}"
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

    # -------------------------------------------------------------------------------- decorators

    def workflow(
        self,
        _no_function: None = None,
        /,
        *,
        name: str | None = None,
        max_recovery_attempts: int = 100,
        suspendable: bool = True,
        timeout: Seconds | None = None,
        required_roles: Sequence[str] | None = None,
        validate: bool | None = None,
    ) -> Callable[[Callable[P, R]], Workflow[P, R]]:
        """Makes a function a workflow: it goes on from its last recorded step after any failure.

        It must take the same steps in the same order on every run; what varies (time, chance, the
        network) belongs into steps.

        Args:
            name: under which it is stored; None: the function's qualified name.
            max_recovery_attempts: how often it may be taken over from a worker that died.
            suspendable: whether it may leave its worker while it waits for more than 5 s (a sleep, a
                message, an event, another workflow): its code is unwound, `finally` blocks run, and it
                goes on by a replay. False keeps it in memory.
            timeout: how long it may take from its first start to its end, in seconds, unless the call that
                starts it says otherwise. Then the database cancels it, whatever its worker does.
            required_roles: the user on whose behalf it runs must have one of them; the first that the user
                has
                becomes the assumed role. It is checked where it is started, and again where it is run: then
                it fails with NotAuthorized. None: those of its class, if any.
            validate: whether its arguments are checked against its type hints by pydantic (extra `pydantic`),
                before anything starts, and turned into those types; None: as the app says.

        Raises:
            InvalidArgument: the name is taken, a number is out of range, or pydantic is wanted and missing.
        """
        _check_parentheses(_no_function, "workflow")
        if not 0 <= whole_number("max_recovery_attempts", max_recovery_attempts, 0) < 2**31:
            raise InvalidArgument(f"max_recovery_attempts is less than {2**31}, not {max_recovery_attempts}")
        flag("suspendable", suspendable)
        if validate is not None:
            flag("validate", validate)

        seconds = None if timeout is None else positive_seconds("a timeout", timeout)

        roles = role_names("required_roles", required_roles)

        def decorate(fn: Callable[P, R]) -> Workflow[P, R]:
            if isinstance(fn, (staticmethod, classmethod)):
                # In whichever order the two decorators are.
                wrapped: Any = cast("Any", fn)
                return type(wrapped)(decorate(wrapped.__func__))
            stored = name_for("workflow", name, fn)
            made = Workflow(self, fn, stored, max_recovery_attempts, suspendable, seconds)
            if made.workflow_name in self._workflows:
                raise InvalidArgument(
                    f"two workflows are named {made.workflow_name!r}: give one of them another `name=`"
                )
            made.required_roles = getattr(fn, ROLES, None) if roles is None else roles
            if self._validate if validate is None else validate:
                made.validator = make_validator(
                    made.workflow_name, fn, lambda: made.kind in ("instance", "class")
                )
            self._workflows[made.workflow_name] = made
            self.codec.learn(fn)
            return made

        return decorate

    def workflow_named(self, name: str) -> Workflow[..., Any] | None:
        """The workflow that is stored under a name, if this app has it."""
        return self._workflows.get(name)

    def workflow_class(
        self, *, name: str | None = None, required_roles: Sequence[str] | None = None
    ) -> Callable[[T], T]:
        """Makes the methods of a class that are workflows known: those of instances, of the class, and
        static ones.

        A subclass is decorated as well. An instance whose workflows are called has a name, so that a worker
        in another process finds its own: see `ConfiguredInstance` and `register_instance`.

        Args:
            name: of the class, as it is stored; None: its qualified name.
            required_roles: those of its workflows that have none of their own, and of its subclasses'.

        Raises:
            InvalidArgument: the name is taken by another class.
        """

        def decorate(cls: T) -> T:
            return cast("T", self.classes.add_class(cast("type[Any]", cls), name, required_roles))

        return decorate

    def register_instance(self, instance: object, config_name: str) -> None:
        """Makes an instance known whose methods are workflows. Best before `launch`: what is claimed
        meanwhile for an instance that is not known goes back to its queue.

        Args:
            instance: of a class that is decorated with `workflow_class`.
            config_name: 1 to 512 bytes; another for each instance of the class, and the same in every
                process.

        Raises:
            InvalidArgument: the name is taken, or the class is not decorated.
        """
        self.classes.add_instance(instance, config_name)

    def required_roles(self, roles: Sequence[str]) -> Callable[[T], T]:
        """Lets a workflow or a step run only on behalf of a user who has one of these roles; see `workflow`.
        Above or below `@app.workflow()` and `@app.step()`.

        Raises:
            InvalidArgument: the roles are no list of names.
        """
        found = role_names("required_roles", roles) or ()

        def decorate(fn: T) -> T:
            decorated: Any = fn
            if isinstance(decorated, (Workflow, Step)):
                decorated.required_roles = found
            else:
                setattr(getattr(decorated, "__func__", decorated), ROLES, found)
            return fn

        return decorate

    def scheduled(
        self,
        cron: str,
        *,
        zone: str = "UTC",
        name: str | None = None,
        queue: str | None = None,
        context: Any = None,
        automatic_backfill: bool = False,
    ) -> Callable[[Workflow[P, R]], Workflow[P, R]]:
        """Has the clock start a workflow: `launch` makes the schedule, or gives it these settings.

            @app.scheduled("0 2 * * *", zone="Europe/Berlin")
            @app.workflow()
            def report(scheduled, context): ...

        The workflow gets the tick as ISO 8601 text, and the context. A schedule whose decorator is gone stays
        in the database until `delete_schedule`.

        Args:
            cron, zone, queue, context, automatic_backfill: see `ScheduleSettings`; the queue is
                made if need be.
            name: of the schedule; None: the workflow's.

        Raises:
            InvalidArgument: that is no workflow, the name is taken, or the app is launched already.
            TypeError: the workflow does not take two arguments.
        """

        def decorate(workflow: Workflow[P, R]) -> Workflow[P, R]:
            if not isinstance(workflow, Workflow):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidArgument("`@app.scheduled(...)` goes above `@app.workflow()`")
            if self._worker is not None:
                raise InvalidArgument("the app is launched: use `create_schedule`, or decorate before")
            if workflow.kind != "class":
                read_call(workflow, ("", context), {})
            made = ScheduleSettings(
                name or workflow.workflow_name, workflow, cron, zone, queue, context, automatic_backfill
            )
            if made.name in self._schedules:
                raise InvalidArgument(
                    f"two schedules are named {made.name!r}: give one of them another `name=`"
                )
            self._schedules[made.name] = made
            return workflow

        return decorate

    def step(
        self,
        _no_function: None = None,
        /,
        *,
        name: str | None = None,
        retries: int = 0,
        interval: float = 1.0,
        backoff: float = 2.0,
        max_interval: float = 3600.0,
        should_retry: Callable[[BaseException], bool] | None = None,
        timeout: Seconds | None = None,
        preemptible: bool = False,
    ) -> Callable[[Callable[P, R]], Step[P, R]]:
        """Makes a function a step: in a workflow its result, or its error, is recorded once, and a
        replay gets that instead of running the code.

        Called outside of a workflow, or inside another step, it is a plain function.

        Args:
            name: under which it is recorded; None: the function's qualified name.
            retries: how often it is tried again after it raised; the count is kept in the database.
            interval, backoff, max_interval: retry n waits interval * backoff ** (n - 1) seconds, at most
                max_interval. A workflow that would wait longer than 5 s leaves the worker until then.
            should_retry: called with the error; False records it at once.
            timeout: for an async function: an attempt that runs longer, in seconds, is cancelled and fails
                with StepTimedOut, which is retried as other errors are.
            preemptible: for an async function: it is cancelled at once when its workflow is (when its
                deadline passes, or this process must not go on with it), and not at its end.

        Raises:
            InvalidArgument: a number is out of range; or a timeout or `preemptible` for a function that is
                not async, because a thread cannot be stopped.
            StepRetriesExceeded: from the step, when its retries are spent.
        """
        _check_parentheses(_no_function, "step")
        check_retries(retries, interval, backoff, max_interval, should_retry)
        flag("preemptible", preemptible)
        seconds = None if timeout is None else positive_seconds("a timeout", timeout)

        def decorate(fn: Callable[P, R]) -> Step[P, R]:
            if isinstance(fn, (staticmethod, classmethod)):
                wrapped: Any = cast("Any", fn)
                return type(wrapped)(decorate(wrapped.__func__))
            stored = name_for("step", name, fn)
            if seconds is not None or preemptible:
                _check_async(stored, fn)
            options = StepOptions(
                stored,
                retries,
                interval,
                backoff,
                max_interval,
                should_retry,
                seconds,
                preemptible,
            )
            self.codec.learn(fn)
            made = Step(fn, options)
            made.required_roles = getattr(fn, ROLES, None)
            return made

        return decorate

    @overload
    def run_step(self, fn: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T: ...

    @overload
    def run_step(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...

    def run_step(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs any function as a step of the running workflow, named as the function.

        With options: `app.step(name="fetch", retries=3)(fn)(*args)`.
        """
        return run_sync(self.run_step_async(fn, *args, **kwargs), "run_step_async")

    async def run_step_async(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """`run_step` for async workflows; the function may be either."""
        called, options = as_step(fn)
        self.codec.learn(called)
        run = calling_run()
        if run is None:
            found = called(*args, **kwargs)
            return await found if asyncio.iscoroutine(found) else found
        return await run.core.run_step(run, options, called, args, kwargs)

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
            name=self._name,
            queues=self._queues,
            concurrency=self._concurrency,
            lease=self._lease,
            poll_interval=self._poll_interval,
        )
        if self._schedules:
            await self._engine.apply_schedules(
                dump_schedules(self.codec, list(self._schedules.values()), self.application), True
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

    def _launched(self) -> Core:
        run = current_run.get()
        # What runs on while the app shuts down may still start children.
        core = run.core if run is not None else self._core
        if core is None:
            raise NotLaunched("the app is not launched: call `app.launch()`, or use `with app:`")
        return core

    # ----------------------------------------------------------------------------------- running

    async def run_workflow_async(self, workflow: Workflow[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a workflow to its end, here; what calling a workflow does."""
        return await self._start(workflow, args, kwargs, EnqueueOptions(), background=False)

    def start_workflow(
        self,
        workflow: Workflow[..., Any],
        *args: Any,
        workflow_id: str | None = None,
        timeout: Seconds | None = None,
        deadline: dt.datetime | None = None,
        attributes: Mapping[str, Any] | None = None,
        authenticated_user: str | None = None,
        authenticated_roles: Sequence[str] | None = None,
        assumed_role: str | None = None,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """Starts a workflow in this process, in the background; if the process dies, another goes on.

        In a workflow it starts a child, and is a step.

        Args:
            workflow: the decorated function.
            *args, **kwargs: what it is called with; see `enqueue`.
            workflow_id: 1 to 512 bytes; None: a new one, for a child `<parent id>-<step>`. An id starts
                one workflow, once: a second call gets a handle to the first.
            timeout, deadline: when it has to have ended; see `EnqueueOptions`.
            attributes: JSON values by name, for those who search.
            authenticated_user, authenticated_roles, assumed_role: on whose behalf it runs; see
                `EnqueueOptions`.

        Raises:
            NotAuthorized: it requires a role that the user has not.
            NotLaunched: `launch` comes first.
            SerializationError: an argument has no JSON form.
            WorkflowIdConflict: the id belongs to a workflow of another name.
            InvalidArgument: the id is empty or too long, or the timeout or deadline is out of range or has
                the name of a parameter of the workflow.
        """
        return run_sync(
            self.start_workflow_async(
                workflow,
                *args,
                workflow_id=workflow_id,
                timeout=timeout,
                deadline=deadline,
                attributes=attributes,
                authenticated_user=authenticated_user,
                authenticated_roles=authenticated_roles,
                assumed_role=assumed_role,
                **kwargs,
            ),
            "start_workflow_async",
        )

    async def start_workflow_async(
        self,
        workflow: Workflow[..., Any],
        *args: Any,
        workflow_id: str | None = None,
        timeout: Seconds | None = None,
        deadline: dt.datetime | None = None,
        attributes: Mapping[str, Any] | None = None,
        authenticated_user: str | None = None,
        authenticated_roles: Sequence[str] | None = None,
        assumed_role: str | None = None,
        **kwargs: Any,
    ) -> WorkflowHandle[Any]:
        """`start_workflow` for async code."""
        given: dict[str, Any] = {
            "timeout": timeout,
            "deadline": deadline,
            "attributes": attributes,
            "authenticated_user": authenticated_user,
            "authenticated_roles": authenticated_roles,
            "assumed_role": assumed_role,
        }
        check_clash(workflow, [name for name, value in given.items() if value is not None])
        options = EnqueueOptions(workflow_id=workflow_id, **given)
        return await self._start(workflow, args, kwargs, options, background=True)

    async def _start(
        self,
        workflow: Workflow[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: EnqueueOptions,
        *,
        background: bool,
    ) -> Any:
        if isinstance(workflow, str):
            raise InvalidArgument(f"{workflow!r} is no workflow of this process: decorate it, or enqueue it")
        core = self._launched()
        call = read_call(workflow, args, kwargs)
        given = start_item(self.codec, call, options)
        item, parent = self._child_or_not(given, options.workflow_id)
        # The child's result is a step of the parent, as that of any other workflow is. Both steps have
        # their numbers before anything is awaited, so that calls made at once keep their order.
        waiting = parent if not background else None
        result_step = waiting.begin_step(GET_RESULT) if waiting is not None else None

        if core.tracing is not None and not isinstance(item, str):
            item = item._replace(trace=core.tracing.current())
        expected, me = core.expected, id(item)
        try:
            if not isinstance(item, str):
                expected[me] = item
            handle, run, fn = await self._start_here(core, call, item)
            if run is not None and (background or waiting is not None):
                self._run_in_background(core, run, call, fn)
            elif run is not None:
                # When another worker goes on with it, its outcome is ours.
                run.attended = True
                with contextlib.suppress(Abandoned):
                    return await _execute(core, run, call, fn)
        except BaseException:
            if not isinstance(item, str):
                core.leave(item)
            raise
        finally:
            if me in expected:
                del expected[me]
        if background:
            return handle
        if waiting is not None and result_step is not None:
            return await handle.get_result_as_step(waiting, *result_step)
        return await handle.get_result_async()

    async def _start_here(
        self, core: Core, call: Call, item: StartItem | str
    ) -> tuple[WorkflowHandle[Any], Run | None, Callable[..., Any]]:
        """A handle, and the run that this process now owns, with its code; no run if the workflow was started
        before, or must have ended by now."""
        workflow = cast("Workflow[..., Any]", call.workflow)
        if isinstance(item, str):
            return WorkflowHandle(self, item), None, workflow.fn
        started = await core.starts.put(item)
        handle: WorkflowHandle[Any] = WorkflowHandle(self, started.workflow_id)
        if started.token is None:
            return handle, None, workflow.fn
        run = Run(core, started.key, started.token, started.workflow_id, workflow.workflow_name)
        run.suspendable, run.trace = workflow.suspendable, item.trace
        return handle, run, workflow.code(run, read_identity(started.identity), call.fn)

    def _child_or_not(self, item: StartItem, workflow_id: str | None) -> tuple[StartItem | str, Run | None]:
        """What to start, as a child if a workflow is running; the child's id alone if it was started."""
        run = current_run.get()
        if run is None:
            return item, None
        if inside_step.get():
            raise WrongContext(
                f"workflow {item.name!r} was started inside a step, which a retry would do again:"
                " start it from the workflow itself"
            )
        number, recorded = run.begin_step(item.name)
        if recorded is not None and recorded.completed:
            return recorded.child_id or "", run
        child = item._replace(
            workflow_id=f"{run.workflow_id}-{number}" if workflow_id is None else item.workflow_id,
            parent=(run.key, run.token, number),
        )
        return child, run

    def _run_in_background(self, core: Core, run: Run, call: Call, fn: Callable[..., Any]) -> None:
        async def execute() -> None:
            # What it raises is recorded, or logged where it arose.
            with contextlib.suppress(Exception, SystemExit, Abandoned):
                await core.execute(run, fn, call.args, call.kwargs)

        if not cast("Workflow[..., Any]", call.workflow).is_async:
            self._threads.run(lambda: _run_quietly(execute()))
            return

        def begin() -> None:
            task = asyncio.create_task(execute())
            self._background.add(task)
            task.add_done_callback(self._background.discard)

        self._loop.call_soon(begin)

    async def enqueue_async(self, workflow: Any, *args: Any, **kwargs: Any) -> WorkflowHandle[Any]:
        """`enqueue` for async code. In a workflow it enqueues a child, and is a step."""
        if current_run.get() is None:
            return await super().enqueue_async(workflow, *args, **kwargs)
        options, named = self._split_options(workflow, kwargs)
        given = start_item(self.codec, read_call(workflow, args, named), options)
        item, _ = self._child_or_not(given, options.workflow_id)
        if isinstance(item, str):
            return WorkflowHandle(self, item)
        core = self._launched()
        with UNTRACED if core.tracing is None else core.tracing.enqueueing(item.name, options.queue) as trace:
            child = item if trace is None else item._replace(trace=trace)
            child_id, _ = await core.children.put((options.shared(), child))
        return WorkflowHandle(self, child_id)

    async def enqueue_many_async(
        self, workflow: Any, inputs: Iterable[Sequence[Any] | Mapping[str, Any]], **options: Any
    ) -> list[WorkflowHandle[Any]]:
        """`enqueue_many` for async code. In a workflow it enqueues children, and each is a step."""
        if current_run.get() is None:
            return await super().enqueue_many_async(workflow, inputs, **options)
        core = self._launched()
        each, given = self._start_items(workflow, inputs, options)
        _check_repeated_ids(given)
        items = [self._child_or_not(item, one.workflow_id)[0] for item, one in zip(given, each, strict=True)]

        new = [item for item in items if not isinstance(item, str)]

        async def put_all(trace: str | None) -> list[str]:
            shared = each[0].shared()
            puts = [
                core.children.put((shared, item if trace is None else item._replace(trace=trace)))
                for item in new
            ]
            return [child_id for child_id, _ in await asyncio.gather(*puts)]

        new_ids: Iterator[str] = iter(())
        if new:
            name, queue = new[0].name, each[0].queue
            with (
                UNTRACED if core.tracing is None else core.tracing.enqueueing(name, queue, len(new))
            ) as trace:
                new_ids = iter(await core.loop.on_engine(lambda: put_all(trace)))
        return [WorkflowHandle(self, item if isinstance(item, str) else next(new_ids)) for item in items]

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


async def _execute(core: Core, run: Run, call: Call, fn: Callable[..., Any]) -> Any:
    """Runs a workflow for a caller, who may be cancelled. Then the run is given up before its code learns of
    it: a step in a `finally` block would take the number of one that comes when the workflow goes on."""
    coroutine = core.execute(run, fn, call.args, call.kwargs)
    if running_loop() is None:
        return await coroutine
    task = asyncio.create_task(coroutine)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            run.abandon("interrupted")
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        raise


def _check_repeated_ids(items: Sequence[StartItem]) -> None:
    """As the engine does for what is enqueued in one call; children travel with those of others."""
    inputs: dict[str, str] = {}
    for item in items:
        if inputs.setdefault(item.workflow_id, item.input) != item.input:
            raise InvalidArgument(
                f"workflow id {item.workflow_id!r} is given to several workflows with different inputs: give"
                " each an id of its own"
            )


def _check_parentheses(given: object, name: str) -> None:
    if given is not None:
        raise InvalidArgument(f"the decorator has parentheses: write `@app.{name}()`")


def _check_async(name: str, fn: Callable[..., Any]) -> None:
    if not inspect.iscoroutinefunction(fn):
        raise InvalidArgument(
            f"step {name!r} is a plain function, and a thread cannot be stopped: make it async, or"
            " leave out `timeout` and `preemptible`"
        )


def _run_quietly(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        run_sync(coroutine, "")
    except BaseException as error:
        logger.debug("a background run ended: %r", error)


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
