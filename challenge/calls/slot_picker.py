"""Find free slots and lay them out by week for the pages that pick one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from challenge.accounts.time_zones import TimeZoneField
from challenge.calls.models import Booking
from challenge.calls.schedule_models import CallKind
from challenge.calls.slots import DAY, Diary, Slot, calls_near, diaries, free_slots_by_staff
from challenge.calls.time_text import clock, day, known_zone, short_clock, visitor_zone
from challenge.protocol.local_week import local_day

WEEK = timedelta(days=7)
NEAREST = 5
YEARS = range(2000, 2200)  # dates near the ends of the calendar overflow when a time zone moves them
Link = Callable[..., str]


@dataclass(frozen=True)
class SlotChoice:
    """One time to choose."""

    starts_at: datetime
    label: str
    href: str


@dataclass(frozen=True)
class SlotDay:
    """One day of the week with its free times."""

    on: date
    choices: tuple[SlotChoice, ...]


@dataclass(frozen=True)
class SlotWeek:
    """Seven days; `next_free` links to the next day with a free time after them."""

    days: tuple[SlotDay, ...]
    zone: str
    earlier: str | None
    later: str | None
    next_free: SlotChoice | None

    @property
    def free(self) -> bool:
        """Return whether any time of the week is free."""
        return any(day.choices for day in self.days)


def week(
    slots: Iterable[Slot], *, first: date, today: date, last: date, zone: ZoneInfo, link: Link
) -> SlotWeek:
    """Return the week from `first`, kept within `today` and `last`, made of all slots up to the horizon."""
    first = max(today, min(first, last))
    # A dictionary as an ordered set: several staff may be free at the same time, which is one choice.
    by_day: dict[date, dict[datetime, None]] = {}
    for slot in sorted(slots):
        by_day.setdefault(local_day(slot.starts_at, zone), {})[slot.starts_at] = None
    days = tuple(
        SlotDay(on, tuple(_choice(start, zone, link) for start in by_day.get(on, ())))
        for on in (first + n * DAY for n in range(7))
    )
    after = next((on for on in sorted(by_day) if on > days[-1].on), None)
    following = first + WEEK
    return SlotWeek(
        days=days,
        zone=zone.key,
        earlier=link(first=max(today, first - WEEK)) if first > today else None,
        later=link(first=following) if following <= last else None,
        next_free=_next_free(after, by_day, zone, link) if after else None,
    )


def _choice(start: datetime, zone: ZoneInfo, link: Link) -> SlotChoice:
    return SlotChoice(start, short_clock(start, zone), link(slot=slot_text(start)))


def _next_free(on: date, by_day: dict[date, dict[datetime, None]], zone: ZoneInfo, link: Link) -> SlotChoice:
    start = min(by_day[on])
    return SlotChoice(start, day(start, zone), link(first=on))


def nearest(slots: Iterable[Slot], *, to: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return the free times nearest to `to`, in order, as choices of a form."""
    starts = sorted({slot.starts_at for slot in slots}, key=lambda start: (abs(start - to), start))
    return [(slot_text(s), f"{day(s, zone)}, {clock(s, zone)}") for s in sorted(starts[:NEAREST])]


def slot_text(start: datetime) -> str:
    """Return a start as the forms carry it, in UTC."""
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def slot_from(text: str) -> datetime | None:
    """Return the moment that `slot_text` wrote, or None for anything else."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.year in YEARS else None


def day_from(text: str) -> date | None:
    """Return an ISO date, or None for anything else."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    return on if on.year in YEARS else None


