"""What a package exports: names, signatures, fields. `python names.py dbos > names.json` writes it down for
the installed package."""

from __future__ import annotations

import enum
import importlib
import inspect
import json
import re
import sys
import typing
from typing import Any


def describe(package: str) -> dict[str, Any]:
    """Everything in `__all__`, and all exceptions of `error`."""
    module = importlib.import_module(package)
    found = {name: describe_one(getattr(module, name)) for name in sorted(module.__all__) if name != "error"}
    errors = {
        name: describe_error(kind)
        for name, kind in sorted(vars(module.error).items())
        if inspect.isclass(kind) and kind.__module__ == module.error.__name__
    }
    return {"names": found, "error": errors}


def describe_one(thing: Any) -> Any:
    """One exported thing."""
    if not inspect.isclass(thing):
        if typing.get_origin(thing) is not None:
            return ["literal", sorted(typing.get_args(thing))]
        return ["function", parameters(thing)]
    if issubclass(thing, enum.Enum):
        return ["enum", {m.name: m.value for m in thing}]
    if typing.is_typeddict(thing):
        return ["fields", sorted(thing.__annotations__)]
    members: dict[str, Any] = {}
    # The methods of `perdure.dbos.DBOS` are those of its class.
    own_class = type(thing) if type(thing).__module__.startswith("perdure") else object
    for name in sorted({*dir(own_class), *dir(thing)}):
        if name != "__init__" and (name.startswith("_") or hasattr(type, name) or hasattr(Exception, name)):
            continue
        static = inspect.getattr_static(thing, name, None)
        kind = type(static).__name__
        if isinstance(static, property) or kind == "ClassPropertyDescriptor":
            members[name] = "property"
        elif inspect.isroutine(static) or isinstance(static, (classmethod, staticmethod)):
            members[name] = parameters(getattr(thing, name)) + how(getattr(static, "__func__", static))
    return ["class", members]


def describe_error(kind: type[Any]) -> Any:
    """An exception: its base, what it is made with, and its code."""
    if issubclass(kind, enum.Enum):
        return {m.name: m.value for m in kind}
    given = [p for p in inspect.signature(kind.__init__).parameters.values() if p.name != "self"]
    values: list[Any] = [[] if "errors" in p.name else 1 for p in given if p.default is p.empty]
    made = kind(*values)
    fields = sorted(f for f in vars(made) if not f.startswith("_"))
    return [kind.__base__.__name__, parameters(kind.__init__), getattr(made, "dbos_error_code", None), fields]


def parameters(function: Any) -> list[list[str]]:
    """The parameters of a function, without what it is called on."""
    found = list(inspect.signature(function).parameters.values())
    if found and found[0].name in ("self", "cls"):
        found = found[1:]
    return [[p.name, p.kind.name, _default(p.default)] for p in found]


def how(function: Any) -> list[list[str]]:
    """Whether it is to be awaited, or iterated; nothing if it is only called."""
    if inspect.iscoroutinefunction(function):
        return [["async", "", ""]]
    if inspect.isasyncgenfunction(function):
        return [["async for", "", ""]]
    return [["for", "", ""]] if inspect.isgeneratorfunction(function) else []


def _default(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return ""
    return re.sub(r"<(?:\w+\.)*(\w+) object at \w+>", r"<\1>", repr(value))


if __name__ == "__main__":
    print(json.dumps(describe(sys.argv[1]), indent=1, sort_keys=True))
