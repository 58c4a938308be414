"""What a page of a list costs in a large history, and what its indexes cost those who enqueue.

    python bench/lists.py --url postgresql://... [--workflows 10000000] [--out FILE.json]

It makes a database of its own, fills it with so many workflows of which 20,000 are active, and asks for pages
of 100 in many ways, each five times; printed is the median in milliseconds. Then it enqueues with and without
the indexes that are there for lists, and prints the WAL for each workflow and, if the server runs on this
machine, the time of its processor.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.claims import database  # noqa: E402

ACTIVE = 20_000
BATCH = 500

FILL = """
    insert into workflows (
      key, workflow_id, name, queue_id, max_recovery_attempts, created_at, input, app_version,
      application, authenticated_user, attributes, schedule, parent_key
    )
    select
      i, case when i % 10 = 0 then 'order-' || i / 10 else md5(i::text) end,
      case when i % 100000 = 77 then 'rare' when i < {many} / 20 then 'old' else 'name ' || i % 10 end,
      case
        when i % 50001 = 0 then (select queue_id from queues where name = 'q5')
        when i % 3 > 0 then (select min(queue_id) from queues where name ~ '^q') + (i % 4)::int
      end,
      100, '2030-01-01 00:00+00'::timestamptz + i * interval '1 second',
      '{{"a": [1, 2, 3], "customer": "somebody"}}',
      case when i % 2 = 0 then 'v' || i * 10 / {many} end, case when i % 50 = 0 then 'app ' || i % 3 end,
      case when i % 20 = 0 then 'user ' || i % 1000 end,
      case when i % 25 = 0 then jsonb_build_object('customer', i % 5000, 'tier', i % 3) end,
      case when i % 40 = 1 then 's' || i % 7 end, case when i % 100 between 1 and 10 then i - i % 100 end
    from generate_series({first}, {last}) as i;
    insert into outcomes (
      key, status, output, attempts, executor_id, token, started_at, completed_at, app_version
    )
    select
      i, (case
        when i % 100 = 3 then 'ERROR' when i % 1000 = 7 then 'CANCELLED'
        when i % 100000 = 9 then 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' else 'SUCCESS'
      end)::workflow_status, '{{"ok": true}}', 1, 1 + i % 4, i,
      '2030-01-01 00:00:02+00'::timestamptz + i * interval '1 second',
      '2030-01-01 00:00:10+00'::timestamptz + (i + i % 60) * interval '1 second', 'v' || i * 10 / {many}
    from generate_series({first}, least({last}, {many} - {active})) as i;
    insert into tasks (key, queue_id, status, max_recovery_attempts)
    select i, 1, case when i % 100 = 5 then 'DELAYED' else 'ENQUEUED' end::workflow_status, 100
    from generate_series(greatest({first}, {many} - {active} + 1), {last}) as i;
