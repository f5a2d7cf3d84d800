"""When clinicians read what runners write: working days, the hour, and every sentence that quotes them.

Pages, forms and emails take this promise from here and never phrase it themselves. The caller applies the clinic's
time zone.
"""

from __future__ import annotations

from datetime import date, time, timedelta

WORKING_DAYS = (0, 1, 2, 3, 4)  # Monday to Friday, as `date.weekday()` counts them
READ_BY = time(17)
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def is_working_day(day: date) -> bool:
    return day.weekday() in WORKING_DAYS


def next_working_day(day: date) -> date:
    """Return the first working day after `day`."""
    following = day + timedelta(days=1)
    while not is_working_day(following):
        following += timedelta(days=1)
    return following


def clock(moment: time = READ_BY) -> str:
    """Return the time as runners read it: 5:00 PM."""
    return f"{moment.hour % 12 or 12}:{moment:%M} {'AM' if moment.hour < 12 else 'PM'}"


DEADLINE = f"{clock()} clinic time on the next business day"
NOT_AT_NIGHT = "We don’t check nights or weekends."
READS = (
    f"By {DEADLINE} ({_DAY_NAMES[WORKING_DAYS[0]]} to {_DAY_NAMES[WORKING_DAYS[-1]]}), a clinician will read what you "
    f"log or write. {NOT_AT_NIGHT}"
)
CALLS = f"A clinician will call you by {DEADLINE}."


def read_by(written_on: date) -> str:
    """Return by when a clinician reads what is written on this day of the clinic: Tuesday, 5:00 PM."""
    return f"{_DAY_NAMES[next_working_day(written_on).weekday()]}, {clock()}"
