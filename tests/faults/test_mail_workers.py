"""Mail workers killed in mid-work: nothing is missing, and what may have arrived twice is known and has one name."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from challenge.mail.models import MessageState, OutboxMessage
from tests.faults.mail_worker import fill
from tests.mail.smtp import Handler, smtp_server
from tests.program import eventually

pytestmark = pytest.mark.django_db(transaction=True)
Worker = subprocess.Popen[bytes]


def environment(port: int) -> dict[str, str]:
    """The test's own database, and the scripted mail server."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    return os.environ | {"DATABASE_URL": database, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}


def start(what: str, port: int) -> Worker:
    return subprocess.Popen([sys.executable, "-m", "tests.faults.mail_worker", what], env=environment(port))


@contextmanager
def workers(what: str, count: int, port: int) -> Iterator[list[Worker]]:
    running = [start(what, port) for _ in range(count)]
    try:
        yield running
    finally:
        for worker in running:
            worker.kill()
            worker.wait()


def kill_in_mid_work(messages: int, kills: int) -> Handler:
    """Four workers; one of them is killed with -9 and replaced each time so many more messages were taken."""
    fill(messages)
    chosen = random.Random(7)
    with smtp_server(delay_s=0.02) as (handler, port), workers("careful", 4, port) as running:
        for kill in range(kills):
            threshold = (kill + 1) * messages // (kills + 1)
            eventually(
                lambda: len(handler.taken) >= threshold,  # noqa: B023 - used in this turn of the loop
                within_s=120,
                what="the workers make progress",
            )
            victim = running.pop(chosen.randrange(len(running)))
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()
            running.append(start("careful", port))
        for worker in running:
            worker.wait(timeout=120)
    return handler


def check(handler: Handler, messages: int, kills: int) -> None:
    taken = handler.counted()
    assert len(taken) == messages, "a message is missing"
    twice = {message_id for message_id, count in taken.items() if count > 1}
    assert max(taken.values()) <= 2
    assert len(twice) <= kills
    unsure = set(OutboxMessage.objects.filter(unsure=True).values_list("message_id", flat=True))
    assert twice <= unsure
    assert not OutboxMessage.objects.exclude(state=MessageState.SENT).exists()


def test_200_messages_and_4_kills_lose_nothing_and_double_only_what_is_marked_unsure() -> None:
    check(kill_in_mid_work(200, 4), 200, 4)


@pytest.mark.deep
def test_1000_messages_and_20_kills() -> None:
    check(kill_in_mid_work(1000, 20), 1000, 20)


def test_without_leases_two_workers_double_what_they_send() -> None:
    """The negative control: the test above would see it."""
    fill(60)
    with smtp_server(delay_s=0.05) as (handler, port), workers("naive", 2, port) as running:
        for worker in running:
            worker.wait(timeout=120)
    assert sum(count > 1 for count in handler.counted().values()) > 10
