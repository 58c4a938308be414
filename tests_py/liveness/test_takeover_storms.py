"""A thousand executors die at once."""

from tests_py.concurrency.engine import Engine, at_once

EXECUTORS, EACH = 1000, 20


def test_twenty_thousand_workflows_are_shared_out_in_small_calls_while_claims_go_on(database, connect):
    engine = Engine(connect())
    engine.enqueue(EXECUTORS * EACH)
    engine.rows(
        """
        with made as (
          select i, register_executor('dead', app_version => case when i %% 2 = 0 then '1' end) as executor_id
          from generate_series(1, %(many)s) as i
        ),
        numbered as (
          select key, 1 + row_number() over (order by key) %% %(many)s as i from tasks
        )
        update tasks t
        set status = 'PENDING', executor_id = m.executor_id, token = nextval('claim_tokens'), attempts = 1,
            started_at = clock_timestamp()
        from numbered n join made m on m.i = n.i
        where t.key = n.key
        returning 1
        """,
        {"many": EXECUTORS},
    )
    engine.rows("update executors set lease_until = clock_timestamp() - interval '1 second' returning 1")
    engine.rows("select register_queue('living')")
    engine.enqueue(600, queue="living")

    def maintain(connection):
        taken = 0
        while connection.execute("select from executors where name = 'dead' limit 1").rowcount:
            ((lapsed, requeued),) = connection.execute(
                "select executors_lapsed, workflows_requeued from run_maintenance(500)"
            ).fetchall()
            assert lapsed <= 100
            assert requeued <= 500
            taken += requeued
        return taken

    def claim(connection):
        # One that had to wait for maintenance would fail.
        connection.execute("set lock_timeout = '2s'")
        ((executor,),) = connection.execute("select register_executor('alive', '1 hour')").fetchall()
        claimed = 0
        while rows := connection.execute(
            "select workflow_key, token from claim(%s, array['living'], 5)", [executor]
        ).fetchall():
            keys, tokens = map(list, zip(*rows, strict=True))
            connection.execute(
                "select finish_many(%s, %s, array_fill('1'::json, array[%s]))", [keys, tokens, len(rows)]
            )
            claimed += len(rows)
        return claimed

    counts = at_once(database, 8, lambda connection, n: (maintain if n < 5 else claim)(connection))
    assert sum(counts[:5]) == EXECUTORS * EACH
    assert sum(counts[5:]) == 600
    assert engine.rows("select status::text, attempts, resumed, count(*) from tasks group by 1, 2, 3") == [
        ("ENQUEUED", 1, True, EXECUTORS * EACH)
    ]
    assert engine.violations() == {}
