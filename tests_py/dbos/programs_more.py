"""Programs that are written for DBOS: forks, messages to forks, streams, schedules, clients, debouncing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import sys
import threading
import time
import uuid
from typing import Any

from tests_py.dbos.harness import (
    DBOS,
    SetEnqueueOptions,
    SetWorkflowID,
    SetWorkflowTimeout,
    caught,
    dbos,
    error,
    fresh,
    outcome,
    program,
    status,
    steps,
    under,
    until,
)

UTC = dt.timezone.utc


@DBOS.step()
def rolled(x: int) -> str:
    return f"{x}-{uuid.uuid4().hex}"


@DBOS.workflow()
def leaf(x: int) -> str:
    return rolled(x)


@DBOS.workflow()
def rich() -> list[Any]:
    """Records all that a fork copies."""
    first = rolled(1)
    DBOS.set_event("progress", "first")
    DBOS.write_stream("log", "a")
    second = rolled(2)
    DBOS.set_event("progress", "second")
    DBOS.write_stream("log", "b")
    child = leaf(3)
    return [first, second, child]


@DBOS.workflow()
def listener(topic: str) -> list[Any]:
    return [DBOS.recv(topic, timeout_seconds=10), DBOS.recv(topic, timeout_seconds=0)]


@DBOS.workflow()
def quick(x: Any = None) -> Any:
    return x


@DBOS.workflow()
def slow(seconds: float) -> str:
    DBOS.sleep(seconds)
    return "slept"


@DBOS.workflow()
def versioned() -> Any:
    return [DBOS.application_version, DBOS.workflow_id is not None]


def changed(first: list[Any], second: list[Any]) -> list[bool]:
    return [a == b for a, b in zip(first, second, strict=True)]


@program
def what_forks_copy() -> Any:
    name = fresh("rich")
    first = under(name, rich)
    found: list[Any] = [steps(name) != []]
    for step in (1, 3, 5, 6, 7, 99):
        fork = DBOS.fork_workflow(name, step)
        second = fork.get_result()
        events = DBOS.get_all_events(fork.workflow_id)
        log = list(DBOS.read_stream(fork.workflow_id, "log"))
        found.append([step, changed(first, second), events, log, [s[0] for s in steps(fork.workflow_id)]])
    return found


@program
def fork_options() -> Any:
    DBOS.register_queue("forks")
    DBOS.register_queue("parted forks", partition_concurrency=1)
    name = fresh("options")
    under(name, rich)
    queued = DBOS.fork_workflow(name, 3, queue_name="forks")
    queued.get_result()
    parted = DBOS.fork_workflow(name, 1, queue_name="parted forks", queue_partition_key="k")
    parted.get_result()
    timed = DBOS.fork_workflow(name, 1, timeout_seconds=50.0)
    timed.get_result()
    with SetWorkflowTimeout(30):
        around = DBOS.fork_workflow(name, 1)
        around.get_result()
    other = DBOS.fork_workflow(name, 1, application_version="another version")
    waiting = other.get_status()
    fork_of_fork = DBOS.fork_workflow(queued.workflow_id, 2)
    fork_of_fork.get_result()
    DBOS.cancel_workflow(other.workflow_id)
    below = [
        outcome(lambda n=n: DBOS.fork_workflow(name, n).get_status().forked_from == name) for n in (0, -1)
    ]
    listed = [
        len(DBOS.list_workflows(forked_from=name)), len(DBOS.list_workflows(is_fork=True, forked_from=name)),
        [w.workflow_id == name for w in DBOS.list_workflows(workflow_ids=[name], was_forked_from=True)],
    ]  # fmt: skip
    return [
        status(queued.workflow_id, "queue_name"),
        status(parted.workflow_id, "queue_name", "queue_partition_key"),
        status(timed.workflow_id, "workflow_timeout_ms"), status(around.workflow_id, "workflow_timeout_ms"),
        [waiting.status, waiting.app_version], fork_of_fork.get_status().forked_from == queued.workflow_id,
        below, listed, status(queued.workflow_id, "input", "was_forked_from"),
    ]  # fmt: skip


@program
def fork_identity() -> Any:
    name = fresh("who")
    with dbos.DBOSContextSetAuth("ann", ["a", "b"]), dbos.SetWorkflowAttributes({"t": 1}):
        under(name, lambda: quick(1))
    fork = DBOS.fork_workflow(name, 1)
    fork.get_result()
    fields = ("authenticated_user", "authenticated_roles", "attributes", "recovery_attempts", "class_name")
    return [status(name, *fields), status(fork.workflow_id, *fields)]


@program
def sends_to_forks() -> Any:
    name = fresh("listener")
    with SetWorkflowID(name):
        first = DBOS.start_workflow(listener, "t")
    fork = DBOS.fork_workflow(name, 1)
    again = DBOS.fork_workflow(fork.workflow_id, 1)
    DBOS.send(name, "all", "t", send_to_forks=True, idempotency_key="k")
    DBOS.send(name, "all", "t", send_to_forks=True, idempotency_key="k")
    found = [first.get_result(), fork.get_result(), again.get_result()]
    other = DBOS.start_workflow(listener, "t")
    DBOS.send_bulk([dbos.SendMessage(other.workflow_id, "bulk", "t")], send_to_forks=True)
    message = dbos.SendMessage
    twice = [message(other.workflow_id, 1, "t", "same"), message(other.workflow_id, 2, "t", "same")]
    return [
        found, other.get_result(), outcome(lambda: DBOS.send_bulk(twice))[:3],
        outcome(lambda: DBOS.send_bulk([])),
        outcome(lambda: DBOS.send("no such workflow", 1, send_to_forks=True))[:3],
    ]  # fmt: skip


@DBOS.workflow()
def sends_in_workflow(target: str) -> str:
    DBOS.send(target, "x", "t", idempotency_key="in workflow", send_to_forks=True)
    DBOS.send_bulk([dbos.SendMessage(target, "y", "u"), dbos.SendMessage(target, "z", "u")])
    return "sent"


@program
def sends_of_workflows() -> Any:
    target = DBOS.start_workflow(slow, 0.01)
    name = fresh("sends")
    result = under(name, lambda: sends_in_workflow(target.workflow_id))
    # Here many messages are one step of the same name as one message.
    return [result, [[s[0].removesuffix("_bulk"), *s[1:]] for s in steps(name)]]


# -------------------------------------------------------------------------------------------- streams


@DBOS.workflow()
def writes_many(n: int, close: bool) -> str:
    for i in range(n):
        DBOS.write_stream("numbers", i)
    if close:
        DBOS.close_stream("numbers")
    return "written"


@DBOS.workflow()
def writes_after_close() -> Any:
    DBOS.write_stream("s", 1)
    DBOS.close_stream("s")
    # What is written now no reader gets; here that is an error.
    for call in (lambda: DBOS.write_stream("s", 2), lambda: DBOS.close_stream("s")):
        with contextlib.suppress(error.DBOSException):
            call()
    return "closed"


go_on = threading.Event()


@DBOS.workflow()
def writes_slowly() -> None:
    DBOS.write_stream("slow", "first")
    go_on.wait(20)
    DBOS.write_stream("slow", "second")


@DBOS.workflow()
def reads_in_workflow(other: str) -> Any:
    return [
        list(DBOS.read_stream(other, "numbers", offset=1)), DBOS.read_stream_offset(other, "numbers", 0),
        outcome(lambda: DBOS.read_stream_offset(other, "numbers", 50)),
    ]  # fmt: skip


@program
def stream_ends() -> Any:
    closed, open_ended, after = fresh("closed"), fresh("open"), fresh("after")
    under(closed, lambda: writes_many(4, True))
    under(open_ended, lambda: writes_many(2, False))
    result = under(after, writes_after_close)
    reading = fresh("reading")
    return [
        list(DBOS.read_stream(closed, "numbers")), list(DBOS.read_stream(open_ended, "numbers")),
        list(DBOS.read_stream(closed, "numbers", offset=9)), list(DBOS.read_stream(closed, "no such stream")),
        result, list(DBOS.read_stream(after, "s")),
        under(reading, lambda: reads_in_workflow(closed)),
        sorted({s[0] for s in steps(reading)}),
    ]  # fmt: skip


@program
def stream_while_written() -> Any:
    go_on.clear()
    handle = DBOS.start_workflow(writes_slowly)
    reader = DBOS.read_stream(handle.workflow_id, "slow")
    first = next(reader)
    late = outcome(lambda: next(DBOS.read_stream(handle.workflow_id, "slow", offset=1, timeout_seconds=0.05)))
    go_on.set()
    rest = list(reader)

    async def aread() -> Any:
        found = [v async for v in DBOS.read_stream_async(handle.workflow_id, "slow")]
        return [found, await DBOS.read_stream_offset_async(handle.workflow_id, "slow", 1)]

    return [first, late, rest, asyncio.run(aread())]


# --------------------------------------------------------------------------------------------- events


@DBOS.step()
def tells(x: Any) -> None:
    DBOS.set_event("of step", x)


@DBOS.workflow()
def event_of_step() -> Any:
    tells(1)
    tells(2)
    DBOS.set_event("none", None)
    return [DBOS.get_event(DBOS.workflow_id, "of step"), DBOS.get_all_events(DBOS.workflow_id)]


@DBOS.workflow()
async def aevents(other: str) -> Any:
    await DBOS.set_event_async("k", {"a": (1, 2)})
    return [
        await DBOS.get_event_async(other, "of step"), await DBOS.get_all_events_async(other),
        await DBOS.get_event_async(other, "missing", timeout_seconds=0.01),
    ]  # fmt: skip


@program
def events_of_steps() -> Any:
    name, other = fresh("event"), fresh("aevents")
    first = under(name, event_of_step)

    async def main() -> Any:
        with SetWorkflowID(other):
            return await aevents(name)

    return [
        first, [s[0] for s in steps(name) if s[0] != "DBOS.sleep"], asyncio.run(main()),
        DBOS.get_all_events(other),
        DBOS.get_event(name, "none", timeout_seconds=0), DBOS.get_event(other, "k"),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------ schedules


@DBOS.workflow(name="a tick")
def tick(at: dt.datetime, context: Any) -> Any:
    return [at.isoformat(), at.tzinfo is not None, context]


@DBOS.workflow()
async def atick(at: dt.datetime, context: Any) -> Any:
    return [at.isoformat(), context]


@DBOS.workflow()
def schedules_in_workflow(name: str) -> Any:
    DBOS.create_schedule(schedule_name=name, workflow_fn=tick, schedule="0 0 1 1 *")
    found = DBOS.get_schedule(name)
    DBOS.pause_schedule(name)
    DBOS.resume_schedule(name)
    many = len(DBOS.list_schedules(schedule_name_prefix=name))
    DBOS.delete_schedule(name)
    return [
        found["status"], many, DBOS.get_schedule(name),
        outcome(lambda: DBOS.trigger_schedule(name))[:2], outcome(lambda: DBOS.apply_schedules([]))[:2],
    ]  # fmt: skip


@program
def schedule_fields() -> Any:
    name, zoned = fresh("fields"), fresh("zoned")
    DBOS.register_queue("ticks")
    DBOS.create_schedule(
        schedule_name=name, workflow_fn=tick, schedule="0 12 * * *", context=[1, {"a": 2}],
        cron_timezone="America/New_York", queue_name="ticks", automatic_backfill=True,
    )  # fmt: skip
    DBOS.apply_schedules([{"schedule_name": zoned, "workflow_fn": atick, "schedule": "30 2 * * *"}])
    span = dt.datetime(2024, 7, 1, tzinfo=UTC), dt.datetime(2024, 7, 3, tzinfo=UTC)
    filled = DBOS.backfill_schedule(name, *span)
    results = [h.get_result() for h in filled]
    # Theirs have the time in the zone of the schedule, ours in UTC.
    ids = [
        dt.datetime.fromisoformat(h.workflow_id.removeprefix(f"sched-{name}-")).timestamp() for h in filled
    ]
    again = [h.workflow_id for h in DBOS.backfill_schedule(name, *span)] == [h.workflow_id for h in filled]
    triggered = DBOS.trigger_schedule(zoned)
    triggered.get_result()
    keep = (
        "workflow_name", "workflow_class_name", "schedule", "status", "context", "automatic_backfill",
        "cron_timezone", "queue_name",
    )  # fmt: skip
    shown = [{k: DBOS.get_schedule(n)[k] for k in keep} for n in (name, zoned)]
    queue = filled[0].get_status().queue_name
    DBOS.pause_schedule(name)
    listed = [
        [s["schedule_name"] == name for s in DBOS.list_schedules(status="PAUSED", schedule_name_prefix=name)],
        len(DBOS.list_schedules(workflow_name="a tick", schedule_name_prefix=[name, zoned])),
        len(DBOS.list_workflows(schedule_name=name)),
    ]
    DBOS.apply_schedules([{"schedule_name": name, "workflow_fn": tick, "schedule": "1 1 * * *"}])
    after = {k: DBOS.get_schedule(name)[k] for k in keep}
    for n in (name, zoned):
        DBOS.delete_schedule(n)
    return [
        results, ids, again, triggered.workflow_id.startswith(f"sched-{zoned}-trigger-"), shown, queue,
        listed,
        after, under(fresh("scheduling"), lambda: schedules_in_workflow(fresh("within"))),
    ]  # fmt: skip


@program
def schedules_with_seconds() -> Any:
    """Of six fields the first is the seconds."""
    name = fresh("seconds")
    client = _client()
    span = dt.datetime(2024, 7, 1, tzinfo=UTC), dt.datetime(2024, 7, 2, tzinfo=UTC)

    def ticks() -> Any:
        found = [DBOS.get_schedule(name)["schedule"], *(h.get_result()[0] for h in backfilled())]
        DBOS.delete_schedule(name)
        return found

    def backfilled() -> Any:
        return DBOS.backfill_schedule(name, *span)

    try:
        DBOS.create_schedule(schedule_name=name, workflow_fn=tick, schedule="30 15 10 * * *")
        first = ticks()
        DBOS.apply_schedules([{"schedule_name": name, "workflow_fn": tick, "schedule": "5 */30 11 * * *"}])
        second = ticks()
        client.create_schedule(schedule_name=name, workflow_name="a tick", schedule="1 2 3 * * *")
        third = ticks()
        client.apply_schedules(
            [{"schedule_name": name, "workflow_name": "a tick", "schedule": "15,45 0 4 * * *"}]
        )
        return [first, second, third, ticks()]
    finally:
        client.destroy()


@program
def schedule_every_second() -> Any:
    name = fresh("every")
    DBOS.create_schedule(schedule_name=name, workflow_fn=tick, schedule="* * * * * *", context="c")
    until(lambda: any(w.status == "SUCCESS" for w in DBOS.list_workflows(schedule_name=name)))
    first = next(w for w in DBOS.list_workflows(schedule_name=name) if w.status == "SUCCESS")
    DBOS.delete_schedule(name)
    at = dt.datetime.fromisoformat(first.output[0])
    return [at.microsecond, first.output[1:], first.workflow_id == f"sched-{name}-{first.output[0]}"]


# ---------------------------------------------------------------------------------- clients, debouncing


def _client(**more: Any) -> Any:
    return dbos.DBOSClient(system_database_url=sys.argv[2], **more)


@program
def client_management() -> Any:
    client = _client()
    DBOS.register_queue("by client")
    try:
        name = fresh("managed")
        queue = client.register_queue(
            "made by client", global_concurrency=2, limiter={"limit": 5, "period": 1.0}
        )
        found = client.retrieve_queue("made by client")
        queue.set_concurrency(3)
        options: Any = {"workflow_name": "rich", "queue_name": "by client", "workflow_id": name}
        first = client.enqueue(options).get_result()
        fork = client.fork_workflow(name, 3)
        second = fork.get_result()
        client.update_workflow_attributes(name, {"a": 1})
        late: Any = {"workflow_name": "quick", "queue_name": "by client", "delay_seconds": 90}
        delayed = client.enqueue(late, 1)
        before = delayed.get_status().status
        client.set_workflow_delay(delayed.workflow_id, delay_seconds=0.01)
        result = delayed.get_result()
        held = client.enqueue(late, 2)
        client.cancel_workflow(held.workflow_id)
        cancelled = outcome(held.get_result)
        client.resume_workflow(held.workflow_id)
        resumed = held.get_result()
        events = client.get_event(name, "progress")
        log = list(client.read_stream(name, "log"))
        first_done = client.wait_first([held, delayed]).workflow_id in (held.workflow_id, delayed.workflow_id)
        client.delete_workflow(held.workflow_id)
        return [
            changed(first, second), [found.concurrency, found.limiter, queue.concurrency],
            client.list_workflows(workflow_ids=[name])[0].attributes, before, result, cancelled[1:3], resumed,
            events, log, first_done, client.list_workflows(workflow_ids=[held.workflow_id]),
            outcome(lambda: client.retrieve_workflow("no such workflow"))[1:3],
            outcome(lambda: client.send("no such workflow", 1))[1:3],
            outcome(lambda: client.cancel_workflow("no such workflow")),
            [q.name for q in client.list_queues() if q.name == "made by client"],
            client.delete_queue("made by client"), client.retrieve_queue("made by client"),
            client.check_connection(), client.get_latest_application_version()["version_name"],
            outcome(lambda: client.enqueue({**late, "priority": 0}))[1:3],
        ]  # fmt: skip
    finally:
        client.destroy()


@program
def client_schedules() -> Any:
    client = _client()
    name = fresh("of client")
    try:
        client.create_schedule(
            schedule_name=name, workflow_name="a tick", schedule="0 0 * * *", context={"by": "client"}
        )
        twice = outcome(
            lambda: client.create_schedule(schedule_name=name, workflow_name="a tick", schedule="0 0 * * *")
        )[:3]
        bad = outcome(
            lambda: client.create_schedule(schedule_name=fresh("b"), workflow_name="a tick", schedule="no")
        )[:3]
        made = client.get_schedule(name)
        result = client.trigger_schedule(name).get_result()
        span = dt.datetime(2024, 7, 1, 12, tzinfo=UTC), dt.datetime(2024, 7, 2, 12, tzinfo=UTC)
        filled = [h.get_result() for h in client.backfill_schedule(name, *span)]
        client.pause_schedule(name)
        paused = client.get_schedule(name)["status"]
        client.resume_schedule(name)
        client.apply_schedules([{"schedule_name": name, "workflow_name": "a tick", "schedule": "5 5 * * *"}])
        after = client.get_schedule(name)
        client.delete_schedule(name)
        return [
            made["context"], made["schedule"], twice, bad, result[1:], filled, paused, after["schedule"],
            after["context"], client.get_schedule(name), client.list_schedules(schedule_name_prefix=name),
        ]  # fmt: skip
    finally:
        client.destroy()


@program
def client_async() -> Any:
    async def main() -> Any:
        client = _client(lazy=True)
        try:
            await client.check_connection_async()
            name = fresh("aclient")
            await client.register_queue_async("by async client")
            handle = await client.enqueue_async(
                {"workflow_name": "listener", "queue_name": "by async client", "workflow_id": name}, "t"
            )
            await client.send_async(name, "hello", "t")
            fork = await client.fork_workflow_async(name, 99)
            return [
                await handle.get_result(), (await handle.get_status()).status,
                [w.workflow_id == name for w in await client.list_workflows_async(workflow_ids=[name])],
                len(await client.list_workflow_steps_async(name)) > 1, await fork.get_result(),
                await client.get_event_async(name, "none", timeout_seconds=0),
                [v async for v in client.read_stream_async(name, "none")],
                (await client.wait_first_async([handle])).workflow_id == name,
                await client.list_queued_workflows_async(queue_name="by async client"),
            ]  # fmt: skip
        finally:
            client.destroy()

    return asyncio.run(main())


@DBOS.workflow()
def debounces_within(key: str) -> Any:
    return dbos.Debouncer.create(quick).debounce(key, 0.05, "from within").get_result()


@DBOS.workflow()
async def aquick(x: Any, *, priority: int = 0) -> Any:
    return [x, priority]


@program
def debouncers() -> Any:
    DBOS.register_queue("debounced")
    client = _client()
    try:
        options: Any = {"workflow_name": "quick", "queue_name": "debounced"}
        of_client = dbos.DebouncerClient(client, options)
        key = fresh("k")
        handles = [of_client.debounce(key, 0.2, i) for i in range(3)]
        by_name = dbos.Debouncer("quick", queue="debounced")
        named = by_name.debounce(fresh("k"), 0.01, "named")
        named_result = named.get_result()
        bounded = dbos.Debouncer.create(quick, debounce_timeout_sec=0.3, queue="debounced")
        begun, bounded_key = time.monotonic(), fresh("k")
        first = bounded.debounce(bounded_key, 20, "bounded")
        bounded.debounce(bounded_key, 20, "bounded again")
        result = first.get_result()
        quickly = time.monotonic() - begun < 15

        async def main() -> Any:
            debouncer = dbos.Debouncer.create_async(aquick)
            one = await debouncer.debounce_async("a", 0.01, "async", priority=7)
            two = await dbos.DebouncerClient(client, options).debounce_async(fresh("k"), 0.01, "client")
            return [await one.get_result(), await two.get_result()]

        refused: list[Any] = []
        for block in (
            SetEnqueueOptions(priority=3), SetEnqueueOptions(delay_seconds=2),
            SetEnqueueOptions(deduplication_id="d"), SetEnqueueOptions(queue_partition_key="p"),
            SetWorkflowID(fresh("w"), workflow_id_reuse_policy="reject"),
        ):  # fmt: skip
            with block:
                refused.append(outcome(lambda: by_name.debounce("refused", 1, "x"))[:3])
        for more in ({"priority": 3}, {"delay_seconds": 2}, {"deduplication_id": "d"}):
            found = dbos.DebouncerClient(client, {**options, **more})
            refused.append(outcome(lambda found=found: found.debounce("refused", 1, "x"))[:3])
        chosen = fresh("chosen")
        with SetWorkflowID(chosen):
            pinned = by_name.debounce(fresh("k"), 0.01, "pinned")
        within = fresh("within")
        return [
            len({h.workflow_id for h in handles}), handles[0].get_result(), named_result,
            named.get_status().queue_name, result, quickly, asyncio.run(main()), refused,
            pinned.workflow_id == chosen, under(within, lambda: debounces_within(fresh("k"))),
            outcome(lambda: dbos.DebouncerClient(client, {"queue_name": "debounced"}))[0],
        ]  # fmt: skip
    finally:
        client.destroy()


# --------------------------------------------------------------------------------------------- versions


@program
def versions_and_queues() -> Any:
    DBOS.register_queue("versioned")
    with SetEnqueueOptions(app_version="not here"):
        waiting = DBOS.enqueue_workflow("versioned", versioned)
    mine = DBOS.enqueue_workflow("versioned", versioned)
    result = mine.get_result()
    still = waiting.get_status()
    DBOS.cancel_workflow(waiting.workflow_id)
    listed = DBOS.list_workflows(app_version="not here", workflow_ids=[waiting.workflow_id])
    DBOS.resume_workflow(waiting.workflow_id)
    return [result, still.status, still.app_version, len(listed), mine.get_status().app_version]


@program
def resume_options() -> Any:
    DBOS.register_queue("resumed")
    with SetEnqueueOptions(delay_seconds=60):
        first = DBOS.enqueue_workflow("resumed", quick, 1)
        second = DBOS.enqueue_workflow("resumed", quick, 2)
    DBOS.cancel_workflows([first.workflow_id, second.workflow_id])
    states = [first.get_status().status, second.get_status().status]
    handles = DBOS.resume_workflows([first.workflow_id, second.workflow_id], queue_name="resumed")
    results = [h.get_result() for h in handles]
    again = DBOS.resume_workflow(first.workflow_id).get_result()
    return [states, results, again, status(first.workflow_id, "queue_name"), caught(ValueError("x"))]


@program
def delayed_until() -> Any:
    DBOS.register_queue("delayed until")
    with SetEnqueueOptions(delay_seconds=60):
        handle = DBOS.enqueue_workflow("delayed until", quick, "x")
    at = handle.get_status().delay_until_epoch_ms
    DBOS.set_workflow_delay(handle.workflow_id, delay_until_epoch_ms=int(time.time() * 1000) - 5)
    result = handle.get_result()
    DBOS.set_workflow_delay(handle.workflow_id, delay_seconds=5)
    return [abs(at - time.time() * 1000 - 60_000) < 20_000, result, handle.get_status().status]
