"""Metrics for Prometheus, without its client library.

    from perdure.prometheus import asgi_app

    app.mount("/metrics", asgi_app(perdure))

What they mean is in docs/observing.md. A scrape is one call of the SQL function `metrics`, whose cost does
not grow with history.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from ._errors import PerdureError

if TYPE_CHECKING:
    from ._client import Client
    from ._figures import Metric

__all__ = ["CONTENT_TYPE", "asgi_app", "render", "render_async", "serve", "wsgi_app"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_HELP = {
    "perdure_workflows": "Active workflows.",
    "perdure_oldest_waiting_seconds": "Since when the oldest workflow that waits exists.",
    "perdure_queue_paused": "Whether the queue is paused.",
    "perdure_workflows_retried": "Active workflows that have failed and were given another try.",
    "perdure_workflows_recovered": "Active workflows that were begun more than once.",
    "perdure_executors": "Registered executors.",
    "perdure_dead_letters": "Workflows that are dead, counted up to 10000.",
    "perdure_overdue_seconds": "How late the next wake-up, deadline or tick is.",
}


def render(client: Client) -> str:
    """The metrics in the text format of Prometheus.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    return _render(client.metrics())


async def render_async(client: Client) -> str:
    """`render` for async code."""
    return _render(await client.metrics_async())


def wsgi_app(client: Client) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """A WSGI app that answers every GET with the metrics, and with 503 while there is no database.

    Whoever reaches it sees the names of the queues.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            status, body = "405 Method Not Allowed", b"GET only\n"
        else:
            try:
                status, body = "200 OK", render(client).encode()
            except PerdureError as error:
                status, body = "503 Service Unavailable", f"{type(error).__name__}\n".encode()
        start_response(status, _headers(body))
        return [] if method == "HEAD" else [body]

    return answer


def asgi_app(client: Client) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """An ASGI app that answers every GET with the metrics, and with 503 while there is no database.

    Whoever reaches it sees the names of the queues.
    """

    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"metrics are served over HTTP, not {scope['type']}")
        if scope["method"] not in ("GET", "HEAD"):
            status, body = 405, b"GET only\n"
        else:
            try:
                status, body = 200, (await render_async(client)).encode()
            except PerdureError as error:
                status, body = 503, f"{type(error).__name__}\n".encode()
        headers = [(name.lower().encode(), value.encode()) for name, value in _headers(body)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return answer


def serve(client: Client, host: str = "127.0.0.1", port: int = 9464) -> ThreadingHTTPServer:
    """A server that listens already and answers `/metrics`; call its `serve_forever`, `shutdown` and
    `server_close`.

    Args:
        client: asked by each request.
        host: the address to listen on; only this machine reaches the default.
        port: 0: a free one; see its `server_address`.

    Raises:
        OSError: it cannot listen there.
    """

    class Handler(BaseHTTPRequestHandler):
        # A peer that says nothing does not keep its thread for ever.
        timeout = 30

        def do_GET(self) -> None:
            if self.path.partition("?")[0] not in ("/", "/metrics"):
                self.send_error(404)
                return
            try:
                status, body = 200, render(client).encode()
            except PerdureError as error:
                status, body = 503, f"{type(error).__name__}\n".encode()
            self.send_response(status)
            for name, value in _headers(body):
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        daemon_threads = True

    return Server((host, port), Handler)


def _headers(body: bytes) -> list[tuple[str, str]]:
    return [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))]


def _render(metrics: Iterable[Metric]) -> str:
    # The lines of one metric stand together, whatever their order was.
    groups: dict[str, list[Metric]] = {}
    for metric in metrics:
        groups.setdefault(metric.name, []).append(metric)
    lines: list[str] = []
    for name, found in groups.items():
        if name in _HELP:
            lines.append(f"# HELP {name} {_HELP[name]}")
        lines.append(f"# TYPE {name} gauge")
        lines += map(str, found)
    return "".join(f"{line}\n" for line in lines)
