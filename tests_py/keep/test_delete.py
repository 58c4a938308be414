"""A delete that meets what else may happen to a workflow: nothing is half done, and nobody waits for ever."""

import psycopg
import pytest

from tests_py.concurrency.engine import at_once

DELETE = "select delete_workflows(array[%s])"
DELETE_TREE = "select delete_workflows(array[%s], children => true)"
RESUME = "select outcome from resume_many(array[%s])"
CANCEL = "select outcome from cancel_many(array[%s])"
FORK = "select workflow_id from fork_many(array[%s], from_steps => array[2])"
FINISH = "select outcome from finish_many(array[%s]::bigint[], array[%s]::bigint[], array['42']::json[])"


@pytest.fixture
def cancelled(engine):
    """The id and the key of a workflow that was cancelled after its first step."""
    [workflow_id] = engine.enqueue(1)
    [(key, token)] = engine.claim(engine.executor(), 1)
    engine.rows("select record_step(%s, %s, 1, 's', '1')", [key, token])
    engine.rows(CANCEL, [workflow_id])
    return workflow_id, key


def left(engine, key):
    return engine.value(
        """select count(*) from (
             select key from workflows union all select key from tasks union all select key from outcomes
             union all select key from steps union all select key from messages
           ) as x where x.key = %s""",
        [key],
    )


def refused(pending):
    with pytest.raises(psycopg.Error) as refusal:
        pending.result(10)
    return refusal.value.sqlstate


def test_a_delete_that_meets_a_claim_is_refused(engine, session):
    [workflow_id] = engine.enqueue(1)
    executor = engine.executor()
    claimer, deleter = session(), session()
    claimer.call("begin")
    [(key, token)] = claimer.call("select workflow_key, token from claim(%s)", [executor])
    assert refused(deleter.begin_call(DELETE, [workflow_id])) == "PD030"
    claimer.call("commit")
    assert refused(deleter.begin_call(DELETE, [workflow_id])) == "PD030"
    assert engine.rows(FINISH, [key, token]) == []
    assert deleter.value(DELETE, [workflow_id]) == 1
    assert left(engine, key) == 0


def test_a_delete_that_meets_a_finish_comes_before_or_after_it(engine, session):
    [workflow_id] = engine.enqueue(1)
    [(key, token)] = engine.claim(engine.executor(), 1)
    finisher, deleter = session(), session()
    finisher.call("begin")
    finisher.call(FINISH, [key, token])
    assert refused(deleter.begin_call(DELETE, [workflow_id])) == "PD030"
    finisher.call("commit")
    assert deleter.value(DELETE, [workflow_id]) == 1
    assert engine.violations() == {}


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_delete_that_meets_a_resume_waits_for_it(engine, session, cancelled, end):
    workflow_id, key = cancelled
    resumer, deleter = session(), session()
    resumer.call("begin")
    assert resumer.value(RESUME, [workflow_id]) == "resumed"
    pending = deleter.begin_call(DELETE, [workflow_id])
    deleter.wait_until_blocked(by=resumer)
    resumer.call(end)
    if end == "commit":
        assert refused(pending) == "PD030"
        assert engine.status(key) == "ENQUEUED"
    else:
        assert pending.result(10) == [(1,)]
        assert left(engine, key) == 0
    assert engine.violations() == {}


@pytest.mark.parametrize("call", [RESUME, FORK], ids=["resume", "fork"])
def test_what_meets_a_delete_is_told_to_call_again(engine, session, cancelled, call):
    workflow_id, _ = cancelled
    deleter, other = session(), session()
    deleter.call("begin")
    assert deleter.value(DELETE, [workflow_id]) == 1
    pending = other.begin_call(call, [workflow_id])
    other.wait_until_blocked(by=deleter)
    deleter.call("commit")
    assert refused(pending) == "40001"
    assert refused(other.begin_call(call, [workflow_id])) == "PD002"
    assert engine.value("select count(*) from workflows") == 0


