"""Arrays as Postgres reads them, and the ids that are made many at a time."""

import time
import uuid

import psycopg
import pytest

from perdure import InvalidArgument
from perdure._engine.items import numbers, texts, texts_or_none
from perdure._ids import new_workflow_ids


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["", ""],
        ["NULL", "null"],
        [None],
        [None, "", None, "a"],
        ['"', "\\", '\\"', '","', "{}", "a,b", " a ", "\t\n", "'", "ü😀", "\x01"],
        [None, '"', "\\", '","'],
    ],
)
def test_texts_arrive_as_they_are(server, values):
    with psycopg.connect(server) as connection:
        assert connection.execute("select %s::text[]", [texts(values)]).fetchone() == (values,)


def test_numbers_arrive_as_they_are(server):
    values = [0, -1, 2**63 - 1]
    with psycopg.connect(server) as connection:
        assert connection.execute("select %s::bigint[]", [numbers(values)]).fetchone() == (values,)
        assert connection.execute("select %s::bigint[]", [numbers([])]).fetchone() == ([],)


@pytest.mark.parametrize("values", [["\0"], ["a", "b\0c"], ["\0", None]])
def test_a_text_that_postgres_cannot_hold_is_refused(values):
    with pytest.raises(InvalidArgument, match="NUL"):
        texts(values)


def test_an_array_of_nothing_is_left_out():
    assert texts_or_none([None, None]) is None
    assert texts_or_none([None, "a"]) == '{NULL,"a"}'


def test_many_new_ids_are_different_and_of_now():
    before = time.time_ns() // 1_000_000
    found = [uuid.UUID(text) for text in new_workflow_ids(1000)]
    after = time.time_ns() // 1_000_000
    assert len(set(found)) == 1000
    assert {(each.version, each.variant) for each in found} == {(7, uuid.RFC_4122)}
    assert all(before <= each.int >> 80 <= after for each in found)
    # Each of the random bits comes up in both ways.
    ones = zeros = 0
    for each in found:
        ones |= each.int
        zeros |= ~each.int
    random_bits = (1 << 62) - 1 | ((1 << 12) - 1) << 64
    assert ones & random_bits == random_bits == zeros & random_bits
