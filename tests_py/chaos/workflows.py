"""The workflows of worker processes. Each step leaves a row in `audit`, by a connection of its own."""

import asyncio
import os
import signal
import threading
import time

import psycopg

from perdure import Perdure
from tests_py.support import wait_until, wait_until_async

AUDIT = """
    create table public.audit (
      id bigint generated always as identity,
      workflow_id text,
      step text,
      pid int,
      at timestamptz default clock_timestamp()
    );
    create table public.gates (name text primary key);
"""

_local = threading.local()


class Audit:
    """What a step does to the world: it leaves a row; and gates that tests open."""

    def __init__(self, url: str) -> None:
        self._url = url

    def write(self, workflow_id: str, step: str) -> None:
        self._connection().execute(
            "insert into public.audit (workflow_id, step, pid) values (%s, %s, %s)",
            [workflow_id, step, os.getpid()],
        )

    def count(self, workflow_id: str, step: str) -> int:
        found = self._connection().execute(
            "select count(*) from public.audit where workflow_id = %s and step = %s", [workflow_id, step]
        )
        return found.fetchone()[0]

    def is_open(self, gate: str) -> bool:
        return bool(
            self._connection().execute("select 1 from public.gates where name = %s", [gate]).fetchone()
        )

    def wait(self, gate: str) -> None:
        """Return when the gate is open."""
        wait_until(lambda: self.is_open(gate), 60)

    async def wait_async(self, gate: str) -> None:
        await wait_until_async(lambda: self.is_open(gate), 60)

    def _connection(self) -> psycopg.Connection:
        found = getattr(_local, "connection", None)
        if found is None:
            found = _local.connection = psycopg.connect(self._url, autocommit=True)
        return found


def define_order(app: Perdure, audit_url: str) -> None:
    """Five steps, a child that is called and one that is enqueued."""
    audit = Audit(audit_url)

    def step(name: str, workflow_id: str, kill_at: str | None) -> str:
        if kill_at == f"before {name}":
            _kill_once(audit, workflow_id, kill_at)
        audit.write(workflow_id, name)
        if kill_at == f"after {name}":
            _kill_once(audit, workflow_id, kill_at)
        return f"{name} of {workflow_id}"

    @app.step(name="pick")
    async def pick(*args):
        return step("pick", *args)

    @app.step(name="pack")
    async def pack(*args):
        return step("pack", *args)

    @app.step(name="pay")
    async def pay(*args):
        return step("pay", *args)

    @app.step(name="send")
    async def send(*args):
        return step("send", *args)

    @app.step(name="thank")
    async def thank(*args):
        return step("thank", *args)

    @app.step(name="label")
    async def label(*args):
        return step("label", *args)

    @app.step(name="bill")
    def bill(*args):
        return step("bill", *args)

    @app.workflow(name="labelling")
    async def labelling(workflow_id: str, kill_at: str | None) -> str:
        return await label(workflow_id, kill_at)

    @app.workflow(name="billing")
    def billing(workflow_id: str, kill_at: str | None) -> str:
        return bill(workflow_id, kill_at)

    @app.workflow(name="order")
    async def order(workflow_id: str, queue: str, kill_at: str | None = None) -> list[str]:
        found = [await pick(workflow_id, kill_at), await pack(workflow_id, kill_at)]
        found.append(await labelling(workflow_id, kill_at))
        billed = await app.enqueue_async(billing, workflow_id, kill_at, queue=queue)
        found.append(await pay(workflow_id, kill_at))
        found.append(await billed.get_result_async())
        found.append(await send(workflow_id, kill_at))
        found.append(await thank(workflow_id, kill_at))
        return found


def _kill_once(audit: Audit, workflow_id: str, where: str) -> None:
    """Ends this process, unless one has ended here before."""
    if audit.count(workflow_id, f"killed {where}") == 0:
        audit.write(workflow_id, f"killed {where}")
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)  # the signal is on its way


ORDER = ["pick", "pack", "label", "pay", "bill", "send", "thank"]


def order_result(workflow_id: str) -> list[str]:
    return [f"{step} of {workflow_id}" for step in ORDER]


def order_steps(workflow_id: str) -> dict[str, list[tuple[str, str | None]]]:
    """What is recorded in the end: for each workflow its steps by name and child."""
    return {
        workflow_id: [
            ("pick", None),
            ("pack", None),
            ("labelling", f"{workflow_id}-3"),
            ("perdure.get_result", None),
            ("billing", f"{workflow_id}-5"),
            ("pay", None),
            ("perdure.get_result", None),
            ("send", None),
            ("thank", None),
        ],
        f"{workflow_id}-3": [("label", None)],
        f"{workflow_id}-5": [("bill", None)],
    }


