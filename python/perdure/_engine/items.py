"""What goes into the engine's functions and comes out of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from .._errors import InvalidArgument

T = TypeVar("T")


class Claimed(NamedTuple):
    """A workflow that this executor owns: a row of `claim`."""

    key: int
    token: int
    workflow_id: str
    name: str
    queue: str | None
    input: str | None
    attempt: int
    steps: str | None
    time_left: float | None
    identity: str | None = None


class Lease(NamedTuple):
    """What a renewed lease says, in seconds: when to renew it again, and what waits longer than this is put
    down."""

    renew_in: float
    suspend_after: float


class Started(NamedTuple):
    """A row of `start_many`; `token` is None if the id existed already, or its deadline has passed."""

    key: int
    workflow_id: str
    token: int | None
    time_left: float | None
    identity: str | None = None


class Outcome(NamedTuple):
    """How a workflow ended."""

    workflow_id: str
    status: str
    output: str | None
    error: str | None


class Refusal(NamedTuple):
    """What the engine says of an item that it did not write; what stands instead; in how many seconds it is
    retried."""

    outcome: str
    label: str | None
    output: str | None
    error: str | None
    retry_in: float | None = None


class StepNumber(int):
    """The number of a step whose place is recorded with it, because the number depends on time."""

    place: str

    def __new__(cls, number: int, place: str) -> StepNumber:
        made = super().__new__(cls, number)
        made.place = place
        return made


class HasStep(Protocol):
    """What is written for a step of a workflow that is owned under the token."""

    @property
    def key(self) -> int: ...
    @property
    def token(self) -> int: ...
    @property
    def step(self) -> int: ...


class StepPlace(NamedTuple):
    """The step of a running workflow, owned under this token, that a call is."""

    key: int
    token: int
    step: int


class StepItem(NamedTuple):
    """A step to record."""

    key: int
    token: int
    step: int
    name: str
    output: str | None
    error: str | None
    seconds: float


class FinishItem(NamedTuple):
    """A workflow to end."""

    key: int
    token: int
    output: str | None
    error: str | None


class StartItem(NamedTuple):
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
    # The trace context in which it is started.
    trace: str | None = None


class SleepItem(NamedTuple):
    """A sleep to begin, or to go on with."""

    key: int
    token: int
    step: int
    seconds: float
    put_down: bool = False


class WaitItem(NamedTuple):
    """A step that waits for a message of a topic, or for an event of another workflow."""

    key: int
    token: int
    step: int
    workflow_id: str | None
    name: str | None
    timeout: float | None
    put_down: bool = False


class Waited(NamedTuple):
    """What came of a wait: a row of `recv_many`, `await_events` or `sleep_many`; `wait_for` in seconds."""

    outcome: str
    name: str | None
    value: str | None
    wait_for: float


class EventItem(NamedTuple):
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


def place_arrays(items: Sequence[HasStep]) -> tuple[Any, ...] | None:
    """The parameters of place_steps for these; None if none of them has a place."""
    if not any(isinstance(i.step, StepNumber) for i in items):
        return None
    return (
        numbers(i.key for i in items),
        numbers(i.token for i in items),
        numbers(i.step for i in items),
        texts([i.step.place if isinstance(i.step, StepNumber) else None for i in items]),
    )


def array_or_none(values: list[T | None]) -> list[T | None] | None:
    return values if any(value is not None for value in values) else None


def parent_arrays(parents: list[Any] | None) -> tuple[Any, Any, Any]:
    if parents is None:
        return None, None, None
    keys, tokens, steps = zip(*parents, strict=True)
    return list(keys), list(tokens), list(steps)


def parent_steps(items: Iterable[StartItem]) -> list[StepPlace]:
    """The steps of their parents in which children are started."""
    return [StepPlace(*i.parent) for i in items if i.parent is not None]


def numbers(values: Iterable[int]) -> str:
    """An array of numbers as Postgres reads it; much faster than what psycopg makes of a list."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Sequence[str | None]) -> str:
    """An array of texts as Postgres reads it; see `numbers`."""
    if None in values:
        return "{" + ",".join("NULL" if v is None else _quoted((v,)) for v in values) + "}"
    return "{" + _quoted(cast("Sequence[str]", values)) + "}" if values else "{}"


def texts_or_none(values: Sequence[str | None]) -> str | None:
    """`texts`, if there are any."""
    return texts(values) if any(value is not None for value in values) else None


def _quoted(values: Sequence[str]) -> str:
    # Escaped all at once; none of them may hold what stands between them.
    joined = "\0".join(values)
    if joined.count("\0") >= len(values):
        raise InvalidArgument("a text cannot hold a NUL character")
    return '"' + joined.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","') + '"'
