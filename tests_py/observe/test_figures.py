"""Counts, durations and metrics, from Python."""

import datetime as dt

import pytest

from perdure import Client, InvalidArgument, Metric, Perdure, WorkflowCount

UTC = dt.timezone.utc


@pytest.fixture
def client(database):
    with Client(database, poll_interval=0.25, connect_timeout=5.0) as client:
        client.queue("orders")
        yield client


@pytest.fixture
def ran(database, client):
    """Three workflows that have run, one of them without success, and two that wait; the workflow's name."""
    app = Perdure(database, name="host", poll_interval=0.25, connect_timeout=5.0)

    @app.step()
    def charge(number):
        if number == 2:
            raise ValueError("no")
        return number

    @app.workflow()
    def pay(number):
        return charge(number)

    with app:
        handles = [app.start_workflow(pay, number) for number in range(3)]
        for handle in handles[:2]:
            handle.get_result(30)
        with pytest.raises(ValueError, match="no"):
            handles[2].get_result(30)
    client.enqueue_many("other", [[1], [2]], queue="orders")
    return pay.workflow_name, charge


def test_what_has_run_is_counted_and_measured(client, ran):
    pay, _ = ran
    since = dt.datetime.now(UTC) - dt.timedelta(hours=1)

    def counted(found: list[WorkflowCount]):
        return {(c.name, c.status, c.queue): c.workflows for c in found}

    assert counted(client.workflow_aggregates()) == {
        (pay, "SUCCESS", None): 2,
        (pay, "ERROR", None): 1,
        ("other", "ENQUEUED", None): 2,
    }
    assert counted(client.workflow_aggregates("queue", created_from=since)) == {
        (None, None, None): 3,
        (None, None, "orders"): 2,
    }
    assert counted(client.workflow_aggregates([], status="ERROR", completed_from=since)) == {
        (None, None, None): 1
    }
    assert counted(client.workflow_aggregates("name", limit=1)) == {(pay, None, None): 3}
    buckets = client.workflow_aggregates(["bucket"], bucket_width=dt.timedelta(days=1), name="other")
    assert [(b.workflows, b.bucket.hour) for b in buckets if b.bucket] == [(2, 0)]

    (all_together,) = client.workflow_durations([], completed_from=since)
    assert all_together.workflows == 3
    assert dt.timedelta(0) <= all_together.run_p50 <= all_together.run_longest
    (by_name,) = client.workflow_durations(name=pay, status="SUCCESS")
    assert (by_name.name, by_name.queue, by_name.workflows) == (pay, None, 2)

    (steps,) = client.step_aggregates(["step", "workflow"], name=pay, created_from=since)
    assert (steps.workflow, steps.steps, steps.succeeded, steps.failed, steps.attempts) == (pay, 3, 2, 1, 3)
    assert client.step_aggregates(step="none") == []


async def test_async_figures_too(database, ran):
    async with Client(database, connect_timeout=5.0) as client:
        assert sum(each.workflows for each in await client.workflow_aggregates_async()) == 5
        assert len(await client.workflow_durations_async()) == 1
        assert len(await client.step_aggregates_async()) == 1
        found = {str(metric) for metric in await client.metrics_async()}
    assert 'perdure_workflows{queue="orders",state="waiting"} 2' in found
    assert "perdure_dead_letters 0" in found
    assert 'perdure_executors{state="alive"} 0' in found


def test_a_label_may_have_any_text():
    metric = Metric("perdure_queue_paused", {"queue": 'a "b"\\\n'}, 1.0)
    assert str(metric) == 'perdure_queue_paused{queue="a \\"b\\"\\\\\\n"} 1'


def test_metrics_are_read_with_their_labels(client):
    client.queue("night").pause()
    found = {(m.name, m.labels.get("queue")): m.value for m in client.metrics()}
    assert found["perdure_queue_paused", "night"] == 1
    assert found["perdure_queue_paused", "orders"] == 0


def test_what_cannot_be_meant_is_an_error(client):
    for call, message in (
        (lambda: client.workflow_aggregates("colour"), "cannot group by 'colour'"),
        (lambda: client.workflow_aggregates("bucket"), "bucket_width is missing"),
        (lambda: client.workflow_aggregates(status="no"), "unknown status 'no'"),
        (lambda: client.workflow_aggregates(limit=0), "limit is at least 1"),
        (lambda: client.workflow_aggregates(user="ann"), "unknown filter 'user'"),
        (lambda: client.workflow_durations("status"), "cannot group by 'status'"),
        (
            lambda: client.workflow_durations(created_from=dt.datetime.now(UTC)),
            "unknown filter 'created_from'",
        ),
        (lambda: client.step_aggregates("name"), "cannot group by 'name'"),
        (lambda: client.step_aggregates(step=7), "step is a string, not 7"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            call()
