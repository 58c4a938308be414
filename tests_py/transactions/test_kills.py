"""A process is killed between any two statements of a transaction: its writes happen exactly once."""

import functools

import psycopg
import pytest

from tests_py.chaos.processes import WorkerProcess
from tests_py.transactions.workflows import POINTS, define

# Where the two commits of a datasource, or an ORM's own ways, could come apart.
END = ["after the writes", "before the commit", "after the commit"]
CASES = [
    ("psycopg", POINTS),
    ("async psycopg", POINTS),
    ("datasource", POINTS),
    ("async datasource", END),
    ("sqlalchemy", END),
    ("async sqlalchemy", END),
    ("sqlalchemy datasource", END),
    ("django", END),
    # In one of two branches: the other one's next step must not get its number.
    ("branched datasource", END),
    ("branched async datasource", END),
    ("branched psycopg", END),
]


@pytest.mark.parametrize(("kind", "points"), CASES, ids=[kind for kind, _ in CASES])
def test_a_killed_transaction_happens_once(database, other, new_app, client, sql, kind, points):
    if "datasource" in kind:
        new_app().datasource(other).install()
    handles = {}
    for point in points:
        client.register_queue(point)
        handles[point] = client.enqueue("transfer", point, point, queue=point, workflow_id=point)
        victim = functools.partial(define, kind=kind, other=other)
        with WorkerProcess(database, victim, queues=[point], lease=3600.0) as worker:
            assert worker.wait() == -9
        sql("update executors set lease_until = '2000-01-01'")

    heir = new_app(lease=5.0)
    define(heir, database, kind, other, kills=False)
    heir.launch()
    notes = {point: handle.get_result(20) for point, handle in handles.items()}

    with psycopg.connect(other if "datasource" in kind else database) as connection:
        found = connection.execute("select owner, note from public.ledger").fetchall()
    assert sorted(found) == sorted(
        (point, note) for point, of in notes.items() for note in of.split() for _ in range(2)
    )
