"""A day is paused by one rule, which the database and Python apply alike."""

from datetime import UTC, date, datetime, timedelta

import pytest

from challenge.care.models import Pause
from challenge.care.queries import pauses_covering
from challenge.enrollment.models import Enrollment
from tests.weekly.conftest import enrolled

__all__ = ["enrolled"]

START = date(2026, 1, 5)
ENDED = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("ended_at", [None, ENDED])
@pytest.mark.parametrize("ends_on", [None, START, START + timedelta(days=2)])
def test_python_and_the_database_agree_on_paused_days(
    enrolled: Enrollment, ends_on: date | None, ended_at: datetime | None
) -> None:
    pause = Pause.objects.create(
        enrollment=enrolled, reason="other", starts_on=START, ends_on=ends_on, at=ENDED, ended_at=ended_at
    )
    for day in (START + timedelta(days=n) for n in range(-1, 4)):
        assert pause.covers(day) is pauses_covering(on=day).filter(pk=pause.pk).exists()
