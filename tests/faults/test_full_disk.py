"""The disk under PostgreSQL and Valkey fills up: people read that we are back soon, what was promised is kept, and
with room again all is well. A real file system of its own, as small as the two servers allow."""

import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
import redis

from challenge.mail.delivery import LEASE
from tests.faults.enrolling import ENROLL, HAMMER, check_nothing_is_half_done
from tests.faults.test_parts_away import ask, folder_of, is_ready, stop
from tests.prepared import lay_out
from tests.program import Program, eventually, program_on
from thrive.devserver.addresses import Addresses, addresses_in
from thrive.devserver.children import Children
from thrive.devserver.servers import PostgresServer, ValkeyServer, server_account

SIZE = "240m"
CHUNK = bytes(64 * 1024)


@contextlib.contextmanager
def small_disk() -> Iterator[tuple[Addresses, Children]]:
    """Durable servers on a file system of their own; skips where this account may not mount one."""
    folder, account = Path(tempfile.mkdtemp(prefix="thrive-full-", dir="/tmp")), server_account()
    owner = f",uid={account.uid},gid={account.gid}" if account else ""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755{owner}", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("mounting a small disk takes root: see the file-size limit in test_parts_away")
    children = Children()
    try:
        lay_out(folder)
        PostgresServer(folder, children).start()
        ValkeyServer(folder, children).start()
        yield addresses_in(folder), children
    finally:
        children.close()
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill(file: Path) -> None:
    """Writes until nothing more fits, down to the last few bytes."""
    with file.open("wb", buffering=0) as ballast:
        for chunk in (CHUNK, b"\0"):
            with contextlib.suppress(OSError):
                while True:
                    os.write(ballast.fileno(), chunk)


def ask_for_a_place(program: Program, email: str) -> int:
    """A visitor's form that writes."""
    connection = http.client.HTTPConnection("127.0.0.1", int(program.url.rsplit(":", 1)[1]), timeout=60)
    host = {"Host": program.url.removeprefix("http://")}
    with contextlib.closing(connection):
        connection.request("GET", "/early-access/", headers=host)
        page = connection.getresponse()
        html = page.read().decode()
        if page.status != 200:
            return page.status
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', html)
        cookie = (page.getheader("Set-Cookie") or "").split(";")[0]
        assert token
        more = {"Cookie": cookie, "Origin": program.url, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"email": email, "csrfmiddlewaretoken": token[1]})
        connection.request("POST", "/early-access/", body, host | more)
        return connection.getresponse().status


@pytest.mark.deep
def test_a_full_disk_is_a_page_loses_nothing_and_half_does_nothing() -> None:
    with program_on(small_disk) as program:
        folder = folder_of(program)
        program.shell(ENROLL.format(email="before@runners.test"))
        program.inbox.wait_for("before@runners.test", within_s=120)
        with redis.from_url(program.services.redis_url.replace("db=0", "db=9")) as store:
            store.set("kept", "before")
        fill(folder / "ballast")

        taken, refused = json.loads(program.shell(HAMMER))
        assert refused, "the disk is full"
        assert set(refused) <= {"OperationalError", "InterfaceError"}, Counter(refused)
        statuses = Counter(ask(program, "/") for _ in range(10))
        statuses.update(ask_for_a_place(program, f"list{n}@runners.test") for n in range(10))
        assert set(statuses) <= {200, 302, 503}, statuses
        assert statuses[503], "who writes reads that we are back soon"

        (folder / "ballast").unlink()
        make_well(program, folder)
        check_what_was_promised(program, ["before@runners.test", *taken])
        with redis.from_url(program.services.redis_url.replace("db=0", "db=9")) as store:
            assert store.get("kept") == b"before"


def make_well(program: Program, folder: Path) -> None:
    """Start the servers, as a person does after making room; Valkey again, to see what it kept on disk."""
    stop(program, "Valkey")
    ValkeyServer(folder, program.children).start()
    postgres = next(c for c in program.children.running if c.name == "PostgreSQL")
    if postgres.process.poll() is not None:
        stop(program, "PostgreSQL")
        PostgresServer(folder, program.children).start()
    eventually(lambda: ask(program, "/") == 200, within_s=120, what="the page is read again")


def kept_running(program: Program) -> bool:
    """True, and what ended was started again, as a supervisor does: a worker may need a while to give up."""
    for name in ("worker", "beat"):
        if program.parts[name].process.poll() is not None:
            program.start(name)
    return True


def check_what_was_promised(program: Program, promised: list[str]) -> None:
    check_nothing_is_half_done(program, promised)
    program.shell(ENROLL.format(email="after@runners.test"))
    eventually(lambda: kept_running(program) and is_ready(program), within_s=180, what="ready again")
    for email in ("after@runners.test", *promised):
        # What a worker held when it could write no more waits for its lease to run out.
        arrived = partial(lambda to: kept_running(program) and program.inbox.to(to), email)
        eventually(arrived, within_s=LEASE.total_seconds() + 120, what="each welcome")
        unsure = program.ask("SELECT unsure FROM challenge_outboxmessage WHERE to_email = %s", email)
        assert len({mail["Message-ID"] for mail in program.inbox.to(email)}) == 1
        assert len(program.inbox.to(email)) == 1 or unsure == [{"unsure": True}]
