"""`perdure console`, and what of it is in the package."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from hatchling.builders.wheel import WheelBuilder

from perdure._cli import cli
from perdure.console._app import STATIC

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-some-length"


def start(database, *arguments, **variables):
    return subprocess.Popen(
        [sys.executable, "-m", "perdure", "console", "--database-url", database, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


def test_it_serves_until_it_is_stopped(database):
    process = start(database, "--listen", "127.0.0.1:0", PERDURE_CONSOLE_TOKEN=TOKEN)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(rf"console: (http://127\.0\.0\.1:\d+/)\?token={TOKEN}\n", line)
        assert found is not None, line + process.communicate(timeout=5)[1]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(found[1] + "api/info")
        asked = urllib.request.Request(
            found[1] + "api/workflows", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(asked) as response:
            assert response.read() == b'{"workflows": [], "next": null}'
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert "Traceback" not in errors


def test_a_program_is_told_where_it_is_as_json(database):
    process = start(database, "--listen", "127.0.0.1:0", "--read-only", "--json")
    try:
        assert process.stdout is not None
        found = json.loads(process.stdout.readline())
        assert set(found) == {"url", "read_only"}
        assert found["read_only"] is True
        with urllib.request.urlopen(found["url"] + "api/workflows") as response:
            assert response.status == 200
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def refused(*arguments, **variables):
    result = CliRunner().invoke(cli, ["console", *arguments], env=variables)
    return result.exit_code, f"{result.output}{result.exception}"


def test_other_machines_reach_it_only_with_a_token(database):
    for host in ("0.0.0.0", "[::]", "192.0.2.1", "example.com"):
        code, said = refused("--listen", f"{host}:0", "--database-url", database)
        assert (code, "PERDURE_CONSOLE_TOKEN" in said) == (2, True), said
    code, said = refused("--listen", "0.0.0.0:0", "--token", "short", "--database-url", database)
    assert (code, "at least 16" in said) == (2, True), said


def test_an_address_is_a_host_and_a_port(database):
    for address in ("8700", ":8700", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"):
        code, said = refused("--listen", address, "--database-url", database)
        assert (code, "no address" in said) == (2, True), said


def test_an_address_in_use_is_told(database):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = refused("--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--database-url", database)
    assert (code, "cannot listen" in said) == (1, True), said


def test_a_database_that_cannot_be_reached_is_told_at_once():
    code, said = refused("--listen", "127.0.0.1:0", "--database-url", "postgresql://127.0.0.1:1/none")
    assert (code, "cannot connect" in said) == (1, True), said


@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_without_the_extra_it_says_which(missing):
    # A module that is None in sys.modules cannot be imported.
    program = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv = ['perdure', 'console'];"
        "from perdure._cli import main; main()"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "pip install 'perdure[console]'" in found.stderr
    assert "Traceback" not in found.stderr


def test_the_pages_are_in_the_wheel():
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    files = {file.name for file in STATIC.iterdir()}
    assert {f"perdure/console/static/{name}" for name in files} <= packed
    named = set(re.findall(r'"static/([\w.]+)"', (STATIC / "index.html").read_text("utf-8")))
    for file in STATIC.glob("*.js"):
        named |= set(re.findall(r'from "\./([\w.]+)"', file.read_text("utf-8")))
    assert {"console.css", "main.js", "workflow.js"} <= named <= files
