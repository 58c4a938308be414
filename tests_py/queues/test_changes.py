"""A queue that is changed, paused or deleted while many work on it."""

import random
import threading
import time

import psycopg
import pytest

from tests_py.concurrency.engine import at_once
from tests_py.support import wait_until

from .engine import CLAIM, refusal
from .watch import keep_ledger

SESSIONS = 16


class Rush:
    """Sessions that claim and finish as fast as they can, until the rush is over.

    with Rush(database, queue="q", hold=4) as rush:
        rush.wait_for_claims(100)
    """

    def __init__(self, url, queue, hold, many=SESSIONS):
        self.url, self.queue, self.hold, self.many = url, queue, hold, many
        self.claims = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._error = None

    def wait_for_claims(self, many):
        """Return when so many more calls of claim have come back."""
        wanted = self.claims + many
        wait_until(lambda: self._over.is_set() or self.claims >= wanted, 60, f"{many} more claims")

    def _run(self):
        try:
            at_once(self.url, self.many, self._work)
        except BaseException as error:
            self._error = error
            self._over.set()

    def _work(self, connection, number):
        chance = random.Random(number)
        [executor] = connection.execute("select register_executor('test')").fetchone()
        owned = {}
        while not self._over.is_set():
            owned |= dict(
                connection.execute(
                    "select workflow_key, token from claim(%s, array[%s], %s)",
                    [executor, self.queue, chance.randint(1, 4)],
                ).fetchall()
            )
            with self._lock:
                self.claims += 1
            while len(owned) > chance.randint(0, self.hold):
                key, token = owned.popitem()
                connection.execute("select finish(%s, %s)", [key, token])

    def __enter__(self):
        self._thread.start()
        self.wait_for_claims(SESSIONS)
        return self

    def __exit__(self, kind, error, trace):
        self._over.set()
        self._thread.join(60)
        if error is None and self._error is not None:
            raise self._error


RUNNING = "select count(*) from tasks join queues using (queue_id) where name = 'q' and status = 'PENDING'"


def test_from_the_moment_a_first_limit_is_set_no_claim_exceeds_it(engine, database):
    engine.register("q")
    engine.enqueue(20_000, queue="q")
    met = 0
    with Rush(database, "q", hold=4) as rush:
        for _ in range(12):
            engine.rows("""select update_queue('q', '{"concurrency": 5}')""")
            running = engine.value(RUNNING)
            over = rush.claims + 10 * SESSIONS
            while rush.claims < over:
                before, running = running, engine.value(RUNNING)
                # What ran already may go on; nothing starts until there is room.
                assert running <= max(5, before)
                met += running == 5
            engine.rows("""select update_queue('q', '{"concurrency": null}')""")
            rush.wait_for_claims(4 * SESSIONS)
    assert met > 0
    assert engine.violations() == {}


def test_setting_a_first_limit_waits_for_the_claims_under_way(engine, session):
    engine.register("q")
    engine.enqueue(10, queue="q")
    claiming, operator = session(), session()
    claiming.call("begin")
    claiming.call(CLAIM, [engine.executor(), 3])
    update = operator.begin_call("""select update_queue('q', '{"concurrency": 4}')""")
    operator.wait_until_blocked(by=claiming)
    # Meanwhile the others get nothing, and do not wait for it.
    assert engine.claim(engine.executor(), 10) == []

    claiming.call("commit")
    update.result(10)
    assert len(engine.claim(engine.executor(), 10)) == 1
    assert engine.violations() == {}


def test_two_claims_that_share_a_queue_when_its_first_limit_comes_do_not_deadlock(engine, session):
    """Each has locked it for a claim without limits, finds a limit, and wants it alone."""
    engine.register("q", concurrency=1)
    engine.enqueue(1, queue="q")
    space = "'queues'::regclass::oid::bigint::bit(32)::int, (select queue_id from queues where name = 'q')"
    first, second, executor = session(), session(), engine.executor()
    for each in (first, second):
        each.call("begin")
        each.call(f"select pg_advisory_xact_lock_shared({space})")
    second.begin_call(f"select pg_advisory_xact_lock({space})")
    second.wait_until_blocked(by=first)
    assert first.call(CLAIM, [executor, 1]) == []
    first.call("commit")
    second.call("commit")
    assert len(first.call(CLAIM, [executor, 1])) == 1


