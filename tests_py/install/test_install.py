"""Installing, with psql and with Python: the same engine, all of it or nothing, as often as one likes."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from perdure import Client, Perdure
from perdure._install import newest_migration
from tests_py.support import databases, fresh_database, search_path, wait_until

from .engine import (
    INSTALLERS,
    ROLES,
    SQL,
    Refused,
    dump,
    dump_schema,
    install_by_psql,
    install_by_python,
    psql_command,
    query,
    roles_dropped,
    run_psql,
    uninstall,
)


def roles(url, schema):
    return query(
        url, "select rolname from pg_roles where rolname = any (%s)", [[f"{schema}_{role}" for role in ROLES]]
    )


def run_one_workflow(url, schema=databases.SCHEMA):
    """A workflow's whole life."""
    query(url, "select enqueue('w')", schema=schema)
    [(executor,)] = query(url, "select register_executor('test')", schema=schema)
    [(key, token)] = query(url, "select workflow_key, token from claim(%s)", [executor], schema=schema)
    assert query(url, "select finish(%s, %s, '1')", [key, token], schema=schema) == [(True,)]


def test_psql_and_python_install_the_same(server):
    with fresh_database(server) as by_psql, fresh_database(server) as by_python:
        install_by_psql(by_psql)
        install_by_python(by_python)
        assert dump_schema(by_psql) == dump_schema(by_python)
        for rows in (
            "select number, name from schema_migrations order by 1",
            "select signature from schema_functions order by 1",
            "select queue_id, name from queues order by 1",
        ):
            assert query(by_psql, rows) == query(by_python, rows)


def test_without_a_name_the_schema_is_perdure(empty_database):
    run_psql(empty_database, SQL / "install.sql")
    run_one_workflow(empty_database)
    run_psql(empty_database, SQL / "uninstall.sql")
    assert query(empty_database, "select to_regnamespace('perdure')") == [(None,)]


def test_installing_again_changes_nothing(empty_database):
    install_by_psql(empty_database)
    run_one_workflow(empty_database)
    query(empty_database, "select enqueue('w')")
    before = dump(empty_database)
    for install_again in INSTALLERS.values():
        install_again(empty_database)
        assert dump(empty_database) == before


def test_what_the_owner_has_granted_is_kept(place, install):
    install(*place)
    query(place.url, f"grant execute on function enqueue to {place.schema}_operator", schema=place.schema)
    before = dump_schema(*place)
    install(*place)
    assert dump_schema(*place) == before
    assert f"FUNCTION {place.schema}.enqueue" in before


@pytest.mark.parametrize(("first", "second"), [("psql", "psql"), ("psql", "python"), ("python", "psql")])
def test_two_installations_that_begin_at_once_come_one_after_the_other(server, place, first, second):
    with (
        fresh_database(server) as alone,
        psycopg.connect(place.url, autocommit=True) as keeper,
        ThreadPoolExecutor(2) as pool,
    ):
        install_by_psql(alone, place.schema)
        # Both stand before the same door and go in as soon as it opens.
        keeper.execute("select pg_advisory_lock(hashtext('perdure.install'), hashtext(%s))", [place.schema])
        installing = [pool.submit(INSTALLERS[name], *place) for name in (first, second)]
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        wait_until(lambda: keeper.execute(waiting).fetchone() == (2,))
        keeper.execute("select pg_advisory_unlock_all()")
        for each in installing:
            each.result(60)
        assert dump_schema(*place) == dump_schema(alone, place.schema)


def test_installations_into_an_empty_database_may_begin_at_any_moment(place):
    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            installing = [pool.submit(install, *place) for install in [*INSTALLERS.values()] * 2]
            for each in installing:
                each.result(60)
        run_one_workflow(*place)
        uninstall(*place)


def test_two_databases_of_one_cluster_may_be_installed_into_at_once(server, place, install):
    """The roles belong to both: the second installation waits for the first and uses its roles."""
    with fresh_database(server) as other, psycopg.connect(other) as first, ThreadPoolExecutor(1) as pool:
        # What an installation into the other database does at its end.
        for role in ROLES:
            first.execute(f"create role {place.schema}_{role} nologin")
        first.execute(f"grant {place.schema}_client to {place.schema}_worker")
        first.execute(f"grant {place.schema}_worker to {place.schema}_operator")
        installing = pool.submit(install, *place)
        wait_until(lambda: blocked_by(server, first.info.backend_pid))
        first.commit()
        installing.result(60)
    run_one_workflow(*place)


