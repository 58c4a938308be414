"""Every name that the published package exports is here, with the same signature."""

import json
from pathlib import Path
from typing import Any

import pytest

import perdure.dbos
from tests_py.dbos.names import describe

# Written by `python tests_py/dbos/names.py dbos > tests_py/dbos/names.json` with dbos 3.4.0.
THEIRS: dict[str, Any] = json.loads(Path(__file__).with_name("names.json").read_text())
OURS = describe("perdure.dbos")


def test_all_names_are_exported_and_no_others() -> None:
    assert set(perdure.dbos.__all__) == {*THEIRS["names"], "error"}


@pytest.mark.parametrize("name", sorted(THEIRS["names"]))
def test_a_name_has_the_same_signature(name: str) -> None:
    kind, theirs = THEIRS["names"][name]
    our_kind, ours = OURS["names"][name]
    assert our_kind == kind
    if kind == "class":
        # There may be more.
        assert {member: ours.get(member) for member in theirs} == theirs
    else:
        assert ours == theirs


@pytest.mark.parametrize("name", sorted(THEIRS["error"]))
def test_an_exception_has_the_same_base_code_and_arguments(name: str) -> None:
    theirs, ours = THEIRS["error"][name], OURS["error"][name]
    if isinstance(theirs, dict):
        assert ours == theirs
    else:
        assert ours[:3] == theirs[:3]
        assert set(ours[3]) >= set(theirs[3])
