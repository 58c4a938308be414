"""Workflows and steps that may take only so long.

Where it says `slow=True` nothing is polled and no lease is renewed: what happens is told by the database,
or by the moment of a deadline.
"""

import asyncio
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import (
    ApplicationError,
    Client,
    InvalidArgument,
    Perdure,
    StepRetriesExceeded,
    StepTimedOut,
    WorkflowCancelled,
    WorkflowTimedOut,
)
from perdure._engine.workers import WorkerFunctions
from tests_py.integration.quiet import idle_when_launched
from tests_py.support import wait_until, wait_until_async
from tests_py.support.patience import suspend_after

UTC = dt.timezone.utc
SLOW = {"lease": 86400.0, "poll_interval": 3600.0}


@pytest.fixture
def slow_app(new_app, sql):
    return idle_when_launched(new_app(**SLOW), sql)


def ended(sql, workflow_id: str) -> list:
    return sql(
        "select o.status::text from outcomes o join workflows w using (key) where w.workflow_id = %s",
        workflow_id,
    )


def pass_deadline(sql, workflow_id: str) -> None:
    """Its deadline passes, and another session sees to it."""
    sql(
        "update tasks t set deadline = clock_timestamp() from workflows w"
        " where w.key = t.key and w.workflow_id = %s",
        workflow_id,
    )
    wait_until(lambda: sql("select run_maintenance()") and ended(sql, workflow_id))


# ----------------------------------------------------------------------------------------- workflows


@pytest.mark.parametrize("kind", ["call", "start", "enqueue"])
def test_a_workflow_ends_at_its_deadline_and_its_next_step_does_not_begin(slow_app, sql, kind, monkeypatch):
    began = []
    maintain = WorkerFunctions.run_maintenance

    async def maintain_later(engine):
        """A machine that stands still meanwhile does not end it before its first step."""
        await wait_until_async(lambda: began or slow_app._core is None or not slow_app._core.runs)
        return await maintain(engine)

    monkeypatch.setattr(WorkerFunctions, "run_maintenance", maintain_later)

    @slow_app.step()
    def first(workflow_id):
        began.append("first")
        wait_until(lambda: sql("select 1 from outcomes"))

    @slow_app.step()
    def second():
        began.append("second")

    @slow_app.workflow(name="w", timeout=0.5)
    def w():
        try:
            first("w")
        finally:
            began.append("finally")
            second()

    slow_app.launch()
    if kind == "call":
        with pytest.raises(WorkflowTimedOut, match="it had not ended at its deadline"):
            w()
    else:
        handle = slow_app.start_workflow(w) if kind == "start" else slow_app.enqueue(w)
        with pytest.raises(WorkflowTimedOut):
            handle.get_result(20)
    wait_until(lambda: not slow_app._core.runs)
    assert began == ["first", "finally"]
    assert sql("select status::text, error ->> 'name' from outcomes") == [("CANCELLED", "WorkflowTimedOut")]
    assert sql("select count(*) from steps") == [(0,)]
    assert sql("select timeout, o.deadline - started_at from workflows join outcomes o using (key)") == [
        (dt.timedelta(seconds=0.5), dt.timedelta(seconds=0.5))
    ]


async def test_a_call_from_async_code_is_told(new_app):
    async with new_app(**SLOW) as app:

        @app.step(preemptible=True)
        async def hang():
            await asyncio.Event().wait()

        @app.workflow(timeout=0.2)
        async def w():
            await hang()

        with pytest.raises(WorkflowCancelled) as raised:
            await w()
        assert type(raised.value) is WorkflowTimedOut