@pytest.mark.parametrize("limit", ["concurrency", "worker_concurrency"])
def test_what_runs_or_is_put_down_takes_its_place_under_a_first_limit(engine, limit):
    engine.register("q")
    engine.enqueue(10, queue="q")
    executor = engine.executor()
    owned = engine.claim(executor, 3)
    engine.rows("select suspend(%s, %s, interval '1 hour')", list(owned[0]))
    engine.rows("select update_queue('q', json_build_object(%s::text, 3))", [limit])

    # One that is put down keeps its place in the queue, not on its worker.
    room = {"concurrency": 0, "worker_concurrency": 1}[limit]
    assert len(engine.claim(executor, 10)) == room


def test_a_lowered_limit_lets_the_running_go_on_and_starts_nothing_above_it(engine):
    engine.register("q", concurrency=6)
    engine.enqueue(20, queue="q")
    executor = engine.executor()
    owned = engine.claim(executor, 10)
    engine.rows("""select update_queue('q', '{"concurrency": 4}')""")
    for left in (5, 4, 3):
        assert engine.claim(executor, 10) == []
        engine.rows("select finish(%s, %s)", list(owned.pop()))
        assert engine.value(RUNNING) == left
    assert len(engine.claim(executor, 10)) == 1


@pytest.mark.parametrize("settings", [{}, {"concurrency": 40}, {"partitioned": True}])
def test_after_pause_queue_has_returned_nothing_starts(engine, database, settings):
    engine.register("q", **settings)
    engine.enqueue(8000, queue="q", partition_keys=["p"] * 8000 if "partitioned" in settings else None)
    keep_ledger(engine.connection)
    with Rush(database, "q", hold=1) as rush:
        for _ in range(5):
            engine.rows("select pause_queue('q')")
            started = engine.value("select count(*) from public.ledger")
            rush.wait_for_claims(2 * SESSIONS)
            assert engine.value("select count(*) from public.ledger") == started
            engine.rows("select resume_queue('q')")
            wait_until(lambda: engine.value("select count(*) from public.ledger") > started)  # noqa: B023
    assert engine.violations() == {}


def test_pausing_waits_for_the_claims_under_way(engine, session):
    engine.enqueue(10)
    claiming, operator = session(), session()
    claiming.call("begin")
    claiming.call(CLAIM, [engine.executor(), 3])
    pause = operator.begin_call("select pause_queue('default')")
    operator.wait_until_blocked(by=claiming)
    claiming.call("commit")
    pause.result(10)
    assert engine.claim(engine.executor(), 10) == []


# Each changes one thing. Of two that meet, both count.
CHANGES = {
    "select pause_queue('q')": ("paused", True),
    """select update_queue('q', '{"worker_concurrency": 2}')""": ("worker_concurrency", 2),
    "select register_queue('q', concurrency => 9, worker_concurrency => 2, on_conflict => 'update')": (
        "worker_concurrency",
        2,
    ),
}


@pytest.mark.parametrize("first", CHANGES)
def test_of_two_changes_that_meet_neither_undoes_the_other(engine, session, first):
    engine.register("q", concurrency=3)
    early, late = session(), session()
    early.call("begin")
    early.call(first)
    second = late.begin_call("""select update_queue('q', '{"concurrency": 9}')""")
    late.wait_until_blocked(by=early)
    early.call("commit")
    second.result(10)
    column, value = CHANGES[first]
    assert engine.rows(f"select concurrency, {column} from queues where name = 'q'") == [(9, value)]


def test_registering_again_does_not_undo_a_pause_that_it_meets(engine, session):
    engine.register("q")
    early, late = session(), session()
    early.call("begin")
    early.call("select pause_queue('q')")
    second = late.begin_call("select register_queue('q', concurrency => 9, on_conflict => 'update')")
    late.wait_until_blocked(by=early)
    early.call("commit")
    assert second.result(10) == [(False,)]
    assert engine.rows("select concurrency, paused from queues where name = 'q'") == [(9, True)]


@pytest.mark.parametrize(
    "late_call",
    [
        """select update_queue('q', '{"concurrency": 9}')""",
        "select pause_queue('q')",
        "select delete_queue('q')",
    ],
)
def test_what_meets_a_deletion_is_told_that_the_queue_is_gone(engine, session, late_call):
    engine.register("q")
    early, late = session(), session()
    early.call("begin")
    early.call("select delete_queue('q')")
    second = late.begin_call(late_call)
    late.wait_until_blocked(by=early)
    early.call("commit")
    assert refusal(lambda: second.result(10)) == "PD007"


