"""What staff do for somebody: enroll, hold by phone. Through the same claim, with a reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from challenge.accounts.models import User
from challenge.accounts.roles import RUNNER
from challenge.enrollment import emails
from challenge.enrollment.actions import SeatRefused, confirm_seat, hold_seat, record_refusal
from challenge.enrollment.models import Cohort, Enrollment, Seat, SeatState

PHONE_HOLD = timedelta(hours=48)


def find_or_create_person(*, email: str, name: str, phone: str, time_zone: str = "") -> User:
    """The account of this address, made where there is none; its owner signs in by an emailed code."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        zone = {"time_zone": time_zone} if time_zone else {}
        user = User.objects.create_user(email, name=name, phone=phone, **zone)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    return user


@contextmanager
def _recording_refusals(*, cohort: Cohort, email: str, reason: str, by: User, at: datetime) -> Iterator[None]:
    """One transaction; the refusal that undoes it is written to the ledger after it, with the reason of the staff."""
    try:
        with transaction.atomic():
            yield
    except SeatRefused as refusal:
        known = User.objects.filter(email=email.strip().lower()).first()
        record_refusal(cohort=cohort, user=known, by=by, refusal=refusal, at=at, reason=reason)
        raise


def hold_for_caller(
    *,
    cohort: Cohort,
    email: str,
    name: str,
    phone: str,
    reason: str,
    by: User,
    at: datetime,
    time_zone: str = "",
) -> Seat:
    """Holds a seat for 48 hours for somebody on the phone and mails the link to finish. Raises SeatRefused.

    A confirmed seat of theirs is returned as it stands, and nothing is mailed.
    """
    with _recording_refusals(cohort=cohort, email=email, reason=reason, by=by, at=at):
        user = find_or_create_person(email=email, name=name, phone=phone, time_zone=time_zone)
        seat = hold_seat(cohort=cohort, user=user, by=by, at=at, hold_for=PHONE_HOLD, reason=reason)
        if seat.state == SeatState.HELD:
            seat.hold_ends_at = min(at + PHONE_HOLD, seat.cohort.joinable_until)
            Seat.objects.filter(pk=seat.pk, state=SeatState.HELD).update(hold_ends_at=seat.hold_ends_at)
            emails.seat_held(seat=seat, at=at)
    return seat


def enroll_person(
    *, cohort: Cohort, email: str, name: str, phone: str, reason: str, by: User, at: datetime
) -> Enrollment:
    """Takes a seat for somebody at once; the questions wait for them on their page. Raises SeatRefused."""
    with _recording_refusals(cohort=cohort, email=email, reason=reason, by=by, at=at):
        user = find_or_create_person(email=email, name=name, phone=phone)
        hold_seat(cohort=cohort, user=user, by=by, at=at, reason=reason)
        enrollment = confirm_seat(cohort=cohort, user=user, by=by, at=at)
        user.groups.add(Group.objects.get(name=RUNNER))
        emails.seat_questions(enrollment=enrollment, at=at)
    return enrollment