def test_a_cancel_of_what_is_being_deleted_is_told_to_call_again(engine, session):
    [workflow_id] = engine.enqueue(1)
    [(key, _)] = engine.claim(engine.executor(), 1)
    # Dead-lettered: a cancel changes what has ended.
    engine.rows("update tasks set attempts = 1000 returning 1")
    engine.lapse(engine.value("select executor_id from tasks"))
    engine.maintain()
    assert engine.status(key) == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
    deleter, canceller = session(), session()
    deleter.call("begin")
    assert deleter.value(DELETE, [workflow_id]) == 1
    pending = canceller.begin_call(CANCEL, [workflow_id])
    canceller.wait_until_blocked(by=deleter)
    deleter.call("commit")
    assert refused(pending) == "40001"


def test_a_delete_waits_for_a_fork_that_reads_it(engine, session, cancelled):
    workflow_id, key = cancelled
    forker, deleter = session(), session()
    forker.call("begin")
    fork = forker.value(FORK, [workflow_id])
    pending = deleter.begin_call(DELETE, [workflow_id])
    deleter.wait_until_blocked(by=forker)
    forker.call("commit")
    assert pending.result(10) == [(1,)]
    assert left(engine, key) == 0
    assert engine.rows("select step, name from list_steps(%s)", [fork]) == [(1, "s")]


def test_what_is_sent_during_a_delete_is_removed_later(engine, session, gate, cancelled):
    workflow_id, key = cancelled
    sender, deleter = session(), session()
    looked = gate(sender, "before insert on messages for each statement")
    pending = sender.begin_call("select send(%s, '1')", [workflow_id])
    looked.wait_until_reached()
    assert deleter.value(DELETE, [workflow_id]) == 1
    looked.open()
    pending.result(10)
    assert left(engine, key) == 1
    # Ten minutes later.
    engine.rows("update removals set removed_at = removed_at - interval '11 minutes' returning 1")
    engine.maintain()
    assert left(engine, key) == 0
    assert engine.value("select count(*) from removals") == 0


def test_an_enqueue_with_the_id_of_what_is_being_deleted_takes_its_place(engine, session, cancelled):
    workflow_id, _ = cancelled
    deleter, client = session(), session()
    deleter.call("begin")
    deleter.call(DELETE, [workflow_id])
    pending = client.begin_call("select enqueue('w', workflow_id => %s)", [workflow_id])
    client.wait_until_blocked(by=deleter)
    deleter.call("commit")
    assert pending.result(10) == [(workflow_id,)]
    assert engine.value("select status from get_result(%s)", [workflow_id]) == "ENQUEUED"


@pytest.mark.parametrize("many", ["", "_many"])
def test_an_enqueue_that_had_seen_it_is_told_to_call_again(engine, session, cancelled, many):
    workflow_id, _ = cancelled
    deleter, client, keeper = session(), session(), session()
    # Between the insert that finds the id and the look at what has it.
    keeper.call("select pg_advisory_lock(1)")
    (definition,) = keeper.call("select pg_get_functiondef('_check_same_workflows'::regproc)")[0]
    stop = "\nbegin\n  perform pg_advisory_xact_lock_shared(1);\n"
    assert definition.count("\nbegin\n") == 1
    keeper.call(definition.replace("\nbegin\n", stop))
    call = {
        "": "select enqueue('w', workflow_id => %s)",
        "_many": "select workflow_id from enqueue_many('w', '{1}', workflow_ids => array[%s])",
    }[many]
    pending = client.begin_call(call, [workflow_id])
    client.wait_until_blocked(by=keeper)
    assert deleter.value(DELETE, [workflow_id]) == 1
    keeper.call("select pg_advisory_unlock(1)")
    assert refused(pending) == "40001"
    assert client.call(call, [workflow_id]) == [(workflow_id,)]


