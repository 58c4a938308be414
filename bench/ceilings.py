"""What the same Postgres can do at most: the shape of the work without the system around it.

`plain` is plain tables, mostly from pgbench. For a drain it claims 100 rows in a transaction, writes 100
steps in the next and 100 ends in the third: the fewest and narrowest rows that this can be. `sql` is pgbench
that calls the functions of the engine in the same shape, without workers in Python. All with prepared
statements.
"""

from __future__ import annotations

import random
import re
import subprocess
import tempfile
import time
from pathlib import Path

from .child import quantiles
from .environments import ROOT
from .peers.base import QUEUE
from .postgres import Cluster
from .processes import RunFailed
from .workloads import Figures, Run

BATCH = 100

_TABLES = """
create table jobs (
  id bigint generated always as identity primary key,
  status smallint not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  input json not null,
  output json
) with (fillfactor = 80);
create index on jobs (id) where status = 0;
create table job_steps (
  job_id bigint not null,
  step int not null,
  output json,
  completed_at timestamptz not null,
  primary key (job_id, step)
);
"""

_CLAIM = f"""
with taken as (
  select id from jobs where status = 0 order by id limit {BATCH} for update skip locked
), claimed as (
  update jobs j set status = 1, started_at = now() from taken where j.id = taken.id returning j.id
)
select array_agg(id) as ids from claimed \\gset
"""
_RECORD = """
insert into job_steps (job_id, step, output, completed_at)
select id, {step}, '1', now() from unnest(:ids::bigint[]) as id;
"""
_FINISH = """
update jobs set status = 2, finished_at = now(), output = '1' where id = any (:ids::bigint[]);
"""

_SQL_CLAIM = f"""
\\set me :client_id + 1
select array_agg(workflow_key) as keys, array_agg(token) as tokens
from perdure.claim(:me, array['{QUEUE}'], {BATCH}) \\gset
"""
_SQL_RECORD = f"""
select count(*) from perdure.record_steps(
  :keys::bigint[], :tokens::bigint[], array_fill({{step}}, array[{BATCH}]),
  array_fill('step'::text, array[{BATCH}]), array_fill('1'::json, array[{BATCH}]), null,
  array_fill(interval '0', array[{BATCH}])
);
"""
_SQL_FINISH = f"""
select count(*) from perdure.finish_many(
  :keys::bigint[], :tokens::bigint[], array_fill('1'::json, array[{BATCH}])
);
"""


