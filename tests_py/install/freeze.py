"""Writes older/schema_NNN.sql: a database of this version of the schema, with workflows in flight.

    .ci/cluster run .venv/bin/python -m tests_py.install.freeze [SQL_DIRECTORY]

Run it before a migration is added, or give it the `sql` directory of an older checkout. A frozen
dump is never written anew: it stands for the databases that users have.
"""

import sys
from pathlib import Path
from typing import Any

import psycopg

from tests_py.support import databases, search_path

from .engine import SQL, dump, run_psql

OLDER = Path(__file__).parent / "older"
# The versions of the schema that anybody has installed. Those between two of them came together.
PUBLISHED = (1, 2, 3, 8, 15)
THEN = "2026-01-01 00:00+00"


def write_scene(connection: psycopg.Connection[Any]) -> None:
    """Workflows in every state, named after it. test_upgrade.py says how each of them ends."""

    def call(query: str, *params: Any) -> list[Any]:
        return connection.execute(query, params).fetchall()

    def run(name: str, max_recovery_attempts: int = 100) -> tuple[int, int]:
        call(
            "select enqueue('w', '[1]', workflow_id => %s, max_recovery_attempts => %s)",
            name,
            max_recovery_attempts,
        )
        [(key, token)] = call("select workflow_key, token from claim(%s, '{default}')", executor)
        return key, token

    def record(owned: tuple[int, int]) -> tuple[int, int]:
        call("select record_step(%s, %s, 1, 'first', '1')", *owned)
        return owned

    connection.execute("select set_config('perdure.test_clock', %s, false)", [THEN])
    [(executor,)] = call("select register_executor('old', app_version => '1')")
    call("select register_queue('orders')")

    call("""select finish(%s, %s, '{"a": 1.0}')""", *record(run("succeeded")))
    call("""select finish(%s, %s, error => '{"name": "E", "message": "m"}')""", *run("failed"))
    call("select suspend(%s, %s, interval '1 hour')", *record(run("sleeping")))
    call("select release(%s, %s, interval '1 hour')", *run("delayed"))
    retrying = run("retrying")
    call("""select * from fail_step(%s, %s, 1, 'first', '{"message": "m"}', 1, 3, '1 hour')""", *retrying)
    call("select suspend(%s, %s, interval '1 hour')", *retrying)
    record(run("running"))
    parent = run("parent")
    call(
        """select * from enqueue_many('w', array['[2]']::json[], 'orders', array['child'],
           parent_keys => array[%s]::bigint[], parent_tokens => array[%s]::bigint[],
           parent_steps => array[1])""",
        *parent,
    )
    record(run("orphaned"))
    run("spent", max_recovery_attempts=0)
    call("select * from start(%s, 'w', '[3]', 'direct')", executor)
    call("select enqueue('w', queue => 'orders', workflow_id => 'waiting', priority => 5)")
    call("select enqueue('w', queue => 'orders', workflow_id => 'urgent', priority => -1)")
    call("select * from get_results(array['waiting'], watch => true)")
    call("select register_queue('limited', concurrency => 5, rate_limit => 3, rate_period => '2 days')")
    call(
        "select enqueue_many('w', array_fill('1'::json, array[4]), 'limited', array['l1', 'l2', 'l3', 'l4'])"
    )
    for many in (1, 2):
        for key, token in call("select workflow_key, token from claim(%s, '{limited}', %s)", executor, many):
            record((key, token))
            call("select finish(%s, %s, '1')", key, token)
    receiving = run("receiving")
    call("select * from recv(%s, %s, 1, 'news', interval '1 hour', put_down => true)", *receiving)
    call("select send('waiting', '{\"a\": 1.0}', 'news')")
    call("select set_event(%s, %s, 1, 'state', '\"on\"')", *run("telling"))
    call("select write_stream(%s, %s, 1, 'lines', '1')", *run("writing"))
    call("select create_schedule('hourly', 'w', '0 * * * *', zone => 'Europe/Berlin', queue => 'orders')")
    call("select pause_schedule('hourly')")
    # Leases follow the real clock; for a reader of the dump it is long past.
    connection.execute("update executors set registered_at = %s, lease_until = %s", [THEN, THEN])


def main(arguments: list[str]) -> None:
    directory = Path(arguments[0]) if arguments else SQL
    with databases.cluster() as server, databases.fresh_database(server) as url:
        run_psql(url, directory / "install.sql")
        with psycopg.connect(url, autocommit=True, options=search_path()) as connection:
            write_scene(connection)
            [(version,)] = connection.execute("select schema_version()").fetchall()
        # Without privileges, because the roles may not be there where it is restored.
        text = dump(url, "--no-privileges", f"--schema={databases.SCHEMA}")
    target = OLDER / f"schema_{version:03}.sql"
    with target.open("x") as file:
        file.write(
            f"-- A database with version {version} of the schema, frozen. See tests_py/install/freeze.py.\n"
        )
        file.write(text)
    print(target)


if __name__ == "__main__":
    main(sys.argv[1:])
