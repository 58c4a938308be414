"""Enqueueing is part of the caller's transaction: it is there as a whole when that commits, or not at all."""

import contextlib

import psycopg
import pytest

from tests_py.concurrency.engine import at_once

from .engine import refusal

COUNT = "select count(*) from workflows"


def test_10_000_in_one_call_are_seen_by_claims_all_at_once(engine, session):
    enqueueing = session()
    enqueueing.call("begin")
    enqueueing.call("select count(*) from enqueue_many('w', array_fill(null::json, array[10000]))")
    executor = engine.executor()
    assert engine.claim(executor, 10_000) == []
    enqueueing.call("commit")
    assert len(engine.claim(executor, 10_000)) == 10_000


BAD_ITEMS = {
    "PD001": "workflow_ids => array[null, 'a', repeat('x', 600)]",
    "PD003": "workflow_ids => array[null, 'a', 'other workflow']",
    "PD012": "deduplication_ids => array['a', null, 'held']",
}


@pytest.mark.parametrize("code", BAD_ITEMS)
def test_a_batch_with_one_bad_item_enqueues_nothing(engine, code):
    engine.rows("select enqueue('other', workflow_id => 'other workflow', deduplication_id => 'held')")
    call = f"select * from enqueue_many('w', array[null, null, null]::json[], {BAD_ITEMS[code]})"
    assert refusal(lambda: engine.rows(call)) == code
    assert engine.value(COUNT) == 1
    assert engine.value("select count(*) from deduplications") == 1
    assert engine.violations() == {}


def test_of_batches_that_overlap_each_is_whole_or_nothing(engine, database):
    """Twenty sessions want overlapping deduplication ids: who gets one gets all of its batch."""

    def enqueue(connection, number):
        ids = [f"d{number + place}" for place in range(5)]
        return refusal(
            lambda: connection.execute(
                "select * from enqueue_many('w', array_fill(%s::json, array[5]), deduplication_ids => %s)",
                [str(number), ids],
            )
        )

    refused = at_once(database, 20, enqueue)
    assert set(refused) == {None, "PD012"}
    batches = engine.rows("select input::text::int, count(*) from workflows group by 1 order by 1")
    assert batches == [(number, 5) for number, code in enumerate(refused) if code is None]
    assert engine.violations() == {}


@pytest.fixture
def orders(engine):
    """A table whose trigger enqueues a workflow for each row."""
    engine.connection.execute("""
        create table public.orders (id int primary key, total int check (total > 0));
        create function public.enqueue_order() returns trigger language plpgsql as $$
        begin
          perform enqueue('charge', json_build_object('order', new.id), queue => 'orders',
                          create_queue => true, workflow_id => 'charge ' || new.id);
          return new;
        end
        $$;
        create trigger enqueue_order before insert on public.orders
        for each row execute function public.enqueue_order();
    """)
    yield
    engine.connection.execute("drop table public.orders; drop function public.enqueue_order")


def test_a_trigger_enqueues_with_its_row(engine, orders):
    engine.connection.execute("insert into public.orders values (1, 10), (2, 20)")
    assert engine.ids(engine.executor(), 10) == ["charge 1", "charge 2"]


def test_a_trigger_enqueues_nothing_when_its_row_is_refused(engine, orders):
    assert (
        refusal(lambda: engine.connection.execute("insert into public.orders values (1, 10), (2, 0)"))
        == "23514"
    )
    assert engine.value(COUNT) == 0
    assert engine.claim(engine.executor(), 10) == []


def test_a_psycopg_transaction_enqueues_with_what_else_it_writes(engine, connect, orders):
    writing = connect()
    with writing.transaction():
        writing.execute("insert into public.orders values (1, 10)")
        with contextlib.suppress(psycopg.errors.CheckViolation), writing.transaction():
            writing.execute("select enqueue('w', workflow_id => 'in a savepoint that is undone')")
            writing.execute("insert into public.orders values (2, 0)")
        assert engine.claim(engine.executor(), 10) == []
    assert engine.ids(engine.executor(), 10) == ["charge 1"]
    assert engine.value(COUNT) == 1


@pytest.mark.parametrize("ending", ["rollback", "crash"])
def test_a_transaction_that_does_not_commit_enqueues_nothing(engine, session, ending):
    enqueueing = session()
    enqueueing.call("begin")
    enqueueing.call("select enqueue('w', queue => 'new', create_queue => true, deduplication_id => 'd')")
    enqueueing.call("select debounce('w', 'k', '1 s')")
    if ending == "rollback":
        enqueueing.call("rollback")
    else:
        enqueueing.kill()
    assert engine.value(COUNT) == 0
    assert engine.rows("select * from deduplications") == []
    assert engine.rows("select queue from list_queues()") == [("default",)]
    engine.enqueue(1, deduplication_ids=["d"])


def test_a_crowd_that_makes_one_queue_on_its_first_use_makes_it_once(engine, database):
    def enqueue(connection, number):
        connection.execute("select enqueue('w', queue => 'new', create_queue => true)")

    at_once(database, 20, enqueue)
    assert engine.rows("select queue, waiting from queue_stats('new')") == [("new", 20)]


