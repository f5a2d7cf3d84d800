"""The whole program on its own servers: PostgreSQL, Valkey, an SMTP server, web, worker and beat, on loopback.

Journeys and faults use it. Nothing is faked and no clock is moved; tests wait for conditions.
"""

import contextlib
import email
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from aiosmtpd.controller import Controller
from psycopg.rows import dict_row

from tests.pooler import POOL_SIZE, behind_pooler
from tests.prepared import PRODUCTION, lay_out
from thrive.devserver.addresses import Addresses
from thrive.devserver.children import Child, Children
from thrive.devserver.local import temporary_services

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(condition: Callable[[], T], *, within_s: float = 60, what: str = "") -> T:
    """Return the condition's first true value; fail the test with `what` if it stays false."""
    end = time.monotonic() + within_s
    while True:
        if value := condition():
            return value
        assert time.monotonic() < end, f"never came true: {what or condition}"
        time.sleep(0.05)


class Inbox:
    """An SMTP handler that keeps each message as a mail reader would parse it."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.messages.append(email.message_from_bytes(envelope.content, policy=modern))
        return "250 kept"

    def to(self, address: str, subject: str = "") -> list[EmailMessage]:
        return [m for m in self.messages if m["To"] == address and subject.lower() in m["Subject"].lower()]

    def wait_for(
        self, address: str, subject: str = "", *, count: int = 1, within_s: float = 60
    ) -> EmailMessage:
        """Return the `count`-th message to this address with this in its subject."""
        found = eventually(
            lambda: self.to(address, subject)[count - 1 :],
            within_s=within_s,
            what=f"message {count} “{subject}” to {address}",
        )
        return found[0]

    def code_for(self, address: str, *, count: int = 1) -> str:
        """Return the code in the newest of `count` messages with a sign-in or confirmation code."""

        def codes() -> list[str]:
            found = [re.search(r"code: (\S+)", text_of(m)) for m in self.to(address)]
            return [match[1] for match in found if match][count - 1 :]

        return eventually(codes, what=f"code {count} for {address}")[0]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content())


def html_of(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("html",))
    assert body is not None
    return str(body.get_content())


def run_sql(url: str, sql: str, *arguments: Any) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
        cursor = connection.execute(sql, arguments)
        return cursor.fetchall() if cursor.description else []


@dataclass
class Program:
    """A running program: its address, its mail, and its processes, which a test may end one by one."""

    url: str
    inbox: Inbox
    services: Addresses
    environment: dict[str, str]
    children: Children
    parts: dict[str, Child] = field(default_factory=dict)
    root: Path = ROOT  # the folder of the code that runs

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a management command of this program and return its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.root,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def shell(self, code: str) -> str:
        """Run Python inside the program, as its own shell would."""
        return self.manage("shell", "--verbosity", "0", "-c", code)

    def ask(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        """Return the rows of a query to the program's own database."""
        return run_sql(self.environment["DATABASE_URL"], sql, *arguments)

    def start(self, name: str) -> None:
        port = self.url.rsplit(":", 1)[1]
        commands = {
            "web": ["gunicorn", "thrive.wsgi", "-c", "python:thrive.gunicorn_conf", "--workers", "2"],
            "worker": ["celery", "--app", "thrive", "--quiet", "worker", "--loglevel", "warning"],
            "beat": ["celery", "--app", "thrive", "--quiet", "beat", "--loglevel", "warning", "--pidfile="],
        }
        extra = {
            "web": ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"],
            "worker": ["--without-gossip", "--without-mingle"],
            "beat": ["--schedule", self.environment["BEAT_SCHEDULE"]],
        }
        quiet = (
            ["-W", "ignore:You're running the worker with superuser privileges"] if name == "worker" else []
        )
        command = [sys.executable, *quiet, "-m", *commands[name], *extra[name]]
        # As the role that owns nothing; `manage` and `ask` are the owner.
        url = self.environment["DATABASE_URL"].replace("//thrive@", "//thrive_program@", 1)
        self.parts[name] = self.children.start(
            name, command, env=self.environment | {"DATABASE_URL": url}, cwd=self.root
        )

    def restart_ended(self) -> list[str]:
        """Start the parts that ended by themselves, as make run and the compose file do; return their names."""
        ended = [name for name, part in self.parts.items() if part.process.poll() is not None]
        for name in ended:
            self.children.stop(self.parts[name])
            self.start(name)
        return ended

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", int(self.url.rsplit(":", 1)[1]), timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/health/live/", headers={"Host": self.url.removeprefix("http://")})
            return connection.getresponse().status < 500
        return False


ALL_PARTS = ("web", "worker", "beat")
Servers = Callable[[], AbstractContextManager[tuple[Addresses, Children]]]


def running_program(
    *, parts: tuple[str, ...] = ALL_PARTS, **variables: str
) -> AbstractContextManager[Program]:
    """Provide the program on private servers, migrated and answering, until the block ends."""
    return program_on(_services, parts, variables)


@contextlib.contextmanager
def _services() -> Iterator[tuple[Addresses, Children]]:
    """Provide private servers, behind a connection pool if POOL_SIZE is set."""
    with temporary_services(lay_out) as (services, children):
        size = int(os.environ.get(POOL_SIZE, "0"))
        yield behind_pooler(services, children, size) if size else services, children


@contextlib.contextmanager
def program_on(
    servers: Servers, parts: tuple[str, ...] = ALL_PARTS, variables: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """Provide the program on other servers, which lay out the migrated data before they start."""
    inbox = Inbox()
    smtp = Controller(inbox, hostname="127.0.0.1", port=free_port(), server_hostname="mail.test")
    smtp.start()
    try:
        with tempfile.TemporaryDirectory() as folder, servers() as (services, children):
            url = f"http://localhost:{free_port()}"
            environment = {
                **os.environ,
                **services.environment(),
                **PRODUCTION,
                "SITE_URL": url,
                "ALLOWED_HOSTS": "localhost,127.0.0.1",
                "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
                "BEAT_SCHEDULE": str(Path(folder) / "beat"),
                "PYTHONWARNINGS": "default",
                **(variables or {}),
            }
            program = Program(url, inbox, services, environment, children)
            for name in parts:
                program.start(name)
            if "web" in parts:
                eventually(program.answers, what="the web server answers")
            yield program
    finally:
        smtp.stop()
