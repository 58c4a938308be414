"""What meets a rename or a change of attributes, with real sessions."""

import psycopg
import pytest

START = "select workflow_key, token from start(%s, 'w', null, %s)"
RENAME = "select workflows from rename_application('old', 'new')"


def register(session, application):
    return session.value("select register_executor('test', application => %s)", [application])


def test_a_rename_waits_for_a_direct_start_that_is_under_way(session):
    starting, renaming, looking = session(), session(), session()
    old, new = register(looking, "old"), register(looking, "new")
    starting.call("begin")
    starting.call(START, [old, "w"])
    pending = renaming.begin_call(RENAME)
    renaming.wait_until_blocked(by=starting)
    starting.call("commit")

    assert pending.result(20) == [(1,)]
    looking.call("select deregister_executor(%s)", [old])
    stale = register(looking, "old")
    assert looking.call("select workflow_id from claim(%s)", [stale]) == []
    assert looking.call("select workflow_id from claim(%s)", [new]) == [("w",)]


def test_a_direct_start_during_a_rename_is_of_the_new_name(session):
    starting, renaming, looking = session(), session(), session()
    old = register(looking, "old")
    renaming.call("begin")
    renaming.call(RENAME)
    pending = starting.begin_call(START, [old, "w"])
    starting.wait_until_blocked(by=renaming)
    renaming.call("commit")

    pending.result(20)
    assert looking.value("select application from get_workflow('w')") == "new"
    assert looking.call("select q.name from tasks t join queues q using (queue_id)") == [("_internal/new",)]


def test_what_is_enqueued_during_a_rename_is_moved_by_a_second_call(session):
    enqueueing, renaming = session(), session()
    renaming.call("select register_queue('q', application => 'old')")
    enqueueing.call("begin")
    enqueueing.call("select enqueue('w', queue => 'q', workflow_id => 'w')")
    assert renaming.call(RENAME) == [(0,)]
    enqueueing.call("commit")

    assert renaming.value("select application from get_workflow('w')") == "old"
    new = register(renaming, "new")
    assert renaming.call("select workflow_id from claim(%s)", [new]) == [("w",)]
    assert renaming.call(RENAME) == [(1,)]


def test_a_version_that_is_registered_during_a_rename_is_one_with_the_old(session):
    registering, renaming = session(), session()
    version = "select register_executor('test', app_version => 'v1', application => %s)"
    renaming.call(version, ["old"])
    # So that the internal queue is there, and is not what it waits for.
    register(renaming, "new")
    registering.call("begin")
    registering.call(version, ["new"])
    pending = renaming.begin_call(RENAME)
    renaming.wait_until_blocked(by=registering)
    registering.call("commit")

    assert pending.result(20) == [(0,)]
    assert renaming.call("select application, app_version, latest, executors from list_versions()") == [
        ("new", "v1", True, 2)
    ]


def test_a_cancelled_workflow_sets_no_attributes(session):
    cancelling, setting = session(), session()
    executor = register(setting, None)
    ((key, token),) = setting.call(START, [executor, "w"])
    cancelling.call("begin")
    cancelling.call("select cancel('w')")
    pending = setting.begin_call("select set_attributes_in_step(%s, %s, 1, 'w', '{}')", [key, token])
    setting.wait_until_blocked(by=cancelling)
    cancelling.call("commit")

    with pytest.raises(psycopg.Error) as refused:
        pending.result(20)
    assert refused.value.sqlstate == "PD004"
    assert setting.value("select attributes from get_workflow('w')") is None
