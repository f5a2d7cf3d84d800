"""The board of a cohort with 200 runners: the same queries as with one, and everyone on it once, in a group."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from challenge.accounts.models import User
from challenge.enrollment.models import CohortClinician
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import make_runner_user
from tests.factories.weekly import decide_week
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db
RUNNERS = 200


def looked_at(desk: Client, page: str) -> tuple[str, int]:
    """Return the page and the number of its queries."""
    desk.get(page)  # sessions, roles and the day's accesses are remembered from here on
    with CaptureQueriesContext(connection) as found:
        answer = desk.get(page)
    assert answer.status_code == 200
    return answer.text, len(found)


def test_two_hundred_runners_take_the_queries_of_one(desk: Client, clinician: User) -> None:
    starts_on = monday(2)
    cohort = make_cohort(starts_on=starts_on, opens_at=moment(monday(5)), capacity=RUNNERS)
    CohortClinician.objects.create(cohort=cohort, user=clinician)
    page = f"/admin/review/{cohort.slug}/"
    few = 0
    for number in range(RUNNERS):
        runner = enroll(cohort=cohort, user=make_runner_user(name=f"Runner {number}"))
        if number < 5:
            log_run(runner, starts_on, at=moment(starts_on))
            decide_week(enrollment=runner, week_starts_on=monday(), at=moment(monday(), 13))
        if number == 0:
            _, few = looked_at(desk, page)
    text, many = looked_at(desk, page)
    assert many == few
    shown = re.findall(r'id="runner-(\d+)"', text)
    assert (len(shown), len(set(shown))) == (RUNNERS, RUNNERS)
    assert f"{RUNNERS} of {RUNNERS}" in text
    # The first fifty of a group stand open; the others are one press away, and open for a link to one of them.
    assert re.findall(r"<summary>(\d+) more</summary>", text) == [str(RUNNERS - 50)]
