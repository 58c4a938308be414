import psycopg
import pytest

from tests_py.support import NeverHappened


def test_a_session_is_seen_to_wait_for_another(session, empty_database, blocked):
    first, second = session(empty_database), session(empty_database)
    first.call("create table t (id int primary key)")
    first.call("insert into t values (1)")
    first.call("begin")
    first.call("select from t for update")

    pending = second.begin_call("update t set id = 2 returning id")
    second.wait_until_blocked(by=first)
    assert blocked(second.pid, by=first.pid)
    assert not first.is_blocked()
    assert not pending.done()

    first.call("commit")
    assert pending.result(10) == [(2,)]
    assert not second.is_blocked()


def test_waiting_for_a_block_fails_at_once_when_the_call_does_not_block(session, empty_database):
    one = session(empty_database)
    one.begin_call("select 1")
    with pytest.raises(NeverHappened, match="no call under way"):
        one.wait_until_blocked()


def test_a_call_raises_what_the_server_raised(session, empty_database):
    with pytest.raises(psycopg.errors.DivisionByZero):
        session(empty_database).call("select 1 / 0")


def test_a_killed_session_fails_its_call(session, empty_database):
    first, second = session(empty_database), session(empty_database)
    first.call("select pg_advisory_lock(1)")
    pending = second.begin_call("select pg_advisory_lock(1)")
    second.wait_until_blocked(by=first)
    second.kill()
    with pytest.raises(psycopg.OperationalError):
        pending.result(10)


def test_closing_does_not_wait_for_a_blocked_call(session, empty_database):
    first, second = session(empty_database), session(empty_database)
    first.call("select pg_advisory_lock(1)")
    pending = second.begin_call("select pg_advisory_lock(1)")
    second.wait_until_blocked(by=first)
    second.close()
    assert pending.done()
