"""The clinic's week of calls as the staff page draws it: seven days in one zone, with hours and leave."""

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
    """One call of the week. `theirs` is the caller's own clock where it differs."""

    booking: Booking
    clock: str
    theirs: str
    mine: bool


@dataclass(frozen=True)
class CalendarSpan:
    """The hours or leave of one staff member on a day, in words."""

    who: str
    words: str


@dataclass(frozen=True)
class StaffDay:
    """One day of the week."""

    on: date
    today: bool
    entries: tuple[CalendarEntry, ...]
    hours: tuple[CalendarSpan, ...]
    leaves: tuple[CalendarSpan, ...]


def staff_week(
    calls: Iterable[Booking],
    diaries: Iterable[Diary],
    check_ins: Iterable[Diary],
    *,
    monday: date,
    today: date,
    zone: ZoneInfo,
    user_id: int,
) -> list[StaffDay]:
    """Return seven days from Monday, each with the calls whose start falls on it in `zone`.

    `check_ins` are the diaries of check-ins that have hours of their own.
    """
    by_day: dict[date, list[CalendarEntry]] = defaultdict(list)
    for call in sorted(calls, key=lambda c: (c.starts_at, c.staff_id)):
        when = call_time(call.starts_at, here=zone.key, there=call.time_zone)
        entry = CalendarEntry(call, short_clock(call.starts_at, zone), when.other, call.staff_id == user_id)
        by_day[local_day(call.starts_at, zone)].append(entry)
    diaries, check_ins = list(diaries), list(check_ins)
    return [
        StaffDay(
            on=on,
            today=on == today,
            entries=tuple(by_day[on]),
            hours=(*_hours(diaries, on, zone), *_check_in_hours(check_ins, on, zone)),
            leaves=tuple(_leaves(diaries, on, zone)),
        )
        for on in (monday + n * DAY for n in range(7))
    ]


def _hours(diaries: list[Diary], on: date, zone: ZoneInfo) -> Iterable[CalendarSpan]:
    """Yield the hours that begin on this day of the staff member's own zone, in the page's zone."""
    for diary in diaries:
        if words := _hours_in_words(diary, on, zone):
            yield CalendarSpan(diary.staff_name, words)


def _check_in_hours(diaries: list[Diary], on: date, zone: ZoneInfo) -> Iterable[CalendarSpan]:
    for diary in diaries:
        if words := check_ins_in_words(diary, on, zone):
            yield CalendarSpan(diary.staff_name, words)


def _hours_in_words(diary: Diary, on: date, zone: ZoneInfo) -> str:
    stretches = [window(on, times, diary.zone) for times in hours_of(diary, on)]
    return ", ".join(_between(stretch, zone) for stretch in stretches if stretch is not None)


def check_ins_in_words(diary: Diary, on: date, zone: ZoneInfo) -> str:
    """Return the hours that hold on this day for check-ins alone, or an empty string."""
    # The hours of a date hold for every kind of call, and are drawn as such.
    words = "" if on in diary.dates else _hours_in_words(diary, on, zone)
    return f"check-ins {words}" if words else ""


def _leaves(diaries: list[Diary], on: date, zone: ZoneInfo) -> Iterable[CalendarSpan]:
    """Yield the leave that overlaps this day."""
    since, until = start_of(on, zone), start_of(on + DAY, zone)
    for diary in diaries:
        for leave in diary.leaves:
            if leave[0] < until and since < leave[1]:
                yield CalendarSpan(diary.staff_name, _on_a_day(leave, (since, until), zone))


def _on_a_day(leave: Stretch, day: Stretch, zone: ZoneInfo) -> str:
    """Return the part of a leave that lies on one day, in words."""
    begins_before, ends_after = leave[0] <= day[0], day[1] <= leave[1]
    if begins_before and ends_after:
        return "all day"
    if begins_before:
        return f"until {short_clock(leave[1], zone)}"
    return f"from {short_clock(leave[0], zone)}" if ends_after else _between(leave, zone)


def _between(stretch: Stretch, zone: ZoneInfo) -> str:
    """Return two clock times as a range."""
    return f"{short_clock(stretch[0], zone)}–{short_clock(stretch[1], zone)}"


def week_bounds(monday: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first moment of a week and that of the next, in UTC."""
    return start_of(monday, zone), start_of(monday + timedelta(days=7), zone)
