"""Sleep, messages, events and streams."""

from __future__ import annotations

from collections.abc import Sequence

from .._checks import span
from .connections import Connections
from .items import (
    EventItem,
    Refusal,
    SleepItem,
    Waited,
    WaitItem,
    numbers,
    refusals,
    texts,
)


class WaitingFunctions(Connections):
    """Sleep, messages, events and streams."""

    async def sleep_many(self, items: Sequence[SleepItem]) -> list[Waited]:
        """Begins sleeps, or goes on with them."""
        rows = await self._call_placing(
            items,
            "select outcome, name, null, coalesce(extract(epoch from wait_for), 0)::float8 from"
            " {schema}.sleep_many(%s::bigint[], %s::bigint[], %s::int[], %s::interval[], %s::boolean[])"
            " order by item",
            numbers(i.key for i in items),
            numbers(i.token for i in items),
            numbers(i.step for i in items),
            [span(i.seconds) for i in items],
            [i.put_down for i in items],
        )
        return [Waited(*row) for row in rows]

    async def recv_many(self, items: Sequence[WaitItem]) -> list[Waited]:
        """Receives messages."""
        rows = await self._call_placing(
            items,
            "select outcome, name, message, coalesce(extract(epoch from wait_for), 0)::float8 from"
            " {schema}.recv_many(%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::interval[],"
            " %s::boolean[]) order by item",
            numbers(i.key for i in items),
            numbers(i.token for i in items),
            numbers(i.step for i in items),
            texts([i.name for i in items]),
            [span(i.timeout) for i in items],
            [i.put_down for i in items],
        )
        return [Waited(*row) for row in rows]

    async def await_events(self, items: Sequence[WaitItem]) -> list[Waited]:
        """Waits for events of other workflows."""
        rows = await self._call_placing(
            items,
            "select outcome, name, value, coalesce(extract(epoch from wait_for), 0)::float8 from"
            " {schema}.await_events(%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::text[],"
            " %s::interval[], %s::boolean[]) order by item",
            numbers(i.key for i in items),
            numbers(i.token for i in items),
            numbers(i.step for i in items),
            texts([i.workflow_id for i in items]),
            texts([i.name for i in items]),
            [span(i.timeout) for i in items],
            [i.put_down for i in items],
        )
        return [Waited(*row) for row in rows]

    async def suspend_until_ended(self, key: int, token: int, workflow_ids: Sequence[str]) -> bool:
        """Puts a workflow down until one of these has ended; False if one has."""
        rows = await self._call(
            "select {schema}.suspend_until_ended(%s, %s, %s)", key, token, list(workflow_ids)
        )
        return rows[0][0]

    async def set_events(self, items: Sequence[EventItem]) -> list[Refusal | None]:
        """Sets events; for each None, or why it was not set."""
        rows = await self._call_placing(
            items,
            "select item, outcome, name, null, null from {schema}.set_events("
            "%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::json[], %s::boolean[])",
            numbers(i.key for i in items),
            numbers(i.token for i in items),
            numbers(i.step for i in items),
            texts([i.name for i in items]),
            texts([i.value for i in items]),
            [i.in_step for i in items],
        )
        return refusals(len(items), rows)

    async def write_streams(self, items: Sequence[EventItem]) -> list[Refusal | None]:
        """Writes to streams; for each None, or why it was not written."""
        rows = await self._call_placing(
            items,
            "select item, outcome, name, null, null from {schema}.write_streams("
            "%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::json[], %s::boolean[], %s::boolean[])",
            numbers(i.key for i in items),
            numbers(i.token for i in items),
            numbers(i.step for i in items),
            texts([i.name for i in items]),
            texts([i.value for i in items]),
            [i.closes for i in items],
            [i.in_step for i in items],
        )
        return refusals(len(items), rows)

    async def send_many(
        self,
        workflow_ids: Sequence[str],
        messages: Sequence[str],
        topics: Sequence[str | None],
        idempotency_keys: Sequence[str | None],
    ) -> int:
        """Sends messages; how many were new."""
        rows = await self._call(
            "select {schema}.send_many(%s::text[], %s::json[], %s::text[], %s::text[])",
            list(workflow_ids),
            list(messages),
            list(topics),
            list(idempotency_keys),
        )
        return rows[0][0]

    async def send_in_step(
        self,
        key: int,
        token: int,
        step: int,
        workflow_ids: Sequence[str],
        messages: Sequence[str],
        topics: Sequence[str | None],
        idempotency_keys: Sequence[str | None],
    ) -> None:
        """Sends messages, once for this step."""
        await self._call(
            "select {schema}.send_in_step(%s, %s, %s, %s::text[], %s::json[], %s::text[], %s::text[])",
            key,
            token,
            step,
            list(workflow_ids),
            list(messages),
            list(topics),
            list(idempotency_keys),
        )

    async def get_event(self, workflow_id: str, name: str) -> list[tuple[str | None]]:
        return await self._call("select value from {schema}.get_event(%s, %s)", workflow_id, name)

    async def get_all_events(self, workflow_id: str) -> list[tuple[str, str | None]]:
        return await self._call("select name, value from {schema}.get_all_events(%s)", workflow_id)

    async def read_stream(
        self, workflow_id: str, name: str, entry: int
    ) -> list[tuple[int, str | None, bool]]:
        return await self._call(
            "select entry, value, at_end from {schema}.read_stream(%s, %s, %s)", workflow_id, name, entry
        )

    async def watch(self, workflow_id: str, kind: str, name: str) -> bool:
        """Whether a notification will tell of a change."""
        return (await self._call("select {schema}.watch(%s, %s, %s)", workflow_id, kind, name))[0][0]
