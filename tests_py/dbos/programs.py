"""Programs that are written for DBOS: what most programs do. See `run.py`."""

from __future__ import annotations

import asyncio
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
    in_block,
    outcome,
    program,
    status,
    steps,
    under,
    until,
)

# ------------------------------------------------------------------------------------------ functions

calls: list[Any] = []
gate = threading.Event()


@DBOS.step()
def add(a: int, b: int) -> int:
    calls.append(("add", a, b))
    return a + b


@DBOS.step(name="renamed step")
def renamed(x: int) -> int:
    return x


@DBOS.workflow()
def sums(numbers: list[int], start: int = 0) -> int:
    total = start
    for n in numbers:
        total = add(total, n)
    return renamed(total)


@DBOS.workflow()
def failing(kind: str) -> None:
    add(1, 1)
    raise KeyError(kind) if kind == "key" else ValueError("bad", kind)


@DBOS.workflow(name="the parent")
def parent(n: int) -> list[Any]:
    first = sums([n, n])
    handle = DBOS.start_workflow(sums, [n], start=10)
    return [first, handle.get_result(), handle.workflow_id.removeprefix(DBOS.workflow_id)]


@DBOS.workflow()
def parent_of_failing() -> str:
    try:
        failing("key")
    except KeyError as e:
        return f"caught {e}"
    return "nothing"


attempts: dict[str, int] = {}


@DBOS.step(retries_allowed=True, interval_seconds=0.01, max_attempts=4)
def flaky(key: str, fails: int) -> Any:
    attempts[key] = attempts.get(key, 0) + 1
    if attempts[key] <= fails:
        raise RuntimeError(f"attempt {attempts[key]}")
    return [attempts[key], DBOS.step_status.current_attempt, DBOS.step_status.max_attempts]


@DBOS.workflow()
def retrying(key: str, fails: int) -> Any:
    try:
        return flaky(key, fails)
    except error.DBOSMaxStepRetriesExceeded as e:
        return [e.step_name.rpartition(".")[2], e.max_retries, [str(x) for x in e.errors]]


@DBOS.workflow()
def identity_of() -> list[Any]:
    return [DBOS.workflow_id, DBOS.authenticated_user, DBOS.authenticated_roles, DBOS.assumed_role]


@DBOS.workflow()
def receiver(topic: str | None) -> list[Any]:
    first = DBOS.recv(topic, timeout_seconds=10)
    second = DBOS.recv(topic, timeout_seconds=10)
    return [first, second, DBOS.recv("silence", timeout_seconds=0)]


@DBOS.workflow()
def sender(destination: str) -> str:
    DBOS.send(destination, {"n": 1}, "t")
    DBOS.send(destination, [1, (2, 3)], "t")
    return "sent"


@DBOS.workflow()
def eventful() -> str:
    DBOS.set_event("a", 1)
    DBOS.set_event("a", {"deep": [1, None]})
    DBOS.set_event("b", "x")
    return "done"


@DBOS.workflow()
def asker(workflow_id: str) -> list[Any]:
    return [DBOS.get_event(workflow_id, "a"), DBOS.get_event(workflow_id, "none", timeout_seconds=0)]


@DBOS.workflow()
def streaming(n: int) -> None:
    for i in range(n):
        DBOS.write_stream("s", {"i": i})
    DBOS.close_stream("s")


@DBOS.step()
def write_in_step() -> None:
    DBOS.write_stream("from step", 7)


@DBOS.workflow()
def stream_from_step() -> None:
    write_in_step()


@DBOS.workflow()
def sleeping(seconds: float) -> str:
    DBOS.sleep(seconds)
    return "slept"


@DBOS.workflow()
def waiting_for_gate(name: str) -> str:
    add(1, 2)
    gate.wait(20)
    calls.append(("passed", name))
    return str(add(3, 4))


@DBOS.workflow()
def noted(name: str) -> str:
    calls.append(("noted", name))
    return name


@DBOS.step()
def roll() -> str:
    return uuid.uuid4().hex


@DBOS.workflow()
def rolls() -> list[str]:
    return [roll(), roll(), roll()]


@DBOS.workflow()
def patched() -> list[Any]:
    new = DBOS.patch("new way")
    return [new, add(1, 1)]


