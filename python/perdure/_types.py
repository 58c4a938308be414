"""The classes of a program whose objects are written as JSON and restored.

They are those that the program has registered, and those that the type hints of its workflows and steps
lead to. What the database holds names one of these or is refused: no name that is stored is ever imported,
and no constructor is called with what is stored.
"""

from __future__ import annotations

import dataclasses
import enum
import sys
import threading
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from ._errors import InvalidArgument


@dataclasses.dataclass(slots=True, frozen=True)
class Form:
    """How objects of one class are written: `dump` gives what is written as JSON, `load` takes that."""

    name: str
    kind: type
    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]
    is_registered: bool = False


class Types:
    """The classes of one program, by class and by name.

    Args:
        reserved: names that no class may have.
    """

    def __init__(self, reserved: Iterable[str]) -> None:
        self._reserved = frozenset(reserved)
        self._by_class: dict[type, Form] = {}
        self._by_name: dict[str, Form] = {}
        # Names that hints give to more than one class.
        self._shared: dict[str, set[type]] = {}
        # Functions whose hints are still to be read: what they name may be defined later.
        self._unread: list[Callable[..., Any]] = []
        self._known: set[object] = set()
        self._lock = threading.RLock()

    def register(
        self,
        kind: type,
        name: str | None,
        dump: Callable[[Any], Any] | None,
        load: Callable[[Any], Any] | None,
    ) -> None:
        """See `Client.register_type`."""
        if not isinstance(kind, type):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(f"{kind!r} is no class")
        if (dump is None) is not (load is None):
            raise InvalidArgument("`dump` and `load` are given both or not at all")
        name = kind.__qualname__ if name is None else name
        if not name or name in self._reserved or ":" in name:
            raise InvalidArgument(f"a type cannot be named {name!r}: give another `name=`")
        form = _form_of(kind, name) if dump is None or load is None else Form(name, kind, dump, load)
        if form is None:
            raise InvalidArgument(
                f"{_full_name(kind)} is no enum, dataclass, named tuple or pydantic model: say with `dump=`"
                " and `load=` how it is written"
            )
        with self._lock:
            other = self._by_name.get(name)
            if other is not None and other.is_registered and other.kind is not kind:
                raise InvalidArgument(
                    f"two types are named {name!r}: {_full_name(other.kind)} and {_full_name(kind)}. Give one"
                    " of them another `name=`"
                )
            if other is not None and other.kind is not kind:
                self._by_class.pop(other.kind, None)
            before = self._by_class.get(kind)
            if before is not None:
                self._by_name.pop(before.name, None)
            self._shared.pop(name, None)
            self._by_class[kind] = self._by_name[name] = dataclasses.replace(form, is_registered=True)
            for hint in _fields_of(kind):
                self._follow(hint)

    def learn(self, fn: Callable[..., Any]) -> None:
        """Takes note of the type hints of a function."""
        code = getattr(fn, "__code__", None)
        if code is None or code in self._known or not getattr(fn, "__annotations__", None):
            return
        with self._lock:
            self._known.add(code)
            self._unread.append(fn)

    def of_class(self, kind: type) -> Form | None:
        """How objects of this class are written; None if it is not one of the program's.

        Raises:
            InvalidArgument: hints give its name to other classes, too.
        """
        form = self._by_class.get(kind)
        if form is None:
            self._read_hints()
            form = self._by_class.get(kind)
        if form is not None and self._shared and not form.is_registered:
            self._check_shared(form.name)
        return form

    def of_name(self, name: str) -> Form | None:
        """The form that is stored under this name.

        Raises:
            InvalidArgument: hints give the name to several classes.
        """
        form = self._by_name.get(name)
        if form is None:
            self._read_hints()
            form = self._by_name.get(name)
        if form is not None and self._shared and not form.is_registered:
            self._check_shared(name)
        return form

    def remedy(self, kind: type) -> str:
        """What to do about an object of a class that is not known."""
        if _form_of(kind, "") is not None:
            return (
                f"register it with `app.register_type({kind.__name__})`, or name it in a type hint of a"
                " workflow or step"
            )
        return "give it as a dict, a list, a string or a number, or see `register_type`"

    def _check_shared(self, name: str) -> None:
        if name in self._shared:
            names = " and ".join(sorted(map(_full_name, self._shared[name])))
            raise InvalidArgument(
                f"the type hints name several types {name!r}: {names}. Give one of them another name with"
                " `app.register_type(..., name=...)`"
            )

    def _read_hints(self) -> None:
        with self._lock:
            unread, self._unread = self._unread, []
            for fn in unread:
                hints, are_all = _hints_of(fn)
                if not are_all:
                    self._unread.append(fn)
                for hint in hints:
                    self._follow(hint)

    def _follow(self, hint: Any) -> None:
        """Takes up the classes that a hint leads to."""
        waiting, seen = [hint], set[int]()
        while waiting:
            hint = waiting.pop()
            if id(hint) in seen:
                continue
            seen.add(id(hint))
            if isinstance(hint, type) and not isinstance(hint, types.GenericAlias):
                if hint not in self._by_class:
                    form = _form_of(hint, hint.__qualname__)
                    if form is not None and form.name not in self._reserved:
                        self._take_up(form)
                waiting += _fields_of(hint)
                continue
            waiting += typing.get_args(hint)
            origin = typing.get_origin(hint)
            # Of `Page[Order]` the class, of a NewType and of an alias what they stand for.
            for inner in (origin, getattr(hint, "__supertype__", None), getattr(hint, "__value__", None)):
                if inner is not None:
                    waiting.append(inner)

    def _take_up(self, form: Form) -> None:
        self._by_class[form.kind] = form
        other = self._by_name.setdefault(form.name, form)
        if other is not form and not other.is_registered:
            self._shared.setdefault(form.name, {other.kind}).add(form.kind)


