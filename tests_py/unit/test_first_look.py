"""When the result of what was enqueued just now is looked for."""

import random

import pytest

from perdure import _results
from perdure._results import FirstLook


class Clock:
    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(_results, "time", clock)
    return clock


def test_it_is_some_time_after_it_was_enqueued(clock):
    look = FirstLook()
    left = look.begins(clock.now, None)
    assert 0 < left < 0.01
    clock.now += left / 2
    assert look.begins(clock.now - left / 2, None) == pytest.approx(left / 2)
    clock.now += 60
    assert look.begins(clock.now - 60, None) < 0


def test_it_is_no_later_than_the_caller_wants_to_wait(clock):
    assert FirstLook().begins(clock.now, 0.0001) == 0.0001


@pytest.mark.parametrize("usual", [0.001, 0.002, 0.003, 0.004])
def test_it_follows_how_long_others_took(clock, usual):
    look, random_ = FirstLook(), random.Random(1)
    early = []
    for _ in range(3000):
        took = usual * random_.uniform(0.9, 1.1)
        early.append(look.begins(clock.now, None) < took)
        look.note(not early[-1])
    assert 0.15 < sum(early[1000:]) / 2000 < 0.35
    assert look.begins(clock.now, None) == pytest.approx(usual, rel=0.2)


def test_what_takes_long_is_looked_for_soon_all_the_same(clock):
    look = FirstLook()
    for _ in range(1000):
        look.note(False)
    assert look.begins(clock.now, None) <= 0.005
    for _ in range(1000):
        look.note(True)
    assert 0 < look.begins(clock.now, None) <= 0.00051
