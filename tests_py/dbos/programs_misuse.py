"""Programs that are written for DBOS: calls where they do not belong, and values that are not right."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from tests_py.dbos.harness import (
    DBOS,
    SetEnqueueOptions,
    SetWorkflowID,
    SetWorkflowTimeout,
    alone,
    dbos,
    error,
    fresh,
    in_block,
    program,
    status,
    steps,
    under,
)


def kind(call: Any) -> Any:
    """What a call raises: its class and code; the texts of the packages differ."""
    try:
        return ["returned", repr(call())[:80]]
    except BaseException as e:
        return ["raised", type(e).__name__, getattr(e, "dbos_error_code", None)]


def refused(call: Any) -> Any:
    """Whether a call raises; for what one of the packages only asserts."""
    try:
        return ["returned", repr(call())[:80]]
    except Exception:
        return ["raised"]


async def akind(call: Any) -> Any:
    try:
        return ["returned", repr(await call())[:80]]
    except BaseException as e:
        return ["raised", type(e).__name__, getattr(e, "dbos_error_code", None)]


@DBOS.workflow()
def small(x: Any = 1) -> Any:
    return x


@DBOS.workflow()
async def asmall(x: Any = 1) -> Any:
    return x


@DBOS.step()
def inner(x: int) -> int:
    return x + 1


@DBOS.step()
def outer(x: int) -> list[Any]:
    return [inner(x), DBOS.step_id]


@DBOS.workflow()
def nests_steps() -> Any:
    return outer(1)


@DBOS.step()
def does(what: str) -> Any:
    """Calls in a step what is for workflows."""
    return outcome_of(what)


def outcome_of(what: str) -> Any:
    calls: dict[str, Any] = {
        "set_event": lambda: DBOS.set_event("from step", 1),
        "write_stream": lambda: DBOS.write_stream("from step", 1),
        "close_stream": lambda: DBOS.close_stream("from step"),
        "recv": lambda: DBOS.recv("t", timeout_seconds=0),
        "get_event": lambda: DBOS.get_event(DBOS.workflow_id, "from step", timeout_seconds=0),
        "send": lambda: DBOS.send(DBOS.workflow_id, "x", "other"),
        "patch": lambda: DBOS.patch("p"),
        "deprecate_patch": lambda: DBOS.deprecate_patch("p"),
        "status": lambda: DBOS.get_workflow_status(DBOS.workflow_id).status,
        "start": lambda: DBOS.start_workflow(small, 5).get_result(),
        "enqueue": lambda: DBOS.enqueue_workflow("misused", small, 6).get_result(),
        "steps": lambda: len(DBOS.list_workflow_steps(DBOS.workflow_id)),
        "run_step": lambda: DBOS.run_step({"name": "within"}, lambda: 7),
        "reserve": lambda: DBOS.reserve_step().step_id > 0,
        "cancel": lambda: DBOS.cancel_workflow("no such workflow"),
        "lists": lambda: [w.name for w in DBOS.list_workflows(workflow_ids=[DBOS.workflow_id])],
    }
    return refused(calls[what]) if what in ("start", "enqueue") else kind(calls[what])


WHAT = [
    "set_event", "write_stream", "close_stream", "recv", "get_event", "send", "patch",
    "deprecate_patch", "status", "start", "enqueue", "steps", "run_step", "reserve", "cancel", "lists",
]  # fmt: skip


@DBOS.workflow()
def does_in_step(what: str) -> Any:
    return does(what)


@program
def calls_in_steps() -> Any:
    DBOS.register_queue("misused")
    found: dict[str, Any] = {}
    for what in WHAT:
        name = fresh(what)
        found[what] = [under(name, lambda what=what: does_in_step(what)), [s[0] for s in steps(name)]]
    return found


@program
def calls_outside() -> Any:
    nobody = "no such workflow"
    return {
        "recv": kind(lambda: DBOS.recv("t", timeout_seconds=0)),
        "set_event": kind(lambda: DBOS.set_event("a", 1)),
        "write_stream": kind(lambda: DBOS.write_stream("a", 1)),
        "close_stream": kind(lambda: DBOS.close_stream("a")),
        "sleep": kind(lambda: DBOS.sleep(0.001)),
        "sleep 0": kind(lambda: DBOS.sleep(0)),
        "patch": kind(lambda: DBOS.patch("p")),
        "deprecate_patch": kind(lambda: DBOS.deprecate_patch("p")),
        "reserve_step": kind(lambda: DBOS.reserve_step()),
        "step_status": kind(lambda: DBOS.step_status),
        "workflow_id": kind(lambda: DBOS.workflow_id),
        "shard_key": kind(lambda: DBOS.shard_key),
        "run_step": kind(lambda: DBOS.run_step(None, lambda: 3)),
        "get_result": kind(lambda: DBOS.retrieve_workflow(nobody)),
        "wait_first": kind(lambda: DBOS.wait_first([])),
        "cancel": kind(lambda: DBOS.cancel_workflow(nobody)),
        "cancel many": kind(lambda: DBOS.cancel_workflows([nobody, nobody])),
        "cancel none": kind(lambda: DBOS.cancel_workflows([])),
        "delete none": kind(lambda: DBOS.delete_workflows([])),
        "resume none": kind(lambda: DBOS.resume_workflows([])),
        "resume many": kind(lambda: DBOS.resume_workflows([nobody])),
        "delay twice": kind(lambda: DBOS.set_workflow_delay(nobody, delay_seconds=1, delay_until_epoch_ms=1)),
        "no delay": kind(lambda: DBOS.set_workflow_delay(nobody)),
        "get_event": kind(lambda: DBOS.get_event(nobody, "a", timeout_seconds=0)),
        "read_stream": kind(lambda: list(DBOS.read_stream(nobody, "a"))),
        "stream offset": kind(lambda: DBOS.read_stream_offset(nobody, "a", 0, timeout_seconds=0.01)),
        "negative timeout": kind(lambda: list(DBOS.read_stream(nobody, "a", timeout_seconds=-1))),
        "update": kind(lambda: DBOS.update_workflow_attributes(nobody, {"a": 1})),
        "launch again": kind(lambda: DBOS.launch()),
        "listen late": kind(lambda: DBOS.listen_queues(["a"])),
        "reset late": refused(lambda: DBOS.reset_system_database()),
        "no function": kind(lambda: DBOS.start_workflow(len, [])),
        "enqueue no function": kind(lambda: DBOS.enqueue_workflow("misused", len, [])),
        "no queue": kind(lambda: DBOS.enqueue_workflow("misused", small, 3).get_result()),
        "bad time": kind(lambda: DBOS.list_workflows(start_time="yesterday")),
        "no fork": kind(lambda: DBOS.fork_workflow(nobody, 1)),
        "too few arguments": kind(lambda: DBOS.start_workflow(inner).get_result()),
        "too many arguments": kind(lambda: small(1, 2, 3)),
        "not to serialize": refused(lambda: small(lambda: 1)),
    }


@program
def blocks() -> Any:
    def options(**given: Any) -> Any:
        return refused(lambda: in_block(SetEnqueueOptions(**given)))

    block = SetWorkflowID("a")
    twice = kind(lambda: [in_block(block), in_block(block)])
    with SetWorkflowID("outer id"):
        with SetWorkflowID(fresh("within")):
            first = small("a")
        pair = [first, small("b")]
    with SetWorkflowTimeout(None):
        none = small("c")
    with SetWorkflowTimeout(0):
        none = [none, small("d")]
    return [
        options(priority=0), options(priority=-1), options(priority=2**31 - 1), options(priority=2**31),
        options(duplication_policy="reject"),
        options(delay_seconds=-1), options(delay_seconds=0), options(deduplication_id=""),
        options(queue_partition_key=""), options(app_version="x"),
        kind(lambda: in_block(SetWorkflowID("b", workflow_id_reuse_policy="no such"))),
        kind(lambda: in_block(SetWorkflowID(""))), kind(lambda: under("", lambda: small("d"))),
        kind(lambda: in_block(SetWorkflowTimeout(-3))),
        kind(lambda: in_block(dbos.SetWorkflowAttributes(None))),
        kind(lambda: in_block(dbos.SetWorkflowAttributes([1]))),
        kind(lambda: in_block(dbos.SetShardKey(""))),
        kind(lambda: in_block(dbos.DBOSContextSetAuth(None, None))),
        twice[0], pair, DBOS.get_workflow_status("outer id").output, none,
    ]  # fmt: skip


@program
def enqueue_options() -> Any:
    DBOS.register_queue("options")

    def given(**more: Any) -> Any:
        return kind(
            lambda: DBOS.enqueue_workflow_with_options(
                {"workflow_name": "small", "queue_name": "options", **more}, "x"
            ).get_result()
        )

    taken = fresh("taken")
    again = [given(workflow_id=taken), given(workflow_id=taken)]
    return [
        again, given(workflow_id=taken, workflow_id_reuse_policy="reject"),
        given(workflow_id_reuse_policy="no such"), given(priority=0), given(priority=3),
        given(duplication_policy="return-existing"), given(duplication_policy="no such"),
        given(delay_seconds=0.01), given(workflow_timeout=10.0), given(attributes={"a": 1}),
        given(workflow_id=""), given(authenticated_user="ann", authenticated_roles=["a"]),
        refused(lambda: DBOS.enqueue_workflow_with_options({"workflow_name": "small"}, 1)),
        refused(lambda: DBOS.enqueue_workflow_with_options({"queue_name": "options"}, 1)),
        given(deduplication_id="d", duplication_policy="reject"),
        given(serialization_type=dbos.WorkflowSerializationFormat.PORTABLE),
    ]  # fmt: skip


@program
def bad_queues() -> Any:
    def made(**limits: Any) -> Any:
        return kind(lambda: DBOS.register_queue("bad", **limits).name)

    DBOS.register_queue("good", global_concurrency=3)
    good = DBOS.retrieve_queue("good")
    return [
        made(concurrency=1, global_concurrency=1), made(worker_concurrency=3, global_concurrency=2),
        made(worker_concurrency=3, concurrency=2), made(partition_concurrency=0),
        made(partition_worker_concurrency=0), made(limiter={"limit": 1}), made(limiter={"period": 1}),
        made(partition_limiter={"limit": 1}), made(polling_interval_sec=0), made(polling_interval_sec=-1),
        made(partition_concurrency=5, global_concurrency=2),
        made(partition_concurrency=1, partition_worker_concurrency=2),
        made(partition_worker_concurrency=3, worker_concurrency=2),
        kind(lambda: good.set_worker_concurrency(9)), kind(lambda: good.set_concurrency(2)),
        good.concurrency, kind(lambda: good.set_partition_concurrency(0)),
        kind(lambda: good.set_limiter({"limit": 1})), kind(lambda: good.set_polling_interval_sec(0)),
        kind(lambda: good.set_worker_concurrency(2)), kind(lambda: good.set_concurrency(1)),
        kind(lambda: good.set_limiter({"limit": 5, "period": 1.5})), DBOS.retrieve_queue("good").limiter,
        kind(lambda: good.set_limiter(None)), DBOS.retrieve_queue("good").limiter,
        kind(lambda: DBOS.delete_queue("good")), DBOS.retrieve_queue("good"),
        kind(lambda: good.set_concurrency(4)),
    ]  # fmt: skip


@program
def bad_schedules() -> Any:
    @DBOS.workflow(name="ticked")
    def ticked(at: dt.datetime, context: Any) -> None:
        pass

    def made(name: str = "bad schedule", **more: Any) -> Any:
        given: dict[str, Any] = {"workflow_fn": ticked, "schedule": "0 0 1 1 *", **more}
        return kind(lambda: DBOS.create_schedule(schedule_name=name, **given))

    def applied(*schedules: Any) -> Any:
        return kind(lambda: DBOS.apply_schedules(list(schedules)))

    good: dict[str, Any] = {"schedule_name": "good", "workflow_fn": ticked, "schedule": "0 0 1 1 *"}
    found = [
        made(schedule="no such"), made(schedule="* * *"), made(cron_timezone="No/Such"),
        made(schedule="61 * * * *"), made(workflow_fn=len),
        made("twice"), made("twice"), applied({**good, "schedule": "x"}),
        applied({**good, "cron_timezone": "Mars"}), applied({"schedule_name": "x"}), applied(good, good),
        applied(good), applied({**good, "context": 5}), DBOS.get_schedule("good")["context"],
        kind(lambda: DBOS.trigger_schedule("no such")),
        kind(lambda: DBOS.backfill_schedule("no such", dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 2))),
        kind(lambda: DBOS.pause_schedule("no such")), kind(lambda: DBOS.resume_schedule("no such")),
        kind(lambda: DBOS.delete_schedule("no such")), DBOS.get_schedule("no such"),
        kind(lambda: DBOS.list_schedules(status="PAUSED", schedule_name_prefix="no such")),
    ]  # fmt: skip
    DBOS.delete_schedule("twice")
    DBOS.delete_schedule("good")
    return found


@program
def decorated_wrongly() -> Any:
    def again() -> Any:
        @DBOS.workflow(name="defined twice")
        def first() -> int:
            return 1

        @DBOS.workflow(name="defined twice")
        def second() -> int:
            return 2

        return second()

    def same_instances() -> Any:
        @DBOS.dbos_class("twin class")
        class Twin(dbos.DBOSConfiguredInstance):
            @DBOS.workflow()
            def run(self) -> int:
                return 1

        Twin("one")
        Twin("one")
        return "two of one name"

    def same_classes() -> Any:
        @DBOS.dbos_class("one class")
        class First:
            pass

        @DBOS.dbos_class("one class")
        class Second:
            pass

        return "two of one name"

    def not_registered() -> Any:
        class Plain(dbos.DBOSConfiguredInstance):
            @DBOS.workflow()
            def run(self) -> int:
                return 1

        return Plain("p").run()

    return [
        kind(again), refused(same_instances), refused(same_classes), refused(not_registered),
        kind(lambda: DBOS.step(timeout_seconds=0)(asmall)),
        kind(lambda: DBOS.step(timeout_seconds=1)(lambda: 1)),
        kind(lambda: DBOS.step(preemptible=True)(lambda: 1)),
        kind(lambda: DBOS.step(retries_allowed=True, max_attempts=0)(lambda: 1)()),
        kind(lambda: DBOS.step(retries_allowed=True, interval_seconds=-1)(lambda: 1)()),
        kind(lambda: DBOS.alert_handler(lambda a, b, c: None)),
        kind(lambda: dbos.Debouncer.create(small).debounce("k", -1, 1).get_result()),
        refused(lambda: dbos.Debouncer("no such workflow").debounce("k", 0.01)),
        refused(lambda: dbos.Debouncer.create(small, queue="no such queue").debounce("k", 0.01)),
    ]  # fmt: skip


@program
def async_misuse() -> Any:
    async def main() -> Any:
        return [
            await akind(lambda: DBOS.recv_async("t", timeout_seconds=0)),
            await akind(lambda: DBOS.set_event_async("a", 1)),
            await akind(lambda: DBOS.write_stream_async("a", 1)),
            await akind(lambda: DBOS.close_stream_async("a")),
            await akind(lambda: DBOS.sleep_async(0.001)),
            await akind(lambda: DBOS.patch_async("p")),
            await akind(lambda: DBOS.deprecate_patch_async("p")),
            await akind(lambda: DBOS.wait_first_async([])),
            await akind(lambda: DBOS.retrieve_workflow_async("no such workflow")),
            await akind(lambda: DBOS.send_async("no such workflow", 1)),
            await akind(lambda: DBOS.resume_workflow_async("no such workflow")),
            await akind(lambda: DBOS.fork_workflow_async("no such workflow", 1)),
            await akind(lambda: DBOS.run_step_async(None, lambda: 1)),
            await akind(lambda: asmall(3)),
        ]

    return asyncio.run(main())


BEFORE_LAUNCH = """
    from tests_py.dbos.harness import *
    from tests_py.dbos.programs_misuse import kind, small, inner
    print(kind(lambda: DBOS.launch()))
    print(kind(lambda: small(1)), kind(lambda: inner(1)), kind(lambda: DBOS.start_workflow(small, 1)))
    print(kind(lambda: DBOS.list_workflows()), kind(lambda: DBOS.listen_queues(["a"])))
    print(kind(lambda: DBOS.register_queue("a")), kind(lambda: DBOS.destroy()))
    print(kind(lambda: DBOS(config={"name": "x", "system_database_url": sys.argv[2]})))
    print(kind(lambda: DBOS(config={"name": "UPPER", "system_database_url": sys.argv[2]})))
    print(kind(lambda: DBOS(config={"system_database_url": sys.argv[2]})))
    for more in (
        {"database_url": "postgresql://h/d"}, {"application_database_url": "postgresql://h/d"},
        {"notification_listener_polling_interval_sec": 0.0}, {"notification_coalesce_sec": 0.0},
        {"notification_listener_polling_interval_sec": float("nan")},
        {"kafka_queue_polling_interval_sec": 0.0}, {"observability_query_timeout_sec": float("inf")},
        {"sys_db_idle_transaction_timeout_sec": float("nan")}, {"auto_upgrade_interval_sec": 0.0},
        {"auto_upgrade_grace_sec": -1.0}, {"conductor_executor_metadata": {"a": object()}},
        {"log_level": "NOISY"}, {"sys_db_pool_size": 0}, {"max_executor_threads": 0},
        {"scheduler_polling_interval_sec": 0.0}, {"console_log_level": "NOISY"},
    ):
        config = {"name": "misuse", "system_database_url": sys.argv[2], **more}
        print(list(more), kind(lambda: DBOS(config=config) and 1))
        DBOS.destroy()
    DBOS(config={"name": "misuse", "system_database_url": sys.argv[2], "log_level": "CRITICAL"})
    print(kind(lambda: DBOS(config={"name": "other", "system_database_url": sys.argv[2]}) and "the same"))
    print(kind(lambda: small(1)), kind(lambda: DBOS.list_workflows()), kind(lambda: DBOS.register_queue("a")))
    print(kind(lambda: DBOS.listen_queues(["a"])), kind(lambda: DBOS.listen_queues(["b"])))
    print(kind(lambda: DBOS.get_workflow_status("x")), kind(lambda: DBOS.send("x", 1)))
    print(kind(lambda: DBOS.retrieve_workflow("x")))
    print(DBOS.workflow_id, DBOS.executor_id, bool(DBOS.logger), DBOS.step_id)
    DBOS.destroy()
    print(kind(lambda: DBOS.destroy()), kind(lambda: DBOS.launch()))
    print(kind(lambda: small(1)))
