"""What the log says, and what it does not."""

import logging
import threading

import pytest

from tests_py.support import wait_until


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.INFO, "perdure")
    return caplog


def said(log, words):
    return [(record.levelname, record.getMessage()) for record in log.records if words in record.getMessage()]


@pytest.fixture
def lose(sql):
    """A function that makes an executor which is dead, and has claimed so many workflows."""

    def lose(many):
        [(executor,)] = sql("select register_executor('dead')")
        sql("select count(*) from enqueue_many('w', array_fill(null::json, array[%s]))", many)
        sql("select count(*) from claim(%s, max_workflows => greatest(%s, 1))", executor, many)
        sql("update executors set lease_until = now() - interval '1 second'")

    return lose


@pytest.mark.parametrize(
    ("held", "level", "message"),
    [
        (0, "INFO", "1 executor lost: 0 workflows taken over, 0 dead-lettered"),
        (1, "WARNING", "1 executor lost: 1 workflow taken over, 0 dead-lettered"),
        (2, "WARNING", "1 executor lost: 2 workflows taken over, 0 dead-lettered"),
    ],
)
def test_an_executor_that_held_nothing_is_no_warning(app, log, lose, held, level, message):
    app.workflow(name="w")(lambda: 1)
    lose(held)
    with app:
        wait_until(lambda: said(log, "lost:"))
    assert said(log, "lost:") == [(level, message)]


def test_a_lost_lease_is_the_reason_although_a_notification_comes_before_the_heartbeat(new_app, log, sql):
    app = new_app(lease=3600.0, poll_interval=600.0)
    begun, gate = threading.Event(), threading.Event()

    @app.step()
    def wait():
        begun.set()
        assert gate.wait(20)

    app.workflow(name="w")(lambda: wait())
    with app:
        app.enqueue("w", workflow_id="w")
        assert begun.wait(20)
        sql("update executors set lapsed = true, lease_until = 'epoch'")
        sql("update tasks set status = 'ENQUEUED', executor_id = null, token = null, wake_at = null")
        sql("select pg_notify('perdure.cancelled', 'w')")
        wait_until(lambda: said(log, "lease of executor"))
        gate.set()
        wait_until(lambda: said(log, "is not run on here"))
    assert said(log, "is not run on here") == [
        ("INFO", "workflow w (w) is not run on here: the lease of this executor was lost")
    ]


def test_a_retry_says_when_and_is_counted(app, log):
    @app.workflow(name="w")
    def failing():
        raise ValueError("no")

    with app:
        handle = app.enqueue(failing, retries=1, retry_interval=0.3)
        with pytest.raises(ValueError, match="no"):
            handle.get_result(20)
        status = handle.get_status()
    [(_, message)] = said(log, "will be retried")
    assert "(w) failed and will be retried in 0.3 s: ValueError('no')" in message
    assert (status.failures, status.retries, status.attempts) == (1, 1, 1)


def test_a_worker_says_which_queues_it_serves(new_app, client):
    app = new_app(queues=["emails"])
    handle = client.queue("others").enqueue("w")
    with app:
        reasons = [reason for reason, _ in client.explain_wait(handle.workflow_id)]
    assert reasons == ["unknown workflow", "unserved queue"]