@pytest.mark.parametrize("kind", ["call", "start", "enqueue"])
def test_a_preemptible_step_is_cancelled_at_once(slow_app, sql, kind):
    """Nothing else could end it."""
    began, ends = threading.Event(), []

    @slow_app.step(preemptible=True)
    async def hang():
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("step")

    @slow_app.step()
    async def clean_up():
        ends.append("never")

    @slow_app.workflow(name="w")
    async def w():
        try:
            await hang()
        finally:
            ends.append("workflow")
            await clean_up()

    slow_app.launch()
    with ThreadPoolExecutor(1) as threads:
        if kind == "call":
            waiting = threads.submit(lambda: asyncio.run(w()))
        elif kind == "start":
            waiting = threads.submit(slow_app.start_workflow(w).get_result)
        else:
            waiting = threads.submit(slow_app.enqueue(w).get_result)
        assert began.wait(10)
        ((workflow_id,),) = sql("select workflow_id from workflows")
        pass_deadline(sql, workflow_id)
        with pytest.raises(WorkflowTimedOut):
            waiting.result(20)
    wait_until(lambda: not slow_app._core.runs)
    assert ends == ["step", "workflow"]
    assert sql("select count(*) from steps") == [(0,)]


def test_without_listen_it_learns_a_little_later(new_app, sql):
    app = new_app(listen=False, lease=1.0, poll_interval=3600.0)
    began, ends = threading.Event(), threading.Event()

    @app.step(preemptible=True)
    async def hang():
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ends.set()

    @app.workflow(name="w")
    async def w():
        await hang()

    app.launch()
    app.start_workflow(w, workflow_id="w")
    assert began.wait(10)
    pass_deadline(sql, "w")
    assert ends.wait(20)


def test_a_step_that_is_not_preemptible_ends_and_is_not_recorded(slow_app, sql):
    began, go_on, ends = threading.Event(), threading.Event(), []

    @slow_app.step()
    async def wait():
        began.set()
        await asyncio.to_thread(go_on.wait, 20)
        ends.append("step")

    @slow_app.workflow(name="w")
    async def w():
        await wait()
        ends.append("never")

    slow_app.launch()
    slow_app.start_workflow(w, workflow_id="w")
    assert began.wait(10)
    ((run,),) = [slow_app._core.runs]
    pass_deadline(sql, "w")
    wait_until(lambda: run.abandoned)
    go_on.set()
    wait_until(lambda: not slow_app._core.runs)
    assert ends == ["step"]
    assert sql("select count(*) from steps") == [(0,)]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_waiting_for_another_workflow_ends_at_once(slow_app, sql, kind):
    began = threading.Event()
    slow_app.register_queue("unserved")
    slow_app.queue("unserved").pause()

    if kind == "sync":

        @slow_app.workflow(name="w")
        def w():
            handle = slow_app.enqueue("other", queue="unserved")
            began.set()
            handle.get_result()
    else:

        @slow_app.workflow(name="w")
        async def w():
            handle = await slow_app.enqueue_async("other", queue="unserved")
            began.set()
            await handle.get_result_async()

    slow_app.launch()
    handle = slow_app.start_workflow(w, workflow_id="w")
    assert began.wait(10)
    wait_until(lambda: any(run.waiting for run in slow_app._core.runs))
    pass_deadline(sql, "w")
    with pytest.raises(WorkflowTimedOut):
        handle.get_result(20)
    wait_until(lambda: not slow_app._core.runs)
    # What waited is a task of the engine's loop, which may end after the thread that has cancelled it.
    wait_until(lambda: slow_app._results._waiting == {})


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_waiting_for_the_next_attempt_of_a_step_ends_at_once(slow_app, sql, kind, monkeypatch):
    suspend_after(monkeypatch, 1e6)
    if kind == "sync":

        @slow_app.step(retries=1, interval=3600.0)
        def fail():
            raise ValueError

        @slow_app.workflow(name="w")
        def w():
            fail()
    else:

        @slow_app.step(retries=1, interval=3600.0)
        async def fail():
            raise ValueError

        @slow_app.workflow(name="w")
        async def w():
            await fail()

    slow_app.launch()
    slow_app.start_workflow(w, workflow_id="w")
    wait_until(lambda: sql("select 1 from steps"))
    pass_deadline(sql, "w")
    wait_until(lambda: not slow_app._core.runs)


