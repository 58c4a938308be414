"""The database refuses a write: for a moment, or for good. No workflow is left without an owner."""

import pytest

from perdure import Client, Perdure, PerdureError
from tests_py.support import wait_until

# How often the next writes to a table are to fail, and with which SQLSTATE.
REFUSALS = """
    create sequence public.refused;
    create table public.refusals (relation text, code text, until bigint);
    -- Called by functions that forbid sequential scans, which then cost enough to be compiled first.
    create function public.refuse() returns trigger language plpgsql security definer set jit to off as $$
    declare
      v_refusal public.refusals;
    begin
      select * into v_refusal from public.refusals where relation = tg_table_name;
      -- A sequence counts although the transaction rolls back.
      if found and nextval('public.refused') <= v_refusal.until then
        raise exception 'refused by a test' using errcode = v_refusal.code;
      end if;
      return null;
    end $$;
    create trigger refuse after insert on steps for each statement execute function public.refuse();
    create trigger refuse after insert on outcomes for each statement execute function public.refuse();
    create trigger refuse after insert on workflows for each statement execute function public.refuse();
    create trigger refuse after update on tasks for each statement execute function public.refuse();
"""

# Serialization, deadlock, disk full, too many connections, lock timeout, cancelled by an administrator or
# a statement timeout, a server that shuts down, one that is read-only after a failover, a broken
# connection, an input or output error.
PASSING = ["40001", "40P01", "53100", "53300", "55P03", "57014", "57P01", "25006", "08006", "58030"]


@pytest.fixture
def refuse(sql):
    """A function: the next so many writes to a table fail."""
    sql(REFUSALS)

    def refuse(relation: str, code: str, times: int) -> None:
        sql("delete from public.refusals")
        sql(
            "insert into public.refusals select %s, %s, nextval('public.refused') + %s", relation, code, times
        )

    return refuse


@pytest.fixture
def shop(database):
    """An app with a workflow of one step, and the list of the runs of that step."""
    app = Perdure(database, poll_interval=0.1)
    runs = []

    @app.step(name="step")
    async def step(n):
        runs.append(n)
        return n

    @app.workflow(name="workflow")
    async def workflow(n):
        return await step(n)

    with app:
        yield app, workflow, runs


@pytest.mark.parametrize(
    ("relation", "how"),
    [("steps", "enqueue"), ("outcomes", "enqueue"), ("workflows", "start_workflow"), ("tasks", "enqueue")],
)
def test_what_passes_is_waited_for(shop, refuse, sql, relation, how):
    app, workflow, runs = shop
    for n, code in enumerate(PASSING):
        refuse(relation, code, 1)
        assert getattr(app, how)(workflow, n).get_result(20) == n, code
        assert runs.count(n) == 1, code
    wait_until(lambda: sql("select count(*) from tasks") == [(0,)])


@pytest.mark.parametrize("relation", ["steps", "outcomes"])
def test_what_does_not_pass_ends_the_workflow(shop, refuse, sql, database, relation):
    app, workflow, _ = shop
    with Client(database) as client:
        for code in ("P0001", "22P05", "23514"):
            refuse(relation, code, 1)
            handle = app.enqueue(workflow, 1)
            with pytest.raises(PerdureError, match="refused by a test"):
                client.retrieve_workflow(handle.workflow_id).get_result(20)
        assert client.enqueue("workflow", 2).get_result(20) == 2
    assert sql("select count(*) from tasks") == [(0,)]


def test_a_start_that_is_refused_says_so_and_leaves_nothing(shop, refuse, sql):
    app, workflow, runs = shop
    refuse("workflows", "23514", 2)
    for start in (app.start_workflow, app.enqueue):
        with pytest.raises(PerdureError, match="refused by a test"):
            start(workflow, 1)
    assert sql("select count(*) from workflows") == [(0,)]
    assert runs == []


def test_a_worker_that_may_not_claim_for_a_while_goes_on(shop, refuse, sql):
    app, workflow, _ = shop
    refuse("tasks", "XX000", 5)
    app.enqueue(workflow, 1)
    wait_until(lambda: sql("select status::text from outcomes") == [("SUCCESS",)], 20)
