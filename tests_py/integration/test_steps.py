"""Steps: recorded once in a workflow, plain functions elsewhere."""

import asyncio
import contextvars
import functools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import UnexpectedStep
from tests_py.integration.replay import Twice


def names(app, workflow_id: str) -> list[tuple[int, str]]:
    return [(step.step, step.name) for step in app.list_steps(workflow_id)]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_recorded_step_is_not_run_again(app, kind):
    runs = []

    if kind == "sync":

        @app.step()
        def work(n):
            runs.append(n)
            return len(runs)

        def body():
            return [work(n) for n in range(5)]
    else:

        @app.step()
        async def work(n):
            runs.append(n)
            return len(runs)

        async def body():
            return [await work(n) for n in range(5)]

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [[1, 2, 3, 4, 5]] * 2
    assert runs == [0, 1, 2, 3, 4]


def test_outside_of_a_workflow_a_step_is_a_plain_function(app, sql):
    @app.step(retries=5)
    def add(a, b=1):
        return a + b

    @app.step()
    async def multiply(a, b):
        return a * b

    assert add(1) == 2
    assert asyncio.run(multiply(2, 3)) == 6
    app.launch()
    assert add(1, b=2) == 3
    assert app.run_step(add, 2, b=2) == 4
    assert asyncio.run(app.run_step_async(multiply, 2, 3)) == 6
    assert sql("select * from steps") == []


def test_a_plain_call_raises_what_the_function_raises_without_retries(app):
    calls = []

    @app.step(retries=5, interval=0)
    def fail():
        calls.append(1)
        raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    assert len(calls) == 1


def test_inside_another_step_a_step_is_a_plain_function(app):
    @app.step(name="inner")
    async def inner(n):
        return n + 1

    @app.step(name="outer")
    async def outer(n):
        return await inner(n) + await app.run_step_async(inner, n)

    @app.step(name="after")
    async def after():
        return "after"

    @app.workflow()
    async def workflow():
        return [await outer(1), await after()]

    app.launch()
    assert app.start_workflow(workflow, workflow_id="w").get_result(10) == [4, "after"]
    assert names(app, "w") == [(1, "outer"), (2, "after")]


def test_any_function_can_be_run_as_a_step(app):
    def plain(a, b):
        return a - b

    async def coroutine(a):
        return a + 1

    class Callable:
        def __call__(self, a):
            return -a

    @app.step(name="decorated")
    def decorated(a):
        return a * 10

    def sync_body():
        return [
            app.run_step(plain, 5, b=3),
            app.run_step(functools.partial(plain, 5), 3),
            app.run_step(Callable(), 2),
            app.run_step(decorated, 2),
            app.run_step(lambda: "lambda"),
            app.step(name="ad hoc")(plain)(5, 4),
        ]

    async def async_body():
        return [
            await app.run_step_async(plain, 5, b=3),
            await app.run_step_async(coroutine, 1),
            await app.run_step_async(decorated, 2),
        ]

    in_threads, on_a_loop = Twice(app, sync_body, "sync"), Twice(app, async_body, "async")
    app.launch()
    assert in_threads.run() == [[2, 2, -2, 20, "lambda", 1]] * 2
    assert on_a_loop.run() == [[2, 2, 20]] * 2
    assert [n.rpartition(".")[2] for _, n in names(app, in_threads.workflow_id)] == [
        "plain",
        "partial",
        "Callable",
        "decorated",
        "<lambda>",
        "ad hoc",
    ]


def test_a_method_can_be_a_step(app):
    class Shop:
        def __init__(self, prices):
            self.prices = prices

        @app.step(name="price")
        async def price(self, item):
            return self.prices[item]

        @staticmethod
        @app.step(name="tax")
        async def tax(amount):
            return amount // 10

    shop = Shop({"tea": 30})

    @app.workflow()
    async def buy(item):
        return await shop.price(item) + await Shop.tax(100)

    app.launch()
    assert app.start_workflow(buy, "tea").get_result(10) == 40


# ------------------------------------------------------------------------------------------- numbers


