"""A database of an older version is upgraded in place, and the workflows in it go on."""

import re

import pytest

from perdure._install import newest_migration
from tests_py.support import fresh_database
from tests_py.support.databases import database_name

from .engine import dump_schema, install_by_psql, query, run_psql
from .freeze import OLDER, PUBLISHED

DUMPS = {int(re.findall(r"\d+", path.stem)[0]): path for path in sorted(OLDER.glob("*.sql"))}

# How each workflow of the scene ends: its status, and the steps that are then recorded.
ENDS = {
    "succeeded": ("SUCCESS", [(1, "first", 1)]),
    "failed": ("ERROR", []),
    "sleeping": ("SUCCESS", [(1, "first", 1), (2, "last", 42)]),
    "delayed": ("SUCCESS", [(1, "last", 42)]),
    "retrying": ("SUCCESS", [(1, "first", 42)]),
    "running": ("SUCCESS", [(1, "first", 1), (2, "last", 42)]),
    "parent": ("SUCCESS", [(1, "w", None), (2, "last", 42)]),
    "child": ("SUCCESS", [(1, "last", 42)]),
    "orphaned": ("SUCCESS", [(1, "first", 1), (2, "last", 42)]),
    "spent": ("MAX_RECOVERY_ATTEMPTS_EXCEEDED", []),
    "direct": ("SUCCESS", [(1, "last", 42)]),
    "waiting": ("SUCCESS", [(1, "last", 42)]),
    "urgent": ("SUCCESS", [(1, "last", 42)]),
}


# Since version 3 there is a queue with limits besides.
LIMITED = {name: ("SUCCESS", [(1, "first", 1)]) for name in ("l1", "l2", "l3")} | {
    "l4": ("SUCCESS", [(1, "last", 42)])
}
# And since version 8 some that wait, tell and write.
WAITING = {
    "receiving": ("SUCCESS", [(1, "perdure.recv", 42)]),
    "telling": ("SUCCESS", [(1, "perdure.set_event", None), (2, "last", 42)]),
    "writing": ("SUCCESS", [(1, "perdure.write_stream", None), (2, "last", 42)]),
}


@pytest.fixture(scope="module", params=DUMPS.values(), ids=lambda path: path.stem)
def older_template(request, server):
    with fresh_database(server) as url:
        run_psql(url, request.param)
        yield database_name(url)


@pytest.fixture
def older_database(server, older_template):
    with fresh_database(server, template=older_template) as url:
        yield url


def look(url):
    """The schema, and the rows that an installation writes."""
    return (
        dump_schema(url),
        query(url, "select number, name from schema_migrations order by 1"),
        query(url, "select signature from schema_functions order by 1"),
    )


@pytest.fixture(scope="module")
def fresh(server):
    with fresh_database(server) as url:
        install_by_psql(url)
        return look(url)


def test_every_published_version_is_frozen():
    assert DUMPS.keys() == set(PUBLISHED), "see tests_py/install/freeze.py"
    assert max(PUBLISHED) <= newest_migration()


def test_an_upgraded_schema_is_the_same_as_a_fresh_one(fresh, older_database, install):
    install(older_database)
    assert look(older_database) == fresh


def test_the_starts_of_a_rate_are_known_one_by_one(server):
    with fresh_database(server) as url:
        run_psql(url, DUMPS[3])
        install_by_psql(url)
        assert query(url, "select total, many from starts order by started_at") == [(1, 1), (3, 2)]
        assert query(url, "select rate_period::text from queues where name = 'limited'") == [("48:00:00",)]


def test_workflows_in_flight_go_on_to_their_ends(older_database):
    def scene():
        return query(
            older_database,
            """select w.workflow_id, w.name, w.input::text,
                 t.status, t.attempts, t.token, t.wake_at, t.watched,
                 o.status, o.output::text, o.error::text,
                 (select json_agg(s order by s.step)::text from steps s where s.key = w.key)
               from workflows w left join tasks t using (key) left join outcomes o using (key)
               order by w.key""",
        )

    before = scene()
    known = {row[0] for row in before}
    ends = ENDS | (LIMITED if "l1" in known else {}) | (WAITING if "receiving" in known else {})
    assert known == ends.keys()
    install_by_psql(older_database)
    assert scene() == before

    def call(text, *params):
        return query(older_database, text, params)

    def go_on(key, token, steps):
        """What a worker does: the steps that are not recorded yet, and the end."""
        if steps and not steps[-1]["completed"]:
            step, name = steps[-1]["step"], steps[-1]["name"]
        else:
            step, name = len(steps or []) + 1, "last"
        assert call("select record_step(%s, %s, %s, %s, '42')", key, token, step, name) == [(True,)]
        assert call("select finish(%s, %s, '\"done\"')", key, token) == [(True,)]

    # A worker that was there before the upgrade, and has renewed its lease, writes on.
    call("update executors set lease_until = clock_timestamp() + interval '1 hour'")
    [(key, token)] = call(
        "select key, token from tasks join workflows using (key) where workflow_id = 'running'"
    )
    go_on(key, token, [{"completed": True}])

    # One that was not is missed.
    call("update executors set lease_until = clock_timestamp() - interval '1 second'")
    assert call("select workflows_requeued, workflows_dead_lettered from run_maintenance()") == [
        (5 if "receiving" in known else 3, 1)
    ]
    [(executor,)] = call("select register_executor('new')")
    order = []
    while claimed := call(
        "select workflow_id, workflow_key, token, steps from claim(%s, max_workflows => 2)", executor
    ):
        for workflow_id, *owned in claimed:
            go_on(*owned)
            order.append(workflow_id)

    assert sorted(order) == sorted(
        ends.keys() - {"succeeded", "failed", "spent", "running", "l1", "l2", "l3"}
    )
    assert order.index("urgent") < order.index("child") < order.index("waiting")
    for workflow_id, (status, steps) in ends.items():
        assert call("select status from get_result(%s)", workflow_id) == [(status,)]
        assert call("select step, name, output from list_steps(%s)", workflow_id) == steps
    assert call("select from tasks") == []
    # An id that was used is used, and new keys and tokens are new.
    assert call(
        """select created from enqueue_many('w', array[null, null]::json[],
             workflow_ids => array['succeeded', 'new'])"""
    ) == [(False,), (True,)]
    [(new_token,)] = call("select token from claim(%s)", executor)
    assert new_token > token