def test_children_of_children_end_with_the_first_of_them(slow_app, sql):
    began = threading.Event()

    @slow_app.step(preemptible=True)
    async def hang():
        began.set()
        await asyncio.Event().wait()

    @slow_app.workflow(name="grandchild", timeout=3600)
    async def grandchild():
        await hang()

    @slow_app.workflow(name="child")
    async def child():
        handle = await slow_app.enqueue_async(grandchild)
        await handle.get_result_async()

    @slow_app.workflow(name="parent", timeout=60)
    async def parent():
        await child()

    slow_app.launch()
    handle = slow_app.start_workflow(parent, workflow_id="parent")
    assert began.wait(10)
    assert sql("select count(*), count(distinct deadline) from tasks") == [(3, 1)]
    sql("update tasks set deadline = clock_timestamp()")
    wait_until(lambda: sql("select run_maintenance()") and not sql("select 1 from tasks"))
    for workflow_id in ("parent", "parent-1", "parent-1-1"):
        with pytest.raises(WorkflowTimedOut):
            slow_app.retrieve_workflow(workflow_id).get_result(20)
    wait_until(lambda: not slow_app._core.runs)
    assert handle.get_status().timeout == dt.timedelta(minutes=1)


def test_a_parent_learns_that_its_child_has_timed_out_and_goes_on(slow_app):
    @slow_app.step(preemptible=True)
    async def hang():
        await asyncio.Event().wait()

    @slow_app.workflow(name="child", timeout=0.2)
    async def child():
        await hang()

    @slow_app.workflow(name="parent")
    async def parent():
        try:
            await child()
        except WorkflowTimedOut as error:
            return str(error)

    slow_app.launch()
    assert asyncio.run(parent()) == "it had not ended at its deadline"


def test_a_deadline_that_has_passed_runs_nothing(app, sql):
    @app.workflow(name="w")
    def w():
        raise AssertionError

    app.launch()
    then = dt.datetime(2020, 1, 1, tzinfo=UTC)
    for handle in (app.start_workflow(w, deadline=then), app.enqueue(w, deadline=then)):
        with pytest.raises(WorkflowTimedOut):
            handle.get_result(20)
        status = handle.get_status()
        assert (status.status, status.deadline) == ("CANCELLED", then)


def test_the_call_that_starts_it_says_how_long(app, sql):
    at = dt.datetime.now(UTC) + dt.timedelta(hours=1)

    @app.workflow(name="plain")
    def plain():
        pass

    @app.workflow(name="limited", timeout=dt.timedelta(minutes=2))
    def limited(app=app):
        app.enqueue(plain, queue="kept", workflow_id="child", timeout=4)
        app.enqueue_many(plain, [()], queue="kept", workflow_ids=["children"], timeout=4)
        app.start_workflow(plain, workflow_id="started child", timeout=4)

    app.register_queue("kept")
    app.queue("kept").pause()
    app.launch()
    with Client(app._dsn) as client:
        for caller in (app, client):
            caller.enqueue(plain, queue="kept", timeout=5, deadline=at)
            caller.enqueue(limited, queue="kept")
            caller.enqueue(limited, queue="kept", timeout=7)
            caller.enqueue("limited", queue="kept")
            caller.enqueue_many(limited, [()], queue="kept")
            caller.enqueue_many(limited, [()], queue="kept", timeout=dt.timedelta(seconds=8))
            caller.debounce(limited, str(caller), queue="kept", delay=1, timeout=9, deadline=at)
    app.start_workflow(plain, timeout=3, deadline=at).get_result(20)
    limited()
    rows = sql("select extract(epoch from timeout)::float8, deadline from workflows order by key")
    by_call = [(5, at), (120, None), (7, None), (None, None), (120, None), (8, None), (9, at)]
    assert rows == [*by_call, *by_call, (3, at), (120, None), (4, None), (4, None), (4, None)]


def test_children_enqueued_at_once_have_their_own_timeouts(app, sql):
    @app.workflow(name="limited", timeout=120)
    def limited():
        pass

    @app.workflow(name="parent")
    async def parent():
        await asyncio.gather(
            *(app.enqueue_async(given) for given in ("limited", limited, "limited", limited))
        )

    app.launch()
    app.start_workflow(parent).get_result(20)
    found = sql(
        "select extract(epoch from timeout) from workflows where name = 'limited' order by parent_step"
    )
    assert found == [(None,), (120,), (None,), (120,)]


