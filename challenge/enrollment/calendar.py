"""The start of the challenge as a calendar file. No health data, no link that signs anybody in."""

from datetime import timedelta

from django.conf import settings
from icalendar import Calendar, Event

from challenge.enrollment.models import Enrollment


def start_calendar(enrollment: Enrollment) -> str:
    """An all-day event on the Monday of week 1, the same UID every time (RFC 5545)."""
    cohort, seat = enrollment.cohort, enrollment.seat
    event = Event()
    event.add("uid", f"start-{enrollment.pk}@{settings.SITE_HOST}")
    event.add("dtstamp", seat.confirmed_at)
    event.add("dtstart", cohort.starts_on)
    event.add("dtend", cohort.starts_on + timedelta(days=1))
    event.add("summary", "Pain-Free Runner Challenge: week 1")
    event.add("description", f"Bib {seat.number}. Your week stands on {settings.SITE_URL}/today/")
    event.add("transp", "TRANSPARENT")
    calendar = Calendar()
    calendar.add("prodid", "-//Pain-Free Runner Challenge//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return str(calendar.to_ical().decode())
