"""A runner's local weeks: Monday to Sunday, decided from Monday 06:00 on. Pure: moments and zones are arguments.

Every part takes its Mondays and local days from here.
"""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
DECIDED_AT = time(6)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day in `zone` at this moment."""
    return at.astimezone(zone).date()


def days_on_earth(at: datetime) -> list[date]:
    """Return the calendar days that it is somewhere at this moment: two, or three for two hours of each day."""
    return sorted({at.astimezone(timezone(timedelta(hours=hours))).date() for hours in (-12, 0, 14)})


def on_day(at: datetime, day: date, zone: ZoneInfo) -> datetime:
    """Return the moment moved to another calendar day in `zone`, at the same time of the day in UTC.

    A clock that is wrong by days or weeks is right about the time.
    """
    moved = at + (day - local_day(at, zone))
    if local_day(moved, zone) == day:
        return moved
    # Close to midnight, a change of the clock between the two days would miss the day.
    return datetime.combine(day, at.astimezone(zone).time(), tzinfo=zone)


def monday_of(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def week_decided_at(week_starts_on: date, zone: ZoneInfo) -> datetime:
    """Return Monday 06:00 on the runner's own clock (`decision.week`)."""
    # Combine with the zone instead of adding hours to midnight: a clock change on Sunday must not move 06:00.
    return datetime.combine(week_starts_on, DECIDED_AT, tzinfo=zone)


def week_ends_at(week_starts_on: date, zone: ZoneInfo) -> datetime:
    """Return when the next week is due to be decided, and this week's email expires."""
    return week_decided_at(week_starts_on + WEEK, zone)


def current_week_start(at: datetime, zone: ZoneInfo) -> date:
    """Return the Monday of the latest week whose 06:00 has come; before 06:00 on a Monday, last week's."""
    monday = monday_of(local_day(at, zone))
    return monday if at >= week_decided_at(monday, zone) else monday - WEEK