def test_a_crowd_that_makes_partitions_makes_each_once(engine, database):
    engine.register("q", partitioned=True)

    def enqueue(connection, number):
        keys = [f"p{(number + 7 * place) % 10}" for place in range(10)]
        connection.execute(
            "select * from enqueue_many('w', array_fill(null::json, array[10]), 'q', partition_keys => %s)",
            [keys],
        )

    at_once(database, 20, enqueue)
    assert engine.rows("select count(*), count(distinct partition_key) from lanes") == [(10, 10)]
    assert engine.violations() == {}


# What is refused, with the code that says so.
REFUSED = {
    "PD001": [
        *(
            f"select register_queue('x', {setting} => {value}{also})"
            for setting, also in {
                "concurrency": "",
                "worker_concurrency": "",
                "rate_limit": ", rate_period => '1 s'",
                "partition_concurrency": ", partitioned => true",
                "partition_rate_limit": ", partition_rate_period => '1 s', partitioned => true",
            }.items()
            for value in (0, -1, 1_000_001, 2_147_483_647)
        ),
        *(
            f"""select update_queue('q', '{{"{setting}": {value}}}')"""
            for setting in ("concurrency", "worker_concurrency", "rate_limit", "partition_concurrency")
            for value in (0, -1, 1_000_001, 3_000_000_000, 1e300, 2.5, '"many"', "[]", "{}", "true")
        ),
        "select register_queue('x', rate_limit => 1)",
        "select register_queue('x', rate_period => '1 s')",
        "select register_queue('x', rate_limit => 1, rate_period => '0')",
        "select register_queue('x', rate_limit => 1, rate_period => '-1 s')",
        "select register_queue('x', rate_limit => 1, rate_period => '2 years')",
        "select register_queue('x', priority_ageing => '0')",
        "select register_queue('x', partition_concurrency => 1)",
        """select update_queue('q', '{"rate_limit": 1}')""",
        """select update_queue('q', '{"rate_limit": 1, "rate_period": "soon"}')""",
        """select update_queue('q', '{"limit": 1}')""",
        """select update_queue('q', '[1]')""",
        """select update_queue('q', null)""",
        "select enqueue('w', queue => 'q', partition_key => 'p')",
        "select enqueue('w', queue => 'parted')",
        "select enqueue('w', queue => 'parted', partition_key => '')",
        "select enqueue('w', queue => 'parted', partition_key => repeat('x', 513))",
        *(
            f"select * from enqueue_many('w', array[null, null]::json[], 'parted', partition_keys => {keys})"
            for keys in ("array['p', null]", "array['p']", "'{}'", "null")
        ),
        "select enqueue('w', deduplication_id => '')",
        "select enqueue('w', deduplication_id => repeat('x', 513))",
        "select enqueue('w', on_duplicate => 'ignore')",
        "select enqueue('w', delay => '-1 second')",
        "select enqueue('w', delay => '101 years')",
        "select enqueue('w', expires_in => '0')",
        "select enqueue('w', expires_in => '-1 second')",
        "select enqueue('w', retries => -1)",
        "select enqueue('w', retries => 1, retry_backoff => 0.5)",
        "select enqueue('w', retries => 1, retry_backoff => 'NaN')",
        "select enqueue('w', retries => 1, retry_interval => '-1 s')",
        "select enqueue('w', retries => 1, retry_interval => null)",
        "select enqueue('w', queue => null)",
        "select debounce('w', 'k', '0')",
        "select debounce('w', 'k', '-1 s')",
        "select debounce('w', 'k', null)",
        "select debounce('w', '', '1 s')",
        "select debounce('w', 'k', '2 s', max_delay => '1 s')",
        "select debounce('w', 'k', '1 s', queue => 'parted')",
        "select set_delay('id', '-1 s')",
        "select set_delay('id', null)",
        "select delete_queue('default')",
        "select pause_queue('_internal')",
        "select pause_queue(null)",
    ],
    "PD002": ["select set_delay('nobody', '1 s')", "select * from explain_wait('nobody')"],
    "PD007": [
        "select enqueue('w', queue => 'nowhere')",
        "select debounce('w', 'k', '1 s', queue => 'nowhere')",
        "select pause_queue('nowhere')",
        "select resume_queue('nowhere')",
        "select delete_queue('nowhere')",
        """select update_queue('nowhere', '{"concurrency": 1}')""",
    ],
}


@pytest.mark.parametrize("code", REFUSED)
def test_bad_input_is_refused_with_its_code_and_a_remedy_and_changes_nothing(engine, code):
    engine.register("q")
    engine.register("parted", partitioned=True)
    engine.rows("select enqueue('w', workflow_id => 'id', delay => '1 hour')")
    before = engine.state()
    for call in REFUSED[code]:
        with pytest.raises(psycopg.Error) as raised:
            engine.rows(call)
        assert (call, raised.value.sqlstate) == (call, code)
        assert raised.value.diag.message_primary
        assert raised.value.diag.message_hint
    assert engine.state() == before
    assert engine.rows("select * from lanes") == []
    assert engine.rows("select * from deduplications") == []


def test_the_whole_range_of_priorities_is_kept_apart(engine):
    priorities = [2**31 - 1, -(2**31), 0, 2**31 - 2, -(2**31) + 1]
    for settings in ({}, {"priority_ageing": "1 year"}):
        queue = f"q {len(settings)}"
        engine.register(queue, **settings)
        ids = engine.enqueue(5, queue=queue, priorities=priorities)
        order = [workflow_id for _, workflow_id in sorted(zip(priorities, ids, strict=True))]
        assert engine.ids(engine.executor(), 5) == order
