"""Each example is run by a test."""

import re
from pathlib import Path

from tests_py.extras.conftest import EXAMPLES

HERE = Path(__file__)


def test_every_example_is_run_by_a_test_and_named_in_the_docs():
    tests = "\n".join(path.read_text("utf-8") for path in HERE.parent.glob("test_*.py") if path != HERE)
    page = (EXAMPLES.parent / "docs" / "integrations.md").read_text("utf-8")
    examples = {path.stem for path in EXAMPLES.glob("*.py")}
    assert examples
    for name in examples:
        assert re.search(rf"\b{name}\b", tests), name
        assert f"(../examples/{name}.py)" in page
