"""Ids of workflows."""

from __future__ import annotations

import time
import uuid

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
    random_part = uuid.uuid4().int & ((1 << 76) - 1)
    high = random_part >> 64
    low = random_part & ((1 << 62) - 1)
    millis = time.time_ns() // 1_000_000
    return str(uuid.UUID(int=(millis << 80) | (7 << 76) | (high << 64) | (2 << 62) | low))
