"""From a call to the challenge: a seat held for two days with a link, or a place on the list."""

from datetime import datetime

from django.db import transaction

from challenge.accounts.models import User
from challenge.calls.actions import CallRefused
from challenge.calls.models import Booking, CallEvent, CallEventKind
from challenge.enrollment.actions import SeatRefused, record_refusal
from challenge.enrollment.models import Cohort, EarlyAccess, Seat, SeatState
from challenge.enrollment.queries import public_cohort
from challenge.enrollment.staff_actions import hold_for_caller
from challenge.enrollment.waiting_list import confirm_entry


class NoAddress(CallRefused):
    """The caller left no email address, so no link can reach them."""


class NoSeatToHold(CallRefused):
    """Enrollment is not open, or no seat is free; `str()` says which."""


class HasSeat(CallRefused):
    """The caller has a confirmed seat already."""


def open_cohort(*, at: datetime) -> Cohort | None:
    """The public cohort, while anybody may claim a seat in it."""
    cohort = public_cohort(at=at)
    is_open = cohort is not None and cohort.opens_at <= at and cohort.is_joinable(at)
    return cohort if is_open else None


def enrollment_is_open(*, at: datetime) -> bool:
    return open_cohort(at=at) is not None


def hold_seat_after_call(*, booking: Booking, by: User, at: datetime) -> Seat:
    """Holds a seat of the open cohort for the caller for 48 hours and writes to them, in one transaction.

    A shorter hold of theirs is lengthened. Who has no account gets one, and signs in by an emailed code. Raises
    NoAddress, NoSeatToHold, HasSeat.
    """
    if not booking.email:
        raise NoAddress("There is no email address: the link cannot reach them.")
    cohort = open_cohort(at=at)
    if cohort is None:
        raise NoSeatToHold("Enrollment is not open now.")
    try:
        with transaction.atomic():
            seat = hold_for_caller(
                cohort=cohort,
                email=booking.email,
                name=booking.name,
                phone=booking.phone,
                time_zone=booking.time_zone,
                reason="after a call",
                by=by,
                at=at,
            )
            if seat.state == SeatState.CONFIRMED:
                raise HasSeat(f"{booking.name or 'The caller'} has a seat already: bib {seat.number}.")
            _record_seat_event(booking, CallEventKind.SEAT_HELD, by=by, at=at)
            return seat
    except SeatRefused as refusal:
        known = User.objects.filter(email=booking.email).first()
        record_refusal(cohort=cohort, user=known, by=by, refusal=refusal, at=at, reason="after a call")
        raise NoSeatToHold(str(refusal)) from refusal


def add_to_waiting_list(*, booking: Booking, by: User, at: datetime) -> EarlyAccess:
    """Puts the caller's address on the list: before opening for early access, else for the public launch.

    They asked for it in the call, so it counts as confirmed, also where they had asked before and never pressed the
    link. Twice is once. Raises NoAddress.
    """
    if not booking.email:
        raise NoAddress("There is no email address to put on the list.")
    cohort = public_cohort(at=at)
    ahead = cohort is not None and cohort.closed_at is None and at < cohort.opens_at
    which = EarlyAccess.List.EARLY if ahead else EarlyAccess.List.LAUNCH
    with transaction.atomic():
        entry, created = EarlyAccess.objects.get_or_create(
            which=which,
            cohort=cohort if ahead else None,
            email=booking.email,
            defaults={"asked_at": at, "confirmed_at": at},
        )
        if created or entry.confirmed_at is None:
            confirm_entry(place=entry, at=at)
            _record_seat_event(booking, CallEventKind.LISTED, by=by, at=at)
        return entry


def _record_seat_event(booking: Booking, happened: CallEventKind, *, by: User, at: datetime) -> None:
    CallEvent.objects.create(
        booking=booking,
        happened=happened,
        staff_id=booking.staff_id,
        starts_at=booking.starts_at,
        by=by,
        at=at,
    )
