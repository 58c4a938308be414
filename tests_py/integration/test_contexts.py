"""Where calls belong, and what is said where they do not."""

import asyncio
import functools
import threading

import pytest

from perdure import Client, InvalidArgument, NotLaunched, Perdure, WrongContext
from tests_py.support import fresh_database


@pytest.fixture
def workflow(app):
    @app.workflow(name="workflow")
    def workflow():
        return 1

    return workflow


# -------------------------------------------------------------------------------------- not launched


def test_a_workflow_needs_a_launched_app(app, workflow):
    with pytest.raises(NotLaunched, match=r"call `app.launch\(\)`"):
        workflow()
    with pytest.raises(NotLaunched):
        app.start_workflow(workflow)


async def test_an_async_workflow_needs_a_launched_app(app):
    @app.workflow()
    async def workflow():
        return 1

    with pytest.raises(NotLaunched):
        await workflow()


def test_enqueueing_needs_no_launch(app, workflow):
    handle = app.enqueue(workflow)
    assert handle.get_status().status == "ENQUEUED"
    app.launch()
    assert handle.get_result(10) == 1


def test_after_a_shutdown_the_app_is_not_launched(app, workflow):
    app.launch()
    app.shutdown()
    with pytest.raises(NotLaunched):
        workflow()


def test_an_app_can_be_launched_again(app, workflow, sql):
    for _ in range(3):
        app.launch()
        assert workflow() == 1
        assert app.enqueue(workflow).get_result(10) == 1
        app.shutdown()
    assert sql("select * from executors") == []


def test_launching_twice_is_launching_once(app, workflow, sql):
    app.launch()
    app.launch()
    assert workflow() == 1
    assert sql("select count(*) from executors") == [(1,)]


def test_a_launch_from_many_threads_is_one(app, workflow, sql):
    together = threading.Barrier(6)

    def launch():
        together.wait(10)
        app.launch()

    threads = [threading.Thread(target=launch) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert workflow() == 1
    assert sql("select count(*) from executors") == [(1,)]


def test_shutting_down_what_was_never_launched_is_no_error(app):
    app.shutdown()
    app.close()


def test_an_app_without_a_database_says_how_to_name_one(monkeypatch):
    for name in ("PERDURE_DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)
    for kind in (Perdure, Client):
        with pytest.raises(InvalidArgument, match="PERDURE_DATABASE_URL"):
            kind()


def test_the_database_may_be_named_by_the_environment(monkeypatch, database):
    monkeypatch.setenv("PERDURE_DATABASE_URL", database)
    with Client() as client:
        assert client.enqueue("someday").get_status().status == "ENQUEUED"


@pytest.mark.parametrize("options", [{"concurrency": 0}, {"lease": 0.5}, {"lease": 100_000}])
def test_an_option_out_of_range_is_refused(database, options):
    with pytest.raises(InvalidArgument):
        Perdure(database, **options)


# ------------------------------------------------------------------------------------- wrong context


def run_in(app, body):
    """Runs a body as an async workflow and returns its WrongContext."""
    name = f"workflow {id(body)}"
    workflow = app.workflow(name=name)(body)
    app.launch()
    with pytest.raises(WrongContext) as raised:
        app.start_workflow(workflow).get_result(10)
    return str(raised.value)


def test_a_plain_step_does_not_block_the_loop_of_an_async_workflow(app):
    @app.step(name="plain")
    def plain():
        return 1

    async def body():
        return plain()

    message = run_in(app, body)
    assert "step 'plain' is a plain function and would block the event loop" in message
    assert "await asyncio.to_thread(plain, ...)" in message


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        (lambda app, child: child(), "asyncio.to_thread"),
        (lambda app, child: app.start_workflow(child), "start_workflow_async"),
        (lambda app, child: app.enqueue(child), "enqueue_async"),
        (lambda app, child: app.enqueue_many(child, [()]), "enqueue_many_async"),
        (lambda app, child: app.get_workflow("w"), "get_workflow_async"),
        (lambda app, child: app.list_steps("w"), "list_steps_async"),
        (lambda app, child: app.retrieve_workflow("w").get_result(), "get_result_async"),
        (lambda app, child: app.run_step(len, "x"), "run_step_async"),
        (lambda app, child: app.register_queue("x"), "register_queue_async"),
        (lambda app, child: app.launch(), "launch_async"),
        (lambda app, child: app.shutdown(), "shutdown_async"),
    ],
)
def test_a_plain_call_does_not_block_a_running_loop(app, workflow, call, instead):
    async def body():
        return call(app, workflow)

    message = run_in(app, body)
    assert "would block a running event loop" in message
    assert instead in message


