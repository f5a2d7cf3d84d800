"""Calls as the staff pages draw them: today and tomorrow for each clinician, and the clinic's week.

A day shows the calls and the free times between them; a week has seven days in one zone, with hours and leave.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings

from challenge.accounts.models import User
from challenge.calls.models import Booking, BookingState
from challenge.calls.schedule_models import Availability
from challenge.calls.slot_picker import slot_text, start_of
from challenge.calls.slots import DAY, Diary, Stretch, free_slots, hours_of, window
from challenge.calls.time_text import call_time, other_clocks, short_clock
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


@dataclass(frozen=True)
class DayCall:
    """One call of the day. `others` are the clocks that differ from the reader's, in words."""

    starts_at: datetime
    booking: Booking
    clock: str
    others: list[str]
    is_now: bool
    is_over: bool


@dataclass(frozen=True)
class FreeTime:
    """A time that can be booked with one press."""

    starts_at: datetime
    clock: str
    query: str


@dataclass(frozen=True)
class PersonDay:
    """One clinician's day. `moments` are its calls and free times in order; `check_ins` are hours in words."""

    name: str
    staff_id: int
    moments: tuple[DayCall | FreeTime, ...]
    away: str
    check_ins: str


@dataclass(frozen=True)
class DeskDay:
    """One day of the page."""

    on: date
    title: str
    people: tuple[PersonDay, ...]


def desk_days(
    calls: Iterable[Booking],
    rows: Iterable[Availability],
    diaries: Iterable[Diary],
    check_ins: Iterable[Diary],
    *,
    reader: User,
    at: datetime,
) -> list[DeskDay]:
    """Return today and tomorrow in the reader's zone. Canceled calls are left out.

    `check_ins` are the diaries of check-ins that have hours of their own: those are not for the desk to book.
    """
    today = local_day(at, reader.zone)
    bookable = {row.staff_id for row in rows if row.takes_calls and row.staff.is_active}
    moments: dict[tuple[date, int], list[DayCall | FreeTime]] = defaultdict(list)
    for call in calls:
        if call.state != BookingState.CANCELED:
            entry = _call(call, reader=reader, at=at)
            moments[local_day(call.starts_at, reader.zone), call.staff_id].append(entry)
    diaries, check_ins = list(diaries), list(check_ins)
    until = start_of(today + 2 * DAY, reader.zone)
    for diary in diaries:
        if diary.staff_id in bookable:
            for slot in free_slots(diary, since=at, until=until, at=at, by_staff=True):
                on = local_day(slot.starts_at, reader.zone)
                moments[on, diary.staff_id].append(_free(slot.starts_at, diary, reader.zone))
    names = {diary.staff_id: diary.staff_name for diary in diaries}
    return [
        DeskDay(on, title, tuple(_people(names, moments, diaries, check_ins, on, reader.zone)))
        for on, title in ((today, "Today"), (today + DAY, "Tomorrow"))
    ]


def _people(
    names: dict[int, str],
    moments: dict[tuple[date, int], list[DayCall | FreeTime]],
    diaries: list[Diary],
    check_ins: list[Diary],
    on: date,
    zone: ZoneInfo,
) -> Iterable[PersonDay]:
    day = start_of(on, zone), start_of(on + DAY, zone)
    away = {d.staff_id for d in diaries if any(a < day[1] and day[0] < b for a, b in d.leaves)}
    theirs = {diary.staff_id: check_ins_in_words(diary, on, zone) for diary in check_ins}
    for staff_id, name in names.items():
        entries = tuple(sorted(moments[on, staff_id], key=lambda entry: entry.starts_at))
        yield PersonDay(name, staff_id, entries, "away" if staff_id in away else "", theirs.get(staff_id, ""))


def clocks_of(call: Booking) -> list[tuple[str, str]]:
    """Return whose clocks a staff page names next to the reader's: (whose, zone)."""
    return [
        ("for the caller", call.time_zone),
        (f"{call.staff.get_short_name()}’s time", call.staff.availability.time_zone),
        ("at the clinic", settings.CLINIC_TIME_ZONE),
    ]


def _call(call: Booking, *, reader: User, at: datetime) -> DayCall:
    return DayCall(
        starts_at=call.starts_at,
        booking=call,
        clock=short_clock(call.starts_at, reader.zone),
        others=other_clocks(call.starts_at, here=reader.time_zone, others=clocks_of(call)),
        is_now=call.state == BookingState.BOOKED and call.starts_at <= at < call.ends_at,
        is_over=call.ends_at <= at,
    )


def _free(starts_at: datetime, diary: Diary, zone: ZoneInfo) -> FreeTime:
    query = urlencode({"slot": slot_text(starts_at), "whom": diary.staff_id, "zone": zone.key})
    return FreeTime(starts_at, short_clock(starts_at, zone), query)
