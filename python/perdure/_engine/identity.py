"""What marks workflows, and to which application they belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .connections import Connections
from .items import StartItem, array_or_none, texts, texts_or_none

if TYPE_CHECKING:
    from typing_extensions import LiteralString


_NOBODY = (None, None, None)


class IdentityFunctions(Connections):
    """What marks workflows, and to which application they belong."""

    async def set_attributes(self, workflow_id: str, attributes: str | None) -> None:
        await self._call("select {schema}.set_attributes(%s, %s::jsonb)", workflow_id, attributes)

    async def set_attributes_in_step(
        self, key: int, token: int, step: int, workflow_id: str, attributes: str | None
    ) -> None:
        """Replaces attributes, once for this step."""
        await self._call(
            "select {schema}.set_attributes_in_step(%s, %s, %s, %s, %s::jsonb)",
            key,
            token,
            step,
            workflow_id,
            attributes,
        )

    async def keep_traces(self, items: Sequence[tuple[str, str | None]]) -> list[str | None]:
        """Of workflow ids with trace contexts, keeps those where none is kept; what is kept then."""
        rows = await self._call(
            "select traceparent from {schema}.keep_traces(%s::text[], %s::text[]) order by item",
            texts([workflow_id for workflow_id, _ in items]),
            texts([trace for _, trace in items]),
        )
        return [trace for (trace,) in rows]

    async def rename_application(self, old_name: str | None, new_name: str) -> tuple[int, int, int]:
        rows = await self._call(
            "select workflows, queues, schedules from {schema}.rename_application(%s, %s)", old_name, new_name
        )
        return rows[0]


def origin(item: StartItem, application: str | None) -> tuple[LiteralString, list[Any]]:
    """Further arguments of `enqueue` or `debounce`; none, most of the time."""
    if (
        item.authority == _NOBODY
        and item.attributes is item.class_name is item.config_name is item.trace is application is None
    ):
        return "", []
    return _named(
        ("attributes => %s::jsonb", item.attributes),
        ("authenticated_user => %s", item.authority[0]),
        ("authenticated_roles => %s::text[]", _listed(item.authority[1])),
        ("assumed_role => %s", item.authority[2]),
        ("class_name => %s", item.class_name),
        ("config_name => %s", item.config_name),
        ("application => %s", application),
        ("traceparent => %s", item.trace),
    )


def origins(items: Sequence[StartItem], application: str | None) -> tuple[LiteralString, list[Any]]:
    """Further arguments of `enqueue_many`, of items that have these but for the attributes in common."""
    first = items[0]
    return _named(
        ("attributes => %s::jsonb[]", array_or_none([i.attributes for i in items])),
        ("authenticated_user => %s", first.authority[0]),
        ("authenticated_roles => %s::text[]", _listed(first.authority[1])),
        ("assumed_role => %s", first.authority[2]),
        ("class_name => %s", first.class_name),
        ("config_name => %s", first.config_name),
        ("application => %s", application),
        ("traceparents => %s::text[]", texts_or_none([i.trace for i in items])),
    )


def start_origins(items: Sequence[StartItem]) -> tuple[LiteralString, list[Any]]:
    """Further arguments of `start_many`, of items that run on behalf of one user."""
    first = items[0]
    return _named(
        ("attributes => %s::jsonb[]", array_or_none([i.attributes for i in items])),
        ("authenticated_user => %s", first.authority[0]),
        ("authenticated_roles => %s::text[]", _listed(first.authority[1])),
        ("assumed_role => %s", first.authority[2]),
        ("class_names => %s::text[]", array_or_none([i.class_name for i in items])),
        ("config_names => %s::text[]", array_or_none([i.config_name for i in items])),
    )


def _named(*arguments: tuple[LiteralString, Any]) -> tuple[LiteralString, list[Any]]:
    text: LiteralString = ""
    values: list[Any] = []
    for argument, value in arguments:
        if value is not None:
            text += ", " + argument
            values.append(value)
    return text, values


def _listed(roles: tuple[str, ...] | None) -> list[str] | None:
    return None if roles is None else list(roles)
