"""Methods as workflows: which class and which instance a stored workflow belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from ._checks import checked_name
from ._errors import InvalidArgument
from ._identity import role_names
from ._run import NOBODY, Authority

if TYPE_CHECKING:
    from ._app import Perdure
    from ._workflow import Workflow

T = TypeVar("T", bound="type[Any]")

# Set on a class by `Perdure.workflow_class`: the app, and the name it has there. Not inherited.
_MARK = "_perdure_class"


class Identity(NamedTuple):
    """As what and on whose behalf a workflow runs: the column `identity` of `claim`."""

    class_name: str | None = None
    config_name: str | None = None
    authority: Authority = NOBODY


NO_IDENTITY = Identity()


def read_identity(text: str | None) -> Identity:
    """What is in that column."""
    if text is None:
        return NO_IDENTITY
    found = json.loads(text)
    roles = found["authenticated_roles"]
    return Identity(
        found["class_name"],
        found["config_name"],
        Authority(
            found["authenticated_user"], None if roles is None else tuple(roles), found["assumed_role"]
        ),
    )


class Classes:
    """The classes of one app whose methods are workflows, and their configured instances."""

    def __init__(self, app: Perdure) -> None:
        self._app = app
        self._classes: dict[str, type[Any]] = {}
        self._roles: dict[str, tuple[str, ...]] = {}
        self._instances: dict[tuple[str, str], object] = {}
        # By the id of an instance, which is kept above.
        self._names: dict[int, tuple[str, str]] = {}

    def add_class(self, cls: T, name: str | None, required_roles: Sequence[str] | None) -> T:
        """See `Perdure.workflow_class`."""
        if not isinstance(cls, type):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("`@app.workflow_class()` goes above a class")
        found = name or cls.__qualname__
        if self._classes.setdefault(found, cls) is not cls:
            raise InvalidArgument(f"two classes are named {found!r}: give one of them another `name=`")
        roles = role_names("required_roles", required_roles)
        if roles is None:
            inherited = (self._roles.get(vars(base).get(_MARK, (None, ""))[1]) for base in cls.__mro__[1:])
            roles = next((r for r in inherited if r is not None), None)
        if roles is not None:
            self._roles[found] = roles
        setattr(cls, _MARK, (self._app, found))
        for base in cls.__mro__:
            for attribute in vars(base).values():
                workflow = _workflow_in(attribute)
                if workflow is not None and workflow.is_defined_in(base):
                    workflow.kind = (
                        "static"
                        if isinstance(attribute, staticmethod)
                        else "class"
                        if isinstance(attribute, classmethod)
                        else "instance"
                    )
                    if workflow.class_name is None:
                        workflow.class_name = found
        return cls

    def add_instance(self, instance: object, config_name: str) -> None:
        """See `Perdure.register_instance`."""
        checked_name("a config_name", config_name)
        place = self.name_of(type(instance)), config_name
        if id(instance) in self._names and self._names[id(instance)] != place:
            raise InvalidArgument(f"this instance is registered as {self._names[id(instance)][1]!r}")
        if self._instances.setdefault(place, instance) is not instance:
            raise InvalidArgument(
                f"two instances of class {place[0]!r} are named {config_name!r}: give each a"
                f" config_name of its"
                " own"
            )
        self._names[id(instance)] = place

    def name_of(self, cls: type[Any]) -> str:
        """The name of a class.

        Raises:
            InvalidArgument: it is not known to the app.
        """
        app, name = vars(cls).get(_MARK, (None, ""))
        if app is not self._app:
            raise InvalidArgument(
                f"class {cls.__qualname__!r} is not known to the app: put `@app.workflow_class()` above it"
            )
        return name

    def place(self, workflow: Workflow[..., Any], target: object | None) -> tuple[str | None, str | None]:
        """Under which class and instance a call is recorded.

        Raises:
            InvalidArgument: the class or the instance is not known to the app.
        """
        if workflow.kind is None or workflow.kind == "static":
            return workflow.class_name, None
        if target is None:
            raise InvalidArgument(
                f"workflow {workflow.workflow_name!r} is a method: call it on"
                f" {'an instance' if workflow.kind == 'instance' else 'its class'}"
            )
        if workflow.kind == "class":
            return self.name_of(cast("type[Any]", target)), None
        found = self._names.get(id(target))
        if found is None:
            name = self.name_of(type(target))
            raise InvalidArgument(
                f"this instance of class {name!r} is not registered, so no other process could find it: call"
                " `app.register_instance(instance, name)`, or let the class inherit from ConfiguredInstance"
            )
        return found

    def find(self, workflow: Workflow[..., Any], identity: Identity) -> Any:
        """What a stored workflow is called on: a class, an instance, or None.

        Raises:
            InvalidArgument: this process does not know it.
        """
        if workflow.kind is None or workflow.kind == "static":
            return None
        name = identity.class_name or workflow.class_name or ""
        if workflow.kind == "class":
            if name not in self._classes:
                raise InvalidArgument(f"this process knows no class {name!r}")
            return self._classes[name]
        found = self._instances.get((name, identity.config_name or ""))
        if found is None:
            raise InvalidArgument(
                f"this process knows no instance {identity.config_name!r} of class {name!r}"
            )
        return found

    def required_roles(self, workflow: Workflow[..., Any], class_name: str | None) -> tuple[str, ...] | None:
        """The roles that a workflow asks for: its own, or those of its class."""
        if workflow.required_roles is not None:
            return workflow.required_roles
        return self._roles.get(class_name or workflow.class_name or "")


class ConfiguredInstance:
    """A base for classes whose instances have workflows: each instance has a name, under which a worker in
    another process finds its own.

        @app.workflow_class()
        class Shop(ConfiguredInstance):
            def __init__(self, city: str) -> None:
                super().__init__(city)

            @app.workflow()
            def sell(self, order): ...

        Shop("berlin").sell(7)

    Args:
        config_name: 1 to 512 bytes; each instance of a class has its own, the same in all processes.

    Raises:
        InvalidArgument: the name is taken, or the class is not decorated.
    """

    def __init__(self, config_name: str) -> None:
        self.config_name = config_name
        mark = vars(type(self)).get(_MARK)
        if mark is None:
            raise InvalidArgument(
                f"class {type(self).__qualname__!r} is not known to an app: put"
                f" `@app.workflow_class()` above it"
            )
        mark[0].register_instance(self, config_name)


def _workflow_in(attribute: Any) -> Workflow[..., Any] | None:
    """The workflow that an attribute of a class is, also inside decorators of other packages."""
    from ._workflow import Workflow

    while attribute is not None and not isinstance(attribute, Workflow):
        inner: Callable[..., Any] | None = getattr(attribute, "__func__", None)
        attribute = inner if inner is not None else getattr(attribute, "__wrapped__", None)
    return cast("Workflow[..., Any] | None", attribute)
