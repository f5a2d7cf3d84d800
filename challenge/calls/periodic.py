"""Remind callers of their calls, and read the clinicians' own calendars. Only the scheduled task reads the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from challenge.calls import emails
from challenge.calls.calendar_actions import read_due
from challenge.calls.caller_actions import let_go_unconfirmed
from challenge.calls.models import Booking, BookingState
from challenge.mail.public_host import PublicFetcher


@dataclass(frozen=True)
class Reminder:
    """An email due `ahead` of the call and useless later than `until` before it."""

    ahead: timedelta
    until: timedelta
    write: Callable[..., None]


REMINDERS = (
    Reminder(timedelta(hours=24), timedelta(hours=12), emails.call_tomorrow),
    Reminder(timedelta(hours=1), timedelta(minutes=10), emails.call_soon),
)


def remind(*, at: datetime) -> int:
    """Write the reminders due at `at` into the outbox and return their number."""
    return sum(
        _send(call, reminder, at=at)
        for reminder in REMINDERS
        for call in due(reminder, at=at)
        if not emails.was_reminded(booking=call, reminder=reminder.write)
    )


def due(reminder: Reminder, *, at: datetime) -> list[Booking]:
    """Return the booked calls within the reminder's range."""
    return list(
        Booking.objects.filter(
            state=BookingState.BOOKED,
            unconfirmed=None,
            starts_at__gt=at + reminder.until,
            starts_at__lte=at + reminder.ahead,
            # A call booked or moved less than `ahead` before it gets no reminder: the confirmation is fresh.
            changed_at__lte=F("starts_at") - reminder.ahead,
        ).exclude(email="")
    )


def _send(call: Booking, reminder: Reminder, *, at: datetime) -> bool:
    """Write a reminder under the call's lock, unless the call was canceled or moved since it was read."""
    with transaction.atomic():
        current = (
            Booking.objects.select_for_update(of=("self",), no_key=True)
            .select_related("staff__availability")
            # The same start and staff as when it was read: a moved call has other reminders.
            .filter(pk=call.pk, state=BookingState.BOOKED, starts_at=call.starts_at, staff_id=call.staff_id)
            .first()
        )
        if current is None:
            return False
        reminder.write(booking=current, at=at)
        return True


@shared_task(name="challenge.remind_of_calls")
def remind_of_calls() -> None:
    """Write the reminders that are due now, and let go what no one confirmed."""
    let_go_unconfirmed(at=timezone.now())
    remind(at=timezone.now())


@shared_task(name="challenge.read_busy_calendars")
def read_busy_calendars() -> None:
    """Read the clinicians' own calendars that are due."""
    read_due(at=timezone.now(), fetcher=PublicFetcher())
