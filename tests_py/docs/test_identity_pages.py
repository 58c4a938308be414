"""The snippets of the pages on users, applications and methods."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from perdure import InvalidArgument, NotAuthorized, Perdure

DOCS = Path(__file__).parents[2] / "docs"


def snippets(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_page_on_identity(database: str) -> None:
    behalf, attributes = snippets("identity.md")
    app = Perdure(database)
    names: dict[str, Any] = {"app": app}
    definition, use = behalf.split("\nwith ")
    exec(definition, names)
    with app:
        exec(f"with {use}", names)
        exec(attributes, names)
        assert names["handle"].get_result(20) == "order 9 refunded by None as admin"
        with pytest.raises(NotAuthorized):
            names["refund"]("order 7")
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "select authenticated_user, assumed_role, attributes from perdure.workflows order by key"
        ).fetchall()
    assert found == [
        ("ann", "clerk", None),
        ("bob", "admin", None),
        (None, "admin", {"customer": "c-17", "trial": False}),
    ]


def test_the_page_on_applications(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERDURE_DATABASE_URL", database)
    names: dict[str, Any] = {}
    define, rename = snippets("applications.md")
    exec(define, names)
    shop, bank = names["shop"], names["bank"]

    @bank.workflow(name="transfer")
    def transfer(amount: int) -> str:
        return f"sent {amount}"

    bank.queue("transfers")
    with shop, bank:
        assert shop.enqueue("transfer", 100, queue="transfers").get_result(20) == "sent 100"
        exec(rename, names)
        assert [q.application for q in shop.list_queues() if q.name == "transfers"] == ["bank"]


def test_the_page_on_classes(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PERDURE_DATABASE_URL", database)
    methods, checked = snippets("classes.md")
    names: dict[str, Any] = {"__name__": "shop"}
    exec(methods, names)
    assert capsys.readouterr().out.splitlines() == ["7 EUR in berlin", "9 CHF in zurich", "Shop 2026"]

    # Type hints are looked up in the module.
    exec(checked, names)
    with names["app"] as app:
        assert names["fulfil"]({"number": 7}) == "order 7, 1 copies"
        with psycopg.connect(database) as connection:
            ((found,),) = connection.execute(
                "select perdure.enqueue('fulfil', '[{\"number\": 7}]')"
            ).fetchall()
        assert app.retrieve_workflow(found).get_result(20) == "order 7, 1 copies"
        with pytest.raises(InvalidArgument, match=r"argument 'order'\['number'\] cannot be 'seven'"):
            names["fulfil"]({"number": "seven"})
