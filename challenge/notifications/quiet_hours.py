"""Quiet hours on a person's own clock, and the hours in which the program writes to runners. No clock is read here.

The clock on the wall decides: where it is turned back, the hour that comes twice is quiet both times or neither time;
where it is set forward, quiet hours end with the first minute after the gap.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from challenge.enrollment.models import Enrollment

WRITTEN_FROM, WRITTEN_UNTIL = time(9), time(19)


def is_quiet(at: datetime, zone: ZoneInfo, *, quiet_from: time, quiet_until: time) -> bool:
    """Return whether the moment lies in the quiet hours: from the first minute, before the last."""
    local = at.astimezone(zone).time()
    if quiet_from < quiet_until:
        return quiet_from <= local < quiet_until
    return local >= quiet_from or local < quiet_until


def next_quiet(at: datetime, zone: ZoneInfo, *, quiet_from: time) -> datetime:
    """Return when the quiet hours begin next, after a moment outside of them."""
    local = at.astimezone(zone)
    begins = datetime.combine(local.date(), quiet_from, tzinfo=zone)
    if begins <= at:
        begins = datetime.combine(local.date() + timedelta(days=1), quiet_from, tzinfo=zone)
    return begins


def daytime_day(at: datetime, runner: Enrollment) -> date | None:
    """Return the runner's local day; None outside of the hours in which we write to runners."""
    user = runner.seat.user
    if user is None:
        return None
    local = at.astimezone(user.zone)
    return local.date() if WRITTEN_FROM <= local.time() < WRITTEN_UNTIL else None
