"""What a call sends out: emails, their calendar invitations, the private calendar feed, and the signed links.

Each email function has its template's name. No message holds anything about health.
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from icalendar import Alarm, Calendar, Event, vCalAddress

from challenge.accounts.models import User
from challenge.calls.models import Availability, Booking, BookingState
from challenge.calls.time_text import call_time
from challenge.mail.actions import put_in_outbox, withdraw_unsent
from challenge.mail.models import MessageKind, OutboxMessage

MISSED_AFTER = timedelta(minutes=10)
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"  # methods of RFC 5546
CALL_SALT, FEED_SALT = "calls.booking", "calls.feed"


def call_booked(*, booking: Booking, at: datetime) -> None:
    """Confirm the call to the prospect: the time in both zones, with whom, how to change it, the invitation."""
    _to_prospect(booking, template="call_booked", method=REQUEST, at=at)


def call_moved(*, booking: Booking, at: datetime) -> None:
    """Send the prospect the new time; the same UID with a higher sequence moves the event in their calendar."""
    _to_prospect(booking, template="call_moved", method=REQUEST, at=at)


def call_canceled(*, booking: Booking, reason: str, at: datetime) -> None:
    """Send the cancellation to the prospect, with the reason that the clinic wrote, if any."""
    _to_prospect(booking, template="call_canceled", method=CANCEL, at=at, extra={"reason": reason})


def call_tomorrow(*, booking: Booking, at: datetime) -> None:
    """Remind the prospect 24 hours before the call."""
    _reminder(booking, template="call_tomorrow", at=at)


def call_soon(*, booking: Booking, at: datetime) -> None:
    """Remind the prospect one hour before the call."""
    _reminder(booking, template="call_soon", at=at)


def call_missed(*, booking: Booking, at: datetime) -> None:
    """Write one kind message after a no-show, to be sent ten minutes later so that a misclick can be undone."""
    if not booking.email:
        return
    put_in_outbox(
        kind=MessageKind.CALL,
        template="call_missed",
        to=booking.email,
        about=_missed_call_key(booking),
        # Without the sequence: a no-show recorded twice writes once.
        dedupe_key=f"call:{booking.pk}:missed",
        context={"first_name": _first_name(booking), "link": settings.SITE_URL + reverse("calls:book")},
        reply_to=settings.CLINIC_EMAIL,
        send_at=at + MISSED_AFTER,
        at=at,
    )


def call_for_staff(*, booking: Booking, staff: User, happened: str, at: datetime) -> None:
    """Send the staff member what happened to their call, with the event for their calendar.

    `happened` is booked, moved, canceled or handed_over; the last two take the event out of the calendar.
    """
    link = settings.SITE_URL + reverse("calls_admin:call", args=[booking.pk])
    when = call_time(booking.starts_at, here=staff.availability.time_zone, there=booking.time_zone)
    put_in_outbox(
        kind=MessageKind.CALL,
        template="call_for_staff",
        to=staff.email,
        about=booking.about,
        dedupe_key=f"{booking.about}:staff:{staff.pk}:{happened}:{booking.sequence}",
        context={"happened": happened, "when": when, "minutes": booking.minutes, "link": link},
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


def withdraw_reminders(*, booking: Booking, at: datetime) -> None:
    """Withdraw the call's unsent reminders."""
    withdraw_unsent(about=booking.about, kind=MessageKind.REMINDER, at=at)


def withdraw_missed(*, booking: Booking, at: datetime) -> None:
    """Withdraw the unsent message about a no-show; the call was held after all."""
    withdraw_unsent(about=_missed_call_key(booking), kind=MessageKind.CALL, at=at)


def was_reminded(*, booking: Booking, reminder: Callable[..., None]) -> bool:
    """Return whether this reminder was already written for the call's present time."""
    return OutboxMessage.objects.filter(dedupe_key=_reminder_key(booking, reminder.__name__)).exists()


def _first_name(booking: Booking) -> str:
    return booking.name.split(" ")[0]


def _missed_call_key(booking: Booking) -> str:
    return f"{booking.about}:missed"


def _reminder_key(booking: Booking, template: str) -> str:
    return f"{booking.about}:{template}:{booking.starts_at:%Y%m%dT%H%MZ}"


