"""`make run`: PostgreSQL, Valkey, migrations, then web, worker and beat, until Ctrl-C.

A lock keeps a second run out. A reaper at the end of a pipe ends every child when this process dies, even by kill -9.
A worker or beat that ends by itself is started again, as in the compose file; another child that ends stops everything
with one sentence, and so does the death of the process that started this one.
"""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import environ

from thrive.devserver import build_stamps
from thrive.devserver.addresses import addresses, make_local_data_key, socket_folder
from thrive.devserver.children import Child, Children
from thrive.devserver.lock import CannotStart, only_one
from thrive.devserver.servers import LocalServerError, PostgresServer, ValkeyServer

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
ACCOUNTS = ("runner", "new", "clinician", "desk", "owner", "root")
WEB = ("gunicorn", "thrive.wsgi", "--config", "python:thrive.gunicorn_conf")
CELERY = ("celery", "--app", "thrive", "--quiet")
WORKER = (*CELERY, "worker", "--loglevel", "warning", "--without-gossip", "--without-mingle")
BEAT = (*CELERY, "beat", "--loglevel", "warning", "--pidfile=")
# One that ends sooner cannot run: starting it again would hide why.
RUNS_AT_LEAST_S = 10.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """A person or the system asked the program to stop."""


def read_port() -> int:
    """Return the port that PORT names. Raises CannotStart if it is no port or not free."""
    text = os.environ.get("PORT") or "8000"
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise CannotStart(f"PORT is {text}, which is not a port: write a number such as 8000.")
    for family, host in loopback():
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(text)))
            except OSError as error:
                reason = (error.strerror or "").lower()
                raise CannotStart(
                    f"Port {text}: {reason}; choose another, as in make run PORT=8001."
                ) from error
    return int(text)


def loopback() -> list[tuple[socket.AddressFamily, str]]:
    """Return the addresses that `localhost` means on this machine: IPv4, and IPv6 if there is any."""
    addresses_here = [(socket.AF_INET, "127.0.0.1")]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        addresses_here.append((socket.AF_INET6, "::1"))
    return addresses_here


