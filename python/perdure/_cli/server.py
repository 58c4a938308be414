"""`perdure install`, `worker`, `status`, `version`, `demo` and `completion`."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import os
import sys

import click
from click.shell_completion import get_completion_class
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from .._app import Perdure
from .._errors import PerdureError, SchemaError
from .._health import StatusCheck
from .._install import install as install_engine
from .._install import newest_migration
from .output import print_json, print_table
from .shared import UNHEALTHY, database, database_option, json_option, open_client, schema_option


@click.command()
@json_option
def version(as_json: bool) -> None:
    """Print the versions of this package and of its schema."""
    found = {"perdure": importlib.metadata.version("perdure"), "schema": newest_migration()}
    if as_json:
        print_json(found)
    else:
        click.echo(f"perdure {found['perdure']}, schema {found['schema']}")


@click.command()
@database_option
@schema_option
@json_option
def install(database_url: str | None, schema: str, as_json: bool) -> None:
    """Install the engine into a database, or upgrade it in place.

    One transaction; safe to run again, and while workers run.
    """
    dsn = database(database_url)
    console = Console(stderr=True)
    columns = (TextColumn("installing into schema {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(schema, total=None)
        found = install_engine(
            dsn,
            schema,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json({"schema": schema, "version": found})
        return
    click.echo(f"schema {schema!r} is at version {found}")


@click.command()
@click.argument("app", metavar="MODULE:APP")
@database_option
def worker(app: str, database_url: str | None) -> None:
    """Run the workflows of an app until SIGINT or SIGTERM.

    A workflow goes back to its queue as soon as it comes to its next step; a step may take 30 seconds to
    end. A second signal stops at once.

    MODULE:APP names the `Perdure` object, for example `shop.main:app`. It is imported from the current
    directory or from what is installed.
    """
    if database_url:
        os.environ["PERDURE_DATABASE_URL"] = database_url
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    found = _find_app(app)
    if database_url:
        # The command line counts, also for an app that names a database of its own.
        found.use_database(database_url)
    found.run()


@click.command()
@database_option
@schema_option
@json_option
def status(database_url: str | None, schema: str, as_json: bool) -> None:
    """Tell whether all is well, and what to do where it is not.

    Exit code 0: nothing stands still; 4: something does, or work may be lost; 5: the database cannot
    be reached.
    """
    try:
        with open_client(database_url, schema) as client:
            found = client.status()
    except SchemaError as error:
        detail, _, hint = str(error).partition(": ")
        found = [StatusCheck("schema", "problem", detail, f"{hint[:1].upper()}{hint[1:]}." if hint else None)]
    if as_json:
        print_json(found)
    else:
        print_table(
            ((c.state, c.subject, c.detail, c.hint) for c in found), "state", "what", "seen", "what to do"
        )
    if any(check.state == "problem" for check in found):
        sys.exit(UNHEALTHY)


@click.command()
@database_option
@click.option(
    "--keep", is_flag=True, help="Keep what it makes; an embedded Postgres then has its files in ./.perdure."
)
@click.option(
    "--months", type=click.IntRange(3, 12), default=12, show_default=True, help="How many months to load."
)
def demo(database_url: str | None, keep: bool, months: int) -> None:
    """Show a pipeline survive two kills of its worker.

    The pipeline goes over 336,776 flights. It uses the database given, or an embedded Postgres. In the
    database it makes the schemas perdure_demo and perdure_demo_engine, and drops them at the end. An engine
    that is installed there is left alone.
    """
    from ..demo import run_demo

    sys.exit(run_demo(database_url, keep=keep, months=months))


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the code that completes `perdure` in a shell.

    \b
    bash:  perdure completion bash >> ~/.bashrc
    zsh:   perdure completion zsh >> ~/.zshrc
    fish:  perdure completion fish > ~/.config/fish/completions/perdure.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise PerdureError(f"this click knows no shell {shell}")
    click.echo(kind(context.find_root().command, {}, "perdure", "_PERDURE_COMPLETE").source())


def _find_app(path: str) -> Perdure:
    module_name, colon, attribute = path.partition(":")
    if not colon or not module_name or not attribute or module_name.startswith("."):
        raise click.UsageError(f"{path!r} does not name an app: write MODULE:APP, for example shop.main:app")
    sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name.partition(".")[0] and error.name != module_name:
            raise
        raise click.UsageError(f"there is no module {module_name!r} here: {error}") from None
    if not hasattr(found, attribute):
        raise click.UsageError(f"{path!r} is not a Perdure app: there is no {attribute!r} in {module_name!r}")
    app = getattr(found, attribute)
    if not isinstance(app, Perdure):
        raise click.UsageError(f"{attribute!r} in {module_name!r} is {app!r}, not a Perdure app")
    return app
