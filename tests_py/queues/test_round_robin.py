"""Partitions are served in turn, so that a noisy tenant starves nobody."""

from collections import Counter
from itertools import pairwise

import pytest

from .engine import CLAIM

TENANTS = """
    select l.partition_key from claim(%s, array['q'], %s) as c
    join tasks t on t.key = c.workflow_key join lanes l using (lane_id)
    where c.workflow_key is not null
"""

EXPLAIN = "explain (analyze, buffers, format json) select * from claim(%s, array['q'], 1)"


@pytest.fixture
def queue(engine):
    engine.register("q", partitioned=True)


def enqueue(engine, tenant, many=1, **options):
    return engine.enqueue(many, queue="q", partition_keys=[tenant] * many, **options)


def tenants(engine, executor, many=1):
    """Claim; returns whose work it was."""
    return [tenant for (tenant,) in engine.rows(TENANTS, [executor, many])]


def test_a_tenant_with_100_000_waiting_delays_another_by_one_turn_at_most(engine, queue):
    for _ in range(10):
        enqueue(engine, "noisy", 10_000)
    executor = engine.executor()
    for many in (1, 10):
        for number in range(5):
            tenant = f"new {many} {number}"
            enqueue(engine, tenant)
            # In one turn each tenant with work is served once.
            turn = tenants(engine, executor, many)
            if many == 1 and turn == ["noisy"]:
                turn = tenants(engine, executor, many)
            assert tenant in turn
        assert tenants(engine, executor, many) == ["noisy"] * many


def test_claims_of_one_serve_each_tenant_once_a_turn(engine, queue):
    for number in range(7):
        enqueue(engine, f"t{number}", 10 * (number + 1))
    executor = engine.executor()
    served = [tenant for _ in range(70) for tenant in tenants(engine, executor)]
    for turn in range(10):
        assert sorted(served[7 * turn : 7 * turn + 7]) == [f"t{number}" for number in range(7)]


def test_claims_of_many_sessions_serve_each_tenant_once_a_turn(engine, queue, session):
    for number in range(5):
        enqueue(engine, f"t{number}", 20)
    sessions = [(session(), engine.executor()) for _ in range(4)]
    for turn in range(25):
        worker, executor = sessions[turn % 4]
        worker.call("select * from claim(%s, array['q'], 4)", [executor])
    # 100 of 100, in turns of five: never was one tenant two ahead of another.
    starts = engine.rows("""
        select l.partition_key from tasks join lanes l using (lane_id)
        where executor_id is not null order by started_at, token
    """)
    ahead: Counter[str] = Counter()
    for turn in range(25):
        ahead.update(tenant for (tenant,) in starts[4 * turn : 4 * turn + 4])
        assert max(ahead.values()) - min(ahead[f"t{number}"] for number in range(5)) <= 1


def test_a_claim_of_ten_is_shared_out_evenly(engine, queue):
    enqueue(engine, "a", 100)
    enqueue(engine, "b", 100)
    enqueue(engine, "c", 2)
    executor = engine.executor()
    # What the small one leaves goes to the others.
    assert sorted(Counter(tenants(engine, executor, 10)).values()) == [2, 3, 5]
    assert Counter(tenants(engine, executor, 10)) == {"a": 5, "b": 5}


def test_of_10_000_partitions_those_with_work_are_served_in_turn_and_as_fast_as_few(engine, queue):
    engine.enqueue(10_000, queue="q", partition_keys=[f"t{number}" for number in range(10_000)])
    executor = engine.executor()
    assert len(tenants(engine, executor, 10_000)) == 10_000
    engine.finish_all(executor)
    engine.connection.execute("analyze tasks")
    busy = [f"t{number}" for number in range(500, 10_000, 1000)]
    for tenant in busy:
        enqueue(engine, tenant, 12)

    served = [tenant for _ in range(100) for tenant in tenants(engine, executor)]
    # A claim that looked at every partition would read some blocks for each.
    enqueue(engine, busy[0])
    [(explained,)] = engine.rows(EXPLAIN, [executor])
    read = explained[0]["Plan"]["Shared Hit Blocks"] + explained[0]["Plan"]["Shared Read Blocks"]
    assert read < 400
    for turn in range(10):
        assert sorted(served[10 * turn : 10 * turn + 10]) == sorted(busy)
    assert all(first != second for first, second in pairwise(served))


@pytest.mark.parametrize("state", ["locked", "expired", "full", "rate spent"])
def test_a_partition_whose_work_cannot_start_now_does_not_hold_up_the_others(engine, queue, session, state):
    executor = engine.executor()
    limits = {"full": '"partition_concurrency": 1', "rate spent": '"partition_rate_limit": 1'}
    if state in limits:
        if state == "rate spent":
            limits[state] += ', "partition_rate_period": "1 hour"'
        engine.rows("select update_queue('q', %s)", [f"{{{limits[state]}}}"])
        enqueue(engine, "a", 3)
        assert tenants(engine, executor, 2) == ["a"]
    elif state == "expired":
        # More than one claim cancels.
        enqueue(engine, "a", 3000, expires_in="1 microsecond")
    else:
        enqueue(engine, "a", 2)
    holder = session()
    if state == "locked":
        holder.call("begin")
        holder.call("select from tasks for update")
    work = enqueue(engine, "b", 2)

    assert engine.ids(executor, 1) == work[:1]
    # A turn goes round.
    if state in ("full", "rate spent"):
        assert engine.ids(executor, 10) == []
    else:
        assert engine.ids(executor, 10) == work[1:]


def test_a_new_tenants_uncommitted_first_job_delays_no_other_tenant(engine, queue, session):
    enqueue(engine, "a", 2)
    enqueueing = session()
    enqueueing.call("begin")
    enqueueing.call("select enqueue('w', queue => 'q', partition_key => 'b')")
    executor = engine.executor()
    assert tenants(engine, executor, 10) == ["a", "a"]
    enqueue(engine, "a")
    enqueueing.call("commit")
    assert sorted(tenants(engine, executor, 10)) == ["a", "b"]


def test_what_returns_takes_its_place_back_before_anything_new_starts(engine, queue):
    engine.rows("""select update_queue('q', '{"partition_concurrency": 1}')""")
    enqueue(engine, "a", 2)
    executor = engine.executor()
    [(key, token)] = engine.rows(CLAIM, [executor, 10])
    engine.rows("select suspend(%s, %s)", [key, token])
    assert [row[0] for row in engine.rows(CLAIM, [executor, 10])] == [key]
