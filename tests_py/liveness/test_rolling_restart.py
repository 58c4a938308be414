"""A new process of the same name starts while the old one drains."""

from tests_py.chaos.processes import WorkerProcess
from tests_py.chaos.workflows import define_gated
from tests_py.support import wait_until


def _ran(sql, step):
    return [pid for (pid,) in sql("select pid from public.audit where step = %s order by id", step)]


def test_an_old_process_ends_what_it_runs_and_the_new_one_takes_the_rest(database, sql, client):
    with WorkerProcess(database, define_gated, name="web", app_version="1") as old:
        handle = client.enqueue("gated", "w", "gate")
        wait_until(lambda: _ran(sql, "gated") == [old.pid])
        with WorkerProcess(database, define_gated, name="web", app_version="2") as new:
            wait_until(lambda: [e.running for e in client.list_executors()] == [1, 0])
            assert [(e.name, e.app_version, e.alive) for e in client.list_executors()] == [
                ("web", "1", True),
                ("web", "2", True),
            ]
            old.terminate()
            assert client.enqueue("quick").get_result(20) == new.pid
            assert old.is_alive
            sql("insert into public.gates values ('gate')")
            assert old.wait(20) == 0
            assert handle.get_result(20) == [old.pid, old.pid]
            assert handle.get_status().app_version == "1"
            assert [(e.name, e.app_version) for e in client.list_executors()] == [("web", "2")]


def test_what_an_old_version_could_not_end_waits_for_it_until_it_is_moved(database, sql, client):
    with WorkerProcess(database, define_gated, app_version="1", shutdown_timeout=0.05) as old:
        handle = client.enqueue("gated", "w", "gate", workflow_id="w")
        wait_until(lambda: _ran(sql, "gated") == [old.pid])
        with WorkerProcess(database, define_gated, app_version="2") as new:
            wait_until(lambda: len(client.list_executors()) == 2)
            old.terminate()
            assert old.wait(20) == 0
            assert (
                "version",
                "it belongs to version 1, which no living executor runs",
            ) in client.explain_wait("w")
            # The new one has claimed since, and passed it over.
            assert client.enqueue("quick").get_result(20) == new.pid
            assert handle.get_status().status == "ENQUEUED"
            assert client.set_version("2", from_version="1") == 1
            sql("insert into public.gates values ('gate')")
            assert handle.get_result(20) == [old.pid, new.pid]
            assert handle.get_status().attempts == 1


def test_what_an_old_version_has_not_begun_goes_to_the_new_one(database, sql, client):
    with WorkerProcess(database, define_gated, app_version="1", shutdown_timeout=0.05) as old:
        client.enqueue("gated end", "w", "gate", workflow_id="w")
        wait_until(lambda: _ran(sql, "end") == [old.pid])
        # As if it had been claimed in this moment, and the answer were still on its way.
        client.queue("held")
        held = client.enqueue("quick", queue="held", delay=3600)
        sql(
            """
            update tasks t
            set status = 'PENDING', executor_id = e.executor_id, token = nextval('claim_tokens'),
                attempts = 1, wake_at = null, app_version = '1'
            from workflows w, executors e
            where w.key = t.key and w.workflow_id = %s
            """,
            held.workflow_id,
        )
        old.terminate()
        assert old.wait(20) == 0
        with WorkerProcess(database, define_gated, app_version="2") as new:
            assert held.get_result(20) == new.pid
            # This one had recorded a step.
            assert client.get_workflow("w").status == "ENQUEUED"
