"""The messages of a call. Each function has its template's name; nothing says what hurts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from challenge.accounts.models import User
from challenge.calls.calendar_files import CANCEL, REQUEST, call_link, invitation
from challenge.calls.models import Booking
from challenge.calls.time_text import call_time
from challenge.mail.actions import put_in_outbox, withdraw_unsent
from challenge.mail.models import MessageKind, OutboxMessage

MISSED_AFTER = timedelta(minutes=10)


def call_booked(*, booking: Booking, at: datetime) -> None:
    """It stands: when, in both zones, with whom, how to change it, and the event for a calendar."""
    _to_prospect(booking, template="call_booked", method=REQUEST, at=at)


def call_moved(*, booking: Booking, at: datetime) -> None:
    _to_prospect(booking, template="call_moved", method=REQUEST, at=at)


def call_canceled(*, booking: Booking, reason: str, at: datetime) -> None:
    """It is off; a reason is given where the clinic called it off and wrote one."""
    _to_prospect(booking, template="call_canceled", method=CANCEL, at=at, extra={"reason": reason})


def call_tomorrow(*, booking: Booking, at: datetime) -> None:
    """Reminder, 24 hours before."""
    _reminder(booking, template="call_tomorrow", at=at)


def call_soon(*, booking: Booking, at: datetime) -> None:
    """Reminder, one hour before."""
    _reminder(booking, template="call_soon", at=at)


def call_missed(*, booking: Booking, at: datetime) -> None:
    """One kind message after a no-show. It waits ten minutes, in which a slip of the hand can be taken back."""
    if not booking.email:
        return
    put_in_outbox(
        kind=MessageKind.CALL,
        template="call_missed",
        to=booking.email,
        about=missed_call_key(booking),
        dedupe_key=f"call:{booking.pk}:missed",
        context={"first_name": first_name(booking), "link": settings.SITE_URL + reverse("calls:book")},
        reply_to=settings.CLINIC_EMAIL,
        send_at=at + MISSED_AFTER,
        at=at,
    )


def call_for_staff(*, booking: Booking, staff: User, happened: str, at: datetime) -> None:
    """To the staff member: what happened to a call of theirs, with the event for their calendar.

    `happened` is booked, moved, cancelled or handed_over; the last two take the event out of the calendar.
    """
    zone = staff.availability.time_zone
    link = settings.SITE_URL + reverse("calls_admin:call", args=[booking.pk])
    told = call_time(booking.starts_at, here=zone, there=booking.time_zone)
    put_in_outbox(
        kind=MessageKind.CALL,
        template="call_for_staff",
        to=staff.email,
        about=booking.about,
        dedupe_key=f"{booking.about}:staff:{staff.pk}:{happened}:{booking.sequence}",
        context={"happened": happened, "when": told, "minutes": minutes(booking), "link": link},
        attachments=invitation(
            booking,
            method=REQUEST if happened in {"booked", "moved"} else CANCEL,
            to=staff.email,
            name=staff.get_full_name(),
            description=link,
            at=at,
        ),
        at=at,
    )


def first_name(booking: Booking) -> str:
    return booking.name.split(" ")[0]


def minutes(booking: Booking) -> int:
    return int((booking.ends_at - booking.starts_at).total_seconds() // 60)


def missed_call_key(booking: Booking) -> str:
    return f"{booking.about}:missed"


def withdraw_reminders(*, booking: Booking, at: datetime) -> None:
    withdraw_unsent(about=booking.about, kind=MessageKind.REMINDER, at=at)


def withdraw_missed(*, booking: Booking, at: datetime) -> None:
    withdraw_unsent(about=missed_call_key(booking), kind=MessageKind.CALL, at=at)


def _context(booking: Booking) -> dict[str, Any]:
    return {
        "first_name": first_name(booking),
        "with_whom": booking.staff.get_full_name() if booking.staff.name else "one of our clinicians",
        "when": call_time(
            booking.starts_at, here=booking.time_zone, there=booking.staff.availability.time_zone
        ),
        "minutes": minutes(booking),
        "we_call": bool(booking.phone),
        "link": call_link(booking),
    }


def _to_prospect(
    booking: Booking, *, template: str, method: str, at: datetime, extra: dict[str, Any] | None = None
) -> None:
    if not booking.email:
        return
    context = _context(booking)
    how = "We call you." if booking.phone else f"Call us: {settings.CLINIC_PHONE}."
    put_in_outbox(
        kind=MessageKind.CALL,
        template=template,
        to=booking.email,
        about=booking.about,
        dedupe_key=f"{booking.about}:{template}:{booking.sequence}",
        context=context | (extra or {}),
        reply_to=settings.CLINIC_EMAIL,
        attachments=invitation(
            booking,
            method=method,
            to=booking.email,
            name=booking.name,
            description=f"{how} Move or cancel: {context['link']}",
            at=at,
        ),
        at=at,
    )


def _reminder(booking: Booking, *, template: str, at: datetime) -> None:
    """Once for each time the call was set to: the key holds the start."""
    if not booking.email:
        return
    put_in_outbox(
        kind=MessageKind.REMINDER,
        template=template,
        to=booking.email,
        about=booking.about,
        dedupe_key=_reminder_key(booking, template),
        context=_context(booking),
        reply_to=settings.CLINIC_EMAIL,
        expires_at=booking.starts_at,
        at=at,
    )


def _reminder_key(booking: Booking, template: str) -> str:
    return f"{booking.about}:{template}:{booking.starts_at:%Y%m%dT%H%MZ}"


def was_reminded(*, booking: Booking, reminder: Callable[..., None]) -> bool:
    """Whether this reminder of this time was written already; its template has the function's name."""
    return OutboxMessage.objects.filter(dedupe_key=_reminder_key(booking, reminder.__name__)).exists()
