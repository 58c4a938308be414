"""How many workflows a worker runs at once."""

import pytest

from perdure import _room
from perdure._room import Room


class Clock:
    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(_room, "time", clock)
    return clock


def end_all(room, clock, seconds):
    """As many as run at once end within this time."""
    clock.now += seconds
    for _ in range(room.size):
        room.note_end()
    return room.size


def test_short_ones_that_need_no_threads_get_more_room_and_long_ones_give_it_back(clock):
    room = Room(None, needs_threads=False)
    assert room.size == 200
    assert [end_all(room, clock, 0.5) for _ in range(4)] == [400, 800, 1000, 1000]
    assert [end_all(room, clock, 3.0) for _ in range(2)] == [1000, 1000]
    assert [end_all(room, clock, 10.0) for _ in range(4)] == [500, 250, 200, 200]


def test_long_ones_get_no_more_room(clock):
    room = Room(None, needs_threads=False)
    assert [end_all(room, clock, 1.5) for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("said", "needs_threads", "size"), [(None, True, 200), (50, False, 50), (5000, True, 5000)]
)
def test_what_was_said_and_what_needs_threads_stays(clock, said, needs_threads, size):
    room = Room(said, needs_threads)
    assert [end_all(room, clock, 0.1) for _ in range(3)] == [size, size, size]
