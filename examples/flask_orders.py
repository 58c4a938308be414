"""Orders over HTTP: a request that is repeated starts its workflow once.

pip install 'perdure[flask]'
export PERDURE_DATABASE_URL=postgresql://localhost/shop
perdure install
flask --app flask_orders run
curl -X POST localhost:5000/orders/7 -H 'Idempotency-Key: order-7'
curl localhost:5000/orders/order-7
"""

from typing import Any

from flask import Flask

from perdure import Perdure
from perdure.flask import init_app, request_workflow_id

perdure = Perdure()


@perdure.step()
def charge(order: int) -> str:
    return f"payment-{order}"


@perdure.workflow()
def checkout(order: int) -> dict[str, Any]:
    return {"order": order, "payment": charge(order)}


app = Flask(__name__)
init_app(app, perdure)


@app.post("/orders/<int:order>")
def place(order: int) -> Any:
    handle = perdure.start_workflow(checkout, order, workflow_id=request_workflow_id())
    return {"workflow_id": handle.workflow_id}, 202


@app.get("/orders/<workflow_id>")
def result(workflow_id: str) -> Any:
    return perdure.retrieve_workflow(workflow_id).get_result(timeout=10)
