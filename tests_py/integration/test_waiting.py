"""Sleep, messages, events and streams, and workflows that leave their worker while they wait."""

import asyncio
import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import Client, InvalidArgument, StreamClosed, WorkflowNotFound, WrongContext
from perdure._loop import run_sync
from tests_py.integration.replay import Twice
from tests_py.support import TcpProxy, wait_until
from tests_py.support.patience import suspend_after

both_kinds = pytest.mark.parametrize("kind", ["sync", "async"])


@pytest.fixture(params=["in memory", "put down"])
def long_waits(request, monkeypatch):
    """Whether waits last longer than a workflow stays in memory for them."""
    suspend_after(monkeypatch, 60.0 if request.param == "in memory" else 0.02)
    return request.param


def is_put_down(sql, workflow_id):
    return sql(
        """select 1 from tasks join workflows using (key)
           where workflow_id = %s and status = 'PENDING' and executor_id is null""",
        workflow_id,
    ) == [(1,)]


def waits(sql, workflow_id, kind):
    return sql(
        "select 1 from waits join workflows on key = waiter_key where workflow_id = %s and kind = %s",
        workflow_id,
        kind,
    ) == [(1,)]


# ------------------------------------------------------------------------------------------- sleep


@both_kinds
def test_a_replay_sleeps_only_what_is_left(app, sql, kind):
    async def sleeping():
        await app.sleep_async(0.2)
        return dt.datetime.now(dt.timezone.utc)

    twice = Twice(
        app, sleeping if kind == "async" else lambda: app.sleep(0.2) or dt.datetime.now(dt.timezone.utc)
    )
    app.launch()
    first, _ = twice.run()
    ((recorded, wakes_at),) = sql("select completed_at, retry_at from steps where name = 'perdure.sleep'")
    assert dt.timedelta(seconds=0.15) < wakes_at - recorded <= dt.timedelta(seconds=0.2)
    assert first >= wakes_at


@both_kinds
def test_a_long_sleep_leaves_the_worker_and_goes_on_with_what_was_recorded(app, sql, kind):
    begun, unwound = [], []

    @app.step(name="draw")
    def draw():
        begun.append(1)
        return 7

    @app.workflow(name="sync")
    def plain():
        drawn = draw()
        try:
            app.sleep(3600)
        finally:
            unwound.append(1)
        return drawn

    @app.workflow(name="async")
    async def workflow():
        drawn = await asyncio.to_thread(draw)
        try:
            await app.sleep_async(dt.timedelta(hours=1))
        finally:
            unwound.append(1)
        return drawn

    app.launch()
    handle = app.start_workflow(plain if kind == "sync" else workflow)
    wait_until(lambda: is_put_down(sql, handle.workflow_id))
    assert unwound == [1]
    assert handle.get_status().executor is None
    # Its moment has come.
    sql("update steps set retry_at = now() where name = 'perdure.sleep'")
    sql("update tasks set wake_at = now()")
    assert handle.get_result(20) == 7
    assert begun == [1]
    assert handle.get_status().attempts == 1


def test_a_workflow_that_may_not_leave_stays_in_memory(app, sql, monkeypatch):
    suspend_after(monkeypatch, 0.01)
    runs = []

    @app.workflow(suspendable=False)
    async def stays():
        runs.append(1)
        await app.sleep_async(0.1)
        return await app.recv_async(timeout=0.1)

    app.launch()
    assert app.start_workflow(stays).get_result(20) is None
    assert app.enqueue(stays).get_result(20) is None
    assert runs == [1, 1]


@pytest.mark.parametrize("seconds", [-1, -0.001, 4e9, float("nan"), float("inf"), "soon", None])
def test_a_sleep_out_of_range_is_refused(app, seconds):
    @app.workflow()
    async def workflow():
        await app.sleep_async(seconds)

    app.launch()
    with pytest.raises(InvalidArgument):
        app.start_workflow(workflow).get_result(20)


# ---------------------------------------------------------------------------------------- messages


