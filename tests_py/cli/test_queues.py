"""`perdure queue ...`."""

import datetime as dt

import pytest


def test_a_queue_is_made_shown_changed_and_removed(run, read, client):
    run("queue", "create", "orders", "--concurrency", "5", "--rate-limit", "10", "--rate-period", "1min")
    found = read("queue", "show", "orders")
    assert (found["concurrency"], found["rate_limit"], found["rate_period"]) == (5, 10, 60.0)
    assert "5 at once, 10 per 60 s" in run("queue", "list").output

    run("queue", "update", "orders", "--concurrency", "none", "--worker-concurrency", "2")
    (settings,) = (q for q in client.list_queues() if q.name == "orders")
    assert (settings.concurrency, settings.worker_concurrency) == (None, 2)
    assert settings.rate_period == dt.timedelta(minutes=1)

    run("queue", "pause", "orders")
    assert read("queue", "show", "orders")["paused"] is True
    assert "paused" in run("queue", "list").output
    run("queue", "resume", "orders")
    assert read("queue", "show", "orders")["paused"] is False

    client.enqueue("w", queue="orders")
    assert [q["waiting"] for q in read("queue", "list") if q["name"] == "orders"] == [1]
    refused = run("queue", "delete", "orders", code=1)
    assert "orders" in str(refused.exception)
    run("queue", "create", "empty")
    run("queue", "delete", "empty")
    run("queue", "show", "empty", code=3)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("update", "orders"), "name a setting to change"),
        (("update", "orders", "--concurrency", "many"), "no whole number, and not 'none'"),
        (("update", "orders", "--rate-period", "1 fortnight"), "no span of time"),
        (("create",), "Missing argument"),
        (("create", "orders", "--concurrency", "none"), "'none' is no whole number"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "says",
)
def test_wrong_usage_says_what_is_right(run, arguments, says):
    assert says in run("queue", *arguments, code=2).output


def test_a_wrong_setting_changes_nothing(run, read):
    run("queue", "create", "orders", "--concurrency", "5")
    run("queue", "update", "orders", "--concurrency", "-1", "--worker-concurrency", "2", code=1)
    found = read("queue", "show", "orders")
    assert (found["concurrency"], found["worker_concurrency"]) == (5, None)
