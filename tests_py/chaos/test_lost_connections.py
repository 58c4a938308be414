"""Connections are cut at every round trip, with nobody killed: every workflow ends right, and no step is
recorded or run twice."""

import asyncio
import logging
import threading

import pytest

from perdure import Client, Perdure
from tests_py.support import Link, TcpProxy, wait_until, wait_until_async

WHEN = ["before_request", "before_reply"]


class Shop:
    """An app behind a proxy, whose steps count their runs."""

    def __init__(self, url: str, **options) -> None:
        self.app = app = Perdure(url, **{"poll_interval": 0.1, "connect_timeout": 10.0} | options)
        self.runs: dict[str, int] = {}

        def count(name: str) -> str:
            self.runs[name] = self.runs.get(name, 0) + 1
            return name

        @app.step(name="pick")
        async def pick(order):
            return count(f"pick {order}")

        @app.step(name="pay", retries=2, interval=0.01)
        async def pay(order):
            if count(f"pay {order}") and self.runs[f"pay {order}"] == 1:
                raise ConnectionError("the bank is busy")
            return f"pay {order}"

        @app.step(name="plain")
        def plain(order):
            return count(f"plain {order}")

        @app.step(name="label")
        async def label(order):
            return count(f"label {order}")

        @app.workflow(name="labelling")
        async def labelling(order):
            return await label(order)

        @app.workflow(name="sale")
        async def sale(order):
            enqueued = await app.enqueue_async(labelling, f"enqueued {order}")
            return [
                await pick(order),
                await pay(order),
                await asyncio.to_thread(plain, order),
                await labelling(f"called {order}"),
                await enqueued.get_result_async(),
            ]

        self.sale = sale


STEPS = ["labelling", "pick", "pay", "plain", "labelling", "perdure.get_result", "perdure.get_result"]


def check(shop: Shop, client: Client, order: str, result: list[str]) -> None:
    assert result == [
        f"pick {order}",
        f"pay {order}",
        f"plain {order}",
        f"label called {order}",
        f"label enqueued {order}",
    ]
    assert [step.name for step in client.list_steps(order)] == STEPS
    assert client.get_workflow(order).attempts == 1
    for name, often in {
        "pick": 1,
        "pay": 2,
        "plain": 1,
        "label called": 1,
        "label enqueued": 1,
    }.items():
        assert shop.runs[f"{name} {order}"] == often, name


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize(("how", "listen"), [("start_workflow", True), ("enqueue", True), ("enqueue", False)])
def test_a_connection_is_cut_at_every_round_trip(database, proxy, how, when, listen):
    shop = Shop(proxy.url, listen=listen)
    with shop.app as app, Client(database, listen=False, poll_interval=0.05) as client:
        start = getattr(app, how)
        start(shop.sale, "calm", workflow_id="calm")
        assert client.retrieve_workflow("calm").get_result(20)
        wait_until(lambda: proxy.requests == proxy.replies)

        proxy.reset()
        start(shop.sale, "counted", workflow_id="counted")
        client.retrieve_workflow("counted").get_result(20)
        round_trips = proxy.requests

        for k in range(1, round_trips + 2):
            proxy.reset()
            getattr(proxy, when)(k, Link.cut)
            order = f"order {k}"
            start(shop.sale, order, workflow_id=order)
            check(shop, client, order, client.retrieve_workflow(order).get_result(20))


@pytest.mark.parametrize("when", WHEN)
def test_a_connection_is_cut_while_many_workflows_share_batches(database, proxy, when):
    shop = Shop(proxy.url)
    with shop.app as app, Client(database) as client:
        for k in range(1, 8):
            proxy.reset()
            getattr(proxy, when)(k, Link.cut)
            orders = [f"order {k} {n}" for n in range(30)]
            client.enqueue_many("sale", [(order,) for order in orders], workflow_ids=orders)
            for order in orders:
                check(shop, client, order, client.retrieve_workflow(order).get_result(20))
        assert app.enqueue(shop.sale, "last").get_result(20)


