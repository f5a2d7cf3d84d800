"""A runner's local week, as tables: Monday 06:00 on their own clock, also where the clocks change (`decision.week`)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from challenge.protocol.local_week import (
    current_week_start,
    days_on_earth,
    local_day,
    on_day,
    week_decided_at,
    week_ends_at,
)
from challenge.protocol.wording import wait_in_words

CHICAGO = ZoneInfo("America/Chicago")
# The clocks of Minnesota go back in the night to Sunday, November 1.
BEFORE, AFTER = date(2026, 10, 26), date(2026, 11, 2)


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 11, 2, 11, 59, tzinfo=UTC), BEFORE),
        (datetime(2026, 11, 2, 12, 0, tzinfo=UTC), AFTER),
        (datetime(2026, 11, 2, 4, 0, tzinfo=UTC), BEFORE),
    ],
)
def test_a_week_begins_at_six_on_the_runners_own_monday(moment: datetime, week: date) -> None:
    assert current_week_start(moment, CHICAGO) == week


@pytest.mark.parametrize("hour", range(24))
def test_every_day_that_it_is_somewhere_is_among_those_on_earth(hour: int) -> None:
    at = datetime(2026, 3, 5, hour, 30, tzinfo=UTC)
    today = {local_day(at, ZoneInfo(zone)) for zone in available_timezones()}
    assert days_on_earth(at) == sorted(today)


def test_six_in_the_morning_is_six_after_the_clocks_change() -> None:
    assert week_decided_at(BEFORE, CHICAGO).astimezone(UTC).hour == 11
    assert week_decided_at(AFTER, CHICAGO).astimezone(UTC).hour == 12
    assert week_ends_at(BEFORE, CHICAGO) == week_decided_at(AFTER, CHICAGO)


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("days", [-7, -1, 0, 1, 7])
def test_a_moment_moved_to_a_day_is_on_that_day(hour: int, days: int) -> None:
    moment = datetime(2026, 11, 1, hour, 30, tzinfo=UTC)
    day = local_day(moment, CHICAGO) + timedelta(days=days)
    assert local_day(on_day(moment, day, CHICAGO), CHICAGO) == day


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (40, "40 minutes"), (119, "119 minutes"), (170, "3 hours"), (2880, "2 days")],
)
def test_a_wait_is_said_as_people_say_it(minutes: int, words: str) -> None:
    assert wait_in_words(minutes) == words
