"""Workflows and steps: called, started, enqueued, looked at."""

import asyncio
import datetime as dt
import threading

import pytest

from perdure import InvalidArgument, Perdure, WorkflowIdConflict, WorkflowNotFound

UTC = dt.timezone.utc


def define_sum(app: Perdure, kind: str):
    """A workflow `total(a, b)` with two steps, in one of two kinds."""
    if kind == "sync":

        @app.step()
        def double(n: int) -> int:
            return 2 * n

        @app.workflow(name="total")
        def total(a: int, b: int = 1) -> int:
            return double(a) + double(b)
    else:

        @app.step()
        async def double(n: int) -> int:
            return 2 * n

        @app.workflow(name="total")
        async def total(a: int, b: int = 1) -> int:
            return await double(a) + await double(b)

    return total


@pytest.fixture(params=["sync", "async"])
def total(app, request):
    workflow = define_sum(app, request.param)
    app.launch()
    return workflow


def run(workflow, *args, **kwargs):
    """Calls a workflow the way its kind is called."""
    found = workflow(*args, **kwargs)
    return asyncio.run(found) if asyncio.iscoroutine(found) else found


def test_a_call_runs_it_to_the_end(total):
    assert run(total, 3, 4) == 14


def test_arguments_may_be_named_or_left_out(total):
    assert run(total, 3) == 8
    assert run(total, b=3, a=4) == 14


def test_it_starts_in_the_background(app, total):
    assert app.start_workflow(total, 3, b=4).get_result(10) == 14


def test_it_is_enqueued_and_run_by_a_worker(app, total):
    assert app.enqueue(total, 3, b=4).get_result(10) == 14


def test_it_is_enqueued_by_name(app, total):
    assert app.enqueue("total", 3, b=4).get_result(10) == 14


def test_many_are_enqueued_in_one_call_and_run_in_order(app, total, sql):
    handles = app.enqueue_many(total, [(n, n) for n in range(30)])
    assert [handle.get_result(10) for handle in handles] == [4 * n for n in range(30)]
    keys = sql("select key from workflows order by array_position(%s, workflow_id)", ids(handles))
    assert keys == sorted(keys)


def ids(handles) -> list[str]:
    return [handle.workflow_id for handle in handles]


def test_an_empty_batch_is_no_error(app, total):
    assert app.enqueue_many(total, []) == []


def test_a_result_is_there_for_every_handle(app, client, total):
    handle = app.start_workflow(total, 1, workflow_id="shared")
    assert handle.get_result(10) == handle.get_result(10) == 4
    assert app.retrieve_workflow("shared").get_result(10) == 4
    assert client.retrieve_workflow("shared").get_result(10) == 4


def test_wrong_arguments_are_refused_before_anything_starts(app, total, sql):
    for call in (
        lambda: run(total),
        lambda: app.start_workflow(total, 1, c=2),
        lambda: app.enqueue(total, 1, 2, 3),
    ):
        with pytest.raises(TypeError, match="workflow 'total'"):
            call()
    assert sql("select * from workflows") == []


def test_the_status_tells_all_of_a_finished_workflow(app, total):
    before = dt.datetime.now(UTC)
    app.enqueue(total, 3, b=4, workflow_id="w", priority=5).get_result(10)
    status = app.get_workflow("w")
    assert status.workflow_id == "w"
    assert status.workflow == "total"
    assert status.status == "SUCCESS"
    assert status.queue == "default"
    assert status.priority == 5
    assert status.input == {"positionalArgs": [3], "namedArgs": {"b": 4}}
    assert status.output == 14
    assert status.error is None
    assert status.attempts == 1
    assert status.max_recovery_attempts == 100
    assert status.executor == "test"
    assert status.parent_id is None
    assert status.wake_at is None
    assert before <= status.created_at <= status.started_at <= status.completed_at


def test_a_direct_start_has_no_queue(app, total):
    app.start_workflow(total, 1, workflow_id="w").get_result(10)
    assert app.get_workflow("w").queue is None
    assert app.get_workflow("w").attempts == 1


