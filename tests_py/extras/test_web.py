"""FastAPI and Flask: requests start workflows, and a repeated request starts none."""

import asyncio
import contextlib
import uuid
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from perdure import NotAuthorized, Perdure
from perdure._web import http_status
from perdure.fastapi import lifespan
from tests_py.support import wait_until_async


class FlaskClient:
    """Flask's test client, with the face of the other."""

    def __init__(self, app: Any) -> None:
        self._app, self._client = app, app.test_client()

    def post(self, path: str, headers: Any = None) -> Any:
        return _Answer(self._client.post(path, headers=headers))

    def get(self, path: str) -> Any:
        return _Answer(self._client.get(path))

    def close(self) -> None:
        self._app.extensions["perdure"].shutdown()


class _Answer:
    def __init__(self, response: Any) -> None:
        self.status_code = response.status_code
        self.json = lambda: response.json


@pytest.fixture(params=["fastapi_orders", "flask_orders"])
def served(example, request):
    module = example(request.param)
    if request.param == "flask_orders":
        with contextlib.closing(FlaskClient(module.app)) as client:
            yield client, module
    else:
        with TestClient(module.app) as client:
            yield client, module


@pytest.mark.parametrize("header", ["Idempotency-Key", "X-Request-ID"])
def test_a_repeated_request_starts_one_workflow(served, header):
    client, module = served
    key = uuid.uuid4().hex
    first, again = (client.post("/orders/7", headers={header: key}) for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json() == {"workflow_id": key}
    assert client.get(f"/orders/{key}").json() == {"order": 7, "payment": "payment-7"}
    assert len(module.perdure.list_steps(key)) == 1


def test_a_request_without_a_header_starts_a_workflow_of_its_own(served):
    client, _ = served
    first, second = (client.post("/orders/7").json()["workflow_id"] for _ in range(2))
    assert first != second
    assert client.get(f"/orders/{second}").json()["payment"] == "payment-7"


def test_errors_of_clients_become_responses(served):
    client, module = served
    missing = client.get("/orders/nothing")
    assert (missing.status_code, missing.json()["error"]) == (404, "WorkflowNotFound")
    module.perdure.enqueue("something else", workflow_id="taken")
    conflict = client.post("/orders/7", headers={"Idempotency-Key": "taken"})
    assert (conflict.status_code, conflict.json()["error"]) == (409, "WorkflowIdConflict")
    assert client.post("/orders/7", headers={"Idempotency-Key": "x" * 513}).status_code == 400


def test_a_user_without_the_role_is_forbidden_it():
    assert http_status(NotAuthorized("not yours")) == 403


def test_a_server_that_stops_may_leave_the_next_step_to_others(database, client):
    perdure = Perdure(database)
    begun = asyncio.Event()

    @perdure.step()
    async def first(core):
        begun.set()
        await wait_until_async(lambda: core.handing_back)
        return 1

    @perdure.workflow(name="two steps")
    async def two_steps():
        return [await first(perdure._core), await perdure.run_step_async(lambda: 2)]

    async def serve():
        async with lifespan(perdure, hand_back=True)(None):
            await perdure.start_workflow_async(two_steps, workflow_id="w")
            await begun.wait()

    asyncio.run(serve())
    assert client.get_workflow("w").status == "ENQUEUED"
    assert [step.output for step in client.list_steps("w")] == [1]


def test_the_lifespan_runs_on_the_servers_loop_and_around_an_inner_one(database):
    perdure, seen = Perdure(database), []

    @perdure.workflow()
    async def where() -> int:
        return id(asyncio.get_running_loop())

    @contextlib.asynccontextmanager
    async def inner(_app):
        seen.append(await perdure.start_workflow_async(where))
        yield {"answer": 42}
        seen.append("ended")

    app = FastAPI(lifespan=lifespan(perdure, inner))

    @app.get("/loop")
    async def loop() -> list[int]:
        return [id(asyncio.get_running_loop()), await seen[0].get_result_async()]

    with TestClient(app) as client:
        here, there = client.get("/loop").json()
        assert here == there
    assert seen[1:] == ["ended"]
