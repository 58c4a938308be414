"""What the pages call: each address is one method of the client, or a few that are shown together."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .._client import Client
from .._errors import InvalidArgument, PerdureError, PermissionDenied, QueueInUse, WorkflowActive
from .._web import http_status
from ._requests import MOST_ROWS, Body, filters_of, required, whole
from ._values import dump, fields, shown, shown_step, shown_workflow

logger = logging.getLogger("perdure")

Answer = Callable[[Request], Awaitable[dict[str, Any]]]

# Where an act has no better answer.
_DONE: dict[str, Any] = {"done": True}


def routes(client: Client, *, read_only: bool) -> list[Route]:
    """The addresses of the API."""
    api = Api(client, read_only)
    looks: dict[str, Answer] = {
        "info": api.info,
        "workflows": api.workflows,
        "workflow": api.workflow,
        "steps": api.steps,
        "tree": api.tree,
        "queues": api.queues,
        "schedules": api.schedules,
        "workers": api.workers,
        "health": api.health,
        "figures": api.figures,
        "metrics": api.metrics,
    }
    acts: dict[str, Answer] = {
        "workflows/cancel": api.cancel,
        "workflows/resume": api.resume,
        "workflows/fork": api.fork,
        "workflows/delete": api.delete,
        "queues/pause": api.pause_queue,
        "queues/resume": api.resume_queue,
        "queues/update": api.update_queue,
        "schedules/pause": api.pause_schedule,
        "schedules/resume": api.resume_schedule,
        "schedules/trigger": api.trigger_schedule,
    }
    return [
        *(Route(f"/{path}", _answering(answer), methods=["GET"]) for path, answer in looks.items()),
        *(Route(f"/{path}", _answering(answer), methods=["POST"]) for path, answer in acts.items()),
    ]


def _answering(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            return _json(await answer(request), 200)
        except PerdureError as error:
            return _json({"error": type(error).__name__, "message": str(error)}, _status(error))

    return respond


def _json(value: dict[str, Any], status: int) -> Response:
    return Response(dump(value), status, media_type="application/json", headers={"Cache-Control": "no-store"})


def _status(error: PerdureError) -> int:
    if isinstance(error, PermissionDenied):
        return 403
    if isinstance(error, (QueueInUse, WorkflowActive)):
        return 409
    return http_status(error) or 500


class Api:
    """The answers; see `routes`."""

    def __init__(self, client: Client, read_only: bool) -> None:
        self._client = client
        self._read_only = read_only

    # -------------------------------------------------------------------------------------- looks

    async def info(self, _request: Request) -> dict[str, Any]:
        """What this console is."""
        return {
            "version": importlib.metadata.version("perdure"),
            "schema": self._client.schema,
            "read_only": self._read_only,
        }

    async def workflows(self, request: Request) -> dict[str, Any]:
        """A page of the workflows that pass the filters of the query; `next` leads to what follows."""
        query = request.query_params
        limit = whole(request, "limit", 50, MOST_ROWS)
        order = query.get("order", "newest")
        if order not in ("newest", "oldest"):
            raise InvalidArgument(f"order is newest or oldest, not {order!r}")
        found = await self._client.list_workflows_async(
            newest_first=order == "newest",
            limit=limit + 1,
            after=query.get("after"),
            with_input=False,
            with_output=False,
            **filters_of(request),
        )
        more = len(found) > limit
        found = found[:limit]
        return {
            "workflows": [shown_workflow(each) for each in found],
            "next": found[-1].cursor if more else None,
        }

    async def workflow(self, request: Request) -> dict[str, Any]:
        """One workflow, why it waits, and the events that it has set."""
        workflow_id = required(request, "id")
        found = await self._client.get_workflow_async(workflow_id)
        waits = [] if found.completed_at else await self._client.explain_wait_async(workflow_id)
        events = await self._client.get_all_events_async(workflow_id)
        return {
            "workflow": shown_workflow(found),
            "waits": [{"reason": reason, "detail": detail} for reason, detail in waits],
            "events": [{"name": name, "value": shown(value)} for name, value in events.items()],
        }

    async def steps(self, request: Request) -> dict[str, Any]:
        """Recorded steps of a workflow, from the one after `after`."""
        limit = whole(request, "limit", 200, MOST_ROWS)
        after = request.query_params.get("after")
        found = await self._client.list_steps_async(
            required(request, "id"),
            after=None if after is None else whole(request, "after", 0, 999_999_999),
            limit=limit + 1,
        )
        more = len(found) > limit
        found = found[:limit]
        return {"steps": [shown_step(each) for each in found], "next": found[-1].step if more else None}

    async def tree(self, request: Request) -> dict[str, Any]:
        """A workflow and all that it has started."""
        return {"nodes": await self._client.workflow_tree_async(required(request, "id"), limit=MOST_ROWS)}

    async def queues(self, _request: Request) -> dict[str, Any]:
        """The queues: their settings and what they hold."""
        stats = {each.name: each for each in await self._client.queue_stats_async()}
        return {
            "queues": [
                {**fields(each), **fields(stats[each.name])}
                for each in await self._client.list_queues_async()
                if each.name in stats
            ]
        }

    async def schedules(self, _request: Request) -> dict[str, Any]:
        """The schedules."""
        found = await self._client.list_schedules_async()
        return {"schedules": [{**fields(each), "context": shown(each.context)} for each in found]}

    async def workers(self, _request: Request) -> dict[str, Any]:
        """The executors and the versions."""
        return {
            "executors": await self._client.list_executors_async(),
            "versions": await self._client.list_versions_async(),
        }

    async def health(self, _request: Request) -> dict[str, Any]:
        """What needs somebody, and whether all is well; `denied` says what this role may not see."""
        denied: list[str] = []

        async def seen(make: Callable[[], Awaitable[list[Any]]]) -> list[Any]:
            try:
                return await make()
            except PermissionDenied as error:
                denied.append(str(error))
                return []

        return {
            "alerts": await seen(self._client.alerts_async),
            "checks": await seen(self._client.status_async),
            "denied": denied,
        }

    async def figures(self, request: Request) -> dict[str, Any]:
        """How many workflows were created in the last hours, by span and status, and how long those that
        have ended took, by name."""
        hours = whole(request, "hours", 1, 24 * 31)
        now = dt.datetime.now(dt.timezone.utc)
        since, width = now - dt.timedelta(hours=hours), dt.timedelta(seconds=max(hours * 3600 // 48, 1))
        return {
            "since": since,
            "until": now,
            "width": width,
            "counts": await self._client.workflow_aggregates_async(
                ("bucket", "status"), bucket_width=width, created_from=since
            ),
            "durations": await self._client.workflow_durations_async("name", completed_from=since),
        }

    async def metrics(self, _request: Request) -> dict[str, Any]:
        """The figures of `metrics`."""
        return {"metrics": await self._client.metrics_async()}

    # --------------------------------------------------------------------------------------- acts

    async def cancel(self, request: Request) -> dict[str, Any]:
        """Cancels workflows."""
        body = await Body.of(request, "ids", "children")
        found = await self._client.cancel_many_async(body.texts("ids"), children=body.flag("children"))
        return {"workflows": found}

    async def resume(self, request: Request) -> dict[str, Any]:
        """Resumes workflows."""
        body = await Body.of(request, "ids", "children")
        found = await self._client.resume_many_async(body.texts("ids"), children=body.flag("children"))
        return {"workflows": found}

    async def fork(self, request: Request) -> dict[str, Any]:
        """Forks a workflow; answers with the id of the new one."""
        body = await Body.of(request, "id", "from_step", "from_last")
        found = await self._client.fork_async(
            body.text("id"), body.number("from_step"), from_last=body.optional_text("from_last")
        )
        return {"workflow_id": found.workflow_id}

    async def delete(self, request: Request) -> dict[str, Any]:
        """Deletes workflows that have ended."""
        body = await Body.of(request, "ids", "children")
        found = await self._client.delete_workflows_async(body.texts("ids"), children=body.flag("children"))
        return {"deleted": found}

    async def pause_queue(self, request: Request) -> dict[str, Any]:
        """Lets nothing more start from a queue."""
        await self._client.pause_queue_async((await Body.of(request, "name")).text("name"))
        return _DONE

    async def resume_queue(self, request: Request) -> dict[str, Any]:
        """Lets a queue go on."""
        await self._client.resume_queue_async((await Body.of(request, "name")).text("name"))
        return _DONE

    async def update_queue(self, request: Request) -> dict[str, Any]:
        """Changes settings of a queue."""
        body = await Body.of(request, "name", "changes")
        await self._client.update_queue_async(body.text("name"), **body.mapping("changes"))
        return _DONE

    async def pause_schedule(self, request: Request) -> dict[str, Any]:
        """Lets a schedule start nothing more."""
        await self._client.pause_schedule_async((await Body.of(request, "name")).text("name"))
        return _DONE

    async def resume_schedule(self, request: Request) -> dict[str, Any]:
        """Lets a schedule go on; answers with its next tick."""
        next_at = await self._client.resume_schedule_async((await Body.of(request, "name")).text("name"))
        return {"next_at": next_at}

    async def trigger_schedule(self, request: Request) -> dict[str, Any]:
        """Starts a workflow of a schedule at once; answers with its id."""
        found = await self._client.trigger_schedule_async((await Body.of(request, "name")).text("name"))
        return {"workflow_id": found.workflow_id}
