"""Confirm a call from the mailbox within an hour, or let its time go.

Without this one network could fill the clinic's week with invented callers. What it costs: a caller who reads the email
after an hour finds the time free or taken, and books again. Calls that the clinic enters, and those of a runner who
is signed in, need no confirmation; whatever the clinic does with a call confirms it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from challenge.accounts.models import User
from challenge.calls import emails
from challenge.calls.actions import record_event
from challenge.calls.models import Booking, BookingState, CallEventKind, CanceledBy, UnconfirmedCall
from challenge.calls.staff_time import lock_booking

A_NETWORK = 5  # times that one network may hold without a confirmation


def network_holds_too_many(network: str, *, at: datetime) -> bool:
    """Return whether this network holds as many unconfirmed times as it may."""
    held = UnconfirmedCall.objects.filter(network=network, until__gt=at, booking__state=BookingState.BOOKED)
    return held.count() >= A_NETWORK


def confirm_call(*, booking: Booking, by: User | None, at: datetime) -> bool:
    """Keep the call, and write to its clinician; return whether it is still booked. Twice is harmless."""
    with transaction.atomic():
        current = lock_booking(booking.pk)
        if current.state != BookingState.BOOKED:
            return False
        if UnconfirmedCall.objects.filter(booking=current).delete()[0]:
            record_event(current, CallEventKind.CONFIRMED, by=by, at=at)
            emails.call_for_staff(booking=current, staff=current.staff, happened="booked", at=at)
        return True


def let_go_unconfirmed(*, at: datetime) -> int:
    """Give back the times that no one confirmed; return how many. No email is sent: the first one announced it."""
    late = UnconfirmedCall.objects.filter(until__lte=at - timedelta(minutes=1)).values_list(
        "booking", flat=True
    )
    return sum(_let_go(pk, at=at) for pk in list(late))


def _let_go(booking_id: int, *, at: datetime) -> bool:
    with transaction.atomic():
        current = lock_booking(booking_id)
        if not UnconfirmedCall.objects.filter(booking=current).delete()[0]:
            return False  # confirmed a moment ago
        if current.state != BookingState.BOOKED:
            return False
        current.state, current.ended_at, current.canceled_by = BookingState.CANCELED, at, CanceledBy.PROSPECT
        current.sequence += 1
        current.save(update_fields=["state", "ended_at", "canceled_by", "sequence"])
        record_event(current, CallEventKind.LET_GO, by=None, at=at)
        emails.withdraw_reminders(booking=current, at=at)
        return True
