"""What is stored, for people: as JSON text that no class was looked up for."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, cast

from .._errors import ApplicationError
from .._handle import StepStatus, WorkflowStatus
from .._serialize import Codec, portable_error

# A longer text is cut: a browser shows it, and nobody reads it.
MOST_CHARACTERS = 100_000


class StoredValues(Codec):
    """Reads values as they are stored: those of unknown classes and serializers are shown, too, and an error
    is never an object of its class."""

    def loads(self, text: str | None) -> Any:
        """The JSON value of a text, with its tags."""
        return None if text is None else json.loads(text)

    def restore_error(self, found: Any) -> BaseException:
        """The error of a JSON value, as a name and a text."""
        if not isinstance(found, dict):
            return ApplicationError("Error", str(found))
        error = cast("dict[str, Any]", found)
        name, message = str(error.get("name", "Error")), str(error.get("message", ""))
        return ApplicationError(name, message, error.get("code"), error.get("data"))


def shown(value: Any) -> dict[str, Any] | None:
    """A value as text: a browser's numbers are too short for those of the database. None: there is none."""
    if value is None:
        return None
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return {"text": text[:MOST_CHARACTERS], "length": len(text)}


def shown_error(error: BaseException | None) -> dict[str, Any] | None:
    """An error as its name, its text, and what else is known of it."""
    if error is None:
        return None
    found = portable_error(error)
    return {**found, "data": shown(found["data"] or None)}


def shown_workflow(found: WorkflowStatus) -> dict[str, Any]:
    """A workflow for the browser."""
    return {
        **fields(found),
        "input": shown(found.input),
        "output": shown(found.output),
        "error": shown_error(found.error),
        "attributes": shown(found.attributes),
    }


def shown_step(found: StepStatus) -> dict[str, Any]:
    """A step for the browser."""
    return {
        **fields(found),
        "output": shown(found.output),
        "error": shown_error(found.error),
        "errors": [shown_error(error) for error in found.errors],
    }


def fields(found: Any) -> dict[str, Any]:
    """The fields of a dataclass, as they are."""
    return {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}


def dump(value: Mapping[str, Any]) -> bytes:
    """An answer: times in ISO 8601, spans in seconds, keys of 64 bits as text."""
    return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if dataclasses.is_dataclass(value):
        return fields(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")