def test_two_databases_may_begin_to_use_roles_that_were_there_before(server, place, install):
    with fresh_database(server) as other, psycopg.connect(other) as first, ThreadPoolExecutor(1) as pool:
        for role in ROLES:
            first.execute(f"create role {place.schema}_{role} nologin")
        first.commit()
        first.execute(f"grant {place.schema}_client to {place.schema}_worker")
        installing = pool.submit(install, *place)
        wait_until(lambda: blocked_by(server, first.info.backend_pid))
        first.commit()
        installing.result(60)
    run_one_workflow(*place)


def blocked_by(server, pid):
    """The backends that wait for a lock of this one."""
    with psycopg.connect(server) as connection:
        return connection.execute(
            "select pid from pg_stat_activity where %s = any (pg_blocking_pids(pid))", [pid]
        ).fetchall()


def test_two_schemas_side_by_side_do_not_see_each_other(server, install):
    one, two = "engine_one", "engine_two"
    with roles_dropped(server, one, two), fresh_database(server) as url:
        install(url, one)
        before = dump_schema(url, one)
        install(url, two)
        assert dump_schema(url, one) == before
        assert dump_schema(url, two) == before.replace(one, two)

        [(executor,)] = query(url, "select register_executor('test')", schema=two)
        query(url, "select enqueue('w', workflow_id => 'same')", schema=one)
        assert query(url, "select * from claim(%s)", [executor], schema=two) == []
        with pytest.raises(psycopg.Error, match="'same' does not exist"):
            query(url, "select * from get_workflow('same')", schema=two)
        with psycopg.connect(url, autocommit=True) as listener:
            listener.execute(f'listen "{one}.work"')
            listener.execute(f'listen "{two}.work"')
            query(url, "select enqueue('w', workflow_id => 'same')", schema=two)
            assert [heard.channel for heard in listener.notifies(timeout=10, stop_after=1)] == [f"{two}.work"]

        uninstall(url, two)
        run_one_workflow(url, one)


ODD_NAMES = [
    "My Schema",
    "select",
    "a.b",
    'quo"te',
    "it's",
    "back\\slash",
    "100%",
    "${x}",
    "schéma",
    "n" * 50,
]


@pytest.mark.parametrize("schema", ODD_NAMES)
def test_a_schema_may_have_any_name(server, schema):
    with roles_dropped(server, schema), fresh_database(server) as url:
        install_by_psql(url, schema)
        run_one_workflow(url, schema)
        assert len(roles(url, schema)) == 3
        before = dump_schema(url, schema)
        uninstall(url, schema)
        assert query(url, "select from pg_namespace where nspname = %s", [schema]) == []
        install_by_python(url, schema)
        run_one_workflow(url, schema)
        assert dump_schema(url, schema) == before


def test_make_installs_and_uninstalls(server):
    with roles_dropped(server, "My Schema"), fresh_database(server) as url:
        said = databases.install_engine(url, "My Schema")
        assert said == f"schema 'My Schema' is at version {newest_migration()}\n"
        run_one_workflow(url, "My Schema")
        subprocess.run(
            ["make", "uninstall-sql", f"DATABASE_URL={url}", "SCHEMA=My Schema", "FORCE=1"],
            cwd=databases.ROOT,
            check=True,
            capture_output=True,
        )
        assert query(url, "select from pg_namespace where nspname = 'My Schema'") == []


def test_a_schema_of_a_newer_release_is_refused_and_not_changed(database, install):
    query(database, "insert into schema_migrations (number, name) values (9999, 'of the future')")
    before = dump(database)
    with pytest.raises(Refused, match="version 9999") as caught:
        install(database)
    assert caught.value.sqlstate == "PD008"
    assert dump(database) == before


FOREIGN = {
    "a table": "create table app.t ()",
    "a function": "create function app.f() returns int language sql as 'select 1'",
    "another tool's list of migrations": """create table app.schema_migrations (version text primary key);
        insert into app.schema_migrations values ('20260101')""",
}


@pytest.mark.parametrize("content", FOREIGN)
def test_a_schema_that_something_else_uses_is_refused_and_not_changed(empty_database, install, content):
    query(empty_database, f"create schema app; {FOREIGN[content]}")
    before = dump(empty_database)
    with pytest.raises(Refused) as caught:
        install(empty_database, "app")
    assert caught.value.sqlstate == "PD011"
    assert dump(empty_database) == before


@pytest.mark.parametrize("schema", ["public", "information_schema", "pg_temp", "pg_mine", "n" * 51])
def test_a_name_that_cannot_be_the_engines_own_is_refused(empty_database, schema):
    before = dump(empty_database)
    with pytest.raises(Refused):
        install_by_psql(empty_database, schema)
    assert dump(empty_database) == before


