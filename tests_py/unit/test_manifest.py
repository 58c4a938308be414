"""The reader of sql/install.sql, which is written for psql."""

import re

import pytest

from perdure import InvalidArgument
from perdure._install import _parts, install, newest_migration, sql_directory


def texts(schema: str = "perdure") -> dict[str, str]:
    return {name: text for name, text in _parts("install.sql", schema) if name != "install.sql"}


def manifest(schema: str = "perdure") -> list[str]:
    return [text for name, text in _parts("install.sql", schema) if name == "install.sql"]


def test_every_file_of_the_engine_is_installed_once():
    names = [name for name, _ in _parts("install.sql", "perdure") if name != "install.sql"]
    root = sql_directory()
    files = {str(p.relative_to(root)) for p in root.rglob("*.sql")}
    assert len(names) == len(set(names))
    assert set(names) == files - {"install.sql", "uninstall.sql", "schema.sql", "datasource.sql"}


def test_files_come_in_the_order_of_the_manifest():
    text = (sql_directory() / "install.sql").read_text("utf-8")
    assert list(texts()) == re.findall(r"^\\ir (.+)$", text, re.MULTILINE)


def test_files_are_handed_over_unchanged():
    for name, text in texts("another").items():
        assert text == (sql_directory() / name).read_text("utf-8")


def test_nothing_of_psql_is_left():
    for text in manifest():
        assert "\\" not in text
        assert not re.search(r":['\"]schema", text)


def test_the_first_thing_is_begin_and_the_last_is_commit():
    first, *_, last = manifest()
    assert first.strip().startswith("begin;")
    assert last.strip() == "commit;"


@pytest.mark.parametrize(
    ("schema", "identifier", "literal"),
    [("perdure", '"perdure"', "'perdure'"), ("a\"b'c d", '"a""b\'c d"', "'a\"b''c d'")],
)
def test_the_name_of_the_schema_is_quoted(schema, identifier, literal):
    head = manifest(schema)[0]
    assert f"create schema if not exists {identifier}" in head
    assert f"hashtext({literal})" in head


def test_gset_stands_for_a_semicolon():
    head = manifest()[0]
    assert "gset" not in head
    assert head.count(";") >= 5


def test_the_newest_migration_is_the_last_one_that_is_numbered():
    numbers = [int(name.split("/")[1][:3]) for name in texts() if name.startswith("migrations/")]
    assert newest_migration() == max(n for n in numbers if n < 900)


@pytest.mark.parametrize("schema", ["", "x" * 51, "\N{SNOWMAN}" * 17, "a\0b"])
def test_a_name_that_no_schema_can_have_is_refused(schema):
    with pytest.raises(InvalidArgument, match="no name for a schema"):
        install("postgresql://localhost:1/nowhere", schema)