def drain(run: Run, n: int, clients: int = 2, system: str = "plain") -> Figures:
    """Claims, steps and ends, 100 of them in a transaction."""
    rounds = max(1, n // (BATCH * clients))
    total = rounds * BATCH * clients
    if system == "plain":
        _fresh_plain(run.cluster)
        with run.database() as connection:
            connection.execute("insert into jobs (input) select '[1]' from generate_series(1, %s)", [total])
            connection.execute("vacuum analyze jobs")
            connection.execute("checkpoint")
        parts = [_CLAIM, *(_RECORD.format(step=step + 1) for step in range(run.steps)), _FINISH]
    else:
        _fresh_engine(run, clients)
        with run.database() as connection:
            connection.execute(
                "select count(*) from perdure.enqueue_many('job', array_fill('[1]'::json, array[%s::int]),"
                " queue => %s)",
                [total, QUEUE],
            )
            connection.execute("analyze")
            connection.execute("checkpoint")
        parts = [_SQL_CLAIM, *(_SQL_RECORD.format(step=step + 1) for step in range(run.steps)), _SQL_FINISH]
    per_s, _ = _pgbench(run.cluster, "".join(parts), clients, rounds)
    left = (
        "select count(*) from jobs where status < 2"
        if system == "plain"
        else "select count(*) from perdure.tasks"
    )
    with run.database() as connection:
        row = connection.execute(left.encode()).fetchone()
    if row != (0,):
        raise RunFailed(f"{row} of {total} did not end")
    return {"per_s": per_s * BATCH}


def enqueue(run: Run, n: int, clients: int = 1, system: str = "plain") -> Figures:
    """One row, or one workflow, in each transaction."""
    if system == "plain":
        _fresh_plain(run.cluster)
        script = "insert into jobs (input) values ('[1]');"
    else:
        _fresh_engine(run, 0)
        script = f"select perdure.enqueue('job', '[1]', '{QUEUE}');"
    per_s, milliseconds = _pgbench(run.cluster, script, clients, max(1, n // clients))
    return {"per_s": per_s, "p50_ms": milliseconds}


def enqueue_many(run: Run, n: int, times: int = 5, system: str = "plain") -> Figures:
    """So many rows, or workflows, in each of some transactions."""
    if system == "plain":
        _fresh_plain(run.cluster)
        script = f"insert into jobs (input) select unnest(array_fill('[1]'::json, array[{n}]));"
    else:
        _fresh_engine(run, 0)
        script = (
            f"select count(*) from perdure.enqueue_many('job', array_fill('[1]'::json, array[{n}]),"
            f" queue => '{QUEUE}');"
        )
    per_s, _ = _pgbench(run.cluster, script, 1, times)
    return {"per_s": per_s * n}


def direct(run: Run, n: int, at_once: int = 1, system: str = "sql") -> Figures:
    """The engine's `start`, a `record_step` for each step, and `finish`, each in its own transaction."""
    if system == "plain":
        _fresh_plain(run.cluster)
        parts = ["insert into jobs (input, status) values ('[1]', 1) returning array[id] as ids \\gset\n"]
        parts += [_RECORD.format(step=step + 1) for step in range(run.steps)]
        parts += [_FINISH]
    else:
        _fresh_engine(run, at_once)
        parts = [
            "\\set me :client_id + 1\n"
            "select workflow_key as key, token from perdure.start(:me, 'job', '[1]') \\gset\n"
        ]
        parts += [
            f"select perdure.record_step(:key, :token, {step + 1}, 'step', '1');\n"
            for step in range(run.steps)
        ]
        parts += ["select perdure.finish(:key, :token, '1');\n"]
    per_s, milliseconds = _pgbench(run.cluster, "".join(parts), at_once, max(1, n // at_once))
    return {"per_s": per_s, "ms": milliseconds}


def latency(run: Run, n: int, system: str = "plain") -> Figures:
    """The four transactions that a workflow of one step is, one after another, and a look at the result: in
    one process, which waits for nobody else."""
    if system != "plain":
        raise ValueError(system)
    _fresh_plain(run.cluster)
    taken: list[float] = []
    with run.database() as connection:
        connection.prepare_threshold = 0
        for i in range(n + 5):
            time.sleep(random.uniform(0.005, 0.03))
            before = time.perf_counter()
            row = connection.execute("insert into jobs (input) values ('[1]') returning id").fetchone()
            connection.execute("update jobs set status = 1, started_at = now() where id = %s", row)
            connection.execute(
                "insert into job_steps (job_id, step, output, completed_at) values (%s, 1, '1', now())", row
            )
            connection.execute(
                "update jobs set status = 2, finished_at = now(), output = '1' where id = %s", row
            )
            connection.execute("select output from jobs where id = %s", row)
            if i >= 5:
                taken.append(time.perf_counter() - before)
    return quantiles(taken)


WORKLOADS = {
    "drain": drain,
    "enqueue": enqueue,
    "enqueue_many": enqueue_many,
    "direct": direct,
    "latency": latency,
}


def _fresh_plain(cluster: Cluster) -> None:
    if not cluster.has_template("plain"):
        cluster.add_template("plain")
        with cluster.connect("plain") as connection:
            connection.execute(_TABLES)
    cluster.fresh("plain")


def _fresh_engine(run: Run, executors: int) -> None:
    """With executors 1, 2, ... whose leases outlast the run."""
    run.fresh()
    with run.database() as connection:
        for i in range(executors):
            row = connection.execute(
                "select perdure.register_executor('pgbench', interval '1 hour')"
            ).fetchone()
            if row != (i + 1,):
                raise RunFailed(f"executor {i + 1} has the number {row}")


def _pgbench(cluster: Cluster, script: str, clients: int, rounds: int) -> tuple[float, float]:
    """Transactions of the script in a second, and the milliseconds of one."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", dir=cluster.directory) as file:
        file.write(script)
        file.flush()
        command = [
            cluster.program("pgbench"), "--no-vacuum", "--protocol", "prepared", "--client", str(clients),
            "--jobs", str(min(2, clients)), "--transactions", str(rounds), "--file", file.name,
            cluster.url_of("bench"),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    taken = re.search(r"^latency average = ([\d.]+) ms", done.stdout, re.MULTILINE)
    if done.returncode or "ABORTED" in done.stderr.upper() or not rate or not taken:
        raise RunFailed("\n".join((done.stdout + done.stderr).strip().splitlines()[-8:]))
    return float(rate[1]), float(taken[1])


def has_pgbench(cluster: Cluster) -> bool:
    return Path(cluster.program("pgbench")).exists()
