"""What can be said of a workflow when it is enqueued, besides its arguments."""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from ._errors import InvalidArgument
from ._identity import dump_attributes, role_names
from ._queue import Queue

Seconds = float | dt.timedelta

_CENTURY = 100 * 365.25 * 86400.0


@dataclass(slots=True, frozen=True)
class EnqueueOptions:
    """The options of `enqueue`. Spans are seconds or timedeltas.

    Attributes:
        queue: the name of the queue, or what `Client.queue` has returned.
        workflow_id: 1 to 512 bytes; None: a new time-ordered one. An id starts one workflow, once.
        priority: lower runs first.
        partition_key: for a partitioned queue, whose turn it takes: a tenant, a customer.
        deduplication_id: one active workflow of the queue, or of the partition, may have it.
        on_duplicate: when it is held: "reject" (raise DeduplicationConflict), or "return_existing" (a
            handle to the workflow that holds it, if that has the same name).
        delay: how long it stays DELAYED before it can run.
        expires_in: after how long it is CANCELLED unless it has started.
        retries: how often it is run again when it fails; retry n waits retry_interval *
            retry_backoff ** (n - 1), at most retry_max_interval.
        timeout: how long it may take from its first start to its end, over all attempts and retries; None:
            that of its decorator, if it is given as a function that has one.
        deadline: when it has to have ended; a datetime with a time zone. When the timeout, the deadline or
            the deadline of its parent has passed it is CANCELLED, with WorkflowTimedOut.
        create_queue: make the queue, without limits, if it does not exist.
        app_version: only workers of this version, or without version, take it; None: those of the latest.
        attributes: JSON values by name, for those who search; see `Client.set_attributes`.
        authenticated_user, authenticated_roles, assumed_role: on whose behalf it runs. None: as
            `Client.authenticated` says; in a workflow, as its parent.
        class_name, config_name: for a method that is given by name, its class and its configured instance.
    """

    queue: str = "default"
    workflow_id: str | None = None
    priority: int = 0
    partition_key: str | None = None
    deduplication_id: str | None = None
    on_duplicate: Literal["reject", "return_existing"] = "reject"
    delay: Seconds | None = None
    expires_in: Seconds | None = None
    retries: int = 0
    retry_interval: Seconds = 1.0
    retry_backoff: float = 2.0
    retry_max_interval: Seconds = 3600.0
    create_queue: bool = False
    timeout: Seconds | None = None
    deadline: dt.datetime | None = None
    app_version: str | None = None
    attributes: Mapping[str, Any] | None = None
    authenticated_user: str | None = None
    authenticated_roles: Sequence[str] | None = None
    assumed_role: str | None = None
    class_name: str | None = None
    config_name: str | None = None

    @property
    def are_plain(self) -> bool:
        """Whether nothing is said about when, how often and beside what it runs."""
        return (
            self.partition_key is self.deduplication_id is self.delay is self.expires_in is None
            and not self.retries
            and not self.create_queue
        )

    def shared(self) -> EnqueueOptions:
        """What is the same for all that may be enqueued in one call."""
        return dataclasses.replace(
            self,
            workflow_id=None,
            priority=0,
            partition_key=None,
            deduplication_id=None,
            attributes=None,
        )


@dataclass(slots=True, frozen=True)
class QueueLimits:
    """The settings of a queue; see `Client.queue`. Periods are seconds or timedeltas."""

    concurrency: int | None = None
    worker_concurrency: int | None = None
    rate_limit: int | None = None
    rate_period: Seconds | None = None
    partitioned: bool = False
    partition_concurrency: int | None = None
    partition_rate_limit: int | None = None
    partition_rate_period: Seconds | None = None
    priority_ageing: Seconds | None = None


_NAMES = frozenset(field.name for field in dataclasses.fields(EnqueueOptions))