def test_an_empty_schema_that_was_there_before_is_used(place, install):
    query(place.url, f"create schema {place.schema}")
    install(*place)
    run_one_workflow(*place)


@pytest.mark.parametrize("content", FOREIGN)
def test_only_a_schema_of_the_engine_is_uninstalled(empty_database, content):
    query(empty_database, f"create schema app; {FOREIGN[content]}")
    before = dump(empty_database)
    with pytest.raises(Refused):
        uninstall(empty_database, "app")
    assert dump(empty_database) == before


def test_a_schema_that_does_not_exist_is_not_uninstalled(empty_database):
    with pytest.raises(Refused):
        uninstall(empty_database, "nowhere")


def test_after_uninstalling_it_installs_as_if_for_the_first_time(place, install):
    install(*place)
    before = dump_schema(*place)
    run_one_workflow(*place)
    uninstall(*place)
    assert query(place.url, "select to_regnamespace(%s)", [place.schema]) == [(None,)]
    install(*place)
    assert dump_schema(*place) == before


# Moments of an installation: what it has just done, by the command's tag and the object's name.
MOMENTS = [
    ("CREATE SCHEMA", ""),
    ("CREATE TABLE", "schema_migrations"),
    ("CREATE TABLE", "tasks"),
    ("CREATE INDEX", "tasks_held"),
    ("CREATE FUNCTION", "enqueue_many"),
    ("COMMENT", "list_steps"),
    ("REVOKE", ""),
    ("GRANT", ""),
]


def stop_installations(keeper, tag, name):
    """Let every installation into this database wait for the keeper after this command."""
    keeper.execute("select pg_advisory_lock(1)")
    keeper.execute(f"""
        create function public.stop_at_gate() returns event_trigger language plpgsql as $$
        begin
          if exists (
            select from pg_event_trigger_ddl_commands()
            where coalesce(object_identity, '') like '%{name}%'
          ) then
            perform pg_advisory_xact_lock_shared(1);
          end if;
        end
        $$
    """)
    keeper.execute(f"""
        create event trigger gate on ddl_command_end when tag in ('{tag}')
        execute function public.stop_at_gate()
    """)


@pytest.mark.parametrize(
    ("installer", "tag", "name"),
    [*(("psql", *moment) for moment in MOMENTS), *(("python", *moment) for moment in MOMENTS[-2:])],
)
def test_an_installation_whose_backend_dies_leaves_nothing(server, place, installer, tag, name):
    with psycopg.connect(place.url, autocommit=True) as keeper, ThreadPoolExecutor(1) as pool:
        stop_installations(keeper, tag, name)
        before = dump(place.url)
        installing = pool.submit(INSTALLERS[installer], *place)
        [(pid,)] = wait_until(lambda: installing.done() or blocked_by(server, keeper.info.backend_pid))
        keeper.execute("select pg_terminate_backend(%s, 10000)", [pid])
        with pytest.raises(Refused):
            installing.result(30)
        assert dump(place.url) == before
        assert roles(place.url, place.schema) == []


def test_an_installation_whose_client_is_killed_leaves_nothing(server, place):
    with psycopg.connect(place.url, autocommit=True) as keeper:
        stop_installations(keeper, "CREATE FUNCTION", "claim")
        before = dump(place.url)
        with subprocess.Popen(psql_command(place.url, SQL / "install.sql", place.schema)) as psql:
            [(pid,)] = wait_until(lambda: blocked_by(server, keeper.info.backend_pid))
            psql.kill()
        keeper.execute("select pg_advisory_unlock_all()")
        # Its backend goes on to the end of its statement, and then finds that nobody is there.
        wait_until(lambda: keeper.execute("select from pg_stat_activity where pid = %s", [pid]).rowcount == 0)
        assert dump(place.url) == before


def test_an_upgrade_whose_backend_dies_leaves_the_engine_as_it_was(server, place, install):
    install_by_psql(*place)
    run_one_workflow(*place)
    with psycopg.connect(place.url, autocommit=True) as keeper, ThreadPoolExecutor(1) as pool:
        stop_installations(keeper, "GRANT", "")
        before = dump_schema(*place)
        installing = pool.submit(install, *place)
        [(pid,)] = wait_until(lambda: installing.done() or blocked_by(server, keeper.info.backend_pid))
        # Others use the engine while it is being replaced.
        run_one_workflow(*place)
        keeper.execute("select pg_terminate_backend(%s, 10000)", [pid])
        with pytest.raises(Refused):
            installing.result(30)
        assert dump_schema(*place) == before
        run_one_workflow(*place)

        keeper.execute("select pg_advisory_unlock_all()")
        install(*place)
        assert dump_schema(*place) == before


