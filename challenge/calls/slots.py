"""Free time: local hours become moments, and moments that nothing blocks become slots.

`free_slots` is the only rule: the page shows what it returns, and `actions.book` accepts only what it
returns. The upper half is pure; `diaries` and what follows it read the database.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, Value

from challenge.calls.models import Booking, BookingState
from challenge.calls.schedule_models import Availability, BusyTime, CallKind, CheckInTerms, Hours, Leave
from challenge.protocol.local_week import local_day

Stretch = tuple[datetime, datetime]
WallTimes = tuple[time, time]
DAY = timedelta(days=1)
MARGIN = timedelta(days=2)  # a local day reaches into the UTC days around it, in any zone


@dataclass(frozen=True, order=True)
class Slot:
    """A call that can be booked: half-open, in UTC."""

    starts_at: datetime
    staff_id: int
    ends_at: datetime


@dataclass(frozen=True)
class Diary:
    """Everything that decides when one staff member is free."""

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
    meetings: tuple[Stretch, ...] = ()  # in their own calendars
    calls: tuple[Stretch, ...] = ()
    busy: tuple[Stretch, ...] = ()

    def busy_time(self, starts_at: datetime) -> Stretch:
        """Return the call at that time with its buffers."""
        return starts_at - self.before, starts_at + self.length + self.after


def free_slots(
    diary: Diary, *, since: datetime, until: datetime, at: datetime, by_staff: bool = False
) -> list[Slot]:
    """Return the free slots that start in [since, until), in order, as of `at`.

    A slot lies inside the hours, outside leave and the meetings of their own calendars, clear of every booked call
    with both calls' buffers, within notice and horizon, on a day (the staff member's) with room for one more call.
    Staff need no notice.
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
        # A day at its limit has no free slot, whatever its hours.
        if earliest <= start < latest and taken[_day(diary, start)] < diary.calls_a_day
    }
    return [Slot(start, diary.staff_id, start + diary.length) for start in sorted(starts)]


def is_free(diary: Diary, *, starts_at: datetime, at: datetime, by_staff: bool = False) -> bool:
    """Return whether a call can start at exactly `starts_at`."""
    # The range is half-open: one microsecond holds exactly this start.
    until = starts_at + timedelta(microseconds=1)
    return bool(free_slots(diary, since=starts_at, until=until, at=at, by_staff=by_staff))


def calls_near(diary: Diary, moment: datetime) -> int:
    """Return the number of calls on the staff member's local day of `moment`."""
    day = _day(diary, moment)
    return sum(_day(diary, start) == day for start, _ in diary.calls)


def hours_of(diary: Diary, day: date) -> tuple[WallTimes, ...]:
    """Return the wall times of a local date: its own if it has any, else its weekday's."""
    # An empty tuple is a date without calls; None is a date without hours of its own.
    own = diary.dates.get(day)
    return own if own is not None else diary.weekly.get(day.weekday(), ())


def window(day: date, times: WallTimes, zone: ZoneInfo) -> Stretch | None:
    """Return wall times of a local date as moments; an end at or before the start is on the next morning.

    Where clocks change, the start takes its later reading and the end its earlier one, so that every moment
    between has a wall time inside the hours. Return None if nothing is left.
    """
    starts, ends = times
    last = day + DAY if ends <= starts else day
    since = max(_moments(day, starts, zone))
    until = min(_moments(last, ends, zone))
    return (since, until) if since < until else None


def inside_hours(diary: Diary, starts_at: datetime, ends_at: datetime) -> bool:
    """Return whether hours and leave allow a call at that time, whatever else is booked."""
    if _overlapping(diary.leaves, starts_at, ends_at):
        return False
    windows = _windows(diary, since=starts_at, until=ends_at)
    return any(since <= starts_at and ends_at <= until for since, until in windows)


