"""The console as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from .._client import Client
from .._errors import InvalidArgument
from ._api import routes
from ._guard import LOOPBACK_HOSTS, Guard
from ._values import StoredValues

STATIC = Path(__file__).with_name("static")


class _Files(StaticFiles):
    """The files of the pages; a browser asks each time whether they are still the same."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def console(
    client: Client,
    *,
    allowed_hosts: Iterable[str] | None = LOOPBACK_HOSTS,
    token: str | None = None,
    read_only: bool = False,
) -> Starlette:
    """The console of one database as an ASGI application.

    Args:
        client: what it looks with, and acts with: a `Client` of its own, as its values are read as they are
            stored from now on. It is closed with the application.
        allowed_hosts: the names under which browsers reach it; requests with another Host are refused. The
            default is those of loopback; None: any, for which there must be a token.
        token: what a browser must know to see anything; None: nothing.
        read_only: whether it refuses to change anything.

    Raises:
        InvalidArgument: a token is empty; or it would be reached under any name without a token.
    """
    if token == "":
        raise InvalidArgument("a token is not empty")
    if allowed_hosts is None and token is None:
        raise InvalidArgument("a console that is reached under any name needs a token")
    client.codec = StoredValues(client.codec.serializer)
    hosts = None if allowed_hosts is None else frozenset(host.lower() for host in allowed_hosts)

    async def page(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        yield
        await client.close_async()

    return Starlette(
        routes=[
            Route("/", page),
            Mount("/api", routes=routes(client, read_only=read_only)),
            Mount("/static", _Files(directory=STATIC)),
        ],
        middleware=[
            Middleware(
                Guard,
                hosts=hosts,
                token=token,
                read_only=read_only,
            )
        ],
        lifespan=lifespan,
    )
