"""One clinician, one cohort, one runner in week 3 with a little log."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import User
from challenge.enrollment.models import CohortClinician
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import make_runner_user, use_second_factor
from tests.factories.weekly import decide_week


def monday(weeks_ago: int = 0) -> date:
    today = timezone.localdate()
    return today - timedelta(days=today.weekday() + 7 * weeks_ago)


def moment(day: date, hour: int = 18) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour)


@pytest.fixture(autouse=True)
def after_mondays_decision() -> Iterator[None]:
    """Begin at 08:00 where it is earlier than that on a Monday: the week of these tests is decided."""
    decided = moment(monday(), 14)
    if timezone.now() >= decided:
        yield
        return
    with time_machine.travel(decided, tick=True):
        yield


@pytest.fixture
def care(clinician: User) -> SimpleNamespace:
    starts_on = monday(2)
    cohort = make_cohort(starts_on=starts_on, opens_at=moment(starts_on - timedelta(days=20)))
    CohortClinician.objects.create(cohort=cohort, user=clinician)
    runner = enroll(cohort=cohort, user=make_runner_user(name="Odalys Finch"))
    log_run(runner, starts_on + timedelta(days=1), at=moment(starts_on + timedelta(days=1)))
    for weeks_ago in (2, 1, 0):
        decide_week(enrollment=runner, week_starts_on=monday(weeks_ago), at=moment(monday(weeks_ago), 13))
    return SimpleNamespace(cohort=cohort, runner=runner, clinician=clinician)


@pytest.fixture
def desk(client: Client, clinician: User) -> Client:
    client.force_login(clinician)
    use_second_factor(client, clinician)
    return client
