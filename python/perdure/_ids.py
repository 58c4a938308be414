"""Ids of workflows."""

from __future__ import annotations

import os
import time

from ._errors import InvalidArgument


def checked_id(workflow_id: object) -> str:
    """The id as it is, if it can be one; the engine decides about its length."""
    if not isinstance(workflow_id, str):
        raise InvalidArgument(f"a workflow id is a string, not {workflow_id!r}")
    if "\0" in workflow_id or (not workflow_id.isascii() and not _encodable(workflow_id)):
        raise InvalidArgument("a workflow id cannot hold a NUL character or a lone surrogate")
    return workflow_id


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def new_workflow_id() -> str:
    """A new time-ordered id (UUID version 7, RFC 9562). Made by the client, so that a call whose answer
    was lost can be made again."""
    return new_workflow_ids(1)[0]


def new_workflow_ids(many: int) -> list[str]:
    """So many new ids: the random part of all is fetched at once."""
    stamp = f"{time.time_ns() // 1_000_000:012x}"
    head = f"{stamp[:8]}-{stamp[8:]}-7"
    drawn = os.urandom(10 * many).hex()
    return [
        f"{head}{drawn[i : i + 3]}-{_VARIANT[drawn[i + 3]]}{drawn[i + 4 : i + 7]}-{drawn[i + 7 : i + 19]}"
        for i in range(0, 20 * many, 20)
    ]


# The two highest bits of this digit say what kind of UUID it is.
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
