"""The calendar file as two readers see it, one event booked, moved and canceled; and as it is sent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

import icalendar
import pytest
import vobject

from challenge.calls.actions import cancel, move
from challenge.calls.models import Booking
from challenge.mail.mime import as_bytes
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
LATER = TEN + timedelta(minutes=30)
Read = Callable[[str], dict[str, Any]]


def by_icalendar(text: str) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": event.decoded("SEQUENCE"),
        "starts_at": event.decoded("DTSTART"),
        "ends_at": event.decoded("DTEND"),
        "status": str(event["STATUS"]),
        "organizer": str(event["ORGANIZER"]),
        "attendee": str(event["ATTENDEE"]),
    }


def by_vobject(text: str) -> dict[str, Any]:
    calendar = vobject.readOne(text)
    event = calendar.vevent
    return {
        "method": calendar.method.value,
        "uid": event.uid.value,
        "sequence": int(event.sequence.value),
        "starts_at": event.dtstart.value,
        "ends_at": event.dtend.value,
        "status": event.status.value,
        "organizer": event.organizer.value,
        "attendee": event.attendee.value,
    }


def sent_to(address: str) -> list[EmailMessage]:
    rows = OutboxMessage.objects.filter(to_email=address).order_by("pk")
    return [message_from_bytes(as_bytes(row, at=NOW), policy=modern) for row in rows]


def calendar_of(message: EmailMessage) -> EmailMessage:
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return part


def lived() -> Booking:
    """A call that was booked, moved, and canceled."""
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    move(booking=call, starts_at=LATER, staff_id=availability.staff_id, by=None, at=NOW)
    cancel(booking=call, by=None, at=NOW)
    return call


@pytest.mark.parametrize("read", [by_icalendar, by_vobject])
def test_one_event_is_booked_moved_and_canceled_for_both_sides(read: Read) -> None:
    call = lived()
    for address in (call.email, call.staff.email):
        events = [read(str(calendar_of(message).get_content())) for message in sent_to(address)]
        assert [event["method"] for event in events] == ["REQUEST", "REQUEST", "CANCEL"]
        assert [event["sequence"] for event in events] == [0, 1, 2]
        assert {event["uid"] for event in events} == {f"{call.uid}@testserver"}
        assert [event["starts_at"] for event in events] == [TEN, LATER, LATER]
        assert events[0]["ends_at"] == TEN + timedelta(minutes=20)
        assert events[-1]["status"] == "CANCELLED"
        assert {event["organizer"].lower() for event in events} == {"mailto:hello@clinic.test"}
        assert {event["attendee"].lower() for event in events} == {f"mailto:{address}"}


def test_a_call_handed_to_a_colleague_leaves_one_calendar_and_enters_the_other() -> None:
    first, second = make_availability(), make_availability()
    call = make_call(availability=first, starts_at=TEN, at=NOW)
    move(booking=call, starts_at=TEN, staff_id=second.staff_id, by=first.staff, at=NOW)
    left = by_icalendar(str(calendar_of(sent_to(first.staff.email)[-1]).get_content()))
    (entered,) = [by_icalendar(str(calendar_of(m).get_content())) for m in sent_to(second.staff.email)]
    assert (left["method"], entered["method"]) == ("CANCEL", "REQUEST")
    assert left["uid"] == entered["uid"]


def test_the_calendar_part_names_its_method_once_and_its_charset_once() -> None:
    lived()
    for message in sent_to("robin@callers.test"):
        part = calendar_of(message)
        header = str(part["Content-Type"])
        assert header.count("charset") == 1
        assert header.count("method=") == 1
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert b"BEGIN:VCALENDAR" in body
        assert body.decode() == part.get_content()


def test_the_invitation_is_an_alternative_to_the_text_and_a_file_to_open() -> None:
    make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    (message,) = sent_to("robin@callers.test")
    alternatives = next(part for part in message.walk() if part.get_content_type() == "multipart/alternative")
    kinds = [part.get_content_type() for part in alternatives.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    (file,) = message.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "call.ics")


@pytest.mark.parametrize(
    ("starts_at", "theirs", "when", "other"),
    [
        # Sunday morning, an hour after the clocks went forward in Chicago; London has not yet.
        (
            datetime(2026, 3, 8, 14, 0, tzinfo=UTC),
            "Europe/London",
            "2:00 PM GMT",
            "9:00 AM CDT at the clinic",
        ),
        # Sunday morning after they went back.
        (
            datetime(2026, 11, 1, 15, 0, tzinfo=UTC),
            "Europe/London",
            "3:00 PM GMT",
            "9:00 AM CST at the clinic",
        ),
        (
            datetime(2026, 1, 8, 15, 0, tzinfo=UTC),
            "Asia/Kathmandu",
            "8:45 PM UTC+5:45",
            "9:00 AM CST at the clinic",
        ),
        # Friday morning over there is Thursday at the clinic.
        (
            datetime(2026, 1, 8, 17, 30, tzinfo=UTC),
            "Pacific/Chatham",
            "7:15 AM UTC+13:45",
            "Thursday, January 8, 11:30 AM CST at the clinic",
        ),
    ],
)
def test_mail_file_and_database_tell_one_instant(
    starts_at: datetime, theirs: str, when: str, other: str
) -> None:
    availability = make_availability(days=range(7), horizon_days=120)
    at = starts_at - timedelta(days=2)
    call = make_call(availability=availability, starts_at=starts_at, at=at, time_zone=theirs)
    call.refresh_from_db()
    (message,) = sent_to(call.email)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert when in plain.get_content()
    assert other in plain.get_content()
    for read in (by_icalendar, by_vobject):
        assert read(str(calendar_of(message).get_content()))["starts_at"] == call.starts_at == starts_at
