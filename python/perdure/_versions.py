"""Versions of applications, who runs what, and patches of workflow code."""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._checkpoints import running
from ._connected import Connected
from ._engine.items import StepItem
from ._errors import InvalidArgument
from ._loop import run_sync

if TYPE_CHECKING:
    pass


@dataclass(slots=True, frozen=True)
class Version:
    """A version of an application.

    Attributes:
        application: None: of none.
        app_version: its name.
        latest: whether its executors take what was enqueued without a version.
        registered_at: None: work was enqueued for it, but nobody has registered it.
        executors: how many living ones have it.
        running, waiting: how many workflows that belong to it run; wait, or are put down.
    """

    application: str | None
    app_version: str
    latest: bool
    registered_at: dt.datetime | None
    executors: int
    running: int
    waiting: int


@dataclass(slots=True, frozen=True)
class Executor:
    """A registered executor.

    Attributes:
        executor_id: its own, also among executors of one name.
        application: that it is a worker of; None: of none.
        app_version: None: it takes the work of all versions.
        latest: whether that is the latest version; None without version.
        alive: whether its lease holds.
        running: how many workflows it runs.
    """

    executor_id: int
    name: str
    application: str | None
    app_version: str | None
    latest: bool | None
    registered_at: dt.datetime
    lease_until: dt.datetime
    alive: bool
    running: int


class Versions(Connected):
    """The part of a client that has to do with versions and executors."""

    def register_version(self, app_version: str, *, application: str | None = None) -> bool:
        """Makes a version known; a new one is the latest from now on. An app that is launched with a version
        does this by itself.

        Returns:
            True if it is new.

        Raises:
            InvalidArgument: the name is empty or too long.
        """
        return run_sync(
            self.register_version_async(app_version, application=application), "register_version_async"
        )

    async def register_version_async(self, app_version: str, *, application: str | None = None) -> bool:
        """`register_version` for async code."""
        return await self._ask(lambda: self._engine.register_version(app_version, application))

    def set_latest_version(self, app_version: str, *, application: str | None = None) -> None:
        """Makes a version the latest: its executors take what was enqueued without a version.

        Raises:
            InvalidArgument: there is no such version.
        """
        run_sync(
            self.set_latest_version_async(app_version, application=application), "set_latest_version_async"
        )

    async def set_latest_version_async(self, app_version: str, *, application: str | None = None) -> None:
        """`set_latest_version` for async code."""
        await self._ask(lambda: self._engine.set_latest_version(app_version, application))

    def list_versions(self, *, application: str | None = None) -> list[Version]:
        """The versions of all applications, or of one; of each the latest comes first."""
        return run_sync(self.list_versions_async(application=application), "list_versions_async")

    async def list_versions_async(self, *, application: str | None = None) -> list[Version]:
        """`list_versions` for async code."""
        rows = await self._ask(lambda: self._engine.list_versions(application))
        return [Version(*row) for row in rows]

    def set_version(
        self,
        to_version: str | None,
        workflow_ids: Sequence[str] | None = None,
        *,
        from_version: str | None = None,
    ) -> int:
        """Moves active workflows that do not run to another version; those that run stay where they are.

        Args:
            to_version: None: to none, so that executors of the latest take them.
            workflow_ids: which; or
            from_version: all of this version; "": all without version.

        Returns:
            How many were moved.

        Raises:
            InvalidArgument: both or neither of workflow_ids and from_version, or a bad name.

        A version that was never registered is taken, for a deployment to come; a warning is logged.
        """
        return run_sync(
            self.set_version_async(to_version, workflow_ids, from_version=from_version), "set_version_async"
        )

    async def set_version_async(
        self,
        to_version: str | None,
        workflow_ids: Sequence[str] | None = None,
        *,
        from_version: str | None = None,
    ) -> int:
        """`set_version` for async code."""
        if isinstance(workflow_ids, str):
            raise InvalidArgument("workflow_ids is a list of ids, not one string")

        async def move_all() -> int:
            moved = 0
            while some := await self._engine.set_version(to_version, workflow_ids, from_version):
                moved += some
            return moved

        return await self._ask(move_all)

    def list_executors(self) -> list[Executor]:
        """The registered executors, oldest first, and what each runs."""
        return run_sync(self.list_executors_async(), "list_executors_async")

    async def list_executors_async(self) -> list[Executor]:
        """`list_executors` for async code."""
        return [Executor(*row) for row in await self._ask(self._engine.list_executors)]


class Patches:
    """Changes of workflow code under runs of the old code; part of `Perdure`."""

    def patch(self, name: str) -> bool:
        """Whether this run takes the new way. It is recorded as a step, `perdure.patch-<name>`.

            if app.patch("charge first"):
                charge(order)
                reserve(order)
            else:
                reserve(order)
                charge(order)

        Returns:
            True for a run that comes here for the first time, and whenever that is replayed; False for one
            that had come past this point before it had the patch.

        Raises:
            WrongContext: not called by the code of a workflow.
            InvalidArgument: the name is empty.
        """
        return run_sync(self.patch_async(name), "patch_async")

    async def patch_async(self, name: str) -> bool:
        """`patch` for async workflows."""
        run = running("patch", "an ordinary condition")
        step_name = _patch_step(name)
        number, recorded = run.begin_patch(step_name)
        if number is not None and not recorded:
            await run.core.steps.record(
                run, StepItem(run.key, run.token, number, step_name, "true", None, 0.0)
            )
        return number is not None

    def deprecate_patch(self, name: str) -> None:
        """Stands where `patch` stood when no run of the old code is left: new runs record nothing, those that
        recorded the patch go on. When none of those is left either, it can go.

        Raises:
            WrongContext: not called by the code of a workflow.
            InvalidArgument: the name is empty.
        """
        run_sync(self.deprecate_patch_async(name), "deprecate_patch_async")

    async def deprecate_patch_async(self, name: str) -> None:
        """`deprecate_patch` for async workflows."""
        running("deprecate_patch", "nothing").begin_patch(_patch_step(name), deprecated=True)


def _patch_step(name: str) -> str:
    if not isinstance(name, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(f"a patch has a name, not {name!r}")
    return f"perdure.patch-{name}"


def version_of(given: str | None, workflows: Mapping[str, Callable[..., Any]]) -> str | None:
    """The version of an app: as given, or PERDURE_APP_VERSION; "auto" is a hash of the workflows' sources."""
    found = given if given is not None else os.environ.get("PERDURE_APP_VERSION") or None
    if found != "auto":
        return found
    digest = hashlib.sha256()
    for name, fn in sorted(workflows.items()):
        digest.update(f"{name}\0{_source(fn)}\0".encode())
    return digest.hexdigest()[:16]


def _source(fn: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(fn)
    except (OSError, TypeError):
        # Typed in, or compiled elsewhere: its code, without where that lies.
        code = getattr(fn, "__code__", None)
        return "" if code is None else f"{code.co_code.hex()} {code.co_names} {code.co_varnames}"
