"""Perdure in a FastAPI or Starlette application: its lifespan, ids from requests, and errors as responses.

app = FastAPI(lifespan=lifespan(perdure))
add_error_handlers(app)

@app.post("/orders")
async def order(body: Order, workflow_id: str | None = Depends(request_workflow_id)):
    handle = await perdure.start_workflow_async(checkout, body.id, workflow_id=workflow_id)
    return {"workflow_id": handle.workflow_id}
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

try:
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
except ImportError as error:  # pragma: no cover
    raise ImportError("perdure.fastapi needs FastAPI: pip install 'perdure[fastapi]'") from error

from ._app import Perdure
from ._errors import PerdureError
from ._web import http_status, workflow_id_of

__all__ = ["add_error_handlers", "lifespan", "request_workflow_id"]

Lifespan = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None]]


def lifespan(perdure: Perdure, inner: Lifespan | None = None, *, hand_back: bool = False) -> Lifespan:
    """A lifespan that launches Perdure on the server's event loop, and shuts it down with the server.

    Args:
        perdure: the app with the workflows.
        inner: a lifespan of your own, which runs within.
        hand_back: whether at the end workflows go back to their queues before their next step, for other
            processes, rather than be waited for; see `Perdure.shutdown`.
    """

    @asynccontextmanager
    async def run(application: Any) -> AsyncGenerator[Mapping[str, Any] | None]:
        await perdure.launch_async()
        try:
            if inner is None:
                yield None
            else:
                async with inner(application) as state:
                    yield state
        finally:
            await perdure.shutdown_async(hand_back=hand_back)

    return run


def request_workflow_id(request: Request) -> str | None:
    """The id that a request gives to its workflow: the header Idempotency-Key, else X-Request-ID.

    A dependency. A caller that repeats a request with the same header starts one workflow, once.

    Returns:
        The header; None if there is neither: a new id is made then.
    """
    return workflow_id_of(request.headers)


def add_error_handlers(application: Any) -> None:
    """Answers with 404, 409, 400, 403 or 503 where a route raises what a client of Perdure raises."""

    def answer(_request: Request, error: Exception) -> Response:
        status = http_status(error)
        if status is None:
            raise error
        return JSONResponse({"error": type(error).__name__, "detail": str(error)}, status)

    application.add_exception_handler(PerdureError, answer)
