"""`make run`: PostgreSQL, Valkey, migrations, then web, worker and beat, until Ctrl-C.

One lock says who runs. One pipe to a reaper ends every child when this process dies, however it dies. A child
that ends by itself stops everything with a sentence; the death of the process that started this one, too.
"""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import environ

from thrive.devserver import build_stamps
from thrive.devserver.addresses import addresses, socket_folder
from thrive.devserver.children import Child, Children
from thrive.devserver.lock import AlreadyRunning, only_one
from thrive.devserver.servers import LocalServerError, PostgresServer, ValkeyServer

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
ACCOUNTS = ("runner", "new", "clinician", "desk", "owner", "root")
WEB = ("gunicorn", "thrive.wsgi", "--config", "python:thrive.gunicorn_conf")
CELERY = ("celery", "--app", "thrive", "--quiet")
WORKER = (*CELERY, "worker", "--loglevel", "warning", "--without-gossip", "--without-mingle")
BEAT = (*CELERY, "beat", "--loglevel", "warning", "--pidfile=")
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """A person or the system asked to stop."""


def read_port() -> int:
    """The port of PORT, free on this machine; raises Refusal."""
    text = os.environ.get("PORT") or "8000"
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise AlreadyRunning(f"PORT is {text}, which is not a port: write a number such as 8000.")
    for family, host in loopback():
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(text)))
            except OSError as error:
                reason = (error.strerror or "").lower()
                raise AlreadyRunning(
                    f"Port {text}: {reason}; choose another, as in make run PORT=8001."
                ) from error
    return int(text)


def loopback() -> list[tuple[socket.AddressFamily, str]]:
    """What `localhost` can mean here: always IPv4, and IPv6 where the machine has it."""
    found = [(socket.AF_INET, "127.0.0.1")]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        found.append((socket.AF_INET6, "::1"))
    return found


class Supervisor:
    """The children of one run and the process it answers to."""

    def __init__(self, held: IO[str], port: int) -> None:
        self.parent = os.getppid()
        self.port = port
        self.local_database = not os.environ.get("DATABASE_URL")
        given = {name: value for name, value in os.environ.items() if value}
        local = addresses(ROOT).environment()  # named, because without DEBUG a missing address is refused
        self.env = {"DEBUG": "1", "SITE_URL": f"http://localhost:{port}"} | local | given
        self.children = Children(held)
        self.program: list[Child] = []

    def run(self) -> None:
        """Start all and watch until something ends; raises Refusal, LocalServerError or Stop."""
        print("Starting the database and the queue", flush=True)
        self.start_servers()
        self.prepare()
        self.start_program()
        self.watch(until=self.answers)
        self.announce()
        self.watch(until=lambda: False)

    def start_servers(self) -> None:
        """Start the servers whose addresses are not set; a half-made demo cohort is thrown away first."""
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
        """Migrate, make the demo cohort, collect the static files: what has changed since the last start."""
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
            ending.append(self.start("database", "-m", "thrive.devserver.prepare", "database", *demo))
        self.watch(until=lambda: all(child.process.poll() is not None for child in ending), ending=ending)
        if failed := [child.name for child in ending if self.children.wait(child)]:
            raise AlreadyRunning(f"Not ready: {' and '.join(failed)} (see above).")

    def start_program(self) -> None:
        """Web, worker and beat, at once."""
        hosts = [f"[{host}]" if family == socket.AF_INET6 else host for family, host in loopback()]
        binds = [part for host in hosts for part in ("--bind", f"{host}:{self.port}")]
        quiet = "ignore:You're running the worker with superuser privileges"  # its tasks are ours, as JSON
        self.program = [
            self.start("web", "-m", *WEB, "--workers", "2", "--log-level", "warning", *binds),
            self.start("worker", "-W", quiet, "-m", *WORKER),
            self.start("beat", "-m", *BEAT),
        ]

    def start(self, name: str, *arguments: str) -> Child:
        """One child under this Python, in the project's folder."""
        return self.children.start(name, [sys.executable, *arguments], env=self.env, cwd=ROOT)

    def watch(self, *, until: Callable[[], bool], ending: Sequence[Child] = ()) -> None:
        """Wait; raises Refusal when a child not among `ending` ends, Stop when the starter is gone."""
        while not until():
            for child in self.children.running:
                if child not in ending and (code := child.process.poll()) is not None:
                    how = f"with code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
                    raise AlreadyRunning(
                        f"{child.name} ended by itself ({how}), so all is stopped: run it again."
                    )
            if not self.children.are_guarded():
                raise AlreadyRunning("The reaper is gone, so all is stopped: run it again.")
            if os.getppid() != self.parent:
                raise StopRequested
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether the web server answers a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/health/live/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status < 500
        return False

    def announce(self) -> None:
        """The address, and who can sign in."""
        print(f"\n  The challenge runs at http://localhost:{self.port} (Ctrl-C stops it)")
        if self.local_database and build_stamps.read("demo"):
            names = ", ".join(f"{name}@demo.test" for name in ACCOUNTS)
            print(f"  Sign in as {names}\n  with the password run-pain-free-26. Emails: /dev/mail/")
        print(flush=True)

    def stop(self) -> None:
        """Web, worker and beat together, then the servers."""
        for child in self.program:
            self.children.ask(child)
        self.children.close()


def run() -> None:
    """Hold the lock and run; the servers are stopped whatever happens."""
    environ.Env.read_env(ROOT / ".env")
    with only_one(VAR, f"http://localhost:{os.environ.get('PORT') or 8000}") as held:
        supervisor = Supervisor(held, read_port())
        try:
            supervisor.run()
        finally:
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)
            print("Stopping", flush=True)
            supervisor.stop()


def reset() -> None:
    """Throw the local data away, unless somebody runs on them."""
    if not VAR.exists():
        return
    with only_one(VAR, "make reset"):
        shutil.rmtree(socket_folder(VAR), ignore_errors=True)
        for entry in VAR.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != "lock":  # somebody may be waiting for it
                entry.unlink()


def main(arguments: list[str]) -> int:
    """`run` or `reset`; the exit code."""

    def stop(*_: object) -> None:
        raise StopRequested

    for number in STOPPING:
        signal.signal(number, stop)
    try:
        {"run": run, "reset": reset}[arguments[0]]()
    except StopRequested:
        return 0
    except (AlreadyRunning, LocalServerError) as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["run"]))
