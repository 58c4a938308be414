"""Each message of a topic starts one workflow, whatever happens to the consumer.

The broker is the one that librdkafka brings for tests.
"""

import contextlib
import json
import threading

import psycopg
import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from perdure import InvalidArgument, Perdure, WorkflowNotFound
from perdure.kafka import KafkaConsumer
from tests_py.support.waiting import wait_until


@pytest.fixture
def producer():
    producer = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1})
    yield producer
    producer.flush(10)


@pytest.fixture
def brokers(producer):
    found = producer.list_topics(timeout=10).brokers.values()
    return ",".join(f"{broker.host}:{broker.port}" for broker in found)


def send(producer, *values, topic="orders"):
    for value in values:
        producer.produce(topic, json.dumps(value).encode(), key=b"key", headers=[("a", b"1")])
    assert producer.flush(10) == 0


def committed(brokers):
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "shop"})
    try:
        return sum(
            max(0, p.offset) for p in consumer.committed([TopicPartition("orders", n) for n in range(4)])
        )
    finally:
        consumer.close()


def test_messages_become_workflows_and_their_results(example, producer, brokers, database):
    module = example("kafka_orders")
    send(producer, *({"order": n} for n in range(20)))
    with module.app, module.consumer(brokers), psycopg.connect(database, autocommit=True) as db:
        query = "select count(*) from perdure.outcomes where status = 'SUCCESS'"
        wait_until(lambda: db.execute(query).fetchone() == (20,), timeout=60)
        outputs = {v for (v,) in db.execute("select output #>> '{}' from perdure.outcomes")}
    assert outputs == {f"payment-{n}" for n in range(20)}
    assert committed(brokers) == 20


def test_a_consumer_that_dies_before_it_commits_starts_nothing_twice(client, producer, brokers):
    config = {"bootstrap.servers": brokers, "group.id": "shop", "session.timeout.ms": 6000}
    send(producer, *range(5))
    enqueued, dead = threading.Event(), threading.Event()

    class Dying:
        """A client whose process dies when the workflows are there and the offsets are not."""

        def enqueue_many(self, *args, **kwargs):
            client.enqueue_many(*args, **kwargs)
            enqueued.set()
            dead.wait(30)
            raise KafkaException("the process dies")

    first = KafkaConsumer(Dying(), "on_order", ["orders"], config)  # type: ignore[arg-type]
    first.start()
    assert enqueued.wait(60)
    dead.set()
    first.stop()
    assert committed(brokers) == 0
    with KafkaConsumer(client, "on_order", ["orders"], config):
        send(producer, 5)
        wait_until(lambda: client.queue_stats("default")[0].waiting == 6, timeout=60)


def test_a_message_comes_with_all_that_is_known_of_it(client, producer, brokers):
    config = {"bootstrap.servers": brokers, "group.id": "shop"}
    send(producer, {"n": 1})
    client.queue("ordered", partitioned=True, partition_concurrency=1)
    with KafkaConsumer(client, "on_order", ["orders"], config, queue="ordered", ordered=True):
        wait_until(lambda: client.queue_stats("ordered")[0].waiting == 1, timeout=60)
    partition = next(p for p in range(4) if _exists(client, f"kafka-shop/orders-{p}-0"))
    found = client.get_workflow(f"kafka-shop/orders-{partition}-0")
    (message,) = found.input
    assert message["timestamp"] > 1_700_000_000_000
    del message["timestamp"]
    assert message == {
        "topic": "orders",
        "partition": partition,
        "offset": 0,
        "key": b"key",
        "value": b'{"n": 1}',
        "headers": (("a", b"1"),),
    }


def test_each_group_gets_each_message(client, producer, brokers):
    send(producer, *range(3))
    shop, bank = ({"bootstrap.servers": brokers, "group.id": group} for group in ("shop", "bank"))
    with (
        KafkaConsumer(client, "on_order", ["orders"], shop),
        KafkaConsumer(client, "on_payment", ["orders"], bank),
    ):
        wait_until(lambda: client.queue_stats("default")[0].waiting == 6, timeout=60)
    assert sorted(w.workflow for w in client.list_workflows()) == ["on_order"] * 3 + ["on_payment"] * 3


def _exists(client, workflow_id):
    try:
        client.get_workflow(workflow_id)
    except WorkflowNotFound:
        return False
    return True


def test_each_group_that_reads_a_topic_has_a_workflow_for_each_message(client, producer, brokers, database):
    send(producer, *range(5))
    with contextlib.ExitStack() as opened:
        for group in ("shop", "audit"):
            config = {"bootstrap.servers": brokers, "group.id": group, "session.timeout.ms": 6000}
            opened.enter_context(KafkaConsumer(client, f"of the {group}", ["orders"], config))
        db = opened.enter_context(psycopg.connect(database, autocommit=True))
        query = "select name, count(*) from perdure.workflows group by 1 order by 1"
        wait_until(lambda: db.execute(query).fetchall() == [("of the audit", 5), ("of the shop", 5)], 60)


def test_a_workflow_that_does_not_take_a_message_is_told_at_once(client):
    app = Perdure("postgresql://nowhere/db")

    @app.workflow()
    def without():
        pass

    with pytest.raises(InvalidArgument, match="takes one, as a dict"):
        KafkaConsumer(client, without, ["orders"], {"bootstrap.servers": "x", "group.id": "g"})


@pytest.mark.parametrize(
    ("topics", "config", "says"),
    [
        ([], {"bootstrap.servers": "x", "group.id": "g"}, "at least one"),
        ("orders", {"bootstrap.servers": "x", "group.id": "g"}, "at least one"),
        (["orders"], {"group.id": "g"}, "bootstrap.servers"),
        (["orders"], {"bootstrap.servers": "x"}, "group.id"),
    ],
    ids=["no topic", "a text", "no servers", "no group"],
)
def test_a_wrong_setting_is_told_at_once(client, topics, config, says):
    with pytest.raises(InvalidArgument, match=says):
        KafkaConsumer(client, "on_order", topics, config)
