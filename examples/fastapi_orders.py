"""Orders over HTTP: a request that is repeated starts its workflow once.

pip install 'perdure[fastapi]' uvicorn
export PERDURE_DATABASE_URL=postgresql://localhost/shop
perdure install
uvicorn fastapi_orders:app
curl -X POST localhost:8000/orders/7 -H 'Idempotency-Key: order-7'
curl localhost:8000/orders/order-7
"""

from typing import Annotated, Any

from fastapi import Depends, FastAPI

from perdure import Perdure
from perdure.fastapi import add_error_handlers, lifespan, request_workflow_id

perdure = Perdure()


@perdure.step()
async def charge(order: int) -> str:
    return f"payment-{order}"


@perdure.workflow()
async def checkout(order: int) -> dict[str, Any]:
    return {"order": order, "payment": await charge(order)}


app = FastAPI(lifespan=lifespan(perdure))
add_error_handlers(app)


@app.post("/orders/{order}", status_code=202)
async def place(
    order: int, workflow_id: Annotated[str | None, Depends(request_workflow_id)]
) -> dict[str, str]:
    handle = await perdure.start_workflow_async(checkout, order, workflow_id=workflow_id)
    return {"workflow_id": handle.workflow_id}


@app.get("/orders/{workflow_id}")
async def result(workflow_id: str) -> dict[str, Any]:
    return await perdure.retrieve_workflow(workflow_id).get_result_async(timeout=10)
