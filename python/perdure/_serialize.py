"""Values to JSON and back.

What JSON has is written as it is. What it lacks is written as `{"$type": ..., "value": ...}`: dates,
times, decimals, UUIDs, bytes, tuples, sets, non-finite floats, mappings whose keys are not strings, errors,
and objects of the program's own classes (see `_types`). Anything else is refused, before it reaches the
database.

Errors are written as `{"name", "message", "code", "data"}`. `data["python"]` names the class; an error
is restored as that class if the process has it loaded already. Nothing is imported and no constructor
of a user's class is called for the sake of stored data.

A program may bring a serializer of its own. What that writes is text, kept in
`{"$type": "serializer:<name>", "value": "<text>"}`: each value says how it was written.
"""

from __future__ import annotations

import base64
import builtins
import datetime as dt
import decimal
import json
import math
import pickle
import re
import sys
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol, cast

from ._errors import BY_NAME, ApplicationError, SerializationError, StepRetriesExceeded, UnreadableValue
from ._types import Types

_TAG = "$type"
_SCALARS = frozenset({str, int, bool, type(None)})
_QUOTED_TAG = f'"{_TAG}"'
_MAX_DEPTH = 200
_MAX_BYTES = 64 * 1024 * 1024
# How many errors are written that hold each other one in another.
_MAX_ERRORS = 10
_NONE: Any = object()
# The errors that are being written, from the outermost.
_within: ContextVar[tuple[BaseException, ...]] = ContextVar("perdure_within", default=())

# Made once: `json.dumps` makes one for each call that has options.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode

_OWN = "serializer:"
_OWN_BEGINS = f'{{"{_TAG}":"{_OWN}'


class Serializer(Protocol):
    """Writes values as text in a way of its own; see `PickleSerializer`.

    Attributes:
        name: stored with each value, so that values written otherwise can live beside these.
    """

    name: str

    def dumps(self, value: Any) -> str:
        """The text of a value."""
        ...

    def loads(self, text: str) -> Any:
        """The value of a text that `dumps` has written."""
        ...


class PickleSerializer:
    """Pickle, in base64: whatever Python can pickle comes back, and no other language can read it.

    Reading a pickle runs what it says. Whoever may write to the database, or enqueue, may then run any
    code in every process that reads with this.
    """

    name = "pickle"

    def dumps(self, value: Any) -> str:
        """The pickle of a value, in base64."""
        return base64.b64encode(pickle.dumps(value, 4)).decode()

    def loads(self, text: str) -> Any:
        """The value of a pickle. It runs what the pickle says."""
        return pickle.loads(base64.b64decode(text))


def _is_plain(value: Any, depth: int) -> bool:
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
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
    dt.datetime: ("datetime", lambda v: _with_zone(v)),
    dt.date: ("date", lambda v: v.isoformat()),
    dt.time: ("time", lambda v: _with_zone(v)),
    dt.timedelta: ("timedelta", lambda v: [v.days, v.seconds, v.microseconds]),
    decimal.Decimal: ("decimal", str),
    uuid.UUID: ("uuid", str),
    bytes: ("bytes", lambda v: base64.b64encode(v).decode()),
    bytearray: ("bytearray", lambda v: base64.b64encode(v).decode()),
}

_READERS: dict[str, Callable[[Any], Any]] = {
    "datetime": lambda v: _in_zone(dt.datetime, v),
    "date": dt.date.fromisoformat,
    "time": lambda v: _in_zone(dt.time, v),
    "timedelta": lambda v: dt.timedelta(*v),
    "decimal": decimal.Decimal,
    "uuid": uuid.UUID,
    "bytes": lambda v: _bytes(v),
    "bytearray": lambda v: bytearray(_bytes(v)),
    "float": float,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "dict": dict,
}


def _bytes(text: str) -> bytes:
    # Others break its lines; what else is no base64 would be left out unsaid, as of its alphabet for URLs.
    return base64.b64decode("".join(text.split()), validate=True)


def _with_zone(value: Any) -> str:
    """ISO 8601, with the name of the zone behind it, as in RFC 9557; and which of two equal hours it is."""
    text = value.isoformat()
    if isinstance(value.tzinfo, zoneinfo.ZoneInfo):
        name: Any = value.tzinfo.key
        if name is None:  # as of one that was made of a file
            raise _Refused("a time zone without a name has no JSON form")
        return f"{text}[{name}]"
    return f"{text}[fold=1]" if value.fold else text