@both_kinds
def test_messages_of_a_topic_are_received_in_order(app, client, kind, long_waits):
    @app.workflow(name="sync")
    def plain():
        return [app.recv("a"), app.recv("a"), app.recv(), app.recv("b", timeout=0.05)]

    @app.workflow(name="async")
    async def workflow():
        return [
            await app.recv_async("a"),
            await app.recv_async("a"),
            await app.recv_async(),
            await app.recv_async("b", timeout=dt.timedelta(seconds=0.05)),
        ]

    app.launch()
    handle = app.start_workflow(plain if kind == "sync" else workflow)
    client.send_many([(handle.workflow_id, {"n": 1}, "a"), (handle.workflow_id, dt.date(2030, 1, 1), "a")])
    client.send(handle.workflow_id, None)
    assert handle.get_result(20) == [{"n": 1}, dt.date(2030, 1, 1), None, None]
    steps = client.list_steps(handle.workflow_id)
    assert [s.name for s in steps] == ["perdure.recv"] * 4


@both_kinds
def test_a_workflow_that_waits_is_woken_by_a_message(app, client, sql, kind, long_waits):
    @app.workflow(name="sync")
    def plain():
        return app.recv("go", timeout=None)

    @app.workflow(name="async")
    async def workflow():
        return await app.recv_async("go", timeout=None)

    app.launch()
    handle = app.start_workflow(plain if kind == "sync" else workflow)
    wait_until(lambda: waits(sql, handle.workflow_id, "message"))
    if long_waits == "put down":
        wait_until(lambda: is_put_down(sql, handle.workflow_id))
    client.send(handle.workflow_id, "now", "go")
    assert handle.get_result(20) == "now"


def test_without_listen_all_of_it_works_too(new_app, sql, long_waits):
    app = new_app(listen=False, poll_interval=0.1)

    @app.workflow()
    async def other():
        await app.recv_async("go")
        await app.set_event_async("state", "done")
        await app.write_stream_async("out", 1)
        return "other"

    @app.workflow()
    async def workflow(other_id):
        await app.sleep_async(0.05)
        await app.send_async(other_id, 1, "go")
        state = await app.get_event_async(other_id, "state")
        return [state, await app.retrieve_workflow(other_id).get_result_async()]

    app.launch()
    one = app.start_workflow(other)
    assert app.start_workflow(workflow, one.workflow_id).get_result(20) == ["done", "other"]
    assert list(app.read_stream(one.workflow_id, "out")) == [1]


def test_a_replay_sends_nothing_again(app, client):
    @app.workflow()
    async def receiver():
        return [await app.recv_async(timeout=None), await app.recv_async(timeout=0.1)]

    async def body():
        await app.send_async("receiver", "once")
        await app.send_many_async([])

    twice = Twice(app, body)
    app.launch()
    handle = app.start_workflow(receiver, workflow_id="receiver")
    twice.run()
    assert handle.get_result(20) == ["once", None]


def test_a_key_is_sent_once_even_when_it_was_received(app, client):
    @app.workflow()
    def receiver():
        return [app.recv(timeout=None), app.recv("end", timeout=None), app.recv(timeout=0)]

    app.launch()
    handle = app.start_workflow(receiver)
    client.send(handle.workflow_id, 1, idempotency_key="k")
    wait_until(
        lambda: (
            client.list_steps(handle.workflow_id)[:1]
            and client.list_steps(handle.workflow_id)[0].completed_at
        )
    )
    client.send(handle.workflow_id, 2, idempotency_key="k")
    client.send(handle.workflow_id, "x", "end")
    assert handle.get_result(20) == [1, "x", None]


def test_a_message_for_nobody_is_an_error(app, client):
    @app.workflow()
    async def workflow():
        await app.send_async("nobody", 1)

    app.launch()
    with pytest.raises(WorkflowNotFound, match="nobody"):
        client.send("nobody", 1)
    with pytest.raises(WorkflowNotFound, match="nobody"):
        app.start_workflow(workflow).get_result(20)
    with pytest.raises(InvalidArgument, match="topic"):
        client.send("nobody", 1, "t" * 513)
    with pytest.raises(InvalidArgument, match="workflow_id, message"):
        client.send_many([("nobody",)])


