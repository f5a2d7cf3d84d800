"""After a call: its outcome and notes, a seat held for two days, or a place on the waiting list."""

from datetime import date, datetime

from django.db import transaction

from challenge.accounts.models import User
from challenge.calls import emails
from challenge.calls.actions import record_event
from challenge.calls.models import Booking, BookingState, CallEventKind
from challenge.calls.staff_time import CallEnded, CallRefused, lock_booking
from challenge.enrollment.actions import SeatRefused
from challenge.enrollment.ledger import record_refusal
from challenge.enrollment.models import Cohort, EarlyAccess, Seat, SeatState
from challenge.enrollment.queries import public_cohort
from challenge.enrollment.staff_actions import hold_for_caller
from challenge.enrollment.waiting_list import confirm_entry


class CallNotStarted(CallRefused):
    """The call has not begun, so it has no outcome yet."""


class NoAddress(CallRefused):
    """The caller left no email address, so no link can reach them."""


class NoSeatToHold(CallRefused):
    """Enrollment is not open, or no seat is free; `str()` gives the reason."""


class HasSeat(CallRefused):
    """The caller already has a confirmed seat."""


def record_outcome(*, booking: Booking, outcome: BookingState, by: User, at: datetime) -> Booking:
    """Record held or no-show once the call has begun; the outcome can be corrected.

    A first no-show sends one message. Raise CallNotStarted or CallEnded.
    """
    with transaction.atomic():
        current = lock_booking(booking.pk)
        if current.state == BookingState.CANCELED:
            raise CallEnded("This call was canceled.")
        if at < current.starts_at:
            raise CallNotStarted("The call has not begun yet.")
        if current.state == outcome:
            return current
        current.state, current.ended_at = outcome, at
        current.save(update_fields=["state", "ended_at"])
        record_event(current, CallEventKind(outcome.value), by=by, at=at)
        # The message waits ten minutes in the outbox, so a corrected misclick can still withdraw it.
        if outcome == BookingState.NO_SHOW:
            emails.call_missed(booking=current, at=at)
        else:
            emails.withdraw_missed(booking=current, at=at)
        return current


def write_notes(
    *, booking: Booking, notes: str | None, follow_up_on: date | None, by: User, at: datetime
) -> None:
    """Store the follow-up day and the notes; notes None leaves them unchanged."""
    values: dict[str, object] = {"follow_up_on": follow_up_on}
    if notes is not None:
        values["notes"] = notes
    Booking.objects.filter(pk=booking.pk).update(**values)


def open_cohort(*, at: datetime) -> Cohort | None:
    """Return the public cohort while anyone may claim a seat in it, else None."""
    cohort = public_cohort(at=at)
    is_open = cohort is not None and cohort.opens_at <= at and cohort.is_joinable(at)
    return cohort if is_open else None


def enrollment_is_open(*, at: datetime) -> bool:
    """Return whether anyone may claim a seat now."""
    return open_cohort(at=at) is not None


def hold_seat_after_call(*, booking: Booking, by: User, at: datetime) -> Seat:
    """Hold a seat of the open cohort for the caller for 48 hours and write to them, in one transaction.

    An existing shorter hold is extended. A caller without an account gets one and signs in by emailed code.
    Raise NoAddress, NoSeatToHold or HasSeat.
    """
    if not booking.email:
        raise NoAddress("There’s no email address, so the link can’t reach them.")
    cohort = open_cohort(at=at)
    if cohort is None:
        raise NoSeatToHold("Enrollment isn’t open now.")
    try:
        with transaction.atomic():
            seat = hold_for_caller(
                cohort=cohort,
                email=booking.email,
                name=booking.name,
                phone=booking.phone,
                time_zone=booking.time_zone,
                spoke=booking.state == BookingState.HELD,
                reason="after a call",
                by=by,
                at=at,
            )
            # Raised inside the block, so that the untouched seat gets no event.
            if seat.state == SeatState.CONFIRMED:
                raise HasSeat(f"{booking.name or 'The caller'} has a seat already: bib {seat.number}.")
            record_event(booking, CallEventKind.SEAT_HELD, by=by, at=at)
            return seat
    except SeatRefused as refusal:
        # After the rollback, so that the refusal is recorded although nothing else is.
        caller = User.objects.filter(email=booking.email).first()
        record_refusal(cohort=cohort, user=caller, by=by, refusal=refusal, at=at, reason="after a call")
        raise NoSeatToHold(str(refusal)) from refusal


def add_to_waiting_list(*, booking: Booking, by: User, at: datetime) -> EarlyAccess:
    """Put the caller's address on the early-access list, or on the launch list once enrollment is open.

    The caller asked for it on the phone, so it counts as confirmed even if an earlier request never was.
    Repeating it is harmless. Raise NoAddress.
    """
    if not booking.email:
        raise NoAddress("There’s no email address to put on the list.")
    cohort = public_cohort(at=at)
    not_open_yet = cohort is not None and cohort.closed_at is None and at < cohort.opens_at
    which = EarlyAccess.List.EARLY if not_open_yet else EarlyAccess.List.LAUNCH
    with transaction.atomic():
        entry, created = EarlyAccess.objects.get_or_create(
            which=which,
            cohort=cohort if not_open_yet else None,
            email=booking.email,
            defaults={"asked_at": at, "confirmed_at": at},
        )
        if created or entry.confirmed_at is None:
            confirm_entry(place=entry, at=at)
            record_event(booking, CallEventKind.LISTED, by=by, at=at)
        return entry