@pytest.mark.parametrize("when", WHEN)
def test_a_connection_is_cut_at_every_round_trip_of_a_launch_and_a_shutdown(database, sql, when):
    for k in range(1, 12):
        with TcpProxy(database) as proxy:
            getattr(proxy, when)(k, Link.cut)
            shop = Shop(proxy.url)
            with shop.app as app, Client(database) as client:
                order = f"order {k}"
                app.enqueue(shop.sale, order, workflow_id=order)
                check(shop, client, order, client.retrieve_workflow(order).get_result(20))
    assert sql("select count(*) from tasks") == [(0,)]


@pytest.mark.parametrize("when", WHEN)
def test_a_connection_is_cut_at_every_round_trip_of_a_client(database, proxy, sql, when):
    for k in range(1, 8):
        proxy.reset()
        getattr(proxy, when)(k, Link.cut)
        with Client(proxy.url, poll_interval=0.1) as client:
            handle = client.enqueue("someday", k)
            client.enqueue_many("someday", [(k,)] * 10)
            assert handle.get_status().input == [k]
            with pytest.raises(TimeoutError):
                handle.get_result(0.01)
    assert sql("select count(*) from workflows") == [(7 * 11,)]


def test_every_connection_is_cut_again_and_again(database, proxy):
    shop = Shop(proxy.url, concurrency=50)
    with shop.app as app, Client(database) as client:
        orders = [f"order {n}" for n in range(200)]
        stop = threading.Event()

        def cut() -> None:
            while not stop.wait(0.5):
                # A machine that is slow to connect gets something done in between all the same.
                before = proxy.replies
                wait_until(lambda: stop.is_set() or proxy.replies > before + 10, 60)  # noqa: B023
                proxy.cut()

        cutter = threading.Thread(target=cut)
        cutter.start()
        try:
            client.enqueue_many("sale", [(order,) for order in orders], workflow_ids=orders)
            wait_until(lambda: sum(name.startswith("label called") for name in shop.runs) > 100, 120)
        finally:
            stop.set()
            cutter.join()
        for order in orders:
            check(shop, client, order, client.retrieve_workflow(order).get_result(30))
        assert app.enqueue(shop.sale, "last").get_result(20)


def test_a_cut_of_some_seconds_is_waited_for(database, proxy, caplog):
    shop = Shop(proxy.url)
    with shop.app as app, Client(database) as client, caplog.at_level(logging.INFO, "perdure"):
        app.start_workflow(shop.sale, "before", workflow_id="before").get_result(20)
        proxy.refuse()
        orders = [f"order {n}" for n in range(5)]
        client.enqueue_many("sale", [(order,) for order in orders], workflow_ids=orders)
        wait_until(lambda: "trying on" in caplog.text)
        proxy.accept()
        for order in orders:
            check(shop, client, order, client.retrieve_workflow(order).get_result(30))
    # Said once, however many calls have met it.
    said = [record.getMessage() for record in caplog.records]
    assert sum("cannot be reached" in message for message in said) == 1
    assert said.count("the database is back") == 1


async def test_a_call_that_is_cancelled_while_it_starts_is_not_lost(database, proxy, sql):
    """The caller has gone before the answer came, so nobody here knows that the workflow is his."""
    shop = Shop(proxy.url, listen=False)
    loop = asyncio.get_running_loop()
    async with shop.app as app:
        await (await app.start_workflow_async(shop.sale, "warm")).get_result_async(20)
        for when in WHEN:
            task = asyncio.create_task(app.run_workflow_async(shop.sale, when))
            proxy.reset()

            def cancel(link: Link, task=task) -> None:
                cancelled = threading.Event()
                loop.call_soon_threadsafe(lambda: (task.cancel(), loop.call_soon(cancelled.set)))
                assert cancelled.wait(10)

            getattr(proxy, when)(1, cancel)
            with pytest.raises(asyncio.CancelledError):
                await task
        waiting = "select count(*) from tasks t join workflows w using (key) where w.name = 'sale'"
        await wait_until_async(lambda: sql(waiting) == [(0,)], 20)