@DBOS.step()
async def aadd(a: int, b: int) -> int:
    await asyncio.sleep(0)
    return a + b


@DBOS.workflow()
async def asums(numbers: list[int]) -> int:
    total = 0
    for n in numbers:
        total = await aadd(total, n)
    await DBOS.set_event_async("total", total)
    await DBOS.sleep_async(0.01)
    return total


@DBOS.workflow()
async def aparent(n: int) -> list[Any]:
    handle = await DBOS.start_workflow_async(asums, [n, n])
    direct = await asums([n])
    return [direct, await handle.get_result(), (await handle.get_status()).status]


@DBOS.workflow()
async def agathering() -> list[int]:
    return list(await asyncio.gather(*(aadd(i, 100) for i in range(3))))


@DBOS.workflow()
def runs_steps() -> list[Any]:
    def local(x: int) -> int:
        return x * 2

    return [
        DBOS.run_step(None, local, 4),
        DBOS.run_step({"name": "called so"}, local, 5),
        DBOS.run_step({}, lambda: "lambda"),
    ]


@DBOS.dbos_class()
class Greeter(dbos.DBOSConfiguredInstance):
    def __init__(self, name: str) -> None:
        super().__init__(config_name=name)
        self.name = name

    @DBOS.workflow()
    def greet(self, who: str) -> str:
        return self.phrase(who)

    @DBOS.step()
    def phrase(self, who: str) -> str:
        return f"{self.name} greets {who}"

    @staticmethod
    @DBOS.workflow()
    def static_greet(who: str) -> str:
        return f"hello {who}"

    @classmethod
    @DBOS.workflow()
    def class_greet(cls, who: str) -> str:
        return f"{cls.__name__} {who}"


@DBOS.workflow()
@DBOS.required_roles(["admin", "boss"])
def guarded() -> Any:
    return [DBOS.authenticated_user, DBOS.authenticated_roles, DBOS.assumed_role]


@DBOS.workflow()
def scheduled_run(at: dt.datetime, context: Any) -> list[Any]:
    return [isinstance(at, dt.datetime), at.isoformat(), context]


@DBOS.workflow()
def manages(target: str) -> list[Any]:
    DBOS.cancel_workflow(target)
    found = DBOS.get_workflow_status(target)
    many = DBOS.list_workflows(workflow_ids=[target])
    DBOS.update_workflow_attributes(target, {"k": "v"})
    return [found.status, len(many)]


class Odd:
    """A class that no JSON has a form for."""

    def __init__(self, value: int) -> None:
        self.value = value


@DBOS.workflow()
def odd(given: Odd) -> Odd:
    return Odd(given.value + 1)


@DBOS.workflow()
def echo(*args: Any, **kwargs: Any) -> Any:
    return [list(args), kwargs]


# ------------------------------------------------------------------------------------------ programs


@program
def direct_calls() -> Any:
    name = fresh("direct")
    with SetWorkflowID(name):
        first = sums([1, 2, 3])
    before = len(calls)
    with SetWorkflowID(name):
        again = sums([1, 2, 3])
    return [
        first, again, len(calls) - before, steps(name),
        status(name, "input", "output", "queue_name", "recovery_attempts", "class_name", "config_name"),
        outcome(lambda: under(name, lambda: failing("key"))),
    ]  # fmt: skip


@program
def errors() -> Any:
    name = fresh("error")
    first = outcome(lambda: under(name, lambda: failing("value")))
    handle = DBOS.retrieve_workflow(name)
    return [
        first, outcome(handle.get_result), status(name, "output"),
        caught(DBOS.get_workflow_status(name).error),
        outcome(lambda: DBOS.retrieve_workflow("no such workflow")),
        DBOS.get_workflow_status("no such workflow"),
        outcome(lambda: DBOS.send("no such workflow", 1)),
        outcome(lambda: DBOS.resume_workflow("no such workflow")),
        outcome(lambda: DBOS.fork_workflow("no such workflow", 1)),
        outcome(lambda: DBOS.recv()), outcome(lambda: DBOS.set_event("a", 1)),
        outcome(lambda: DBOS.start_workflow(lambda: 1)),
        [DBOS.workflow_id, DBOS.step_id],
    ]  # fmt: skip


