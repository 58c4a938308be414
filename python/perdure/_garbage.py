"""The garbage collector of a process that is a worker and nothing else."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Generator

# Each workflow that runs is some thirty objects which live until it ends. At Python's own 700 nearly all that
# is looked at is alive. Measured, a worker that drains one-step workflows, a thousand at once: a quarter of
# its processor time. What is in circles, and free, waits for so many more objects: a few megabytes.
_OBJECTS = 50_000


@contextlib.contextmanager
def collecting_seldom() -> Generator[None]:
    """In the block the collector looks more seldom at what is new, and not at all at what was there before.
    Who has set a higher threshold, or has switched it off, keeps that."""
    before = gc.get_threshold()
    # What is frozen is never freed: a program that has frozen something by itself keeps that, too.
    freezes = gc.get_freeze_count() == 0
    if freezes:
        gc.collect()
        gc.freeze()
    if 0 < before[0] < _OBJECTS:
        gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if freezes:
            gc.unfreeze()
