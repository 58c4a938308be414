"""Workflows whose code has branches; a table says in which order their steps end, and where they kill."""

import asyncio
import os
import signal
import threading

import psycopg

from perdure import Perdure
from tests_py.support import wait_until, wait_until_async

PLAN = """
    create table public.plan (
      workflow_id text, label text, turn int, dies boolean, primary key (workflow_id, label)
    );
    create table public.done (workflow_id text, label text, pid int);
"""

# Those before a step in the plan that are not recorded yet.
_EARLIER = """
    select 1
    from public.plan p
    join public.plan me using (workflow_id)
    join perdure.workflows w using (workflow_id)
    where workflow_id = %(workflow_id)s and me.label = %(label)s and p.turn < me.turn
      and not exists (
        select
        from perdure.steps s
        where s.key = any (array(
            select w.key union all select c.key from perdure.workflows c where c.parent_key = w.key
          ))
          and s.completed_at is not null and s.output::jsonb = to_jsonb(p.label)
      )
"""
_DIES = """
    update public.plan set dies = false where workflow_id = %(workflow_id)s and label = %(label)s and dies
    returning 1
"""


class _Turns:
    """Lets a step end when it is its turn."""

    def __init__(self, url: str) -> None:
        self._url, self._local = url, threading.local()

    def _ask(self, query: str, workflow_id: str, label: str) -> bool:
        if not hasattr(self._local, "connection"):
            self._local.connection = psycopg.connect(self._url, autocommit=True)
        values = {"workflow_id": workflow_id, "label": label, "pid": os.getpid()}
        return bool(self._local.connection.execute(query, values).fetchall())

    def _is_turn(self, workflow_id: str, label: str) -> bool:
        return not self._ask(_EARLIER, workflow_id, label)

    def _end(self, workflow_id: str, label: str) -> str:
        if self._ask(_DIES, workflow_id, label):
            os.kill(os.getpid(), signal.SIGKILL)
        self._ask(
            "insert into public.done values (%(workflow_id)s, %(label)s, %(pid)s) returning 1",
            workflow_id,
            label,
        )
        return label

    def take(self, workflow_id: str, label: str) -> str:
        wait_until(lambda: self._is_turn(workflow_id, label), 60)
        return self._end(workflow_id, label)

    async def take_async(self, workflow_id: str, label: str) -> str:
        await wait_until_async(lambda: self._is_turn(workflow_id, label), 60)
        return self._end(workflow_id, label)


def define_branches(app: Perdure, url: str) -> None:
    """A workflow for each way to make branches. Each has the steps a1 to a3 and b1 to b3, all of one name,
    between a first and a last one, and returns what each of its calls has returned."""
    turns = _Turns(url)

    @app.step(name="work")
    async def work(workflow_id: str, label: str) -> str:
        return await turns.take_async(workflow_id, label)

    @app.step(name="work")
    def work_in_thread(workflow_id: str, label: str) -> str:
        return turns.take(workflow_id, label)

    @app.workflow(name="child")
    async def child(workflow_id: str, label: str) -> str:
        return await work(workflow_id, label)

    async def several(workflow_id: str, branch: str) -> dict[str, str]:
        return {label: await work(workflow_id, label) for label in (f"{branch}1", f"{branch}2", f"{branch}3")}

    def in_thread(workflow_id: str, branch: str) -> dict[str, str]:
        return {
            label: work_in_thread(workflow_id, label) for label in (f"{branch}1", f"{branch}2", f"{branch}3")
        }

    async def with_inner(workflow_id: str, branch: str) -> dict[str, str]:
        # The branch itself takes its first step when those in it have ended.
        two = await asyncio.gather(*(several_from(workflow_id, f"{branch}{i}") for i in (1, 2)))
        return two[0] | two[1] | {f"{branch}3": await work(workflow_id, f"{branch}3")}

    async def several_from(workflow_id: str, label: str) -> dict[str, str]:
        await app.set_event_async(label, "begun")
        value = await work(workflow_id, label)
        await app.sleep_async(0)
        return {label: value}

    async def of_children(workflow_id: str, branch: str) -> dict[str, str]:
        enqueued = await app.enqueue_async(child, workflow_id, f"{branch}2", queue=workflow_id)
        return {
            f"{branch}1": await child(workflow_id, f"{branch}1"),
            f"{branch}2": await enqueued.get_result_async(),
            f"{branch}3": await child(workflow_id, f"{branch}3"),
        }

    async def gather(workflow_id: str) -> list[dict[str, str]]:
        return await asyncio.gather(several(workflow_id, "a"), several(workflow_id, "b"))

    async def group(workflow_id: str) -> list[dict[str, str]]:
        async with asyncio.TaskGroup() as tasks:
            both = [tasks.create_task(several(workflow_id, branch)) for branch in "ab"]
        return [task.result() for task in both]

    async def beside(workflow_id: str) -> list[dict[str, str]]:
        task = asyncio.create_task(several(workflow_id, "a"))
        own = await several(workflow_id, "b")
        return [await task, own]

    async def nested(workflow_id: str) -> list[dict[str, str]]:
        return await asyncio.gather(with_inner(workflow_id, "a"), with_inner(workflow_id, "b"))

    async def children(workflow_id: str) -> list[dict[str, str]]:
        return await asyncio.gather(of_children(workflow_id, "a"), of_children(workflow_id, "b"))

    async def threads(workflow_id: str) -> list[dict[str, str]]:
        return await asyncio.gather(*(asyncio.to_thread(in_thread, workflow_id, branch) for branch in "ab"))

    def define(shape):
        @app.workflow(name=shape.__name__)
        async def workflow(workflow_id: str) -> dict[str, str]:
            first = await work(workflow_id, "first")
            a, b = await shape(workflow_id)
            return {"first": first} | a | b | {"last": await work(workflow_id, "last")}

    for shape in (gather, group, beside, nested, children, threads):
        define(shape)
