"""Two processes that share a name by mistake are two executors."""

from tests_py.chaos.processes import WorkerProcess
from tests_py.chaos.workflows import define_gated
from tests_py.support import wait_until


def test_each_of_one_name_has_its_own_lease_and_work(database, sql, client):
    client.queue("one each", worker_concurrency=1)
    with (
        WorkerProcess(database, define_gated, name="same", lease=3600.0) as first,
        WorkerProcess(database, define_gated, name="same", lease=3600.0) as second,
    ):
        handles = [client.enqueue("gated", w, "gate", queue="one each") for w in ("a", "b")]
        both = wait_until(
            lambda: (found := client.list_executors()) and [e.running for e in found] == [1, 1] and found
        )
        assert [(e.name, e.alive) for e in both] == [("same", True)] * 2
        owns = "select 1 from tasks where executor_id = %s"
        ran = "select workflow_id, pid from public.audit where step = 'gated' order by id"
        wait_until(lambda: len(sql(ran)) == 2)
        by = {pid: workflow_id for workflow_id, pid in sql(ran)}
        assert by.keys() == {first.pid, second.pid}

        owner = "select executor_id from tasks join workflows using (key) where workflow_id = %s"
        ((dead,),) = sql(owner, {"a": handles[0], "b": handles[1]}[by[first.pid]].workflow_id)
        first.kill()
        sql("update executors set lease_until = '2000-01-01' where executor_id = %s", dead)
        wait_until(lambda: sql("select run_maintenance()") and not sql(owns, dead))
        sql("insert into public.gates values ('gate')")
        results = [handle.get_result(20) for handle in handles]
        assert sorted(results) == sorted([[second.pid, second.pid], [first.pid, second.pid]])
        # The living one was taken nothing, and is the same executor still.
        assert sorted(handle.get_status().attempts for handle in handles) == [1, 2]
        (left,) = wait_until(lambda: (found := client.list_executors()) and len(found) == 1 and found)
        assert left.executor_id in {e.executor_id for e in both}
