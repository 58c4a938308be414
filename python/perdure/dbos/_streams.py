"""Reading streams of workflows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from .._loop import run_sync
from . import error
from ._asking import Asking
from ._handles import in_step
from ._twins import asks, refuse_running_loop, sync_of


class Streams(Asking):
    """The values that workflows write, as they are written."""

    async def _stream(
        self, workflow_id: str, key: str, offset: int, timeout: float | None
    ) -> tuple[list[Any], bool]:
        _check_timeout(timeout)
        return await in_step(
            "DBOS.readStream", lambda: self._client().stream_from(workflow_id, key, offset, timeout)
        )

    def read_stream(
        self,
        workflow_id: str,
        key: str,
        *,
        offset: int = 0,
        polling_interval_sec: float | None = None,
        timeout_seconds: float | None = None,
        shard_key: str | None = None,
    ) -> Generator[Any, Any, None]:
        """The values of a stream as they are written; ends when it is closed or its workflow has ended.
        `timeout_seconds`: how long to wait for each."""
        refuse_running_loop("read_stream", "read_stream_async")
        while True:
            values, ended = run_sync(
                self._stream(workflow_id, key, offset, timeout_seconds), "read_stream_async"
            )
            yield from values
            if ended:
                return
            offset += len(values)

    async def read_stream_async(
        self,
        workflow_id: str,
        key: str,
        *,
        offset: int = 0,
        polling_interval_sec: float | None = None,
        timeout_seconds: float | None = None,
        shard_key: str | None = None,
    ) -> AsyncGenerator[Any, None]:
        """`read_stream` for async code."""
        while True:
            values, ended = await self._stream(workflow_id, key, offset, timeout_seconds)
            for value in values:
                yield value
            if ended:
                return
            offset += len(values)

    @asks
    async def read_stream_offset_async(
        self,
        workflow_id: str,
        key: str,
        offset: int,
        *,
        polling_interval_sec: float | None = None,
        timeout_seconds: float | None = None,
        shard_key: str | None = None,
    ) -> Any:
        """The value at this place of a stream, when it is written. Raises DBOSStreamTimeoutError if it is
        not in that time, or the stream ends before it."""

        _check_timeout(timeout_seconds)

        async def read() -> Any:
            values, _ = await self._client().stream_from(workflow_id, key, offset, timeout_seconds)
            if not values:
                # It has ended: no time would have been enough.
                raise error.DBOSStreamTimeoutError(workflow_id, key)
            return values[0]

        return await in_step("DBOS.readStreamOffset", read)

    read_stream_offset = sync_of(read_stream_offset_async)


def _check_timeout(seconds: float | None) -> None:
    if seconds is not None and seconds < 0:
        raise ValueError(f"timeout_seconds is 0 or more, not {seconds}")
