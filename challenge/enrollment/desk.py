"""What staff do for somebody: enroll, hold by phone, correct an address. Through the same claim, with a reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from challenge.accounts.actions import give_address
from challenge.accounts.models import User
from challenge.accounts.roles import RUNNER
from challenge.enrollment import emails
from challenge.enrollment.actions import SeatRefused, confirm_seat, hold_seat, note, note_refusal
from challenge.enrollment.models import TAKEN, Cohort, Enrollment, Happened, Seat, SeatState
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import Kind

PHONE_HOLD = timedelta(hours=48)


class AddressTaken(Exception):
    """Another account has this address already."""


def person(*, email: str, name: str, phone: str, time_zone: str = "") -> User:
    """The account of this address, made where there is none; its owner signs in by an emailed code."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        zone = {"time_zone": time_zone} if time_zone else {}
        user = User.objects.create_user(email, name=name, phone=phone, **zone)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    return user


@contextmanager
def _refusals_noted(*, cohort: Cohort, email: str, reason: str, by: User, at: datetime) -> Iterator[None]:
    """One transaction; the refusal that undoes it is written to the ledger after it, with the reason of the staff."""
    try:
        with transaction.atomic():
            yield
    except SeatRefused as refusal:
        known = User.objects.filter(email=email.strip().lower()).first()
        note_refusal(cohort=cohort, user=known, by=by, refusal=refusal, at=at, reason=reason)
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
    with _refusals_noted(cohort=cohort, email=email, reason=reason, by=by, at=at):
        user = person(email=email, name=name, phone=phone, time_zone=time_zone)
        seat = hold_seat(cohort=cohort, user=user, by=by, at=at, hold_for=PHONE_HOLD, reason=reason)
        if seat.state == SeatState.HELD:
            seat.hold_ends_at = min(at + PHONE_HOLD, seat.cohort.joinable_until)
            Seat.objects.filter(pk=seat.pk, state=SeatState.HELD).update(hold_ends_at=seat.hold_ends_at)
            emails.seat_held(seat=seat, at=at)
    return seat


def enroll(
    *, cohort: Cohort, email: str, name: str, phone: str, reason: str, by: User, at: datetime
) -> Enrollment:
    """Takes a seat for somebody at once; the questions wait for them on their page. Raises SeatRefused."""
    with _refusals_noted(cohort=cohort, email=email, reason=reason, by=by, at=at):
        user = person(email=email, name=name, phone=phone)
        hold_seat(cohort=cohort, user=user, by=by, at=at, reason=reason)
        enrollment = confirm_seat(cohort=cohort, user=user, by=by, at=at)
        user.groups.add(Group.objects.get(name=RUNNER))
        emails.seat_questions(enrollment=enrollment, at=at)
    return enrollment


def correct_address(*, seat: Seat, email: str, reason: str, by: User, at: datetime) -> Seat:
    """Mends a wrong address on the same seat: account, sign-in and seat; the welcome goes out anew.

    Whoever signed in with the wrong one is out (`give_address`). Raises AddressTaken.
    """
    email = email.strip().lower()
    with transaction.atomic():
        Cohort.objects.select_for_update(no_key=True).get(pk=seat.cohort_id)
        seat = Seat.objects.select_related("user", "cohort").get(pk=seat.pk)
        if seat.user is None or email == seat.email == seat.user.email:
            return seat
        others = User.objects.filter(email=email).exclude(seats=seat)
        seats = Seat.objects.filter(TAKEN, cohort=seat.cohort, email=email).exclude(pk=seat.pk)
        if (
            others.exists()
            or seats.exists()
            or EmailAddress.objects.filter(email=email).exclude(user=seat.user).exists()
        ):
            raise AddressTaken("Another account has this address already.")
        if email != seat.user.email:
            give_address(user=seat.user, email=email)
        seat.email = email
        seat.save(update_fields=["email"])
        note(
            cohort=seat.cohort,
            seat=seat,
            user=seat.user,
            by=by,
            happened=Happened.CORRECTED,
            at=at,
            reason=reason,
        )
        enrollment = Enrollment.objects.filter(seat=seat).first()
        if enrollment is not None:
            withdraw_unsent(about=enrollment.about, kind=Kind.WELCOME, at=at)
            emails.welcome(enrollment=enrollment, at=at)
    return seat
