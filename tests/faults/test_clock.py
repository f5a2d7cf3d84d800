"""The host's clock jumps an hour, forwards or back: nothing is lost, nothing is sent or decided twice."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from celery.beat import PersistentScheduler
from django.conf import settings
from django.core import mail as sent

from challenge.accounts.models import User
from challenge.care.models import WeeklyTarget
from challenge.enrollment.actions import confirm_seat, hold_seat
from challenge.enrollment.models import SeatState
from challenge.mail.delivery import deliver_due
from challenge.mail.models import MessageState, OutboxMessage
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BEAT, failing_checks
from challenge.weekly.decide import decide_due
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_runner_user
from thrive.beat import ClockSafeScheduler
from thrive.celery import app

pytestmark = pytest.mark.django_db
LONGEST_WAIT = timedelta(minutes=31)  # the rarest of the jobs that matter within a day
HOUR = timedelta(hours=1)
MONDAY_SIX = datetime(2026, 1, 12, 12, 5, tzinfo=UTC)


def started_after_the_jump(scheduler: type[PersistentScheduler], file: Path, jump: timedelta) -> set[str]:
    """The jobs that beat starts within the longest wait after its clock jumped, having run all of them before."""
    started: list[str] = []

    class Noting(scheduler):  # type: ignore[misc, valid-type]
        def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> Any:
            started.append(entry.name)
            return SimpleNamespace(id="")

    with time_machine.travel(NOW, tick=False) as clock:
        clockwork = Noting(app, schedule_filename=str(file), lazy=False)
        for until_s, then in ((LONGEST_WAIT.total_seconds(), jump), (LONGEST_WAIT.total_seconds(), None)):
            passed_s = 0.0
            while passed_s < until_s:
                wait_s = max(clockwork.tick(), 1.0)
                passed_s += wait_s
                clock.shift(wait_s)
            if then is not None:
                started.clear()
                clock.shift(then)
        clockwork.close()
    return set(started)


RARE = {"keep-no-longer", "read-release", "fill-erasure-list", "reseal-secrets", "celery.backend_cleanup"}


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_beat_goes_on(tmp_path: Path, jump: timedelta) -> None:
    jobs = set(settings.CELERY_BEAT_SCHEDULE) - RARE
    assert started_after_the_jump(ClockSafeScheduler, tmp_path / "beat", jump) - RARE == jobs


def test_without_our_scheduler_a_clock_set_back_silences_beat(tmp_path: Path) -> None:
    """The negative control."""
    assert started_after_the_jump(PersistentScheduler, tmp_path / "beat", -HOUR) == set()


def test_a_heartbeat_of_the_future_is_trouble() -> None:
    record_heartbeat(name=BEAT, at=NOW)
    assert "beat" not in failing_checks(at=NOW + timedelta(minutes=1))
    assert "beat" in failing_checks(at=NOW - HOUR)


@pytest.fixture
def user() -> User:
    return make_runner_user()


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_hold_still_confirms(user: User, jump: timedelta) -> None:
    cohort = make_cohort()
    hold_seat(cohort=cohort, user=user, by=user, at=NOW)
    enrollment = confirm_seat(cohort=cohort, user=user, by=user, at=NOW + jump)
    assert enrollment.seat.state == SeatState.CONFIRMED


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_an_email_goes_once(jump: timedelta) -> None:
    enroll(at=NOW)
    deliver_due(now=lambda: NOW + 2 * HOUR)
    assert len(sent.outbox) == 1
    deliver_due(now=lambda: NOW + 2 * HOUR + jump)
    assert len(sent.outbox) == 1


def test_an_email_claimed_by_a_clock_in_the_future_is_not_lost() -> None:
    enroll(at=NOW)
    message = OutboxMessage.objects.get(kind="welcome")
    OutboxMessage.objects.filter(pk=message.pk).update(send_at=NOW + HOUR)
    deliver_due(now=lambda: NOW)
    assert OutboxMessage.objects.get(pk=message.pk).state == MessageState.QUEUED
    deliver_due(now=lambda: NOW + HOUR)
    assert OutboxMessage.objects.get(pk=message.pk).state == MessageState.SENT


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_week_is_decided_once(jump: timedelta) -> None:
    enrollment = enroll()
    decide_due(now=lambda: MONDAY_SIX)
    decide_due(now=lambda: MONDAY_SIX + jump)
    decide_due(now=lambda: MONDAY_SIX)
    weeks = WeeklyTarget.objects.filter(enrollment=enrollment).values_list("week_starts_on", "revision")
    assert len(weeks) == len(set(weeks))
    assert {revision for _, revision in weeks} == {1}