def _in_zone(kind: Any, text: str) -> Any:
    if not text.endswith("]"):
        return kind.fromisoformat(text)
    text, _, name = text[:-1].partition("[")
    value = kind.fromisoformat(text)
    if name == "fold=1":
        return value.replace(fold=1)
    if not re.fullmatch(r"[\w+/-]+", name, re.ASCII):
        raise ValueError(f"{name!r} is no time zone")
    try:
        zone = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError):
        raise ValueError(f"this machine does not know the time zone {name!r}") from None
    if kind is dt.time:
        return value.replace(tzinfo=zone)
    for fold in (0, 1):
        local = value.replace(tzinfo=zone, fold=fold)
        if local.utcoffset() == value.utcoffset():
            return local
    return value.astimezone(zone)  # the rules of the zone have changed since


class _Refused(Exception):
    """Something in a value has no JSON form; `place` is where, innermost first."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.place: list[str] = []

    def __str__(self) -> str:
        where = "".join(reversed(self.place)).lstrip(".")
        return f"{self.args[0]}{f' (at {where})' if where else ''}"


class Codec:
    """The ways of one program to write values.

    Args:
        serializer: what it writes with; None: portable JSON.
    """

    def __init__(self, serializer: Serializer | None = None) -> None:
        self.serializer = serializer
        self.types = Types({*_READERS, "error"})

    def learn(self, fn: Callable[..., Any]) -> None:
        """The classes that the type hints of this function name are the program's."""
        self.types.learn(fn)

    # ---------------------------------------------------------------------------------- values

    def dumps(self, value: Any, what: str = "value", of: str | None = None) -> str:
        """The JSON text of a value.

        Args:
            value: any JSON value, or one of the types named above, nested up to 200 deep.
            what: how an error message should call it.
            of: the name of what it is of.

        Raises:
            SerializationError: the value, or something in it, has no JSON form.
        """
        try:
            if self.serializer is not None:
                value = self._own(self.serializer, value)
            elif not _is_plain(value, 0):
                value = self._tagged(value, 0)
            return _text_of(value)
        except (_Refused, ValueError, RecursionError) as error:
            raise SerializationError(f"the {named(what, of)} cannot be serialized: {error}") from None

    def loads(self, text: str | None) -> Any:
        """The value of a JSON text written by `dumps`; None for None.

        Raises:
            UnreadableValue: it names a type or a serializer that is not known, or known in another form.
            SerializationError: it cannot be read by anybody.
        """
        if text is None:
            return None
        try:
            if _QUOTED_TAG in text:
                return json.loads(text, object_hook=self._restore)
            return _value_of(text)
        except UnreadableValue:
            raise
        except (ValueError, RecursionError) as error:
            # A number of thousands of digits, or nested thousands deep: Postgres takes either.
            raise SerializationError(f"a stored value cannot be read: {error}") from error

    def _own(self, serializer: Serializer, value: Any) -> dict[str, str]:
        try:
            text = serializer.dumps(value)
        except Exception as error:
            raise _Refused(f"{serializer.name}: {error}") from error
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise _Refused(f"{serializer.name} has written no text but {type(text).__name__}")
        return {_TAG: _OWN + serializer.name, "value": text}

    def _tagged(self, value: Any, depth: int) -> Any:
        kind = cast("type[Any]", type(value))
        if depth > _MAX_DEPTH:
            raise SerializationError(f"it is nested more than {_MAX_DEPTH} deep, or contains itself")
        if value is None or kind in (str, int, bool):
            return value
        if kind is float:
            return value if math.isfinite(value) else {_TAG: "float", "value": repr(value)}
        if kind is list:
            return self._each(value, depth + 1)
        if kind is dict:
            mapping = cast("dict[Any, Any]", value)
            if _TAG not in mapping and all(type(k) is str for k in mapping):
                return self._fields(mapping, depth + 1)
            pairs = [
                [self._tagged(k, depth + 1), self._at(f"[{k!r}]", v, depth + 1)] for k, v in mapping.items()
            ]
            return {_TAG: "dict", "value": pairs}
        if kind in (tuple, set, frozenset):
            return {_TAG: kind.__name__, "value": self._each(value, depth + 1)}
        if kind in _WRITERS:
            name, write = _WRITERS[kind]
            return {_TAG: name, "value": write(value)}
        return self._object(value, kind, depth)

    def _object(self, value: Any, kind: type, depth: int) -> Any:
        form = self.types.of_class(kind)
        if form is not None:
            stored = form.dump(value)
            if type(stored) is dict:
                return {_TAG: form.name, "value": self._fields(cast("dict[str, Any]", stored), depth + 1)}
            return {_TAG: form.name, "value": self._tagged(stored, depth + 1)}
        if isinstance(value, Exception):
            return {_TAG: "error", "value": self._describe(value, depth + 1)}
        raise _Refused(f"{_name_of(kind)} has no JSON form; {self.types.remedy(kind)}")

    def _each(self, values: Iterable[Any], depth: int) -> list[Any]:
        return [self._at(f"[{i}]", value, depth) for i, value in enumerate(values)]

    def _fields(self, mapping: dict[str, Any], depth: int) -> dict[str, Any]:
        return {key: self._at(f".{key}", value, depth) for key, value in mapping.items()}

    def _at(self, place: str, value: Any, depth: int) -> Any:
        try:
            return self._tagged(value, depth)
        except _Refused as refused:
            refused.place.append(place)
            raise

    def _restore(self, found: dict[str, Any]) -> Any:
        name = found.get(_TAG)
        if name is None or len(found) != 2 or "value" not in found:
            return found
        read = _READERS.get(name) if isinstance(name, str) else None
        if read is None and name != "error":
            return self._restore_own(str(name), found["value"])
        try:
            return (read or self.restore_error)(found["value"])
        except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
            raise SerializationError(f"a stored {name} cannot be read: {error}") from error

    def _restore_own(self, name: str, stored: Any) -> Any:
        """What is written in a way of one's own: another version of this program may have that, or not."""
        try:
            return self._reader(name)(stored)
        except UnreadableValue:
            raise
        except Exception as error:
            raise UnreadableValue(f"a stored {name} cannot be read: {error}") from error

    def _reader(self, name: str) -> Callable[[Any], Any]:
        if name.startswith(_OWN):
            return self._own_reader(name.removeprefix(_OWN))
        form = self.types.of_name(name)
        if form is None:
            raise UnreadableValue(
                f"a stored value has the unknown type {name!r}: register its class with `register_type`, or"
                " name it in a type hint of a workflow or step"
            )
        return form.load

    def _own_reader(self, name: str) -> Callable[[Any], Any]:
        serializer = self.serializer
        if serializer is None or serializer.name != name:
            raise UnreadableValue(
                f"a stored value was written by the serializer {name!r}, which this program does not have:"
                " give it as `serializer=`"
            )

        def read(text: Any) -> Any:
            try:
                return serializer.loads(text)
            except Exception as error:
                raise UnreadableValue(f"a value of serializer {name!r} cannot be read: {error}") from error

        return read

    # ------------------------------------------------------------------------------- arguments

    def dump_arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        """The JSON text of a call's arguments: an array if all are positional, an object if all are named,
        `{"positionalArgs": [...], "namedArgs": {...}}` if both occur.

        Raises:
            SerializationError: an argument has no JSON form.
        """
        if self.serializer is not None:
            return self.dumps((list(args), dict(kwargs)), "arguments")
        if not kwargs:
            return self.dumps(list(args), "arguments")
        if not args and not kwargs.keys() & {_TAG, "positionalArgs"}:
            return self.dumps(dict(kwargs), "arguments")
        return self.dumps({"positionalArgs": list(args), "namedArgs": dict(kwargs)}, "arguments")

    def load_arguments(self, text: str | None) -> tuple[list[Any], dict[str, Any]]:
        """The positional and the named arguments in the input of a workflow, however it was enqueued.

        An array holds positional arguments, an object named ones, null none; another value is one argument.
        """
        value = self.loads(text)
        if value is None:
            return [], {}
        if text is not None and text.startswith(_OWN_BEGINS):
            args, kwargs = value
            return list(args), dict(kwargs)
        if isinstance(value, list):
            return cast("list[Any]", value), {}
        if type(value) is dict:
            found = cast("dict[str, Any]", value)
            if found.keys() == {"positionalArgs", "namedArgs"}:
                args, kwargs = found["positionalArgs"], found["namedArgs"]
                if not isinstance(args, list) or type(kwargs) is not dict:
                    raise SerializationError("positionalArgs is an array, and namedArgs is an object")
                return cast("list[Any]", args), cast("dict[str, Any]", kwargs)
            return [], found
        return [value], {}

    # ---------------------------------------------------------------------------------- errors

    def dump_error(self, error: BaseException) -> str:
        """The JSON text of an error, portable whatever the serializer; what of it has no JSON form is left
        out. Never raises."""
        try:
            return _text_of(self._describe(error, 0))
        except Exception:
            # Its own code fails, or it is larger than a value may be.
            found = portable_error(error, {})
            return _text_of({**found, "message": found["message"][:10_000], "code": None})

    def _describe(self, error: BaseException, depth: int) -> dict[str, Any]:
        """The JSON of an error; what it holds that has none is left out."""
        within = _within.get()
        if len(within) > _MAX_ERRORS or any(error is outer for outer in within):
            raise _Refused("an error holds itself, or too many others one in another")
        token = _within.set((*within, error))
        try:
            kind = type(error)
            args = error.args
            if isinstance(error, OSError) and error.filename is not None and len(args) == 2:
                args = (*args, error.filename)  # which Python keeps apart from the others
            python: dict[str, Any] = {"type": f"{kind.__module__}:{kind.__qualname__}"}
            python["args"] = [_repr(a) if (given := self._held(a, depth)) is _NONE else given for a in args]
            state = {
                k: given
                for k, v in vars(error).items()
                if type(k) is str
                and not k.startswith(("__", _TAG))
                and (given := self._held(v, depth)) is not _NONE
            }
            if state:
                python["state"] = state
            data: dict[str, Any] = {"python": python}
            if isinstance(error, StepRetriesExceeded):
                data["errors"] = [self._describe(e, depth + 1) for e in error.errors]
            return portable_error(error, data)
        finally:
            _within.reset(token)

    def _held(self, value: Any, depth: int) -> Any:
        """The JSON of what an error holds, or _NONE."""
        try:
            tagged = self._tagged(value, depth + 1)
            _text_of(tagged)
        except Exception:
            return _NONE
        return tagged

    def load_error(self, text: str) -> BaseException:
        """The error of a JSON text: of its own class if that is loaded here, else an ApplicationError."""
        return self.restore_error(self.loads(text))

    def restore_error(self, found: Any) -> BaseException:
        """The error of a JSON value `{name, message, code, data}`."""
        if not isinstance(found, dict):
            return ApplicationError("Error", str(found))
        error = cast("dict[str, Any]", found)
        name, message = str(error.get("name", "Error")), str(error.get("message", ""))
        data = error.get("data")
        if name == "StepRetriesExceeded" and isinstance(data, dict) and "errors" in data:
            attempts = cast("list[Any]", cast("dict[str, Any]", data)["errors"] or [])
            return StepRetriesExceeded(message, [self.restore_error(e) for e in attempts])
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
            # Not through `setattr`, which may be the class's own.
            restored.__dict__.update(state)
            return restored
        except Exception:
            return ApplicationError(name, message, error.get("code"), data)