def test_registering_a_queue_that_is_being_deleted_makes_it_anew(engine, session):
    engine.register("q", concurrency=3)
    early, late = session(), session()
    early.call("begin")
    early.call("select delete_queue('q')")
    second = late.begin_call("select register_queue('q', rate_limit => 1, rate_period => '1 s')")
    late.wait_until_blocked(by=early)
    early.call("commit")
    assert second.result(10) == [(True,)]
    assert engine.rows("select concurrency, rate_limit from queues where name = 'q'") == [(None, 1)]


def test_no_workflow_is_ever_lost_in_a_deleted_queue(engine, database):
    over = threading.Event()
    acknowledged = []

    def enqueue(connection, number):
        """Enqueue two, wait for their end, and so on; the queue is empty now and then."""
        make_queue = number % 2 == 0
        while not over.is_set():
            try:
                rows = connection.execute(
                    """select workflow_id from enqueue_many('w', array[null, null]::json[], 'doomed',
                                                            create_queue => %s)""",
                    [make_queue],
                ).fetchall()
            except psycopg.Error as error:
                if error.sqlstate != "PD007" or make_queue:
                    raise
                continue
            acknowledged.extend(workflow_id for (workflow_id,) in rows)
            while not over.is_set() and connection.execute(
                "select status from get_result(%s)", rows[-1]
            ).fetchone() != ("SUCCESS",):
                pass

    def drain(connection):
        [executor] = connection.execute("select register_executor('test', '1 hour')").fetchone()
        while not over.is_set():
            rows = connection.execute(CLAIM, [executor, 50]).fetchall()
            connection.execute(
                "select * from finish_many(%s, %s, array_fill('1'::json, array[%s]))",
                [[key for key, _ in rows], [token for _, token in rows], len(rows)],
            )

    def delete(connection):
        deleted = 0
        until = time.monotonic() + 4
        # On all but a very slow machine it is long since enough by then.
        while (time.monotonic() < until or deleted <= 10 or len(acknowledged) <= 100) and not over.is_set():
            deleted += refusal(lambda: connection.execute("select delete_queue('doomed')")) is None
        over.set()
        return deleted

    def work(connection, number):
        try:
            if number == 0:
                return delete(connection)
            return drain(connection) if number <= 2 else enqueue(connection, number)
        except BaseException:
            over.set()
            raise

    deleted = at_once(database, 7, work)[0]
    assert deleted > 10
    assert engine.violations() == {}

    executor = engine.executor()
    while engine.claim(executor, 1000):
        engine.finish_all(executor)
    assert len(acknowledged) > 100
    assert engine.value("select count(*) from outcomes where status = 'SUCCESS'") == len(acknowledged)


def test_a_deletion_waits_for_enqueueing_under_way_and_is_then_refused(engine, session):
    engine.register("q")
    enqueueing, operator = session(), session()
    enqueueing.call("begin")
    enqueueing.call("select enqueue('w', queue => 'q')")
    deletion = operator.begin_call("select delete_queue('q')")
    operator.wait_until_blocked(by=enqueueing)
    enqueueing.call("commit")
    assert refusal(lambda: deletion.result(10)) == "PD013"
    assert len(engine.claim(engine.executor(), 1)) == 1


def test_enqueueing_that_meets_a_deletion_is_told_that_the_queue_is_gone(engine, session):
    engine.register("q")
    enqueueing, operator = session(), session()
    operator.call("begin")
    operator.call("select delete_queue('q')")
    enqueued = enqueueing.begin_call("select enqueue('w', queue => 'q')")
    enqueueing.wait_until_blocked(by=operator)
    operator.call("commit")
    assert refusal(lambda: enqueued.result(10)) == "PD007"
    assert engine.violations() == {}


