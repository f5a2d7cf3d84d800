"""The health checks that machines ask."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from challenge import migrations
from challenge.mail import actions as mail
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import (
    BACKUP,
    BACKUP_COPY,
    BEAT,
    CHECKS,
    INSTALLED,
    RESTORE_DRILL,
    failing_checks,
)
from challenge.weekly.decide import decide_due
from tests.conftest import NOW
from tests.factories.cohorts import enroll

pytestmark = pytest.mark.django_db
CHECKS_OF = {BACKUP: "backup", RESTORE_DRILL: "drill"}


# Where each trouble is shown true and false.
SHOWN = {
    "database": "tests/operations/test_health.py::test_a_database_that_is_down_is_reported",
    "migrations": "tests/operations/test_health.py::test_missing_migrations_are_a_sentence_not_an_error",
    "queue": "tests/operations/test_health.py::test_a_queue_that_is_down_is_reported",
    "cache": "tests/operations/test_health.py::test_a_cache_that_is_down_is_reported",
    "beat": "tests/operations/test_health.py::test_a_silent_beat_is_reported_after_five_minutes",
    "mail": "tests/operations/test_health.py::test_waiting_mail_is_reported_after_a_quarter_of_an_hour",
    "failed": "tests/mail/test_refusing_relay.py::test_mail_that_was_given_up_is_reported_for_a_day",
    "targets": "tests/operations/test_health.py::test_a_missing_decision_is_reported_half_an_hour_after_monday_six",
    "unwritten": (
        "tests/mail/test_refusing_relay.py::test_ready_reports_a_decided_runner_without_an_email_until_it_is_written"
    ),
    "backup": "tests/operations/test_health.py::test_an_old_backup_and_an_old_drill_are_reported",
    "drill": "tests/operations/test_health.py::test_an_old_backup_and_an_old_drill_are_reported",
    "copy": "tests/operations/test_health.py::test_an_old_copy_elsewhere_is_reported_and_missed_by_no_one_else",
    "disk": "tests/operations/test_health.py::test_a_full_disk_is_reported",
    "data_key": (
        "tests/operations/test_data_key.py::test_a_wrong_key_changes_nothing_and_the_right_one_opens_all_again"
    ),
}


class DiskUsage(NamedTuple):
    """As `shutil.disk_usage` returns it, in bytes."""

    total: int
    used: int
    free: int


def away(*args: Any) -> None:
    raise OperationalError("the server closed the connection")


def test_live_answers_without_the_database(client: Client) -> None:
    with connection.execute_wrapper(away):
        assert client.get("/health/live/").json() == {"live": True}


def test_a_database_that_is_down_is_reported() -> None:
    assert "database" not in failing_checks(at=NOW)
    with connection.execute_wrapper(away):
        assert set(failing_checks(at=NOW)) == {"database"}


def test_ready_when_beat_lives_and_no_mail_waits(client: Client) -> None:
    record_heartbeat(name=BEAT, at=timezone.now())
    response = client.get("/health/ready/")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "troubles": {}}


def test_ready_from_the_first_second_of_a_start(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    record_heartbeat(name=BEAT, at=timezone.now() - timedelta(days=1))
    monkeypatch.setattr("challenge.operations.queries.PROCESS_STARTED_AT", timezone.now())
    assert client.get("/health/ready/").json() == {"ready": True, "troubles": {}}


@pytest.fixture
def started_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("challenge.operations.queries.PROCESS_STARTED_AT", NOW - timedelta(days=30))


@pytest.mark.usefixtures("started_long_ago")
def test_not_ready_before_the_first_heartbeat(client: Client) -> None:
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert set(response.json()["troubles"]) == {"beat"}


@pytest.mark.usefixtures("started_long_ago")
def test_tasks_that_wait_are_the_workers_fault(settings: Any) -> None:
    record_heartbeat(name=BEAT, at=NOW - timedelta(hours=1))
    assert (
        failing_checks(at=NOW)["beat"]
        == "The program’s background work has stopped for five minutes: its timer sends nothing."
    )
    with redis.from_url(settings.REDIS_URL) as queue:
        queue.lpush("celery", "a task", "another")
        try:
            assert "2 tasks are waiting" in failing_checks(at=NOW)["beat"]
        finally:
            queue.delete("celery")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "the queue doesn’t answer" in failing_checks(at=NOW)["beat"]


@pytest.mark.parametrize(("name", "hours"), [(BACKUP, 26), (RESTORE_DRILL, 8 * 24)])
def test_an_old_backup_and_an_old_drill_are_reported(name: str, hours: int) -> None:
    record_heartbeat(name=INSTALLED, at=NOW)
    assert CHECKS_OF[name] not in failing_checks(at=NOW + timedelta(hours=hours))
    assert "no" in failing_checks(at=NOW + timedelta(hours=hours, seconds=1))[CHECKS_OF[name]]
    record_heartbeat(name=name, at=NOW + timedelta(days=30))
    assert CHECKS_OF[name] not in failing_checks(at=NOW + timedelta(days=30, hours=hours))
    assert (
        f"{hours + 1} hours old"
        in failing_checks(at=NOW + timedelta(days=30, hours=hours + 1))[CHECKS_OF[name]]
    )


def test_an_old_copy_elsewhere_is_reported_and_missed_by_no_one_else() -> None:
    record_heartbeat(name=INSTALLED, at=NOW - timedelta(days=30))
    assert "copy" not in failing_checks(at=NOW)
    record_heartbeat(name=BACKUP_COPY, at=NOW)
    assert "copy" not in failing_checks(at=NOW + timedelta(hours=26))
    sentence = failing_checks(at=NOW + timedelta(hours=27))["copy"]
    assert sentence == "The copy of the backups in another place is 27 hours old."


def test_a_full_disk_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "disk" not in failing_checks(at=NOW)
    monkeypatch.setattr("shutil.disk_usage", lambda _: DiskUsage(2**30, 2**30, 2**20))
    assert failing_checks(at=NOW)["disk"] == "The disk of the program has 1 MB left."


def test_a_full_disk_is_reported_where_uploads_lie_in_memory(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def usage(folder: object) -> DiskUsage:
        return DiskUsage(2**30, 0, 2**20 if folder == settings.BASE_DIR else 2**30)

    monkeypatch.setattr("shutil.disk_usage", usage)
    assert failing_checks(at=NOW)["disk"] == "The disk of the program has 1 MB left."


def test_missing_migrations_are_a_sentence_not_an_error(client: Client) -> None:
    last = (Path(migrations.__file__).parent / "max_migration.txt").read_text().strip()
    assert "migrations" not in failing_checks(at=NOW)
    MigrationRecorder(connection).record_unapplied("challenge", last)
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert f"{last}: run `manage.py migrate`" in response.json()["troubles"]["migrations"]


@pytest.mark.usefixtures("started_long_ago")
def test_a_silent_beat_is_reported_after_five_minutes() -> None:
    record_heartbeat(name=BEAT, at=NOW)
    assert "beat" not in failing_checks(at=NOW + timedelta(minutes=5))
    assert "beat" in failing_checks(at=NOW + timedelta(minutes=5, seconds=1))


def test_waiting_mail_is_reported_after_a_quarter_of_an_hour() -> None:
    mail.put_in_outbox(
        kind=MessageKind.TEST,
        template="account_changed",
        to="a@runners.test",
        context={},
        dedupe_key="x",
        at=NOW,
    )
    assert "mail" not in failing_checks(at=NOW + timedelta(minutes=14))
    late = NOW + timedelta(minutes=16)
    assert "no one has tried to send it" in failing_checks(at=late)["mail"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("ConnectionRefusedError", "no mail server answers at the address in EMAIL_URL"),
        ("SMTPAuthenticationError", "does not accept the user name and password"),
        ("550 5.7.1", "the mail server answers 550 5.7.1"),
        ("SMTPHeloError", "the last error is SMTPHeloError"),
    ],
)
def test_mail_that_waits_says_why(error: str, words: str) -> None:
    for number in range(3):
        mail.put_in_outbox(
            kind=MessageKind.TEST, template="account_changed", to=f"r{number}@runners.test", context={},
            dedupe_key=f"x{number}", at=NOW,
        )  # fmt: skip
    OutboxMessage.objects.filter(dedupe_key__in=["x0", "x1"]).update(last_error=error)
    assert words in failing_checks(at=NOW + timedelta(minutes=16))["mail"]


def test_a_queue_that_is_down_is_reported(settings: Any) -> None:
    assert "queue" not in failing_checks(at=NOW)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "queue" in failing_checks(at=NOW)


def test_a_cache_that_is_down_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cache" not in failing_checks(at=NOW)
    gone = RedisCache("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr("challenge.operations.queries.cache", gone)
    assert "cache" in failing_checks(at=NOW)


def test_a_missing_decision_is_reported_half_an_hour_after_monday_six() -> None:
    enroll()
    six = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # of the first Monday, in Chicago
    assert "targets" not in failing_checks(at=six + timedelta(minutes=29))
    assert "targets" in failing_checks(at=six + timedelta(minutes=31))
    decide_due(now=lambda: six + timedelta(minutes=32))
    assert "targets" not in failing_checks(at=six + timedelta(minutes=33))


def test_every_trouble_is_shown_true_and_false() -> None:
    assert set(SHOWN) == {*CHECKS, "migrations"}
    for name in SHOWN.values():
        file, _, test = name.partition("::")
        assert f"def {test}(" in (Path(__file__).resolve().parents[2] / file).read_text()
