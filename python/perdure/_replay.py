"""A replay of recorded workflows by today's code, in memory: no database, and no code of steps."""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, cast

from ._branches import Branch, current_branch, inside_step, number_tasks
from ._classes import Identity
from ._errors import Abandoned, InvalidArgument, UnexpectedStep
from ._loop import maybe_await, run_sync, running_loop
from ._run import Authority, RecordedStep, Run, current_run
from ._serialize import Codec
from ._steps import StepOptions
from ._waiting import CLOSE_STREAM, GET_EVENT, RECV, SEND, SET_ATTRIBUTES, SET_EVENT, SLEEP, WRITE_STREAM

if TYPE_CHECKING:
    from ._app import Perdure
    from ._client import Client
    from ._core import Core

_FINISHED = ("SUCCESS", "ERROR")
_NOTHING = "nothing"


class DifferentResult(AssertionError):
    """A replayed workflow ended otherwise than it is recorded."""


@dataclass(slots=True, frozen=True)
class Replayed:
    """What came of a replay.

    Attributes:
        workflow_id: of the workflow.
        steps: how many recorded steps the code took.
        ended: whether the code ran to its end; False: it came to where the records end.
    """

    workflow_id: str
    steps: int
    ended: bool


def replay(
    app: Perdure,
    document: str | None = None,
    *,
    workflow_id: str | None = None,
    client: Client | None = None,
    timeout: float = 30.0,
) -> Replayed:
    """Runs a workflow of an app against what is recorded of it, without a database and without the code of
    its steps: whether today's code goes the same way. For tests; the app is not launched.

        replay(app, Path("checkout.json").read_text())  # what `export_workflow` has returned
        replay(app, client=production, workflow_id="order-7")

    Code outside of steps is run, as it is by each replay. A workflow that had not ended is replayed up to
    where its records end; of one that had, the result is compared, too.

    Args:
        app: knows the workflow, and its classes and types.
        document: what `export_workflow` has returned.
        workflow_id: which of the document; None: the first, which is the exported one.
        client: without a document, where to export it from, by `workflow_id`.
        timeout: how many seconds the code may take.

    Raises:
        UnexpectedStep: the code takes another step than the recorded one, one more, or one less.
        DifferentResult: it ended otherwise than recorded; an AssertionError.
        TimeoutError: the code did not end in that time.
        InvalidArgument: that is no such document, or the app does not know the workflow.
    """
    if document is None:
        if client is None or workflow_id is None:
            raise InvalidArgument("replay needs a document, or a client and a workflow_id")
        document = client.export_workflow(workflow_id, children=False)
    return _replay_in_thread(app, document, workflow_id, timeout)


async def replay_async(
    app: Perdure,
    document: str | None = None,
    *,
    workflow_id: str | None = None,
    client: Client | None = None,
    timeout: float = 30.0,
) -> Replayed:
    """`replay` for async code. The workflow runs on an event loop of its own."""
    if document is None:
        if client is None or workflow_id is None:
            raise InvalidArgument("replay needs a document, or a client and a workflow_id")
        document = await client.export_workflow_async(workflow_id, children=False)
    return await asyncio.to_thread(_replay_in_thread, app, document, workflow_id, timeout)


class _EndOfRecords(BaseException):
    """Unwinds the code of a workflow that has come to where its records end."""


class _ReplayRun(Run):
    """A run over records alone."""

    def __init__(self, core: _ReplayCore, record: Mapping[str, Any]) -> None:
        super().__init__(cast("Core", core), 0, 0, record["workflow_id"], record["name"], 1)
        self.suspendable = False
        self.finished = record["status"] in _FINISHED
        places: dict[str, str] = record.get("places") or {}
        self.take_over(
            {step["step"]: _read_step(core.codec, step) for step in record["steps"]},
            {place: int(step) for step, place in places.items()},
        )
        self.taken = 0
        # The first: the code may catch what is raised.
        self.unexpected: UnexpectedStep | None = None
        self.at_end = threading.Event()

    def begin_step(self, name: str) -> tuple[int, RecordedStep | None]:
        self._stop_at_end()
        try:
            number, recorded = super().begin_step(name)
        except UnexpectedStep as error:
            self.unexpected = self.unexpected or error
            raise
        if recorded is None:
            if self.finished:
                self.refuse(number, _NOTHING, name)
            if not self._recorded:
                self.end()
        else:
            self.taken += 1
        return number, recorded

    def begin_patch(self, step_name: str, *, deprecated: bool = False) -> tuple[int | None, bool]:
        self._stop_at_end()
        if self.finished and not self._recorded:
            # It had come past this point without it.
            return None, False
        number, recorded = super().begin_patch(step_name, deprecated=deprecated)
        self.taken += recorded
        return number, recorded

    def refuse(self, number: int, recorded: str, taken: str) -> NoReturn:
        """Raises UnexpectedStep."""
        said = recorded if recorded == _NOTHING else repr(recorded)
        now = "the code ends before it" if taken == _NOTHING else f"the code now runs {taken!r} there"
        error = UnexpectedStep(
            f"workflow {self.workflow_id!r} ({self.name}): step {number} is recorded as {said}, {now}"
        )
        self.unexpected = self.unexpected or error
        raise error

    def end(self) -> NoReturn:
        """The records end here."""
        self.at_end.set()
        raise _EndOfRecords

    def untaken(self) -> RecordedStep | None:
        """The first recorded step that the code has not taken."""
        return self._recorded[min(self._recorded)] if self._recorded else None

    async def park(self) -> NoReturn:
        """A step begins that is not recorded, or has no result yet: the code cannot go on from here. What it
        does beside this goes on."""
        if running_loop() is not None:
            # Any thread may take the last.
            while self._recorded and not self.at_end.is_set():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        self.end()

    def _stop_at_end(self) -> None:
        if self.at_end.is_set():
            raise _EndOfRecords


