"""Workflows that run and wait, and what must always hold of those who wait."""

import uuid
from typing import Any, NamedTuple

import psycopg

from tests_py.concurrency.engine import Engine

# A hundred years are enough to see that something else has woken a workflow.
RECV = "select outcome, message from recv(%s, %s, %s, timeout => null)"
RECV_DOWN = "select outcome, message from recv(%s, %s, %s, timeout => null, put_down => true)"
SEND = "select send(%s, %s)"
SUSPEND = "select suspend(%s, %s, '100 years')"
FINISH = "select * from finish_many(array[%s]::bigint[], array[%s]::bigint[], array['42']::json[])"

INVARIANTS = {
    # Once all who write have ended and a claim has carried out the wake-ups.
    "nobody is put down who has a message of a topic it waits for": """
        select t.key from tasks t
        join waits w on w.waiter_key = t.key and w.target_key = t.key and w.kind = 'message'
        where t.status = 'PENDING' and t.executor_id is null
          and exists (select from messages m where m.key = t.key and m.topic = w.name and not m.received)
    """,
    "nobody is put down who waits for an event that is set": """
        select t.key from tasks t
        join waits w on w.waiter_key = t.key and w.kind = 'event'
        where t.status = 'PENDING' and t.executor_id is null
          and exists (select from events e where e.key = w.target_key and e.name = w.name)
    """,
    "nobody is put down until the end of what has ended": """
        select t.key from tasks t
        join waits w on w.waiter_key = t.key and w.kind = 'end'
        where t.status = 'PENDING' and t.executor_id is null
          and not exists (select from tasks o where o.key = w.target_key)
    """,
    "no wake-up is left": "select w.key from wakes w",
    "the entries of a stream are numbered without a gap, and end with its close": """
        select s.key from stream_entries s
        group by s.key, s.name
        having min(s.entry) <> 0 or max(s.entry) <> count(*) - 1
          or max(s.entry) <> coalesce(max(s.entry) filter (where s.closes), max(s.entry))
          or count(*) filter (where s.closes) > 1
    """,
}


class Flow(NamedTuple):
    """A workflow that an executor has claimed."""

    id: str
    key: int
    token: int

    def step(self, number: int) -> tuple[int, int, int]:
        """What recv, set_event and their like begin with."""
        return (self.key, self.token, number)


class WaitingEngine(Engine):
    """The engine in the test's database, seen by a superuser, with an eye on those who wait."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        super().__init__(connection)
        self.worker = self.executor()

    def running(self) -> Flow:
        """A new workflow that the worker has claimed."""
        [workflow_id] = self.enqueue(1, workflow_ids=[str(uuid.uuid4())])
        return self.claim_flow(workflow_id)

    def claim_flow(self, workflow_id: str) -> Flow:
        """Claims one workflow, and what else waits."""
        claimed = {flow.id: flow for flow in self.claim_flows()}
        return claimed[workflow_id]

    def claim_flows(self) -> list[Flow]:
        rows = self.rows(
            "select workflow_id, workflow_key, token from claim(%s, max_workflows => 1000)", [self.worker]
        )
        return [Flow(*row) for row in rows]

    def woken(self) -> list[str]:
        """The ids of the workflows that the next claim brings."""
        return [flow.id for flow in self.claim_flows()]

    def pass_time(self, interval: str) -> None:
        """Let the moments of those who are put down come nearer, as if the time had passed."""
        self.rows(
            "update tasks set wake_at = wake_at - %s::interval where wake_at is not null returning 1",
            [interval],
        )

    def steps(self, flow: Flow) -> list[tuple[int, str, Any]]:
        """The completed steps of a workflow, with what they returned."""
        return self.rows(
            "select step, name, output from steps where key = %s and completed_at is not null order by step",
            [flow.key],
        )

    def messages(self, flow: Flow) -> list[Any]:
        """What a workflow has not received yet, in order."""
        return [
            message
            for (message,) in self.rows(
                "select message from messages where key = %s and not received order by message_id", [flow.key]
            )
        ]

    def violations(self) -> dict[str, list[Any]]:
        found = {name: self.rows(query) for name, query in INVARIANTS.items()}
        return super().violations() | {name: keys for name, keys in found.items() if keys}
