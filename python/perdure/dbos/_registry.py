"""What a program has decorated. Decorators work before there is an app; `launch` makes the workflows known
to it."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._errors import PerdureError
from . import error
from ._bodies import body_of
from ._errors import translated
from ._types import WorkflowSerializationFormat

if TYPE_CHECKING:
    from .._workflow import Workflow
    from ._app import App
    from ._kafka import Consumer
    from ._types import ValidateArgsCallable

MARK = "_perdure_dbos"
ROLES = "_perdure_dbos_roles"


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
        self.workflow = decorate(body_of(self, app))
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
