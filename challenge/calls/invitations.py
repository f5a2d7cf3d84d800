"""Calendar files: one event per call, which keeps its UID, moves, and ends. Times in UTC: none can be mistaken."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Alarm, Calendar, Event, vCalAddress

from challenge.calls.models import Booking, State

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
    if booking.state == State.BOOKED and status == "CONFIRMED":
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