"""


@program
def before_launch() -> Any:
    return alone(BEFORE_LAUNCH)


@program
def conflicting_ids() -> Any:
    name = fresh("conflict")
    under(name, lambda: small(1))
    DBOS.register_queue("conflicts")

    @DBOS.workflow(name="another workflow")
    def another() -> int:
        return 3

    return [
        kind(lambda: under(name, another)),
        kind(lambda: under(name, lambda: DBOS.start_workflow(another))),
        kind(lambda: under(name, lambda: DBOS.enqueue_workflow("conflicts", another))),
        kind(lambda: under(name, lambda: DBOS.enqueue_workflow("conflicts", small, 2).get_result())),
        kind(lambda: under(name, lambda: small(2))), status(name, "output", "queue_name"),
    ]  # fmt: skip


@program
def step_in_step() -> Any:
    name = fresh("nested")
    return [under(name, nests_steps), steps(name), outer(5)]


@program
def error_classes() -> Any:
    import pickle

    made = [
        error.DBOSException("m"), error.DBOSException("m", 5), error.DBOSBaseException("m", 7),
        error.DBOSQueryTimeoutError(1.5), error.DBOSConflictingWorkflowError("w", "why"),
        error.DBOSRecoveryError("w", "why"), error.DBOSInitializationError("why"),
        error.DBOSWorkflowFunctionNotFoundError("w", "why"),
        error.DBOSNonExistentWorkflowError("target", "w"),
        error.DBOSStreamTimeoutError("w", "k", 2.0), error.DBOSStreamTimeoutError("w", "k"),
        error.DBOSStreamNondeterminismError("w", "k"), error.MaxRecoveryAttemptsExceededError("w", 3),
        error.MaxRecoveryAttemptsExceededError("w"), error.DBOSNotAuthorizedError("no"),
        error.DBOSMaxStepRetriesExceeded("s", 3, [ValueError("a")]), error.DBOSStepTimeoutError("s", 1.0),
        error.DBOSUnexpectedStepError("w", 1, "a", "b"), error.DBOSStepNondeterminismError("w", 2),
        error.DBOSPatchNondeterminismError("w", "p", "d"), error.DBOSQueueDeduplicatedError("w", "q", "d"),
        error.DBOSWorkflowIDInUseError("w", "SUCCESS", "n"), error.DBOSAwaitedWorkflowCancelledError("w"),
        error.DBOSAwaitedWorkflowMaxRecoveryAttemptsExceeded("w"), error.DBOSWorkflowCancelledError("m"),
        error.DBOSWorkflowConflictIDError("w"), dbos.PortableWorkflowError("m", "n", 5, {"d": 1}),
    ]  # fmt: skip

    def shown(e: Any) -> Any:
        more = {k: repr(v) for k, v in sorted(vars(e).items()) if k != "message"}
        return [type(e).__name__, issubclass(type(e), Exception), more, "DBOS Error" in str(e)]

    def copied(e: Any) -> Any:
        back = pickle.loads(pickle.dumps(e))
        return [type(back).__name__, str(back) == str(e)]

    return [
        [shown(e), copied(e) if isinstance(e, Exception) else None, isinstance(e.args, tuple)] for e in made
    ] + [error.is_workflow_id_in_use_error(made[21]), error.is_workflow_id_in_use_error(made[0])]


@program
def raised_attributes() -> Any:
    """What exceptions carry that the packages raise."""
    DBOS.register_queue("carried", global_concurrency=1)
    name = fresh("carried")
    under("carried-stream", lambda: small(1))
    under(name, lambda: small(1))

    left_out = ("message", "detail")

    def raised(call: Any) -> Any:
        try:
            call()
        except BaseException as e:
            return [type(e).__name__, {k: v for k, v in vars(e).items() if k not in left_out}]
        return "nothing"

    with SetEnqueueOptions(deduplication_id="d", delay_seconds=50):
        holder = DBOS.enqueue_workflow("carried", small, 1)
    chosen = "carried-second"
    with SetEnqueueOptions(deduplication_id="d"), SetWorkflowID(chosen):
        refused = raised(lambda: DBOS.enqueue_workflow("carried", small, 2))
    with SetWorkflowID(name, workflow_id_reuse_policy="reject"):
        used = raised(lambda: small(3))
    used[1]["workflow_id"] = used[1]["workflow_id"] == name
    DBOS.cancel_workflow(holder.workflow_id)
    cancelled = raised(holder.get_result)
    cancelled[1]["workflow_id"] = cancelled[1]["workflow_id"] == holder.workflow_id
    return [
        refused, used, cancelled, raised(lambda: DBOS.retrieve_workflow("no such workflow")),
        raised(lambda: DBOS.send("no such workflow", 1)), raised(lambda: DBOS.resume_workflow("no such")),
        raised(lambda: DBOS.read_stream_offset("carried-stream", "s", 0)),
        raised(lambda: DBOS.read_stream_offset("carried-stream", "s", 0, timeout_seconds=0.01)),
    ]  # fmt: skip