def test_deletes_of_one_tree_at_once_remove_it_once(database, engine):
    [root] = engine.enqueue(1)
    executor = engine.executor()
    [(key, token)] = engine.claim(executor, 1)
    children = [
        workflow_id
        for (workflow_id,) in engine.rows(
            """select workflow_id from enqueue_many('w', array_fill('1'::json, '{200}'),
                 parent_keys => array_fill(%s::bigint, '{200}'),
                 parent_tokens => array_fill(%s::bigint, '{200}'),
                 parent_steps => array(select generate_series(1, 200)))""",
            [key, token],
        )
    ]
    engine.rows("select cancel(%s, children => true)", [root])
    calls = [(DELETE_TREE, root), (DELETE_TREE, children), (DELETE, children[::-1]), (DELETE_TREE, root)]

    def delete(connection, number):
        call, ids = calls[number]
        ids = ids if isinstance(ids, list) else [ids]
        return connection.execute(call.replace("array[%s]", "%s::text[]"), [ids]).fetchone()[0]

    assert sum(at_once(database, 4, delete)) == 201
    assert engine.value("select count(*) from workflows") == 0


def test_thousands_are_deleted_in_one_call(engine):
    ids = engine.enqueue(3000)
    engine.rows("select count(*) from cancel_many(%s)", [ids])
    assert engine.value("select delete_workflows(%s)", [ids]) == 3000
    assert engine.violations() == {}


def test_retention_waits_for_nobody(engine, session, cancelled):
    workflow_id, _ = cancelled
    others = engine.enqueue(3)
    engine.rows("select count(*) from cancel_many(%s)", [others])
    engine.rows("select set_retention(max_count => 0)")
    holder, maintainer = session(), session()
    holder.call("begin")
    holder.call(RESUME, [workflow_id])
    # And its enqueueing of the same moment is not held up either.
    maintainer.call("select run_maintenance()")
    assert engine.rows("select workflow_id from workflows") == [(workflow_id,)]
    holder.call("rollback")


def test_a_claim_does_not_wait_for_retention(engine, session, cancelled):
    engine.rows("select set_retention(max_count => 0)")
    engine.enqueue(1)
    maintainer, worker = session(), session()
    maintainer.call("begin")
    maintainer.call("select run_maintenance()")
    assert len(worker.call("select workflow_key from claim(%s)", [engine.executor()])) == 1
    worker.call("select run_maintenance()")
    maintainer.call("commit")
    assert engine.value("select count(*) from workflows") == 1


def test_a_tree_that_has_grown_when_retention_comes_to_it_is_kept(engine, session):
    engine.enqueue(1)
    executor = engine.executor()
    [(root, token)] = engine.claim(executor, 1)
    start = (
        "select workflow_key, token from start_many(%s, '{w}', '{1}', parent_keys => array[%s]::bigint[],"
        " parent_tokens => array[%s]::bigint[], parent_steps => '{1}')"
    )
    [(child, _)] = engine.rows(start, [executor, root, token])
    engine.rows(FINISH, [root, token])
    child_id = engine.value("select workflow_id from workflows where key = %s", [child])
    engine.rows(CANCEL, [child_id])
    engine.rows("select set_retention(max_age => '0 seconds')")

    grower, maintainer = session(), session()
    grower.call("begin")
    grower.call("lock table outcomes in exclusive mode")
    pending = maintainer.begin_call("select from run_maintenance()")
    # It has read the tree, and is about to lock it.
    maintainer.wait_until_blocked(by=grower)
    assert grower.value(RESUME, [child_id]) == "resumed"
    [(_, child_token)] = grower.call("select workflow_key, token from claim(%s)", [executor])
    [(grandchild, _)] = grower.call(start, [executor, child, child_token])
    grower.call(FINISH, [child, child_token])
    grower.call("commit")
    pending.result(10)
    assert engine.status(grandchild) == "PENDING"
    assert left(engine, root)
    assert left(engine, child)
