"""What a browser asks, checked: the query of a list, the body of a call."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from starlette.requests import Request

from .._errors import InvalidArgument
from .._filters import FLAG_FILTERS, WorkflowFilters

MOST_BYTES = 1_000_000
MOST_ROWS = 500

_FLAGS = {"true": True, "false": False}


def filters_of(request: Request) -> WorkflowFilters:
    """The filters in a query; texts may be repeated.

    Raises:
        InvalidArgument: a value cannot be read.
    """
    query = request.query_params
    found: dict[str, Any] = {}
    for name in query:
        if name in ("after", "limit", "order"):
            continue
        if name in FLAG_FILTERS:
            found[name] = _flag(name, query[name])
        elif name.endswith(("_from", "_until")) and name != "forked_from":
            found[name] = moment(name, query[name])
        elif name == "attributes":
            found[name] = _object(name, query[name])
        else:
            found[name] = query.getlist(name)
    return cast("WorkflowFilters", found)


def required(request: Request, name: str) -> str:
    """A value that a query must have."""
    found = request.query_params.get(name)
    if not found:
        raise InvalidArgument(f"the query has no {name}")
    return found


def whole(request: Request, name: str, default: int, most: int) -> int:
    """A number from a query, from 1 to `most`."""
    given = request.query_params.get(name)
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= most:
        raise InvalidArgument(f"{name} is a whole number from 1 to {most}, not {given!r}")
    return int(given)


def moment(name: str, given: str) -> dt.datetime:
    """A time in ISO 8601 with an offset."""
    try:
        return dt.datetime.fromisoformat(given.replace("Z", "+00:00"))
    except ValueError:
        raise InvalidArgument(f"{name} is a time as 2026-01-31T12:00:00Z, not {given!r}") from None


class Body:
    """The object that a call has sent."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    @classmethod
    async def of(cls, request: Request, *allowed: str) -> Body:
        """Reads it.

        Raises:
            InvalidArgument: it is no JSON object, too long, or has fields that are not allowed.
        """
        read = b""
        async for part in request.stream():
            read += part
            if len(read) > MOST_BYTES:
                raise InvalidArgument(f"the body is longer than {MOST_BYTES} bytes")
        values = _object("the body", read.decode("utf-8", "replace"))
        for name in values:
            if name not in allowed:
                raise InvalidArgument(f"unknown field {name!r}: there are {', '.join(allowed)}")
        return cls(values)

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self._values.get(name)
        if not isinstance(found, str) or not found:
            raise InvalidArgument(f"{name} is a text, not {found!r}")
        return found

    def optional_text(self, name: str) -> str | None:
        """A text, or None."""
        return None if self._values.get(name) is None else self.text(name)

    def texts(self, name: str) -> list[str]:
        """A list of 1 to 1000 texts."""
        found = self._values.get(name)
        if not isinstance(found, list) or not 1 <= len(cast("list[Any]", found)) <= 1000:
            raise InvalidArgument(f"{name} is a list of 1 to 1000 texts")
        texts = cast("Sequence[Any]", found)
        if not all(isinstance(each, str) for each in texts):
            raise InvalidArgument(f"{name} is a list of texts")
        return list(texts)

    def flag(self, name: str) -> bool:
        """A boolean; False if it is not there."""
        found = self._values.get(name, False)
        if not isinstance(found, bool):
            raise InvalidArgument(f"{name} is true or false, not {found!r}")
        return found

    def number(self, name: str) -> int | None:
        """A whole number, or None."""
        found = self._values.get(name)
        if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
            raise InvalidArgument(f"{name} is a whole number, not {found!r}")
        return found

    def mapping(self, name: str) -> dict[str, Any]:
        """An object that must be there."""
        found = self._values.get(name)
        if not isinstance(found, dict) or not found:
            raise InvalidArgument(f"{name} is an object with at least one field")
        return cast("dict[str, Any]", found)


def _flag(name: str, given: str) -> bool:
    if given not in _FLAGS:
        raise InvalidArgument(f"{name} is true or false, not {given!r}")
    return _FLAGS[given]


def _object(name: str, given: str) -> dict[str, Any]:
    try:
        found = json.loads(given)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"{name} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InvalidArgument(f"{name} is a JSON object")
    return cast("dict[str, Any]", found)
