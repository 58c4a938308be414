"""The engine is installed again while workers use it: nobody notices."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from tests_py.concurrency.engine import Engine
from tests_py.support import search_path, wait_until

from .engine import INSTALLERS

WORKERS = 4
INSTALLATIONS = 4  # by each installer


@pytest.fixture
def worker_url(server, database):
    """The URL of somebody who may do what a worker may, and nothing else."""
    name = f"worker_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create role {name} login password 'worker' in role perdure_worker")
        yield psycopg.conninfo.make_conninfo(database, user=name, password="worker")
        connection.execute(f"drop role {name}")


def test_an_installation_does_not_disturb_those_who_use_the_engine(database, worker_url):
    stopped = threading.Event()
    rounds = [0] * WORKERS

    @contextmanager
    def connected():
        with psycopg.connect(worker_url, autocommit=True, options=search_path()) as connection:
            yield connection.cursor()

    def enqueue():
        with connected() as cursor:
            while not stopped.is_set():
                cursor.execute("select workflow_id from enqueue_many('w', array_fill(null::json, array[20]))")
                ids = [workflow_id for (workflow_id,) in cursor.fetchall()]
                cursor.execute("select * from get_results(%s, watch => true)", [ids])
                cursor.execute("select * from get_workflow(%s)", ids[:1])

    def work(number):
        with connected() as cursor:
            [executor] = cursor.execute("select register_executor('test', '1 hour')").fetchone()
            while not stopped.is_set():
                cursor.execute(
                    "select array_agg(workflow_key), array_agg(token) from claim(%s, max_workflows => 10)",
                    [executor],
                )
                keys, tokens = cursor.fetchone()
                assert cursor.execute("select heartbeat(%s) is not null", [executor]).fetchone() == (True,)
                cursor.execute("select executors_lapsed from run_maintenance()")
                if keys:
                    ones = ["1"] * len(keys)
                    cursor.execute(
                        """select outcome from record_steps(%s::bigint[], %s::bigint[], %s::int[], %s::text[],
                           %s::json[])""",
                        [keys, tokens, [1] * len(keys), ["s"] * len(keys), ones],
                    )
                    # Of those that were suspended before.
                    assert set(cursor.fetchall()) <= {("recorded before",)}
                    cursor.execute("select * from suspend(%s, %s)", [keys.pop(), tokens.pop()])
                    cursor.execute(
                        "select * from finish_many(%s::bigint[], %s::bigint[], %s::json[])",
                        [keys, tokens, ones[1:]],
                    )
                    assert cursor.fetchall() == []
                rounds[number] += 1
            return executor

    with ThreadPoolExecutor(WORKERS + 1) as pool:
        users = [pool.submit(enqueue), *(pool.submit(work, number) for number in range(WORKERS))]
        try:
            for install in [*INSTALLERS.values()] * INSTALLATIONS:
                before = sum(rounds)
                install(database)
                # They have gone on with what is installed now.
                wait_until(lambda seen=before: sum(rounds) > seen + WORKERS or any(u.done() for u in users))
        finally:
            stopped.set()
        executors = [user.result(30) for user in users][1:]

    with psycopg.connect(database, autocommit=True, options=search_path()) as connection:
        engine = Engine(connection)
        assert engine.violations() == {}
        assert engine.rows("select from tasks where executor_id is not null") == []
        assert [row[0] for row in engine.rows("select executor_id from executors order by 1")] == sorted(
            executors
        )
