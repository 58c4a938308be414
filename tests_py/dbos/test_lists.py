"""The lists of `perdure.dbos`: which workflows pass, and which part of them is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from perdure.dbos import DBOS, SetWorkflowID, WorkflowStatus


def ids(found: list[WorkflowStatus]) -> list[str]:
    return [each.workflow_id for each in found]


def test_forks_are_told_from_others(launch: Callable[..., Any]) -> None:
    @DBOS.workflow()
    def plain() -> int:
        return 1

    launch(executor_id="host")
    DBOS.register_queue("forks")
    for made in ("a", "b"):
        with SetWorkflowID(made):
            plain()
        for number in (1, 2):
            with SetWorkflowID(f"{made}-{number}"):
                DBOS.fork_workflow(made, 1).get_result()
    with SetWorkflowID("b-waits"):
        DBOS.fork_workflow("b", 1, queue_name="forks", application_version="none")

    assert ids(DBOS.list_workflows(is_fork=True)) == ["a-1", "a-2", "b-1", "b-2", "b-waits"]
    assert ids(DBOS.list_workflows(is_fork=False)) == ["a", "b"]
    assert ids(DBOS.list_workflows(is_fork=True, limit=2, offset=1)) == ["a-2", "b-1"]
    assert ids(DBOS.list_workflows(is_fork=True, sort_desc=True, limit=2)) == ["b-waits", "b-2"]
    assert ids(DBOS.list_workflows(is_fork=True, forked_from="a")) == ["a-1", "a-2"]
    assert DBOS.list_workflows(is_fork=True, limit=0) == []
    assert ids(DBOS.list_queued_workflows(is_fork=True)) == ["b-waits"]
    assert DBOS.list_queued_workflows(is_fork=False) == []
    assert ids(DBOS.list_workflows(queues_only=True)) == ["b-waits"]
    DBOS.cancel_workflow("b-waits")
    assert DBOS.list_workflows(queues_only=True) == []
    assert ids(DBOS.list_workflows(queues_only=True, status="CANCELLED")) == ["b-waits"]
