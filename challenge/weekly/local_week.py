"""A runner's own local weeks: Monday to Sunday, decided from Monday 06:00 on. Pure: moments and zones come in."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
DECIDED_AT = time(6)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_decided_at(week_starts_on: date, zone: ZoneInfo) -> datetime:
    """Monday 06:00 on the runner's own clock, whatever daylight saving did the day before."""
    return datetime.combine(week_starts_on, DECIDED_AT, tzinfo=zone)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def current_week_start(at: datetime, zone: ZoneInfo) -> date:
    """The Monday of the latest week whose 06:00 has come: before it, last week is still the present one."""
    monday = monday_of(local_day(at, zone))
    return monday if at >= week_decided_at(monday, zone) else monday - WEEK


def week_ends_at(week_starts_on: date, zone: ZoneInfo) -> datetime:
    """When the next week's decision falls due, and this week's email is worth nothing."""
    return week_decided_at(week_starts_on + WEEK, zone)