def test_functions_that_a_release_no_longer_has_are_dropped(place, install):
    install(*place)
    before = dump_schema(*place)
    query(
        place.url,
        """create function gone(a int, b workflow_status[]) returns int language sql as 'select 1';
           create procedure gone_too() language sql as 'select 1';
           insert into schema_functions (signature)
           values ('gone(integer,workflow_status[])'), ('gone_too()'),
             ('gone_before(text)'), ('gone_with(its_type)')""",
        schema=place.schema,
    )
    install(*place)
    assert dump_schema(*place) == before


def test_functions_that_somebody_else_has_put_there_are_kept(place, install):
    install(*place)
    query(
        place.url,
        "create function mine() returns int language sql as 'select 1'",
        schema=place.schema,
    )
    for _ in range(2):
        install(*place)
        assert query(place.url, "select mine()", schema=place.schema) == [(1,)]
    assert (
        query(place.url, "select from schema_functions where signature ~ 'mine'", schema=place.schema) == []
    )


@pytest.fixture
def plain_owner(server, place):
    """The URL of the place for its owner, who may neither create roles nor anything else."""
    name = f"{place.schema}_owner"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create role {name} login password 'plain' nosuperuser nocreaterole nocreatedb")
        connection.execute(f'alter database "{databases.database_name(place.url)}" owner to {name}')
        yield psycopg.conninfo.make_conninfo(place.url, user=name, password="plain")
        databases.drop_database(server, place.url)
        connection.execute(f"drop role {name}")


def test_an_owner_who_may_not_create_roles_is_warned_and_uses_the_engine_alone(place, plain_owner):
    warnings = run_psql(plain_owner, SQL / "install.sql", place.schema)
    for role in ROLES:
        assert f"no role {place.schema}_{role}: {place.schema}_owner may not create roles" in warnings
    assert roles(place.url, place.schema) == []
    run_one_workflow(plain_owner, place.schema)
    before = dump_schema(*place)
    install_by_python(plain_owner, place.schema)
    assert dump_schema(*place) == before


def test_an_owner_who_may_not_create_roles_uses_those_that_are_there(server, place, plain_owner, install):
    for role in ROLES:
        query(place.url, f"create role {place.schema}_{role} nologin")
    warnings = run_psql(plain_owner, SQL / "install.sql", place.schema)
    assert f"role {place.schema}_worker does not include {place.schema}_client" in warnings

    query(place.url, f"grant {place.schema}_client to {place.schema}_worker")
    query(place.url, f"grant {place.schema}_worker to {place.schema}_operator")
    assert run_psql(plain_owner, SQL / "install.sql", place.schema) == ""
    install(plain_owner, place.schema)
    with psycopg.connect(place.url) as connection:
        connection.execute(f"set role {place.schema}_worker; set search_path = {place.schema}")
        assert connection.execute("select enqueue('w') is not null").fetchone() == (True,)


def test_somebody_who_may_not_create_anything_is_refused(server, place, plain_owner, install):
    before = dump(place.url)
    query(place.url, f'alter database "{databases.database_name(place.url)}" owner to postgres')
    with pytest.raises(Refused, match="permission denied"):
        install(plain_owner, place.schema)
    assert dump(place.url) == before


def test_the_search_path_of_the_installer_does_not_matter(server, place, install):
    """An installation looks for nothing outside its schema, and leaves nothing there."""
    query(
        place.url, "create schema decoy; create function decoy._now() returns text language sql as 'select 1'"
    )
    query(
        place.url,
        f'alter database "{databases.database_name(place.url)}" set search_path = decoy, public',
    )
    before = dump(place.url, "--exclude-schema", place.schema)
    install(*place)
    assert dump(place.url, "--exclude-schema", place.schema) == before
    with psycopg.connect(place.url, options=search_path("decoy")) as connection:
        assert connection.execute(f"select {place.schema}.enqueue('w') is not null").fetchone() == (True,)


def test_a_name_with_a_percent_sign_is_a_name_for_a_schema(server):
    schema = f"50% %s {os.getpid()}"
    with roles_dropped(server, schema), fresh_database(server) as url:
        install_by_python(url, schema)
        app = Perdure(url, schema=schema)

        @app.workflow(name="double")
        def double(n):
            return 2 * n

        app.launch()
        try:
            with Client(url, schema=schema) as client:
                assert client.enqueue("double", 21, workflow_id="%s").get_result(10) == 42
        finally:
            app.shutdown()
