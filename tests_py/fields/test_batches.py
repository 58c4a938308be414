"""What is started at one moment travels together; who starts it, and on what, is kept apart."""

import asyncio

from perdure import ConfiguredInstance


async def test_each_of_many_starts_at_once_runs_on_behalf_of_its_own_user(new_app):
    app = new_app()

    @app.workflow(name="who")
    async def who():
        return app.authenticated_user

    async with app:
        users = [f"user {n}" for n in range(40)]
        handles = await asyncio.gather(*(app.start_workflow_async(who, authenticated_user=u) for u in users))
        assert await asyncio.gather(*(h.get_result_async(20) for h in handles)) == users


async def test_children_that_are_enqueued_at_once_are_called_on_their_own_instances(new_app):
    app = new_app()

    @app.workflow_class(name="Shop")
    class Shop(ConfiguredInstance):
        @app.workflow(name="sell")
        async def sell(self):
            return self.config_name

    shops = [Shop(f"shop {n}") for n in range(20)]

    @app.workflow(name="all")
    async def all_of_them():
        handles = await asyncio.gather(*(app.enqueue_async(s.sell) for s in shops))
        return await asyncio.gather(*(h.get_result_async() for h in handles))

    async with app:
        assert await all_of_them() == [f"shop {n}" for n in range(20)]
