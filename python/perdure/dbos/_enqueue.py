"""Starts of workflows by their name."""

from __future__ import annotations

from typing import Any, cast

from . import error
from ._app import Extras
from ._calling import engine_options
from ._context import (
    DuplicationPolicy,
    WorkflowIDReusePolicy,
    check_choice,
    check_priority,
    check_workflow_id,
    propagating,
)
from ._types import EnqueueOptions, WorkflowSerializationFormat
from ._values import writes_portably

_NAMES = {
    "workflow_id": "workflow_id",
    "app_version": "app_version",
    "workflow_timeout": "timeout",
    "delay_seconds": "delay",
    "deduplication_id": "deduplication_id",
    "priority": "priority",
    "queue_partition_key": "partition_key",
    "authenticated_user": "authenticated_user",
    "class_name": "class_name",
    "instance_name": "config_name",
    "attributes": "attributes",
}


def by_name(options: EnqueueOptions) -> tuple[dict[str, Any], str | None, bool]:
    """What the options say, as the engine takes it; what to do if the id is in use; whether the arguments are
    portable.

    Raises:
        DBOSException: an option is wrong.
    """
    given = cast("dict[str, Any]", options)
    check_priority(given.get("priority"))
    if given.get("workflow_id") is not None:
        check_workflow_id(given["workflow_id"])
    reuse, policy = given.get("workflow_id_reuse_policy"), given.get("duplication_policy")
    check_choice("workflow_id_reuse_policy", reuse, WorkflowIDReusePolicy)
    check_choice("duplication_policy", policy, DuplicationPolicy)
    found: dict[str, Any] = {
        ours: given[theirs] for theirs, ours in _NAMES.items() if given.get(theirs) is not None
    }
    if given.get("authenticated_roles") is not None:
        found["authenticated_roles"] = tuple(given["authenticated_roles"])
    if policy == "return-existing":
        if given.get("deduplication_id") is None:
            raise error.DBOSException("duplication_policy return-existing needs a deduplication_id")
        found["on_duplicate"] = "return_existing"
    return found, reuse, given.get("serialization_type") is WorkflowSerializationFormat.PORTABLE


async def put(client: Extras, options: EnqueueOptions, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Enqueues a workflow by its name; its id.

    Raises:
        DBOSException: an option is wrong, or it was not enqueued.
    """
    missing = {"workflow_name", "queue_name"} - options.keys()
    if missing:
        raise error.DBOSException(f"the options need {', '.join(sorted(missing))}")
    given = cast("dict[str, Any]", options)
    more, reuse, is_portable = by_name(options)
    found, policy = engine_options(given["queue_name"], **more)
    token = writes_portably.set(is_portable)
    try:
        with propagating(given.get("otel_context")):
            return await client.put(given["workflow_name"], args, kwargs, found, reuse or policy)
    finally:
        writes_portably.reset(token)