def split_options(workflow: Any, kwargs: dict[str, Any]) -> tuple[EnqueueOptions, dict[str, Any]]:
    """The options among keyword arguments, and the others, which are for the workflow.

    Raises:
        InvalidArgument: the workflow has a parameter of its own with the name of an option given.
    """
    given: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in kwargs.items():
        (given if name in _NAMES else others)[name] = value
    check_clash(workflow, given)
    if given.get("on_duplicate") is not None and "deduplication_id" not in given:
        raise InvalidArgument(
            "on_duplicate says what to do when the deduplication id is held: give a deduplication_id"
        )
    checked = {
        name: _CHECKS[name](name, value)
        for name, value in given.items()
        # None is as good as left out.
        if value is not None or name == "queue"
    }
    return EnqueueOptions(**checked), others


def check_clash(workflow: Any, given: Iterable[str]) -> None:
    """Raises InvalidArgument if one of these options, which were given, is a parameter of the workflow."""
    # One that is given by name says nothing of its parameters.
    clash = sorted(getattr(workflow, "parameter_names", frozenset[str]()).intersection(given))
    if clash:
        raise InvalidArgument(
            f"{clash[0]!r} is an option of starting a workflow and also a parameter of this one: rename"
            " the parameter, or pass its value by position"
        )


def span(value: Seconds | None) -> dt.timedelta | None:
    """Seconds as a timedelta.

    Raises:
        InvalidArgument: not a span of time.
    """
    if value is None or isinstance(value, dt.timedelta):
        return value
    try:
        return dt.timedelta(seconds=value)
    except (OverflowError, ValueError, TypeError):
        raise InvalidArgument(f"{value!r} is no span of time: give seconds, or a timedelta") from None


def as_seconds(what: str, value: Seconds) -> float:
    """A span in seconds.

    Raises:
        InvalidArgument: not a span of time.
    """
    found = span(value)
    if found is None:
        raise InvalidArgument(f"the {what} is missing: give seconds, or a timedelta")
    return found.total_seconds()


def positive_seconds(what: str, value: object) -> float:
    """A span of time as seconds.

    Raises:
        InvalidArgument: it is none, or not more than 0.
    """
    seconds = value.total_seconds() if isinstance(value, dt.timedelta) else number(what, value)
    if not 0 < seconds < math.inf:
        raise InvalidArgument(f"{what} is more than 0 seconds, not {value!r}")
    return seconds


