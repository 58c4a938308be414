"""`perdure application ...`."""

import pytest


def test_an_application_is_renamed(run, read, client, sql):
    sql("select perdure.register_queue('orders', application => 'shop')")
    client.enqueue("w", queue="orders")
    assert read("application", "rename", "shop", "store") == {"workflows": 1, "queues": 1, "schedules": 0}
    client.enqueue("w")
    assert "store has 1 workflow, 0 queues" in run("application", "rename", "--of-none", "store").output
    assert sql("select distinct application from perdure.workflows") == [("store",)]


@pytest.mark.parametrize("arguments", [("new",), ("--of-none", "old", "new"), ()])
def test_both_names_are_needed(run, arguments):
    run("application", "rename", *arguments, code=2)
