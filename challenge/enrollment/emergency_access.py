"""Open one runner's record from outside their team: a written reason, for an hour, and both sides know."""

from datetime import datetime

from django.db import transaction

from challenge.accounts.actions import record_access
from challenge.accounts.models import User
from challenge.enrollment import emails
from challenge.enrollment.emergency_models import OPEN_FOR, EmergencyAccess
from challenge.enrollment.models import Enrollment
from challenge.enrollment.policies import runners_visible_to


class NoSuchRunner(Exception):
    """No runner has this address."""


class OpenAlready(Exception):
    """The person sees this record anyhow."""


def open_record(*, email: str, reason: str, by: User, at: datetime) -> EmergencyAccess:
    """Open the latest record of the runner with this address to `by` for an hour; write to the owners and the runner.

    The caller checks that `by` is a clinician or a superuser with a fresh sign-in. Raises NoSuchRunner, OpenAlready.
    """
    with transaction.atomic():
        # Locked, so that a form sent twice opens the record, and is mailed, once.
        by = User.objects.select_for_update(no_key=True).get(pk=by.pk)
        enrollment = _record_of(email.strip().lower())
        if runners_visible_to(by).filter(pk=enrollment.pk).exists():
            raise OpenAlready("This record is open to you already.")
        access = EmergencyAccess.objects.create(
            viewer=by, enrollment=enrollment, reason=reason, at=at, ends_at=at + OPEN_FOR
        )
        if enrollment.seat.user is not None:
            record_access(viewer=by, runner=enrollment.seat.user, what="emergency access", at=at)
        emails.emergency_opened(access=access, at=at)
    return access


def _record_of(email: str) -> Enrollment:
    rows = Enrollment.objects.filter(seat__user__email=email).select_related("seat__user", "seat__cohort")
    enrollment = rows.order_by("-created_at").first()
    if enrollment is None:
        raise NoSuchRunner("No runner has this address. Look at it once more.")
    return enrollment
