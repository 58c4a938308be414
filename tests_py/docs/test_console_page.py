"""The snippets of docs/console.md."""

import re
from pathlib import Path

from starlette.testclient import TestClient

from perdure._cli import cli

PAGE = (Path(__file__).parents[2] / "docs" / "console.md").read_text("utf-8")


def test_the_console_is_mounted_in_an_application(database: str) -> None:
    match = re.search(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert match is not None
    names: dict[str, object] = {}
    exec(match[1].replace("postgresql://localhost/app", database), names)
    with TestClient(names["app"], base_url="https://app.example.com") as browser:  # type: ignore[arg-type]
        assert browser.get("/console/api/info").status_code == 401
        entered = browser.get("/console/", params={"token": "give it from your configuration"})
        assert "path=/console" in entered.headers["set-cookie"].lower()
        assert browser.get("/console/api/info").json()["schema"] == "perdure"
        assert "<main" in browser.get("/console/").text
        assert browser.get("/console/static/main.js").status_code == 200
        own = {"Origin": "https://app.example.com", "X-Perdure-Console": "1"}
        assert (
            browser.post("/console/api/queues/pause", json={"name": "default"}, headers=own).status_code
            == 200
        )


def test_every_option_of_the_page_is_one_of_the_command() -> None:
    known = {option for parameter in cli.commands["console"].params for option in parameter.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE))
    assert named <= known
    assert known - {"--schema"} <= named
