"""Calendar files of calls, and the signed links that lead to them."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from icalendar import Alarm, Calendar, Event, vCalAddress

from challenge.calls.models import Availability, Booking, BookingState

CALL, FEED = "calls.booking", "calls.feed"


def _signer(salt: str) -> Signer:
    return Signer(salt=salt, sep=".")


def call_token(booking: Booking) -> str:
    return _signer(CALL).sign(booking.uid.hex)


def call_link(booking: Booking) -> str:
    return settings.SITE_URL + reverse("calls:call", args=[call_token(booking)])


def uid_from(token: str) -> str | None:
    """The call's UID, or None where the token is not ours."""
    return _unsigned(CALL, token)


def feed_token(availability: Availability) -> str:
    return _signer(FEED).sign(availability.feed_key.hex if availability.feed_key else "")


def feed_link(availability: Availability) -> str | None:
    if availability.feed_key is None:
        return None
    return settings.SITE_URL + reverse("calls:feed", args=[feed_token(availability)])


def feed_key_from(token: str) -> str | None:
    return _unsigned(FEED, token)


def _unsigned(salt: str, token: str) -> str | None:
    try:
        return str(uuid.UUID(_signer(salt).unsign(token)))
    except (BadSignature, ValueError):
        return None


REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"


def invitation(
    booking: Booking, *, method: str, to: str, name: str, description: str, at: datetime
) -> list[dict[str, str]]:
    """The call as an email's parts: what mail readers answer to, and the same as a file to open."""
    calendar = _calendar(method)
    event = _event(booking, at=at, status="CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("organizer", _address(settings.CLINIC_EMAIL, "Thrive HQ"))
    guest = _address(to, name)
    guest.params["ROLE"] = "REQ-PARTICIPANT"
    guest.params["PARTSTAT"] = "ACCEPTED"
    event.add("attendee", guest)
    event.add("summary", "Discovery call with Thrive HQ")
    event.add("description", description)
    calendar.add_component(event)
    content = calendar.to_ical().decode()
    return [
        {"name": "", "content_type": f"text/calendar; method={method}", "content": content},
        {"name": "call.ics", "content_type": "application/ics", "content": content},
    ]


def calendar_feed(bookings: Iterable[Booking], *, at: datetime) -> bytes:
    """A staff member's calls for their own calendar: a name and a link, nothing of health."""
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
