"""Enroll a person, or hold a seat for a caller, with a reason. Both use the same claim as runners."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from challenge.accounts.models import WAITING, AddressChange, User
from challenge.accounts.roles import RUNNER
from challenge.enrollment import emails
from challenge.enrollment.actions import AddressWaits, SeatRefused, confirm_seat, hold_seat
from challenge.enrollment.ledger import record_refusal
from challenge.enrollment.models import Cohort, Enrollment, Seat, SeatState

PHONE_HOLD = timedelta(hours=48)


def find_or_create_person(*, email: str, name: str, phone: str, time_zone: str = "") -> User:
    """Return the account of this address; create a missing one. Its owner signs in by an emailed code."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        zone = {"time_zone": time_zone} if time_zone else {}
        user = User.objects.create_user(email, name=name, phone=phone, **zone)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    return user


def _check_address_is_free(email: str) -> None:
    """Refuse an address that waits for a runner: an account here would take it from them. Raises AddressWaits."""
    if AddressChange.objects.filter(WAITING, new_email=email.strip().lower()).exists():
        raise AddressWaits(
            "This address waits for another runner, whose change of address is not done yet. "
            "Is it the same person? Then they have a seat already. If not, take that change back first."
        )


@contextmanager
def _recording_refusals(*, cohort: Cohort, email: str, reason: str, by: User, at: datetime) -> Iterator[None]:
    """Open a transaction. A refusal that rolls it back is recorded afterwards, with the reason that staff gave."""
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
    spoke: bool = False,
) -> Seat:
    """Hold a seat for 48 hours for a caller and mail the link to finish. Raises SeatRefused.

    A confirmed seat of theirs is returned unchanged, and no email is sent.
    """
    with _recording_refusals(cohort=cohort, email=email, reason=reason, by=by, at=at):
        _check_address_is_free(email)
        user = find_or_create_person(email=email, name=name, phone=phone, time_zone=time_zone)
        seat = hold_seat(cohort=cohort, user=user, by=by, at=at, hold_for=PHONE_HOLD, reason=reason)
        if seat.state == SeatState.HELD:
            # `hold_seat` returns a running hold of 20 minutes unchanged: make it the longer one.
            seat.hold_ends_at = min(at + PHONE_HOLD, seat.cohort.joinable_until)
            Seat.objects.filter(pk=seat.pk, state=SeatState.HELD).update(hold_ends_at=seat.hold_ends_at)
            emails.seat_held(seat=seat, spoke=spoke, at=at)
    return seat


def enroll_person(
    *, cohort: Cohort, email: str, name: str, phone: str, reason: str, by: User, at: datetime
) -> Enrollment:
    """Claim and confirm a seat for a person, who answers the intake later. Raises SeatRefused."""
    with _recording_refusals(cohort=cohort, email=email, reason=reason, by=by, at=at):
        _check_address_is_free(email)
        user = find_or_create_person(email=email, name=name, phone=phone)
        hold_seat(cohort=cohort, user=user, by=by, at=at, reason=reason)
        enrollment = confirm_seat(cohort=cohort, user=user, by=by, at=at)
        user.groups.add(Group.objects.get(name=RUNNER))
        emails.seat_questions(enrollment=enrollment, at=at)
    return enrollment
