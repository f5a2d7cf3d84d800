"""On which days the sessions that are left may be done."""

from datetime import date, timedelta
from itertools import combinations

import pytest

from challenge.notifications.plan_calendar import session_days

MONDAY = date(2026, 1, 5)
MON, TUE, WED, THU, FRI, SAT, SUN = (MONDAY + timedelta(days=n) for n in range(7))


@pytest.mark.parametrize(
    ("left", "done", "today", "expected"),
    [
        (3, [], MON, [MON, WED, FRI]),
        (2, [], MON, [MON, THU]),
        (1, [], MON, [MON]),
        (3, [SUN - timedelta(days=7)], MON, [TUE, THU, SAT]),  # yesterday's session was Sunday's
        (2, [MON], MON, [WED, FRI]),
        (2, [MON], TUE, [WED, FRI]),
        (1, [MON, WED], FRI, [FRI]),
        (3, [], FRI, [FRI, SUN]),  # the week is too short for three
        (1, [SUN], SUN, []),
        (0, [], MON, []),
        (5, [], MON, [MON, WED, FRI]),  # a Sunday would be the day before the next Monday
    ],
)
def test_days(left: int, done: list[date], today: date, expected: list[date]) -> None:
    days = session_days(left=left, done=done, today=today)
    assert days == expected


def test_there_is_always_a_day_between_and_never_a_day_that_is_over() -> None:
    week = [MONDAY + timedelta(days=n) for n in range(-2, 7)]
    for today in week[2:]:
        for size in range(3):
            for done in combinations([day for day in week if day <= today], size):
                for left in range(6):
                    days = session_days(left=left, done=done, today=today)
                    assert len(days) <= left
                    assert all(today <= day <= SUN for day in days)
                    others = [*days, *done]
                    for day in days:
                        others.remove(day)
                        assert all(abs(day - other).days >= 2 for other in others)
