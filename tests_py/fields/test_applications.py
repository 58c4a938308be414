"""Many applications in one database: each runs what is its own."""

import datetime as dt

import pytest

from perdure import Client, InvalidArgument, QueueInUse, Renamed, ScheduleExists, ScheduleSettings
from tests_py.support import wait_until


def define(app, says):
    @app.workflow(name="who")
    def who():
        return says

    return who


def test_each_application_runs_its_own_although_the_names_are_the_same(new_app, sql):
    shop, bank = new_app(application="shop"), new_app(application="bank")
    in_shop, in_bank = define(shop, "shop"), define(bank, "bank")
    shop.launch()
    bank.launch()

    handles = [a.enqueue(w) for _ in range(10) for a, w in ((shop, in_shop), (bank, in_bank))]
    assert [h.get_result(20) for h in handles] == ["shop", "bank"] * 10
    assert sql("select distinct application from perdure.workflows order by 1") == [("bank",), ("shop",)]
    assert {q.name: q.application for q in shop.list_queues()} == {
        "bank": "bank", "default": None, "shop": "shop"
    }  # fmt: skip


def test_one_asks_another_for_work(new_app):
    shop, bank = new_app(application="shop"), new_app(application="bank")
    define(shop, "shop")
    in_bank = define(bank, "bank")
    bank.queue("transfers")
    shop.launch()
    bank.launch()
    assert shop.enqueue("who", queue="transfers").get_result(20) == "bank"
    with pytest.raises(QueueInUse, match="'transfers' belongs to application 'bank'"):
        shop.queue("transfers")
    assert in_bank() == "bank"


def test_a_direct_run_is_recovered_by_its_own_application(new_app, sql, database):
    shop = new_app(application="shop")
    in_shop = define(shop, "shop")
    shop.launch()
    shop.start_workflow(in_shop, workflow_id="done").get_result(20)
    (executor,) = sql("select perdure.register_executor('dying', application => 'shop')")
    sql("select * from perdure.start(%s, 'who', '[]', 'lost')", executor[0])
    bank = new_app(application="bank")
    define(bank, "bank")
    bank.launch()
    shop.shutdown()
    sql("select perdure.deregister_executor(%s)", executor[0])
    # The bank claims this after it has passed over what is not its own.
    assert bank.enqueue("who").get_result(20) == "bank"
    assert bank.get_workflow("lost").status == "ENQUEUED"

    again = new_app(application="shop")
    define(again, "shop")
    again.launch()
    assert again.retrieve_workflow("lost").get_result(20) == "shop"


def test_a_client_speaks_for_an_application(new_app, database):
    shop = new_app(application="shop")
    define(shop, "shop")
    shop.launch()
    with Client(database, application="shop") as client:
        assert client.enqueue("who").get_result(20) == "shop"
        assert client.debounce("who", "key", delay=0.01).get_result(20) == "shop"
    with pytest.raises(InvalidArgument, match="application is a string"):
        Client(database, application=7)  # type: ignore[arg-type]


def test_the_queue_of_an_application_is_no_option_of_a_workflow(new_app):
    shop = new_app(application="shop")

    @shop.workflow(name="which")
    def which(queue, create_queue):
        return [queue, create_queue]

    shop.launch()
    handle = shop.enqueue(which, "a", "b")
    assert handle.get_result(20) == ["a", "b"]
    assert handle.get_status().queue == "shop"
    assert shop.enqueue_many(which, [["a", "b"]])[0].get_status().queue == "shop"


def test_schedules_belong_to_applications(new_app, sql):
    shop, bank = new_app(application="shop"), new_app(application="bank")
    shop.create_schedule("nightly", "who", "0 2 * * *")
    assert (shop.get_schedule("nightly").application, shop.get_schedule("nightly").queue) == ("shop", "shop")
    with pytest.raises(ScheduleExists, match="belongs to application 'shop'"):
        bank.apply_schedules([ScheduleSettings("nightly", "who", "0 2 * * *")], create_queues=True)

    found = shop.trigger_schedule("nightly").workflow_id
    assert sql("select application, schedule from perdure.workflows where workflow_id = %s", found) == [
        ("shop", "nightly")
    ]
    assert shop.get_schedule("nightly").next_at > dt.datetime.now(dt.timezone.utc)


def test_an_application_is_renamed(new_app, client, sql):
    shop = new_app(application="shop")
    shop.enqueue("who", workflow_id="w")
    assert client.rename_application("shop", "store") == Renamed(1, 1, 0)
    store = new_app(application="store")
    define(store, "store")
    store.launch()
    assert store.retrieve_workflow("w").get_result(20) == "store"
    wait_until(lambda: sql("select count(*) from perdure.tasks") == [(0,)])
