"""A session that dies inside a function leaves nothing half written, wherever it stood."""

import psycopg
import pytest


def three(value: str) -> str:
    return f"array_fill({value}, array[3])"


OWNED = "%(keys)s::bigint[], %(tokens)s::bigint[]"
NAMES = three("'s'::text")
JSONS = three("'1'::json")
CHILDREN = f"parent_keys => %(keys)s, parent_tokens => %(tokens)s, parent_steps => {three('2')}"

# Every function that writes more than one row, on three running workflows of one executor ...
CALLS = {
    "enqueue_many": f"select * from enqueue_many('s', {JSONS}, {CHILDREN})",
    "start_many": f"select * from start_many(%(executor)s, {NAMES}, {JSONS}, {CHILDREN})",
    "claim": "select * from claim(%(other)s, max_workflows => 3)",
    "record_steps": f"select * from record_steps({OWNED}, {three('2')}, {NAMES}, {JSONS})",
    "retried": f"select * from record_steps({OWNED}, {three('1')}, {NAMES}, {JSONS})",
    "suspend_many": f"select * from suspend_many({OWNED})",
    "release_many": f"select * from release_many({OWNED})",
    "finish_many": f"select * from finish_many({OWNED}, {JSONS})",
    "get_results": "select * from get_results(%(ids)s, watch => true)",
    "reconcile": "select reconcile(%(executor)s, '{}')",
    "deregister_executor": "select deregister_executor(%(executor)s)",
    "run_maintenance": "select executors_lapsed, workflows_requeued from run_maintenance()",
}

# ... and every table that it writes to.
WRITES = [
    ("enqueue_many", "insert on workflows"),
    ("enqueue_many", "insert on tasks"),
    ("enqueue_many", "insert on steps"),
    ("start_many", "insert on workflows"),
    ("start_many", "insert on tasks"),
    ("start_many", "insert on steps"),
    ("claim", "update on tasks"),
    ("claim", "update on queues"),
    ("record_steps", "insert on steps"),
    ("retried", "update on steps"),
    ("suspend_many", "update on tasks"),
    ("release_many", "update on tasks"),
    ("finish_many", "delete on tasks"),
    ("finish_many", "insert on outcomes"),
    ("get_results", "update on tasks"),
    ("reconcile", "update on tasks"),
    ("deregister_executor", "update on tasks"),
    ("deregister_executor", "delete on executors"),
    ("run_maintenance", "update on executors"),
    ("run_maintenance", "update on tasks"),
    ("run_maintenance", "delete on tasks"),
    ("run_maintenance", "insert on outcomes"),
    ("run_maintenance", "delete on executors"),
]

# What each of them waits for: a workflow, or an executor.
WORKFLOW = "select from tasks where key = %(last)s for update"
WAITS = [
    ("claim", "select from executors where executor_id = %(other)s for update"),
    ("start_many", "select from executors where executor_id = %(executor)s for update"),
    ("deregister_executor", "select from executors where executor_id = %(executor)s for key share"),
    *((call, WORKFLOW) for call in CALLS if call not in ("claim", "run_maintenance")),
]


@pytest.fixture
def running(engine):
    """The arguments of the calls. Two workflows wait; three run, and have a step to be retried.

    One of those that run has had all its attempts, and their executor has lapsed, so a takeover has
    something of each kind to do.
    """
    executor, owned = engine.claimed(3)
    for key, token in owned:
        engine.rows("select * from fail_step(%s, %s, 1, 's', '{}', 1, 3)", [key, token])
    engine.rows("update tasks set attempts = 101 where key = %s returning 1", [owned[1][0]])
    ids = engine.rows("select array_agg(workflow_id) from workflows")[0][0]
    engine.enqueue(2)
    other = engine.executor()
    engine.lapse(executor)
    return {
        "keys": [key for key, _ in owned],
        "tokens": [token for _, token in owned],
        "last": owned[-1][0],
        "ids": ids,
        "executor": executor,
        "other": other,
    }


@pytest.mark.parametrize(("call", "write"), WRITES)
def test_a_session_that_dies_while_it_writes_leaves_nothing(engine, session, gate, running, call, write):
    before = engine.state()
    dying, after = session(), session()
    standing = gate(dying, f"before {write} for each row")
    pending = dying.begin_call(CALLS[call], running)
    standing.wait_until_reached()
    dying.kill()
    with pytest.raises(psycopg.OperationalError):
        pending.result(10)

    assert engine.state() == before
    after.call(CALLS[call], running)
    assert engine.state() != before
    assert engine.violations() == {}


@pytest.mark.parametrize(("call", "lock"), WAITS)
def test_a_session_that_dies_while_it_waits_leaves_nothing(engine, session, running, call, lock):
    before = engine.state()
    dying, holder, after = session(), session(), session()
    holder.call("begin")
    holder.call(lock, running)
    pending = dying.begin_call(CALLS[call], running)
    dying.wait_until_blocked(by=holder)
    dying.kill()
    with pytest.raises(psycopg.OperationalError):
        pending.result(10)
    holder.call("rollback")

    assert engine.state() == before
    after.call(CALLS[call], running)
    assert engine.state() != before
    assert engine.violations() == {}


@pytest.mark.parametrize("call", CALLS)
def test_a_session_that_dies_before_it_commits_leaves_nothing(engine, session, running, call):
    before = engine.state()
    dying, after = session(), session()
    dying.call("begin")
    dying.call(CALLS[call], running)
    dying.kill()

    assert engine.state() == before
    after.call(CALLS[call], running)
    assert engine.state() != before
    assert engine.violations() == {}


@pytest.mark.parametrize("call", ["finish_many", "record_steps", "claim"])
def test_a_call_that_is_cancelled_while_it_writes_leaves_nothing(engine, session, gate, running, call):
    before = engine.state()
    slow, after = session(), session()
    [write, *_] = [table for name, table in WRITES if name == call]
    standing = gate(slow, f"before {write} for each row")
    pending = slow.begin_call(CALLS[call], running)
    standing.wait_until_reached()
    slow.cancel()
    with pytest.raises(psycopg.errors.QueryCanceled):
        pending.result(10)

    assert engine.state() == before
    after.call(CALLS[call], running)
    assert engine.violations() == {}
