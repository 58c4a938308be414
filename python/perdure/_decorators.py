"""What makes functions workflows and steps of an app; part of `Perdure`."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast, overload

from ._calls import read_call
from ._checks import Seconds, check_retries, flag, name_for, positive_seconds, whole_number
from ._classes import Classes
from ._connected import Connected
from ._errors import InvalidArgument
from ._identity import role_names
from ._loop import run_sync
from ._run import calling_run
from ._schedules import ScheduleSettings
from ._steps import StepOptions
from ._validation import make_validator
from ._workflow import ROLES, Step, Workflow, as_step

if TYPE_CHECKING:
    from ._app import Perdure
    from ._worker import Worker

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Decorators(Connected):
    """The part of an app that knows its functions.

    Attributes:
        classes: those whose methods are workflows, and their instances.
    """

    classes: Classes
    _workflows: dict[str, Workflow[Any, Any]]
    _schedules: dict[str, ScheduleSettings]
    _validate: bool
    _worker: Worker | None

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
                goes on by a replay. False keeps it in memory, also when its worker is told to stop.
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
            made = Workflow(cast("Perdure", self), fn, stored, max_recovery_attempts, suspendable, seconds)
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
        return await run.core.steps.run(run, options, called, args, kwargs)


def _check_parentheses(given: object, name: str) -> None:
    if given is not None:
        raise InvalidArgument(f"the decorator has parentheses: write `@app.{name}()`")


def _check_async(name: str, fn: Callable[..., Any]) -> None:
    if not inspect.iscoroutinefunction(fn):
        raise InvalidArgument(
            f"step {name!r} is a plain function, and a thread cannot be stopped: make it async, or"
            " leave out `timeout` and `preemptible`"
        )