def _hints_of(fn: Callable[..., Any]) -> tuple[list[Any], bool]:
    """The hints of a function as objects, and whether none is missing."""
    annotations = cast("Mapping[str, Any]", getattr(fn, "__annotations__", {}))
    code, cells = getattr(fn, "__code__", None), getattr(fn, "__closure__", None) or ()
    local: dict[str, Any] = {}
    for name, cell in zip(getattr(code, "co_freevars", ()), cells, strict=False):
        try:
            local[name] = cell.cell_contents
        except ValueError:
            continue  # not assigned yet
    found: list[Any] = []
    for annotation in annotations.values():
        try:
            probe = types.SimpleNamespace(__annotations__={"hint": annotation})
            module = getattr(fn, "__globals__", {})
            found += typing.get_type_hints(probe, module, local, include_extras=True).values()
        except Exception:
            continue  # a name that is defined later, or only for a type checker
    return found, len(found) == len(annotations)


def _fields_of(kind: Any) -> list[Any]:
    """The hints of the fields of a class, if it has any that are stored."""
    if not (_form_of(kind, "") or typing.is_typeddict(kind)) or issubclass(kind, enum.Enum):
        return []
    try:
        return list(typing.get_type_hints(kind).values())
    except Exception:
        return []


def _form_of(kind: Any, name: str) -> Form | None:
    """How objects of a class are written if it is of a kind that tells that itself."""
    if issubclass(kind, enum.Enum):
        return _enum_form(kind, name)
    pydantic = sys.modules.get("pydantic")
    if pydantic is not None and issubclass(kind, pydantic.BaseModel):
        return _model_form(kind, name)
    fields: Any = getattr(kind, "_fields", None)
    if fields is not None and tuple in kind.__mro__:
        return _tuple_form(kind, name)
    if hasattr(kind, "__dataclass_fields__") and _is_plain_object(kind):
        return _dataclass_form(kind, name)
    return None


def _is_plain_object(kind: Any) -> bool:
    return all(base is object for base in kind.__mro__ if base.__module__ == "builtins")


def _enum_form(kind: type[enum.Enum], name: str) -> Form:
    # A combination of flags may have no name.
    if issubclass(kind, enum.Flag):
        return Form(name, kind, lambda value: value.value, kind)

    def load(stored: Any) -> enum.Enum:
        try:
            return kind[stored]
        except KeyError:
            raise ValueError(f"it has no member {stored!r}") from None

    return Form(name, kind, lambda value: value.name, load)


def _dataclass_form(kind: Any, name: str) -> Form:
    fields = dataclasses.fields(kind)

    def dump(value: Any) -> dict[str, Any]:
        return {f.name: getattr(value, f.name) for f in fields if hasattr(value, f.name)}

    def load(stored: Any) -> Any:
        made: Any = object.__new__(kind)
        given: dict[str, Any] = dict(stored)
        for field in fields:
            if field.name in given:
                value = given[field.name]
            elif field.default is not dataclasses.MISSING:
                value = field.default
            elif field.default_factory is not dataclasses.MISSING:
                value = field.default_factory()
            elif field.init:
                raise ValueError(f"it has no {field.name!r}, and the class no default for that")
            else:
                continue
            object.__setattr__(made, field.name, value)
        return made

    return Form(name, kind, dump, load)


def _tuple_form(kind: Any, name: str) -> Form:
    names: tuple[str, ...] = kind._fields

    def load(stored: Any) -> Any:
        given: dict[str, Any] = {**kind._field_defaults, **dict(stored)}
        missing = [n for n in names if n not in given]
        if missing:
            raise ValueError(f"it has no {missing[0]!r}, and the class no default for that")
        values: Any = [given[n] for n in names]
        make: Any = getattr(tuple, "__new__")  # noqa: B009 - not the class's own
        return make(kind, values)

    return Form(name, kind, lambda value: dict(zip(names, value, strict=True)), load)


def _model_form(kind: Any, name: str) -> Form:
    def dump(value: Any) -> dict[str, Any]:
        fields = {field: value.__dict__[field] for field in kind.model_fields if field in value.__dict__}
        return {**fields, **(value.__pydantic_extra__ or {})}

    def load(stored: Any) -> Any:
        # Without validation: it comes back as it was, also when it was changed after that.
        given: dict[str, Any] = dict(stored)
        made = kind.__new__(kind)
        fields: dict[str, Any] = {}
        for field, about in kind.model_fields.items():
            if field in given:
                fields[field] = given.pop(field)
            elif not about.is_required():
                fields[field] = about.get_default(call_default_factory=True)
            else:
                raise ValueError(f"it has no {field!r}, and the class no default for that")
        extra = given if kind.model_config.get("extra") == "allow" else None
        private = {key: about.get_default() for key, about in kind.__private_attributes__.items()}
        made.__setstate__(
            {
                "__dict__": fields,
                "__pydantic_fields_set__": set(fields) & set(stored) | set(extra or ()),
                "__pydantic_extra__": extra,
                "__pydantic_private__": private or None,
            }
        )
        return made

    return Form(name, kind, dump, load)


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
