"""The hours of the day in which the program writes to runners, on their own clock."""

from datetime import date, datetime, time

from challenge.enrollment.models import Enrollment

WRITTEN_FROM, WRITTEN_UNTIL = time(9), time(19)


def daytime_day(at: datetime, runner: Enrollment) -> date | None:
    """Return the runner's local day; None outside of the hours in which we write to runners."""
    user = runner.seat.user
    if user is None:
        return None
    local = at.astimezone(user.zone)
    return local.date() if WRITTEN_FROM <= local.time() < WRITTEN_UNTIL else None
