"""`perdure metrics`."""

from __future__ import annotations

import contextlib

import click

from .._client import Client
from ..prometheus import render, serve
from .output import print_json
from .shared import json_option, with_client


def _address(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[str, int] | None:
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter(f"{value!r} is no address: write HOST:PORT, or PORT for this machine only")
    return host.strip("[]") or "127.0.0.1", int(port)


@click.command()
@with_client
@click.option(
    "--listen",
    callback=_address,
    metavar="[HOST:]PORT",
    help="Serve them over HTTP until Ctrl-C. Without HOST for this machine only.",
)
@json_option
def metrics(client: Client, listen: tuple[str, int] | None, as_json: bool) -> None:
    """Print the metrics, as Prometheus reads them; or serve them.

    Whoever reaches the address sees the names of the queues; there is no password.
    """
    if listen is None:
        print_json(client.metrics()) if as_json else click.echo(render(client), nl=False)
        return
    if as_json:
        raise click.UsageError("what is served is in the format of Prometheus, without --json")
    try:
        server = serve(client, *listen)
    except OSError as error:
        raise click.ClickException(f"cannot listen there: {error}") from None
    host, port = server.server_address[:2]
    shown = f"[{host}]" if ":" in str(host) else host
    click.echo(f"serving http://{shown}:{port}/metrics", err=True)
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
