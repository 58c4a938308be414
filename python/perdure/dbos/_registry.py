"""What a program has decorated, and how it is called. Decorators work before there is an app; `launch`
makes the workflows known to it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import math
import types
from collections.abc import Callable, Coroutine, Generator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from .._branches import inside_step
from .._core import StepOptions as EngineStepOptions
from .._errors import PerdureError
from .._loop import maybe_await, running_loop
from .._options import EnqueueOptions as EngineOptions
from .._run import Run, current_run
from . import error
from ._context import Identity, StartOptions, identity, start_options, take_assigned_id
from ._errors import translated
from ._roles import assuming, role_for
from ._twins import drive
from ._types import KafkaMessage, StepStatus, WorkflowSerializationFormat
from ._values import Portable, as_format, writes_portably

if TYPE_CHECKING:
    from .._workflow import Workflow
    from ._app import App
    from ._kafka import Consumer
    from ._types import ValidateArgsCallable

MARK = "_perdure_dbos"
ROLES = "_perdure_dbos_roles"
_MAY_RETRY = "__perdure_may_retry"
_MOST_INTERVAL = 3600.0

step_status: ContextVar[StepStatus | None] = ContextVar("perdure_dbos_step_status", default=None)


@dataclass(eq=False)
class Registered:
    """A function that is a workflow."""

    fn: Callable[..., Any]
    name: str
    wrapper: Callable[..., Any]
    max_recovery_attempts: int = 100
    format: WorkflowSerializationFormat | None = None
    validate_args: ValidateArgsCallable | None = None
    workflow: Workflow[..., Any] | None = None
    is_step: bool = False

    @property
    def is_portable(self) -> bool:
        """Whether what it takes and gives is written as portable JSON."""
        return self.format is WorkflowSerializationFormat.PORTABLE

    @property
    def required_roles(self) -> tuple[str, ...] | None:
        """The roles of which a user needs one: its own, or those of its class."""
        own: list[str] | None = getattr(self.fn, ROLES, None)
        roles = getattr(self.wrapper, ROLES, None) if own is None else own
        roles = registry.roles_of_class(self.fn) if roles is None else roles
        return None if roles is None else tuple(roles)

    def bind(self, app: App) -> None:
        """Makes it a workflow of this app."""
        app.forget(self.name)
        decorate = app.workflow(
            name=self.name, max_recovery_attempts=self.max_recovery_attempts, suspendable=False
        )
        self.workflow = decorate(_body(self, app))
        self.workflow.validator = self.validate_args
        self.workflow.required_roles = self.required_roles
        # For classes, which look for the workflows among their attributes.
        if not self.is_step:
            self.wrapper.__wrapped__ = self.workflow  # pyright: ignore[reportFunctionMemberAccess]


@dataclass
class Registry:
    """What is decorated in this process."""

    workflows: dict[str, Registered] = field(default_factory=dict[str, Registered])
    classes: dict[type[Any], str | None] = field(default_factory=dict[type[Any], "str | None"])
    instances: list[tuple[object, str]] = field(default_factory=list[tuple[object, str]])
    # What else is to be done with an app that is launched, and what is to be stopped with it.
    at_launch: list[Callable[[App], Callable[[], None] | None]] = field(
        default_factory=list["Callable[[App], Callable[[], None] | None]"]
    )
    # The default roles of classes, by module and name.
    class_roles: dict[tuple[str, str], list[str]] = field(default_factory=dict[tuple[str, str], "list[str]"])
    consumers: list[Consumer] = field(default_factory=list["Consumer"])
    app: App | None = None

    def add(self, made: Registered) -> None:
        """Takes up a workflow; also while the app runs."""
        self.workflows[made.name] = made
        if self.app is not None:
            made.bind(self.app)

    def add_class(self, cls: type[Any], name: str | None) -> None:
        """Takes up a class whose methods are workflows."""
        self.classes[cls] = name
        if self.app is not None:
            self._bind_class(self.app, cls)

    def add_class_roles(self, cls: type[Any], roles: list[str]) -> None:
        """Takes up the roles that the workflows and steps of a class need that say nothing themselves."""
        self.class_roles[cls.__module__, cls.__qualname__] = list(roles)
        for made in self.workflows.values():
            if made.workflow is not None:
                made.workflow.required_roles = made.required_roles

    def roles_of_class(self, fn: Callable[..., Any]) -> list[str] | None:
        """The default roles of the class of a method; None: it has none."""
        name = str(getattr(fn, "__qualname__", ""))
        return self.class_roles.get((str(getattr(fn, "__module__", "")), name.rpartition(".")[0]))

    def add_instance(self, instance: object, config_name: str) -> None:
        """Takes up an instance whose methods are workflows."""
        self.instances.append((instance, config_name))
        if self.app is not None:
            self._bind_instance(self.app, instance, config_name)

    def bind(self, app: App) -> None:
        """Makes all that is decorated known to an app."""
        for made in self.workflows.values():
            made.bind(app)
        for cls in self.classes:
            self._bind_class(app, cls)
        for instance, config_name in self.instances:
            self._bind_instance(app, instance, config_name)
        self.app = app

    def _bind_class(self, app: App, cls: type[Any]) -> None:
        try:
            app.classes.add_class(cls, self.classes[cls], getattr(cls, ROLES, None))
        except PerdureError as failure:
            raise translated(failure) from failure

    def _bind_instance(self, app: App, instance: object, config_name: str) -> None:
        try:
            app.register_instance(instance, config_name)
        except PerdureError as failure:
            raise translated(failure) from failure

    def launched(self) -> App:
        """The app.

        Raises:
            DBOSException: it is not launched.
        """
        if self.app is None:
            raise error.DBOSException(
                "the app is not launched: call DBOS(config=...) and DBOS.launch() first"
            )
        return self.app

    def find(self, func: Any) -> tuple[Registered, Any]:
        """The workflow of a function or method, as it is and as the engine takes it.

        Raises:
            DBOSWorkflowFunctionNotFoundError: it is none.
        """
        target: Any = None
        found = func
        if isinstance(func, types.MethodType):
            found, target = func.__func__, func.__self__
        made: Registered | None = getattr(found, MARK, None)
        if made is None:
            raise error.DBOSWorkflowFunctionNotFoundError(
                "<NONE>", f"{getattr(func, '__name__', func)!r} is not decorated as a workflow or step"
            )
        self.launched()
        if made.workflow is None:
            made.bind(self.launched())
        workflow: Any = made.workflow
        return made, workflow if target is None else types.MethodType(workflow, target)

    def named(self, name: Any) -> tuple[Registered, Any]:
        """The workflow of a name, or of a function, as it is and as the engine takes it.

        Raises:
            DBOSException: there is none.
        """
        if not isinstance(name, str):
            return self.find(name)
        if name not in self.workflows:
            raise error.DBOSException(f"no workflow here has the name {name!r}")
        return self.find(self.workflows[name].wrapper)

    def clear(self) -> None:
        """Forgets all."""
        self.workflows.clear()
        self.classes.clear()
        self.instances.clear()
        self.at_launch.clear()
        self.class_roles.clear()
        self.consumers.clear()


registry = Registry()


# -------------------------------------------------------------------------------------- workflows


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
        options = dataclasses.replace(options, app_version=registry.launched().app_version)
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
            return _drive(call_workflow(made, args, kwargs), made.name)

        wrapper = run
    setattr(wrapper, MARK, made)
    made.wrapper = wrapper
    return wrapper


def _drive(coroutine: Coroutine[Any, Any, Any], name: str) -> Any:
    if running_loop() is not None and registry.app is not None and registry.app.is_on_engine():
        coroutine.close()
        raise error.DBOSException(f"{name!r} would block the loop that carries the engine")
    return drive(coroutine)


def _body(made: Registered, app: App) -> Callable[..., Any]:
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


# ------------------------------------------------------------------------------------------ steps


class StepSpec:
    """How a function is run as a step.

    Raises:
        DBOSException: a timeout, or an interruption, for a function that is not async.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        retries_allowed: bool = False,
        interval_seconds: float = 1.0,
        max_attempts: int = 3,
        backoff_rate: float = 2.0,
        should_retry: Callable[[BaseException], Any] | None = None,
        preemptible: bool = False,
        timeout_seconds: float | None = None,
    ) -> None:
        self.fn = fn
        self.name = name or str(getattr(fn, "__qualname__", type(fn).__qualname__))
        self.is_async = inspect.iscoroutinefunction(fn)
        if preemptible and not self.is_async:
            raise error.DBOSException(
                f"step {self.name!r} is a plain function, and a thread cannot be stopped: it is not"
                " preemptible"
            )
        if timeout_seconds is not None and not self.is_async:
            raise error.DBOSException(
                f"step {self.name!r} is a plain function, and a thread cannot be stopped: it has no timeout"
            )
        if timeout_seconds is not None and not 0 < timeout_seconds < math.inf:
            raise error.DBOSException(f"the timeout of step {self.name!r} is more than 0 seconds, and finite")
        if not self.is_async and inspect.iscoroutinefunction(should_retry):
            raise error.DBOSException(f"step {self.name!r} is a plain function: its should_retry is one, too")
        self.attempts = max_attempts if retries_allowed else None
        self._should_retry = should_retry
        self.options = EngineStepOptions(
            self.name,
            max(0, max_attempts - 1) if retries_allowed else 0,
            interval_seconds,
            max(1.0, backoff_rate),
            _MOST_INTERVAL,
            None if should_retry is None else self._may_retry,
            timeout_seconds,
            preemptible,
        )

    def _may_retry(self, failure: BaseException) -> bool:
        asked: bool | None = vars(failure).pop(_MAY_RETRY, None)
        if asked is not None:
            return asked
        assert self._should_retry is not None
        return bool(self._should_retry(failure))

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Calls it: as a step in a workflow, as what it is elsewhere. A coroutine if it is async."""
        run = current_run.get()
        if run is None or inside_step.get():
            return self.fn(*args, **kwargs)
        coroutine = self.run(run, args, kwargs)
        return coroutine if self.is_async else _drive(coroutine, self.name)

    async def run(self, run: Run, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs it as a step of a workflow."""
        own: list[str] | None = getattr(self.fn, ROLES, None)
        # Who may not is no outcome of the step.
        role = role_for(self.fn, registry.roles_of_class(self.fn) if own is None else own)
        attempt = -1

        async def attempted(*args: Any, **kwargs: Any) -> Any:
            nonlocal attempt
            attempt += 1
            shown = (None, None) if self.attempts is None else (attempt, self.attempts)
            token = step_status.set(StepStatus(inside_step.get(), *shown))
            try:
                with assuming(role):
                    return await maybe_await(self.fn(*args, **kwargs))
            except Exception as failure:
                if self._should_retry is not None and self.is_async:
                    answer = self._should_retry(failure)
                    vars(failure)[_MAY_RETRY] = bool(await maybe_await(answer))
                raise
            finally:
                with contextlib.suppress(ValueError):
                    step_status.reset(token)

        try:
            return await run.core.run_step(run, self.options, attempted, args, kwargs)
        except PerdureError as failure:
            raise translated(failure, run.workflow_id, step=self.name) from failure


def make_step(spec: StepSpec) -> Callable[..., Any]:
    """The function that stands for a step."""
    fn = spec.fn
    if spec.is_async:

        @functools.wraps(fn)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            return await spec.call(args, kwargs)

        wrapper: Callable[..., Any] = run_async
    else:

        @functools.wraps(fn)
        def run(*args: Any, **kwargs: Any) -> Any:
            return spec.call(args, kwargs)

        wrapper = run
    # On its own it runs as a workflow of one step.
    alone = Registered(_alone(wrapper, spec.is_async), f"<temp>.{spec.name}", wrapper, is_step=True)
    setattr(wrapper, MARK, alone)
    registry.add(alone)
    return wrapper


def _alone(step: Callable[..., Any], is_async: bool) -> Callable[..., Any]:
    if is_async:

        @functools.wraps(step)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            return await step(*args, **kwargs)

        return run_async

    @functools.wraps(step)
    def run(*args: Any, **kwargs: Any) -> Any:
        return step(*args, **kwargs)

    return run