def _moments(day: date, wall: time, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield both readings of a wall time in UTC; they differ only where clocks change."""
    for fold in (0, 1):
        yield datetime.combine(day, wall, tzinfo=zone).replace(fold=fold).astimezone(UTC)


def _windows(diary: Diary, *, since: datetime, until: datetime) -> Iterator[Stretch]:
    """Yield the hours as moments on each local day from the one before `since` to that of `until`."""
    # The hours of the day before may run past midnight.
    day = _day(diary, since) - DAY
    last = _day(diary, until)
    while day <= last:
        for times in hours_of(diary, day):
            moments = window(day, times, diary.zone)
            if moments is not None:
                yield moments
        day += DAY


def _starts(diary: Diary, span: Stretch) -> Iterator[datetime]:
    """Yield the starts in one window; leave and calls near it are looked up only once."""
    since, until = span
    # A booked call just outside the window may still collide through the buffers.
    reach = diary.before + diary.length + diary.after
    away = _overlapping((*diary.leaves, *diary.meetings), since, until)
    busy = _overlapping(diary.busy, since - reach, until + reach)
    start = since
    while start + diary.length <= until:
        end = start + diary.length
        if not _overlapping(away, start, end) and not _overlapping(busy, *diary.busy_time(start)):
            yield start
        start += diary.step


def _overlapping(stretches: Iterable[Stretch], since: datetime, until: datetime) -> list[Stretch]:
    """Return the stretches that overlap [since, until)."""
    return [stretch for stretch in stretches if stretch[0] < until and since < stretch[1]]


def _day(diary: Diary, moment: datetime) -> date:
    """Return the staff member's local date at `moment`."""
    return local_day(moment, diary.zone)


def diaries(
    *,
    since: datetime,
    until: datetime,
    staff_id: int | None = None,
    without: Booking | None = None,
    kind: str = CallKind.DISCOVERY,
) -> list[Diary]:
    """Return the diaries of bookable staff between two moments, in four queries.

    `without` leaves out one call: when it is moved, its own time counts as free.
    """
    bookable = Availability.objects.filter(staff__is_active=True, takes_calls=True)
    if kind == CallKind.CHECK_IN:
        bookable = bookable.filter(check_in__is_offered=True).select_related("check_in")
    rows = bookable.select_related("staff").order_by("staff_id")
    if staff_id is not None:
        rows = rows.filter(staff_id=staff_id)
    return diaries_of(rows, since=since, until=until, without=without, kind=kind)


def hours_and_leave(rows: Iterable[Availability], *, since: datetime, until: datetime) -> list[Diary]:
    """Return diaries without booked calls, in two queries, for a page that already has the calls."""
    return _diaries(list(rows), {}, since=since, until=until)


def check_in_hours(rows: Iterable[Availability], *, since: datetime, until: datetime) -> list[Diary]:
    """Return diaries without booked calls of those whose check-ins have weekly hours of their own.

    It takes two queries, none where there are no such hours; the rows come with `check_in` joined.
    """
    own = [row for row in rows if _has_own_hours(row, CallKind.CHECK_IN) and row.check_in.is_offered]
    return _diaries(own, {}, since=since, until=until, kind=CallKind.CHECK_IN) if own else []


def diaries_of(
    rows: Iterable[Availability],
    *,
    since: datetime,
    until: datetime,
    without: Booking | None = None,
    kind: str = CallKind.DISCOVERY,
) -> list[Diary]:
    """Return the diaries of these staff members with their booked calls."""
    rows = list(rows)
    calls = defaultdict(list)
    booked = Booking.objects.exclude(state=BookingState.CANCELED).filter(
        staff__in=[row.staff_id for row in rows], starts_at__gt=since - MARGIN, starts_at__lt=until + MARGIN
    )
    for call in booked.exclude(pk=without.pk) if without else booked:
        calls[call.staff_id].append(call)
    return _diaries(rows, calls, since=since, until=until, kind=kind)


def _terms(row: Availability, kind: str) -> Availability | CheckInTerms:
    """Return what holds length and buffers of a kind of call."""
    return row.check_in if kind == CallKind.CHECK_IN and hasattr(row, "check_in") else row


def _diaries(
    rows: list[Availability],
    calls: Mapping[int, list[Booking]],
    *,
    since: datetime,
    until: datetime,
    kind: str = CallKind.DISCOVERY,
) -> list[Diary]:
    weekly, dates = _hours(rows, since=since, until=until, kind=kind)
    leaves, meetings = _away(rows, since=since, until=until)
    return [
        Diary(
            staff_id=row.staff_id,
            staff_name=row.staff.get_full_name(),
            zone=ZoneInfo(row.time_zone),
            length=timedelta(minutes=_terms(row, kind).length_min),
            step=timedelta(minutes=row.step_min),
            before=timedelta(minutes=_terms(row, kind).buffer_before_min),
            after=timedelta(minutes=_terms(row, kind).buffer_after_min),
            notice=timedelta(minutes=row.notice_min),
            horizon=timedelta(days=row.horizon_days),
            calls_a_day=row.calls_a_day,
            weekly={day: tuple(times) for day, times in weekly[row.pk].items()},
            dates={day: tuple(times) for day, times in dates[row.pk].items()},
            leaves=tuple(leaves[row.pk]),
            meetings=tuple(meetings[row.pk]),
            calls=tuple((call.starts_at, call.ends_at) for call in calls.get(row.staff_id, ())),
            busy=tuple((call.busy.lower, call.busy.upper) for call in calls.get(row.staff_id, ())),
        )
        for row in rows
    ]


Weekly = dict[int, dict[int, list[WallTimes]]]
Dated = dict[int, dict[date, list[WallTimes]]]


def _has_own_hours(row: Availability, kind: str) -> bool:
    """Return whether this kind of call has weekly hours of its own."""
    terms = _terms(row, kind)
    return isinstance(terms, CheckInTerms) and terms.has_own_hours


def _hours(rows: list[Availability], *, since: datetime, until: datetime, kind: str) -> tuple[Weekly, Dated]:
    weekly: Weekly = defaultdict(lambda: defaultdict(list))
    dates: Dated = defaultdict(lambda: defaultdict(list))
    near = Q(on__isnull=True) | Q(on__gte=(since - MARGIN).date(), on__lte=(until + MARGIN).date())
    wanted = {row.pk: kind if _has_own_hours(row, kind) else "" for row in rows}
    for hours in Hours.objects.filter(near, availability__in=rows).order_by("starts"):
        # A date row without times adds the date with no hours.
        times = [(hours.starts, hours.ends)] if hours.starts and hours.ends else []
        if hours.on is not None:
            dates[hours.availability_id][hours.on] += times
        elif hours.weekday is not None and hours.kind == wanted[hours.availability_id]:
            weekly[hours.availability_id][hours.weekday] += times
    return weekly, dates


def _away(
    rows: list[Availability], *, since: datetime, until: datetime
) -> tuple[dict[int, list[Stretch]], dict[int, list[Stretch]]]:
    """Return leave, and the times of trusted own calendars, by availability, in one query."""
    near = {"starts_at__lt": until + DAY, "ends_at__gt": since - DAY}
    leave = Leave.objects.filter(availability__in=rows, **near)
    busy = BusyTime.objects.filter(calendar__availability__in=rows, calendar__is_trusted=True, **near)
    found = leave.annotate(is_leave=Value(True)).values_list(
        "is_leave", "availability_id", "starts_at", "ends_at"
    )
    found = found.union(
        busy.annotate(is_leave=Value(False)).values_list(
            "is_leave", "calendar__availability_id", "starts_at", "ends_at"
        )
    )
    leaves: dict[int, list[Stretch]] = defaultdict(list)
    meetings: dict[int, list[Stretch]] = defaultdict(list)
    for is_leave, availability_id, starts_at, ends_at in found.order_by("starts_at"):
        (leaves if is_leave else meetings)[availability_id].append((starts_at, ends_at))
    return leaves, meetings


def free_slots_by_staff(
    several: Iterable[Diary], *, since: datetime, until: datetime, at: datetime, by_staff: bool = False
) -> list[Slot]:
    """Return the free slots of several diaries, by start."""
    return sorted(
        slot
        for diary in several
        for slot in free_slots(diary, since=since, until=until, at=at, by_staff=by_staff)
    )