@pytest.mark.parametrize("how", ["called", "started", "enqueued"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_workflow_is_not_started_inside_a_step(app, sql, kind, how):
    @app.workflow(name="child")
    def child():
        return 1

    @app.workflow(name="async_child")
    async def async_child():
        return 1

    if kind == "sync":

        @app.step()
        def step():
            return {
                "called": child,
                "started": lambda: app.start_workflow(child),
                "enqueued": lambda: app.enqueue(child),
            }[how]()

        @app.workflow()
        def parent():
            return step()
    else:

        @app.step()
        async def step():
            return await {
                "called": async_child,
                "started": lambda: app.start_workflow_async(async_child),
                "enqueued": lambda: app.enqueue_async(async_child),
            }[how]()

        @app.workflow()
        async def parent():
            return await step()

    app.launch()
    with pytest.raises(WrongContext, match="was started inside a step, which a retry would do again"):
        app.start_workflow(parent).get_result(10)
    assert sql("select count(*) from workflows") == [(1,)]


def test_a_plain_workflow_that_awaits_something_else_is_told(app):
    class Suspends:
        def __await__(self):
            yield

    @app.workflow()
    def workflow():
        return Suspends()

    app.launch()
    with pytest.raises(WrongContext, match="make the function async"):
        workflow()


# ------------------------------------------------------------------------------------------ the client


def plainly(fn):
    """A decorator as users write them, not made for async functions."""

    @functools.wraps(fn)
    def wrapper(*args):
        return fn(*args)

    return wrapper


def test_a_plain_decorator_of_an_async_function_is_told(app):
    @app.workflow()
    @plainly
    async def workflow():
        await asyncio.sleep(0.001)

    @app.step(name="wrapped")
    @plainly
    async def step():
        await asyncio.sleep(0.001)

    async def body():
        await step()

    app.launch()
    with pytest.raises(WrongContext, match="its wrapper is to be async"):
        workflow()
    assert "make the wrapper async" in run_in(app, body)


def test_a_plain_decorator_of_an_async_function_of_steps_alone_does_no_harm(app):
    @app.step()
    async def step(n):
        return n

    @app.workflow()
    @plainly
    async def workflow(n):
        return await plainly(step)(n)

    app.launch()
    assert workflow(1) == 1
    assert app.enqueue(workflow, 2).get_result(10) == 2


def test_a_program_without_workflows_asks_and_looks(app, client):
    @app.workflow(name="greet")
    def greet(name, greeting="Hello"):
        return f"{greeting}, {name}"

    app.launch()
    assert client.enqueue("greet", "Ann").get_result(10) == "Hello, Ann"
    assert client.enqueue("greet", "Ann", greeting="Hi").get_result(10) == "Hi, Ann"
    handles = client.enqueue_many("greet", [("A",), ("B",)], workflow_ids=["a", "b"])
    assert [handle.get_result(10) for handle in handles] == ["Hello, A", "Hello, B"]
    assert client.get_workflow("a").output == "Hello, A"


def test_a_client_can_be_closed_and_used_again(database):
    client = Client(database)
    handle = client.enqueue("someday")
    client.close()
    client.close()
    assert handle.get_status().status == "ENQUEUED"
    client.close()


def test_a_client_serves_one_event_loop_after_another(database):
    client = Client(database)

    async def ask() -> str:
        handle = await client.enqueue_async("someday")
        return (await handle.get_status_async()).status

    try:
        assert asyncio.run(ask()) == "ENQUEUED"
        assert asyncio.run(asyncio.wait_for(ask(), 10)) == "ENQUEUED"
    finally:
        client.close()


def test_what_one_event_loop_waited_for_does_not_harm_the_next(database):
    """Callers that wait for a connection bind to their loop what they wait with."""
    client = Client(database, max_connections=1)

    async def ask() -> int:
        handles = await asyncio.gather(*(client.enqueue_async("someday") for _ in range(10)))
        return len(handles)

    try:
        assert [asyncio.run(asyncio.wait_for(ask(), 10)) for _ in range(3)] == [10, 10, 10]
        # And a loop in a thread of its own.
        with pytest.raises(TimeoutError):
            client.enqueue("someday").get_result(0.01)
    finally:
        client.close()


def test_a_client_is_shared_by_threads(client):
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(client.enqueue("someday").workflow_id))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(set(found)) == 20


CALLS = [
    ("start_workflow", lambda other, workflow: other.start_workflow(workflow)),
    ("a call", lambda other, workflow: workflow()),
    ("enqueue", lambda other, workflow: other.enqueue(workflow)),
    ("enqueue_many", lambda other, workflow: other.enqueue_many(workflow, [[]])),
    ("send", lambda other, workflow: other.send("here", 1)),
    ("get_event", lambda other, workflow: other.get_event("here", "e", 0)),
    ("cancel", lambda other, workflow: other.cancel("here")),
    ("set_attributes", lambda other, workflow: other.set_attributes("here", {"a": 1})),
    ("get_result", lambda other, workflow: other.retrieve_workflow("here").get_result(0)),
]


@pytest.mark.parametrize("call", [c for _, c in CALLS], ids=[name for name, _ in CALLS])
def test_what_belongs_to_another_database_is_not_done_in_that_of_the_workflow(app, sql, elsewhere, call):
    other = Perdure(elsewhere)

    @other.workflow()
    def of_the_other():
        pass

    @app.workflow()
    def workflow():
        call(other, of_the_other)

    app.enqueue("someone", workflow_id="here")
    app.launch()
    with pytest.raises(WrongContext, match="another database"):
        workflow()
    assert sql("select count(*) from workflows") == [(2,)]
    assert sql("select count(*) from steps") == [(0,)]
    other.shutdown()


def test_a_client_of_the_same_database_by_another_name_is_of_the_workflows(app, database):
    other = Client(database.replace("127.0.0.1", "localhost") + "?application_name=other")

    @app.workflow()
    def workflow():
        other.send("here", 1)

    app.enqueue("someone", workflow_id="here")
    app.launch()
    with other:
        workflow()


@pytest.fixture(scope="module")
def elsewhere(server, engine_template):
    with fresh_database(server, template=engine_template) as url:
        yield url