@program
def children() -> Any:
    name = fresh("parent")
    result = under(name, lambda: parent(3))
    child = fresh("p")
    return [
        result, steps(name), under(child, parent_of_failing), steps(child),
        [w.status for w in DBOS.list_workflows(parent_workflow_id=name)],
    ]  # fmt: skip


@program
def retries() -> Any:
    a, b = fresh("a"), fresh("b")
    return [
        under(a, lambda: retrying(a, 2)), steps(a), under(b, lambda: retrying(b, 9)),
        [[s[0], s[2]] for s in steps(b)],
    ]  # fmt: skip


@program
def workflow_ids() -> Any:
    name = fresh("id")
    with SetWorkflowID(name):
        first = identity_of()
        second = identity_of()
    handle = DBOS.start_workflow(identity_of)
    with SetWorkflowID(name, workflow_id_reuse_policy="reject"):
        refused = outcome(identity_of)
    return [
        first[0] == name, second[0] != name, handle.get_result()[0] == handle.workflow_id,
        handle.get_workflow_id() == handle.workflow_id, refused,
    ]  # fmt: skip


@program
def queues() -> Any:
    DBOS.register_queue("plain")
    handles = [DBOS.enqueue_workflow("plain", noted, f"n{i}") for i in range(4)]
    found = [h.get_result() for h in handles]
    with SetWorkflowID(fresh("q")):
        one = DBOS.enqueue_workflow("plain", sums, [1], start=2)
    return [
        found, one.get_result(), status(one.workflow_id, "queue_name", "recovery_attempts", "priority"),
        [q.name for q in DBOS.list_queues() if q.name == "plain"], DBOS.retrieve_queue("nothing"),
    ]  # fmt: skip


@program
def priorities() -> Any:
    queue = DBOS.register_queue("one by one", global_concurrency=1)
    gate.clear()
    calls.clear()
    first = DBOS.enqueue_workflow("one by one", waiting_for_gate, "gate")
    until(lambda: DBOS.get_workflow_status(first.workflow_id).status == "PENDING")
    handles: list[Any] = []
    for name, priority in (("five", 5), ("one", 1), ("three", 3)):
        with SetEnqueueOptions(priority=priority):
            handles.append(DBOS.enqueue_workflow("one by one", noted, name))
    handles.append(DBOS.enqueue_workflow("one by one", noted, "none"))
    waiting = [w.status for w in DBOS.list_queued_workflows(queue_name="one by one")]
    gate.set()
    for handle in [first, *handles]:
        handle.get_result()
    return [
        waiting, [c[1] for c in calls if c[0] == "noted"], queue.name, queue.concurrency,
        outcome(lambda: SetEnqueueOptions(priority=0))[0],
    ]  # fmt: skip


@program
def deduplication() -> Any:
    DBOS.register_queue("dedup", global_concurrency=1)
    gate.clear()
    with SetEnqueueOptions(deduplication_id="d"):
        first = DBOS.enqueue_workflow("dedup", waiting_for_gate, "x")
        second = outcome(lambda: DBOS.enqueue_workflow("dedup", waiting_for_gate, "y"))
    with SetEnqueueOptions(deduplication_id="d", duplication_policy="return-existing"):
        same = DBOS.enqueue_workflow("dedup", waiting_for_gate, "z").workflow_id == first.workflow_id
    held = DBOS.get_workflow_status(first.workflow_id).deduplication_id
    gate.set()
    first.get_result()
    with SetEnqueueOptions(deduplication_id="d"):
        later = DBOS.enqueue_workflow("dedup", noted, "later").get_result()
    return [second, same, held, later, DBOS.get_workflow_status(first.workflow_id).deduplication_id]


@program
def partitions() -> Any:
    DBOS.register_queue("parts", partition_concurrency=1)
    handles: list[Any] = []
    for key in ("a", "b", "a"):
        with SetEnqueueOptions(queue_partition_key=key):
            handles.append(DBOS.enqueue_workflow("parts", noted, key))
    return [[h.get_result() for h in handles], status(handles[0].workflow_id, "queue_partition_key")]


