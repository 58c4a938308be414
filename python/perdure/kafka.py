"""A workflow for each message of a Kafka topic, exactly once.

    @app.workflow()
    def on_order(message): ...

    with app, KafkaConsumer(app, on_order, ["orders"], {"bootstrap.servers": "...", "group.id": "shop"}):
        ...

The id of a workflow is made of the group, the topic, the partition and the offset, and an offset is committed
when the workflows of all before it are in the database. A consumer that dies in between reads some messages
again, and their workflows are there already.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

try:
    from confluent_kafka import Consumer, KafkaError
except ImportError as error:  # pragma: no cover
    raise ImportError("perdure.kafka needs confluent-kafka: pip install 'perdure[kafka]'") from error

from ._calls import read_call
from ._client import Client
from ._errors import InvalidArgument, PerdureError
from ._schedules import workflow_name

__all__ = ["KafkaConsumer", "KafkaMessage"]

logger = logging.getLogger("perdure")


@dataclass(slots=True, frozen=True)
class KafkaMessage:
    """A message, as its workflow gets it: as a dict with these names.

    Attributes:
        topic, partition, offset: where it stands.
        key, value: bytes; None: there is none.
        headers: pairs of a name and bytes.
        timestamp: milliseconds since 1970 by the producer or the broker; None if unknown.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp: int | None


class KafkaConsumer:
    """Reads topics in a thread of its own and enqueues a workflow for each message.

    Args:
        client: a `Client`, or a `Perdure`.
        workflow: its name, or the decorated function; called with the message as a dict, see `KafkaMessage`.
        topics: to subscribe to.
        config: of confluent-kafka; needs "bootstrap.servers" and "group.id". "enable.auto.commit" is
            False in any case; "auto.offset.reset" is "earliest" and "reconnect.backoff.ms" 1000 unless
            given.
        queue: where the workflows wait; "default" if not given. For messages in order, use a queue with a
            concurrency of 1; for those of each partition in order, see `ordered`.
        ordered: the queue is partitioned, and messages of one partition of a topic have one partition key.
        batch: how many messages are enqueued in one transaction at most.

    Raises:
        InvalidArgument: no topic, or a setting is missing.
    """

    def __init__(
        self,
        client: Client,
        workflow: Any,
        topics: Sequence[str],
        config: dict[str, Any],
        *,
        queue: str = "default",
        ordered: bool = False,
        batch: int = 500,
    ) -> None:
        if isinstance(topics, str) or not topics:
            raise InvalidArgument(f"topics is a list with at least one name, not {topics!r}")
        for needed in ("bootstrap.servers", "group.id"):
            if not config.get(needed):
                raise InvalidArgument(f"the Kafka configuration needs {needed!r}")
        workflow_name(workflow)
        if not isinstance(workflow, str):
            try:
                read_call(workflow, ({},), {})
            except TypeError as error:
                raise InvalidArgument(f"a workflow of messages takes one, as a dict: {error}") from None
        self._group = str(config["group.id"])
        self._client, self._workflow, self._topics = client, workflow, list(topics)
        self._queue, self._ordered, self._batch = queue, ordered, batch
        # By itself librdkafka tries a broker that is away twenty times a second, and prints each failure.
        self._config = {
            "auto.offset.reset": "earliest",
            "reconnect.backoff.ms": 1000,
            **config,
            "enable.auto.commit": False,
        }
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Subscribes, and begins to enqueue; returns at once."""
        if self._thread is None or not self._thread.is_alive():
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="perdure-kafka", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Commits what was enqueued, leaves the group, and returns when the thread has ended."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stop.set()
            thread.join()

    def __enter__(self) -> KafkaConsumer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        consumer = Consumer(self._config)
        try:
            consumer.subscribe(self._topics)
            while not self._stop.is_set():
                messages = consumer.consume(self._batch, timeout=0.2)
                found = [read for message in messages if (read := _read(message)) is not None]
                if found and self._enqueue(found):
                    consumer.commit(asynchronous=False)
        except Exception:
            logger.exception("the Kafka consumer of %s has ended", ", ".join(self._topics))
        finally:
            consumer.close()

    def _enqueue(self, messages: Sequence[KafkaMessage]) -> bool:
        """Whether their workflows are in the database; tried until they are, or the consumer is stopped."""
        delay = 0.5
        while True:
            try:
                self._client.enqueue_many(
                    self._workflow,
                    [[_plain(m)] for m in messages],
                    workflow_ids=[self._workflow_id(m) for m in messages],
                    queue=self._queue,
                    **self._partition_keys(messages),
                )
            except PerdureError:
                logger.exception("messages of Kafka could not be enqueued, trying again in %.1f s", delay)
            else:
                return True
            if self._stop.wait(delay):
                return False
            delay = min(delay * 2, 30.0)

    def _workflow_id(self, message: KafkaMessage) -> str:
        # Each group gets each message. No topic has a slash in its name.
        group = self._config["group.id"]
        return f"kafka-{group}/{message.topic}-{message.partition}-{message.offset}"

    def _partition_key(self, message: KafkaMessage) -> str:
        return f"{message.topic}-{message.partition}"

    def _partition_keys(self, messages: Sequence[KafkaMessage]) -> dict[str, Any]:
        return {"partition_keys": [self._partition_key(m) for m in messages]} if self._ordered else {}


def _plain(message: KafkaMessage) -> dict[str, Any]:
    return {name: getattr(message, name) for name in KafkaMessage.__slots__}


def _read(message: Any) -> KafkaMessage | None:
    error = message.error()
    if error is not None:
        if error.code() != KafkaError._PARTITION_EOF:  # pyright: ignore[reportPrivateUsage]
            logger.warning("Kafka: %s", error)
        return None
    kind, at = message.timestamp()
    return KafkaMessage(
        message.topic(),
        message.partition(),
        message.offset(),
        message.key(),
        message.value(),
        tuple(message.headers() or ()),
        at if kind else None,
    )
