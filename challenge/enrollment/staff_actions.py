"""Enroll a person, hold a seat for a caller, or open a record from outside its team, each with a written reason.

The first two use the same claim as runners. A record is open for an hour, and both sides know.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from challenge.accounts.actions import record_access
from challenge.accounts.models import WAITING, AddressChange, User
from challenge.accounts.roles import RUNNER
from challenge.enrollment import emails
from challenge.enrollment.actions import AddressWaits, SeatRefused, confirm_seat, hold_seat
from challenge.enrollment.emergency_models import OPEN_FOR, EmergencyAccess
from challenge.enrollment.ledger import record_refusal
from challenge.enrollment.models import Cohort, Enrollment, Seat, SeatState
from challenge.enrollment.policies import runners_visible_to

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