def portable_error(error: BaseException, data: Any = None) -> dict[str, Any]:
    """An error in the form in which every language reads it, in the database and elsewhere. One whose class
    is not known here is what it was where it was raised, unless there is other data."""
    if isinstance(error, ApplicationError) and data is None:
        return {"name": error.name, "message": error.message, "code": error.code, "data": error.data}
    return {"name": type(error).__name__, "message": _text(error), "code": _code(error), "data": data}


def _text(error: BaseException) -> str:
    try:
        return str.__str__(str(error))  # which may be of a subclass
    except Exception:
        return ""


def _repr(value: object) -> str:
    try:
        return str.__str__(repr(value))
    except Exception:
        return f"<{type(value).__qualname__}>"


def _code(error: BaseException) -> str | int | None:
    try:
        code = getattr(error, "code", None)
    except Exception:
        return None
    # Also of an enum, as http.HTTPStatus is one.
    if isinstance(code, str):
        return str.__str__(code)
    return int(code) if isinstance(code, int) else None


def _class_of(name: str, python: dict[str, Any] | None) -> type[BaseException] | None:
    if python is None:
        found = BY_NAME.get(name) or getattr(builtins, name, None)
    else:
        module, _, path = str(python.get("type", "")).partition(":")
        found = sys.modules.get(module)
        for part in path.split("."):
            # Not `getattr`: the `__getattr__` of a module may import.
            found = getattr(found, "__dict__", {}).get(part)
    if isinstance(found, type) and issubclass(found, Exception):
        return found
    return None