def define_gated(app: Perdure, audit_url: str) -> None:
    """Steps that wait in their middle until a test opens a gate. Each tells which process ran it."""
    audit = Audit(audit_url)

    @app.step(name="first")
    async def first(workflow_id: str) -> int:
        audit.write(workflow_id, "first")
        return os.getpid()

    @app.step(name="gated")
    async def gated(workflow_id: str, gate: str) -> int:
        audit.write(workflow_id, "gated")
        await audit.wait_async(gate)
        audit.write(workflow_id, "gated ends")
        return os.getpid()

    @app.workflow(name="gated")
    async def gated_workflow(workflow_id: str, gate: str) -> list[int]:
        return [await first(workflow_id), await gated(workflow_id, gate)]

    @app.step(name="plain first")
    def plain_first(workflow_id: str) -> int:
        audit.write(workflow_id, "first")
        return os.getpid()

    @app.step(name="plain gated")
    def plain_gated(workflow_id: str, gate: str) -> int:
        audit.write(workflow_id, "gated")
        audit.wait(gate)
        audit.write(workflow_id, "gated ends")
        return os.getpid()

    @app.workflow(name="plain gated")
    def plain_gated_workflow(workflow_id: str, gate: str) -> list[int]:
        return [plain_first(workflow_id), plain_gated(workflow_id, gate)]

    @app.workflow(name="two gated")
    async def two_gated(workflow_id: str, gate: str) -> list[int]:
        return [await gated(workflow_id, gate), await gated(workflow_id, f"second {gate}")]

    @app.workflow(name="two plain gated")
    def two_plain_gated(workflow_id: str, gate: str) -> list[int]:
        return [plain_gated(workflow_id, gate), plain_gated(workflow_id, f"second {gate}")]

    @app.workflow(name="gated end")
    async def gated_end(workflow_id: str, gate: str) -> list[int]:
        found = await first(workflow_id)
        audit.write(workflow_id, "end")
        await audit.wait_async(gate)
        return [found, os.getpid()]

    @app.workflow(name="starter")
    async def starter(workflow_id: str, gate: str) -> None:
        await app.start_workflow_async(gated_workflow, workflow_id, gate, workflow_id=workflow_id)

    @app.workflow(name="quick")
    async def quick() -> int:
        return os.getpid()


def define_hanging(app: Perdure, audit_url: str) -> None:
    """Workflows whose steps end when a test opens a gate, or not at all."""
    audit = Audit(audit_url)

    @app.step(name="gated")
    async def gated(workflow_id: str) -> int:
        audit.write(workflow_id, "gated")
        await audit.wait_async("gate")
        audit.write(workflow_id, "gated ends")
        return os.getpid()

    @app.step(name="hanging", preemptible=True)
    async def hanging(workflow_id: str) -> None:
        audit.write(workflow_id, "hanging")
        try:
            await asyncio.Event().wait()
        finally:
            audit.write(workflow_id, "hanging ends")

    @app.workflow(name="gated")
    async def gated_workflow(workflow_id: str) -> int:
        return await gated(workflow_id)

    @app.workflow(name="hanging")
    async def hanging_workflow(workflow_id: str) -> None:
        await hanging(workflow_id)

    @app.workflow(name="blocking")
    async def blocking(workflow_id: str) -> None:
        audit.write(workflow_id, "blocking")
        # Nothing else of this process runs then: no heartbeat, no maintenance.
        audit.wait("gate")


def define_flaky(app: Perdure, audit_url: str) -> None:
    """A step that always fails, after 2 s, after 2 s more, and so on; three times in all.

    A process tries only once: it does not matter when its end comes.
    """
    audit = Audit(audit_url)
    tried = asyncio.Event()

    @app.step(name="flaky", retries=2, interval=2.0, backoff=1.0)
    async def flaky(workflow_id: str) -> None:
        if tried.is_set():
            await asyncio.Event().wait()
        tried.set()
        audit.write(workflow_id, "flaky")
        raise ValueError(f"in process {os.getpid()}")

    @app.workflow(name="flaky")
    async def flaky_workflow(workflow_id: str) -> None:
        await flaky(workflow_id)


def define_deadly(app: Perdure, audit_url: str) -> None:
    """A workflow whose code ends its worker, and one that does no harm."""
    audit = Audit(audit_url)

    @app.workflow(name="deadly", max_recovery_attempts=2)
    async def deadly(workflow_id: str) -> None:
        audit.write(workflow_id, "deadly")
        os._exit(7)

    @app.workflow(name="quick")
    async def quick() -> int:
        return os.getpid()


def define_nothing(app: Perdure, audit_url: str) -> None:
    """An app that knows no workflow."""


# What `perdure worker tests_py.chaos.workflows:app` serves.
if "PERDURE_DATABASE_URL" in os.environ:
    app = Perdure(poll_interval=0.1)
    define_gated(app, os.environ["PERDURE_DATABASE_URL"])
