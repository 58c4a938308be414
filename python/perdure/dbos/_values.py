"""How values are written: as JSON where that gives back the same, as DBOS does (a pickle) where it would not.

A pickle that is read may run any code, so whoever may write to the database may then run code in its
workers. A program that does not want that gives `DBOSPortableJSONSerializer()` or a serializer of its own;
then none is read.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, cast

from .._errors import SerializationError
from .._serialize import Codec, PickleSerializer, named
from ._types import WorkflowInputs, WorkflowSerializationFormat

_DEEPEST = 200


class Serializer(ABC):
    """A way to write values as text; a program gives its own as `serializer` of its config."""

    @abstractmethod
    def serialize(self, data: Any) -> str:
        """The text of a value."""

    @classmethod
    @abstractmethod
    def deserialize(cls, serialized_data: str) -> Any:
        """The value of a text."""

    @abstractmethod
    def name(self) -> str:
        """Under which the texts are known."""


class DBOSPortableJSONSerializer(Serializer):
    """JSON that every language reads: dates as RFC 3339 in UTC, decimals as text, tuples and sets as
    arrays."""

    def serialize(self, value: Any) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The JSON text of a value."""
        return json.dumps(_portable(value, 0), separators=(",", ":"), ensure_ascii=False)

    def deserialize(self, text: str | None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The value of a JSON text."""
        return None if text is None else json.loads(text)

    def name(self) -> str:
        """Under which the texts are known."""
        return "portable_json"


class DefaultSerializer(Serializer):
    """JSON where that gives back the same value, else a pickle."""

    def serialize(self, data: Any) -> str:
        """The text of a value."""
        return _MIXED.dumps(data)

    @classmethod
    def deserialize(cls, serialized_data: str) -> Any:
        """The value of a text."""
        return _MIXED.loads(serialized_data)

    def name(self) -> str:
        """Under which the texts are known."""
        return "perdure"


DEFAULT_SERIALIZER = DefaultSerializer()


class PortableWorkflowError(Exception):
    """An error that was written by a program whose class of it is not known here.

    Attributes:
        message, name: what it said, and the name of its class there.
        code, data: more that it had.
    """

    message: str
    name: str
    code: int | str | None = None
    data: Any = None

    def __init__(self, message: str, name: str, code: int | str | None = None, data: Any = None) -> None:
        super().__init__(message, name, code, data)
        self.message, self.name, self.code, self.data = message, name, code, data

    def __str__(self) -> str:
        return self.message


# Whether the arguments that are written now are to be portable.
writes_portably: ContextVar[bool] = ContextVar("perdure_dbos_portable", default=False)


class Portable:
    """A value that is to be written as portable JSON, whatever the program writes else."""

    def __init__(self, value: Any) -> None:
        self.value = value


def as_format(value: Any, kind: WorkflowSerializationFormat | None) -> Any:
    """The value, marked if it is to be portable."""
    return Portable(value) if kind is WorkflowSerializationFormat.PORTABLE else value


class _Adapter:
    """A serializer as the package takes it."""

    def __init__(self, serializer: Serializer) -> None:
        self._serializer = serializer
        self.name = serializer.name()

    def dumps(self, value: Any) -> str:
        return self._serializer.serialize(value)

    def loads(self, text: str) -> Any:
        return self._serializer.deserialize(text)


class ValueCodec(Codec):
    """How a program written for DBOS writes values.

    Args:
        serializer: None or the default one: JSON, and pickle for what has no JSON form.
    """

    def __init__(self, serializer: Serializer | None = None) -> None:
        plain = serializer is None or isinstance(serializer, DefaultSerializer)
        self._is_portable_only = isinstance(serializer, DBOSPortableJSONSerializer)
        own = None if serializer is None or plain or self._is_portable_only else _Adapter(serializer)
        super().__init__(own)
        self._pickles = PickleSerializer() if plain else None

    def learn(self, fn: Callable[..., Any]) -> None:
        """Nothing: who reads a value need not have the functions whose hints name its class."""

    def dumps(self, value: Any, what: str = "value", of: str | None = None) -> str:
        """The JSON text of a value."""
        if isinstance(value, Portable) or self._is_portable_only:
            return _portable_text(value.value if isinstance(value, Portable) else value, named(what, of))
        if self._pickles is None:
            return super().dumps(value, what, of)
        try:
            return super().dumps(value, what, of)
        except SerializationError:
            try:
                return json.dumps(self._own(self._pickles, value), separators=(",", ":"))
            except Exception as error:
                raise SerializationError(f"the {named(what, of)} cannot be serialized: {error}") from error

    def dump_arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        """The JSON text of a call's arguments."""
        if self._is_portable_only or writes_portably.get():
            return _portable_text({"positionalArgs": list(args), "namedArgs": dict(kwargs)}, "arguments")
        if self._pickles is None:
            return super().dump_arguments(args, kwargs)
        try:
            return super().dump_arguments(args, kwargs)
        except SerializationError:
            # As every serializer of one's own has them.
            return self.dumps(_Arguments((list(args), dict(kwargs))), "arguments")

    def _own_reader(self, name: str) -> Callable[[Any], Any]:
        if name == "pickle" and self._pickles is not None:
            return self._pickles.loads
        return super()._own_reader(name)


class _Arguments(tuple[Any, ...]):
    """Arguments that were pickled together; of a class of its own, so that nothing takes it for JSON."""

    def __reduce__(self) -> Any:
        return tuple, (list(self),)


def read_inputs(value: Any) -> WorkflowInputs:
    """The arguments in the input of a workflow."""
    if isinstance(value, tuple) and len(cast("tuple[Any, ...]", value)) == 2:
        args, kwargs = cast("tuple[Any, Any]", value)
        return {"args": tuple(args), "kwargs": dict(kwargs)}
    if isinstance(value, list):
        return {"args": tuple(cast("list[Any]", value)), "kwargs": {}}
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        if found.keys() == {"positionalArgs", "namedArgs"}:
            return {"args": tuple(found["positionalArgs"]), "kwargs": dict(found["namedArgs"])}
        return {"args": (), "kwargs": found}
    return {"args": () if value is None else (value,), "kwargs": {}}


def _portable_text(value: Any, what: str) -> str:
    try:
        return DBOSPortableJSONSerializer().serialize(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise SerializationError(f"the {what} cannot be serialized: {error}") from None


def _portable(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError(f"it is nested more than {_DEEPEST} deep, or contains itself")
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, dt.datetime):
        at = value if value.tzinfo is not None else value.replace(tzinfo=dt.timezone.utc)
        text = at.astimezone(dt.timezone.utc).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, Mapping):
        mapping = cast("Mapping[Any, Any]", value)
        return {str(k): _portable(v, depth + 1) for k, v in mapping.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_portable(v, depth + 1) for v in cast("list[Any]", value)]
    raise TypeError(f"{type(value).__qualname__} has no portable JSON form")


_MIXED = ValueCodec()
