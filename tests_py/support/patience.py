"""How long a workflow waits in memory before it leaves its worker."""

from __future__ import annotations

import pytest

from perdure._engine import Engine, Lease


def suspend_after(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Lets the workers that start from now on put down what waits longer than this."""
    told = Engine.heartbeat

    async def heartbeat(engine: Engine, executor_id: int) -> Lease | None:
        lease = await told(engine, executor_id)
        return None if lease is None else lease._replace(suspend_after=seconds)

    monkeypatch.setattr(Engine, "heartbeat", heartbeat)
