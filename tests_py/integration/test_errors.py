"""Errors of steps and workflows: recorded, and raised again as what they were."""

import asyncio
import http

import pytest

from perdure import ApplicationError, StepRetriesExceeded
from perdure._serialize import PORTABLE
from tests_py.integration.replay import Twice
from tests_py.support import wait_until_async


class Declined(Exception):
    """Its constructor wants other arguments than it leaves in `args`."""

    def __init__(self, order: int, *, reason: str) -> None:
        super().__init__(f"order {order} was declined: {reason}")
        self.order, self.reason = order, reason


class TooLate(Declined):
    def __init__(self) -> None:
        super().__init__(9, reason="too late")


class Broken(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


def make_local() -> Exception:
    class Local(Exception):
        pass

    return Local("of a class that nobody can look up")


ERRORS = [
    ValueError("bad"),
    KeyError("missing"),
    Declined(7, reason="no money"),
    TooLate(),
    FileNotFoundError(2, "No such file or directory", "orders.csv"),
    TimeoutError("slow"),
    ZeroDivisionError(),
    RuntimeError("NUL \0 and \ud800"),
    RuntimeError("not JSON", object()),
]


def facts(error):
    return type(error), str(error), vars(error)


@pytest.mark.parametrize("error", ERRORS[:-1], ids=repr)
def test_an_error_of_a_step_is_the_same_on_replay(app, error):
    runs = []

    @app.step()
    def fail():
        runs.append(1)
        raise error

    def body():
        return fail()

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert first is error
    assert facts(second) == facts(error)
    assert runs == [1]
    (step,) = app.list_steps(twice.workflow_id)
    assert facts(step.error) == facts(error)
    assert (step.output, step.errors) == (None, ())


@pytest.mark.parametrize("how", ["start_workflow", "enqueue"])
def test_an_error_of_a_workflow_reaches_whoever_asks(app, client, how):
    @app.workflow()
    def fail(n):
        raise ERRORS[n]

    app.launch()
    for n, error in enumerate(ERRORS[:-1]):
        handle = getattr(app, how)(fail, n)
        for asked in (handle, client.retrieve_workflow(handle.workflow_id)):
            with pytest.raises(type(error)) as raised:
                asked.get_result(10)
            assert facts(raised.value) == facts(error)
        status = client.get_workflow(handle.workflow_id)
        assert status.status == "ERROR"
        assert facts(status.error) == facts(error)


def test_a_direct_call_raises_the_error_itself(app):
    error = Declined(1, reason="x")

    @app.workflow()
    def fail():
        raise error

    app.launch()
    with pytest.raises(Declined) as raised:
        fail()
    assert raised.value is error


@pytest.mark.parametrize(
    "error", [RuntimeError("not JSON", object()), Broken(), RuntimeError("x" * 1_000_000)]
)
def test_any_error_ends_its_workflow(app, error):
    @app.workflow()
    async def fail():
        raise error

    app.launch()
    handle = app.enqueue(fail)
    with pytest.raises((type(error), ApplicationError)):
        handle.get_result(10)
    assert handle.get_status().status == "ERROR"


def test_a_class_that_is_not_known_here_becomes_an_application_error(app):
    @app.step()
    def fail():
        raise make_local()

    def body():
        return fail()

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert type(first).__name__ == "Local"
    assert type(second) is ApplicationError
    assert (second.name, second.message) == ("Local", "of a class that nobody can look up")


def test_errors_of_other_languages_are_read(app, sql):
    sql("select enqueue('elsewhere', workflow_id => 'w')")
    ((executor,),) = sql("select register_executor('other')")
    ((key, token),) = sql("select workflow_key, token from claim(%s)", executor)
    error = '{"name": "SqlError", "message": "it failed", "code": "P0001", "data": {"row": 5}}'
    sql("select finish(%s, %s, error => %s)", key, token, error)
    with pytest.raises(ApplicationError) as raised:
        app.retrieve_workflow("w").get_result(10)
    found = raised.value
    assert (found.name, found.message, found.code, found.data) == (
        "SqlError",
        "it failed",
        "P0001",
        {"row": 5},
    )


def test_an_error_that_the_workflow_catches_does_not_fail_it(app):
    @app.step()
    async def fail():
        raise Declined(1, reason="x")

    async def body():
        try:
            await fail()
        except Declined as error:
            return [error.order, error.reason]

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [[1, "x"]] * 2


def test_the_errors_of_a_spent_step_reach_whoever_asks(app):
    @app.step(name="fail", retries=2, interval=0)
    async def fail():
        raise Declined(1, reason="x")

    @app.workflow()
    async def workflow():
        await fail()

    app.launch()
    with pytest.raises(StepRetriesExceeded) as raised:
        app.enqueue(workflow).get_result(10)
    assert [facts(e) for e in raised.value.errors] == [facts(Declined(1, reason="x"))] * 3


def test_a_workflow_that_exits_the_process_by_an_exception_has_failed(app):
    @app.workflow()
    def leave():
        raise SystemExit(3)

    app.launch()
    handle = app.enqueue(leave)
    with pytest.raises(ApplicationError, match="SystemExit"):
        handle.get_result(10)
    assert handle.get_status().status == "ERROR"


def test_one_failed_workflow_does_not_harm_the_others(app):
    @app.step()
    async def step(n):
        if n % 3 == 0:
            raise Declined(n, reason="third")
        return n

    @app.workflow()
    async def workflow(n):
        return await step(n)

    handles = app.enqueue_many(workflow, [(n,) for n in range(60)])
    app.launch()
    for n, handle in enumerate(handles):
        if n % 3 == 0:
            with pytest.raises(Declined, match=f"order {n} "):
                handle.get_result(10)
        else:
            assert handle.get_result(10) == n


class Stop(BaseException):
    """Like those of test frameworks."""


async def cancels_another_task():
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    task.cancel()
    await task


async def raises_it():
    raise asyncio.CancelledError("enough")


async def cancels_its_own_task():
    asyncio.current_task().cancel("enough")
    await asyncio.sleep(60)


async def cancels_its_own_task_and_returns():
    asyncio.current_task().cancel("enough")


async def cancels_its_own_task_and_fails():
    asyncio.current_task().cancel()
    raise ValueError("after CancelledError")


async def is_cancelled_by_another_task():
    me = asyncio.current_task()
    other = asyncio.create_task(asyncio.sleep(0))
    other.add_done_callback(lambda _: me.cancel())
    await asyncio.sleep(60)


@pytest.mark.parametrize("how", ["claimed", "direct", "background"])
@pytest.mark.parametrize("where", ["workflow", "step"])
@pytest.mark.parametrize(
    "code",
    [
        cancels_another_task,
        raises_it,
        cancels_its_own_task,
        cancels_its_own_task_and_returns,
        cancels_its_own_task_and_fails,
        is_cancelled_by_another_task,
    ],
    ids=lambda code: code.__name__,
)
def test_a_cancellation_of_its_own_is_an_error_of_a_workflow(app, client, how, where, code):
    """Not an interruption of the worker, after which it would be run again, and again."""
    ran = []

    @app.step()
    async def step():
        await code()

    @app.workflow()
    async def workflow():
        ran.append(1)
        await (code() if where == "workflow" else step())

    app.launch()
    if how == "direct":
        with pytest.raises((asyncio.CancelledError, ValueError)):
            asyncio.run(workflow())
    else:
        handle = app.enqueue(workflow) if how == "claimed" else app.start_workflow(workflow)
        with pytest.raises((ApplicationError, ValueError), match="CancelledError"):
            handle.get_result(10)
    (found,) = client.list_workflows()
    assert (found.status, ran) == ("ERROR", [1])
    if code is not cancels_its_own_task_and_fails:
        assert "has cancelled its own asyncio task, or has raised this" in str(found.error)


@pytest.mark.parametrize("ends", ["by returning", "by cancelling all"])
@pytest.mark.parametrize("how", ["claimed", "direct", "background"])
def test_a_program_that_cancels_all_its_tasks_interrupts_its_workflows(new_app, sql, how, ends):
    """Without a shutdown; they go on elsewhere, and nothing is recorded as their end."""
    app = new_app()
    unwound = []

    @app.workflow(name="w")
    async def w():
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            unwound.append(1)
            raise

    async def main():
        nonlocal begun
        begun = asyncio.Event()
        await app.launch_async()
        if how == "direct":
            call = asyncio.create_task(w())
        elif how == "claimed":
            call = await app.enqueue_async(w)
        else:
            call = await app.start_workflow_async(w)
        await asyncio.wait_for(begun.wait(), 20)
        if ends == "by cancelling all":
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        return call

    begun = None
    asyncio.run(main())
    # As the end of its process does.
    app._engine.close()
    assert unwound == [1]
    assert sql("select count(*) from outcomes") == [(0,)]
    assert sql("select count(*) from tasks") == [(1,)]


def test_a_loop_that_ends_interrupts_the_workflows_that_it_has_called(app, client):
    """The calls and their runs are cancelled in any order; the app is on a loop of its own, and goes on."""
    running = []

    @app.workflow(name="w")
    async def w():
        running.append(1)
        if len(running) <= 8:
            await asyncio.sleep(60)
        return "again"

    async def main():
        calls = [asyncio.create_task(w()) for _ in range(8)]
        await wait_until_async(lambda: len(running) == 8)
        return calls

    app.launch()
    asyncio.run(main())
    found = client.list_workflows()
    assert len(found) == 8
    assert {client.retrieve_workflow(one.workflow_id).get_result(20) for one in found} == {"again"}


def test_a_loop_that_a_plain_workflow_runs_may_be_cancelled(app):
    ran = []

    async def cancelled():
        task = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        task.cancel()
        await task

    @app.workflow()
    def workflow():
        ran.append(1)
        asyncio.run(cancelled())

    app.launch()
    with pytest.raises(ApplicationError, match="CancelledError"):
        app.enqueue(workflow).get_result(10)
    assert ran == [1]


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
@pytest.mark.parametrize("where", ["workflow", "step"])
def test_an_exception_that_is_no_exception_ends_its_workflow(app, client, caplog, is_async, where):
    ran = []

    def fail():
        ran.append(1)
        raise Stop("here")

    @app.step()
    def step():
        fail()

    def plain():
        step() if where == "step" else fail()

    async def coroutine():
        await asyncio.to_thread(step) if where == "step" else fail()

    workflow = app.workflow(name="w")(coroutine if is_async else plain)
    app.launch()
    for start in (app.enqueue, app.start_workflow):
        with pytest.raises(ApplicationError, match="Stop: here"):
            start(workflow).get_result(10)
    assert ran == [1, 1]
    assert "never retrieved" not in caplog.text


def test_an_error_that_holds_itself_is_recorded_without_that(app, client):
    """At once: each level of it was written twice for each level above it."""

    @app.workflow()
    def workflow():
        error = LookupError("it")
        error.itself, error.again, error.seen = error, error, [error]
        error.reason = "known"
        raise error

    app.launch()
    with pytest.raises(LookupError, match="it") as raised:
        app.enqueue(workflow).get_result(10)
    assert vars(raised.value) == {"reason": "known"}


class Odd(Exception):
    """What libraries give their errors."""

    code = http.HTTPStatus.NOT_FOUND

    class Text(str):
        __slots__ = ()

    def __str__(self):
        return self.Text("odd")


class CodeFails(Exception):
    @property
    def code(self):
        raise RuntimeError


@pytest.mark.parametrize("make", [lambda: Odd(10**5000, "x"), lambda: CodeFails("y")], ids=["odd", "code"])
def test_an_error_keeps_its_class_whatever_its_code_and_its_text_are(make):
    restored = PORTABLE.load_error(PORTABLE.dump_error(make()))
    assert type(restored) is type(make())
    assert restored.args[-1] == make().args[-1]
