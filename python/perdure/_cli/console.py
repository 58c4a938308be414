"""`perdure console`."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import webbrowser
from urllib.parse import quote

import click

from .._client import Client
from .._connected import find_dsn
from .._errors import PerdureError
from .shared import database_option, json_option, open_client, schema_option

# What can be guessed is no token.
_SHORTEST_TOKEN = 16


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port[:6]) <= 65535):
        raise click.BadParameter(f"{value!r} is no address: write 127.0.0.1:8700, or [::1]:8700")
    return host.removeprefix("[").removesuffix("]"), int(port)


@click.command()
@database_option
@schema_option
@click.option(
    "--listen",
    default="127.0.0.1:8700",
    show_default=True,
    callback=_address,
    metavar="HOST:PORT",
    help="Where it is served. Other machines reach it only with a token; port 0: a free one.",
)
@click.option(
    "--token",
    envvar="PERDURE_CONSOLE_TOKEN",
    metavar="TEXT",
    help="What a browser must know. Better in PERDURE_CONSOLE_TOKEN: others see the command line.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A name under which a proxy makes it known. May be repeated.",
)
@click.option("--read-only", is_flag=True, help="Show, but change nothing.")
@click.option("--open", "open_browser", is_flag=True, help="Open it in a browser.")
@json_option
def console(
    database_url: str | None,
    schema: str,
    listen: tuple[str, int],
    token: str | None,
    allowed_hosts: tuple[str, ...],
    read_only: bool,
    open_browser: bool,
    as_json: bool,
) -> None:
    """Serve a console for this database to browsers, until Ctrl-C.

    It shows workflows, queues, schedules and workers, and acts on them.
    """
    try:
        import uvicorn

        from ..console import console as make_app
        from ..console._guard import LOOPBACK_HOSTS
    except ImportError as error:
        raise PerdureError(f"the console needs an extra: pip install 'perdure[console]' ({error})") from None

    host, port = listen
    token = token or None
    loopback = _is_loopback(host)
    if token is None and not loopback:
        raise click.UsageError(
            f"other machines reach {host}: give a token, in PERDURE_CONSOLE_TOKEN or with --token. This makes"
            ' one: python3 -c "import secrets; print(secrets.token_urlsafe(24))"'
        )
    if token is not None and len(token) < _SHORTEST_TOKEN:
        raise click.UsageError(f"a token has at least {_SHORTEST_TOKEN} characters")

    # A database that cannot be reached, or has no engine, is told now and not to the browser.
    with open_client(database_url, schema) as probe:
        probe.list_queues()
    app = make_app(
        Client(find_dsn(database_url), schema=schema, connect_timeout=5.0, listen=False),
        allowed_hosts={*LOOPBACK_HOSTS, host, *allowed_hosts} if loopback or allowed_hosts else None,
        token=token,
        read_only=read_only,
    )
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, ws="none")
    with contextlib.closing(_bound(host, port)) as bound:
        url = f"http://{_name_of(host)}:{bound.getsockname()[1]}/"
        if token is not None:
            url += f"?token={quote(token, safe='')}"
        if as_json:
            # On one line: who reads it goes on while this serves.
            click.echo(json.dumps({"url": url, "read_only": read_only}))
        else:
            click.echo(f"console: {url}" + ("  (only shows)" if read_only else ""))
        if open_browser:
            # The socket listens already: the browser's request waits until the server reads it.
            webbrowser.open(url)
        uvicorn.Server(config).run(sockets=[bound])


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    """The host in a URL; for "all addresses" the name of this machine."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Python adds the address, in its own form.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise PerdureError(f"cannot listen on {host}:{port}: {reason}") from None