@program
def delays() -> Any:
    DBOS.register_queue("delayed")
    with SetEnqueueOptions(delay_seconds=30):
        handle = DBOS.enqueue_workflow("delayed", noted, "late")
    before = handle.get_status().status
    DBOS.set_workflow_delay(handle.workflow_id, delay_seconds=0.05)
    return [before, handle.get_result(), handle.get_status().status]


@program
def messages() -> Any:
    target, by = fresh("receiver"), fresh("sender")
    with SetWorkflowID(target):
        handle = DBOS.start_workflow(receiver, "t")
    sent = under(by, lambda: sender(target))
    got = handle.get_result()
    other = DBOS.start_workflow(receiver, None)
    DBOS.send(other.workflow_id, "one", idempotency_key="k")
    DBOS.send(other.workflow_id, "one", idempotency_key="k")
    DBOS.send(other.workflow_id, "two")
    names = [s[0] for s in steps(target) if s[0] != "DBOS.sleep"]
    return [sent, got, steps(by), names, other.get_result()]


@program
def events() -> Any:
    name, asking = fresh("events"), fresh("asking")
    under(name, eventful)
    return [
        DBOS.get_event(name, "a"), DBOS.get_event(name, "c", timeout_seconds=0), DBOS.get_all_events(name),
        under(asking, lambda: asker(name)), [s for s in steps(asking) if s[0] != "DBOS.sleep"], steps(name),
        outcome(lambda: DBOS.get_event("no such workflow", "a", timeout_seconds=0)),
    ]  # fmt: skip


@program
def streams() -> Any:
    name, other = fresh("stream"), fresh("stream")
    under(name, lambda: streaming(3))
    under(other, stream_from_step)
    return [
        list(DBOS.read_stream(name, "s")), list(DBOS.read_stream(name, "s", offset=2)), steps(name),
        DBOS.read_stream_offset(name, "s", 1), list(DBOS.read_stream(other, "from step")),
        outcome(lambda: DBOS.read_stream_offset(name, "s", 9, timeout_seconds=0.1)),
    ]  # fmt: skip


@program
def sleeps() -> Any:
    name = fresh("sleep")
    result = under(name, lambda: sleeping(0.02))
    return [result, [s[0] for s in steps(name)]]


@program
def cancel_and_resume() -> Any:
    DBOS.register_queue("cancelled")
    gate.clear()
    handle = DBOS.start_workflow(waiting_for_gate, "cancelled")
    until(lambda: len(DBOS.list_workflow_steps(handle.workflow_id)) == 1)
    DBOS.cancel_workflow(handle.workflow_id)
    cancelled = status(handle.workflow_id)
    gate.set()
    awaited = outcome(handle.get_result)
    resumed = DBOS.resume_workflow(handle.workflow_id)
    result = resumed.get_result()
    DBOS.cancel_workflow(handle.workflow_id)
    return [
        cancelled,
        awaited,
        result,
        status(handle.workflow_id),
        [s[:2] for s in steps(handle.workflow_id)],
    ]


def alike(first: list[Any], second: list[Any]) -> list[bool]:
    return [a == b for a, b in zip(first, second, strict=True)]


@program
def forks() -> Any:
    name = fresh("rolls")
    first = under(name, rolls)
    fork = DBOS.fork_workflow(name, 3)
    second = fork.get_result()
    anew = DBOS.fork_workflow(name, 1).get_result()
    with SetWorkflowID(name + "-fork"):
        named = DBOS.fork_workflow(name, 2)
    return [
        alike(first, second), alike(first, anew), named.workflow_id == name + "-fork",
        alike(first, named.get_result()),
        DBOS.fork_workflow(name, 9).get_result() == first,
        DBOS.get_workflow_status(fork.workflow_id).forked_from == name,
        DBOS.get_workflow_status(name).was_forked_from, [s[0] for s in steps(fork.workflow_id)],
    ]  # fmt: skip


@program
def timeouts() -> Any:
    DBOS.register_queue("timed")
    with SetWorkflowTimeout(0.1):
        handle = DBOS.start_workflow(sleeping, 20)
        direct = outcome(lambda: sleeping(20))
        queued = DBOS.enqueue_workflow("timed", sleeping, 20)
    return [
        outcome(handle.get_result), status(handle.workflow_id, "workflow_timeout_ms"), direct,
        outcome(queued.get_result), status(queued.workflow_id, "workflow_timeout_ms"),
        outcome(lambda: in_block(SetWorkflowTimeout(-1)))[0],
    ]  # fmt: skip


