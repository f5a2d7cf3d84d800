"""Push workers killed in mid-work: no reminder is missing, and at most one for each kill comes twice."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from challenge.mail.actions import Push, put_pushes_in_outbox
from challenge.mail.models import MessageState, OutboxMessage
from challenge.mail.push_addresses import save_address
from tests.faults.test_mail_workers import Worker, environment
from tests.mail.push_service import PUSH_KEY, PushService
from tests.program import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(tmp_path: Path, settings: object) -> Iterator[PushService]:
    service = PushService(tmp_path)
    settings.PUSH_LOOPBACK_CERTIFICATE = str(service.certificate)  # type: ignore[attr-defined]
    yield service
    service.close()


def fill(count: int, service: PushService) -> None:
    at = timezone.now()
    addresses = [
        save_address(owner=f"account:{n}", device="Phone", at=at, **service.subscription(str(n)))
        for n in range(count)
    ]
    pushes = [
        Push(
            to=address, title="Pain-Free Runner", body="Strength is due today.", path="/log/strength/", tag="strength",
            dedupe_key=f"push:{n}", about=f"enrollment:{n}", expires_at=at + timedelta(hours=2),
        )
        for n, address in enumerate(addresses)
    ]  # fmt: skip
    with transaction.atomic():
        put_pushes_in_outbox(pushes, at=at)


def start(service: PushService, what: str = "pushes") -> Worker:
    more = {
        "DJANGO_SETTINGS_MODULE": "tests.faults.push_settings",
        "TEST_PUSH_CERTIFICATE": str(service.certificate),
        "PUSH_KEY": PUSH_KEY,
    }
    command = [sys.executable, "-m", "tests.faults.mail_worker", what]
    return subprocess.Popen(command, env=environment(25) | more)


@contextmanager
def workers(count: int, service: PushService, what: str = "pushes") -> Iterator[list[Worker]]:
    running = [start(service, what) for _ in range(count)]
    try:
        yield running
    finally:
        for worker in running:
            worker.kill()
            worker.wait()


def kill_in_mid_work(service: PushService, reminders: int, kills: int) -> None:
    """Three workers; one is killed with -9 and replaced each time so many more reminders have arrived."""
    fill(reminders, service)
    chosen = random.Random(7)
    with workers(3, service) as running:
        for kill in range(kills):
            threshold = (kill + 1) * reminders // (kills + 1)
            eventually(
                lambda: len(service.received) >= threshold,  # noqa: B023 - used in this turn of the loop
                within_s=120,
                what="the workers make progress",
            )
            victim = running.pop(chosen.randrange(len(running)))
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()
            running.append(start(service))
        for worker in running:
            worker.wait(timeout=120)
    arrived = Counter(one.path.rpartition("/")[2] for one in service.received)
    assert set(arrived) == {str(n) for n in range(reminders)}, "a reminder is missing"
    twice = {n for n, count in arrived.items() if count > 1}
    assert max(arrived.values()) <= 2
    assert len(twice) <= kills
    unsure = OutboxMessage.objects.filter(unsure=True).values_list("dedupe_key", flat=True)
    assert {f"push:{n}" for n in twice} <= set(unsure)
    assert not OutboxMessage.objects.exclude(state=MessageState.SENT).exists()


def test_100_reminders_and_3_kills(service: PushService) -> None:
    kill_in_mid_work(service, 100, 3)


@pytest.mark.deep
def test_500_reminders_and_10_kills(service: PushService) -> None:
    kill_in_mid_work(service, 500, 10)


def test_without_leases_two_workers_double_what_they_send(service: PushService) -> None:
    """The negative control: the tests above would see it."""
    fill(40, service)
    with workers(2, service, "naive_pushes") as running:
        for worker in running:
            worker.wait(timeout=120)
    arrived = Counter(one.path for one in service.received)
    assert sum(count > 1 for count in arrived.values()) > 5
