"""Staff who take calls, and calls, booked by the action that people use."""

from datetime import datetime, time
from typing import Any

from challenge.accounts.models import User
from challenge.calls.actions import Prospect, book
from challenge.calls.models import Availability, Booking, Hours
from tests.factories.people import make_clinician

WEEKDAYS = range(5)


def make_availability(
    *,
    staff: User | None = None,
    days: Any = WEEKDAYS,
    starts: time = time(9),
    ends: time = time(12),
    **terms: Any,
) -> Availability:
    """A clinician who takes calls on weekdays from 9 to 12 Chicago time, twenty minutes on each half hour."""
    defaults: dict[str, Any] = {"time_zone": "America/Chicago", "notice_min": 60, "horizon_days": 28}
    availability = Availability.objects.create(staff=staff or make_clinician(), **(defaults | terms))
    for day in days:
        Hours.objects.create(availability=availability, weekday=day, starts=starts, ends=ends)
    return availability


def make_prospect(**fields: Any) -> Prospect:
    defaults = {"name": "Robin Vale", "email": "robin@callers.test", "time_zone": "America/New_York"}
    return Prospect(**(defaults | fields))


def make_call(
    *, availability: Availability, starts_at: datetime, at: datetime, by: User | None = None, **fields: Any
) -> Booking:
    return book(
        starts_at=starts_at,
        staff_id=availability.staff_id,
        prospect=make_prospect(**fields),
        by=by,
        at=at,
    )
