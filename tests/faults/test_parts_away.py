"""A part of the program goes away while people use it: nothing is lost, nothing is half done, and all is well again."""

import http.client
import json
import re
import resource
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiosmtpd.controller import Controller

from challenge.operations.backup import new_key
from tests.faults.enrolling import ENROLL, HAMMER, check_nothing_is_half_done
from tests.program import ROOT, Inbox, Program, eventually, free_port, running_program
from thrive.devserver.servers import PostgresServer, ValkeyServer
from thrive.worker_steps import CONSUMING_WITHIN_S

TAKEN = "SELECT count(*) FROM challenge_seat WHERE state = 'confirmed'"
TRIED = "SELECT count(*) FROM challenge_outboxmessage WHERE last_error <> ''"
LISTED = "SELECT count(*) FROM challenge_earlyaccess WHERE email = %s"
QUICK = "tests.faults.settings"


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with running_program(DJANGO_SETTINGS_MODULE=QUICK) as running:
        yield running


def folder_of(program: Program) -> Path:
    """Where the private servers keep their data."""
    return Path(parse_qs(urlsplit(program.services.database_url).query)["host"][0]).parent


def stop(program: Program, name: str) -> None:
    child = next(c for c in program.children.running if c.name == name)
    program.children.stop(child)


def ask(program: Program, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(program.url.rsplit(":", 1)[1]), timeout=30)
    try:
        connection.request("GET", path, headers={"Host": program.url.removeprefix("http://")})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def is_ready(program: Program) -> bool:
    return ask(program, "/health/ready/") == 200


def test_with_the_queue_away_a_seat_is_taken_and_the_email_comes_later(program: Program) -> None:
    stop(program, "Valkey")
    assert "seat" in program.shell(ENROLL.format(email="queue@runners.test"))
    assert ask(program, "/") == 200
    assert ask(program, "/health/live/") == 200
    assert ask(program, "/health/ready/") == 503
    ValkeyServer(folder_of(program), program.children, durable=False).start()

    def arrived() -> bool:
        program.restart_ended()
        return bool(program.inbox.to("queue@runners.test"))

    # The program's own promise, then beat's next round (at most five seconds here) and the handing over.
    eventually(arrived, within_s=CONSUMING_WITHIN_S + 30, what="the email after the queue's return")
    assert len(program.inbox.to("queue@runners.test")) == 1
    eventually(lambda: is_ready(program), within_s=120, what="ready again")


def test_with_the_worker_killed_the_next_one_sends_once(program: Program) -> None:
    program.parts["worker"].process.kill()
    program.parts["worker"].process.wait()
    program.shell(ENROLL.format(email="worker@runners.test"))
    program.start("worker")
    program.inbox.wait_for("worker@runners.test", within_s=120)
    assert len(program.inbox.to("worker@runners.test")) == 1


def half_sent(program: Program, email: str) -> tuple[http.client.HTTPConnection, bytes]:
    """A form on its way to the list: what has been sent waits for this rest."""
    host, port = program.url.removeprefix("http://"), int(program.url.rsplit(":", 1)[1])
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as page:
        page.request("GET", "/early-access/", headers={"Host": host})
        answer = page.getresponse()
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    assert token is not None
    body = urlencode({"csrfmiddlewaretoken": token[1], "email": email}).encode()
    sending = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sending.putrequest("POST", "/early-access/", skip_host=True)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    for name, value in ({"Host": host, "Cookie": cookie, "Origin": program.url} | form).items():
        sending.putheader(name, value)
    sending.endheaders(body[:20])
    return sending, body[20:]


def test_a_stopping_web_server_finishes_what_it_is_being_sent(program: Program) -> None:
    """An upgrade stops the server: it cuts off no form in the middle and accepts no new one."""
    sending, rest = half_sent(program, "last@runners.test")
    with closing(sending):
        web = program.parts["web"].process
        assert ask(program, "/health/live/") == 200  # a later request was answered: this one has begun
        web.send_signal(signal.SIGTERM)
        eventually(lambda: not program.answers(), within_s=8, what="nobody new is let in")
        sending.send(rest)
        assert sending.getresponse().status in {200, 302}
    assert web.wait(timeout=30) == 0
    assert program.ask(LISTED, "last@runners.test") == [{"count": 1}]
    program.start("web")
    eventually(program.answers, what="the web server answers again")


def test_a_restarted_database_shows_a_page_then_all_is_well_and_no_seat_is_half_done(
    program: Program,
) -> None:
    statuses: Counter[int] = Counter()
    over = threading.Event()

    def visit() -> None:
        while not over.is_set():
            statuses[ask(program, "/")] += 1

    taken: list[str] = []
    refused: list[str] = []

    def enroll() -> None:
        for said, found in zip((taken, refused), json.loads(program.shell(HAMMER)), strict=True):
            said.extend(found)

    crowd = [threading.Thread(target=visit) for _ in range(6)] + [threading.Thread(target=enroll)]
    for person in crowd:
        person.start()
    try:
        eventually(lambda: statuses[200] > 5, what="the page is read")
        eventually(lambda: program.ask(TAKEN)[0]["count"] > 3, what="seats are taken")
        stop(program, "PostgreSQL")
        eventually(lambda: statuses[503] > 5, what="the page says that we are back soon")
        PostgresServer(folder_of(program), program.children, durable=False).start()
        read = statuses[200]
        eventually(lambda: statuses[200] > read + 5, within_s=120, what="the page is read again")
    finally:
        over.set()
        for person in crowd:
            person.join()
    assert set(statuses) == {200, 503}, statuses
    assert taken, "some were in time"
    assert refused, "and some were not"
    assert "seat" in program.shell(ENROLL.format(email="database@runners.test"))
    check_nothing_is_half_done(program, taken)
    program.inbox.wait_for("database@runners.test", within_s=120)


def test_a_full_disk_fails_a_backup_with_a_sentence_and_leaves_the_old_one(
    program: Program, tmp_path: Path
) -> None:
    file, key = tmp_path / "challenge.backup", tmp_path / "key"
    key.write_text(new_key())
    program.manage("backup", str(file), "--key-file", str(key))
    before = file.read_bytes()

    def nearly_full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    done = subprocess.run(
        [sys.executable, "-B", "manage.py", "backup", str(file), "--key-file", str(key)],
        cwd=ROOT,
        env=program.environment,
        capture_output=True,
        text=True,
        preexec_fn=nearly_full,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == [file.name, f"{file.name}.erasures", "key"]


def test_mail_that_no_server_takes_waits_and_arrives_once() -> None:
    port, inbox = free_port(), Inbox()
    address = f"smtp://127.0.0.1:{port}"
    with running_program(
        parts=("worker", "beat"), EMAIL_URL=address, DJANGO_SETTINGS_MODULE=QUICK
    ) as program:
        program.shell(ENROLL.format(email="smtp@runners.test"))
        eventually(lambda: program.ask(TRIED)[0]["count"], within_s=120, what="it was tried")
        smtp = Controller(inbox, hostname="127.0.0.1", port=port, server_hostname="mail.test")
        smtp.start()
        try:
            program.ask("UPDATE challenge_outboxmessage SET send_at = now() WHERE state = 'queued'")
            inbox.wait_for("smtp@runners.test", within_s=120)
            program.manage("deliver_mail", "--once")
            assert len(inbox.to("smtp@runners.test")) == 1
        finally:
            smtp.stop()
