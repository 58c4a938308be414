"""Workflows that start others: each start is a step, and each child's id follows from its parent's."""

import asyncio
import threading

import pytest

from perdure import UnexpectedStep, WorkflowIdConflict
from tests_py.integration.quiet import is_settled
from tests_py.integration.replay import Twice
from tests_py.support import wait_until


def define_children(app):
    @app.workflow(name="async_child")
    async def async_child(n: int) -> int:
        return n + 1

    @app.workflow(name="sync_child")
    def sync_child(n: int) -> int:
        return n + 1

    return async_child, sync_child


def recorded(app, workflow_id: str) -> list[tuple[int, str, str | None]]:
    return [(s.step, s.name, s.child_id) for s in app.list_steps(workflow_id)]


STEPS = [
    (1, "async_child", "parent-1"),
    (2, "perdure.get_result", None),
    (3, "sync_child", "parent-3"),
    (4, "perdure.get_result", None),
    (5, "async_child", "parent-5"),
    (6, "perdure.get_result", None),
]


def test_an_async_workflow_has_children(app):
    async_child, sync_child = define_children(app)

    @app.workflow()
    async def parent():
        called = await async_child(1)
        started = await app.start_workflow_async(sync_child, 2)
        second = await started.get_result_async()
        enqueued = await app.enqueue_async(async_child, 3)
        return [called, second, await enqueued.get_result_async()]

    app.launch()
    assert app.enqueue(parent, workflow_id="parent").get_result(10) == [2, 3, 4]
    assert recorded(app, "parent") == STEPS
    check_children(app)


def test_a_sync_workflow_has_children(app):
    async_child, sync_child = define_children(app)

    @app.workflow()
    def parent():
        called = app.start_workflow(async_child, 1).get_result()
        second = sync_child(2)
        return [called, second, app.enqueue(async_child, 3).get_result()]

    app.launch()
    assert app.enqueue(parent, workflow_id="parent").get_result(10) == [2, 3, 4]
    assert recorded(app, "parent") == STEPS
    check_children(app)


def check_children(app):
    for step, queue in ((1, None), (3, None), (5, "default")):
        child = app.get_workflow(f"parent-{step}")
        assert (child.parent_id, child.status, child.queue) == ("parent", "SUCCESS", queue)


def test_a_child_has_children(app):
    @app.workflow(name="down")
    async def down(depth: int) -> int:
        return 0 if depth == 0 else 1 + await down(depth - 1)

    app.launch()
    assert app.start_workflow(down, 4, workflow_id="top").get_result(10) == 4
    assert app.get_workflow("top-1-1-1-1").parent_id == "top-1-1-1"


def test_a_child_can_have_an_id_of_its_own(app):
    async_child, _ = define_children(app)

    @app.workflow()
    async def parent():
        first = await app.start_workflow_async(async_child, 1, workflow_id="mine")
        again = await app.enqueue_async(async_child, 2, workflow_id="mine")
        return [first.workflow_id, await first.get_result_async(), await again.get_result_async()]

    app.launch()
    assert app.enqueue(parent, workflow_id="parent").get_result(10) == ["mine", 2, 2]
    assert app.get_workflow("mine").parent_id == "parent"


def test_a_child_with_an_id_of_another_workflow_is_a_conflict(app):
    async_child, sync_child = define_children(app)

    @app.workflow()
    async def parent():
        try:
            await app.start_workflow_async(async_child, 1, workflow_id="taken")
        except WorkflowIdConflict:
            return "conflict"

    app.launch()
    app.start_workflow(sync_child, 1, workflow_id="taken")
    assert app.enqueue(parent).get_result(10) == "conflict"


def test_the_error_of_a_child_reaches_its_parent(app):
    @app.workflow()
    async def child():
        raise KeyError("from the child")

    @app.workflow()
    async def parent():
        try:
            await child()
        except KeyError as error:
            return error.args[0]

    app.launch()
    assert app.enqueue(parent).get_result(10) == "from the child"