@program
def schedules() -> Any:
    name = fresh("schedule")
    DBOS.create_schedule(
        schedule_name=name, workflow_fn=scheduled_run, schedule="0 0 1 1 *", context={"c": 1}
    )
    made = DBOS.get_schedule(name)
    triggered = DBOS.trigger_schedule(name).get_result()
    DBOS.pause_schedule(name)
    paused = DBOS.get_schedule(name)["status"]
    DBOS.resume_schedule(name)
    start, end = (
        dt.datetime(2020, 6, 1, tzinfo=dt.timezone.utc),
        dt.datetime(2022, 6, 1, tzinfo=dt.timezone.utc),
    )
    filled = [h.get_result() for h in DBOS.backfill_schedule(name, start, end)]
    listed = [s["schedule_name"] for s in DBOS.list_schedules(schedule_name_prefix=name)]
    DBOS.delete_schedule(name)
    keep = ("workflow_name", "schedule", "status", "context", "automatic_backfill", "cron_timezone")
    return [
        {k: made[k] for k in keep}, triggered[0], triggered[2], paused, filled, listed == [name],
        DBOS.get_schedule(name), outcome(lambda: DBOS.trigger_schedule(name)),
    ]  # fmt: skip


@program
def classes() -> Any:
    instance = Greeter("ann")
    name = fresh("class")
    DBOS.register_queue("class queue")
    result = under(name, lambda: instance.greet("bob"))
    return [
        result, Greeter.static_greet("s"), Greeter.class_greet("c"), steps(name),
        status(name, "class_name", "config_name"), DBOS.start_workflow(instance.greet, "x").get_result(),
        DBOS.enqueue_workflow("class queue", instance.greet, "y").get_result(),
        DBOS.enqueue_workflow("class queue", Greeter.static_greet, "z").get_result(),
    ]  # fmt: skip


@program
def roles() -> Any:
    refused = outcome(guarded)
    with dbos.DBOSContextSetAuth("ann", ["guest", "boss"]):
        allowed = guarded()
        name = fresh("auth")
        under(name, identity_of)
    return [refused, allowed, status(name, "authenticated_user", "authenticated_roles", "assumed_role")]


@program
def async_twins() -> Any:
    async def main() -> Any:
        name = fresh("async")
        with SetWorkflowID(name):
            first = await asums([1, 2, 3])
        handle = await DBOS.retrieve_workflow_async(name)
        second = fresh("aparent")
        with SetWorkflowID(second):
            tree = await aparent(4)
        third = fresh("gather")
        with SetWorkflowID(third):
            gathered = await agathering()
        recorded = [[s["function_name"], s["output"]] for s in await DBOS.list_workflow_steps_async(name)]
        names = [s["function_name"] for s in await DBOS.list_workflow_steps_async(second)]
        return [
            first, await handle.get_result(), await DBOS.get_event_async(name, "total"), tree, gathered,
            [s[0] if s[0] == "DBOS.sleep" else s for s in recorded], names,
            [(await DBOS.get_workflow_status_async(name)).status], await DBOS.get_result_async(name),
        ]  # fmt: skip

    return asyncio.run(main())


@program
def attributes() -> Any:
    name = fresh("attributes")
    with dbos.SetWorkflowAttributes({"tenant": "a", "n": 1}):
        under(name, lambda: noted("x"))
    before = DBOS.get_workflow_status(name).attributes
    DBOS.update_workflow_attributes(name, {"m": 2}, merge=True)
    merged = DBOS.get_workflow_status(name).attributes
    found = [
        w.workflow_id == name
        for w in DBOS.list_workflows(attributes={"m": 2, "tenant": "a"}, workflow_ids=[name])
    ]
    DBOS.update_workflow_attributes(name, {"only": True})
    replaced = DBOS.get_workflow_status(name).attributes
    DBOS.update_workflow_attributes(name, None)
    return [before, merged, found, replaced, DBOS.get_workflow_status(name).attributes]


@program
def patches() -> Any:
    name = fresh("patch")
    return [under(name, patched), steps(name), outcome(lambda: DBOS.patch("outside"))]


