"""A workflow for each message of Kafka topics."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from . import error
from ._registry import registry
from ._twins import drive
from ._types import KafkaOrdering

if TYPE_CHECKING:
    from ._app import App

_QUEUE, _ORDERED_QUEUE = "kafka", "kafka-ordered"
_LONGEST_GROUP = 255


@dataclass
class Consumer:
    """What a function says that is decorated as a consumer.

    Raises:
        DBOSInitializationError: a setting is wrong, or another consumer would take its messages.
    """

    func: Any
    config: dict[str, Any]
    topics: list[str]
    ordering: KafkaOrdering
    batch_size: int
    queue_name: str | None

    def __post_init__(self) -> None:
        if self.ordering not in get_args(KafkaOrdering):
            raise error.DBOSInitializationError(
                f"ordering is one of {', '.join(get_args(KafkaOrdering))}, not {self.ordering!r}"
            )
        if self.batch_size < 1:
            raise error.DBOSInitializationError(f"batch_size is 1 or more, not {self.batch_size}")
        if self.queue_name is not None and self.ordering != "none":
            raise error.DBOSInitializationError(
                "messages in order have a queue of their own: give no queue_name"
            )
        name = getattr(self.func, "__qualname__", str(self.func))
        if not self.config.get("group.id"):
            parts = [re.sub(r"[^a-zA-Z0-9\-]", "", part) for part in (name, *self.topics)]
            group = f"dbos-kafka-group-{'-'.join(parts)}"[:_LONGEST_GROUP]
            self.config = {**self.config, "group.id": group}
        for other in registry.consumers:
            both = set(other.topics) & set(self.topics)
            if both and other.group == self.group:
                raise error.DBOSInitializationError(
                    f"{name} and another consumer share the group {self.group!r} and the topic"
                    f" {sorted(both)[0]!r}: each message would reach only one of them"
                )
        registry.consumers.append(self)

    @property
    def group(self) -> str:
        """The group that it belongs to."""
        return self.config["group.id"]

    def begin(self, app: App) -> Callable[[], None]:
        """Starts to read; what stops it.

        Raises:
            DBOSInitializationError: its queue is partitioned.
        """
        from ..kafka import KafkaConsumer, KafkaMessage

        _, workflow = registry.find(self.func)
        said = self

        class Reader(KafkaConsumer):
            """Whose workflows have the ids that they have with DBOS."""

            def _workflow_id(self, message: KafkaMessage) -> str:
                return f"kafka-unique-id-{message.topic}-{message.partition}-{said.group}-{message.offset}"

            def _partition_key(self, message: KafkaMessage) -> str:
                key = f"{said.group}:{message.topic}"
                return key if said.ordering == "topic" else f"{key}:{message.partition}"

        queue = self._queue(app)
        reader = Reader(
            app,
            workflow,
            self.topics,
            self.config,
            queue=queue,
            ordered=self.ordering != "none",
            batch=self.batch_size,
        )
        reader.start()
        return reader.stop

    def _queue(self, app: App) -> str:
        if self.ordering != "none":
            drive(
                app.register_queue_async(
                    _ORDERED_QUEUE, on_conflict="keep", partitioned=True, partition_concurrency=1
                )
            )
            return _ORDERED_QUEUE
        if self.queue_name is None:
            drive(app.register_queue_async(_QUEUE, on_conflict="keep"))
            return _QUEUE
        found = next((q for q in drive(app.list_queues_async()) if q.name == self.queue_name), None)
        if found is not None and found.partitioned:
            raise error.DBOSInitializationError(
                f"the queue {self.queue_name!r} is partitioned, and messages in no order have no key"
            )
        drive(app.know_queue(self.queue_name, False))
        return self.queue_name
