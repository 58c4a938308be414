"""What goes into the engine's functions and comes out of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class Claimed:
    """A workflow that this executor owns: a row of `claim`."""

    key: int
    token: int
    workflow_id: str
    name: str
    queue: str
    input: str | None
    attempt: int
    steps: str | None
    time_left: float | None
    identity: str | None = None


@dataclass(slots=True, frozen=True)
class Started:
    """A row of `start_many`; `token` is None if the id existed already, or its deadline has passed."""

    key: int
    workflow_id: str
    token: int | None
    time_left: float | None
    identity: str | None = None


@dataclass(slots=True, frozen=True)
class Outcome:
    """How a workflow ended."""

    workflow_id: str
    status: str
    output: str | None
    error: str | None


@dataclass(slots=True, frozen=True)
class Refusal:
    """What the engine says of an item that it did not write; what stands instead; in how many seconds it is
    retried."""

    outcome: str
    label: str | None
    output: str | None
    error: str | None
    retry_in: float | None = None


@dataclass(slots=True, frozen=True)
class StepItem:
    """A step to record."""

    key: int
    token: int
    step: int
    name: str
    output: str | None
    error: str | None
    seconds: float


@dataclass(slots=True, frozen=True)
class FinishItem:
    """A workflow to end."""

    key: int
    token: int
    output: str | None
    error: str | None


@dataclass(slots=True, frozen=True)
class StartItem:
    """A workflow to start: directly, or in a queue. A child names its parent's key, token and step."""

    name: str
    workflow_id: str
    input: str
    max_recovery_attempts: int
    priority: int = 0
    partition_key: str | None = None
    deduplication_id: str | None = None
    parent: tuple[int, int, int] | None = None
    timeout: dt.timedelta | None = None
    deadline: dt.datetime | None = None
    attributes: str | None = None
    # The user, the roles and the assumed role.
    authority: tuple[str | None, tuple[str, ...] | None, str | None] = (None, None, None)
    class_name: str | None = None
    config_name: str | None = None


@dataclass(slots=True, frozen=True)
class SleepItem:
    """A sleep to begin, or to go on with."""

    key: int
    token: int
    step: int
    seconds: float
    put_down: bool = False


@dataclass(slots=True, frozen=True)
class WaitItem:
    """A step that waits for a message of a topic, or for an event of another workflow."""

    key: int
    token: int
    step: int
    workflow_id: str | None
    name: str | None
    timeout: float | None
    put_down: bool = False


@dataclass(slots=True, frozen=True)
class Waited:
    """What came of a wait: a row of `recv_many`, `await_events` or `sleep_many`; `wait_for` in seconds."""

    outcome: str
    name: str | None
    value: str | None
    wait_for: float


@dataclass(slots=True, frozen=True)
class EventItem:
    """An event to set, or a value to write to a stream."""

    key: int
    token: int
    step: int
    name: str
    value: str | None
    in_step: bool
    closes: bool = False


def refusals(many: int, rows: Sequence[Any]) -> list[Refusal | None]:
    """For each item None, or what the engine says of it; the first column of a row is the item, from 1."""
    found: list[Refusal | None] = [None] * many
    for item, *rest in rows:
        found[item - 1] = Refusal(*rest)
    return found


def array_or_none(values: list[T | None]) -> list[T | None] | None:
    return values if any(value is not None for value in values) else None


def parent_arrays(parents: list[Any] | None) -> tuple[Any, Any, Any]:
    if parents is None:
        return None, None, None
    keys, tokens, steps = zip(*parents, strict=True)
    return list(keys), list(tokens), list(steps)