class _ReplayCore:
    """Stands for `Core` where the code of a workflow asks for it."""

    tracing = None
    handing_back = False

    def __init__(self, app: Perdure) -> None:
        self.codec = app.codec
        self.loop = _Here()
        self.steps = _ReplaySteps(self)
        self.waits = _ReplayWaits(self)
        self.starts = self.children = _Nowhere()
        self.engine = None
        self.expected: dict[int, Any] = {}

    async def take(self, run: _ReplayRun, name: str) -> Any:
        _, recorded = run.begin_step(name)
        if recorded is None or not recorded.completed:
            await run.park()
        if recorded.error is not None:
            raise self.codec.restore_error(recorded.error)
        return recorded.output

    def leave(self, _item: Any) -> None:
        pass


class _ReplaySteps:
    """Stands for `Steps`."""

    def __init__(self, core: _ReplayCore) -> None:
        self._core = core

    async def run(self, run: _ReplayRun, options: StepOptions, _fn: Any, _args: Any, _kwargs: Any) -> Any:
        return await self._core.take(run, options.name)

    async def record(self, _run: _ReplayRun, _item: Any) -> None:
        """What a patch records at the end of the records."""


class _ReplayWaits:
    """Stands for `Waiting`."""

    def __init__(self, core: _ReplayCore) -> None:
        self._core = core

    async def sleep(self, run: _ReplayRun, _seconds: float) -> None:
        _, recorded = run.begin_step(SLEEP)
        if recorded is None or (not run.finished and recorded.retry_at > time.monotonic()):
            await run.park()

    async def recv(self, run: _ReplayRun, _topic: str | None, _timeout: float | None) -> Any:
        return await self._core.take(run, RECV)

    async def get_event(self, run: _ReplayRun, _id: str, _name: str, _timeout: float | None) -> Any:
        return await self._core.take(run, GET_EVENT)

    async def send(self, run: _ReplayRun, *_what: Any) -> None:
        await self._told(run, SEND)

    async def set_attributes(self, run: _ReplayRun, *_what: Any) -> None:
        await self._told(run, SET_ATTRIBUTES)

    async def set_event(self, run: _ReplayRun, *_what: Any) -> None:
        await self._told(run, SET_EVENT)

    async def write_stream(self, run: _ReplayRun, _name: str, _value: str | None, *, closes: bool) -> None:
        await self._told(run, CLOSE_STREAM if closes else WRITE_STREAM)

    async def make_step(self, run: _ReplayRun, _place: Any, _call: Any) -> Any:
        await run.park()

    async def wait_for_end(self, run: _ReplayRun, _id: str, _timeout: float | None) -> Any:
        await run.park()

    async def _told(self, run: _ReplayRun, name: str) -> None:
        if run.begin_step(name)[1] is None:
            await run.park()


class _Nowhere:
    """Stands for the batches of children to start."""

    async def put(self, _item: Any) -> Any:
        await cast("_ReplayRun", current_run.get()).park()


