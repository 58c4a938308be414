"""What can be said of a workflow when it is enqueued, besides its arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

from ._checks import Seconds, flag, integer, number, period, text
from ._errors import InvalidArgument
from ._identity import dump_attributes, role_names
from ._queue import queue_name


class EnqueueOptions(NamedTuple):
    """The options of `enqueue`. Spans are seconds or timedeltas.

    Attributes:
        queue: the name of the queue, or what `Client.queue` has returned; None: that of the application.
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

    queue: str | None = "default"
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
        return self._replace(
            workflow_id=None, priority=0, partition_key=None, deduplication_id=None, attributes=None
        )


_NAMES = frozenset(EnqueueOptions._fields)


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


def debounce_options(options: dict[str, Any]) -> None:
    """Raises InvalidArgument for an option of `enqueue` that a debounce does not have."""
    unknown = sorted(_NAMES & options.keys() - _DEBOUNCE)
    if unknown:
        raise InvalidArgument(
            f"{unknown[0]!r} is no option of debounce: there are delay, max_delay,"
            f" {', '.join(sorted(_DEBOUNCE))}"
        )


def _any(_what: str, value: object) -> object:
    return value


def _attributes(what: str, value: object) -> object:
    dump_attributes(what, value)
    return value


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "queue": queue_name,
    "workflow_id": _any,
    "priority": integer,
    "partition_key": text,
    "deduplication_id": text,
    "on_duplicate": text,
    "delay": period,
    "expires_in": period,
    "retries": integer,
    "retry_interval": period,
    "retry_backoff": number,
    "retry_max_interval": period,
    "create_queue": flag,
    "timeout": period,
    "deadline": _any,
    "app_version": text,
    "attributes": _attributes,
    "authenticated_user": text,
    "authenticated_roles": role_names,
    "assumed_role": text,
    "class_name": text,
    "config_name": text,
}


_DEBOUNCE = frozenset(
    {"queue", "workflow_id", "priority", "partition_key", "timeout", "deadline", "attributes", "create_queue"}
    | {"authenticated_user", "authenticated_roles", "assumed_role", "class_name", "config_name"}
)
