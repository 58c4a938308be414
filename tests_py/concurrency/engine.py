"""What the tests of this folder do to the engine besides calling it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeVar

import psycopg

from tests_py.support import Session, search_path

T = TypeVar("T")

TABLES = ("queues", "executors", "workflows", "tasks", "steps", "outcomes")

INVARIANTS = {
    "a workflow is active or has ended": """
        select w.key from workflows w
        where (select count(*) from tasks t where t.key = w.key)
            + (select count(*) from outcomes o where o.key = w.key) <> 1
    """,
    "a task, a step and an outcome belong to a workflow": """
        select x.key from (
          select key from tasks union all select key from steps union all select key from outcomes
        ) as x
        where not exists (select from workflows w where w.key = x.key)
    """,
    "what is owned is PENDING and under a token, nothing else has one": """
        select t.key from tasks t
        where (t.executor_id is null) <> (t.token is null)
          or t.executor_id is not null and t.status <> 'PENDING'
    """,
    "an owner is registered": """
        select t.key from tasks t
        where t.executor_id is not null
          and not exists (select from executors e where e.executor_id = t.executor_id)
    """,
    "what nobody owns is ENQUEUED or has a moment to wait for": """
        select t.key from tasks t
        where t.executor_id is null and (t.status = 'ENQUEUED') = (t.wake_at is not null)
    """,
    "attempts count from 0": "select t.key from tasks t where t.attempts < 0",
    "what has ended was ended by its last owner, or by nobody": """
        select o.key from outcomes o where o.status in ('SUCCESS', 'ERROR') and o.token is null
    """,
}


class Engine:
    """The engine in the test's database, seen by a superuser."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def rows(self, query: str, params: Any = None) -> list[Any]:
        return self.connection.execute(query, params).fetchall()

    def value(self, query: str, params: Any = None) -> Any:
        ((value,),) = self.rows(query, params)
        return value

    def enqueue(self, many: int, **options: Any) -> list[str]:
        """Enqueue workflows; the options are those of enqueue_many. Returns their ids."""
        named = "".join(f", {name} => %({name})s" for name in options)
        return [
            workflow_id
            for (workflow_id,) in self.rows(
                f"""select workflow_id from enqueue_many('w', array_fill(null::json, array[%(many)s]){named})
                    order by item""",
                {"many": many, **options},
            )
        ]

    def executor(self) -> int:
        return self.value("select register_executor('test', interval '1 hour')")

    def claim(self, executor: int, many: int) -> list[tuple[int, int]]:
        """Claim workflows; returns their keys and tokens."""
        return self.rows("select workflow_key, token from claim(%s, max_workflows => %s)", [executor, many])

    def claimed(self, many: int) -> tuple[int, list[tuple[int, int]]]:
        """A new executor that owns that many new workflows."""
        self.enqueue(many)
        executor = self.executor()
        return executor, self.claim(executor, many)

    def lapse(self, *executors: int) -> None:
        """Let leases run out, as if the time had passed."""
        self.rows(
            """update executors set lease_until = clock_timestamp() - interval '1 second'
               where executor_id = any (%s) returning 1""",
            [list(executors)],
        )

    def maintain(self, many: int = 1000) -> int:
        """Run maintenance; returns how many workflows it took over."""
        return self.value(
            "select workflows_requeued + workflows_dead_lettered from run_maintenance(%s)", [many]
        )

    def status(self, key: int) -> str:
        return self.value(
            """select coalesce(o.status, t.status)::text
               from workflows w left join outcomes o using (key) left join tasks t using (key)
               where w.key = %s""",
            [key],
        )

    def keys(self, *statuses: str) -> list[int]:
        """The keys of the active workflows that have one of these statuses."""
        return [
            key
            for (key,) in self.rows(
                "select key from tasks where status::text = any (%s) order by key", [list(statuses)]
            )
        ]

    def state(self) -> dict[str, list[Any]]:
        """Everything that is written in the engine's tables."""
        return {table: self.rows(f"select t::text from {table} t order by 1") for table in TABLES}

    def violations(self) -> dict[str, list[Any]]:
        """The invariants that do not hold, with the workflows that break them."""
        found = {name: self.rows(query) for name, query in INVARIANTS.items()}
        return {name: keys for name, keys in found.items() if keys}


class Gate:
    """A point inside the engine where one session stops until the gate opens.

        gate = Gate(keeper, victim, "before insert on steps for each statement")
        pending = victim.begin_call("select * from record_steps(...)")
        gate.wait_until_reached()
        ...
        gate.open()
        pending.result()

    It is a trigger that asks for a lock which the keeper has. A trigger before a *statement* stops the
    session when its snapshot is taken and no row is locked yet; one before a *row*, when that row is
    about to be written.
    """

    def __init__(self, keeper: Session, victim: Session, event: str, when: str = "true") -> None:
        self._keeper = keeper
        self._victim = victim
        keeper.call("select pg_advisory_lock(%s)", [keeper.pid])
        keeper.call("""
            create or replace function public.stop_at_gate() returns trigger language plpgsql as $$
            begin
              perform pg_advisory_xact_lock_shared(tg_argv[0]::bigint);
              if tg_op = 'DELETE' then
                return old;
              end if;
              return new;
            end
            $$
        """)
        keeper.call(f"""
            create trigger gate {event}
            when (current_setting('test.gate', true) = 'on' and {when})
            execute function public.stop_at_gate({keeper.pid})
        """)
        victim.call("set test.gate = 'on'")

    def wait_until_reached(self) -> None:
        self._victim.wait_until_blocked(by=self._keeper)

    def open(self) -> None:
        self._keeper.call("select pg_advisory_unlock(%s)", [self._keeper.pid])


def at_once(url: str, many: int, work: Callable[[psycopg.Connection[Any], int], T]) -> list[T]:
    """Run `work(connection, number)` in so many sessions that begin together; returns their answers."""
    start = threading.Barrier(many)

    def run(number: int) -> T:
        try:
            options = {"autocommit": True, "options": search_path()}
            with closing(psycopg.connect(url, **options)) as connection:
                start.wait(30)
                return work(connection, number)
        except BaseException:
            start.abort()
            raise

    with ThreadPoolExecutor(many) as pool:
        return [future.result() for future in [pool.submit(run, number) for number in range(many)]]


def answer(pending: "Future[list[Any]]") -> str:
    """What a worker's write was told: 'written', or why not."""
    try:
        rows: Sequence[Any] = pending.result(30)
    except psycopg.Error as error:
        if error.sqlstate == "PD004":
            return "lease lost"
        raise
    return rows[0][0] if rows else "written"
