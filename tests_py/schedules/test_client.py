"""Schedules from Python: the decorator, the methods, and workers that run what they start."""

import asyncio
import datetime as dt

import pytest

import perdure
from perdure import Client, Perdure, ScheduleSettings
from tests_py.support import wait_until, wait_until_async

UTC = dt.timezone.utc


@pytest.fixture
def new_app(database):
    opened = []

    def make(**options):
        app = Perdure(database, **{"name": "test", "poll_interval": 0.25, "connect_timeout": 5.0} | options)
        opened.append(app)
        return app

    yield make
    for app in opened:
        app.shutdown(5.0)


@pytest.fixture
def client(database):
    with Client(database, poll_interval=0.25, connect_timeout=5.0) as client:
        yield client


def test_a_worker_runs_a_workflow_at_each_second(new_app, client):
    app, calls = new_app(), []

    @app.scheduled("* * * * * *", zone="Asia/Kolkata", queue="ticks", context={"since": dt.date(2030, 1, 1)})
    @app.workflow()
    def tick(scheduled, context):
        calls.append((dt.datetime.fromisoformat(scheduled), context))
        return scheduled

    with app:
        wait_until(lambda: len(calls) >= 3, 30)
        (found,) = client.list_schedules()
    ticks = [at for at, _ in calls]

    assert len(set(ticks)) == len(ticks)
    assert {context["since"] for _, context in calls} == {dt.date(2030, 1, 1)}
    assert {at.utcoffset() for at in ticks} == {dt.timedelta(hours=5, minutes=30)}
    name = tick.workflow_name
    assert (found.name, found.workflow, found.queue) == (name, name, "ticks")
    first = min(ticks).astimezone(UTC).isoformat()
    assert client.retrieve_workflow(f"sched-{name}-{first}").get_result() == min(ticks).isoformat()


async def test_async_workflows_too(database):
    app, ticked = Perdure(database, name="test"), asyncio.Event()

    @app.scheduled("* * * * * *", name="every second")
    @app.workflow(name="tick", max_recovery_attempts=2)
    async def tick(scheduled, context):
        assert context is None
        ticked.set()

    async with app:
        await asyncio.wait_for(ticked.wait(), 30)
        found = await app.get_schedule_async("every second")
        assert (found.workflow, found.max_recovery_attempts) == ("tick", 2)
        await wait_until_async(lambda: app.list_schedules_async())


def test_two_workers_run_each_tick_once(new_app):
    calls = []
    apps = [new_app(name=f"test {i}") for i in range(2)]
    for app in apps:

        @app.scheduled("* * * * * *", name="tick")
        @app.workflow(name="tick")
        def tick(scheduled, context):
            calls.append(scheduled)

    for app in apps:
        app.launch()
    wait_until(lambda: len(calls) >= 4, 30)
    for app in apps:
        app.shutdown(5.0)
    assert len(calls) == len(set(calls))


def test_a_launch_applies_what_is_decorated(new_app, client):
    def launch(cron):
        app = new_app()

        @app.scheduled(cron, name="nightly")
        @app.workflow(name="report")
        def report(scheduled, context): ...

        with app:
            return client.get_schedule("nightly")

    first, same, other = launch("0 2 * * *"), launch("0 2 * * *"), launch("0 3 * * *")
    assert same == first
    assert (other.cron, other.created_at) == ("0 3 * * *", first.created_at)


def test_a_launch_with_a_line_that_cannot_be_read_fails(new_app):
    app = new_app()

    @app.scheduled("61 * * * *")
    @app.workflow()
    def report(scheduled, context): ...

    with pytest.raises(perdure.InvalidArgument, match="cannot have '61' as minute"):
        app.launch()


def test_what_the_decorator_refuses(new_app):
    app = new_app()

    @app.workflow(name="report")
    def report(scheduled, context): ...

    @app.workflow()
    def alone(): ...

    with pytest.raises(TypeError, match="alone"):
        app.scheduled("@daily")(alone)
    with pytest.raises(perdure.InvalidArgument, match="goes above"):
        app.scheduled("@daily")(lambda scheduled, context: None)
    assert app.scheduled("@daily")(report) is report
    with pytest.raises(perdure.InvalidArgument, match="two schedules are named 'report'"):
        app.scheduled("@hourly")(report)
    with app, pytest.raises(perdure.InvalidArgument, match="is launched"):
        app.scheduled("@daily", name="late")(report)


def test_the_life_of_a_schedule(client):
    now = dt.datetime.now(UTC)
    first = client.create_schedule("nightly", "report", "0 2 * * *", zone="Europe/Berlin", context=(1, 2))
    assert now < first <= now + dt.timedelta(hours=26)
    with pytest.raises(perdure.ScheduleExists, match="schedule 'nightly' exists"):
        client.create_schedule("nightly", "report", "0 2 * * *")
    with pytest.raises(perdure.QueueNotFound):
        client.create_schedule("other", "report", "0 2 * * *", queue="none")
    with pytest.raises(perdure.InvalidArgument, match="is no workflow"):
        client.create_schedule("other", print, "0 2 * * *")

    assert client.apply_schedules(
        [
            ScheduleSettings("nightly", "report", "0 2 * * *", "Europe/Berlin", context=(1, 2)),
            ScheduleSettings("hourly", "report", "@hourly", queue="reports", automatic_backfill=True),
        ],
        create_queues=True,
    ) == {"hourly": "created", "nightly": "unchanged"}
    hourly, nightly = client.list_schedules()
    assert (hourly.name, hourly.queue, hourly.automatic_backfill, hourly.zone) == (
        "hourly",
        "reports",
        True,
        "UTC",
    )
    assert nightly == client.get_schedule("nightly")
    assert (nightly.context, nightly.next_at, nightly.paused, nightly.last_at) == ((1, 2), first, False, None)

    handle = client.trigger_schedule("nightly")
    assert handle.workflow_id.startswith("sched-nightly-trigger-2")
    assert client.get_workflow(handle.workflow_id).workflow == "report"

    client.pause_schedule("nightly")
    assert client.get_schedule("nightly").next_at is None
    assert client.resume_schedule("nightly") == first

    client.delete_schedule("nightly")
    for call in ("get", "pause", "resume", "delete", "trigger"):
        with pytest.raises(perdure.ScheduleNotFound, match="schedule 'nightly' does not exist"):
            getattr(client, f"{call}_schedule")("nightly")


def test_a_backfill_has_as_many_parts_as_it_needs(client):
    client.create_schedule("minutes", "report", "* * * * *")
    since = dt.datetime(2026, 1, 1, tzinfo=UTC)
    until = since + dt.timedelta(minutes=2500)
    handles = client.backfill_schedule("minutes", since, until)
    assert len({handle.workflow_id for handle in handles}) == 2500
    assert handles[0].workflow_id == "sched-minutes-2026-01-01T00:00:00+00:00"
    assert [h.workflow_id for h in client.backfill_schedule("minutes", since, until)] == [
        h.workflow_id for h in handles
    ]
    (stats,) = client.queue_stats("default")
    assert stats.waiting == 2500
    with pytest.raises(perdure.InvalidArgument, match="no time zone"):
        client.backfill_schedule("minutes", dt.datetime(2026, 1, 1), until)
    with pytest.raises(perdure.InvalidArgument, match="not in the future"):
        client.backfill_schedule("minutes", since, dt.datetime(2200, 1, 1, tzinfo=UTC))
