"""What the package shows to the world."""

import inspect
import subprocess
import sys

import perdure
from perdure import _errors


def test_each_public_name_exists():
    for name in perdure.__all__:
        assert getattr(perdure, name) is not None


def test_the_public_names_are_in_order():
    assert perdure.__all__ == sorted(perdure.__all__)


def test_nothing_else_is_public():
    shown = "import perdure; print(*(n for n in vars(perdure) if not n.startswith('_')))"
    found = subprocess.run([sys.executable, "-c", shown], check=True, capture_output=True, text=True).stdout
    assert set(found.split()) == set(perdure.__all__)


def test_every_error_is_public_and_drawn_in_the_tree():
    for name, found in inspect.getmembers(_errors, inspect.isclass):
        if issubclass(found, perdure.PerdureError):
            assert name in perdure.__all__
            assert name in (_errors.__doc__ or "")


def test_every_public_thing_explains_itself():
    for name in perdure.__all__:
        thing = getattr(perdure, name)
        assert inspect.getdoc(thing), name
        if not inspect.isclass(thing):
            continue
        # Also what it has from the parts that it is made of.
        for method, function in inspect.getmembers(thing, inspect.isfunction):
            if not method.startswith("_"):
                assert function.__doc__, f"{name}.{method}"
