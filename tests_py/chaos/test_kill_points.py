"""A worker is killed at every point of a workflow, and another one ends it.

The workflow has five steps, a child that is called and one that is enqueued. Its worker is killed just
before each of its round trips reaches the server, just after the server has done each, and in the code of
each step, before and after its effect. The dead are then taken over together.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import psycopg
import pytest

from perdure import Client
from tests_py.chaos.processes import WorkerProcess
from tests_py.chaos.workflows import ORDER, define_order, order_result, order_steps
from tests_py.support import Link, TcpProxy, wait_until

AT_ONCE = 4
BEYOND = 100_000


# What a dead worker has sent is done to its end.
SESSIONS = """
    select 1 from pg_stat_activity where application_name = 'perdure' and datname = current_database()
"""
FINISHED = """
    select 1 from perdure.outcomes o join perdure.workflows w using (key) where w.workflow_id = %s
"""


class Point(NamedTuple):
    """Where a worker is killed: at a round trip, or (number 0) by the code of a step itself."""

    when: str
    number: int = 0

    @property
    def workflow_id(self) -> str:
        return f"{self.when} {self.number}"


class Victim:
    """A worker that is killed at a point; it serves a queue that has one workflow."""

    def __init__(self, database: str, point: Point) -> None:
        self._database = database
        self._point = point
        self.requests = 0

    def run(self) -> "Victim":
        """Returns when the worker is dead: it was killed at its point, or it had ended the workflow."""
        started = threading.Event()
        worker: WorkerProcess | None = None

        def kill(link: Link) -> None:
            assert started.wait(10)
            assert worker is not None
            worker.kill()
            link.cut()

        with (
            TcpProxy(self._database) as proxy,
            psycopg.connect(self._database, autocommit=True) as observer,
        ):
            if self._point.when == "before round trip":
                proxy.before_request(self._point.number, kill)
            elif self._point.when == "after round trip":
                proxy.before_reply(self._point.number, kill)
            with WorkerProcess(
                proxy.url,
                define_order,
                audit=self._database,
                queues=[self._point.workflow_id],
                lease=3600.0,
                poll_interval=0.5,
            ) as worker:
                started.set()
                wait_until(
                    lambda: worker.ends_within(0.05) or self._is_finished(observer),
                    60,
                    f"the worker of {self._point} is killed or ends its workflow",
                )
                self.requests = proxy.requests
        return self

    def _is_finished(self, observer: psycopg.Connection) -> bool:
        return bool(observer.execute(FINISHED, [self._point.workflow_id]).fetchone())


def points(round_trips: int) -> list[Point]:
    # The number of round trips differs a little from run to run; a point that is never reached is no harm.
    found = [
        Point(when, number)
        for number in range(1, round_trips + 4)
        for when in ("before round trip", "after round trip")
    ]
    return found + [Point(f"{when} {step}") for step in ORDER for when in ("before", "after")]


@pytest.fixture
def client(database):
    with Client(database) as client:
        yield client


def enqueue(client: Client, point: Point) -> None:
    queue = point.workflow_id
    client.register_queue(queue)
    client.enqueue("order", queue, queue, point.when, queue=queue, workflow_id=queue)


def recorded(sql) -> set[tuple[str, str]]:
    """The completed steps, as (id of the order, name of the step)."""
    rows = sql(
        """
        select coalesce(p.workflow_id, w.workflow_id), s.name
        from steps s
        join workflows w on w.key = s.key
        left join workflows p on p.key = w.parent_key
        where s.completed_at is not null and s.name = any (%s)
        """,
        ORDER,
    )
    return set(rows)


def run_after(sql, moment: int) -> set[tuple[str, str]]:
    """The steps whose code has run since then, in the same form."""
    return set(
        sql("select workflow_id, step from public.audit where id > %s and step = any (%s)", moment, ORDER)
    )


def test_wherever_a_worker_dies_another_ends_its_workflow(database, sql, client):
    calm = Point("calm", BEYOND)
    enqueue(client, calm)
    round_trips = Victim(database, calm).run().requests
    assert round_trips > 10

    walked = points(round_trips)
    for point in walked:
        enqueue(client, point)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(lambda point: Victim(database, point).run(), walked))
    client.close()
    wait_until(lambda: not sql(SESSIONS))

    # What is recorded now must not be run again.
    before_takeover = recorded(sql)
    ((moment,),) = sql("select coalesce(max(id), 0) from public.audit")
    ((active,),) = sql("select count(*) from tasks")
    assert active > len(walked) // 2, "hardly any worker was killed before the end of its workflow"

    sql("update executors set lease_until = '2000-01-01'")
    workers = [WorkerProcess(database, define_order, lease=3600.0) for _ in range(2)]
    try:
        wait_until(lambda: sql("select count(*) from tasks") == [(0,)], 60, "no workflow is left active")
    finally:
        for worker in workers:
            worker.kill()

    again = run_after(sql, moment) & before_takeover
    assert not again, "these steps were run again although they were recorded"
    for point in walked:
        workflow_id = point.workflow_id
        assert client.retrieve_workflow(workflow_id).get_result(5) == order_result(workflow_id), point
        for one, steps in order_steps(workflow_id).items():
            assert [(s.name, s.child_id) for s in client.list_steps(one)] == steps, (point, one)
            assert client.get_workflow(one).attempts <= 2, (point, one)
    # One death makes at most one step of a workflow run twice; the bill runs beside the payment.
    twice = sql(
        """
        select workflow_id, array_agg(step) from (
          select workflow_id, step from public.audit where step = any (%s) and step <> 'bill'
          group by workflow_id, step having count(*) > 1
        ) as t
        group by workflow_id having count(*) > 1
        """,
        ORDER,
    )
    assert twice == []
    assert sql("select workflow_id, step from public.audit group by 1, 2 having count(*) > 2") == []
