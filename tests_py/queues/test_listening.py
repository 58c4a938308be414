"""Claims that serve some queues, or many at once."""

import pytest

from .engine import CLAIM

LISTEN = "select workflow_id from claim(%s, %s, 10)"


def ids(session, executor, queues):
    return {workflow_id for (workflow_id,) in session.call(LISTEN, [executor, queues])}


def test_each_worker_gets_the_work_of_the_queues_that_it_listens_to(engine, session):
    for queue in ("a", "b", "c"):
        engine.register(queue, concurrency=10)
    work = {queue: set(engine.enqueue(3, queue=queue)) for queue in ("a", "b", "c")}
    first, second = session(), session()
    one, other = engine.executor(), engine.executor()

    assert ids(first, one, ["a"]) == work["a"]
    assert ids(second, other, ["b", "nowhere"]) == work["b"]
    assert ids(first, one, ["a", "b"]) == set()
    assert ids(second, other, None) == work["c"]


def test_a_dead_workers_work_goes_to_one_that_listens_to_its_queue(engine, session):
    engine.register("a", concurrency=1)
    [job] = engine.enqueue(1, queue="a")
    dead, deaf, listening = (engine.executor() for _ in range(3))
    alive = session()
    assert ids(alive, dead, ["a"]) == {job}
    engine.lapse(dead)
    engine.maintain()
    assert ids(alive, deaf, ["default"]) == set()
    assert ids(alive, listening, ["a"]) == {job}


def test_enqueueing_does_not_notify_where_it_must_not(engine, connect):
    """A transaction that has notified cannot be prepared."""
    engine.register("q")
    assert engine.claim(engine.executor(), 1) == []  # says that it is idle
    listener = connect()
    listener.execute('listen "perdure.work"')
    client = connect(autocommit=False)
    for number, setting in enumerate(["off", "on"]):
        client.execute(f"set local perdure.notify = {setting}")
        client.execute("select enqueue('w', queue => 'q', workflow_id => %s)", [str(number)])
        client.execute("select * from enqueue_many('w', '{1}', 'q')")
        client.commit()
        client.execute("select enqueue('w', queue => 'default')")
        client.commit()
    # Notifications come in the order of their transactions: the first of these is of the second.
    told = [n.payload for n in listener.notifies(timeout=30, stop_after=3)]
    assert told == ["default", "q", "default"]


def test_executors_that_share_a_name_have_each_their_own_worker_limit(engine):
    engine.register("q", worker_concurrency=2)
    engine.enqueue(10, queue="q")
    first, second = (engine.value("select register_executor('same name')") for _ in range(2))
    assert [len(engine.claim(executor, 10)) for executor in (first, second)] == [2, 2]
    assert [len(engine.claim(executor, 10)) for executor in (first, second)] == [0, 0]


def test_sessions_that_share_an_executor_share_its_worker_limit(engine, session):
    engine.register("q", worker_concurrency=2)
    engine.enqueue(10, queue="q")
    executor = engine.executor()
    first, second = session(), session()
    first.call("begin")
    assert len(first.call(CLAIM, [executor, 1])) == 1
    # Not counted yet, so it is not claimed: its queue is held.
    assert second.call(CLAIM, [executor, 10]) == []
    first.call("commit")
    assert len(second.call(CLAIM, [executor, 10])) == 1
    assert first.call(CLAIM, [executor, 10]) == []


@pytest.mark.parametrize("settings", [{}, {"concurrency": 5}])
def test_a_claim_that_has_found_work_waits_for_no_other_queue(engine, session, settings):
    many = 40
    for number in range(many):
        engine.register(f"held {number}", concurrency=5)
        engine.enqueue(2, queue=f"held {number}")
    holder = session()
    holder.call("begin")
    assert len(holder.call(CLAIM, [engine.executor(), many])) == many

    engine.register("free", **settings)
    work = set(engine.enqueue(3, queue="free"))
    other, executor = session(), engine.executor()
    pending = other.begin_call(LISTEN, [executor, None])
    waited_for = set()
    while not pending.done():
        waited_for.update(
            engine.rows("select objid from pg_locks where pid = %s and not granted", [other.pid])
        )
    assert {workflow_id for (workflow_id,) in pending.result(30)} == work
    # It may wait 50 ms for one queue. If it did for each, that would be seen dozens of times.
    assert len(waited_for) <= 1


def test_one_queue_that_is_held_does_not_keep_an_empty_claim_for_long(engine, session):
    engine.register("q", concurrency=5)
    engine.enqueue(2, queue="q")
    holder, other = session(), session()
    holder.call("begin")
    holder.call(CLAIM, [engine.executor(), 1])
    assert other.call(CLAIM, [engine.executor(), 1]) == []
    holder.call("rollback")
    assert len(other.call(CLAIM, [engine.executor(), 1])) == 1