def test_what_is_no_timeout_and_no_deadline_is_refused(app):
    @app.workflow(name="w")
    def w(deadline=None):
        pass

    @app.workflow(name="plain")
    def plain():
        pass

    app.launch()
    for timeout in (0, -1, "1", float("nan"), float("inf"), dt.timedelta(0)):
        for call in (app.enqueue, app.start_workflow):
            with pytest.raises(InvalidArgument):
                call(plain, timeout=timeout)
        with pytest.raises(InvalidArgument, match="a timeout is"):
            app.workflow(timeout=timeout)
        with pytest.raises(InvalidArgument, match="a timeout is"):
            app.step(timeout=timeout)
    for deadline in (60, "2030-01-01", dt.datetime(2030, 1, 1)):
        for call in (app.enqueue, app.start_workflow):
            with pytest.raises(InvalidArgument, match="a deadline is a datetime with a time zone"):
                call(plain, deadline=deadline)
    for call in (app.enqueue, app.start_workflow):
        with pytest.raises(InvalidArgument, match="also a parameter of this one"):
            call(w, deadline=dt.datetime.now(UTC))


def test_a_notification_that_is_late_does_not_stop_a_run_that_goes_on(slow_app, sql):
    """A workflow may have been ended and started again before its worker hears of the end."""
    began, go_on = threading.Event(), threading.Event()

    @slow_app.workflow(name="w")
    def w():
        began.set()
        go_on.wait(20)
        return slow_app.run_step(lambda: 42)

    slow_app.launch()
    handle = slow_app.start_workflow(w, workflow_id="w")
    other = slow_app.start_workflow(w, workflow_id="other")
    assert began.wait(10)
    sql("select pg_notify('perdure.cancelled', 'w')")
    pass_deadline(sql, "other")
    wait_until(lambda: [run.workflow_id for run in slow_app._core.runs if run.abandoned] == ["other"])
    go_on.set()
    assert handle.get_result(20) == 42
    with pytest.raises(WorkflowTimedOut):
        other.get_result(20)


def test_an_idle_worker_knows_the_next_deadline_and_starts_what_waited_for_the_place(slow_app, client, sql):
    @slow_app.workflow(name="w")
    def w():
        return 42

    slow_app.register_queue("narrow", concurrency=1)
    hanging = client.enqueue("w", queue="narrow", timeout=0.5)
    sql("select claim(register_executor('hanging', '1 day'), '{narrow}')")
    waiting = client.enqueue("w", queue="narrow")
    slow_app.launch()
    with pytest.raises(WorkflowTimedOut):
        hanging.get_result(20)
    assert waiting.get_result(20) == 42


def test_an_idle_worker_knows_when_the_next_is_to_be_woken(slow_app, client):
    @slow_app.workflow(name="w")
    def w():
        return 42

    handle = client.enqueue("w", delay=0.5)
    slow_app.launch()
    assert handle.get_result(20) == 42


# --------------------------------------------------------------------------------------------- steps


def test_a_step_that_runs_too_long_fails_and_is_retried(app):
    attempts, ends = [], []

    @app.step(timeout=0.05, retries=2, interval=0)
    async def step():
        attempts.append(1)
        if len(attempts) < 3:
            try:
                await asyncio.Event().wait()
            finally:
                ends.append(1)
        return "third"

    @app.workflow()
    async def w():
        return await step()

    app.launch()
    assert asyncio.run(w()) == "third"
    assert len(ends) == 2