def number(what: str, value: object) -> float:
    """The value, if it is a number.

    Raises:
        InvalidArgument: it is something else.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise InvalidArgument(f"{what} is a number, not {value!r}")
    return value


def queue_name(what: str, value: object) -> str:
    """The name of a queue, given by its name or as a `Queue`.

    Raises:
        InvalidArgument: it is something else.
    """
    return value.name if isinstance(value, Queue) else text(what, value)


def queue_names(value: object) -> list[str] | None:
    """The queues that a worker serves: None, one, or several.

    Raises:
        InvalidArgument: it is something else.
    """
    if value is None:
        return None
    if isinstance(value, (str, Queue)):
        return [queue_name("queues", value)]
    if not isinstance(value, Iterable):
        raise InvalidArgument(f"queues is a list of names, not {value!r}")
    return [queue_name("each of queues", one) for one in cast("Iterable[object]", value)]


def text(what: str, value: object) -> str:
    """The value, if it is a string.

    Raises:
        InvalidArgument: it is something else.
    """
    if not isinstance(value, str):
        raise InvalidArgument(f"{what} is a string, not {value!r}")
    return value


def checked_name(what: str, value: object) -> str:
    """The value, if it can be a name: 1 to 512 bytes that Postgres can hold.

    Raises:
        InvalidArgument: it is something else.
    """
    found = text(what, value)
    try:
        size = len(found.encode())
    except UnicodeEncodeError:
        size = None
    if size is None or "\0" in found:
        raise InvalidArgument(f"{what} cannot hold a NUL character or a lone surrogate: {found!r:.80}")
    if not 1 <= size <= 512:
        raise InvalidArgument(f"{what} has 1 to 512 bytes, not {size}")
    return found


def name_for(what: str, given: object, fn: object) -> str:
    """The name under which a decorated function is stored: the given one, or its qualified name.

    Raises:
        InvalidArgument: it is no function, or there is no such name.
    """
    if not callable(fn):
        raise InvalidArgument(f"the decorator of a {what} takes a function, not {fn!r}")
    if given is None:
        given = getattr(fn, "__qualname__", None)
        if given is None:
            raise InvalidArgument(f"{fn!r} has no name of its own: give the {what} one, `name=`")
    return checked_name(f"the name of a {what}", given)


def check_retries(
    retries: object, interval: object, backoff: object, max_interval: object, should_retry: object
) -> None:
    """Raises InvalidArgument unless these say how a step is tried again."""
    if not (
        0 <= whole_number("retries", retries, -math.inf) < 2**31 - 1
        and 0 <= number("interval", interval) <= _CENTURY
        and 1 <= number("backoff", backoff) < math.inf
        and 0 <= number("max_interval", max_interval) <= _CENTURY
    ):
        raise InvalidArgument(
            "retries, interval and max_interval are not negative, retries has 31 bits, no interval is longer"
            " than 100 years, and backoff is a number of at least 1"
        )
    if should_retry is not None and (not callable(should_retry) or inspect.iscoroutinefunction(should_retry)):
        raise InvalidArgument(
            "should_retry is a plain function that gets the error and returns whether to try again, not"
            f" {should_retry!r}"
        )


def flag(what: str, value: object) -> bool:
    """The value, if it is True or False.

    Raises:
        InvalidArgument: it is something else.
    """
    if not isinstance(value, bool):
        raise InvalidArgument(f"{what} is True or False, not {value!r}")
    return value


def _integer(what: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
        raise InvalidArgument(f"{what} is a whole number of 32 bits, not {value!r}")
    return value


def _period(what: str, value: object) -> object:
    if not isinstance(value, dt.timedelta):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidArgument(f"{what} is a span of time, in seconds or as a timedelta, not {value!r}")
        span(value)
    return value


def _any(_what: str, value: object) -> object:
    return value


def _attributes(what: str, value: object) -> object:
    dump_attributes(what, value)
    return value


def whole_number(what: str, value: object, least: float) -> int:
    """The value, if it is a whole number of at least so much.

    Raises:
        InvalidArgument: it is something else.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidArgument(f"{what} is a whole number, not {value!r}")
    if value < least:
        raise InvalidArgument(f"{what} is at least {least}, not {value}")
    return value


def moment(value: object) -> dt.datetime | None:
    """A deadline.

    Raises:
        InvalidArgument: not a datetime with a time zone.
    """
    if value is None:
        return None
    if not isinstance(value, dt.datetime) or value.utcoffset() is None:
        raise InvalidArgument(
            f"a deadline is a datetime with a time zone, not {value!r}: datetime.now(timezone.utc) has one"
        )
    return value


_EACH = {
    "workflow_ids": "workflow_id",
    "priorities": "priority",
    "partition_keys": "partition_key",
    "deduplication_ids": "deduplication_id",
}


def split_each(options: dict[str, Any], many: int) -> list[dict[str, Any]]:
    """Takes the options that have an element for each workflow out of the others; one dict for each.

    Raises:
        InvalidArgument: such a list has another length, or an option is unknown.
    """
    each: list[dict[str, Any]] = [{} for _ in range(many)]
    attributes = options.get("attributes")
    if isinstance(attributes, (list, tuple)):
        del options["attributes"]
        listed = list(cast("Sequence[object]", attributes))
        if len(listed) != many:
            raise InvalidArgument(f"{many} inputs, but {len(listed)} attributes")
        for one, value in zip(each, listed, strict=True):
            one["attributes"] = value
    for plural, name in _EACH.items():
        values = options.pop(plural, None)
        if values is None:
            continue
        if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
            raise InvalidArgument(f"{plural} has an element for each workflow, it cannot be {values!r}")
        listed = list(cast("Iterable[object]", values))
        if len(listed) != many:
            raise InvalidArgument(f"{many} inputs, but {len(listed)} {plural}")
        for one, value in zip(each, listed, strict=True):
            one[name] = value
    for plural in ("workflow_ids", "deduplication_ids"):
        if options.pop(_EACH[plural], None) is not None:
            raise InvalidArgument(
                f"one {_EACH[plural]} for all would start only one workflow: give {plural}, one for each"
            )
    unknown = sorted(options.keys() - _NAMES)
    if unknown:
        known = sorted(_NAMES - {"workflow_id", "deduplication_id"} | _EACH.keys())
        raise InvalidArgument(f"{unknown[0]!r} is no option of enqueue_many: there are {', '.join(known)}")
    return each