def test_a_timeout_counts_from_the_first_time(app, sql):
    """Also over a replay: the moment is recorded when the wait begins."""
    entered = threading.Event()

    @app.workflow()
    def workflow():
        entered.set()
        return app.recv(timeout=3600)

    app.launch()
    handle = app.start_workflow(workflow)
    assert entered.wait(20)
    wait_until(lambda: waits(sql, handle.workflow_id, "message"))
    app.shutdown(0.0)
    sql("update steps set retry_at = now()")
    app.launch()
    assert handle.get_result(20) is None


# ------------------------------------------------------------------------------------------ events


@both_kinds
def test_an_event_is_waited_for_by_programs_and_by_workflows(app, client, sql, kind, long_waits):
    @app.workflow()
    def teller():
        app.set_event("state", "begun")
        app.recv("go", timeout=None)
        app.set_event("state", {"at": dt.date(2030, 1, 1)})
        app.set_event("end", None)

    @app.workflow(name="sync")
    def plain(other):
        return [app.get_event(other, "end", timeout=None), app.get_event(other, "state")]

    @app.workflow(name="async")
    async def workflow(other):
        return [
            await app.get_event_async(other, "end", timeout=None),
            await app.get_event_async(other, "state"),
        ]

    app.launch()
    other = app.start_workflow(teller)
    assert client.get_event(other.workflow_id, "state", 20) == "begun"
    assert client.get_event(other.workflow_id, "end", 0.01) is None
    handle = app.start_workflow(plain if kind == "sync" else workflow, other.workflow_id)
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(client.get_event, other.workflow_id, "end", 20) for _ in range(2)]
        wait_until(lambda: waits(sql, handle.workflow_id, "event"))
        client.send(other.workflow_id, 1, "go")
        assert handle.get_result(20) == [None, {"at": dt.date(2030, 1, 1)}]
        assert [a.result(20) for a in asked] == [None, None]
    assert client.get_all_events(other.workflow_id) == {"state": {"at": dt.date(2030, 1, 1)}, "end": None}


def test_a_replay_gets_the_event_that_was_recorded(app):
    @app.workflow()
    async def teller(value):
        await app.set_event_async("e", value)

    values = iter([1, 2])

    async def body():
        number = next(values)
        if number == 1:
            await app.start_workflow_async(teller, 1, workflow_id="teller")
        else:
            # What the other does after this was recorded changes nothing here.
            await app.start_workflow_async(teller, 1, workflow_id="teller")
        return await app.get_event_async("teller", "e")

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [1, 1]


def test_an_event_that_does_not_come_is_recorded_as_such(app, client):
    @app.workflow()
    def workflow(other):
        return app.get_event(other, "never", timeout=0.05)

    app.launch()
    handle = app.start_workflow(workflow, "itself", workflow_id="itself")
    assert handle.get_result(20) is None
    (step,) = client.list_steps("itself")
    assert (step.name, step.output) == ("perdure.get_event", None)


def test_who_waits_asks_the_database_nothing_while_listen_works(app, database, sql):
    from perdure import Client

    @app.workflow()
    async def teller():
        # Long enough for many polls, if there were any.
        await app.sleep_async(1.0)
        await app.set_event_async("e", 1)

    app.launch()
    with TcpProxy(database) as proxy, Client(proxy.url, poll_interval=0.01) as client:
        handle = app.start_workflow(teller)
        client.get_workflow(handle.workflow_id)
        wait_until(lambda: client._notices.listening)
        before = proxy.requests
        assert client.get_event(handle.workflow_id, "e", 20) == 1
        # It looked, began to watch, looked again, and looked when it was told.
        assert proxy.requests - before <= 6


# ----------------------------------------------------------------------------------------- streams


