"""Free time, worked out: local hours become moments, and moments that nothing blocks become slots. Pure.

`free_slots` is the one judge: the page shows what it returns, and a booking is taken only where it returns the slot.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from challenge.protocol.local_week import local_day

Stretch = tuple[datetime, datetime]
WallTimes = tuple[time, time]
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Slot:
    """A call that can be had: half-open, in UTC."""

    starts_at: datetime
    staff_id: int
    ends_at: datetime


@dataclass(frozen=True)
class Diary:
    """All that decides when one staff member is free."""

    staff_id: int
    staff_name: str
    zone: ZoneInfo
    length: timedelta
    step: timedelta
    before: timedelta
    after: timedelta
    notice: timedelta
    horizon: timedelta
    calls_a_day: int
    weekly: Mapping[int, tuple[WallTimes, ...]] = field(default_factory=dict)
    dates: Mapping[date, tuple[WallTimes, ...]] = field(default_factory=dict)
    leaves: tuple[Stretch, ...] = ()
    calls: tuple[Stretch, ...] = ()
    busy: tuple[Stretch, ...] = ()

    def busy_time(self, starts_at: datetime) -> Stretch:
        """The call with its buffers."""
        return starts_at - self.before, starts_at + self.length + self.after


def free_slots(
    diary: Diary, *, since: datetime, until: datetime, at: datetime, by_staff: bool = False
) -> list[Slot]:
    """Free slots that start in [since, until), in order, as of `at`. Staff need keep no notice.

    A slot lies inside the hours, outside leave, clear of every booked call with both calls' buffers, inside notice and
    horizon, on a day with room for one more call. The day is the staff member's.
    """
    earliest = max(since, at if by_staff else at + diary.notice)
    latest = min(until, at + diary.horizon)
    if earliest >= latest:
        return []
    taken = Counter(_day(diary, start) for start, _ in diary.calls)
    starts = {
        start
        for window in _windows(diary, since=earliest, until=latest)
        for start in _starts(diary, window)
        if earliest <= start < latest and taken[_day(diary, start)] < diary.calls_a_day
    }
    return [Slot(start, diary.staff_id, start + diary.length) for start in sorted(starts)]


def is_free(diary: Diary, *, starts_at: datetime, at: datetime, by_staff: bool = False) -> bool:
    until = starts_at + timedelta(microseconds=1)
    return bool(free_slots(diary, since=starts_at, until=until, at=at, by_staff=by_staff))


def hours_of(diary: Diary, day: date) -> tuple[WallTimes, ...]:
    """The wall times of one local date: its own, else its weekday's."""
    own = diary.dates.get(day)
    return own if own is not None else diary.weekly.get(day.weekday(), ())


def window(day: date, times: WallTimes, zone: ZoneInfo) -> Stretch | None:
    """Wall times of a local date as moments; an end at or before the start is on the next morning.

    Where clocks change, the start takes its later reading and the end its earlier one: what lies between has wall
    times inside the hours. None where nothing is left.
    """
    starts, ends = times
    last = day + DAY if ends <= starts else day
    since = max(_moments(day, starts, zone))
    until = min(_moments(last, ends, zone))
    return (since, until) if since < until else None


def inside_hours(diary: Diary, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether hours and leave allow a call at that time, whatever else is booked."""
    if _overlapping(diary.leaves, starts_at, ends_at):
        return False
    windows = _windows(diary, since=starts_at, until=ends_at)
    return any(since <= starts_at and ends_at <= until for since, until in windows)


def _moments(day: date, wall: time, zone: ZoneInfo) -> Iterator[datetime]:
    for fold in (0, 1):
        yield datetime.combine(day, wall, tzinfo=zone).replace(fold=fold).astimezone(UTC)


def _windows(diary: Diary, *, since: datetime, until: datetime) -> Iterator[Stretch]:
    day = _day(diary, since) - DAY
    last = _day(diary, until)
    while day <= last:
        for times in hours_of(diary, day):
            found = window(day, times, diary.zone)
            if found is not None:
                yield found
        day += DAY


def _starts(diary: Diary, span: Stretch) -> Iterator[datetime]:
    """Steps through one window; what is near it is looked up once."""
    since, until = span
    reach = diary.before + diary.length + diary.after
    leaves = _overlapping(diary.leaves, since, until)
    busy = _overlapping(diary.busy, since - reach, until + reach)
    start = since
    while start + diary.length <= until:
        end = start + diary.length
        if not _overlapping(leaves, start, end) and not _overlapping(busy, *diary.busy_time(start)):
            yield start
        start += diary.step


def _overlapping(stretches: Iterable[Stretch], since: datetime, until: datetime) -> list[Stretch]:
    return [stretch for stretch in stretches if stretch[0] < until and since < stretch[1]]


def _day(diary: Diary, moment: datetime) -> date:
    return local_day(moment, diary.zone)
