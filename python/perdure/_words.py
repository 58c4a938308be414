"""Words for messages."""

from __future__ import annotations


def many(number: int, noun: str) -> str:
    """`1 workflow`, `2 workflows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
