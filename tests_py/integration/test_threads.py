"""Calls from threads, which use connections of their own."""

import os
import signal
import threading
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from perdure import Client, NotLaunched, QueueNotFound
from perdure._loop import run_sync
from tests_py.support import wait_until
from tests_py.support.proxy import Link


def pids(sql):
    return {
        pid
        for (pid,) in sql(
            "select pid from pg_stat_activity"
            " where application_name = 'perdure' and datname = current_database()"
        )
    }


def own_connections(client):
    """Those of threads. The first call opens the client, and is made on its loop."""
    return [connection for connection, _ in client._engine._threads._idle]


def test_a_thread_uses_one_connection_again_and_again(client):
    for _ in range(5):
        client.enqueue("someday")
    assert len(own_connections(client)) == 1


def test_threads_together_use_no_more_connections_than_allowed(database, sql):
    with Client(database, max_connections=2, listen=False) as client, ThreadPoolExecutor(16) as threads:
        found = [threads.submit(client.enqueue, "someday") for _ in range(200)]
        assert len({each.result(30).workflow_id for each in found}) == 200
        assert len(own_connections(client)) <= 2
        assert len(pids(sql)) <= 2 * 2


def test_an_error_of_the_database_costs_no_connection(client):
    for _ in range(2):
        client.enqueue("someday")
    before = own_connections(client)
    assert before
    with pytest.raises(QueueNotFound):
        client.enqueue("someday", queue="nowhere")
    assert own_connections(client) == before


def test_a_lost_connection_is_replaced_and_the_call_made_again(proxy, sql):
    with Client(proxy.url, listen=False) as client:
        client.list_queues()
        client.enqueue("someday", workflow_id="first")
        (lost,) = own_connections(client)
        proxy.before_reply(1, Link.cut)
        assert client.enqueue("someday", workflow_id="second").workflow_id == "second"
        assert lost.closed
        assert sql("select count(*) from workflows") == [(2,)]


def test_one_that_was_lost_takes_the_idle_ones_with_it(client, sql):
    barrier = threading.Barrier(3)

    def together(n):
        barrier.wait(10)
        for _ in range(20):
            client.enqueue("someday")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(together, range(3)))
    before = own_connections(client)
    assert len(before) > 1
    sql("select pg_terminate_backend(%s, 10000)", before[-1].info.backend_pid)
    client.enqueue("someday")
    assert all(connection.closed for connection in before)


def test_an_interrupted_call_leaves_no_busy_connection_behind(client, connect, sql):
    """SIGINT arrives while the database holds the call up."""
    client.enqueue("someday")
    blocker = connect(autocommit=False)
    blocker.execute("lock table workflows in exclusive mode")
    waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'perdure'"

    def interrupt():
        wait_until(lambda: sql(waiting))
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        client.enqueue("someday", workflow_id="interrupted")
    interrupter.join()
    assert own_connections(client) == []
    blocker.rollback()
    wait_until(lambda: not sql(waiting))
    assert client.enqueue("someday", workflow_id="next").workflow_id == "next"
    assert sql("select count(*) from workflows where workflow_id = 'interrupted'") == [(0,)]


def test_an_interrupted_start_is_reconciled(app, connect, sql):
    """The answer is not waited for: what was started all the same goes back, and runs."""
    runs = []

    @app.workflow()
    def workflow():
        runs.append(1)
        return 1

    app.launch()
    workflow()
    with connect(autocommit=False) as blocker:
        blocker.execute("lock table workflows in exclusive mode")
        waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%%start%%'"

        def interrupt():
            wait_until(lambda: sql(waiting))
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            workflow()
        interrupter.join()
    assert app._engine.uncertain
    assert workflow() == 1
    wait_until(lambda: sql("select 1 from tasks") == [])
    assert len(runs) == sql("select count(*) from outcomes")[0][0]


def test_closing_closes_every_connection(database, sql):
    with Client(database) as client, ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: client.enqueue("someday"), range(40)))
        assert pids(sql)
    wait_until(lambda: not pids(sql))


def test_a_call_after_closing_connects_again(database):
    client = Client(database)
    first = client.enqueue("someday").workflow_id
    client.close()
    assert client.get_workflow(first).status == "ENQUEUED"
    client.close()


def in_a_fork(task):
    """What a child of this process makes of the task: its exit code."""
    with warnings.catch_warnings():
        # From Python 3.12: with threads a fork may deadlock. That it need not is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            task()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_after_a_fork_both_have_connections_of_their_own(database, sql):
    with Client(database) as client:
        client.enqueue("someday", workflow_id="before")
        backends = pids(sql)

        def child():
            client.enqueue("someday", workflow_id="child")
            assert client.get_workflow("before").status == "ENQUEUED"
            client.close()

        assert in_a_fork(child) == 0
        # The child has closed none of those that were there.
        assert pids(sql) >= backends
        client.enqueue("someday", workflow_id="after")
        assert sql("select workflow_id from workflows order by key") == [("before",), ("child",), ("after",)]


def test_a_fork_of_a_launched_app_launches_itself(new_app):
    app = new_app()

    @app.workflow()
    def double(n):
        return 2 * n

    app.launch()
    assert double(1) == 2

    def child():
        with pytest.raises(NotLaunched):
            double(2)
        app.launch()
        assert double(3) == 6
        app.shutdown()

    assert in_a_fork(child) == 0
    assert double(4) == 8


def test_without_preparing_threads_prepare_nothing(database):
    with Client(database, prepare=False, listen=False) as client:
        for _ in range(5):
            client.enqueue("someday")
        (connection,) = own_connections(client)
        assert connection.execute("select name from pg_prepared_statements").fetchall() == []


def test_with_preparing_a_statement_is_prepared_at_its_first_use(database):
    with Client(database, listen=False) as client:
        client.enqueue("someday")
        client.enqueue("someday")
        (connection,) = own_connections(client)
        found = connection.execute("select statement from pg_prepared_statements").fetchall()
        assert [text for (text,) in found if "enqueue" in text]


def test_a_call_in_a_thread_does_not_visit_the_loop(client):
    client.enqueue("someday")
    stuck, go_on = threading.Event(), threading.Event()

    def block():
        stuck.set()
        go_on.wait(10)

    client._loop.call_soon(block)
    assert stuck.wait(10)
    try:
        client.enqueue("someday", workflow_id="past a stuck loop")
    finally:
        go_on.set()


def test_a_free_connection_is_waited_for(database):
    with Client(database, max_connections=1, listen=False) as client:
        client.enqueue("someday")
        engine = client._engine
        late = pytest.raises(psycopg.OperationalError, match="no connection came free")
        with engine._connection_here(10), late, engine._connection_here(0.01):
            pass
        assert run_sync(engine.get_workflow(client.enqueue("someday").workflow_id), "")
