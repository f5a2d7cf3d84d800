"""A runner who writes, a clinician who answers, and a stranger of another cohort."""

import io
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from challenge.accounts.models import User
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.messages.actions import send_message, write_message
from challenge.messages.models import Message
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_clinician, make_runner_user, use_second_factor

FRIDAY = datetime(2026, 1, 9, 15, 0, tzinfo=UTC)


@pytest.fixture
def friday() -> Iterator[Any]:
    """The clock stands on Friday 9 January 2026, 09:00 in Chicago."""
    with time_machine.travel(FRIDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def people(friday: Any, clinician: User) -> SimpleNamespace:
    enrollment = enroll(user=make_runner_user(name="Odalys Finch"))
    CohortClinician.objects.create(cohort=enrollment.cohort, user=clinician)
    other = enroll(cohort=make_cohort(), user=make_runner_user(name="Piet Marsh"))
    stranger = make_clinician()
    CohortClinician.objects.create(cohort=other.cohort, user=stranger)
    return SimpleNamespace(enrollment=enrollment, clinician=clinician, other=other, stranger=stranger)


def signed_in(user: User | None) -> Client:
    assert user is not None
    client = Client()
    client.force_login(user)
    if user.is_staff:
        use_second_factor(client, user)
    return client


@pytest.fixture
def phone(people: SimpleNamespace) -> Client:
    return signed_in(people.enrollment.seat.user)


@pytest.fixture
def desk(people: SimpleNamespace) -> Client:
    return signed_in(people.clinician)


def ask(enrollment: Enrollment, text: str = "May I run hills?", *, at: datetime = FRIDAY) -> Message:
    user = enrollment.seat.user
    assert user is not None
    return write_message(enrollment=enrollment, key=uuid.uuid4(), text=text, by=user, at=at).message


def reply(people: SimpleNamespace, text: str = "Yes, short ones.", *, at: datetime = FRIDAY) -> Message:
    return send_message(enrollment=people.enrollment, text=text, by=people.clinician, at=at)


def picture_file(
    size: tuple[int, int] = (64, 48), *, name: str = "foot.jpg", color: str = "tan", **options: Any
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_bytes(size, color=color, **options), "image/jpeg")


def picture_bytes(
    size: tuple[int, int] = (64, 48), *, form: str = "JPEG", color: str = "tan", **options: Any
) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, form, **options)
    return written.getvalue()