"""

# {half}, {later}: moments in the middle, a day apart.
PAGES = (
    "",
    "newest_first => false",
    "after => '{middle}'",
    "statuses => '{{ERROR}}'",
    "statuses => '{{SUCCESS}}'",
    "statuses => '{{ENQUEUED}}'",
    "statuses => '{{DELAYED}}'",
    "statuses => '{{ERROR,CANCELLED,ENQUEUED}}'",
    "statuses => '{{MAX_RECOVERY_ATTEMPTS_EXCEEDED}}'",
    "names => '{{name 3}}', statuses => '{{ERROR}}'",
    "names => '{{name 4}}', statuses => '{{SUCCESS}}'",
    "names => '{{rare}}'",
    "names => '{{old}}'",
    "names => '{{old}}', statuses => '{{ERROR}}'",
    "names => '{{old,rare}}'",
    "queues => '{{q5}}'",
    "queues => '{{q1}}', statuses => '{{ENQUEUED}}'",
    "parents => '{{order-50}}'",
    "has_parent => true",
    "users => '{{user 40}}'",
    "schedules => '{{s3}}'",
    "attributes => '{{\"customer\": 4000}}'",
    "attributes => '{{\"tier\": 1}}'",
    "id_prefixes => '{{order-1234}}'",
    "id_prefixes => '{{order-}}'",
    "created_from => '{half}', created_until => '{later}'",
    "created_from => '{half}', created_until => '{later}', statuses => '{{ERROR}}'",
    "created_from => '{half}', created_until => '{later}', names => '{{name 4}}'",
    "completed_from => '{half}', completed_until => '{later}'",
    "completed_from => '{half}', completed_until => '{later}', statuses => '{{ERROR}}'",
    "started_from => '{half}', started_until => '{later}'",
    "app_versions => '{{v9}}'",
    "app_versions => '{{v0}}'",
    "app_versions => '{{v0}}', statuses => '{{ERROR}}'",
    "executors => '{{e2}}'",
    "applications => '{{app 1}}'",
    "applications => '{{none}}'",
)

INDEXES = {
    "users, schedules, applications, forks, attributes": (
        "workflows_user", "workflows_schedule", "workflows_application", "workflows_forks",
        "workflows_any_fork", "workflows_forked", "workflows_attributes",
    ),
    "queues": ("workflows_queue",),
    "names": ("workflows_name",),
    "creation": ("workflows_created",),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--url", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--workflows", type=int, default=10_000_000)
    parser.add_argument("--out", help="where to write the figures as JSON")
    arguments = parser.parse_args()

    with database(arguments.url) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set search_path = perdure, pg_temp")
        connection.execute("set synchronous_commit = off")
        fill(connection, arguments.workflows)
        figures = {"pages": pages(connection, arguments.workflows), "enqueueing": enqueueing(connection)}
    if arguments.out:
        Path(arguments.out).write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def fill(connection: psycopg.Connection, many: int) -> None:
    for number in range(6):
        connection.execute("select register_queue(%s)", [f"q{number}"])
    for number in range(1, 5):
        connection.execute("select register_executor(%s)", [f"e{number}"])
    for first in range(1, many + 1, 1_000_000):
        last = min(first + 999_999, many)
        connection.execute(FILL.format(many=many, active=ACTIVE, first=first, last=last))
        print(f"{last:,} workflows", file=sys.stderr)
    connection.execute("select setval('task_keys', %s)", [many + 1])
    connection.execute("vacuum (analyze)")


def pages(connection: psycopg.Connection, many: int) -> dict[str, float]:
    """The median milliseconds of a page, by what is asked for."""
    half, later = connection.execute(
        "select m, m + interval '1 day'"
        " from (select '2030-01-01 00:00+00'::timestamptz + %s * interval '1 second') as h (m)",
        [many // 2],
    ).fetchone()
    found = {}
    for page in PAGES:
        asked = page.format(half=half, later=later, middle=many // 2)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            rows = connection.execute(f"select * from list_workflows({asked})").fetchall()
            times.append((time.perf_counter() - began) * 1e3)
        found[page.format(half="middle", later="a day later", middle="middle")] = statistics.median(times)
        print(f"{statistics.median(times):10.1f} ms {len(rows):5} rows  {asked}", flush=True)
    return found


def enqueueing(connection: psycopg.Connection) -> dict[str, dict[str, float]]:
    """What enqueueing one of a batch costs, with all indexes and then with ever fewer."""
    found = {}
    for what, dropped in {"with all indexes": (), **{f"without {k}": v for k, v in INDEXES.items()}}.items():
        for index in dropped:
            connection.execute(f"drop index {index}")
        enqueue(connection, 20)
        wal, cpu = wal_bytes(connection), cpu_seconds(connection)
        enqueue(connection, 60)
        each = {"wal bytes": (wal_bytes(connection) - wal) / 60 / BATCH}
        if cpu is not None:
            each["cpu microseconds"] = (cpu_seconds(connection) - cpu) * 1e6 / 60 / BATCH
        found[what] = each
        print(f"{what:45}", *(f"{value:8.1f} {unit}" for unit, value in each.items()), flush=True)
    return found


def enqueue(connection: psycopg.Connection, batches: int) -> None:
    for number in range(batches):
        connection.execute(
            "select count(*) from enqueue_many(%s, array_fill('[1, 2]'::json, array[%s]), %s)",
            [f"name {number % 10}", BATCH, f"q{number % 4}"],
        )


def wal_bytes(connection: psycopg.Connection) -> int:
    return int(connection.execute("select pg_current_wal_insert_lsn() - '0/0'").fetchone()[0])


def cpu_seconds(connection: psycopg.Connection) -> float | None:
    try:
        text = Path(f"/proc/{connection.info.backend_pid}/stat").read_text("ascii")
    except OSError:
        return None
    fields = text.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