@program
def ad_hoc_steps() -> Any:
    name = fresh("run_step")
    return [
        under(name, runs_steps),
        [s[0].rpartition(".")[2] for s in steps(name)],
        DBOS.run_step(None, max, 1, 2),
    ]


@program
def management_in_workflows() -> Any:
    with SetEnqueueOptions(delay_seconds=60):
        DBOS.register_queue("managed")
        target = DBOS.enqueue_workflow("managed", noted, "never")
    name = fresh("manages")
    result = under(name, lambda: manages(target.workflow_id))
    names = [s[0] for s in steps(name)]
    DBOS.delete_workflow(target.workflow_id)
    return [result, names, DBOS.get_workflow_status(target.workflow_id)]


@program
def values() -> Any:
    name = fresh("values")
    back = under(name, lambda: odd(Odd(1)))
    again = DBOS.retrieve_workflow(name).get_result()
    when = dt.datetime(2024, 5, 6, 7, 8, tzinfo=dt.timezone.utc)
    many = DBOS.start_workflow(echo, 1, (2, 3), {4}, when=when, raw=b"x").get_result()
    return [
        back.value, again.value, type(again).__name__, repr(many),
        repr(DBOS.get_workflow_status(name).input["args"][0].value),
    ]  # fmt: skip


@program
def waits_for_first() -> Any:
    gate.clear()
    slow = DBOS.start_workflow(waiting_for_gate, "slow")
    quick = DBOS.start_workflow(noted, "quick")
    first = DBOS.wait_first([slow, quick])
    gate.set()
    slow.get_result()
    return [first.workflow_id == quick.workflow_id, first.get_result()]


@program
def lists() -> Any:
    prefix = fresh("list")
    for i in range(3):
        under(f"{prefix}-{i}", lambda i=i: noted(str(i)))
    outcome(lambda: under(f"{prefix}-3", lambda: failing("key")))
    everything = DBOS.list_workflows(workflow_id_prefix=prefix)

    def named(**options: Any) -> list[str]:
        found = DBOS.list_workflows(workflow_id_prefix=prefix, **options)
        return [w.workflow_id.removeprefix(prefix) for w in found]

    return [
        [w.workflow_id.removeprefix(prefix) for w in everything],
        [w.output for w in everything], [w.status for w in everything],
        named(sort_desc=True, limit=2), named(offset=1, limit=2), named(start_time="2100-01-01T00:00:00Z"),
        named(completed_after="2020-01-01T00:00:00+00:00"), named(queues_only=True), named(is_fork=True),
        len(DBOS.list_workflows(workflow_id_prefix=prefix, status="ERROR")),
        len(DBOS.list_workflows(workflow_id_prefix=prefix, status=["SUCCESS", "ERROR"], name="noted")),
        [w.input for w in DBOS.list_workflows(workflow_ids=[f"{prefix}-0"])],
        [w.input for w in DBOS.list_workflows(workflow_ids=[f"{prefix}-0"], load_input=False)],
    ]  # fmt: skip


@program
def clients() -> Any:
    DBOS.register_queue("client queue")
    client = dbos.DBOSClient(system_database_url=sys.argv[2])
    try:
        name = fresh("client")
        handle = client.enqueue(
            {"workflow_name": "sums", "queue_name": "client queue", "workflow_id": name}, [4, 5], start=1
        )
        result = handle.get_result()
        waiting = client.enqueue({"workflow_name": "receiver", "queue_name": "client queue"}, None)
        client.send(waiting.workflow_id, "a")
        client.send(waiting.workflow_id, "b")
        return [
            result, client.retrieve_workflow(name).get_status().status, waiting.get_result(),
            [s["function_name"] for s in client.list_workflow_steps(name)],
            [w.workflow_id == name for w in client.list_workflows(workflow_ids=[name])],
        ]  # fmt: skip
    finally:
        client.destroy()


@program
def debouncing() -> Any:
    debouncer = dbos.Debouncer.create(noted)
    handles = [debouncer.debounce("key", 0.3, f"call {i}") for i in range(3)]
    return [len({h.workflow_id for h in handles}), handles[-1].get_result(), handles[0].get_status().status]


