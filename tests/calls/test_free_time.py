"""Local hours become moments: summer and winter, half-hour zones, across midnight, and what blocks them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from challenge.calls.slots import Diary, free_slots, inside_hours, is_free, window

CHICAGO = ZoneInfo("America/Chicago")
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def diary(
    zone: str = "America/Chicago", *, hours: tuple[time, time] = (time(9), time(12)), **terms: object
) -> Diary:
    plain = Diary(
        staff_id=1,
        staff_name="Dana Reed",
        zone=ZoneInfo(zone),
        length=timedelta(minutes=20),
        step=timedelta(minutes=30),
        before=timedelta(),
        after=timedelta(minutes=10),
        notice=timedelta(),
        horizon=timedelta(days=400),
        calls_a_day=40,
        weekly=dict.fromkeys(range(7), (hours,)),
    )
    return replace(plain, **terms)  # type: ignore[arg-type]


def wall(found: Diary, on: date) -> list[str]:
    """The starts that this local date of the staff member shows, on their own clock."""
    midnight = datetime.combine(on, time.min, tzinfo=found.zone)
    slots = free_slots(found, since=midnight, until=midnight + timedelta(hours=30), at=EARLY)
    local = [slot.starts_at.astimezone(found.zone) for slot in slots]
    return [f"{moment:%H:%M}" for moment in local if moment.date() == on]


def test_nine_stays_nine_on_every_day_of_the_year() -> None:
    found = diary()
    for n in range(365):
        day = date(2026, 1, 2) + timedelta(days=n)
        assert wall(found, day) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"], day


def test_the_instant_of_nine_moves_with_the_clocks() -> None:
    found = diary()
    for day, hour in (
        (date(2026, 3, 7), 15),
        (date(2026, 3, 8), 14),
        (date(2026, 10, 31), 14),
        (date(2026, 11, 1), 15),
    ):
        (first, *_) = free_slots(
            found,
            since=datetime.combine(day, time(8), tzinfo=UTC),
            until=datetime.combine(day, time(23), tzinfo=UTC),
            at=EARLY,
        )
        assert first.starts_at == datetime.combine(day, time(hour), tzinfo=UTC)


def test_hours_through_the_night_in_spring_lose_the_hour_that_is_not_there() -> None:
    night = diary(hours=(time(1), time(4)))
    assert wall(night, date(2026, 3, 8)) == ["01:00", "01:30", "03:00", "03:30"]
    assert wall(night, date(2026, 3, 7)) == ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]


def test_hours_through_the_night_in_autumn_have_both_readings() -> None:
    night = diary(hours=(time(0, 30), time(3)))
    assert wall(night, date(2026, 11, 1)) == ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30"]


@pytest.mark.parametrize(
    ("on", "hours"),
    [
        (date(2026, 3, 8), (time(2, 30), time(5))),
        (date(2026, 3, 8), (time(1), time(2, 30))),
        (date(2026, 11, 1), (time(1, 30), time(3))),
        (date(2026, 11, 1), (time(0), time(1, 30))),
    ],
)
def test_edges_inside_a_change_of_clocks_offer_no_wall_time_outside_the_hours(
    on: date, hours: tuple[time, time]
) -> None:
    for text in wall(diary(hours=hours), on):
        assert hours[0] <= time.fromisoformat(text) < hours[1]


def test_a_window_that_the_gap_swallows_is_none() -> None:
    assert window(date(2026, 3, 8), (time(2), time(2, 45)), CHICAGO) is None


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Asia/Kolkata", timedelta(hours=5, minutes=30)),
        ("Asia/Kathmandu", timedelta(hours=5, minutes=45)),
        ("Australia/Adelaide", timedelta(hours=10, minutes=30)),
        ("America/St_Johns", timedelta(hours=-3, minutes=-30)),
    ],
)
def test_zones_off_the_whole_hour(zone: str, offset: timedelta) -> None:
    found = diary(zone)
    assert wall(found, date(2026, 1, 8))[0] == "09:00"
    day = datetime(2026, 1, 8, 9, tzinfo=ZoneInfo(zone))
    assert is_free(found, starts_at=datetime(2026, 1, 8, 9, tzinfo=UTC) - offset, at=EARLY)
    assert day.utcoffset() == offset


def test_hours_past_midnight_run_into_the_next_morning() -> None:
    late = diary(hours=(time(22), time(1)), weekly={3: ((time(22), time(1)),)})
    assert wall(late, date(2026, 1, 8)) == ["22:00", "22:30", "23:00", "23:30"]
    assert wall(late, date(2026, 1, 9)) == ["00:00", "00:30"]


def test_a_call_ends_inside_the_hours() -> None:
    assert wall(diary(length=timedelta(minutes=45)), date(2026, 1, 8))[-1] == "11:00"


def test_a_dates_own_hours_stand_in_for_the_weeks_and_none_means_none() -> None:
    found = diary(dates={date(2026, 1, 8): ((time(14), time(15)),), date(2026, 1, 9): ()})
    assert wall(found, date(2026, 1, 8)) == ["14:00", "14:30"]
    assert wall(found, date(2026, 1, 9)) == []
    assert wall(found, date(2026, 1, 10))[0] == "09:00"


def at_chicago(hour: int, minute: int = 0, day: int = 8) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


def test_leave_takes_what_it_touches_and_no_more() -> None:
    found = diary(leaves=((at_chicago(9, 50), at_chicago(10, 30)),))
    assert wall(found, date(2026, 1, 8)) == ["09:00", "09:30", "10:30", "11:00", "11:30"]
    assert not inside_hours(found, at_chicago(10), at_chicago(10, 20))
    assert inside_hours(found, at_chicago(9, 30), at_chicago(9, 50))


def test_a_booked_call_blocks_with_both_buffers() -> None:
    call = (at_chicago(10), at_chicago(10, 20))
    busy = (at_chicago(9, 55), at_chicago(10, 30))
    found = diary(before=timedelta(minutes=5), calls=(call,), busy=(busy,))
    assert wall(found, date(2026, 1, 8)) == ["09:00", "11:00", "11:30"]


def test_a_full_day_is_full_by_the_staff_members_own_date() -> None:
    calls = ((at_chicago(9), at_chicago(9, 20)),)
    found = diary(calls=calls, busy=calls, calls_a_day=1)
    assert wall(found, date(2026, 1, 8)) == []
    assert wall(found, date(2026, 1, 9)) != []


def test_notice_and_horizon_bound_the_offer_and_staff_keep_no_notice() -> None:
    found = diary(notice=timedelta(hours=2), horizon=timedelta(days=1))
    at = at_chicago(9)
    span: dict[str, Any] = {"since": at, "until": at + timedelta(days=9), "at": at}
    starts = [slot.starts_at for slot in free_slots(found, **span)]
    assert starts[0] == at_chicago(11)
    assert starts[-1] < at + timedelta(days=1)
    assert free_slots(found, **span, by_staff=True)[0].starts_at == at
