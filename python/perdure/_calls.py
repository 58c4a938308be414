"""A call of a workflow, before it is started: what is called, on what, and with which arguments."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from ._errors import InvalidArgument
from ._workflow import Workflow


class Call(NamedTuple):
    """A call of a workflow.

    Attributes:
        workflow: None if it is given by name.
        fn: its code, with what it is called on.
        args, kwargs: as the function gets them; given_args, given_kwargs: as the caller gave them.
        class_name, config_name: of what it is called on.
    """

    name: str
    workflow: Workflow[..., Any] | None
    fn: Callable[..., Any] | None
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    given_args: tuple[Any, ...]
    given_kwargs: dict[str, Any]
    class_name: str | None = None
    config_name: str | None = None

    @property
    def required_roles(self) -> tuple[str, ...] | None:
        if self.workflow is None:
            return None
        return self.workflow.app.classes.required_roles(self.workflow, self.class_name)


def read_call(workflow: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
    """The call of a workflow that is given by name, or as the decorated function or method.

    Raises:
        InvalidArgument: it is neither; or its instance or its class is not known to the app; or an argument
            is not of its type.
        TypeError: the function cannot be called with these.
    """
    if isinstance(workflow, str):
        return Call(workflow, None, None, args, kwargs, args, kwargs)
    found: Any = workflow
    target: Any = None
    if isinstance(found, types.MethodType):
        found, target = found.__func__, found.__self__
    if not isinstance(found, Workflow):
        raise InvalidArgument(f"{workflow!r} is no workflow: give a name, or a function decorated as one")
    made = cast("Workflow[..., Any]", found)
    if target is None and args and made.is_method_for(args[0]):
        target, args = args[0], args[1:]
    class_name, config_name = made.app.classes.place(made, target)
    fn = made.fn if target is None else functools.partial(made.fn, target)
    made.check_call(args if target is None else (target, *args), kwargs)
    checked = (args, kwargs) if made.validator is None else made.validator(args, kwargs)
    return Call(made.workflow_name, made, fn, *checked, args, kwargs, class_name, config_name)