@pytest.mark.parametrize("how", ["called", "started", "enqueued"])
def test_a_replay_starts_no_child_twice(app, how):
    runs = []

    @app.workflow()
    async def child():
        runs.append(1)
        return len(runs)

    async def body():
        if how == "called":
            return await child()
        start = app.start_workflow_async if how == "started" else app.enqueue_async
        handle = await start(child)
        return [handle.workflow_id, await handle.get_result_async()]

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert first == second
    assert len(runs) == 1


def test_a_child_of_another_name_is_an_unexpected_step(app):
    async_child, sync_child = define_children(app)
    turns = iter([async_child, sync_child])

    async def body():
        return (await app.start_workflow_async(next(turns), 1)).workflow_id

    twice = Twice(app, body)
    app.launch()
    _, second = twice.run()
    assert isinstance(second, UnexpectedStep)
    assert "'async_child'" in str(second)
    assert "'sync_child'" in str(second)


def test_waiting_for_a_child_is_a_step_whose_timeout_is_recorded(app):
    go_on = threading.Event()

    @app.workflow()
    def child():
        go_on.wait(10)

    async def body():
        handle = await app.start_workflow_async(child)
        return await handle.get_result_async(timeout=0.05)

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    go_on.set()
    assert type(first) is type(second) is TimeoutError
    assert str(first) == str(second)


def test_a_waiting_parent_leaves_its_slot_to_its_children(new_app):
    app = new_app(concurrency=2)

    @app.workflow(name="tree")
    async def tree(depth: int) -> int:
        if depth == 0:
            return 1
        handles = [await app.enqueue_async(tree, depth - 1) for _ in range(2)]
        return sum([await handle.get_result_async() for handle in handles])

    @app.workflow(name="thread_tree")
    def thread_tree(depth: int) -> int:
        if depth == 0:
            return 1
        handles = [app.enqueue(thread_tree, depth - 1) for _ in range(2)]
        return sum(handle.get_result() for handle in handles)

    app.launch()
    assert app.enqueue(tree, 3).get_result(20) == 8
    assert app.enqueue(thread_tree, 3).get_result(20) == 8


def test_many_children_at_once_have_ids_in_the_order_of_their_start(app):
    async_child, _ = define_children(app)

    async def body():
        return await asyncio.gather(*(async_child(n) for n in range(20)))

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert first == second == list(range(1, 21))


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_batch_of_children_is_enqueued_once(app, sql, kind):
    async_child, _ = define_children(app)

    async def async_body():
        handles = await app.enqueue_many_async(async_child, [(n,) for n in range(5)])
        return [await handle.get_result_async() for handle in handles]

    def sync_body():
        handles = app.enqueue_many(async_child, [(n,) for n in range(5)])
        return [handle.get_result() for handle in handles]

    twice = Twice(app, async_body if kind == "async" else sync_body)
    app.launch()
    assert twice.run() == [[1, 2, 3, 4, 5]] * 2
    assert sql("select count(*) from workflows where name = 'async_child'") == [(5,)]
    assert [step.child_id for step in app.list_steps(twice.workflow_id)[:5]] == [
        f"{twice.workflow_id}-{n}" for n in range(1, 6)
    ]


def test_a_batch_of_children_is_one_call_on_the_wire(proxy, quiet_app, sql):
    app = quiet_app
    async_child, _ = define_children(app)

    @app.workflow()
    async def parent():
        await app.enqueue_many_async(async_child, [(n,) for n in range(50)], queue="elsewhere")

    app.register_queue("elsewhere")
    app.launch()
    wait_until(lambda: sql("select 1 from queues where listening_until is not null"))
    # Preparing a statement is a round trip of its own, once for each connection.
    app.start_workflow(parent).get_result(10)
    wait_until(lambda: is_settled(app, proxy))
    proxy.reset()
    app.start_workflow(parent).get_result(10)
    # Its start, its children, its end, and the question for its result.
    assert proxy.requests <= 5