def _context(booking: Booking) -> dict[str, Any]:
    return {
        "first_name": _first_name(booking),
        "with_whom": booking.staff.get_full_name() if booking.staff.name else "one of our clinicians",
        "when": call_time(
            booking.starts_at, here=booking.time_zone, there=booking.staff.availability.time_zone
        ),
        "minutes": booking.minutes,
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
    """Write a reminder once for each time the call was set to: the dedupe key holds the start."""
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


def call_token(booking: Booking) -> str:
    """Return the signed token that opens the call's page; it is the prospect's only key."""
    return _signer(CALL_SALT).sign(booking.uid.hex)


def call_link(booking: Booking) -> str:
    """Return the absolute address of the call's page."""
    return settings.SITE_URL + reverse("calls:call", args=[call_token(booking)])


def uid_from(token: str) -> str | None:
    """Return the call's UID, or None for a token that we did not sign."""
    return _unsigned(CALL_SALT, token)


def feed_token(availability: Availability) -> str:
    """Return the signed token of a staff member's calendar feed."""
    return _signer(FEED_SALT).sign(availability.feed_key.hex if availability.feed_key else "")


def feed_link(availability: Availability) -> str | None:
    """Return the absolute address of the feed, or None without a key."""
    if availability.feed_key is None:
        return None
    return settings.SITE_URL + reverse("calls:feed", args=[feed_token(availability)])


def feed_key_from(token: str) -> str | None:
    """Return the feed's key, or None for a token that we did not sign."""
    return _unsigned(FEED_SALT, token)


def _signer(salt: str) -> Signer:
    # A period, not Django's colon: the token stays one plain word in an address.
    return Signer(salt=salt, sep=".")


def _unsigned(salt: str, token: str) -> str | None:
    try:
        return str(uuid.UUID(_signer(salt).unsign(token)))
    except (BadSignature, ValueError):
        return None


def invitation(
    booking: Booking, *, method: str, to: str, name: str, description: str, at: datetime
) -> list[dict[str, str]]:
    """Return the call as two email parts: the one mail readers answer to, and the same as a file to open."""
    calendar = _calendar(method)
    event = _event(booking, at=at, status="CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("organizer", _address(settings.CLINIC_EMAIL, "Thrive HQ"))
    guest = _address(to, name)
    guest.params["ROLE"] = "REQ-PARTICIPANT"
    # The prospect chose the time, so the invitation is accepted already.
    guest.params["PARTSTAT"] = "ACCEPTED"
    event.add("attendee", guest)
    event.add("summary", "Discovery call with Thrive HQ")
    event.add("description", description)
    calendar.add_component(event)
    content = calendar.to_ical().decode()
    # Mail readers offer Accept and Decline only for a part without a file name; others need the file.
    return [
        {"name": "", "content_type": f"text/calendar; method={method}", "content": content},
        {"name": "call.ics", "content_type": "application/ics", "content": content},
    ]


def calendar_feed(bookings: Iterable[Booking], *, at: datetime) -> bytes:
    """Return a staff member's calls as a calendar to subscribe to: a name and a link, nothing of health."""
    calendar = _calendar(PUBLISH)
    calendar.add("x-wr-calname", "Discovery calls")
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    for booking in bookings:
        event = _event(booking, at=at, status="CONFIRMED")
        event.add("summary", f"Call with {booking.name}" if booking.name else "Discovery call")
        event.add("url", settings.SITE_URL + reverse("calls_admin:call", args=[booking.pk]))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Thrive HQ//Discovery calls//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(booking: Booking, *, at: datetime, status: str) -> Event:
    event = Event()
    event.add("uid", f"{booking.uid}@{settings.SITE_HOST}")
    event.add("sequence", booking.sequence)
    # Times are in UTC, so the file needs no time zone definitions.
    event.add("dtstamp", at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", booking.starts_at.astimezone(UTC))
    event.add("dtend", booking.ends_at.astimezone(UTC))
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if status == "CANCELLED" else "OPAQUE")
    if booking.state == BookingState.BOOKED and status == "CONFIRMED":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", "Discovery call")
        alarm.add("trigger", timedelta(minutes=-15))
        event.add_component(alarm)
    return event


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name:
        address.params["CN"] = name
    return address
