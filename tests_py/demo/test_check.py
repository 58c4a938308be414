"""The demonstration's check of its table, which compares it with the file."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests_py.demo.running import faults


@pytest.fixture
def tables(kept: tuple[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """A connection to those tables; what a test does to them is rolled back."""
    with psycopg.connect(kept[0]) as db:
        yield db
        db.rollback()


def test_the_check_finds_nothing_wrong_with_what_was_loaded(tables: psycopg.Connection[Any]) -> None:
    assert faults(tables) == []


def test_the_check_finds_a_lost_row(tables: psycopg.Connection[Any]) -> None:
    tables.execute("delete from perdure_demo.flights where line = 1234")
    assert faults(tables) == ["1 line is lost: 1234"]


def test_the_check_finds_a_doubled_row(tables: psycopg.Connection[Any]) -> None:
    tables.execute("insert into perdure_demo.flights select * from perdure_demo.flights where line = 1234")
    assert faults(tables) == ["1 line is there more than once: 1234"]


def test_the_check_finds_a_changed_value(tables: psycopg.Connection[Any]) -> None:
    tables.execute("update perdure_demo.flights set tailnum = 'N00000' where line in (2, 3)")
    assert faults(tables) == ["2 lines are not as in the file: 2, 3"]
