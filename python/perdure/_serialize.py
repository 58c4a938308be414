"""Values to JSON and back.

What JSON has is written as it is. What it lacks is written as `{"$type": ..., "value": ...}`: dates,
times, decimals, UUIDs, bytes, tuples, sets, non-finite floats, and mappings whose keys are not strings.
Anything else is refused, before it reaches the database.

Errors are written as `{"name", "message", "code", "data"}`. `data["python"]` names the class; an error
is restored as that class if the process has it loaded already. Nothing is imported and no constructor
of a user's class is called for the sake of stored data.
"""

from __future__ import annotations

import base64
import builtins
import datetime as dt
import decimal
import json
import math
import sys
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from ._errors import BY_NAME, ApplicationError, SerializationError, StepRetriesExceeded

_TAG = "$type"
_SCALARS = frozenset({str, int, bool, type(None)})
_QUOTED_TAG = f'"{_TAG}"'
_MAX_DEPTH = 200
_MAX_BYTES = 64 * 1024 * 1024

# Made once: `json.dumps` makes one for each call that has options.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def dumps(value: Any, what: str = "value") -> str:
    """The JSON text of a value.

    Args:
        value: any JSON value, or one of the types named above, nested up to 200 deep.
        what: how an error message should call it.

    Raises:
        SerializationError: the value, or something in it, has no JSON form.
    """
    try:
        if not _is_plain(value, 0):
            value = _tagged(value, 0)
        text = _encode(value)
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            text = json.dumps(value, allow_nan=False, separators=(",", ":"))
        # A character has at most four bytes: only what may be too long is counted.
        size = len(text) if len(text) * 4 <= _MAX_BYTES else len(text.encode())
        if size > _MAX_BYTES:
            raise SerializationError(
                f"it has {size:,} bytes of JSON, more than {_MAX_BYTES:,}; keep it elsewhere and pass"
                " a reference"
            )
        return text
    except (ValueError, RecursionError) as error:
        raise SerializationError(f"the {what} cannot be serialized: {error}") from None


def loads(text: str | None) -> Any:
    """The value of a JSON text written by `dumps`; None for None.

    Raises:
        SerializationError: it names a type that is not known.
    """
    if text is None:
        return None
    if _QUOTED_TAG in text:
        return json.loads(text, object_hook=_restore)
    return json.loads(text)


def _is_plain(value: Any, depth: int) -> bool:
    kind: Any = type(value)
    if kind in _SCALARS:
        return True
    if kind is float:
        return math.isfinite(value)
    if depth > _MAX_DEPTH:
        raise SerializationError(f"it is nested more than {_MAX_DEPTH} deep, or contains itself")
    if kind is dict:
        if _TAG in value or not all(type(k) is str for k in value):
            return False
        value = value.values()
    elif kind is not list:
        return False
    for inner in value:  # noqa: SIM110
        # Asked here, too: most are, and a call costs more than the question.
        if type(inner) not in _SCALARS and not _is_plain(inner, depth + 1):
            return False
    return True


_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    dt.datetime: ("datetime", lambda v: v.isoformat()),
    dt.date: ("date", lambda v: v.isoformat()),
    dt.time: ("time", lambda v: v.isoformat()),
    dt.timedelta: ("timedelta", lambda v: [v.days, v.seconds, v.microseconds]),
    decimal.Decimal: ("decimal", str),
    uuid.UUID: ("uuid", str),
    bytes: ("bytes", lambda v: base64.b64encode(v).decode()),
    bytearray: ("bytearray", lambda v: base64.b64encode(v).decode()),
}

_READERS: dict[str, Callable[[Any], Any]] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda v: dt.timedelta(*v),
    "decimal": decimal.Decimal,
    "uuid": uuid.UUID,
    "bytes": base64.b64decode,
    "bytearray": lambda v: bytearray(base64.b64decode(v)),
    "float": float,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "dict": dict,
}


def _tagged(value: Any, depth: int) -> Any:
    kind = cast("type[Any]", type(value))
    if depth > _MAX_DEPTH:
        raise SerializationError(f"it is nested more than {_MAX_DEPTH} deep, or contains itself")
    if value is None or kind in (str, int, bool):
        return value
    if kind is float:
        return value if math.isfinite(value) else {_TAG: "float", "value": repr(value)}
    if kind is list:
        return [_tagged(v, depth + 1) for v in value]
    if kind is dict:
        mapping = cast("dict[Any, Any]", value)
        if _TAG not in mapping and all(type(k) is str for k in mapping):
            return {k: _tagged(v, depth + 1) for k, v in mapping.items()}
        pairs = [[_tagged(k, depth + 1), _tagged(v, depth + 1)] for k, v in mapping.items()]
        return {_TAG: "dict", "value": pairs}
    if kind in (tuple, set, frozenset):
        return {_TAG: kind.__name__, "value": [_tagged(v, depth + 1) for v in value]}
    if kind in _WRITERS:
        name, write = _WRITERS[kind]
        return {_TAG: name, "value": write(value)}
    raise SerializationError(
        f"{_name_of(kind)} has no JSON form; give it as a dict, a list, a string or a number"
    )