@both_kinds
def test_a_stream_is_read_while_it_is_written(app, client, kind):
    @app.workflow()
    def writer():
        for number in range(3):
            app.write_stream("out", number)
            app.recv("go", timeout=None)
        app.close_stream("out")
        app.recv("end", timeout=None)

    app.launch()
    handle = app.start_workflow(writer)
    seen = []

    def see(value):
        seen.append(value)
        client.send(handle.workflow_id, 1, "go")

    async def read():
        async for value in app.read_stream_async(handle.workflow_id, "out"):
            seen.append(value)
            await app.send_async(handle.workflow_id, 1, "go")

    if kind == "async":
        asyncio.run(read())
    else:
        for value in client.read_stream(handle.workflow_id, "out"):
            see(value)
    assert seen == [0, 1, 2]
    assert list(client.read_stream(handle.workflow_id, "out", start=2)) == [2]
    client.send(handle.workflow_id, 1, "end")
    handle.get_result(20)


def test_a_stream_ends_with_its_workflow(app, client, sql):
    @app.workflow()
    def writer():
        app.write_stream("out", 1)
        app.recv("end", timeout=None)

    app.launch()
    handle = app.start_workflow(writer)
    stream = client.read_stream(handle.workflow_id, "out")
    assert next(stream) == 1
    with ThreadPoolExecutor(1) as threads:
        rest = threads.submit(list, stream)
        wait_until(lambda: sql("select 1 from waits where kind = 'stream'"))
        client.send(handle.workflow_id, 1, "end")
        assert rest.result(20) == []
    assert list(client.read_stream(handle.workflow_id, "nothing")) == []
    with pytest.raises(WorkflowNotFound):
        next(client.read_stream("nobody", "out"))


def test_what_was_written_is_not_written_again(app, client, sql):
    def body():
        app.write_stream("out", 1)
        app.set_event("e", 1)
        app.close_stream("out")

    twice = Twice(app, body)
    app.launch()
    twice.run()
    ((workflow_id,),) = sql("select workflow_id from workflows where name = 'twice'")
    assert list(client.read_stream(workflow_id, "out")) == [1]
    assert sql("select count(*) from events") == [(1,)]


def test_a_closed_stream_takes_nothing_more(app, client):
    @app.workflow()
    def writer():
        app.write_stream("out", 1)
        app.close_stream("out")
        errors = []
        for call in (lambda: app.write_stream("out", 2), lambda: app.close_stream("out")):
            try:
                call()
            except StreamClosed as error:
                errors.append(str(error))
        return errors

    app.launch()
    handle = app.start_workflow(writer)
    errors = handle.get_result(20)
    assert len(errors) == 2
    assert all("'out'" in error for error in errors)
    assert list(client.read_stream(handle.workflow_id, "out")) == [1]


def test_a_step_may_set_events_and_write_streams(app, client):
    tries = []

    @app.step(retries=1, interval=0.01)
    def step():
        app.write_stream("out", len(tries))
        app.set_event("e", len(tries))
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("once more")

    @app.workflow()
    def workflow():
        step()

    app.launch()
    handle = app.start_workflow(workflow)
    handle.get_result(20)
    assert list(client.read_stream(handle.workflow_id, "out")) == [0, 1]
    assert client.get_all_events(handle.workflow_id) == {"e": 1}
    assert [s.name for s in client.list_steps(handle.workflow_id)] == [step.options.name]


# ----------------------------------------------------------------------------- results of others


@both_kinds
def test_who_waits_long_for_others_leaves_the_worker(app, client, sql, monkeypatch, kind):
    suspend_after(monkeypatch, 0.02)

    @app.workflow(suspendable=False)
    async def child(number):
        await app.recv_async("go", timeout=None)
        return number

    @app.workflow(name="sync")
    def plain():
        first = app.start_workflow(child, 1, workflow_id="c1")
        second = app.enqueue(child, 2, workflow_id="c2")
        return [first.get_result(), second.get_result()]

    @app.workflow(name="async")
    async def workflow():
        first = await app.start_workflow_async(child, 1, workflow_id="c1")
        second = await app.enqueue_async(child, 2, workflow_id="c2")
        return await asyncio.gather(first.get_result_async(), second.get_result_async())

    app.launch()
    handle = app.start_workflow(plain if kind == "sync" else workflow)
    wait_until(lambda: is_put_down(sql, handle.workflow_id))
    client.send("c2", 1, "go")
    assert client.retrieve_workflow("c2").get_result(20) == 2
    client.send("c1", 1, "go")
    assert handle.get_result(20) == [1, 2]
    assert handle.get_status().attempts == 1


