"""Nobody watches the log out of hours, and it says so wherever a runner reports pain."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_morning, log_run, log_strength
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db
SENTENCE = "not watched out of hours"


def test_every_form_that_asks_for_pain_says_so(client: Client) -> None:
    cohort = make_cohort(starts_on=monday(1), opens_at=moment(monday(5)))
    runner = enroll(cohort=cohort)
    client.force_login(runner.seat.user)  # type: ignore[arg-type]
    for path in ("/log/run/", "/log/strength/", "/log/morning/", "/log/daily-life/", "/log/offline/"):
        says_so(client, path)
    on = timezone.localdate()
    entries: list[Any] = [log_run(runner, on), log_strength(runner, on), log_morning(runner, on)]
    for entry in entries:
        says_so(client, f"/log/{entry.kind}/{entry.pk}/")


def says_so(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200, path
    assert 'class="pain-row"' in page.content.decode(), path
    assert SENTENCE in page.content.decode(), path
