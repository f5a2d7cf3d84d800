"""The host's clock jumps an hour, forwards or back: nothing is lost, nothing is sent or decided twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as sent

from challenge.accounts.models import User
from challenge.care.models import WeeklyTarget
from challenge.enrollment.actions import confirm_seat, hold_seat
from challenge.enrollment.models import SeatState
from challenge.mail.delivery import deliver_due
from challenge.mail.models import OutboxMessage, State
from challenge.targets.actions import decide_due
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_runner_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MONDAY_SIX = datetime(2026, 1, 12, 12, 5, tzinfo=UTC)


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
    assert OutboxMessage.objects.get(pk=message.pk).state == State.QUEUED
    deliver_due(now=lambda: NOW + HOUR)
    assert OutboxMessage.objects.get(pk=message.pk).state == State.SENT


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_week_is_decided_once(jump: timedelta) -> None:
    enrollment = enroll()
    decide_due(now=lambda: MONDAY_SIX)
    decide_due(now=lambda: MONDAY_SIX + jump)
    decide_due(now=lambda: MONDAY_SIX)
    weeks = WeeklyTarget.objects.filter(enrollment=enrollment).values_list("week_starts_on", "revision")
    assert len(weeks) == len(set(weeks))
    assert {revision for _, revision in weeks} == {1}
