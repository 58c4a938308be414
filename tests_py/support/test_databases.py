import psycopg

from tests_py.support import databases


def test_a_database_is_dropped_even_while_somebody_is_connected(server):
    with databases.fresh_database(server) as url:
        straggler = psycopg.connect(url)
    straggler.close()
    with psycopg.connect(server) as connection:
        query = "select from pg_database where datname = %s"
        assert connection.execute(query, [databases.database_name(url)]).fetchall() == []


def test_each_test_finds_the_engine_in_a_database_of_its_own(database, connect):
    engine = connect()
    assert engine.execute("select current_database()").fetchone() == (databases.database_name(database),)
    assert engine.execute("select to_regnamespace('perdure') is not null").fetchone() == (True,)


def test_an_empty_database_has_no_engine(empty_database, connect):
    assert connect(empty_database).execute("select to_regnamespace('perdure')").fetchone() == (None,)


def test_a_url_keeps_its_parameters_when_the_database_changes():
    url = "postgresql://u:p@h:1/postgres?connect_timeout=3"
    assert databases.with_database(url, "other") == "postgresql://u:p@h:1/other?connect_timeout=3"
