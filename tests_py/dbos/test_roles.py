"""Functions that need a role are refused to who has none, async ones too."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from perdure.dbos import DBOS, DBOSContextSetAuth, error

Launch = Callable[..., Any]


def test_an_async_step_needs_its_role_where_it_runs(launch: Launch) -> None:
    ran: list[str | None] = []

    @DBOS.step()
    @DBOS.required_roles(["admin"])
    async def step() -> str | None:
        await asyncio.sleep(0)
        ran.append(DBOS.assumed_role)
        return DBOS.assumed_role

    @DBOS.workflow()
    async def workflow() -> str | None:
        return await step()

    launch()
    with DBOSContextSetAuth("ann", ["guest"]), pytest.raises(error.DBOSNotAuthorizedError):
        asyncio.run(workflow())
    assert ran == []
    with DBOSContextSetAuth("bob", ["guest", "admin"]):
        assert asyncio.run(workflow()) == "admin"
        assert DBOS.assumed_role is None


def test_the_role_is_assumed_for_the_call_alone(launch: Launch) -> None:
    @DBOS.required_roles(["admin"])
    def checked() -> str | None:
        return DBOS.assumed_role

    @DBOS.workflow()
    def workflow() -> list[str | None]:
        return [checked(), DBOS.assumed_role]

    launch()
    with DBOSContextSetAuth("bob", ["guest", "admin"]):
        assert workflow() == ["admin", None]