def _restore(found: dict[str, Any]) -> Any:
    name = found.get(_TAG)
    if name is None or len(found) != 2 or "value" not in found:
        return found
    try:
        return _READERS[name](found["value"])
    except KeyError:
        raise SerializationError(f"a stored value has the unknown type {name!r}") from None
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise SerializationError(f"a stored {name} cannot be read: {error}") from error


# ---------------------------------------------------------------------------------------- arguments


def dump_arguments(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """The JSON text of a call's arguments: an array if all are positional, an object if all are named,
    `{"positionalArgs": [...], "namedArgs": {...}}` if both occur.

    Raises:
        SerializationError: an argument has no JSON form.
    """
    if not kwargs:
        return dumps(list(args), "arguments")
    if not args and not kwargs.keys() & {_TAG, "positionalArgs"}:
        return dumps(dict(kwargs), "arguments")
    return dumps({"positionalArgs": list(args), "namedArgs": dict(kwargs)}, "arguments")


def load_arguments(text: str | None) -> tuple[list[Any], dict[str, Any]]:
    """The positional and the named arguments in the input of a workflow, however it was enqueued.

    An array holds positional arguments, an object named ones, null none; another value is one argument.
    """
    value = loads(text)
    if value is None:
        return [], {}
    if isinstance(value, list):
        return cast("list[Any]", value), {}
    if type(value) is dict:
        found = cast("dict[str, Any]", value)
        if found.keys() == {"positionalArgs", "namedArgs"}:
            return list(found["positionalArgs"]), dict(found["namedArgs"])
        return [], found
    return [value], {}


# ------------------------------------------------------------------------------------------- errors


def dump_error(error: BaseException) -> str:
    """The JSON text of an error; what of it has no JSON form is left out. Never raises."""
    try:
        return dumps(_describe(error))
    except Exception:
        # Its own code fails, or it is larger than a value may be.
        return dumps(
            {"name": type(error).__name__, "message": _text(error)[:10_000], "code": None, "data": {}}
        )


def _describe(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    args = error.args
    if isinstance(error, OSError) and error.filename is not None and len(args) == 2:
        args = (*args, error.filename)  # which Python keeps apart from the others
    python: dict[str, Any] = {"type": f"{kind.__module__}:{kind.__qualname__}"}
    python["args"] = [_or_repr(a) for a in args]
    state = {k: v for k, v in vars(error).items() if _serializable(v) and not k.startswith("__")}
    if state:
        python["state"] = state
    data: dict[str, Any] = {"python": python}
    if isinstance(error, StepRetriesExceeded):
        data["errors"] = [_describe(e) for e in error.errors]
    code = getattr(error, "code", None)
    return {
        "name": kind.__name__,
        "message": _text(error),
        "code": code if isinstance(code, (str, int)) else None,
        "data": data,
    }


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def load_error(text: str) -> BaseException:
    """The error of a JSON text: of its own class if that is loaded here, else an ApplicationError."""
    return restore_error(loads(text))


def restore_error(found: Any) -> BaseException:
    """The error of a JSON value `{name, message, code, data}`."""
    if not isinstance(found, dict):
        return ApplicationError("Error", str(found))
    error = cast("dict[str, Any]", found)
    name, message = str(error.get("name", "Error")), str(error.get("message", ""))
    data = error.get("data")
    if name == "StepRetriesExceeded" and isinstance(data, dict) and "errors" in data:
        attempts = cast("list[Any]", cast("dict[str, Any]", data)["errors"] or [])
        return StepRetriesExceeded(message, [restore_error(e) for e in attempts])
    python: dict[str, Any] | None = None
    if isinstance(data, dict):
        python = cast("dict[str, Any]", data).get("python")
    kind = _class_of(name, python)
    if kind is None:
        return ApplicationError(name, message, error.get("code"), data)
    try:
        # The constructor may want other arguments than it left in `args`: it is not called. That of its
        # built-in base is, for the fields that only it can fill.
        args = tuple(python.get("args", [message])) if python else (message,)
        base: Any = next(c for c in kind.__mro__ if c.__module__ == "builtins")
        restored = cast("BaseException", base.__new__(kind, *args))
        base.__init__(restored, *args)
        if not isinstance(restored, OSError):
            restored.args = args
        state: dict[str, Any] = (python or {}).get("state", {})
        for key, value in state.items():
            setattr(restored, key, value)
        return restored
    except Exception:
        return ApplicationError(name, message, error.get("code"), data)


def _class_of(name: str, python: dict[str, Any] | None) -> type[BaseException] | None:
    if python is None:
        found = BY_NAME.get(name) or getattr(builtins, name, None)
    else:
        module, _, path = str(python.get("type", "")).partition(":")
        found = sys.modules.get(module)
        for part in path.split("."):
            found = getattr(found, part, None)
    if isinstance(found, type) and issubclass(found, Exception):
        return found
    return None


def _serializable(value: Any) -> bool:
    try:
        dumps(value)
    except Exception:
        return False
    return True


def _or_repr(value: Any) -> Any:
    return value if _serializable(value) else repr(value)


def _name_of(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
