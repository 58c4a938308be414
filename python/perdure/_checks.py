"""What a caller gives, checked before anything is asked of the database."""

from __future__ import annotations

import datetime as dt
import inspect
import math

from ._errors import InvalidArgument

Seconds = float | dt.timedelta

_CENTURY = 100 * 365.25 * 86400.0


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


def integer(what: str, value: object) -> int:
    """The value, if it is a whole number that Postgres's `int` holds.

    Raises:
        InvalidArgument: it is something else.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
        raise InvalidArgument(f"{what} is a whole number of 32 bits, not {value!r}")
    return value


def flag(what: str, value: object) -> bool:
    """The value, if it is True or False.

    Raises:
        InvalidArgument: it is something else.
    """
    if not isinstance(value, bool):
        raise InvalidArgument(f"{what} is True or False, not {value!r}")
    return value


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


def period(what: str, value: object) -> object:
    """The value, if it is a span of time.

    Raises:
        InvalidArgument: it is something else.
    """
    if not isinstance(value, dt.timedelta):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidArgument(f"{what} is a span of time, in seconds or as a timedelta, not {value!r}")
        span(value)
    return value


def moment(what: str, value: object) -> dt.datetime:
    """The value, if it is a moment.

    Raises:
        InvalidArgument: not a datetime with a time zone.
    """
    if not isinstance(value, dt.datetime) or value.utcoffset() is None:
        raise InvalidArgument(
            f"{what} is a datetime with a time zone, not {value!r}: datetime.now(timezone.utc) has one"
        )
    return value