def test_the_steps_are_listed_in_order(app, total):
    app.enqueue(total, 3, 4, workflow_id="w").get_result(10)
    steps = app.list_steps("w")
    name = steps[0].name
    assert name.endswith("double")
    assert [(s.step, s.name, s.output, s.error, s.attempts) for s in steps] == [
        (1, name, 6, None, 1),
        (2, name, 8, None, 1),
    ]
    for step in steps:
        assert step.started_at <= step.completed_at
        assert (step.errors, step.child_id, step.retry_at) == ((), None, None)


async def test_everything_has_an_async_twin(database):
    app = Perdure(database)
    total = define_sum(app, "async")
    async with app:
        assert await total(3, 4) == 14
        assert await (await app.start_workflow_async(total, 3, 4)).get_result_async(10) == 14
        assert await (await app.enqueue_async(total, 3, 4, workflow_id="w")).get_result_async(10) == 14
        first, _ = await app.enqueue_many_async(total, [(1, 1), (2, 2)])
        assert await first.get_result_async(10) == 4
        assert (await app.get_workflow_async("w")).output == 14
        assert (await app.retrieve_workflow("w").get_status_async()).output == 14
        assert [step.output for step in await app.list_steps_async("w")] == [6, 8]
        assert await app.register_queue_async("new") is True


# ---------------------------------------------------------------------------------- while it runs


def test_the_status_tells_of_a_running_workflow(app):
    begun, go_on = threading.Event(), threading.Event()

    @app.workflow()
    def waits():
        begun.set()
        go_on.wait(10)

    app.launch()
    handle = app.enqueue(waits)
    assert begun.wait(10)
    status = handle.get_status()
    assert (status.status, status.attempts, status.executor) == ("PENDING", 1, "test")
    assert status.started_at is not None
    assert (status.completed_at, status.output) == (None, None)
    go_on.set()
    handle.get_result(10)


def test_the_status_tells_of_a_waiting_workflow(client):
    status = client.enqueue("someday", workflow_id="w").get_status()
    assert (status.status, status.attempts, status.executor, status.started_at) == ("ENQUEUED", 0, None, None)
    assert client.list_steps("w") == []


def test_waiting_for_a_result_has_an_end(client):
    handle = client.enqueue("someday")
    with pytest.raises(TimeoutError, match=r"has not ended within 0\.1 s"):
        handle.get_result(timeout=0.1)
    assert handle.get_status().status == "ENQUEUED"


def test_a_result_that_is_there_needs_no_time(app, total):
    handle = app.start_workflow(total, 1)
    handle.get_result(10)
    assert handle.get_result(timeout=0) == 4


async def test_waiting_for_a_result_has_an_end_async(database):
    from perdure import Client

    async with Client(database) as client:
        handle = await client.enqueue_async("someday")
        with pytest.raises(TimeoutError):
            await handle.get_result_async(timeout=0.1)


@pytest.mark.parametrize(
    "look",
    [
        lambda c: c.get_workflow("nobody"),
        lambda c: c.list_steps("nobody"),
        lambda c: c.retrieve_workflow("nobody").get_result(5),
        lambda c: c.retrieve_workflow("nobody").get_status(),
    ],
)
def test_an_unknown_id_is_an_error_that_names_it(client, look):
    with pytest.raises(WorkflowNotFound, match="'nobody' does not exist"):
        look(client)


def test_an_unknown_id_does_not_harm_who_waits_for_another(app):
    begun, go_on = threading.Event(), threading.Event()

    @app.workflow()
    def waits():
        begun.set()
        go_on.wait(10)
        return "done"

    app.launch()
    handle = app.enqueue(waits)
    found: list[object] = []
    waiter = threading.Thread(target=lambda: found.append(handle.get_result(10)))
    waiter.start()
    assert begun.wait(10)
    with pytest.raises(WorkflowNotFound):
        app.retrieve_workflow("nobody").get_result(5)
    go_on.set()
    waiter.join(10)
    assert found == ["done"]


# --------------------------------------------------------------------------------- the same id twice


@pytest.mark.parametrize("how", ["start_workflow", "enqueue"])
def test_one_id_starts_one_workflow(app, how):
    runs = []

    @app.workflow()
    def once(n: int) -> int:
        runs.append(n)
        return n

    app.launch()
    start = getattr(app, how)
    handles = [start(once, n, workflow_id="only") for n in (1, 2)]
    handles.append(app.enqueue(once, 3, workflow_id="only"))
    handles.append(app.start_workflow(once, 4, workflow_id="only"))
    assert [handle.get_result(10) for handle in handles] == [1, 1, 1, 1]
    assert runs == [1]


