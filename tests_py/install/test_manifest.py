"""The files of the engine: each function in a file of its name, in the manifest, with a comment."""

import re
from collections import Counter

from .engine import ROLES, SQL, query

FILES = sorted((SQL / "functions").rglob("*.sql"))
# Made by the record of migrations, which comes before all functions.
ELSEWHERE = {"_migrate"}


def test_the_manifest_names_every_file_of_functions_once():
    named = re.findall(r"^\\ir (functions/.+)$", (SQL / "install.sql").read_text("utf-8"), re.MULTILINE)
    assert Counter(named) == Counter(str(path.relative_to(SQL)) for path in FILES)


def test_the_manifest_names_migrations_in_the_order_of_their_numbers():
    named = re.findall(r"^\\ir migrations/(.+)$", (SQL / "install.sql").read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in (SQL / "migrations").glob("*.sql"))
    numbers = [int(name.partition("_")[0]) for name in named]
    assert numbers == sorted(numbers)


def test_each_file_defines_the_function_that_it_is_named_after_and_no_other():
    for path in FILES:
        defined = re.findall(
            r"^create (?:or replace )?(?:function|procedure) (\w+)\(",
            path.read_text("utf-8"),
            re.MULTILINE,
        )
        assert defined == [path.stem], path


def test_what_is_installed_is_what_the_files_define(database):
    installed = query(database, "select proname from pg_proc where pronamespace = 'perdure'::regnamespace")
    assert Counter(name for (name,) in installed) == Counter({path.stem for path in FILES} | ELSEWHERE)


def test_every_function_has_a_comment(database):
    uncommented = """
        select p.oid::regprocedure::text from pg_proc p
        where p.pronamespace = 'perdure'::regnamespace
          and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''
    """
    assert query(database, uncommented) == []


def test_every_function_finds_only_what_is_in_its_schema(database):
    elsewhere = """
        select p.oid::regprocedure::text from pg_proc p
        where p.pronamespace = 'perdure'::regnamespace
          and (p.proconfig is null or not 'search_path=perdure, pg_temp' = any (p.proconfig))
    """
    assert query(database, elsewhere) == []


def test_what_is_public_is_granted_to_some_role_and_what_is_not_to_none(database):
    granted = """
        select p.proname, p.prosecdef,
          (
            select count(*) from unnest(%s::text[]) as role
            where has_function_privilege('perdure_' || role, p.oid, 'execute')
          ) > 0
        from pg_proc p
        where p.pronamespace = 'perdure'::regnamespace
    """
    for name, definer, usable in query(database, granted, [list(ROLES)]):
        assert (name, definer, usable) == (name, not name.startswith("_"), not name.startswith("_"))


def test_no_role_sees_the_tables(database):
    seen = """
        select c.relname, role from pg_class c, unnest(%s::text[]) as role
        where c.relnamespace = 'perdure'::regnamespace and c.relkind = 'r'
          and has_table_privilege('perdure_' || role, c.oid, 'select, insert, update, delete')
    """
    assert query(database, seen, [list(ROLES)]) == []
