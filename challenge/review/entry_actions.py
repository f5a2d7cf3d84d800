"""What clinicians write in addition to decisions: notes, contacts and tests.

Submitting the same form twice within two minutes stores one row.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar, Unpack

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import overrides
from challenge.care.answers import DecisionKind, MadeDecision, close_answered
from challenge.care.models import FunctionTest, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.review.models import Contact, Note
from challenge.weekly.decide import revise_week

DOUBLE_SUBMIT = timedelta(minutes=2)

Row = TypeVar("Row", Note, Contact, FunctionTest)


def _same_row_just_written(
    row: type[Row], /, *, enrollment: Enrollment, by: User, at: datetime, **values: Any
) -> Row | None:
    """Lock the runner and return what the same person wrote in the same words just now, if anything."""
    Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
    # Compare the words, not a key: a page that came back after signing in again has another key.
    lately = {"at__gt": at - DOUBLE_SUBMIT, "at__lte": at}
    return row._default_manager.filter(enrollment=enrollment, by=by, **lately, **values).first()


@transaction.atomic
def write_note(*, enrollment: Enrollment, text: str, by: User, at: datetime) -> Note:
    """Store a private note."""
    earlier = _same_row_just_written(Note, enrollment=enrollment, by=by, at=at, text=text)
    return earlier or Note.objects.create(enrollment=enrollment, text=text, by=by, at=at)


@transaction.atomic
def log_contact(*, enrollment: Enrollment, how: str, text: str, by: User, at: datetime) -> Contact:
    """Record a call, letter or meeting with the runner. One that reached them answers a silence."""
    if earlier := _same_row_just_written(Contact, enrollment=enrollment, by=by, at=at, how=how, text=text):
        return earlier
    row = Contact.objects.create(enrollment=enrollment, how=how, text=text, by=by, at=at)
    if how in (Contact.How.CALLED, Contact.How.MET):
        made = MadeDecision(
            DecisionKind.CONTACT, f"contact:{row.pk}", str(Contact.How(how).label).capitalize()
        )
        close_answered(enrollment=enrollment, made=made, reason=text, by=by, at=at)
    return row


@transaction.atomic
def record_test(
    *, enrollment: Enrollment, by: User, at: datetime, **values: Unpack[overrides.TestValues]
) -> FunctionTest:
    """Record a heel-raise or hop test, or why it was not done; what is missing is judged again immediately."""
    if earlier := _same_row_just_written(FunctionTest, enrollment=enrollment, by=by, at=at, **values):
        return earlier
    row = overrides.record_function_test(enrollment=enrollment, by=by, at=at, **values)
    revise_week(enrollment=enrollment, because=WeeklyTarget.RevisionReason.TEST, by=by, at=at)
    return row
