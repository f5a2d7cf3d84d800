"""A cohort keeps the numbers it began with until someone signs others, from the next Monday on."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from challenge.accounts.models import User
from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.cohort_parameters import (
    CannotSign,
    CohortParameters,
    next_monday,
    parameters_in_force,
    parameters_of,
    sign_parameters,
)
from challenge.enrollment.models import Cohort
from challenge.protocol.parameters import CLINIC
from tests.conftest import NOW
from tests.factories.cohorts import STARTS, enroll, make_cohort
from tests.factories.people import make_runner_user

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


@pytest.fixture
def cohort() -> Cohort:
    found = make_cohort()
    begin_cohorts(at=NOW)
    return found


def sign(cohort: Cohort, by: User, altered: dict[str, int], *, at: datetime = NOW) -> CohortParameters:
    return sign_parameters(cohort=cohort, altered=altered, reason="Slower here.", by=by, at=at)


def test_the_numbers_are_pinned_when_the_cohort_begins(cohort: Cohort) -> None:
    pinned = CohortParameters.objects.get()
    assert (pinned.from_week_on, pinned.version, pinned.by) == (STARTS, CLINIC.version, None)
    assert parameters_of(cohort, week_starts_on=STARTS) == CLINIC
    begin_cohorts(at=NOW)
    assert CohortParameters.objects.count() == 1


def test_a_release_with_other_numbers_moves_no_cohort_that_has_begun(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("challenge.enrollment.cohort_parameters.CLINIC", CLINIC.altered(raise_percent=3))
    later = make_cohort()
    numbers = parameters_in_force([cohort.pk, later.pk], week_starts_on=STARTS)
    assert (numbers[cohort.pk].raise_percent, numbers[later.pk].raise_percent) == (5, 3)


def test_a_signature_is_in_force_from_the_next_monday_for_its_cohort_alone(
    cohort: Cohort, clinician: User
) -> None:
    other = make_cohort()
    signed = sign(cohort, clinician, {"raise_percent": 4})
    assert signed.from_week_on == STARTS + WEEK
    assert parameters_of(cohort, week_starts_on=STARTS).raise_percent == 5
    later = parameters_of(cohort, week_starts_on=STARTS + WEEK)
    assert later.raise_percent == 4
    assert (later.version, len(later.version) <= 20) == (signed.version, True)
    assert parameters_of(other, week_starts_on=STARTS + WEEK).raise_percent == 5


def test_two_signatures_in_one_week_add_up(cohort: Cohort, clinician: User) -> None:
    sign(cohort, clinician, {"raise_percent": 4})
    sign(cohort, clinician, {"cap_spm": 178})
    numbers = parameters_of(cohort, week_starts_on=STARTS + WEEK)
    assert (numbers.raise_percent, numbers.cap_spm) == (4, 178)


def test_the_next_monday_has_begun_for_none_of_its_runners(cohort: Cohort) -> None:
    sunday = datetime(2026, 1, 11, 15, tzinfo=UTC)
    assert next_monday(cohort, at=sunday) == STARTS + WEEK
    enroll(cohort=cohort, user=make_runner_user(time_zone="Pacific/Auckland"))
    assert next_monday(cohort, at=sunday) == STARTS + 2 * WEEK
    assert next_monday(cohort, at=datetime(2025, 12, 1, tzinfo=UTC)) == STARTS


@pytest.mark.parametrize(
    ("altered", "sentence"),
    [
        ({"cap_spm": 250}, "The highest target: choose a whole number from 160 to 200"),
        ({"raise_percent": 5}, "already in force"),
        ({"no_such_number": 5}, "This number cannot be"),
    ],
)
def test_a_number_that_cannot_be_is_refused(
    cohort: Cohort, clinician: User, altered: dict[str, int], sentence: str
) -> None:
    with pytest.raises(CannotSign, match=sentence):
        sign(cohort, clinician, altered)
    assert CohortParameters.objects.count() == 1


def test_a_cohort_that_is_over_keeps_its_numbers(cohort: Cohort, clinician: User) -> None:
    last = datetime.combine(cohort.over_on, datetime.min.time(), UTC) + timedelta(hours=18)
    with pytest.raises(CannotSign, match="This cohort is over"):
        sign(cohort, clinician, {"raise_percent": 4}, at=last)
    # The Monday after the last week is the finish, and is decided with the numbers of that Monday.
    assert sign(cohort, clinician, {"raise_percent": 4}, at=last - WEEK).from_week_on == cohort.over_on


def test_the_rows_are_written_once(cohort: Cohort, clinician: User) -> None:
    signed = sign(cohort, clinician, {"raise_percent": 4})
    with pytest.raises(IntegrityError, match="append_only"):
        CohortParameters.objects.filter(pk=signed.pk).update(reason="another")


def test_a_signature_has_a_reason_and_a_monday(cohort: Cohort, clinician: User) -> None:
    values = {"cohort": cohort, "version": "x", "numbers": {}, "altered": {"raise_percent": 4}, "at": NOW}
    with pytest.raises(IntegrityError, match="cohort_parameters_from_a_monday"):
        CohortParameters.objects.create(
            **values, from_week_on=date(2026, 1, 6), by=clinician, reason="Slower."
        )