def test_one_id_starts_one_workflow_however_many_ask_at_once(app, new_app):
    runs = []

    def define(app):
        @app.workflow(name="once")
        def once(n: int) -> int:
            runs.append(n)
            return n

        app.launch()
        return once

    apps = [(app, define(app)), *((other := new_app(), define(other)) for _ in range(2))]
    together = threading.Barrier(12)
    results = []

    def ask(n: int) -> None:
        app, once = apps[n % 3]
        together.wait(10)
        start = app.start_workflow if n % 2 else app.enqueue
        results.append(start(once, n, workflow_id="only").get_result(10))

    threads = [threading.Thread(target=ask, args=[n]) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(runs) == 1
    assert results == runs * 12


def test_an_id_of_another_workflow_is_a_conflict(app, total, sql):
    app.enqueue("other", workflow_id="taken")
    for start in (app.start_workflow, app.enqueue):
        with pytest.raises(WorkflowIdConflict, match="'taken' belongs to a workflow named 'other'"):
            start(total, 1, workflow_id="taken")
    assert sql("select name from workflows") == [("other",)]


def test_a_conflict_in_a_batch_leaves_nothing(app, total, sql):
    app.enqueue("other", workflow_id="taken")
    with pytest.raises(WorkflowIdConflict):
        app.enqueue_many(total, [(1,), (2,), (3,)], workflow_ids=["a", "taken", "c"])
    assert sql("select count(*) from workflows") == [(1,)]


@pytest.mark.parametrize("bad", ["", "x" * 513, "\N{SNOWMAN}" * 171, "a\0b", "\ud800", 7])
def test_an_id_that_cannot_be_one_is_refused(app, total, sql, bad):
    for start in (app.start_workflow, app.enqueue):
        with pytest.raises(InvalidArgument):
            start(total, 1, workflow_id=bad)
    assert sql("select * from workflows") == []


def test_any_other_id_is_one(app, total):
    for good in ("x" * 512, "\N{SNOWMAN}" * 170, " ", "a b/c?d=e&f", "'; drop table workflows; --"):
        assert app.start_workflow(total, 1, workflow_id=good).get_result(10) == 4
        assert app.get_workflow(good).workflow_id == good


def test_generated_ids_are_in_the_order_of_time(client):
    import time
    import uuid

    found = []
    for _ in range(5):
        found.append(client.enqueue("someday").workflow_id)
        millisecond = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == millisecond:
            pass
    assert found == sorted(found)
    assert all(uuid.UUID(workflow_id).version == 7 for workflow_id in found)


# -------------------------------------------------------------------------------------------- names


def test_two_workflows_of_one_name_are_refused(app):
    app.workflow(name="same")(lambda: 1)
    with pytest.raises(InvalidArgument, match="two workflows are named 'same'"):
        app.workflow(name="same")(lambda: 2)


def test_a_decorated_function_keeps_its_face(app):
    @app.workflow()
    async def checkout(order: int) -> str:
        """Sells something."""
        return str(order)

    @app.step(name="pay")
    def charge(order: int) -> str:
        """Takes the money."""
        return str(order)

    import inspect

    assert (checkout.__name__, checkout.__doc__) == ("checkout", "Sells something.")
    assert list(inspect.signature(checkout).parameters) == ["order"]
    assert repr(charge) == "<step pay>"
    assert charge.__doc__ == "Takes the money."


@pytest.mark.parametrize(
    "decorate",
    [
        lambda app: app.step(retries=-1),
        lambda app: app.step(interval=-1.0),
        lambda app: app.step(backoff=0.5),
        lambda app: app.step(max_interval=-1.0),
        lambda app: app.workflow(max_recovery_attempts=-1),
    ],
)
def test_an_option_out_of_range_is_refused_where_it_is_written(app, decorate):
    with pytest.raises(InvalidArgument):
        decorate(app)


def test_a_function_that_is_no_workflow_is_refused(app):
    app.launch()
    with pytest.raises(InvalidArgument, match="is no workflow"):
        app.enqueue(len)
    with pytest.raises(InvalidArgument, match="is no workflow"):
        app.start_workflow(len)