def split_input(place: int, given: object) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The positional and the named arguments of one of many workflows.

    Raises:
        InvalidArgument: neither a sequence nor a mapping.
    """
    if type(given) is tuple:
        return cast("tuple[Any, ...]", given), {}
    if isinstance(given, Mapping):
        named = cast("Mapping[Any, Any]", given)
        return (), {text(f"input {place}: the name of an argument", name): named[name] for name in named}
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes, bytearray)):
        return tuple(cast("Sequence[Any]", given)), {}
    raise InvalidArgument(
        f"input {place} is {given!r}: give the arguments of each workflow as a list or tuple, or by name as a"
        " dict"
    )


def queue_limits(settings: dict[str, Any]) -> QueueLimits:
    """The settings of a queue.

    Raises:
        InvalidArgument: one is unknown.
    """
    known = {field.name for field in dataclasses.fields(QueueLimits)}
    unknown = sorted(settings.keys() - known)
    if unknown:
        raise InvalidArgument(f"a queue has no setting {unknown[0]!r}: there are {', '.join(sorted(known))}")
    checked = {
        name: _LIMIT_CHECKS[name](name, value) for name, value in settings.items() if value is not None
    }
    return QueueLimits(**checked)


def debounce_options(options: dict[str, Any]) -> None:
    """Raises InvalidArgument for an option of `enqueue` that a debounce does not have."""
    unknown = sorted(_NAMES & options.keys() - _DEBOUNCE)
    if unknown:
        raise InvalidArgument(
            f"{unknown[0]!r} is no option of debounce: there are delay, max_delay,"
            f" {', '.join(sorted(_DEBOUNCE))}"
        )


def dump_changes(changes: dict[str, Any]) -> str:
    """Changes of settings as JSON: periods as ISO 8601 durations, which Postgres reads as intervals."""
    try:
        return json.dumps({name: _iso(value) for name, value in changes.items()}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"a setting of a queue cannot be read: {error}") from None


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "queue": queue_name,
    "workflow_id": _any,
    "priority": _integer,
    "partition_key": text,
    "deduplication_id": text,
    "on_duplicate": text,
    "delay": _period,
    "expires_in": _period,
    "retries": _integer,
    "retry_interval": _period,
    "retry_backoff": number,
    "retry_max_interval": _period,
    "create_queue": flag,
    "timeout": _period,
    "deadline": _any,
    "app_version": text,
    "attributes": _attributes,
    "authenticated_user": text,
    "authenticated_roles": role_names,
    "assumed_role": text,
    "class_name": text,
    "config_name": text,
}
_LIMIT_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "concurrency": _integer,
    "worker_concurrency": _integer,
    "rate_limit": _integer,
    "rate_period": _period,
    "partitioned": flag,
    "partition_concurrency": _integer,
    "partition_rate_limit": _integer,
    "partition_rate_period": _period,
    "priority_ageing": _period,
}
_DEBOUNCE = frozenset(
    {"queue", "workflow_id", "priority", "partition_key", "timeout", "deadline", "attributes", "create_queue"}
    | {"authenticated_user", "authenticated_roles", "assumed_role", "class_name", "config_name"}
)


def _iso(value: Any) -> Any:
    return f"PT{value.total_seconds():.6f}S" if isinstance(value, dt.timedelta) else value
