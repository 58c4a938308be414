"""What the decorators make: functions that know their name and how to be run durably."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar, cast

from ._classes import NO_IDENTITY, Identity
from ._errors import WrongContext
from ._identity import current_authority, role_of
from ._loop import run_sync, running_loop
from ._run import Run, calling_run
from ._steps import StepOptions
from ._validation import Validator

if TYPE_CHECKING:
    from ._app import Perdure

P = ParamSpec("P")
R = TypeVar("R")

# Set on a function by `Perdure.required_roles`, for the decorator above it.
ROLES = "_perdure_required_roles"


class _Decorated(Generic[P, R]):
    """A callable that keeps the name, the docstring and the signature of the function it stands for."""

    def __init__(self, fn: Callable[P, R]) -> None:
        self.fn = fn
        self.is_async = inspect.iscoroutinefunction(fn)
        functools.update_wrapper(self, fn)
        if self.is_async:
            mark: Callable[[object], object] | None = getattr(inspect, "markcoroutinefunction", None)
            if mark is not None:  # from Python 3.12
                mark(self)

    def __get__(self, instance: object | None, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        raise NotImplementedError

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> R:
        """The coroutine itself for an async function; its result for another."""
        if self.is_async:
            return cast("R", coroutine)
        return run_sync(coroutine, "an async function, or asyncio.to_thread")


class Workflow(_Decorated[P, R]):
    """A function made durable by `Perdure.workflow`. Calling it runs it to its end.

    Attributes:
        workflow_name: the name under which it is stored.
        max_recovery_attempts: how often it may be taken over from a worker that died.
        suspendable: whether it may leave its worker while it waits long.
        timeout: how long it may take, in seconds; None: as long as it takes.
        kind: what its function is in its class; None if it is in none.
        class_name: of the class it is defined in, if that is known to the app.
        required_roles: one of these the user must have on whose behalf it runs; None: see the class.
        validator: checks its arguments, if they are to be checked.
    """

    def __init__(
        self,
        app: Perdure,
        fn: Callable[P, R],
        name: str,
        max_recovery_attempts: int,
        suspendable: bool = True,
        timeout: float | None = None,
    ) -> None:
        super().__init__(fn)
        self.app = app
        self.workflow_name = name
        self.max_recovery_attempts = max_recovery_attempts
        self.suspendable = suspendable
        self.timeout = timeout
        self.kind: Literal["instance", "class", "static"] | None = None
        self.class_name: str | None = None
        self.required_roles: tuple[str, ...] | None = None
        self.validator: Validator | None = None

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        """The parameters of its function."""
        return inspect.signature(self.fn)

    @functools.cached_property
    def parameter_names(self) -> frozenset[str]:
        """Their names."""
        return frozenset(self.signature.parameters)

    @functools.cached_property
    def _positional(self) -> range:
        """How many arguments it takes if all are given by position; empty: it has to be looked at."""
        parameters = self.signature.parameters.values()
        if any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in parameters):
            return range(0)
        return range(sum(p.default is p.empty for p in parameters), len(parameters) + 1)

    def check_call(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Raises TypeError if its function cannot be called with these."""
        # `bind` takes longer than all else that is done for a call.
        if kwargs or len(args) not in self._positional:
            try:
                self.signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"workflow {self.workflow_name!r}: {error}") from None

    def __set_name__(self, owner: type, name: str) -> None:
        if self.is_defined_in(owner):
            self.kind = "instance"

    def is_defined_in(self, owner: type) -> bool:
        """Whether its function is in the body of this class."""
        return str(getattr(self.fn, "__qualname__", "")).rpartition(".")[0] == owner.__qualname__

    def is_method_for(self, first: object) -> bool:
        """Whether a first argument is what it is called on."""
        if self.kind is None and isinstance(first, type):
            # A class method is not told of its class, unless that is decorated.
            name = str(getattr(self.fn, "__name__", ""))
            own = (vars(base).get(name) for base in first.__mro__)
            if any(isinstance(c, classmethod) and cast("Any", c).__func__ is self for c in own):
                self.kind = "class"
        return self.kind in ("instance", "class")

    @property
    def _is_bare(self) -> bool:
        """Whether it can be run without asking for roles, checking arguments, or finding an instance."""
        return self.kind is self.class_name is self.required_roles is self.validator is None

    def code(self, run: Run, identity: Identity, fn: Callable[..., Any] | None = None) -> Callable[..., Any]:
        """The function to run, on behalf of whom and on what `identity` says.

        Args:
            run: that runs it.
            identity: what is recorded of it.
            fn: the function with what it is called on, if that is known; else it is found, and arguments,
                which come from the database, are checked.

        Raises:
            InvalidArgument: this process does not know what it is called on.
        """
        if fn is None and identity is NO_IDENTITY and self._is_bare:
            return self.fn
        run.authority = identity.authority
        validator = None
        if fn is None:
            target = self.app.classes.find(self, identity)
            fn = self.fn if target is None else functools.partial(self.fn, target)
            validator = self.validator
        required = self.app.classes.required_roles(self, identity.class_name)
        if not required and validator is None:
            return fn

        def checked(*args: Any, **kwargs: Any) -> Any:
            role = role_of(f"workflow {self.workflow_name!r}", required, run.authority)
            if role is not None and role != run.authority.assumed_role:
                run.authority = run.authority._replace(assumed_role=role)
                run.has_assumed = True
            if validator is not None:
                args, kwargs = validator(args, kwargs)
            return fn(*args, **kwargs)

        return checked

    def __repr__(self) -> str:
        return f"<workflow {self.workflow_name}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._run(self.app.run_workflow_async(self, *args, **kwargs))


class Step(_Decorated[P, R]):
    """A function made a step by `Perdure.step`: recorded in a workflow, a plain function elsewhere."""

    def __init__(self, fn: Callable[P, R], options: StepOptions) -> None:
        super().__init__(fn)
        self.options = options
        self.required_roles: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"<step {self.options.name}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self.required_roles:
            role_of(f"step {self.options.name!r}", self.required_roles, current_authority())
        run = calling_run()
        if run is None:
            return self.fn(*args, **kwargs)
        if not self.is_async and running_loop() is not None:
            if inspect.iscoroutinefunction(inspect.unwrap(self)):
                raise WrongContext(
                    f"step {self.options.name!r} is an async function in a decorator whose wrapper is a plain"
                    " one, which would block the event loop of an async workflow: make the wrapper async, or"
                    " put it above `@app.step()`"
                )
            raise WrongContext(
                f"step {self.options.name!r} is a plain function and would block the event loop of an"
                f" async workflow: make it async, or call it with"
                f" `await asyncio.to_thread({getattr(self, '__name__', 'it')}, ...)`"
            )
        return self._run(run.core.steps.run(run, self.options, self.fn, args, dict(kwargs)))


def as_step(fn: Callable[..., Any]) -> tuple[Callable[..., Any], StepOptions]:
    """A function, or the one inside a step, and how it is run as a step."""
    if isinstance(fn, Step):
        step = cast("Step[..., Any]", fn)
        return step.fn, step.options
    return fn, StepOptions(str(getattr(fn, "__qualname__", type(fn).__qualname__)))
