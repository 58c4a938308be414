"""On whose behalf workflows run, what marks them, and to which application they belong."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from ._checks import text
from ._connected import Connected
from ._errors import InvalidArgument, NotAuthorized
from ._ids import checked_id
from ._loop import run_sync
from ._run import NOBODY, Authority, Run, calling_run, current_run

if TYPE_CHECKING:
    pass

# What `authenticated` has said, and in which workflow: it holds for that one only.
_said: ContextVar[tuple[Run | None, Authority] | None] = ContextVar("perdure_said", default=None)


class Renamed(NamedTuple):
    """What `Client.rename_application` has moved.

    Attributes:
        workflows, queues, schedules: how many of each.
    """

    workflows: int
    queues: int
    schedules: int


class Identities(Connected):
    """Users, roles, attributes and applications; part of `Client`."""

    @contextlib.contextmanager
    def authenticated(
        self, user: str | None, roles: Sequence[str] | None = None, assumed_role: str | None = None
    ) -> Generator[None]:
        """What is started or enqueued inside the `with` block runs on behalf of this user.

            with app.authenticated("ann", ["customer"]):
                checkout(order)

        A workflow that is started in a workflow runs on behalf of the same user without it.

        Args:
            user: 1 to 512 bytes; None: nobody.
            roles: those that the user has; they are recorded, and `required_roles` asks for them.
            assumed_role: the one in which the user acts.

        Raises:
            InvalidArgument: a name is no string.
        """
        said = authority(user, roles, assumed_role)
        token = _said.set((current_run.get(), said))
        try:
            yield
        finally:
            _said.reset(token)

    @property
    def authenticated_user(self) -> str | None:
        """In a workflow, the user on whose behalf it runs; elsewhere what `authenticated` says."""
        return current_authority().user

    @property
    def authenticated_roles(self) -> tuple[str, ...] | None:
        """The roles of that user; None if nothing is said of them."""
        return current_authority().roles

    @property
    def assumed_role(self) -> str | None:
        """The role in which that user acts: the one that `required_roles` asked for, or the one given."""
        return current_authority().assumed_role

    def set_attributes(self, workflow_id: str, attributes: Mapping[str, Any] | None) -> None:
        """Replaces the attributes of a workflow, in whatever state it is. In a workflow it is a step.

        Args:
            workflow_id: of the workflow.
            attributes: JSON values by name, in place of all that it had; None: none.

        Raises:
            InvalidArgument: they are no JSON object.
            WorkflowNotFound: there is none of this id.
        """
        run_sync(self.set_attributes_async(workflow_id, attributes), "set_attributes_async")

    async def set_attributes_async(self, workflow_id: str, attributes: Mapping[str, Any] | None) -> None:
        """`set_attributes` for async code."""
        checked_id(workflow_id)
        given = dump_attributes("attributes", attributes)
        run = calling_run(self._engine)
        if run is not None:
            await run.core.waits.set_attributes(run, workflow_id, given)
        else:
            await self._ask(lambda: self._engine.set_attributes(workflow_id, given))

    def rename_application(self, old_name: str | None, new_name: str) -> Renamed:
        """Gives all that belongs to an application to another name, which may be in use already. Stop the
        workers of the old name before.

        Args:
            old_name: the application; None: all that belongs to none, but for the queue `default`.
            new_name: 1 to 400 bytes.

        Raises:
            InvalidArgument: a name is empty or too long.
        """
        return run_sync(self.rename_application_async(old_name, new_name), "rename_application_async")

    async def rename_application_async(self, old_name: str | None, new_name: str) -> Renamed:
        """`rename_application` for async code."""
        return Renamed(*await self._ask(lambda: self._engine.rename_application(old_name, new_name)))


def authority(user: object, roles: object, assumed_role: object) -> Authority:
    """On whose behalf something runs.

    Raises:
        InvalidArgument: a name is no string.
    """
    if user is roles is assumed_role is None:
        return NOBODY
    return Authority(
        None if user is None else text("authenticated_user", user),
        role_names("authenticated_roles", roles),
        None if assumed_role is None else text("assumed_role", assumed_role),
    )


def role_names(what: str, roles: object) -> tuple[str, ...] | None:
    """Roles, as they are kept.

    Raises:
        InvalidArgument: they are no list of strings.
    """
    if roles is None:
        return None
    if isinstance(roles, str) or not isinstance(roles, (Sequence, set, frozenset)):
        raise InvalidArgument(f"{what} is a list of names, not {roles!r}")
    given: Any = sorted(roles) if isinstance(roles, (set, frozenset)) else roles  # pyright: ignore
    for role in given:
        if not isinstance(role, str):
            raise InvalidArgument(f"{what} is a list of names: {role!r} is none")
    return tuple(given)


def current_authority() -> Authority:
    """On whose behalf the code that calls this runs."""
    run, said = current_run.get(), _said.get()
    if said is not None and said[0] is run:
        return said[1]
    return NOBODY if run is None else run.authority


def given_authority(explicit: Authority) -> Authority:
    """What is to be recorded of a workflow that is started here: what the call says, else what
    `authenticated` says. The rest the engine knows: a child inherits what is recorded of its parent."""
    if explicit != NOBODY:
        return explicit
    run, said = current_run.get(), _said.get()
    if said is not None and said[0] is run:
        return said[1]
    return run.authority if run is not None and run.has_assumed else NOBODY


def role_of(what: str, required: Sequence[str] | None, who: Authority) -> str | None:
    """The first of the required roles that this user has; None if none is required.

    Raises:
        NotAuthorized: the user has none of them.
    """
    if not required:
        return None
    for role in required:
        if role in (who.roles or ()):
            return role
    name = "a user without name" if who.user is None else repr(who.user)
    user = "nobody is authenticated" if who == NOBODY else f"{name} has {list(who.roles or ())}"
    raise NotAuthorized(f"{what} requires one of the roles {list(required)}: {user}")


def dump_attributes(what: str, attributes: object) -> str | None:
    """Attributes as JSON.

    Raises:
        InvalidArgument: they are no JSON object.
    """
    if attributes is None:
        return None
    if not isinstance(attributes, Mapping):
        raise InvalidArgument(f"{what} is a dict of JSON values, not {attributes!r}")
    try:
        dumped = json.dumps(dict(attributes), ensure_ascii=False, allow_nan=False)  # pyright: ignore
        dumped.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgument(f"{what} is a dict of JSON values: {error}") from None
    if "\\u0000" in dumped.replace("\\\\", ""):
        raise InvalidArgument(f"{what} cannot hold a NUL character")
    return dumped
