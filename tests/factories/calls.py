"""Staff who take calls, and calls, booked by the action that people use."""

from datetime import datetime, time
from typing import Any

from challenge.accounts.models import User
from challenge.calls.actions import Prospect, book
from challenge.calls.emails import confirm_link, uid_from
from challenge.calls.models import Booking
from challenge.calls.schedule_models import Availability, Hours
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


def to_confirm(call_token: str) -> str:
    """The token of the link that confirms the call of this other link."""
    uid = uid_from(call_token)
    assert uid is not None
    return confirm_link(Booking.objects.get(uid=uid)).rstrip("/").rsplit("/", 1)[1]


def shift_call(call: Booking, starts_at: datetime) -> None:
    """Put a call at another time, past or present, that no action would take."""
    call.refresh_from_db()
    by = starts_at - call.starts_at
    busy = type(call.busy)(call.busy.lower + by, call.busy.upper + by)
    Booking.objects.filter(pk=call.pk).update(starts_at=starts_at, ends_at=call.ends_at + by, busy=busy)


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
