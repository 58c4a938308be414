"""What the tests of queues do to the engine besides calling it, and what must always hold of it."""

from collections.abc import Callable
from typing import Any

import psycopg

from tests_py.concurrency.engine import Engine

CLAIM = "select workflow_key, token from claim(%s, max_workflows => %s)"

INVARIANTS = {
    "an active workflow has a live queue": """
        select t.key from tasks t
        where not exists (select from queues q where q.queue_id = t.queue_id)
    """,
    "a workflow of a partitioned queue is in one of its partitions, of another in none": """
        select t.key from tasks t join queues q using (queue_id)
        where q.partitioned <> exists (
          select from lanes l where l.queue_id = t.queue_id and l.lane_id = t.lane_id
        )
    """,
    "a deduplication id is held by an active workflow that knows it": """
        select d.key from deduplications d
        where not exists (
          select from tasks t join workflows w using (key)
          where t.key = d.key and t.deduplicated and t.queue_id = d.queue_id and t.lane_id = d.lane_id
            and w.deduplication_id = d.deduplication_id
        )
    """,
    "an active workflow with a deduplication id holds it": """
        select t.key from tasks t
        where t.deduplicated and not exists (select from deduplications d where d.key = t.key)
    """,
    "what runs in a queue with limits has a place there": """
        select t.key from tasks t join queues q using (queue_id)
        where q.limited and t.status = 'PENDING' and not t.placed
    """,
    "what has a place has been started": """
        select t.key from tasks t where t.placed and t.started_at is null
    """,
    "what is delayed has no place": """
        select t.key from tasks t where t.status = 'DELAYED' and t.placed
    """,
}


class QueueEngine(Engine):
    """The engine in the test's database, seen by a superuser, with an eye on its queues."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        super().__init__(connection)

    def register(self, queue: str, **settings: Any) -> None:
        """Make a queue; the settings are those of register_queue."""
        named = "".join(f", {name} => %({name})s" for name in settings)
        self.rows(f"select register_queue(%(queue)s{named})", {"queue": queue, **settings})

    def ids(self, executor: int, many: int = 1) -> list[str]:
        """Claim workflows; returns their ids, in the order of the claim."""
        return [
            workflow_id
            for (workflow_id,) in self.rows(
                "select workflow_id from claim(%s, max_workflows => %s)", [executor, many]
            )
        ]

    def finish_all(self, executor: int) -> None:
        """Finish whatever the executor owns."""
        self.rows(
            """select f.item
               from (select array_agg(key) as keys, array_agg(token) as tokens
                     from tasks where executor_id = %s having count(*) > 0) as t,
               finish_many(t.keys, t.tokens, array_fill('null'::json, array[cardinality(t.keys)])) as f""",
            [executor],
        )

    def violations(self) -> dict[str, list[Any]]:
        found = {name: self.rows(query) for name, query in INVARIANTS.items()}
        return super().violations() | {name: keys for name, keys in found.items() if keys}


def refusal(call: Callable[[], Any]) -> str | None:
    """The SQLSTATE of what the call raises; None if it does what it was asked."""
    try:
        call()
    except psycopg.Error as error:
        return error.sqlstate
    return None
