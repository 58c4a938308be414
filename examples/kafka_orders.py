"""A workflow for each message of a Kafka topic, exactly once.

pip install 'perdure[kafka]'
export PERDURE_DATABASE_URL=postgresql://localhost/shop
perdure install
python kafka_orders.py localhost:9092    # expects messages such as {"order": 7} in the topic "orders"
"""

import json
import sys
import threading
from typing import Any

from perdure import Perdure
from perdure.kafka import KafkaConsumer

app = Perdure()


@app.step()
def charge(order: int) -> str:
    return f"payment-{order}"


@app.workflow()
def on_order(message: dict[str, Any]) -> str:
    return charge(json.loads(message["value"])["order"])


def consumer(brokers: str) -> KafkaConsumer:
    return KafkaConsumer(app, on_order, ["orders"], {"bootstrap.servers": brokers, "group.id": "shop"})


if __name__ == "__main__":
    with app, consumer(sys.argv[1]):
        threading.Event().wait()
