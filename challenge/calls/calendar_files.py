"""Calls as calendar files: the invitation in an email, the file to download, and the private feed.

No file holds anything about health.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Alarm, Calendar, Event, vCalAddress

from challenge.accounts.fields import show_phone
from challenge.calls.models import Booking, BookingState
from challenge.clinic.queries import clinic_words

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"  # methods of RFC 5546


def call_with_clinic() -> str:
    """Return the title of a call in the caller's calendar."""
    return f"Call with {clinic_words()['name']}"


def short_name(name: str) -> str:
    """Return first name and initial, `Robin V.`; `a caller` for an erased name."""
    first, *more = name.split() or ["a caller"]
    return f"{first} {more[-1][0]}." if more else first


def name_for_staff(booking: Booking) -> str:
    """Return what a clinician's calendar calls the call."""
    return f"Call with {short_name(booking.name)}"


def number_for_staff(booking: Booking) -> str:
    """Return whom to phone or where to meet, in words."""
    if booking.video_link:
        return f"On video: {booking.video_link}"
    return (
        f"Phone {show_phone(booking.phone)}." if booking.phone else "No number: the caller phones the clinic."
    )


def invitation(
    booking: Booking, *, method: str, to: str, name: str, summary: str, description: str, at: datetime
) -> list[dict[str, str]]:
    """Return the call as two email parts: the one mail readers answer to, and the same as a file to open."""
    calendar = _calendar(method)
    event = _event(booking, at=at, status="CANCELLED" if method == CANCEL else "CONFIRMED")
    guest = _address(to, name)
    guest.params["ROLE"] = "REQ-PARTICIPANT"
    # The prospect chose the time, so the invitation is accepted already.
    guest.params["PARTSTAT"] = "ACCEPTED"
    event.add("attendee", guest)
    event.add("summary", summary)
    event.add("description", description)
    calendar.add_component(event)
    content = calendar.to_ical().decode()
    # Mail readers offer Accept and Decline only for a part without a file name; others need the file.
    return [
        {"name": "", "content_type": f"text/calendar; method={method}", "content": content},
        {"name": "call.ics", "content_type": "application/ics", "content": content},
    ]


def calendar_file(booking: Booking, *, description: str, at: datetime) -> bytes:
    """Return the call as a file to download: as whole as the mailed one, published rather than asked (RFC 5546)."""
    calendar = _calendar(PUBLISH)
    canceled = booking.state == BookingState.CANCELED
    event = _event(booking, at=at, status="CANCELLED" if canceled else "CONFIRMED")
    event.add("summary", call_with_clinic())
    event.add("description", description)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def calendar_feed(bookings: Iterable[Booking], *, at: datetime, named: bool = False) -> bytes:
    """Return calls as a calendar to subscribe to: short name, number and link, nothing of health.

    With `named` each event also names the clinician: for the feed of the whole desk.
    """
    calendar = _calendar(PUBLISH)
    calendar.add("x-wr-calname", "Calls")
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    for booking in bookings:
        event = _event(booking, at=at, status="CONFIRMED")
        with_whom = f" ({booking.staff.get_full_name()})" if named else ""
        event.add("summary", name_for_staff(booking) + with_whom)
        event.add("description", number_for_staff(booking))
        event.add("url", settings.SITE_URL + reverse("calls_admin:call", args=[booking.pk]))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Pain-Free Runner Challenge//Discovery calls//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(booking: Booking, *, at: datetime, status: str) -> Event:
    event = Event()
    event.add("uid", f"{booking.uid}@{settings.SITE_HOST}")
    event.add("sequence", booking.sequence)
    # PUBLISH and REQUEST both need the organizer in every event (RFC 5546, 3.2.1 and 3.2.2).
    event.add("organizer", _address(settings.CLINIC_EMAIL, clinic_words()["name"]))
    # Times are in UTC, so the file needs no time zone definitions.
    event.add("dtstamp", at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", booking.starts_at.astimezone(UTC))
    event.add("dtend", booking.ends_at.astimezone(UTC))
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if status == "CANCELLED" else "OPAQUE")
    if booking.state == BookingState.BOOKED and status == "CONFIRMED":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", booking.get_kind_display().capitalize())
        alarm.add("trigger", timedelta(minutes=-15))
        event.add_component(alarm)
    return event


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name:
        address.params["CN"] = name
    return address
