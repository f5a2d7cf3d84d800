"""An enrolled runner, in Chicago, on the Wednesday of week 1."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment
from tests.factories.cohorts import enroll


@pytest.fixture
def enrollment(runner: User) -> Enrollment:
    return enroll(user=runner)


@pytest.fixture
def wednesday(now: datetime) -> Iterator[datetime]:
    """The clock stands on Wednesday 7 January 2026, 09:00 in Chicago."""
    with time_machine.travel(now, tick=False):
        yield now


@pytest.fixture
def phone(wednesday: datetime, client: Client, enrollment: Enrollment) -> Client:
    """The enrolled runner's browser, signed in."""
    assert enrollment.seat.user is not None
    client.force_login(enrollment.seat.user)
    return client