def test_the_timeout_of_a_step_is_recorded_as_its_error(app, client):
    runs = []

    @app.step(name="hang", timeout=dt.timedelta(seconds=0.05))
    async def hang():
        runs.append(1)
        await asyncio.Event().wait()

    @app.step(name="hang twice", timeout=0.05, retries=1, interval=0)
    async def hang_twice():
        await asyncio.Event().wait()

    @app.workflow(name="w", max_recovery_attempts=1)
    async def w():
        with pytest.raises(StepTimedOut, match=r"step 'hang' ran longer than 0\.05 s"):
            await hang()
        await hang_twice()

    app.launch()
    handle = app.start_workflow(w)
    with pytest.raises(StepRetriesExceeded) as raised:
        handle.get_result(20)
    assert [type(e) for e in raised.value.errors] == [StepTimedOut, StepTimedOut]
    first, second = client.list_steps(handle.workflow_id)
    assert type(first.error) is StepTimedOut
    assert second.attempts == 2
    assert runs == [1]


def test_what_a_step_makes_of_its_cancellation_counts(app):
    """As with asyncio.timeout: a result is a result, an error is a timeout."""

    @app.step(timeout=0.05)
    async def returns():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "all the same"

    @app.step(timeout=0.05)
    async def raises():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ValueError from None

    @app.step(timeout=20)
    async def times_out_by_itself():
        raise TimeoutError("mine")

    @app.step(timeout=20, preemptible=True)
    async def is_in_time(n):
        await asyncio.sleep(0)
        return n

    @app.step(timeout=20, preemptible=True)
    async def cancels_itself():
        raise asyncio.CancelledError

    @app.workflow()
    async def w():
        with pytest.raises(StepTimedOut):
            await raises()
        with pytest.raises(TimeoutError, match="mine"):
            await times_out_by_itself()
        return [await returns(), *await asyncio.gather(is_in_time(1), is_in_time(2))]

    @app.workflow()
    async def interrupted():
        await cancels_itself()

    app.launch()
    assert asyncio.run(w()) == ["all the same", 1, 2]
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())


async def test_a_step_of_a_call_that_is_cancelled_is_cancelled_with_it(new_app):
    began, ends = asyncio.Event(), []
    async with new_app(**SLOW) as app:

        @app.step(timeout=3600, preemptible=True)
        async def hang():
            began.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                ends.append("step")

        @app.workflow()
        async def w():
            try:
                await hang()
            finally:
                ends.append("workflow")

        call = asyncio.create_task(w())
        await began.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert ends == ["step", "workflow"]


def test_a_plain_function_cannot_be_stopped(app):
    for options in ({"timeout": 1}, {"preemptible": True}):
        with pytest.raises(InvalidArgument, match="is a plain function, and a thread cannot be stopped"):

            @app.step(**options)
            def step():
                pass


def test_outside_of_a_workflow_a_step_has_no_timeout(app):
    @app.step(timeout=1e-6)
    async def step():
        await asyncio.sleep(0.01)
        return 1

    assert asyncio.run(step()) == 1


def test_errors_of_timeouts_are_read_by_clients_that_know_nothing_else(app, client):
    @app.workflow(name="w")
    async def w(name):
        raise {"known": WorkflowTimedOut("m"), "own": Own("m")}[name]

    class Own(WorkflowTimedOut):
        pass

    app.launch()
    with pytest.raises(WorkflowTimedOut, match="m"):
        app.start_workflow(w, "known").get_result(20)
    with pytest.raises(ApplicationError, match="Own: m"):
        app.start_workflow(w, "own").get_result(20)


# --------------------------------------------------------------------------------------- constructor


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (Perdure, "lease"),
        *(
            (make, name)
            for make in (Perdure, Client)
            for name in ("poll_interval", "connect_timeout", "max_connections")
        ),
    ],
)
@pytest.mark.parametrize("value", ["5", None, True, [], float("nan"), -1], ids=repr)
def test_what_is_no_number_is_refused(make, name, value):
    with pytest.raises(InvalidArgument):
        make("postgresql://localhost/nowhere", **{name: value})


@pytest.mark.parametrize("value", ["5", 0, True, [], float("nan"), 1.5, -1], ids=repr)
def test_a_concurrency_that_is_said_is_a_whole_number(value):
    with pytest.raises(InvalidArgument):
        Perdure("postgresql://localhost/nowhere", concurrency=value)
