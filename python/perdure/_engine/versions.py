"""Versions of applications, and who runs what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .connections import Connections


class VersionFunctions(Connections):
    """Versions of applications, and who runs what."""

    async def register_version(self, app_version: str, application: str | None) -> bool:
        return (await self._call("select {schema}.register_version(%s, %s)", app_version, application))[0][0]

    async def set_latest_version(self, app_version: str, application: str | None) -> None:
        await self._call("select {schema}.set_latest_version(%s, %s)", app_version, application)

    async def list_versions(self, application: str | None) -> list[Any]:
        return await self._call(
            "select application, app_version, latest, registered_at, executors, running, waiting"
            " from {schema}.list_versions(%s)",
            application,
        )

    async def set_version(
        self, to_version: str | None, workflow_ids: Sequence[str] | None, from_version: str | None
    ) -> int:
        """Moves some thousands at the most; how many there were."""
        rows = await self._call(
            "select {schema}.set_version(%s, %s::text[], %s)",
            to_version,
            None if workflow_ids is None else list(workflow_ids),
            from_version,
        )
        return rows[0][0]

    async def list_living(self) -> list[tuple[int, str | None, str | None]]:
        """The living executors, with their versions and applications."""
        return await self._call(
            "select executor_id, app_version, application from {schema}.list_executors() where alive"
        )

    async def list_executors(self) -> list[Any]:
        return await self._call(
            "select executor_id, name, application, app_version, latest, registered_at, lease_until, alive,"
            " running from {schema}.list_executors()"
        )