@pytest.mark.parametrize(
    "state", ["enqueued", "delayed", "running", "suspended", "retried", "being enqueued"]
)
@pytest.mark.parametrize("partitioned", [True, False])
def test_partitions_come_and_go_only_without_active_workflows(engine, session, state, partitioned):
    change = f"""select update_queue('q', '{{"partitioned": {str(not partitioned).lower()}}}')"""
    key = ["p"] if partitioned else None
    engine.register("q", partitioned=partitioned)
    enqueueing, operator = session(), session()
    if state == "being enqueued":
        enqueueing.call("begin")
        enqueueing.call("select enqueue('w', queue => 'q', partition_key => %s)", [key and key[0]])
    else:
        delay = "1 hour" if state == "delayed" else None
        engine.enqueue(1, queue="q", partition_keys=key, delay=delay, retries=1, retry_interval="1 hour")
    executor = engine.executor()
    if state in ("running", "suspended", "retried"):
        [owned] = engine.claim(executor, 1)
        if state == "suspended":
            engine.rows("select suspend(%s, %s, interval '1 hour')", list(owned))
        elif state == "retried":
            engine.rows("select finish(%s, %s, error => '{}')", list(owned))
    changed = operator.begin_call(change)
    if state == "being enqueued":
        operator.wait_until_blocked(by=enqueueing)
        enqueueing.call("commit")
    assert refusal(lambda: changed.result(10)) == "PD013"

    engine.rows("update tasks set wake_at = clock_timestamp() where wake_at is not null returning 1")
    engine.claim(executor, 1)
    engine.finish_all(executor)
    operator.call(change)


@pytest.mark.parametrize(
    "call",
    [
        "select * from claim(%(executor)s)",
        "select * from run_maintenance()",
        "select deregister_executor(%(executor)s)",
        "select reconcile(%(executor)s, '{}')",
        "select pause_queue('q')",
        """select update_queue('q', '{"concurrency": 1}')""",
        "select register_queue('q', concurrency => 1, on_conflict => 'update')",
        "select delete_queue('q')",
    ],
)
@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_what_decides_by_the_newest_state_is_refused_with_an_older_snapshot(engine, session, call, isolation):
    engine.register("q")
    executor = engine.executor()
    late = session()
    late.call(f"begin isolation level {isolation}")
    late.call("select from queues")
    engine.enqueue(1, queue="q")
    assert refusal(lambda: late.call(call, {"executor": executor})) == "PD001"
    late.call("rollback")
    assert engine.violations() == {}


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_snapshot_older_than_a_deletion_enqueues_nothing_into_the_deleted_queue(engine, session, isolation):
    engine.register("q")
    engine.register("other")
    late = session()
    late.call(f"begin isolation level {isolation}")
    late.call("select from queues")
    engine.rows("select delete_queue('q')")
    assert refusal(lambda: late.call("select enqueue('w', queue => 'q')")) == "40001"
    late.call("rollback")
    assert engine.violations() == {}


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
@pytest.mark.parametrize("change", ['{"partitioned": true}', '{"priority_ageing": "1 hour"}'])
def test_a_snapshot_older_than_partitions_or_ageing_enqueues_nothing_that_does_not_fit(
    engine, session, isolation, change
):
    engine.register("q")
    late = session()
    late.call(f"begin isolation level {isolation}")
    late.call("select from queues")
    engine.claim(engine.executor(), 1)  # marks the queue
    engine.rows("select update_queue('q', %s)", [change])
    assert refusal(lambda: late.call("select enqueue('w', queue => 'q')")) == "40001"
    late.call("rollback")
    assert engine.violations() == {}


def test_a_snapshot_older_than_other_changes_of_the_queue_enqueues(engine, session):
    late = session()
    late.call("begin isolation level repeatable read")
    late.call("select from queues")
    engine.claim(engine.executor(), 1)  # marks the queue
    engine.rows("""select update_queue('default', '{"concurrency": 1}')""")
    late.call("select enqueue('w')")
    late.call("commit")
    assert len(engine.claim(engine.executor(), 1)) == 1


def test_enqueueing_under_way_when_ageing_is_set_has_its_rank_by_it(engine, session):
    engine.register("q")
    enqueueing, operator = session(), session()
    enqueueing.call("begin")
    [(first,)] = enqueueing.call("select enqueue('w', queue => 'q')")
    second = engine.enqueue(1, queue="q")
    change = operator.begin_call("""select update_queue('q', '{"priority_ageing": "1 hour"}')""")
    operator.wait_until_blocked(by=enqueueing)
    enqueueing.call("commit")
    change.result(10)
    third = engine.enqueue(1, queue="q")
    assert engine.ids(engine.executor(), 10) == [first, *second, *third]
