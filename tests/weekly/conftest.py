"""A runner whose challenge began on Monday, January 5, 2026, in Chicago by default."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from challenge.enrollment.models import Enrollment
from tests.factories.cohorts import enroll
from tests.factories.people import make_runner_user

MONDAY = date(2026, 1, 5)
SIX = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # 06:00 in Chicago


@pytest.fixture
def enrolled(db: None) -> Enrollment:
    return enroll()


@pytest.fixture
def enrolled_in(db: None) -> Callable[[str], Enrollment]:
    def make(zone: str) -> Enrollment:
        return enroll(user=make_runner_user(time_zone=zone))

    return make
