"""The clinic's week of calls, as the staff page draws it: seven days in one zone, calls, leave and hours as bars."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from challenge.calls.models import Booking
from challenge.calls.slot_picker import start_of
from challenge.calls.slots import DAY, Diary, Stretch, hours_of, window
from challenge.calls.time_text import call_time, short_clock
from challenge.protocol.local_week import local_day


@dataclass(frozen=True)
class CalendarEntry:
    """One call of the week, as its line says it."""

    booking: Booking
    clock: str
    theirs: str
    mine: bool


@dataclass(frozen=True)
class CalendarSpan:
    """Hours or leave of one staff member on a day, in words."""

    who: str
    words: str


@dataclass(frozen=True)
class StaffDay:
    on: date
    today: bool
    entries: tuple[CalendarEntry, ...]
    hours: tuple[CalendarSpan, ...]
    leaves: tuple[CalendarSpan, ...]

    @property
    def weekday(self) -> str:
        return f"{self.on:%A}"

    @property
    def label(self) -> str:
        return f"{self.on:%b} {self.on.day}"


def staff_week(
    calls: Iterable[Booking],
    diaries: Iterable[Diary],
    *,
    monday: date,
    today: date,
    zone: ZoneInfo,
    user_id: int,
) -> list[StaffDay]:
    """Seven days from Monday; every call stands on the day its start has in `zone`."""
    by_day: dict[date, list[CalendarEntry]] = defaultdict(list)
    for call in sorted(calls, key=lambda c: (c.starts_at, c.staff_id)):
        told = call_time(call.starts_at, here=zone.key, there=call.time_zone)
        entry = CalendarEntry(call, short_clock(call.starts_at, zone), told.other, call.staff_id == user_id)
        by_day[local_day(call.starts_at, zone)].append(entry)
    diaries = list(diaries)
    return [
        StaffDay(
            on=on,
            today=on == today,
            entries=tuple(by_day[on]),
            hours=tuple(_hours(diaries, on, zone)),
            leaves=tuple(_leaves(diaries, on, zone)),
        )
        for on in (monday + n * DAY for n in range(7))
    ]


def _hours(diaries: list[Diary], on: date, zone: ZoneInfo) -> Iterable[CalendarSpan]:
    """The hours that begin on this day of the staff member's own zone, said in the page's zone."""
    for diary in diaries:
        found = [window(on, times, diary.zone) for times in hours_of(diary, on)]
        words = ", ".join(_between(stretch, zone) for stretch in found if stretch is not None)
        if words:
            yield CalendarSpan(diary.staff_name, words)


def _leaves(diaries: list[Diary], on: date, zone: ZoneInfo) -> Iterable[CalendarSpan]:
    since, until = start_of(on, zone), start_of(on + DAY, zone)
    for diary in diaries:
        for leave in diary.leaves:
            if leave[0] < until and since < leave[1]:
                yield CalendarSpan(diary.staff_name, _on_a_day(leave, (since, until), zone))


def _on_a_day(leave: Stretch, day: Stretch, zone: ZoneInfo) -> str:
    begins_before, ends_after = leave[0] <= day[0], day[1] <= leave[1]
    if begins_before and ends_after:
        return "all day"
    if begins_before:
        return f"until {short_clock(leave[1], zone)}"
    return f"from {short_clock(leave[0], zone)}" if ends_after else _between(leave, zone)


def _between(stretch: Stretch, zone: ZoneInfo) -> str:
    return f"{short_clock(stretch[0], zone)}–{short_clock(stretch[1], zone)}"


def week_bounds(monday: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return start_of(monday, zone), start_of(monday + timedelta(days=7), zone)
