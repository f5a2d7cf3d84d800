"""When clinicians read: working days, and the hour as runners read it."""

from datetime import date, time

import pytest

from challenge.protocol.reading_hours import (
    CALLS,
    DEADLINE,
    READS,
    clock,
    is_working_day,
    next_working_day,
    read_by,
)

FRIDAY, SATURDAY, MONDAY = date(2026, 1, 9), date(2026, 1, 10), date(2026, 1, 12)


def test_the_next_working_day_after_friday_is_monday() -> None:
    assert next_working_day(FRIDAY) == next_working_day(SATURDAY) == MONDAY
    assert next_working_day(MONDAY) == date(2026, 1, 13)
    assert [is_working_day(day) for day in (FRIDAY, SATURDAY, MONDAY)] == [True, False, True]


@pytest.mark.parametrize(
    ("moment", "text"),
    [(time(17), "5:00 PM"), (time(0, 5), "12:05 AM"), (time(12), "12:00 PM"), (time(9), "9:00 AM")],
)
def test_the_hour_reads_as_runners_read_it(moment: time, text: str) -> None:
    assert clock(moment) == text


def test_every_promise_quotes_the_same_deadline() -> None:
    assert DEADLINE.startswith(clock())
    assert DEADLINE in READS
    assert DEADLINE in CALLS
    assert "Monday to Friday" in READS


def test_what_is_written_on_a_friday_is_read_by_monday() -> None:
    assert (read_by(FRIDAY), read_by(MONDAY)) == ("Monday, 5:00 PM", "Tuesday, 5:00 PM")
