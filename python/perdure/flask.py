"""Perdure in a Flask application: launched by its first request, ids from requests, and errors as responses.

app = Flask(__name__)
init_app(app, perdure)

@app.post("/orders")
def order():
    handle = perdure.start_workflow(checkout, request.json["id"], workflow_id=request_workflow_id())
    return {"workflow_id": handle.workflow_id}
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import Any

try:
    from flask import Flask, jsonify, request
except ImportError as error:  # pragma: no cover
    raise ImportError("perdure.flask needs Flask: pip install 'perdure[flask]'") from error

from ._app import Perdure
from ._errors import PerdureError
from ._web import http_status, workflow_id_of

__all__ = ["init_app", "request_workflow_id"]


def init_app(application: Flask, perdure: Perdure) -> None:
    """Launches Perdure with the first request of each process, and shuts it down when that ends.

    A server that forks its workers loads the application before it forks; threads and connections do not
    live on in a fork, so nothing is launched before a request comes. To run workflows before the first
    request, call `perdure.launch()` in the worker's process, for example in gunicorn's `post_fork`.

    Args:
        application: the Flask application.
        perdure: the app with the workflows.
    """
    lock = threading.Lock()
    launched_in = 0

    def launch() -> None:
        nonlocal launched_in
        if launched_in == os.getpid():
            return
        with lock:
            if launched_in != os.getpid():
                perdure.launch()
                atexit.register(perdure.shutdown)
                launched_in = os.getpid()

    def answer(error: PerdureError) -> Any:
        status = http_status(error)
        if status is None:
            raise error
        return jsonify(error=type(error).__name__, detail=str(error)), status

    application.before_request(launch)
    application.register_error_handler(PerdureError, answer)
    application.extensions["perdure"] = perdure


def request_workflow_id() -> str | None:
    """The id that the current request gives to its workflow: Idempotency-Key, else X-Request-ID.

    A caller that repeats a request with the same header starts one workflow, once.

    Returns:
        The header; None if there is neither: a new id is made then.
    """
    return workflow_id_of(dict(request.headers))
