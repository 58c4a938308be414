"""The decorators that make functions workflows and steps, and classes known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast

from ._calling import make_workflow
from ._registry import MARK, ROLES, Registered, registry
from ._roles import guarded
from ._stepping import StepSpec, make_step
from ._types import ValidateArgsCallable, WorkflowSerializationFormat
from ._validators import make_pydantic_args_validator, pydantic_args_validator

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class Decorators:
    """The decorators of `DBOS`."""

    def workflow(
        self,
        *,
        name: str | None = None,
        max_recovery_attempts: int | None = 100,
        serialization_type: WorkflowSerializationFormat | None = None,
        validate_args: ValidateArgsCallable | None = None,
        auto_upgrade: bool | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Makes a function a workflow: it goes on from its last recorded step after any failure.

        Args:
            name: under which it is stored; None: the function's qualified name.
            max_recovery_attempts: how often it may be taken over from a worker that died.
            serialization_type: PORTABLE: what it takes and gives is written as portable JSON.
            validate_args: checks its arguments, and gives those to use.
            auto_upgrade: nothing here: a workflow stays with its version.
        """

        def decorate(func: Callable[P, R]) -> Callable[P, R]:
            checks = validate_args
            if checks is pydantic_args_validator:
                checks = make_pydantic_args_validator(func)
            made = Registered(
                func,
                name or func.__qualname__,
                func,
                2**31 - 1 if max_recovery_attempts is None else max_recovery_attempts,
                serialization_type,
                checks,
            )
            wrapper = make_workflow(made)
            registry.add(made)
            return cast("Callable[P, R]", wrapper)

        return decorate

    def step(
        self,
        *,
        name: str | None = None,
        retries_allowed: bool = False,
        interval_seconds: float = 1.0,
        max_attempts: int = 3,
        backoff_rate: float = 2.0,
        should_retry: Callable[[BaseException], bool | Awaitable[bool]] | None = None,
        preemptible: bool = False,
        timeout_seconds: float | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Makes a function a step: in a workflow its result, or its error, is recorded once.

        Args:
            name: under which it is recorded; None: the function's qualified name.
            retries_allowed: whether it is tried again when it raises, `max_attempts` times in all.
            interval_seconds, backoff_rate: retry n waits interval_seconds * backoff_rate ** (n - 1), at
            most an hour.
            should_retry: asked with the error whether to try again.
            preemptible: for an async function: it is cancelled at once when its workflow is.
            timeout_seconds: for an async function: how long an attempt may take.
        """

        def decorate(func: Callable[P, R]) -> Callable[P, R]:
            spec = StepSpec(
                func,
                name,
                retries_allowed,
                interval_seconds,
                max_attempts,
                backoff_rate,
                should_retry,
                preemptible,
                timeout_seconds,
            )
            return cast("Callable[P, R]", make_step(spec))

        return decorate

    def dbos_class(self, class_name: str | None = None) -> Callable[[type[T]], type[T]]:
        """Makes the methods of a class that are workflows known."""

        def decorate(decorated: type[T]) -> type[T]:
            registry.add_class(decorated, class_name)
            return decorated

        return decorate

    def required_roles(self, roles: list[str]) -> Callable[[F], F]:
        """Lets a workflow, a step or any function run only on behalf of a user who has one of these roles."""

        def decorate(func: F) -> F:
            made: Registered | None = getattr(func, MARK, None)
            if made is not None:
                setattr(made.fn, ROLES, list(roles))
                if made.workflow is not None:
                    made.workflow.required_roles = tuple(roles)
            if made is None or made.is_step:
                func = cast("F", guarded(func, roles))
            setattr(func, ROLES, list(roles))
            return func

        return decorate

    def default_required_roles(self, roles: list[str]) -> Callable[[type[T]], type[T]]:
        """The required roles of the workflows and steps of a class that have none of their own."""

        def decorate(decorated: type[T]) -> type[T]:
            setattr(decorated, ROLES, list(roles))
            registry.add_class_roles(decorated, roles)
            if decorated in registry.classes:
                registry.add_class(decorated, registry.classes[decorated])
            return decorated

        return decorate
