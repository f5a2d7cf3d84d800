"""`manage.py race_drill`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, LedgerEntry, Seat
from challenge.enrollment.race_drill import run_drill
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.cohorts import make_cohort

KEPT = (Cohort, Seat, LedgerEntry, User, OutboxMessage)


@pytest.mark.django_db(transaction=True)
def test_a_drill_fills_exactly_the_capacity_and_leaves_nothing_behind() -> None:
    before = [model.objects.count() for model in KEPT]
    said = StringIO()
    call_command("race_drill", claims=60, stdout=said)
    assert "taken    20" in said.getvalue()
    assert "refused  40" in said.getvalue()
    assert [model.objects.count() for model in KEPT] == before


@pytest.mark.django_db(transaction=True)
def test_a_drill_that_does_not_fill_the_seats_fails_and_sweeps_up_all_the_same() -> None:
    with pytest.raises(CommandError):
        call_command("race_drill", claims=3, stdout=StringIO())
    assert not Cohort.objects.exists()
    assert run_drill(claims=3, at=NOW).taken == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "rule"), [({"is_drill": True, "is_public": False}, "cohort_drill_written_once")]
)
def test_a_cohort_does_not_become_a_drill(fields: dict[str, bool], rule: str) -> None:
    cohort = make_cohort()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Cohort.objects.filter(pk=cohort.pk).update(**fields)
    assert refused.value.__cause__.diag.constraint_name == rule  # type: ignore[union-attr]
