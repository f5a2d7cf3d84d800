"""On which days of a week the strength sessions that are left may be done, with a day between any two. Pure."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import combinations

from challenge.protocol.local_week import WEEK, monday_of

DAY_BETWEEN = timedelta(days=2)


def session_days(*, left: int, done: Collection[date], today: date) -> list[date]:
    """Return the days of the sessions that are left, from today on, as evenly spread as the week allows.

    `done` are the days of sessions in this week and just before it. Fewer days come back where the week is too short.
    """
    monday = monday_of(today)
    days = [today + timedelta(days=n) for n in range((monday + WEEK - today).days)]
    # Next week begins as this one did, so that a Monday does not follow a Sunday.
    others = {*done, *(day + WEEK for day in done if day >= monday)}
    for count in range(min(left, len(days)), 0, -1):
        spread = [chosen for chosen in combinations(days, count) if _shortest(chosen, others) >= DAY_BETWEEN]
        if spread:
            # `max` keeps the first of equals: the earliest days.
            widest = max(spread, key=lambda chosen: _shortest(chosen, others))
            return list(widest)
    return []


def _shortest(chosen: Collection[date], others: Collection[date]) -> timedelta:
    """Return the shortest time from a chosen day to any other session."""
    return min(_distances(chosen, others))


def _distances(chosen: Collection[date], others: Collection[date]) -> Iterator[timedelta]:
    yield from (later - earlier for earlier, later in combinations(sorted(chosen), 2))
    yield min(chosen) + WEEK - max(chosen)
    yield from (abs(one - other) for one in chosen for other in others)
