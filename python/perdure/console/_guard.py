"""Who may ask: checked before anything else, for pages, files and calls alike.

A console on loopback trusts whoever sits at the machine, but not the pages of others that run in their
browser. Those can send requests here, so: a request names a host that is known (a rebound DNS name is not),
and a call that changes something has a header that no foreign page can send, from no foreign origin.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-perdure-console"
COOKIE = "perdure_console"
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

_DAYS_30 = 30 * 86400
_MOST_LOGIN_BYTES = 4096
_SAFE = ("GET", "HEAD")

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# The cookie is strict: a browser that came by a link would not send it with a redirect. This page's own
# navigation has it.
_ENTER = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url=./">
<title>Perdure console</title>
"""
_LOGIN = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Perdure console</title>
<h1>Perdure console</h1>
<p>{said}</p>
<form method="post" action="./login">
<label>Token <input type="password" name="token" autocomplete="current-password" autofocus required></label>
<button>Enter</button>
</form>
"""
_ASK = "It needs the token that it was started with: --token, or PERDURE_CONSOLE_TOKEN."
_WRONG = "That is not the token that it was started with."


class Guard:
    """Refuses what it should not answer, and gives every answer its headers.

    Args:
        app: what answers.
        hosts: the names under which it is reached, in lower case and without port; None: any.
        token: what a caller must know; None: nothing.
        read_only: whether to refuse every change.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: frozenset[str] | None, token: str | None, read_only: bool
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._token = token
        self._read_only = read_only
        # Not the token itself: a cookie lies in files of the browser.
        self._cookie = (
            "" if token is None else hmac.new(token.encode(), b"perdure console", hashlib.sha256).hexdigest()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or hands it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # a websocket: there are none here

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.lower().encode(), value.encode())
                        for name, value in _HEADERS.items()
                        if name.lower().encode() not in known
                    ),
                ]
            await send(message)

        request = Request(scope, receive)
        refused = await self._refuse(request)
        await (self._app if refused is None else refused)(scope, receive, send_with_headers)

    async def _refuse(self, request: Request) -> Response | None:
        """What to answer instead; None: it may pass."""
        headers = request.headers
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._knows(hosts[0]):
            return PlainTextResponse(
                f"This console is not known as {hosts[0] if hosts else 'nothing'!r}: name its host with"
                " --allow-host.",
                421,
            )
        path = request.url.path.removeprefix(request.scope.get("root_path", "").rstrip("/"))
        if self._token is not None:
            if request.method == "POST" and path == "/login":
                return await self._login(request)
            if request.method == "GET" and path == "/" and "token" in request.query_params:
                return self._enter(request, request.query_params["token"])
            if not self._is_known(request):
                if path.startswith("/api/"):
                    return JSONResponse({"error": "Unauthorized", "message": _ASK}, 401)
                return _login_page(_ASK)
        if request.method in _SAFE:
            return None
        if headers.get(HEADER) is None or not is_own_origin(headers):
            return JSONResponse(
                {"error": "Forbidden", "message": f"this request does not come from the console: {HEADER}"},
                403,
            )
        if self._read_only:
            return JSONResponse({"error": "ReadOnly", "message": "this console only shows"}, 403)
        return None

    def _knows(self, host: str) -> bool:
        if self._hosts is None:
            return True
        try:
            return (urlsplit(f"//{host}").hostname or "") in self._hosts
        except ValueError:
            return False

    def _is_known(self, request: Request) -> bool:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._is_token(given.strip()):
            return True
        cookie = request.cookies.get(COOKIE, "")
        return hmac.compare_digest(cookie.encode(), self._cookie.encode())

    def _is_token(self, given: str) -> bool:
        return self._token is not None and hmac.compare_digest(given.encode(), self._token.encode())

    async def _login(self, request: Request) -> Response:
        if not is_own_origin(request.headers) or "origin" not in request.headers:
            return _login_page(_ASK)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _MOST_LOGIN_BYTES:
                return _login_page(_WRONG)
        given = parse_qs(body.decode("utf-8", "replace")).get("token", [""])
        return self._enter(request, given[0])

    def _enter(self, request: Request, given: str) -> Response:
        if not self._is_token(given):
            return _login_page(_WRONG)
        response = HTMLResponse(_ENTER, headers={"Cache-Control": "no-store"})
        response.set_cookie(
            COOKIE,
            self._cookie,
            max_age=_DAYS_30,
            path=request.scope.get("root_path") or "/",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response


def is_own_origin(headers: Headers) -> bool:
    """Whether the browser says nothing of another origin. The scheme is not compared: a proxy may end TLS."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers["host"].lower()
    except ValueError:
        return False


def _login_page(said: str) -> Response:
    return HTMLResponse(_LOGIN.format(said=said), 401, headers={"Cache-Control": "no-store"})
