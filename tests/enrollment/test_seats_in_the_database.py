"""The cap holds at the database, whatever the code does."""

import pytest
from django.db import IntegrityError, transaction

from challenge.enrollment.actions import CohortClosed, hold_seat
from challenge.enrollment.models import Cohort, Seat
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_runner_user

pytestmark = pytest.mark.django_db


def test_the_last_confirmation_closes_the_cohort() -> None:
    cohort = make_cohort(capacity=2)
    enroll(cohort=cohort)
    enroll(cohort=cohort)
    cohort.refresh_from_db()
    assert cohort.closed_at is not None
    with pytest.raises(CohortClosed):
        hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=NOW)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"capacity": 3}, "cohort_capacity_written_once"),
        ({"closed_at": None}, "cohort_closed_stays_closed"),
    ],
)
def test_a_closed_cohort_cannot_be_changed_back(change: dict[str, object], rule: str) -> None:
    cohort = make_cohort(capacity=1)
    enroll(cohort=cohort)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Cohort.objects.filter(pk=cohort.pk).update(**change)
    assert refused.value.__cause__.diag.constraint_name == rule  # type: ignore[union-attr]


def test_a_seat_is_never_deleted() -> None:
    enrollment = enroll()
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.filter(pk=enrollment.seat_id)._raw_delete("default")
