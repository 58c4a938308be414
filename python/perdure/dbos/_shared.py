"""What `DBOS` and `DBOSClient` have in common. Async is written, sync is derived."""

from __future__ import annotations

from typing import Any

from .._errors import WorkflowNotFound
from . import error
from ._errors import sent_to_none
from ._handles import AsyncHandle, result_of, status_of
from ._looking import Looking
from ._management import Management
from ._schedules import Schedules
from ._streams import Streams
from ._twins import asks, sync_of
from ._types import SendMessage, WorkflowSerializationFormat
from ._values import as_format

_DEFAULT = WorkflowSerializationFormat.DEFAULT


class Shared(Streams, Management, Looking, Schedules):
    """Calls on workflows that were started, whoever started them."""

    # ----------------------------------------------------------------------------------- messages

    async def _send(
        self,
        messages: list[SendMessage],
        kind: WorkflowSerializationFormat | None,
        send_to_forks: bool,
    ) -> None:
        client = self._client()
        keys = [m.idempotency_key for m in messages if m.idempotency_key is not None]
        if len(keys) > len(set(keys)):
            raise error.DBOSException("two of the messages have one idempotency key")
        entries = [
            (to, as_format(m.message, kind), m.topic, m.idempotency_key)
            for m in messages
            for to in [m.destination_id, *(await self._forks_of(m.destination_id) if send_to_forks else ())]
        ]
        try:
            await client.send_many_async(entries)
        except WorkflowNotFound as failure:
            raise sent_to_none(failure) from failure

    @asks
    async def send_bulk_async(
        self,
        messages: list[SendMessage],
        *,
        serialization_type: WorkflowSerializationFormat | None = _DEFAULT,
        send_to_forks: bool = False,
    ) -> None:
        """Sends many messages in one transaction."""
        await self._send(messages, serialization_type, send_to_forks)

    send_bulk = sync_of(send_bulk_async)

    async def _forks_of(self, workflow_id: str) -> list[str]:
        """The forks of a workflow, and their forks."""
        found: list[str] = []
        new = [workflow_id]
        while new:
            forks = await self._client().list_workflows_async(
                forked_from=new, limit=None, with_input=False, with_output=False
            )
            new = [fork.workflow_id for fork in forks]
            found += new
        return found

    # ------------------------------------------------------------------------------------- events

    @asks
    async def get_event_async(
        self, workflow_id: str, key: str, timeout_seconds: float = 60, *, shard_key: str | None = None
    ) -> Any:
        """The value of an event of a workflow, once it is set; None if it is not in that time."""
        return await self._client().event_of(workflow_id, key, timeout_seconds)

    get_event = sync_of(get_event_async)

    # ------------------------------------------------------------------------------------ handles

    async def _retrieve(self, workflow_id: str, must_exist: bool) -> AsyncHandle[Any]:
        if must_exist and await status_of(self._client(), workflow_id) is None:
            raise error.DBOSNonExistentWorkflowError("target", workflow_id)
        return self._handle(workflow_id)

    async def _result(self, workflow_id: str) -> Any:
        return await result_of(self._client(), workflow_id)
