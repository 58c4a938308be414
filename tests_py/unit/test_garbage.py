"""The garbage collector while a process is a worker."""

import gc

import pytest

from perdure._garbage import collecting_seldom


@pytest.fixture(autouse=True)
def as_it_was():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_it_looks_more_seldom_and_then_as_before():
    before = gc.get_threshold()
    with collecting_seldom():
        assert gc.get_threshold() == (50_000, *before[1:])
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize("first", [0, 60_000])
def test_who_wants_it_still_more_seldom_or_never_gets_that(first):
    gc.set_threshold(first, 5, 5)
    with collecting_seldom():
        assert gc.get_threshold() == (first, 5, 5)
    assert gc.get_threshold() == (first, 5, 5)


def test_what_a_program_has_frozen_stays_frozen():
    gc.freeze()
    with collecting_seldom():
        pass
    assert gc.get_freeze_count() > 0
