"""The longest run that a runner reads on their page and in the email, after a run that was far too long."""

from datetime import date, timedelta

import pytest
from django.test import Client

from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.intake.models import Intake
from challenge.protocol.local_week import week_decided_at
from tests.factories.cohorts import STARTS, enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.weekly import decide_week

pytestmark = pytest.mark.django_db
MILE = 1609.344
SATURDAY = STARTS + timedelta(days=5)


@pytest.fixture
def runner() -> Enrollment:
    made = enroll(cohort=make_cohort())
    Intake.objects.create(
        enrollment=made,
        answered_at=made.created_at,
        answered_on=made.created_at.date(),
        is_adult=True,
        longest_run_m=round(5 * MILE),
    )
    return made


def decided(runner: Enrollment, monday: date) -> WeeklyTarget:
    user = runner.seat.user
    assert user is not None
    return decide_week(enrollment=runner, week_starts_on=monday, at=week_decided_at(monday, user.zone))


def page(runner: Enrollment, week: int) -> str:
    client, user = Client(), runner.seat.user
    assert user is not None
    client.force_login(user)
    return client.get(f"/plan/{week}/").content.decode()


def test_fifteen_miles_with_pain_7_after_five_leave_the_limit_at_5_5(runner: Enrollment) -> None:
    decided(runner, STARTS)
    log_run(
        runner, SATURDAY, distance_m=round(15 * MILE), duration_s=9000, pain=7, site="achilles", side="left"
    )
    for week in (2, 3):
        target = decided(runner, STARTS + timedelta(weeks=week - 1))
        assert "Longest run: up to 5.5 mi" in page(runner, week)
        assert target.message is not None
        assert "up to 5.5 mi" in target.message.text
        assert "16.5" not in target.message.text
        assert "pain" not in target.message.text.lower()


def test_13_9_miles_after_eight_count_once_seven_quiet_days_have_followed(runner: Enrollment) -> None:
    """13.9 and a tenth are 15.29 miles, and a limit is cut to a tenth, never rounded up."""
    log_run(runner, STARTS + timedelta(days=1), distance_m=round(8 * MILE), duration_s=5000)
    Intake.objects.update(longest_run_m=round(8 * MILE))
    log_run(runner, SATURDAY, distance_m=round(13.9 * MILE), duration_s=9000)
    for week, limit in ((2, "8.8"), (3, "15.2")):
        target = decided(runner, STARTS + timedelta(weeks=week - 1))
        assert f"Longest run: up to {limit} mi" in page(runner, week)
        assert target.message is not None
        assert f"up to {limit} mi" in target.message.text
