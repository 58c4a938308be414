"""Branches of async workflows, on the loop that DBOS's face has for them."""

import asyncio

from perdure.dbos import DBOS, SetWorkflowID
from tests_py.support import wait_until


def test_branches_of_several_steps_are_replayed_as_they_ran(launch):
    launch()
    ran, seen = [], []

    @DBOS.step()
    async def step(*what):
        await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))
        ran.append(what)
        return [*what]

    @DBOS.workflow()
    async def child(of):
        return await step("child", of)

    async def branch(me):
        handle = await DBOS.start_workflow_async(child, me)
        found = [await step(me, 1), await handle.get_result(), await child(me)]
        await DBOS.sleep_async(0.01)
        await DBOS.set_event_async(me, me)
        return [*found, *await asyncio.gather(step(me, 2), step(me, 3)), await step(me, 4)]

    @DBOS.workflow()
    async def workflow():
        seen.append([await asyncio.gather(branch("a"), branch("b"), branch("c")), await step("last")])
        if len(seen) == 1:
            await asyncio.Event().wait()
        return seen[-1]

    async def begin():
        with SetWorkflowID("w"):
            return await DBOS.start_workflow_async(workflow)

    asyncio.run(begin())
    wait_until(lambda: len(seen) == 1)
    many = len(DBOS.list_workflow_steps("w"))
    DBOS.cancel_workflow("w")
    assert DBOS.resume_workflow("w").get_result() == seen[0]
    assert seen[0] == seen[1]
    assert len(ran) == 6 * 3 + 1
    assert len(DBOS.list_workflow_steps("w")) == many
