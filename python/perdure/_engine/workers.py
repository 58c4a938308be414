"""What workers call: executors, claims, starts, steps, ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._checks import span
from .._errors import LeaseLost, PerdureError, UnexpectedStep
from .connections import Connections
from .identity import start_origins
from .items import (
    Claimed,
    FinishItem,
    Lease,
    Refusal,
    Started,
    StartItem,
    StepItem,
    StepNumber,
    array_or_none,
    numbers,
    parent_arrays,
    parent_steps,
    refusals,
    texts,
    texts_or_none,
)

if TYPE_CHECKING:
    from typing_extensions import LiteralString


class WorkerFunctions(Connections):
    """What workers call: executors, claims, starts, steps, ends."""

    async def register_executor(
        self,
        name: str,
        lease: float,
        app_version: str | None,
        workflows: Sequence[str],
        queues: Sequence[str] | None,
    ) -> int:
        rows = await self._call(
            "select {schema}.register_executor(%s, %s, %s, %s, %s, %s)",
            name,
            dt.timedelta(seconds=lease),
            app_version,
            list(workflows),
            None if queues is None else list(queues),
            self.application,
        )
        return rows[0][0]

    async def heartbeat(self, executor_id: int) -> Lease | None:
        """Renews the lease; None if it is lost."""
        rows = await self._call(
            "select extract(epoch from renew_in)::float8, extract(epoch from suspend_after)::float8"
            " from {schema}.heartbeat(%s)",
            executor_id,
        )
        return None if rows[0][0] is None else Lease(*rows[0])

    async def deregister_executor(self, executor_id: int) -> int:
        return (await self._call("select {schema}.deregister_executor(%s)", executor_id, retry_for=5.0))[0][0]

    async def run_maintenance(self) -> tuple[int, int, int, int, int, float]:
        """How many executors were found lost, and workflows taken over, dead-lettered, woken and timed out;
        and in how many seconds to look again: when the next lease lapses unless it is renewed, the next
        deadline passes, or the next workflow is to be woken."""
        rows = await self._call(
            "select executors_lapsed, workflows_requeued, workflows_dead_lettered, workflows_woken,"
            " workflows_timed_out,"
            " coalesce(extract(epoch from next_lapse_in), 3600)::float8 from {schema}.run_maintenance()"
        )
        return rows[0]

    async def claim(
        self, executor_id: int, queues: Sequence[str] | None, most: int, poll_interval: float
    ) -> list[Claimed]:
        rows = await self._call(
            "select workflow_key, token, workflow_id, workflow, queue, input, attempt, steps,"
            " extract(epoch from time_left)::float8, identity from {schema}.claim(%s, %s, %s, %s)",
            executor_id,
            None if queues is None else list(queues),
            most,
            span(poll_interval),
            hands_out=True,
        )
        return [Claimed(*row) for row in rows]

    async def reconcile(self, executor_id: int, keys: Sequence[int]) -> int:
        """Hands back what the executor owns besides these; how many went back. The caller has set `uncertain`
        to false before it found out which these are; if this fails it is true again."""
        try:
            rows = await self._call("select {schema}.reconcile(%s, %s::bigint[])", executor_id, numbers(keys))
        except PerdureError:
            self.uncertain = True
            raise
        return rows[0][0]

    async def lost_workflows(self, owned: Sequence[tuple[int, int]]) -> list[int]:
        """Of workflows by key and token, the places of those that are not owned any more, from 0."""
        rows = await self._call(
            "select item from {schema}.lost_workflows(%s::bigint[], %s::bigint[])",
            numbers(key for key, _ in owned),
            numbers(token for _, token in owned),
        )
        return [item - 1 for (item,) in rows]

    async def start_many(self, executor_id: int, items: Sequence[StartItem]) -> list[Started]:
        parents = [i.parent or (None, None, None) for i in items] if items[0].parent else None
        more, values = start_origins(items)
        if len(items) == 1 and parents is None and not more and items[0].timeout is items[0].deadline is None:
            (item,) = items
            rows = await self._call(
                "select workflow_key, workflow_id, token, null::float8"
                " from {schema}.start(%s, %s, %s::json, %s, %s)",
                executor_id,
                item.name,
                item.input,
                item.workflow_id,
                item.max_recovery_attempts,
                hands_out=True,
            )
            return [Started(*rows[0])]
        rows = await self._call_for_children(
            parent_steps(items),
            "select workflow_key, workflow_id, token, extract(epoch from time_left)::float8, identity"
            " from {schema}.start_many("
            "%s, %s::text[], %s::json[], %s::text[], %s::int[], null, %s::bigint[], %s::bigint[], %s::int[],"
            " timeouts => %s::interval[], deadlines => %s::timestamptz[]" + more + ") order by item",
            executor_id,
            texts([i.name for i in items]),
            texts([i.input for i in items]),
            texts([i.workflow_id for i in items]),
            numbers(i.max_recovery_attempts for i in items),
            *parent_arrays(parents),
            array_or_none([i.timeout for i in items]),
            array_or_none([i.deadline for i in items]),
            *values,
            hands_out=True,
        )
        return [Started(*row) for row in rows]

    async def record_steps(self, items: Sequence[StepItem]) -> list[Refusal | None]:
        """Records steps; for each None, or why it was not recorded."""
        if len(items) == 1 and not isinstance(items[0].step, StepNumber):
            (item,) = items
            if await self._is_done(
                "select {schema}.record_step(%s, %s, %s, %s, %s::json, %s::json, %s::interval)",
                item.key,
                item.token,
                item.step,
                item.name,
                item.output,
                item.error,
                f"{item.seconds:.6f}",
            ):
                return [None]
        rows = await self._call_placing(
            items,
            "select item, outcome, name, output, error from {schema}.record_steps("
            "%s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::json[], %s::json[], %s::interval[])",
            numbers(i.key for i in items),
            numbers(i.token for i in items),
            numbers(i.step for i in items),
            texts([i.name for i in items]),
            texts([i.output for i in items]),
            texts_or_none([i.error for i in items]),
            texts([f"{i.seconds:.6f}" for i in items]),
        )
        return refusals(len(items), rows)

    async def fail_step(
        self,
        item: StepItem,
        attempt: int,
        max_attempts: int,
        interval: float,
        backoff: float,
        max_interval: float,
    ) -> tuple[float | None, str | None]:
        """Records a failed attempt; seconds until the next, or None and the step's final error."""
        ((retry_in, final_error),) = await self._call_placing(
            [item],
            "select extract(epoch from retry_in)::float8, final_error from {schema}.fail_step("
            "%s::bigint, %s, %s, %s, %s::json, %s, %s, %s, %s, %s)",
            item.key,
            item.token,
            item.step,
            item.name,
            item.error,
            attempt,
            max_attempts,
            dt.timedelta(seconds=interval),
            float(backoff),
            dt.timedelta(seconds=max_interval),
        )
        return retry_in, final_error

    async def finish_many(self, items: Sequence[FinishItem]) -> list[Refusal | None]:
        """Ends workflows; for each None, or why it was not ended."""
        if len(items) == 1 and items[0].error is None:
            (item,) = items
            if await self._is_done(
                "select {schema}.finish(%s, %s, %s::json)", item.key, item.token, item.output
            ):
                return [None]
        rows = await self._call(
            "select item, outcome, status, output, error, extract(epoch from retry_in)::float8"
            " from {schema}.finish_many("
            "%s::bigint[], %s::bigint[], %s::json[], %s::json[])",
            numbers(i.key for i in items),
            numbers(i.token for i in items),
            texts([i.output for i in items]),
            texts_or_none([i.error for i in items]),
        )
        return refusals(len(items), rows)

    async def _is_done(self, text: LiteralString, *args: Any) -> bool:
        """Whether one item was written now. If not, the same call for many says what stands instead."""
        try:
            return (await self._call(text, *args))[0][0]
        except (LeaseLost, UnexpectedStep):
            return False

    async def suspend(self, key: int, token: int, delay: float) -> bool:
        """Puts a workflow down; False if it is not owned any more."""
        return not await self._call(
            "select item from {schema}.suspend_many(%s::bigint[], %s::bigint[], %s)",
            [key],
            [token],
            [dt.timedelta(seconds=delay)],
        )

    async def release_now(self, owned: Sequence[tuple[int, int]]) -> list[bool]:
        """Gives workflows, by key and token, back to their queues; for each whether it was owned."""
        rows = await self._call(
            "select item from {schema}.release_many(%s::bigint[], %s::bigint[])",
            numbers(key for key, _ in owned),
            numbers(token for _, token in owned),
        )
        lost = {item - 1 for (item,) in rows}
        return [i not in lost for i in range(len(owned))]

    async def release(self, key: int, token: int, *, to_others: bool = False) -> bool:
        """Gives a workflow back to its queue, where it waits a little if it cannot run here; False if it is
        not owned any more."""
        return not await self._call(
            "select item from {schema}.release_many(%s::bigint[], %s::bigint[], to_others => %s)",
            [key],
            [token],
            to_others,
        )