# ------------------------------------------------------------------------------------ wrong places


def test_waits_belong_into_workflows(app):
    @app.step()
    def step():
        found = []
        for call in (lambda: app.sleep(1), lambda: app.recv()):
            try:
                call()
            except WrongContext as error:
                found.append(str(error))
        return found

    @app.workflow()
    def workflow():
        with pytest.raises(WrongContext, match="step"):
            next(iter(app.read_stream("x", "out")))
        return step()

    app.launch()
    for call in (
        lambda: app.sleep(1),
        lambda: app.recv(),
        lambda: app.set_event("e", 1),
        lambda: app.write_stream("s", 1),
        lambda: app.close_stream("s"),
    ):
        with pytest.raises(WrongContext, match="workflow"):
            call()
    found = app.start_workflow(workflow).get_result(20)
    assert len(found) == 2
    assert all("not into a step" in text for text in found)


def test_a_thousand_waits_at_once_do_not_hold_up_others(app, client, sql):
    """They give their slots back."""

    @app.workflow()
    async def waiting():
        return await app.recv_async(timeout=None)

    @app.workflow()
    async def quick():
        return "quick"

    app.launch()
    handles = app.enqueue_many(waiting, [()] * 1000)
    wait_until(lambda: sql("select count(*) from waits") == [(1000,)], 30)
    assert app.enqueue(quick).get_result(20) == "quick"
    client.send_many([(h.workflow_id, i) for i, h in enumerate(handles)])
    assert [h.get_result(30) for h in handles] == list(range(1000))


def test_a_first_look_that_meets_an_outage_is_left_to_what_minds_the_timeout(app, proxy, monkeypatch):
    @app.workflow(name="one")
    async def one():
        return 1

    app.launch()
    with Client(proxy.url, listen=False, poll_interval=0.25) as client:
        handle = client.enqueue("one")
        assert app.retrieve_workflow(handle.workflow_id).get_result(10) == 1
        ask = client._engine.get_results

        def asked(*args, watch, **options):
            # The database is back for who waits; a look that tried on would try for a minute.
            if watch:
                proxy.accept()
            return ask(*args, watch=watch, **options)

        monkeypatch.setattr(client._engine, "get_results", asked)
        proxy.refuse()
        proxy.cut()
        # As if it was enqueued at the end of this wait: it is looked for once, directly.
        outcome = run_sync(client.wait_for_outcome(handle.workflow_id, 5, time.monotonic() + 0.1), "")
        assert outcome.output == "1"


@pytest.mark.parametrize("waits_for", ["result", "event"])
def test_who_waits_polls_when_listen_is_lost_and_does_not_come_back(app, client, sql, monkeypatch, waits_for):
    go_on = threading.Event()

    @app.workflow(name="one")
    async def one():
        await asyncio.to_thread(go_on.wait)
        await app.set_event_async("event", 1)
        return 1

    app.launch()
    handle = client.enqueue("one")
    wait_until(lambda: client._notices.listening)
    (listener,) = sql(
        "select pid from pg_stat_activity where datname = current_database() and query ~* '^listen'"
        " order by backend_start desc limit 1"
    )
    with ThreadPoolExecutor() as threads:
        try:
            if waits_for == "result":
                waiting = threads.submit(handle.get_result, 15)
                wait_until(lambda: client._results._poller is not None)
            else:
                waiting = threads.submit(client.get_event, handle.workflow_id, "event", timeout=60)
                wait_until(lambda: any(s.is_awaited() for w in client._notices._watchers.values() for s in w))

            async def refused(*args):
                raise OSError("no connection is left for this")

            monkeypatch.setattr(client._engine, "listen", refused)
            sql("select pg_terminate_backend(%s)", *listener)
            wait_until(lambda: not client._notices.listening)
        finally:
            go_on.set()
        assert waiting.result(20) == 1