def named(what: str, of: str | None) -> str:
    """How an error message calls a value."""
    return what if of is None else f"{what} {of!r}"


def _value_of(text: str) -> Any:
    """`json.loads`, which takes three times as long to begin."""
    try:
        value, end = _decode(text)
        if end == len(text):
            return value
    except ValueError:
        pass
    # White space around it, or no JSON.
    return json.loads(text)


def _text_of(value: Any) -> str:
    """The JSON text of what JSON has."""
    if value is None:
        return "null"
    if type(value) is int and value.bit_length() < 64:
        # As the encoder does it, which takes six times as long to begin. A longer one may be too large.
        return int.__repr__(value)
    text = _encode(value)
    size = len(text)
    if not text.isascii():
        try:
            size = len(text.encode())
        except UnicodeEncodeError:  # a lone surrogate, which only an escape can say
            text = json.dumps(value, allow_nan=False, separators=(",", ":"))
            size = len(text)
    if size > _MAX_BYTES:
        raise SerializationError(
            f"it has {size:,} bytes of JSON, more than {_MAX_BYTES:,}; keep it elsewhere and pass a reference"
        )
    return text


def _name_of(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


# What belongs to no program: portable, without classes of anybody's own.
PORTABLE = Codec()
dumps, loads = PORTABLE.dumps, PORTABLE.loads
dump_arguments, load_arguments = PORTABLE.dump_arguments, PORTABLE.load_arguments
dump_error, load_error = PORTABLE.dump_error, PORTABLE.load_error