@DBOS.step()
def where_am_i() -> list[Any]:
    return [DBOS.step_id, DBOS.workflow_id is not None]


@DBOS.workflow()
def where() -> list[Any]:
    return [DBOS.step_id, where_am_i(), where_am_i(), DBOS.step_id]


@DBOS.workflow()
async def asks_sync_step() -> Any:
    return [add(2, 3), await aadd(1, 1)]


@DBOS.step(
    retries_allowed=True, max_attempts=3, interval_seconds=0.01, should_retry=lambda e: "go on" in str(e)
)
def choosy(key: str, text: str) -> None:
    attempts[key] = attempts.get(key, 0) + 1
    raise ValueError(text)


@DBOS.workflow()
def choosing(key: str, text: str) -> Any:
    found = outcome(lambda: choosy(key, text))
    return [found, attempts[key]]


@DBOS.step(timeout_seconds=0.05)
async def too_slow() -> None:
    await asyncio.sleep(10)


@DBOS.workflow()
async def timing_out() -> Any:
    try:
        await too_slow()
    except BaseException as e:
        return caught(e)


async def plain_add(a: int, b: int) -> int:
    return a + b


@DBOS.workflow()
async def reserving() -> list[Any]:
    first, second = DBOS.reserve_step(), DBOS.reserve_step()
    late = await second.run_async({"name": "second"}, plain_add, 1, 1)
    early = await first.run_async({"name": "first"}, plain_add, 2, 2)
    return [first.step_id, second.step_id, late, early]


@DBOS.workflow()
async def waiting_for_some() -> Any:
    async def quick() -> str:
        return "quick"

    async def slow() -> str:
        await asyncio.sleep(20)
        return "slow"

    done, pending = await DBOS.asyncio_wait([quick(), slow()], return_when="FIRST_COMPLETED")
    for task in pending:
        task.cancel()
    return [sorted(t.result() for t in done), len(pending)]


@DBOS.workflow(serialization_type=dbos.WorkflowSerializationFormat.PORTABLE)
def portable(when: Any, many: Any) -> Any:
    return {"when": when, "many": many, "pair": (1, 2)}


def only_positive(args: Any, kwargs: Any) -> Any:
    if args[0] <= 0:
        raise ValueError(f"{args[0]} is not positive")
    return (args[0] * 10,), kwargs


@DBOS.workflow(validate_args=only_positive)
def validated(n: int) -> int:
    return n


@DBOS.workflow()
def starts_children(n: int) -> list[Any]:
    handles = [DBOS.start_workflow(noted, str(i)) for i in range(n)]
    with SetWorkflowID(f"{DBOS.workflow_id}-chosen"):
        handles.append(DBOS.enqueue_workflow("plain", noted, "queued"))
    return [h.get_result() for h in handles]


@program
def places() -> Any:
    name = fresh("where")
    alone = DBOS.start_workflow(where_am_i)
    return [
        under(name, where), steps(name), where_am_i(), alone.get_result(), alone.get_status().name,
        [s[0] for s in steps(alone.workflow_id)],
        DBOS.enqueue_workflow("plain", add, 5, 6).get_result(),
    ]  # fmt: skip


@program
def loops() -> Any:
    async def main() -> Any:
        return [
            sums([1, 2]), await asks_sync_step(), outcome(lambda: DBOS.send("x", 1))[:2],
            outcome(lambda: DBOS.list_workflows(limit=1))[:2], outcome(lambda: DBOS.sleep(0.01))[:2],
            await (await DBOS.start_workflow_async(asks_sync_step)).get_result(),
            await (await DBOS.enqueue_workflow_async("plain", asums, [7])).get_result(),
        ]  # fmt: skip

    DBOS.register_queue("plain")
    return asyncio.run(main())


@program
def unknown_ids() -> Any:
    nothing = "no such workflow"
    return [
        outcome(lambda: DBOS.cancel_workflow(nothing)), outcome(lambda: DBOS.delete_workflow(nothing)),
        outcome(lambda: DBOS.set_workflow_delay(nothing, delay_seconds=1)),
        outcome(lambda: DBOS.update_workflow_attributes(nothing, {"a": 1})),
        outcome(lambda: DBOS.list_workflow_steps(nothing)), outcome(lambda: DBOS.get_all_events(nothing)),
        outcome(lambda: list(DBOS.read_stream(nothing, "s", timeout_seconds=0.1))),
        outcome(lambda: DBOS.delete_queue(nothing)), outcome(lambda: DBOS.delete_schedule(nothing)),
        outcome(lambda: DBOS.pause_schedule(nothing)), DBOS.retrieve_workflow(nothing, False).workflow_id,
    ]  # fmt: skip


