"""The promise to a runner after a stop: who calls and by when, from the clinic's reading hours."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from challenge.care.models import Flag
from challenge.enrollment.models import Cohort
from challenge.protocol.local_week import local_day
from challenge.protocol.reading_hours import clock, next_working_day


@dataclass(frozen=True, slots=True)
class CallbackPromise:
    """The words of a promise: `Dana Ruiz, or a colleague,` and `by 5:00 PM clinic time tomorrow`.

    `is_past` is true once that day is over.
    """

    who: str
    when: str
    is_past: bool


def callback_promise(flag: Flag, cohort: Cohort, *, today: date) -> CallbackPromise:
    """Return the promise of `pain.stop`: a clinician calls by the end of the clinic's next working day."""
    raised_on = local_day(flag.raised_at, ZoneInfo(settings.CLINIC_TIME_ZONE))
    names = [link.user.name for link in cohort.clinicians.select_related("user") if link.user.name]
    # Two names at most, and always a colleague: the promise must hold when these two are away.
    who = f"{' or '.join(names[:2])}, or a colleague," if names else "A clinician"
    due_on = next_working_day(raised_on)
    return CallbackPromise(who, f"by {clock()} clinic time {_day(due_on, today)}", is_past=due_on < today)


def _day(day: date, today: date) -> str:
    if day == today:
        return "today"
    return "tomorrow" if day == today + timedelta(days=1) else f"on {day:%A}, {day:%B} {day.day}"
