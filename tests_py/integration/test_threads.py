"""Calls from threads, which use connections of their own."""

import gc
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
from perdure._run import Run, current_run, inside_step
from tests_py.integration.quiet import is_settled
from tests_py.support import wait_until
from tests_py.support.interrupts import interrupt, interrupt_everywhere
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


def test_calls_share_a_cursor_that_keeps_no_result(client):
    client.enqueue("someday")
    client.list_queues()
    (connection,) = own_connections(client)
    cursor = connection._calls
    assert len(client.list_queues()) == 1
    assert own_connections(client)[0]._calls is cursor
    assert cursor.rowcount == 1
    assert cursor.pgresult.ntuples == 0


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

    client.enqueue("someday")

    def together(n):
        with client._engine._connection_here(10):
            barrier.wait(10)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(together, range(3)))
    before = own_connections(client)
    assert len(before) == 3
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


def test_an_interrupted_start_is_reconciled(new_app, connect, sql):
    """The answer is not waited for: what was started all the same goes back, and runs."""
    runs = []
    app = new_app(poll_interval=60.0)

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
    app._core.on_waiting()
    assert workflow() == 1
    wait_until(lambda: sql("select 1 from tasks") == [])
    assert len(runs) == sql("select count(*) from outcomes")[0][0]


@pytest.fixture
def collected():
    """What a test has dropped is complained of in this test, not in the next one."""
    yield
    gc.collect()


def dropped(test):
    """For a test that drops connections: one that was just made, or taken, when the interrupt came."""
    ignored = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    return pytest.mark.usefixtures("collected")(ignored(test))


@dropped
@pytest.mark.parametrize("module", ["perdure._direct", "perdure._core", "perdure._steps", "perdure._batch"])
def test_wherever_a_workflow_is_interrupted_it_ends_all_the_same(app, sql, module):
    ran = []

    @app.step(name="step")
    def step():
        return 1

    @app.workflow()
    def workflow():
        ran.append(step())

    app.launch()
    n = 0
    while True:
        n += 1
        went_on = interrupt(workflow, n, (module,))
        assert current_run.get() is None, n
        assert inside_step.get() == 0, n
        if not went_on:
            break
        wait_until(lambda: app._engine.uncertain or sql("select 1 from tasks") == [])
        app._core.on_waiting()
        wait_until(lambda: sql("select 1 from tasks") == [])
        assert (app._core.begun, app._core.expected) == ({}, {}), n
    assert n > 5
    assert len(ran) >= sql("select count(*) from outcomes where status = 'SUCCESS'")[0][0]


@dropped
def test_an_interrupt_at_any_place_costs_no_connection(database):
    with Client(database, listen=False, max_connections=2) as client:
        client.list_queues()
        assert interrupt_everywhere(client.list_queues, ("perdure._engine.pools", "threading")) > 5
        pool = client._engine._threads
        with pool.connection(1), pool.connection(1):
            pass
        assert len(own_connections(client)) == 2


def test_what_a_thread_begins_while_the_database_is_asked_is_not_handed_back(new_app, sql):
    """It begins, and something else is left over, when half of what is known here has been looked at."""
    app = new_app(poll_interval=60.0, listen=False)
    app.launch()
    wait_until(lambda: is_settled(app))
    core = app._core
    (key, token), *_ = sql("select workflow_key, token from start(%s, 'elsewhere')", core.executor_id)
    run = Run(core, key, token, "elsewhere", "elsewhere")

    class Begun(dict):
        def values(self):
            if self.pop("elsewhere", None):
                core.runs.add(run)
                app._engine.uncertain = True
            return super().values()

    core.begun = Begun(elsewhere=key)
    run_sync(app._loop.on_engine(app._worker._reconcile), "")
    core.runs.discard(run)
    assert app._engine.uncertain
    assert sql("select executor_id from tasks where key = %s", key) == [(core.executor_id,)]


def test_when_there_is_no_thread_for_a_workflow_it_goes_back_and_the_others_run(app, sql, monkeypatch):
    ran, refused, start = [], [], threading.Thread.start

    def refuse_one(thread):
        if thread.name == "perdure-workflow" and not refused:
            refused.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    @app.workflow()
    def workflow(n):
        ran.append(n)

    monkeypatch.setattr(threading.Thread, "start", refuse_one)
    app.launch()
    app.enqueue_many(workflow, [[n] for n in range(4)])
    # Its moment has come.
    wait_until(lambda: sql("update tasks set wake_at = now() where status = 'DELAYED' returning key"))
    wait_until(lambda: sql("select count(*) from outcomes where status = 'SUCCESS'") == [(4,)])
    assert refused
    assert sorted(ran) == [0, 1, 2, 3]


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