@program
def step_limits() -> Any:
    a, b = fresh("a"), fresh("b")
    return [
        choosing(a, "stop"), choosing(b, "go on"), asyncio.run(timing_out()),
        outcome(lambda: DBOS.step(timeout_seconds=1)(lambda: 1))[:3],
        outcome(lambda: DBOS.step(preemptible=True)(lambda: 1))[:3],
    ]  # fmt: skip


@program
def reserved_steps() -> Any:
    name, other = fresh("reserved"), fresh("wait")

    async def main() -> Any:
        with SetWorkflowID(name):
            first = await reserving()
        with SetWorkflowID(other):
            return [first, await waiting_for_some()]

    return [
        asyncio.run(main()),
        [s[:2] for s in steps(name)],
        [s[0] for s in steps(other)],
        outcome(DBOS.reserve_step),
    ]


@program
def portable_values() -> Any:
    name = fresh("portable")
    when = dt.datetime(2024, 5, 6, 7, 8, tzinfo=dt.timezone.utc)
    with SetWorkflowID(name):
        handle = DBOS.start_workflow(portable, when, (1, 2))
    handle.get_result()
    return [DBOS.retrieve_workflow(name).get_result(), repr(status(name, "input")["input"])]


@program
def validators() -> Any:
    DBOS.register_queue("plain")

    def queued(n: int) -> Any:
        return DBOS.enqueue_workflow("plain", validated, n).get_result()

    return [queued(2), outcome(lambda: queued(0))]


@program
def many_children() -> Any:
    DBOS.register_queue("plain")
    name = fresh("many")
    result = under(name, lambda: starts_children(3))
    children = sorted(w.workflow_id.removeprefix(name) for w in DBOS.list_workflows(parent_workflow_id=name))
    DBOS.cancel_workflow(name, cancel_children=True)
    return [result, children, [s[0] for s in steps(name)], status(name)]


@program
def rate_limits() -> Any:
    queue = DBOS.register_queue("limited", limiter={"limit": 2, "period": 0.5}, worker_concurrency=5)
    begun = time.monotonic()
    handles = [DBOS.enqueue_workflow("limited", noted, str(i)) for i in range(4)]
    found = [h.get_result() for h in handles]
    took = time.monotonic() - begun
    again = DBOS.retrieve_queue("limited")
    queue.set_worker_concurrency(7)
    return [
        found, took > 0.4, queue.limiter, again.limiter, again.worker_concurrency,
        DBOS.retrieve_queue("limited").worker_concurrency,
    ]  # fmt: skip


@program
def authentication() -> Any:
    def within() -> Any:
        DBOS.set_authentication("bob", ["guest"])
        return [DBOS.authenticated_user, DBOS.authenticated_roles, identity_of()[1:], outcome(guarded)]

    with dbos.DBOSContextEnsure():
        inside = within()
    return [inside, identity_of()[1:]]


@program
def bulk_and_keys() -> Any:
    first, second = DBOS.start_workflow(receiver, "t"), DBOS.start_workflow(receiver, None)
    message = dbos.SendMessage
    DBOS.send_bulk([
        message(first.workflow_id, 1, "t"), message(second.workflow_id, "a"),
        message(first.workflow_id, 2, "t"), message(second.workflow_id, "b", idempotency_key="k"),
    ])  # fmt: skip
    return [
        first.get_result(), second.get_result(),
        outcome(lambda: DBOS.send_bulk([message("no such workflow", 1)])),
        outcome(lambda: DBOS.send(first.workflow_id, "late")),
    ]  # fmt: skip


@program
def versions() -> Any:
    return [
        DBOS.application_version, DBOS.get_latest_application_version()["version_name"],
        [v["version_name"] for v in DBOS.list_application_versions()], DBOS.executor_id,
    ]  # fmt: skip
