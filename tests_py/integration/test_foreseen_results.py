"""Who waits for one workflow after the other asks for the notification of the next while enqueueing it."""

import threading

import pytest

from perdure import Client
from tests_py.support import TcpProxy, wait_until


@pytest.fixture
def end(sql):
    """A function that runs and ends all that is enqueued, as a worker would, in one transaction."""
    (executor,) = sql("select perdure.register_executor('by hand')")[0]

    def end():
        return sql(
            "select perdure.finish(workflow_key, token, '42') from perdure.claim(%s, max_workflows => 10)",
            executor,
        )

    return end


@pytest.fixture
def waiter(client, end):
    """A client that listens, and has waited for a workflow."""
    handle = client.enqueue("job")
    end()
    assert handle.get_result(20) == 42
    wait_until(lambda: client._results.listening)
    return client


@pytest.fixture
def result_without_asking(monkeypatch):
    """A function that waits for a result, for less long than it is left to a notification."""
    monkeypatch.setattr("perdure._results._MARKED_HEAD_START", 30.0)

    def result(handle, then=lambda: None):
        found = []
        waiting = threading.Thread(target=lambda: found.append(handle.get_result()), daemon=True)
        waiting.start()
        then()
        waiting.join(15)
        return found

    return result


def watched(sql, handle):
    return sql(
        "select watched from tasks join workflows using (key) where workflow_id = %s", handle.workflow_id
    )


def test_after_one_wait_one_workflow_is_marked(waiter, sql):
    assert watched(sql, waiter.enqueue("job")) == [(True,)]
    assert watched(sql, waiter.enqueue("job")) == [(False,)]


def test_options_are_no_hindrance(waiter, sql):
    assert watched(sql, waiter.enqueue("job", retries=1, attributes={"a": 1})) == [(True,)]


def test_who_has_waited_for_nothing_marks_nothing(client, sql):
    client.enqueue("job")
    wait_until(lambda: client._results.listening)
    assert watched(sql, client.enqueue("job")) == [(False,)]


def test_a_marked_workflow_is_asked_for_once(database, end, result_without_asking):
    with TcpProxy(database) as proxy, Client(proxy.url, poll_interval=60.0) as client:
        first = client.enqueue("job")
        end()
        assert first.get_result(20) == 42
        wait_until(lambda: client._results.listening)
        handle = client.enqueue("job")
        before = proxy.requests

        def then():
            wait_until(lambda: client._results.is_awaited(handle.workflow_id))
            end()

        assert result_without_asking(handle, then) == [42]
        assert proxy.requests - before <= 1


def test_an_end_before_anybody_waits_is_not_missed(waiter, end, result_without_asking):
    handle = waiter.enqueue("job")
    end()
    wait_until(lambda: waiter._results._marked[handle.workflow_id])
    assert result_without_asking(handle) == [42]


def test_what_had_ended_before_it_was_enqueued_again_is_found(waiter, end):
    waiter.enqueue("job", workflow_id="known")
    end()
    waiter.retrieve_workflow("known").get_result(20)
    assert waiter.enqueue("job", workflow_id="known").get_result(20) == 42


def test_a_short_timeout_holds(waiter, end):
    handle = waiter.enqueue("job")
    with pytest.raises(TimeoutError, match=r"has not ended within 0\.01 s"):
        handle.get_result(0.01)
    end()
    assert handle.get_result(20) == 42


def test_while_listen_is_lost_nothing_is_foreseen(waiter, sql):
    waiter._results.listening = False
    assert watched(sql, waiter.enqueue("job")) == [(False,)]


def test_what_ended_while_listen_was_lost_is_found_at_once(waiter, end, sql, result_without_asking):
    handle = waiter.enqueue("job")
    sql("""select pg_terminate_backend(pid) from pg_stat_activity
           where query ilike 'listen%%' and datname = current_database()""")
    wait_until(lambda: not waiter._results.listening)
    end()
    wait_until(lambda: waiter._results.listening)
    assert result_without_asking(handle) == [42]
