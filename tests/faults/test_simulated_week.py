"""Two beats and four workers live through a week on real servers: one decision and one email for each runner."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from challenge.care.models import WeeklyTarget
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.local_week import week_decided_at
from tests.factories.cohorts import STARTS, enroll, make_cohort
from tests.factories.people import make_runner_user
from tests.faults.test_mail_workers import environment
from tests.mail.smtp import smtp_server
from tests.program import eventually

ZONES = (
    "America/Chicago", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Honolulu",
)  # fmt: skip
SATURDAY = datetime(2026, 1, 3, 12, 0, tzinfo=UTC)
SPEED = 6000
WEEK_S = timedelta(days=7).total_seconds() / SPEED
BEATS, WORKERS = 2, 4
ENOUGH = 5  # a beat or worker that handled fewer tasks proves nothing


@contextmanager
def running(env: dict[str, str], folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    celery = [sys.executable, "-m", "celery", "-A", "tests.faults.week_celery"]
    beats = [["beat", "-s", str(folder / f"beat{n}"), "--pidfile="] for n in range(BEATS)]
    workers = [["worker", "-P", "solo", "-n", f"w{n}@week"] for n in range(WORKERS)]
    processes = [
        subprocess.Popen([*celery, *command, "-l", "CRITICAL"], env=env) for command in [*beats, *workers]
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def part_taken(notes: Path) -> dict[str, int]:
    """Return how often each beat and worker handled the weekly task."""
    return {path.name: path.read_text().count("set_weekly_targets") for path in notes.iterdir()}


def all_did_their_part(notes: Path, runners: int) -> bool:
    sent = OutboxMessage.objects.filter(kind=MessageKind.WEEKLY, state=MessageState.SENT).count()
    return sent == runners and min(part_taken(notes).values()) > ENOUGH


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_a_week_of_two_beats_and_four_workers_is_one_decision_and_one_email_a_runner(tmp_path: Path) -> None:
    cohort = make_cohort(capacity=60)
    runners = [enroll(cohort=cohort, user=make_runner_user(time_zone=zone)) for zone in ZONES * 10]
    notes = tmp_path / "notes"
    notes.mkdir()
    clock = {"AT": SATURDAY.isoformat(), "SPEED": str(SPEED), "SINCE": str(tmp_path / "clock")}
    with smtp_server(delay_s=0.01) as (smtp, port):
        env = environment(port) | {f"TEST_CLOCK_{name}": value for name, value in clock.items()}
        with running(
            env | {"REDIS_URL": settings.REDIS_URL, "TEST_NOTES": str(notes)}, tmp_path
        ) as processes:
            eventually(
                lambda: len(list(notes.iterdir())) == BEATS + WORKERS, within_s=180, what="all parts start"
            )
            (tmp_path / "clock").touch()
            begun = time.monotonic()
            # The whole week must pass, so that a second email would show; a busy machine may then need longer.
            eventually(
                lambda: time.monotonic() - begun > WEEK_S and all_did_their_part(notes, len(runners)),
                within_s=4 * WEEK_S,
                what="every runner has a weekly email and every part has worked",
            )
            assert all(process.poll() is None for process in processes)

    took_part = part_taken(notes)
    assert sorted(name.partition("-")[0] for name in took_part) == ["beat"] * BEATS + ["worker"] * WORKERS
    assert min(took_part.values()) > ENOUGH

    for runner in runners:
        user = runner.seat.user
        assert user is not None
        target = WeeklyTarget.objects.get(enrollment=runner)
        monday = week_decided_at(STARTS, ZoneInfo(user.time_zone))
        assert monday <= target.at < monday + timedelta(hours=48)
        message = OutboxMessage.objects.get(kind=MessageKind.WEEKLY, to_email=user.email)
        assert (message.state, message.unsure) == (MessageState.SENT, False)
        assert smtp.counted()[message.message_id] == 1
    assert set(smtp.counted().values()) == {1}, "an email of another kind went twice"
