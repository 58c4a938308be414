"""Programs that are written for DBOS: classes, and who may call what."""

from __future__ import annotations

import asyncio
from typing import Any

from tests_py.dbos.harness import DBOS, dbos, fresh, outcome, program, status, steps, under


@DBOS.default_required_roles(["user"])
@DBOS.dbos_class("Named class")
class Shop(dbos.DBOSConfiguredInstance):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.total = 0

    @DBOS.workflow(name="sells")
    def sell(self, amount: int) -> Any:
        return [self.config_name, self.counting(amount), DBOS.assumed_role]

    @DBOS.step(name="counts")
    def counting(self, amount: int) -> int:
        return amount * 2

    @classmethod
    @DBOS.workflow()
    @DBOS.required_roles(["admin"])
    def audit(cls) -> str:
        return cls.__name__

    @staticmethod
    @DBOS.workflow()
    @DBOS.required_roles([])
    def open_to_all() -> str:
        return "open"

    @DBOS.workflow()
    async def asell(self, amount: int) -> Any:
        return [self.config_name, await self.acounting(amount)]

    @DBOS.step()
    async def acounting(self, amount: int) -> int:
        return amount * 3


shop = Shop("main shop")


@program
def classes_with_roles() -> Any:
    DBOS.register_queue("shops")
    refused = [outcome(lambda: shop.sell(1))[:3], outcome(Shop.audit)[:3], outcome(Shop.open_to_all)]
    with dbos.DBOSContextSetAuth("ann", ["user", "admin"]):
        name = fresh("sell")
        sold = under(name, lambda: shop.sell(2))
        queued = DBOS.enqueue_workflow("shops", shop.sell, 3)
        result = queued.get_result()
        audited = Shop.audit()
        again = asyncio.run(shop.asell(5))
    return [
        refused, sold, steps(name),
        status(name, "class_name", "config_name", "authenticated_user", "assumed_role"), result,
        status(queued.workflow_id, "class_name", "config_name", "authenticated_roles"), audited, again,
    ]  # fmt: skip


@DBOS.step()
@DBOS.required_roles(["admin"])
def guarded_step() -> Any:
    return [DBOS.authenticated_user, DBOS.assumed_role]


@DBOS.required_roles(["admin", "boss"])
@DBOS.step()
def guarded_around() -> Any:
    return DBOS.assumed_role


@DBOS.required_roles(["user"])
def guarded_function(x: int) -> Any:
    return [x, DBOS.assumed_role]


@DBOS.workflow()
def calls_guarded() -> Any:
    return [outcome(guarded_step)[:3], outcome(guarded_around)[:3], outcome(lambda: guarded_function(1))[0]]


@program
def roles_of_steps() -> Any:
    def all_of_them() -> Any:
        name = fresh("guarded")
        return [
            under(name, calls_guarded), [s[0] for s in steps(name)], outcome(guarded_step)[0],
            outcome(guarded_around)[:3], outcome(lambda: guarded_function(2))[0],
        ]  # fmt: skip

    with dbos.DBOSContextSetAuth("ann", ["guest"]):
        guest = all_of_them()
    with dbos.DBOSContextSetAuth("bob", ["admin", "user"]):
        admin = all_of_them()
    return [outcome(lambda: guarded_function(3))[0], guest, admin]


@DBOS.default_required_roles(["keeper"])
class Archive:
    @staticmethod
    @DBOS.workflow()
    def workflow_of_archive() -> Any:
        return DBOS.assumed_role

    @staticmethod
    @DBOS.step()
    def step_of_archive() -> Any:
        return DBOS.assumed_role

    @staticmethod
    @DBOS.step()
    @DBOS.required_roles([])
    def step_for_all() -> Any:
        return "for all"

    @classmethod
    @DBOS.workflow()
    @DBOS.required_roles(["reader"])
    def read(cls) -> Any:
        return DBOS.assumed_role


@DBOS.workflow()
def uses_archive() -> Any:
    return [outcome(Archive.step_of_archive)[:3], outcome(Archive.step_for_all)[:3]]


@program
def roles_of_classes() -> Any:
    def tried() -> Any:
        name = fresh("archive")
        return [
            outcome(Archive.workflow_of_archive)[:3], outcome(Archive.read)[:3], under(name, uses_archive),
            [s[0] for s in steps(name)],
        ]  # fmt: skip

    nobody = tried()
    with dbos.DBOSContextSetAuth("ann", ["reader"]):
        reader = tried()
    with dbos.DBOSContextSetAuth("bob", ["keeper"]):
        keeper = tried()
    return [nobody, reader, keeper]
