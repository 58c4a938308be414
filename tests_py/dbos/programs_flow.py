"""Programs that are written for DBOS: limits of queues, order, decorators, classes, and what replays see."""

from __future__ import annotations

import asyncio
import datetime as dt
import decimal
import functools
import sys
import threading
import time
from typing import Any

from tests_py.dbos.harness import (
    DBOS,
    SetEnqueueOptions,
    SetWorkflowID,
    SetWorkflowTimeout,
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

running: set[str] = set()
most = [0]
lock = threading.Lock()


@DBOS.workflow()
def counted(name: str) -> int:
    """The most that have run at once so far."""
    with lock:
        running.add(name)
        most[0] = max(most[0], len(running))
    time.sleep(0.05)
    with lock:
        running.discard(name)
    return most[0]


def run_counted(queue: str, many: int, keys: list[str] | None = None) -> int:
    most[0] = 0
    handles: list[Any] = []
    for i in range(many):
        with SetEnqueueOptions(queue_partition_key=None if keys is None else keys[i % len(keys)]):
            handles.append(DBOS.enqueue_workflow(queue, counted, f"{queue}-{i}"))
    for handle in handles:
        handle.get_result()
    return most[0]


@program
def concurrency_limits() -> Any:
    DBOS.register_queue("global two", global_concurrency=2)
    DBOS.register_queue("worker one", worker_concurrency=1)
    DBOS.register_queue("both", global_concurrency=3, worker_concurrency=2)
    DBOS.register_queue("partitioned", partition_concurrency=1)
    DBOS.register_queue("partitioned, too", partition_concurrency=2, global_concurrency=2)
    found = [
        run_counted("global two", 6), run_counted("worker one", 3), run_counted("both", 6) <= 2,
        run_counted("partitioned", 6, ["a", "b"]) <= 2,
        run_counted("partitioned, too", 6, ["a", "b", "c"]) <= 2,
    ]  # fmt: skip
    queue = DBOS.retrieve_queue("global two")
    queue.set_global_concurrency(1)
    return [*found, queue.concurrency, run_counted("global two", 3) <= 2]


@program
def partition_rules() -> Any:
    DBOS.register_queue("rules", partition_concurrency=1)
    DBOS.register_queue("no partitions")
    without = outcome(lambda: DBOS.enqueue_workflow("rules", counted, "x").get_status().status)
    queue = DBOS.retrieve_queue("rules")
    shown = [queue.partition_concurrency, queue.partition_worker_concurrency, queue.partition_limiter]
    queue.set_partition_limiter({"limit": 100, "period": 2.0})
    again = DBOS.retrieve_queue("rules")
    if without[0] == "returned":
        for found in DBOS.list_queued_workflows(queue_name="rules"):
            DBOS.cancel_workflow(found.workflow_id)
    return [shown, again.partition_limiter, again.partition_concurrency]


@program
def queue_conflicts() -> Any:
    first = DBOS.register_queue("twice", global_concurrency=3)
    kept = DBOS.register_queue("twice", global_concurrency=5, on_conflict="never_update").concurrency
    changed = DBOS.register_queue("twice", global_concurrency=6, on_conflict="always_update").concurrency
    latest = DBOS.register_queue("twice", global_concurrency=7).concurrency
    cleared = DBOS.register_queue("twice").concurrency

    async def main() -> Any:
        queue = await DBOS.register_queue_async(
            "twice", worker_concurrency=2, limiter={"limit": 9, "period": 1.0}
        )
        await queue.set_worker_concurrency_async(3)
        found = await DBOS.retrieve_queue_async("twice")
        return [
            await found.get_worker_concurrency_async(), await found.get_limiter_async(),
            await found.get_concurrency_async(), await queue.get_polling_interval_sec_async(),
            sorted(q.name for q in await DBOS.list_queues_async() if q.name == "twice"),
        ]  # fmt: skip

    return [first.concurrency, kept, changed, latest, cleared, asyncio.run(main())]


@program
def priority_and_order() -> Any:
    DBOS.register_queue("ordered", global_concurrency=1)
    order: list[str] = []
    hold = threading.Event()

    @DBOS.workflow(name="appends")
    def appends(name: str) -> None:
        hold.wait(20)
        order.append(name)

    handles = [DBOS.enqueue_workflow("ordered", appends, "first")]
    until(lambda: handles[0].get_status().status == "PENDING")
    for name, priority in (("b3", 3), ("a1", 1), ("c3", 3), ("d2", 2), ("e1", 1)):
        with SetEnqueueOptions(priority=priority):
            handles.append(DBOS.enqueue_workflow("ordered", appends, name))
        time.sleep(0.002)
    with SetEnqueueOptions(priority=4, deduplication_id="one"):
        handles.append(DBOS.enqueue_workflow("ordered", appends, "late"))
    listed = [w.priority for w in DBOS.list_queued_workflows(queue_name="ordered", status="ENQUEUED")]
    hold.set()
    for handle in handles:
        handle.get_result()
    return [order, sorted(listed)]


@DBOS.workflow()
def dedup_parent(key: str) -> Any:
    with SetEnqueueOptions(deduplication_id=key, delay_seconds=30):
        first = DBOS.enqueue_workflow("deduped", counted, "a")
        second = outcome(lambda: DBOS.enqueue_workflow("deduped", counted, "b"))
    with SetEnqueueOptions(deduplication_id=key, duplication_policy="return-existing"):
        same = DBOS.enqueue_workflow("deduped", counted, "c").workflow_id == first.workflow_id
    DBOS.cancel_workflow(first.workflow_id)
    return [second[:3], same]


@program
def dedup_in_workflow() -> Any:
    DBOS.register_queue("deduped")
    name = fresh("dedup")
    return under(name, lambda: dedup_parent(fresh("key")))


# ----------------------------------------------------------------------------------- decorators, classes


def shouting(fn: Any) -> Any:
    @functools.wraps(fn)
    def shout(*args: Any, **kwargs: Any) -> Any:
        return str(fn(*args, **kwargs)).upper()

    return shout


@DBOS.workflow()
@shouting
def shouted(text: str) -> str:
    return text


@DBOS.step()
@shouting
def shouted_step(text: str) -> str:
    return text


@DBOS.workflow()
def calls_shouted() -> Any:
    return shouted_step("abc")


@program
def own_decorators() -> Any:
    name, other = fresh("shouted"), fresh("calls")
    return [
        under(name, lambda: shouted("abc")), status(name), under(other, calls_shouted),
        [s[:2] for s in steps(other)],
    ]  # fmt: skip


# ------------------------------------------------------------------------------------ replays, timeouts

switch = [0]


@DBOS.step()
def step_a() -> str:
    return "a"


@DBOS.step()
def step_b() -> str:
    return "b"


@DBOS.workflow()
def shifty() -> Any:
    switch[0] += 1
    first = step_a() if switch[0] == 1 else step_b()
    DBOS.recv("go", timeout_seconds=0)
    if switch[0] == 1:
        raise RuntimeError("once")
    return first


@program
def unexpected_steps() -> Any:
    switch[0] = 0
    name = fresh("shifty")
    first = outcome(lambda: under(name, shifty))
    fork = DBOS.fork_workflow(name, 3)
    return [
        first,
        outcome(fork.get_result)[:3],
        fork.get_status().status,
        [s[0] for s in steps(fork.workflow_id)][:1],
    ]


@DBOS.workflow()
def nap(seconds: float) -> str:
    DBOS.sleep(seconds)
    return "rested"


@DBOS.workflow()
def naps_in_child(seconds: float) -> Any:
    child = DBOS.start_workflow(nap, seconds)
    with SetWorkflowTimeout(50):
        own = DBOS.start_workflow(nap, 0.01)
    with SetWorkflowTimeout(None):
        none = DBOS.start_workflow(nap, 0.01)
    own.get_result()
    none.get_result()
    return [child.get_result(), own.workflow_id, none.workflow_id]


@program
def timeouts_of_children() -> Any:
    name = fresh("timed")
    with SetWorkflowTimeout(2.0), SetWorkflowID(name):
        result = naps_in_child(0.01)
    mine = DBOS.get_workflow_status(name)
    child, own, none = (DBOS.get_workflow_status(f"{name}-{i}") for i in (1, 2, 3))
    late = fresh("late")
    with SetWorkflowTimeout(0.2), SetWorkflowID(late):
        ended = outcome(lambda: naps_in_child(30))
    until(lambda: DBOS.get_workflow_status(f"{late}-1").status == "CANCELLED")
    return [
        result[0], mine.workflow_timeout_ms, child.workflow_timeout_ms,
        child.workflow_deadline_epoch_ms == mine.workflow_deadline_epoch_ms,
        own.workflow_timeout_ms, none.workflow_timeout_ms, ended[:3],
        DBOS.get_workflow_status(late).status,
    ]  # fmt: skip


@DBOS.workflow()
def swallows() -> str:
    for _ in range(200):
        try:
            step_a()
            time.sleep(0.02)
        except Exception:
            return "swallowed"
    return "never cancelled"


@program
def cancelled_code() -> Any:
    handle = DBOS.start_workflow(swallows)
    until(lambda: len(DBOS.list_workflow_steps(handle.workflow_id)) > 1)
    DBOS.cancel_workflow(handle.workflow_id)
    found = outcome(handle.get_result)
    return [found[:3], handle.get_status().status, handle.get_status().output, handle.get_status().error]


@DBOS.step(preemptible=True)
async def long_step() -> str:
    await asyncio.sleep(30)
    return "long"


@DBOS.workflow()
async def preempted() -> str:
    return await long_step()


@program
def preemptible_steps() -> Any:
    async def main() -> Any:
        begun = time.monotonic()
        handle = await DBOS.start_workflow_async(preempted)
        await asyncio.sleep(0.2)
        await DBOS.cancel_workflow_async(handle.workflow_id)
        try:
            await handle.get_result()
        except BaseException as e:
            return [type(e).__name__, time.monotonic() - begun < 20, (await handle.get_status()).status]

    return asyncio.run(main())


@DBOS.workflow()
def logs() -> Any:
    DBOS.logger.info("said by the program")
    return [
        DBOS.logger is not None,
        DBOS.executor_id,
        DBOS.application_version,
        DBOS.step_status,
    ]


@program
def logging_and_places() -> Any:
    return [logs(), type(DBOS.logger).__name__, sys.argv[0] != ""]


@DBOS.workflow()
def raising(what: str) -> None:
    if what == "own":
        raise error.DBOSException("mine", 77)
    if what == "exit":
        raise SystemExit(3)
    if what == "portable":
        raise dbos.PortableWorkflowError("text", "Name", "code", {"a": [1]})
    if what == "cause":
        try:
            raise KeyError("inner")
        except KeyError as e:
            raise ValueError("outer") from e
    raise Unusual(1, other="x")


class Unusual(Exception):
    """Whose constructor takes more than a text."""

    def __init__(self, number: int, *, other: str = "none") -> None:
        super().__init__(number, other)
        self.number, self.other = number, other

    def __reduce__(self) -> Any:
        return (_unusual, (self.number, self.other))


def _unusual(number: int, other: str) -> Unusual:
    return Unusual(number, other=other)


@program
def kinds_of_errors() -> Any:
    def back(what: str) -> Any:
        name = fresh(what)
        outcome(lambda: under(name, lambda: raising(what)))
        try:
            DBOS.retrieve_workflow(name).get_result()
        except BaseException as e:
            return [type(e).__name__, str(e), dict(vars(e)), e.args]

    return [back("own"), back("portable"), back("cause"), back("unusual")]


@DBOS.workflow()
def many_values(*args: Any, key: Any = None, **more: Any) -> Any:
    return [args, key, more]


@program
def odd_arguments() -> Any:
    name = fresh("arguments")
    with SetWorkflowID(name):
        first = many_values(1, None, b"x", float("inf"), key={"a": (1,)}, queue="q", delay=3, workflow_id="w")
    found = DBOS.get_workflow_status(name)
    DBOS.register_queue("arguments")
    queued = DBOS.enqueue_workflow("arguments", many_values, 1, queue="q", priority=9, timeout=1, topic=None)
    return [repr(first), repr(found.input), repr(found.output), repr(queued.get_result())]


# ------------------------------------------------------------------------- bad steps, children, formats


@DBOS.workflow()
def bad_steps() -> Any:
    async def yes(e: BaseException) -> bool:
        return True

    def plain() -> int:
        return 1

    async def later() -> int:
        return 2

    def refused(call: Any) -> Any:
        return outcome(call)[0]

    return [
        refused(lambda: DBOS.step(retries_allowed=True, should_retry=yes)(plain)()),
        refused(lambda: DBOS.run_step({"timeout_seconds": 1.0}, plain)),
        refused(lambda: DBOS.run_step({"preemptible": True}, plain)),
        refused(lambda: DBOS.step(timeout_seconds=float("inf"))(later)),
        refused(lambda: DBOS.step(timeout_seconds=float("nan"))(later)),
    ]


@program
def steps_that_cannot_be() -> Any:
    return bad_steps()


@DBOS.workflow()
def makes_child(x: int) -> Any:
    return [step_a(), DBOS.start_workflow(counted, f"child {x}").get_result() >= 0]


@DBOS.workflow()
def child_of_values(x: str) -> str:
    return x


@DBOS.workflow()
def has_child(x: str) -> str:
    return DBOS.start_workflow(child_of_values, x).get_result()


@program
def replaced_children() -> Any:
    name = fresh("parent")
    first = under(name, lambda: has_child("first"))
    other = DBOS.start_workflow(child_of_values, "other")
    other.get_result()
    replaced = DBOS.fork_workflow(name, 2, replacement_children={f"{name}-1": other.workflow_id})
    handle = DBOS.start_workflow(child_of_values, "x")
    return [
        first, replaced.get_result(), DBOS.fork_workflow(name, 2).get_result(),
        under(fresh("makes"), lambda: makes_child(1)), outcome(lambda: DBOS.wait_first([handle, handle]))[:2],
    ]  # fmt: skip


@DBOS.workflow()
def writes_portably(when: Any) -> Any:
    portable = dbos.WorkflowSerializationFormat.PORTABLE
    DBOS.set_event("when", when, serialization_type=portable)
    DBOS.write_stream("all", {1, 2} and (1, 2), serialization_type=portable)
    DBOS.close_stream("all")
    return DBOS.recv("in", timeout_seconds=10)


@program
def portable_everywhere() -> Any:
    when = dt.datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=dt.timezone.utc)
    handle = DBOS.start_workflow(writes_portably, when)
    DBOS.send(
        handle.workflow_id, {"at": when, "d": decimal.Decimal("1.50"), "t": (1, None)}, "in",
        serialization_type=dbos.WorkflowSerializationFormat.PORTABLE,
    )  # fmt: skip
    serializer = dbos.DBOSPortableJSONSerializer()
    text = serializer.serialize({"a": (1, 2), "when": when, "n": None, "f": 1.5})
    return [
        handle.get_result(), DBOS.get_event(handle.workflow_id, "when"),
        list(DBOS.read_stream(handle.workflow_id, "all")), serializer.name(), text,
        serializer.deserialize(text), outcome(lambda: serializer.serialize(object()))[:2],
    ]  # fmt: skip