class Supervisor:
    """The children of one run."""

    def __init__(self, held: IO[str], port: int) -> None:
        self.parent = os.getppid()
        self.port = port
        self.local_database = not os.environ.get("DATABASE_URL")
        own = {name: value for name, value in os.environ.items() if value}
        # Set here, because without DEBUG the settings refuse a missing address.
        local = addresses(ROOT).program_environment()
        local["DATA_KEY"] = make_local_data_key(VAR)
        self.env = {"DEBUG": "1", "SITE_URL": f"http://localhost:{port}"} | local | own
        self.children = Children(held)
        self.program: list[Child] = []
        self.started: dict[str, float] = {}

    def run(self) -> None:
        """Start everything and watch until something ends. Raises CannotStart, LocalServerError or StopRequested."""
        print("Starting the database and the queue", flush=True)
        self.start_servers()
        self.prepare()
        self.start_program()
        self.watch(until=self.answers)
        self.announce()
        self.watch(until=lambda: False)

    def start_servers(self) -> None:
        """Start the servers whose addresses are not set. A demo cohort that was interrupted is thrown away."""
        if self.local_database:
            postgres = PostgresServer(VAR, self.children)
            postgres.start()
            if build_stamps.read("demo") == "making":  # interrupted
                postgres.empty()
                build_stamps.write("demo", "")
                build_stamps.write("database", "")
        if not (os.environ.get("REDIS_URL") and os.environ.get("CACHE_URL")):
            ValkeyServer(VAR, self.children).start()

    def prepare(self) -> None:
        """Migrate, make the demo cohort and collect static files, if anything changed since the last start."""
        with_demo = self.local_database and self.env["DEBUG"].lower() in {"1", "true", "yes", "on"}
        ending = []
        if not build_stamps.is_current("static"):
            ending.append(self.start("static files", "-m", "thrive.devserver.prepare", "static"))
        if not (
            self.local_database
            and build_stamps.is_current("database")
            and (build_stamps.read("demo") or not with_demo)
        ):
            demo = ["--demo"] if with_demo else []
            prepare = ("-m", "thrive.devserver.prepare", "database", *demo)
            ending.append(self.start("database", *prepare, env=self.owner_env()))
        self.watch(until=lambda: all(child.process.poll() is not None for child in ending), ending=ending)
        if failed := [child.name for child in ending if self.children.wait(child)]:
            raise CannotStart(f"Not ready: {' and '.join(failed)} (see above).")

    def start_program(self) -> None:
        """Start web, worker and beat together."""
        hosts = [f"[{host}]" if family == socket.AF_INET6 else host for family, host in loopback()]
        binds = [part for host in hosts for part in ("--bind", f"{host}:{self.port}")]
        self.program = [
            self.start("web", "-m", *WEB, "--workers", "2", "--log-level", "warning", *binds),
            self.start_celery("worker"),
            self.start_celery("beat"),
        ]

    def start_celery(self, name: str) -> Child:
        """Start the worker or beat."""
        quiet = "ignore:You're running the worker with superuser privileges"  # tasks come from our own queue, as JSON
        self.started[name] = time.monotonic()
        return self.start(name, "-W", quiet, "-m", *(WORKER if name == "worker" else BEAT))

    def restart(self, child: Child) -> bool:
        """Start a worker or beat again that ended by itself; return False if it is neither or could not run at all.

        Celery gives up after some broken connections, and ours end themselves when they no longer work.
        """
        if (
            child not in self.program
            or time.monotonic() - self.started.get(child.name, time.monotonic()) < RUNS_AT_LEAST_S
        ):
            return False
        print(f"The {child.name} ended by itself and is started again", flush=True)
        self.children.stop(child)
        self.program[self.program.index(child)] = self.start_celery(child.name)
        return True

    def start(self, name: str, *arguments: str, env: Mapping[str, str] | None = None) -> Child:
        """Start one child under this Python, in the project's folder."""
        return self.children.start(name, [sys.executable, *arguments], env=env or self.env, cwd=ROOT)

    def owner_env(self) -> dict[str, str]:
        """Return the environment of migrations: those of the local database run as its owner."""
        owner = addresses(ROOT).owner_environment() if self.local_database else {}
        return self.env | {
            name: owner[name] for name in ("DATABASE_URL", "PROGRAM_DATABASE_URL") if name in owner
        }

    def watch(self, *, until: Callable[[], bool], ending: Sequence[Child] = ()) -> None:
        """Wait until `until` is true.

        Raises CannotStart if a child ends that is not in `ending` and cannot be started again, and StopRequested if our
        starter is gone.
        """
        while not until():
            for child in self.children.running.copy():
                if child not in ending and (code := child.process.poll()) is not None:
                    if self.restart(child):
                        continue
                    how = f"with code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
                    raise CannotStart(
                        f"{child.name} ended by itself ({how}), so everything is stopped: run it again."
                    )
            if not self.children.are_guarded():
                raise CannotStart("The reaper is gone, so everything is stopped: run it again.")
            if os.getppid() != self.parent:
                raise StopRequested
            time.sleep(0.1)

    def answers(self) -> bool:
        """Return whether the web server answers a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/health/live/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status < 500
        return False

    def announce(self) -> None:
        """Print the address, and the demo accounts."""
        print(f"\n  The challenge runs at http://localhost:{self.port} (Ctrl-C stops it)")
        if self.local_database and build_stamps.read("demo"):
            names = ", ".join(f"{name}@demo.test" for name in ACCOUNTS)
            print(f"  Sign in as {names}\n  with the password run-pain-free-26. Emails: /dev/mail/")
        print(flush=True)

    def stop(self) -> None:
        """Stop web, worker and beat together, then the servers."""
        for child in self.program:
            self.children.ask(child)
        self.children.close()


def run() -> None:
    """Hold the lock and run. The servers are stopped in every case."""
    environ.Env.read_env(ROOT / ".env")
    with only_one(VAR, f"http://localhost:{os.environ.get('PORT') or 8000}") as held:
        supervisor = Supervisor(held, read_port())
        try:
            supervisor.run()
        finally:
            for number in STOPPING:
                signal.signal(
                    number, signal.SIG_IGN
                )  # a second Ctrl-C must not cut the servers' shutdown short
            print("Stopping", flush=True)
            supervisor.stop()


def reset() -> None:
    """Throw the local data away, unless a program is running on it."""
    if not VAR.exists():
        return
    with only_one(VAR, "make reset"):
        shutil.rmtree(socket_folder(VAR), ignore_errors=True)
        for entry in VAR.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != "lock":  # another process may be waiting for it
                entry.unlink()


def main(arguments: list[str]) -> int:
    """Run `run` or `reset` and return the exit code."""

    def stop(*_: object) -> None:
        raise StopRequested

    for number in STOPPING:
        signal.signal(number, stop)
    try:
        {"run": run, "reset": reset}[arguments[0]]()
    except StopRequested:
        return 0
    except (CannotStart, LocalServerError) as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["run"]))
