"""One clinician, one cohort, one runner in week 3 with a little log."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import User
from challenge.enrollment.models import CohortClinician
from tests.conftest import kept_for_a_module
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import make_clinician, make_runner_user, use_second_factor
from tests.factories.weekly import decide_week


def monday(weeks_ago: int = 0) -> date:
    today = timezone.localdate()
    return today - timedelta(days=today.weekday() + 7 * weeks_ago)


def moment(day: date, hour: int = 18) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour)


@contextmanager
def after_the_decision() -> Iterator[None]:
    """Begin at 08:00 where it is earlier than that on a Monday: the week of these tests is decided."""
    decided = moment(monday(), 14)
    if timezone.now() >= decided:
        yield
        return
    with time_machine.travel(decided, tick=True):
        yield


@pytest.fixture(autouse=True)
def after_mondays_decision() -> Iterator[None]:
    with after_the_decision():
        yield


@pytest.fixture(scope="module")
def kept_care(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    with kept_for_a_module(django_db_blocker):
        with after_the_decision():
            care = make_care(make_clinician())
        yield care


@pytest.fixture
def care(kept_care: SimpleNamespace, db: None) -> SimpleNamespace:
    """The module's clinician, cohort and runner, as they were made."""
    return deepcopy(kept_care)


@pytest.fixture
def clinician(care: SimpleNamespace) -> User:
    user: User = care.clinician
    return user


def make_care(clinician: User) -> SimpleNamespace:
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