def start_of(on: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a local day, in UTC."""
    return datetime.combine(on, time.min, tzinfo=zone).astimezone(UTC)


# The largest `horizon_days` that the form accepts, and a day for the time zones.
LONGEST_HORIZON = timedelta(days=121)


class ZoneForm(forms.Form):
    """The zone in which a picker page shows its times."""

    use_required_attribute = False  # an emptied field goes back to the reader's own zone
    zone = TimeZoneField(label="Times shown for")


@dataclass(frozen=True)
class SlotSearch:
    """The query of a picker page: staff member, zone, first day, chosen time.

    Invalid values are ignored; only a zone that is unclear is asked about (`SlotFinder.zone_form`).
    """

    whom: int | None
    zone: ZoneInfo
    zone_chosen: bool
    unclear_zone: str
    first: date | None
    slot: datetime | None


def parse_search(query: QueryDict, *, zone: str = "", whom: int | None = None) -> SlotSearch:
    """Read the query of a picker page; `zone` and `whom` are the defaults."""
    text = query.get("whom", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
    asked = query.get("zone", "").strip()
    return SlotSearch(
        # An explicit "anyone" must not fall back to the call's own clinician.
        whom=number if "whom" in query else whom,
        zone=visitor_zone(asked, zone),
        zone_chosen=bool(asked),
        unclear_zone=asked if known_zone(asked) is None else "",
        first=day_from(query.get("first", "")),
        slot=slot_from(query.get("slot", "")),
    )


@dataclass(frozen=True)
class SlotFinder:
    """Free time for one reader. The time of `moved`, the call being moved, counts as free."""

    search: SlotSearch
    at: datetime
    by_staff: bool = False
    moved: Booking | None = None
    kind: str = CallKind.DISCOVERY
    among: frozenset[int] | None = None  # staff ids; None for all

    @cached_property
    def diaries(self) -> list[Diary]:
        """Return the diaries of the staff to choose from up to the longest horizon."""
        kind = self.moved.kind if self.moved is not None else self.kind
        found = diaries(since=self.at, until=self.at + LONGEST_HORIZON, without=self.moved, kind=kind)
        return [diary for diary in found if self.among is None or diary.staff_id in self.among]

    @cached_property
    def whom(self) -> int | None:
        """Return the requested staff member's id if they take calls, else None for anyone."""
        return self.search.whom if any(d.staff_id == self.search.whom for d in self.diaries) else None

    @property
    def name(self) -> str:
        """Return the requested staff member's name, or an empty string."""
        return next((d.staff_name for d in self.diaries if d.staff_id == self.whom), "")

    @cached_property
    def slots(self) -> list[Slot]:
        """Return the free slots with the requested staff member, without the moved call's own."""
        free = [slot for slot in self.slots_of_all_staff if self.whom in (None, slot.staff_id)]
        if self.moved is None:
            return free
        # Its present time is free for it, but moving there would change nothing.
        own = (self.moved.staff_id, self.moved.starts_at)
        return [slot for slot in free if (slot.staff_id, slot.starts_at) != own]

    @cached_property
    def slots_of_all_staff(self) -> list[Slot]:
        """Return the free slots of every staff member."""
        until = self.at + LONGEST_HORIZON
        return free_slots_by_staff(
            self.diaries, since=self.at, until=until, at=self.at, by_staff=self.by_staff
        )

    def is_free(self, moment: datetime) -> bool:
        """Return whether a call can start at `moment`."""
        return any(slot.starts_at == moment for slot in self.slots)

    def holder(self, moment: datetime) -> int | None:
        """Return who gets a call booked for `moment`: of those free the one with the fewest calls that day, or None."""
        free = {slot.staff_id for slot in self.slots if slot.starts_at == moment}
        able = [diary for diary in self.diaries if diary.staff_id in free]
        least = min(able, key=lambda diary: (calls_near(diary, moment), diary.staff_id), default=None)
        return least.staff_id if least is not None else None

    def minutes(self, moment: datetime) -> int | None:
        """Return the length of a call that starts at `moment`, or None if it is not free."""
        for slot in self.slots:
            if slot.starts_at == moment:
                return int((slot.ends_at - slot.starts_at).total_seconds() // 60)
        return None

    def nearest(self, moment: datetime) -> list[tuple[str, str]]:
        """Return the free times nearest to `moment`."""
        return nearest(self.slots, to=moment, zone=self.search.zone)

    def week(self, path: str) -> SlotWeek:
        """Return the week to show on the page at `path`."""
        today = local_day(self.at, self.search.zone)
        ahead = max((d.horizon for d in self.diaries), default=timedelta())
        return week(
            self.slots,
            first=self.search.first or today,
            today=today,
            last=local_day(self.at + ahead, self.search.zone),
            zone=self.search.zone,
            link=self.link(path),
        )

    def link(self, path: str) -> Callable[..., str]:
        """Return a function that builds addresses of this page and keeps the query."""

        def href(**changes: object) -> str:
            query = {"whom": self.whom or "any", "zone": self.search.zone.key}
            if self.search.first is not None:
                query["first"] = self.search.first.isoformat()
            return f"{path}?{urlencode(query | changes)}"

        return href

    @property
    def people(self) -> list[tuple[str, str]]:
        """Return the staff members to choose from, with "anyone" first."""
        return [("any", "Anyone who is free"), *((str(d.staff_id), d.staff_name) for d in self.diaries)]

    @cached_property
    def zone_form(self) -> ZoneForm:
        """Return the field with the zone by its name, or with what was typed and a question about it."""
        return ZoneForm({"zone": self.search.unclear_zone or self.search.zone.key}, auto_id="%s")

    @property
    def slot_text(self) -> str:
        """Return the chosen start as the forms carry it."""
        return slot_text(self.search.slot) if self.search.slot else ""