def test_steps_that_run_at_once_are_numbered_in_the_order_in_which_they_begin(app):
    """The last to begin ends first, and yet a replay gives each its own result."""
    ended = []

    @app.step(name="work")
    async def work(n, wait_for, done):
        if wait_for is not None:
            await wait_for.wait()
        ended.append(n)
        done.set()
        return n

    async def body():
        events = [asyncio.Event() for _ in range(11)]
        return await asyncio.gather(
            *(work(n, None if n == 9 else events[n + 1], events[n]) for n in range(10))
        )

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [list(range(10))] * 2
    assert ended == list(reversed(range(10)))
    assert [step.output for step in app.list_steps(twice.workflow_id)] == list(range(10))


def test_threads_of_a_workflow_run_steps_of_it(app):
    runs = []

    @app.step(name="work")
    def work(n):
        runs.append(n)
        return n * n

    def body():
        with ThreadPoolExecutor(4) as threads:
            jobs = [
                threads.submit(contextvars.copy_context().run, work, n) for n in range(1)
            ]  # one at a time: their order is the workflow's own
            for n in range(1, 8):
                jobs[-1].result()
                jobs.append(threads.submit(contextvars.copy_context().run, work, n))
            return [job.result() for job in jobs]

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [[n * n for n in range(8)]] * 2
    assert runs == list(range(8))


def test_steps_of_threads_that_run_at_once_have_a_number_each(app):
    together = threading.Barrier(8)

    @app.step(name="work")
    def work():
        together.wait(10)
        return 1

    @app.workflow()
    def workflow():
        with ThreadPoolExecutor(8) as threads:
            jobs = [threads.submit(contextvars.copy_context().run, work) for _ in range(8)]
            return sum(job.result() for job in jobs)

    app.launch()
    handle = app.start_workflow(workflow)
    assert handle.get_result(10) == 8
    assert names(app, handle.workflow_id) == [(n, "work") for n in range(1, 9)]


def test_a_plain_step_of_an_async_workflow_may_run_in_a_thread(app):
    @app.step(name="plain")
    def plain(n):
        return threading.current_thread() is threading.main_thread(), n

    async def body():
        return [await asyncio.to_thread(plain, n) for n in range(3)]

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [[(False, 0), (False, 1), (False, 2)]] * 2


def test_two_workflows_in_one_process_do_not_mix_their_steps(app):
    @app.step(name="work")
    async def work(n):
        await asyncio.sleep(0)
        return n

    @app.workflow()
    async def workflow(n):
        return [await work((n, k)) for k in range(5)]

    app.launch()
    handles = [app.start_workflow(workflow, n, workflow_id=f"w{n}") for n in range(20)]
    for n, handle in enumerate(handles):
        assert handle.get_result(10) == [(n, k) for k in range(5)]
        assert [s.output for s in app.list_steps(f"w{n}")] == [(n, k) for k in range(5)]


# --------------------------------------------------------------------------------------- determinism


def test_a_replay_that_meets_another_step_says_which(app):
    @app.step(name="left")
    async def left():
        return 1

    @app.step(name="right")
    async def right():
        return 2

    turns = iter([left, right])

    async def body():
        return await next(turns)()

    twice = Twice(app, body)
    app.launch()
    _, second = twice.run()
    assert isinstance(second, UnexpectedStep)
    assert "step 1 is recorded as 'left', the code now runs 'right' there" in str(second)


def test_a_replay_may_go_further_than_the_run_before(app):
    @app.step(name="work")
    async def work(n):
        return n

    lengths = iter([2, 4])

    async def body():
        return [await work(n) for n in range(next(lengths))]

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [[0, 1], [0, 1, 2, 3]]


def test_what_is_recorded_is_not_changed_by_what_the_workflow_does_with_it(app):
    @app.step(name="items")
    async def items():
        return [1]

    async def body():
        found = await items()
        found.append(2)
        return found

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [[1, 2]] * 2
    assert app.list_steps(twice.workflow_id)[0].output == [1]


async def test_a_step_that_was_cancelled_is_not_recorded_and_its_number_is_not_used_again(app):
    @app.step(name="slow")
    async def slow():
        await asyncio.Event().wait()

    @app.step(name="quick")
    async def quick():
        return "quick"

    @app.workflow()
    async def workflow():
        try:
            await asyncio.wait_for(slow(), 0.02)
        except asyncio.TimeoutError:
            return await quick()

    async with app:
        handle = await app.start_workflow_async(workflow, workflow_id="w")
        assert await handle.get_result_async(10) == "quick"
        assert [(s.step, s.name) for s in await app.list_steps_async("w")] == [(2, "quick")]
