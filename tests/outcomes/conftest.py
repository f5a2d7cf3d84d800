"""An enrolled runner in Chicago on the Friday of week 1, when the first weekly questions open."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment
from tests.factories.cohorts import enroll

FRIDAY = datetime(2026, 1, 9, 15, 0, tzinfo=UTC)


@pytest.fixture
def enrollment(runner: User) -> Enrollment:
    return enroll(user=runner)


@pytest.fixture
def friday() -> Iterator[datetime]:
    """The clock stands on Friday 9 January 2026, 09:00 in Chicago."""
    with time_machine.travel(FRIDAY, tick=False):
        yield FRIDAY


@pytest.fixture
def phone(friday: datetime, client: Client, enrollment: Enrollment) -> Client:
    """The enrolled runner's browser, signed in."""
    assert enrollment.seat.user is not None
    client.force_login(enrollment.seat.user)
    return client
