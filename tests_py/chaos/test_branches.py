"""Branches of a workflow's code that take several steps each are replayed as they ran, however fast they are.

The worker of each workflow is killed in one of its steps, when all that come before it in one order are
recorded; then the steps go on in another order.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from perdure import Client
from tests_py.chaos.branches import PLAN, define_branches
from tests_py.chaos.processes import WorkerProcess
from tests_py.support import wait_until

FIRST = ["first", "a1", "b1", "b2", "a2", "b3", "a3", "last"]
# In one the branches change places, in the other each runs for itself.
OTHERS = [
    ["first", "b1", "a1", "a2", "b2", "a3", "b3", "last"],
    ["first", "b1", "b2", "b3", "a1", "a2", "a3", "last"],
]
SHAPES = ["gather", "group", "beside", "nested", "children", "threads"]
RECORDED = """
    select p.workflow_id, s.output #>> '{}'
    from public.plan p
    join workflows w using (workflow_id)
    join workflows c on c.key = w.key or c.parent_key = w.key
    join steps s on s.key = c.key
    where s.name = 'work' and s.completed_at is not null and s.output #>> '{}' = p.label
"""


def die_at(database: str, workflow_id: str) -> None:
    """Returns when the worker of this workflow has killed itself."""
    with WorkerProcess(database, define_branches, queues=[workflow_id], lease=3600.0) as worker:
        worker.wait(60)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_each_branch_has_recorded_is_its_own_on_a_replay(database, sql, shape):
    if shape == "group" and sys.version_info < (3, 11):
        pytest.skip("Python 3.10 has no task groups")
    sql(PLAN)
    ids = {f"{shape} {label}": (label, OTHERS[i % 2]) for i, label in enumerate(FIRST[1:])}
    with Client(database) as client, psycopg.connect(database, autocommit=True) as connection:
        for workflow_id, (label, _) in ids.items():
            client.register_queue(workflow_id)
            client.enqueue(shape, workflow_id, queue=workflow_id, workflow_id=workflow_id)
            with connection.cursor() as cursor:
                cursor.executemany(
                    "insert into public.plan values (%s, %s, %s, %s)",
                    [(workflow_id, each, turn, each == label) for turn, each in enumerate(FIRST)],
                )
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(lambda workflow_id: die_at(database, workflow_id), ids))

        before = set(sql(RECORDED))
        for workflow_id, (label, _) in ids.items():
            assert {done for of, done in before if of == workflow_id} == set(FIRST[: FIRST.index(label)])
        for workflow_id, (_, other) in ids.items():
            for turn, each in enumerate(other):
                sql(
                    "update public.plan set turn = %s where (workflow_id, label) = (%s, %s)",
                    turn,
                    workflow_id,
                    each,
                )
        sql("update executors set lease_until = '2000-01-01'")
        with WorkerProcess(database, define_branches, lease=2.0):
            for workflow_id in ids:
                result = client.retrieve_workflow(workflow_id).get_result(60)
                assert result == {each: each for each in FIRST}, workflow_id
                numbers = [step.step for step in client.list_steps(workflow_id)]
                assert numbers == sorted(set(numbers))
        assert (
            set(sql("select workflow_id, label from public.done group by 1, 2 having count(*) > 1")) == set()
        )
        if shape == "children":
            # Each was started once.
            assert sql("select count(*) from workflows where parent_key is not null") == [(6 * len(ids),)]
    wait_until(lambda: sql("select count(*) from tasks") == [(0,)])
