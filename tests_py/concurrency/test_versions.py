"""Versions: sessions of several claim at once, move work and pin it."""

from .engine import at_once

MINE = "select workflow_key, token, workflow_id from claim(%s, max_workflows => %s)"


def test_a_crowd_of_versions_claims_each_workflow_once_and_only_its_own(engine, database):
    for version in ("1", "2", None):
        engine.rows("select register_executor('first', '1 hour', %s)", [version])
        engine.enqueue(800, app_version=version, workflow_ids=[f"{version} {i}" for i in range(800)])
    versions = ["1", "1", "1", "2", "2", "2", None]

    def claim(connection, number):
        ((executor,),) = connection.execute(
            "select register_executor('test', '1 hour', %s)", [versions[number]]
        ).fetchall()
        taken = []
        # One that finds nothing has met others that hold what is left.
        while rows := connection.execute(MINE, [executor, 1 + 7 * (number % 3)]).fetchall():
            taken += [workflow_id for _, _, workflow_id in rows]
        return taken

    taken = at_once(database, len(versions), claim)
    for number, ids in enumerate(taken):
        found = {workflow_id.split()[0] for workflow_id in ids}
        assert found <= {"1": {"1"}, "2": {"2", "None"}, None: {"1", "2", "None"}}[versions[number]]
    together = [workflow_id for ids in taken for workflow_id in ids]
    assert len(together) == len(set(together)) == 2400
    assert engine.rows(
        "select count(*) from tasks t join executors e using (executor_id)"
        " where t.app_version <> e.app_version"
    ) == [(0,)]


def test_what_is_being_claimed_is_not_moved(engine, session):
    one = engine.value("select register_executor('1', '1 hour', '1')")
    engine.enqueue(2, app_version="1", workflow_ids=["a", "b"])
    claiming, moving = session(), session()
    claiming.call("begin")
    assert [row[2] for row in claiming.call(MINE, [one, 1])] == ["a"]
    moving.begin_call("select set_version('2', from_version => '1')")
    moving.wait_until_blocked(by=claiming)
    claiming.call("commit")
    assert moving.value("select 1") == 1
    assert engine.rows(
        "select w.workflow_id, t.app_version from tasks t join workflows w using (key) order by 1"
    ) == [("a", "1"), ("b", "2")]


def test_what_is_being_moved_is_claimed_by_nobody(engine, session):
    one = engine.value("select register_executor('1', '1 hour', '1')")
    two = engine.value("select register_executor('2', '1 hour', '2')")
    engine.enqueue(1, app_version="1")
    moving, other = session(), session()
    moving.call("begin")
    assert moving.value("select set_version('2', from_version => '1')") == 1
    assert other.call(MINE, [one, 1]) == []
    assert other.call(MINE, [two, 1]) == []
    moving.call("commit")
    assert other.call(MINE, [one, 1]) == []
    assert len(other.call(MINE, [two, 1])) == 1


def test_who_pins_in_a_long_transaction_holds_nobody_up(engine, session):
    pinning, other = session(), session()
    pinning.call("begin")
    pinning.call("select enqueue('w', app_version => 'new', workflow_id => 'a')")
    other.call("set lock_timeout = '2s'")
    other.call("select enqueue('w', app_version => 'new', workflow_id => 'b')")
    new = other.value("select register_executor('new', '1 hour', 'new')")
    assert [row[2] for row in other.call(MINE, [new, 5])] == ["b"]
    # Without version, too, as soon as it is there.
    none = engine.executor()
    pinning.call("commit")
    assert [row[2] for row in other.call(MINE, [none, 5])] == ["a"]
