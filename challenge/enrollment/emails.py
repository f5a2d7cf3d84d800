"""The messages of a seat. Each function has its template's name."""

from datetime import datetime

from challenge.enrollment.calendar import start_calendar
from challenge.enrollment.models import Enrollment
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import Kind


def welcome(*, enrollment: Enrollment, at: datetime) -> None:
    """The seat is confirmed: number, start, what happens next."""
    seat = enrollment.seat
    put_in_outbox(
        kind=Kind.WELCOME,
        template="welcome",
        to=seat.email,
        about=enrollment.about,
        dedupe_key=f"welcome:{enrollment.pk}",
        context={
            "number": seat.number,
            "capacity": seat.capacity,
            "cohort": seat.cohort.name,
            "starts_on": f"{seat.cohort.starts_on:%A, %B} {seat.cohort.starts_on.day}",
        },
        attachments=[
            {"name": "start.ics", "content_type": "text/calendar", "content": start_calendar(enrollment)}
        ],
        at=at,
    )
