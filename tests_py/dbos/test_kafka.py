"""`@DBOS.kafka_consumer`: each message starts one workflow, with the id that DBOS gives it.

The broker is the one that librdkafka brings for tests.
"""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Producer

from perdure.dbos import DBOS, KafkaMessage, error
from tests_py.support import wait_until

Launch = Callable[..., Any]


@pytest.fixture
def producer() -> Iterator[Any]:
    made = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1})
    yield made
    made.flush(10)


@pytest.fixture
def brokers(producer: Any) -> str:
    found = producer.list_topics(timeout=10).brokers.values()
    return ",".join(f"{broker.host}:{broker.port}" for broker in found)


def send(producer: Any, *values: Any, topic: str = "orders", partition: int = 0) -> None:
    for value in values:
        producer.produce(
            topic, json.dumps(value).encode(), key=b"key", headers=[("a", b"1")], partition=partition
        )
    assert producer.flush(10) == 0


def test_a_message_is_the_argument_of_a_workflow(launch: Launch, producer: Any, brokers: str) -> None:
    got: list[Any] = []

    @DBOS.kafka_consumer({"bootstrap.servers": brokers, "group.id": "shop"}, ["orders"])
    @DBOS.workflow()
    def on_order(message: KafkaMessage) -> None:
        got.append((message, DBOS.workflow_id))

    send(producer, {"n": 1})
    launch()
    wait_until(lambda: len(got) == 1, timeout=60)
    message, workflow_id = got[0]
    assert isinstance(message, KafkaMessage)
    assert (message.topic, message.partition, message.offset) == ("orders", 0, 0)
    assert (message.key, message.value, message.headers) == (b"key", b'{"n": 1}', [("a", b"1")])
    assert workflow_id == "kafka-unique-id-orders-0-shop-0"


def test_groups_of_one_topic_get_each_message(launch: Launch, producer: Any, brokers: str) -> None:
    got: list[Any] = []

    @DBOS.kafka_consumer({"bootstrap.servers": brokers, "group.id": "first"}, ["orders"])
    @DBOS.workflow()
    def first(message: KafkaMessage) -> None:
        got.append(("first", message.offset))

    @DBOS.kafka_consumer({"bootstrap.servers": brokers}, ["orders"])
    @DBOS.workflow()
    async def second(message: KafkaMessage) -> None:
        await asyncio.sleep(0)
        got.append(("second", message.offset))

    send(producer, 1, 2)
    launch()
    wait_until(lambda: len(got) == 4, timeout=60)
    assert sorted(got) == [("first", 0), ("first", 1), ("second", 0), ("second", 1)]


@pytest.mark.parametrize(("ordering", "keys"), [("partition", 2), ("topic", 1)])
def test_ordered_messages_run_one_after_the_other(
    launch: Launch, producer: Any, brokers: str, ordering: Any, keys: int
) -> None:
    got: list[int] = []

    @DBOS.kafka_consumer({"bootstrap.servers": brokers, "group.id": "shop"}, ["orders"], ordering=ordering)
    @DBOS.workflow()
    def on_order(message: KafkaMessage) -> None:
        assert message.offset is not None
        got.append(message.offset)

    send(producer, *range(8))
    send(producer, *range(2), partition=1)
    launch()
    wait_until(lambda: len(got) == 10, timeout=60)
    found = DBOS.list_workflows()
    assert len({w.queue_partition_key for w in found}) == keys
    of_first = [w for w in found if "-orders-0-" in w.workflow_id]
    begun = sorted(of_first, key=lambda w: int(w.workflow_id.rpartition("-")[2]))
    assert [w.dequeued_at for w in begun] == sorted(w.dequeued_at or 0 for w in begun)
    for before, after in itertools.pairwise(begun):
        assert (before.completed_at or 0) <= (after.dequeued_at or 0)


def test_a_consumer_that_is_declared_in_a_running_program_reads(
    launch: Launch, producer: Any, brokers: str
) -> None:
    got: list[Any] = []
    launch()
    DBOS.register_queue("mine", worker_concurrency=1)
    send(producer, "late")

    @DBOS.kafka_consumer({"bootstrap.servers": brokers, "group.id": "shop"}, ["orders"], queue_name="mine")
    @DBOS.workflow()
    def on_order(message: KafkaMessage) -> None:
        got.append(message.value)

    wait_until(lambda: got == [b'"late"'], timeout=60)
    assert [w.queue_name for w in DBOS.list_workflows()] == ["mine"]


def test_wrong_settings_are_refused(launch: Launch) -> None:
    launch()
    DBOS.register_queue("parts", partition_concurrency=1)
    config = {"bootstrap.servers": "localhost:1", "group.id": "g"}

    @DBOS.workflow()
    def on_order(message: KafkaMessage) -> None: ...

    for settings in (
        {"ordering": "backwards"},
        {"batch_size": 0},
        {"ordering": "topic", "queue_name": "mine"},
        {"queue_name": "parts"},
    ):
        with pytest.raises(error.DBOSInitializationError):
            DBOS.kafka_consumer(config, ["orders"], **settings)(on_order)  # type: ignore[arg-type]


def test_two_consumers_of_one_group_and_topic_are_refused() -> None:
    DBOS.destroy(destroy_registry=True)
    config = {"bootstrap.servers": "localhost:1", "group.id": "g"}

    @DBOS.workflow()
    def on_order(message: KafkaMessage) -> None: ...

    try:
        DBOS.kafka_consumer(config, ["a", "b"])(on_order)
        DBOS.kafka_consumer(config, ["c"])(on_order)
        with pytest.raises(error.DBOSInitializationError, match="'b'"):
            DBOS.kafka_consumer(config, ["b"])(on_order)
    finally:
        DBOS.destroy(destroy_registry=True)