class _Here:
    """Stands for the engine's loop: awaits where it is called."""

    async def on_engine(self, make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return await make()

    def tell(self, *_what: Any) -> None:
        pass


def _replay_in_thread(app: Perdure, document: str, workflow_id: str | None, timeout: float) -> Replayed:
    record = _find(document, workflow_id)
    workflow = app.workflow_named(record["name"])
    if workflow is None:
        raise InvalidArgument(f"the app knows no workflow named {record['name']!r}: import what defines it")
    core = _ReplayCore(app)
    run = _ReplayRun(core, record)
    roles = record["authenticated_roles"]
    code = workflow.code(
        run,
        Identity(
            record["class_name"],
            record["config_name"],
            Authority(
                record["authenticated_user"], None if roles is None else tuple(roles), record["assumed_role"]
            ),
        ),
    )
    args, kwargs = app.codec.load_arguments(record["input"])
    found: list[tuple[str | None, BaseException | None]] = []

    def work() -> None:
        current_run.set(run)
        inside_step.set(0)
        try:
            if workflow.is_async:
                value = asyncio.run(_until(run, code, args, kwargs))
            else:
                value = run_sync(_call(code, args, kwargs), "an async workflow")
            found.append((app.codec.dumps(value, f"result of workflow {run.name!r}"), None))
        except BaseException as error:
            found.append((None, error))

    # A thread of its own: the caller's may have an event loop, and the code may never end.
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: context.run(work), name="perdure-replay", daemon=True)
    thread.start()
    thread.join(timeout)
    missing = run.untaken()
    if thread.is_alive():
        run.at_end.set()
        raise TimeoutError(
            f"workflow {run.workflow_id!r} ({run.name}): the code did not end in {timeout:g} s"
            + (f", before step {missing.step} ({missing.name!r})" if missing else "")
        )
    ((output, failure),) = found
    if run.unexpected is not None:
        raise run.unexpected
    if isinstance(failure, _EndOfRecords) or run.at_end.is_set():
        return Replayed(run.workflow_id, run.taken, False)
    if missing is not None:
        run.refuse(missing.step, missing.name, _NOTHING)
    if isinstance(failure, (KeyboardInterrupt, GeneratorExit, Abandoned)):
        raise failure
    if run.finished:
        _compare(app.codec, run, record, output, failure)
    return Replayed(run.workflow_id, run.taken, True)


async def _call(code: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    return await maybe_await(code(*args, **kwargs))


async def _until(
    run: _ReplayRun, code: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
) -> Any:
    """What the code returns; raises what it raises, or _EndOfRecords."""
    number_tasks(asyncio.get_running_loop())
    run.root = Branch(run)

    async def call() -> Any:
        current_branch.set(run.root)
        return await _call(code, args, kwargs)

    task = asyncio.create_task(call())
    while not task.done():
        await asyncio.wait([task], timeout=0.01)
        if run.at_end.is_set() and not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=1)
            raise _EndOfRecords
    return task.result()


def _compare(
    codec: Codec, run: Run, record: Mapping[str, Any], output: str | None, failure: BaseException | None
) -> None:
    where = f"workflow {run.workflow_id!r} ({run.name})"
    if record["status"] == "SUCCESS":
        if failure is not None:
            raise DifferentResult(f"{where} returned, the code now raises {failure!r}") from failure
        if json.loads(output or "null") != json.loads(record["output"] or "null"):
            raise DifferentResult(f"{where} returned {record['output']}, the code now returns {output}")
        return
    was = json.loads(record["error"] or "{}")
    if failure is None:
        raise DifferentResult(f"{where} raised {was.get('name')}, the code now returns {output}")
    now = json.loads(codec.dump_error(failure))
    if (was.get("name"), was.get("message")) != (now.get("name"), now.get("message")):
        raise DifferentResult(
            f"{where} raised {was.get('name')}: {was.get('message')}, the code now raises"
            f" {now.get('name')}: {now.get('message')}"
        ) from failure


def _find(document: str, workflow_id: str | None) -> dict[str, Any]:
    try:
        found: Any = json.loads(document)
        if found["format"] != "perdure.workflow" or found["version"] != 1:
            raise ValueError(f"format {found['format']!r}, version {found['version']!r}")
        workflows: list[dict[str, Any]] = found["workflows"]
        for one in workflows:
            if workflow_id is None or one["workflow_id"] == workflow_id:
                return one
    except (TypeError, ValueError, KeyError) as error:
        raise InvalidArgument(f"that is no document of export_workflow: {error!r}") from None
    raise InvalidArgument(f"the document has no workflow {workflow_id!r}")


def _read_step(codec: Codec, step: Mapping[str, Any]) -> RecordedStep:
    left = 0.0
    if step["retry_at"] is not None:
        # From Python 3.11 fromisoformat reads what Postgres writes.
        at = dt.datetime.strptime(_six_digits(step["retry_at"]), "%Y-%m-%dT%H:%M:%S.%f%z")
        left = (at - dt.datetime.now(dt.timezone.utc)).total_seconds()
    completed = step["completed_at"] is not None
    return RecordedStep(
        step["step"],
        step["name"],
        codec.loads(step["output"]) if completed else None,
        codec.loads(step["error"]) if completed else None,
        step["child_id"],
        step["attempts"],
        completed,
        time.monotonic() + left,
    )


def _six_digits(moment: str) -> str:
    time_of_day, plus, zone = moment.partition("+")
    return f"{time_of_day}{'' if '.' in time_of_day else '.0'}{plus}{zone}"
