"""docs/cli.md: what it shows can be typed."""

import re
import shlex

import click
import pytest

from perdure._cli import cli
from tests_py.support.databases import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
SHOWN = [
    part.strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    for part in line.partition("#")[0].partition(">")[0].split("|")
    if part.strip().startswith("perdure ")
]


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_of_the_page_can_be_typed(line: str) -> None:
    command: click.Command = cli
    arguments = shlex.split(line)[1:]
    context = click.Context(cli)
    while isinstance(command, click.Group):
        name = arguments.pop(0)
        found = command.get_command(context, name)
        assert found is not None, name
        command = found
    # Reads them, and runs nothing.
    with command.make_context(line, arguments, parent=context):
        pass


def test_the_page_names_all_that_is_there() -> None:
    for name in sorted(set(cli.commands) - {"demo", "version", "application"}):
        assert any(line.split()[1] == name for line in SHOWN), name


TABLE = PAGE[: PAGE.index("## What is typed")]


def test_the_table_has_every_command() -> None:
    named = {name.split()[0] for name in re.findall(r"^\| `perdure ([^`]+)`", TABLE, re.MULTILINE)}
    assert named == set(cli.commands)


@pytest.mark.parametrize("group", [n for n, c in cli.commands.items() if isinstance(c, click.Group)])
def test_the_table_has_every_command_of_a_group(group: str) -> None:
    below = cli.commands[group]
    assert isinstance(below, click.Group)
    ((named, said),) = re.findall(rf"^\| `perdure {group} ([^|]*)\|([^|]*)\|", TABLE, re.MULTILINE)
    listed = said.partition(";")[0] if named.startswith("...") else named.split()[0]
    assert set(re.findall(r"[a-z][a-z-]*", listed)) == set(below.commands)
