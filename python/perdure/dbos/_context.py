"""The blocks that say how the workflows within them are started: `with SetWorkflowID("..."): ...`."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Generator
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Literal, get_args

from .error import DBOSException

DuplicationPolicy = Literal["reject", "return-existing"]
WorkflowIDReusePolicy = Literal["return-existing", "reject"]

LEAST_PRIORITY, MOST_PRIORITY = 1, 2**31 - 1


@dataclasses.dataclass(frozen=True, slots=True)
class AssignedId:
    """The id that a block gives to the first workflow that is started in it."""

    workflow_id: str
    reuse_policy: WorkflowIDReusePolicy | None
    taken: list[bool] = dataclasses.field(default_factory=list[bool])


@dataclasses.dataclass(frozen=True, slots=True)
class StartOptions:
    """What the blocks around a call say."""

    assigned: AssignedId | None = None
    timeout: dt.timedelta | None = None
    attributes: dict[str, Any] | None = None
    deduplication_id: str | None = None
    duplication_policy: DuplicationPolicy | None = None
    priority: int | None = None
    app_version: str | None = None
    partition_key: str | None = None
    delay: float | None = None
    otel_context: Any = None


@dataclasses.dataclass(frozen=True, slots=True)
class Identity:
    """On whose behalf workflows are started."""

    user: str | None = None
    roles: tuple[str, ...] = ()


start_options: ContextVar[StartOptions] = ContextVar("perdure_dbos_start_options", default=StartOptions())  # noqa: B039
identity: ContextVar[Identity] = ContextVar("perdure_dbos_identity", default=Identity())  # noqa: B039


def take_assigned_id() -> AssignedId | None:
    """The id for the workflow that is started now; the next one in the block gets none."""
    assigned = start_options.get().assigned
    if assigned is None or assigned.taken:
        return None
    assigned.taken.append(True)
    return assigned


class _Block:
    """Changes `start_options` within a `with` block."""

    def __init__(self, **changes: Any) -> None:
        self._changes = changes
        self._token: Token[StartOptions] | None = None

    def _begin(self) -> dict[str, Any]:
        return self._changes

    def __enter__(self) -> Any:
        if self._token is not None:
            raise DBOSException(f"this {type(self).__name__} is in use: make a new one for each block")
        self._token = start_options.set(dataclasses.replace(start_options.get(), **self._begin()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        assert self._token is not None
        start_options.reset(self._token)
        self._token = None
        return False


class SetWorkflowID(_Block):
    """Gives the first workflow that is started in the block this id.

    Args:
        wfid: the id.
        workflow_id_reuse_policy: what to do if it is in use: "return-existing" (the default), or
            "reject", which raises `DBOSWorkflowIDInUseError`.
    """

    def __init__(self, wfid: str, *, workflow_id_reuse_policy: WorkflowIDReusePolicy | None = None) -> None:
        check_choice("workflow_id_reuse_policy", workflow_id_reuse_policy, WorkflowIDReusePolicy)
        check_workflow_id(wfid)
        super().__init__()
        self.wfid = wfid
        self.workflow_id_reuse_policy: WorkflowIDReusePolicy | None = workflow_id_reuse_policy

    def _begin(self) -> dict[str, Any]:
        return {"assigned": AssignedId(self.wfid, self.workflow_id_reuse_policy)}


class SetWorkflowTimeout(_Block):
    """Gives the workflows that are started in the block so many seconds; None or 0: no limit of its own."""

    def __init__(self, workflow_timeout_sec: float | None) -> None:
        if workflow_timeout_sec and not workflow_timeout_sec > 0:
            raise Exception(f"a workflow timeout is more than 0 seconds, not {workflow_timeout_sec}")
        super().__init__(timeout=dt.timedelta(seconds=workflow_timeout_sec) if workflow_timeout_sec else None)


class SetWorkflowAttributes(_Block):
    """Gives the workflows that are started in the block these attributes, a JSON object."""

    def __init__(self, attributes: dict[str, Any] | None) -> None:
        if attributes is not None and not isinstance(attributes, dict):  # pyright: ignore
            raise DBOSException(f"attributes are a dict, not {attributes!r}")
        super().__init__(attributes=attributes)


class SetEnqueueOptions(_Block):
    """How the workflows that are enqueued in the block wait.

    Args:
        deduplication_id: only one active workflow of the queue has it.
        priority: 1 and more; a lower one is first, and none at all before all.
        app_version: the version that is to run it.
        queue_partition_key: its partition of a partitioned queue.
        delay_seconds: how long it waits before it is enqueued.
        duplication_policy: what to do if the deduplication id is taken: "reject" (the default) raises
            `DBOSQueueDeduplicatedError`; "return-existing" gives a handle to its holder.
    """

    def __init__(
        self,
        *,
        deduplication_id: str | None = None,
        priority: int | None = None,
        app_version: str | None = None,
        queue_partition_key: str | None = None,
        delay_seconds: float | None = None,
        duplication_policy: DuplicationPolicy | None = None,
    ) -> None:
        check_priority(priority)
        check_choice("duplication_policy", duplication_policy, DuplicationPolicy)
        super().__init__(
            deduplication_id=deduplication_id,
            priority=priority,
            app_version=app_version,
            partition_key=queue_partition_key,
            delay=delay_seconds,
            duplication_policy=duplication_policy,
        )


class PropagateOtelContext(_Block):
    """Lets the spans of the workflows that are started in the block join this OpenTelemetry context.

    Args:
        context: the context; None: the current one.
    """

    def __init__(self, context: Any = None) -> None:
        super().__init__()
        self.context = context

    def _begin(self) -> dict[str, Any]:
        context = self.context
        if context is None:
            try:
                from opentelemetry.context import get_current
            except ImportError:
                raise DBOSException(
                    "pip install 'perdure[otel]' to propagate OpenTelemetry contexts"
                ) from None
            context = get_current()
        return {"otel_context": context}


class propagating:  # noqa: N801 - reads as what it is: `with propagating(context):`
    """Within the block, this context is the one that `PropagateOtelContext` gives; None: as it is."""

    def __init__(self, context: Any) -> None:
        self._block = None if context is None else PropagateOtelContext(context)

    def __enter__(self) -> None:
        if self._block is not None:
            self._block.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._block is not None:
            self._block.__exit__(kind, error, trace)


@contextlib.contextmanager
def in_given_trace() -> Generator[str | None]:
    """Makes the OpenTelemetry context of the blocks the current one; gives its header `traceparent`."""
    context = start_options.get().otel_context
    if context is None:
        yield None
        return
    from opentelemetry import context as current
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier, context)
    token = current.attach(context)
    try:
        yield carrier.get("traceparent")
    finally:
        current.detach(token)


class SetShardKey(_Block):
    """Says on which shard workflows live. There is one database here, so every key is on it."""

    def __init__(self, shard_key: str) -> None:
        if not shard_key:
            raise ValueError("a shard key is not empty")
        super().__init__()
        self.shard_key = shard_key


class DBOSContextEnsure:
    """A block with a context of its own, in which `DBOS.set_authentication` holds."""

    def __init__(self) -> None:
        self._token: Token[Identity] | None = None

    def __enter__(self) -> Any:
        self._token = identity.set(identity.get())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        assert self._token is not None
        identity.reset(self._token)
        self._token = None
        return False


class DBOSContextSetAuth(DBOSContextEnsure):
    """A block whose workflows are started on behalf of this user.

    Args:
        user: who it is; None: nobody.
        roles: what the user may be.
    """

    def __init__(self, user: str | None, roles: list[str] | None) -> None:
        super().__init__()
        self.user = user
        self.roles = roles

    def __enter__(self) -> Any:
        super().__enter__()
        identity.set(Identity(self.user, tuple(self.roles or ())))
        return self


def check_priority(priority: int | None) -> None:
    """Raises DBOSException if a priority is out of range."""
    if priority is not None and not LEAST_PRIORITY <= priority <= MOST_PRIORITY:
        raise DBOSException(f"a priority is from {LEAST_PRIORITY} to {MOST_PRIORITY}, not {priority}")


def check_workflow_id(workflow_id: str) -> None:
    """Raises DBOSException if an id is empty, or blank."""
    if not workflow_id.strip():
        raise DBOSException(f"an id of a workflow has letters, which {workflow_id!r} has not")


def check_choice(name: str, value: str | None, choices: Any) -> None:
    """Raises DBOSException if a value is none of the choices."""
    if value is not None and value not in get_args(choices):
        raise DBOSException(f"{name} is one of {', '.join(get_args(choices))}, not {value!r}")
