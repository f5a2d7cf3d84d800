"""Find free slots and lay them out by week for the pages that pick one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from challenge.calls.models import Booking
from challenge.calls.queries import diaries, free_slots_by_staff
from challenge.calls.slots import DAY, Diary, Slot
from challenge.calls.time_text import Choices, clock, day, known_zone, short_clock, visitor_zone, zone_choices
from challenge.protocol.local_week import local_day

WEEK = timedelta(days=7)
NEAREST = 5
YEARS = range(2000, 2200)  # what is asked for outside of them is nonsense, and overflows when a zone moves it
Link = Callable[..., str]


@dataclass(frozen=True)
class SlotChoice:
    """One time to press."""

    starts_at: datetime
    label: str
    href: str


@dataclass(frozen=True)
class SlotDay:
    on: date
    choices: tuple[SlotChoice, ...]

    @property
    def weekday(self) -> str:
        return f"{self.on:%A}"

    @property
    def label(self) -> str:
        return f"{self.on:%b} {self.on.day}"


@dataclass(frozen=True)
class SlotWeek:
    """Seven days from `first`; `next_free` leads to the next day with a time, after these."""

    days: tuple[SlotDay, ...]
    zone: str
    earlier: str | None
    later: str | None
    next_free: SlotChoice | None

    @property
    def free(self) -> bool:
        return any(one.choices for one in self.days)

    @property
    def label(self) -> str:
        return f"{self.days[0].label} to {self.days[-1].label}"


def week(
    slots: Iterable[Slot], *, first: date, today: date, last: date, zone: ZoneInfo, link: Link
) -> SlotWeek:
    """The week from `first` (within today and `last`), made of all free slots up to the horizon."""
    first = max(today, min(first, last))
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
    """The free times nearest to a lost one, by time, as choices for a form."""
    starts = sorted({slot.starts_at for slot in slots}, key=lambda start: (abs(start - to), start))
    return [(slot_text(s), f"{day(s, zone)}, {clock(s, zone)}") for s in sorted(starts[:NEAREST])]


def slot_text(start: datetime) -> str:
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def slot_from(text: str) -> datetime | None:
    """The moment that `slot_text` wrote; None for anything else."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.year in YEARS else None


def day_from(text: str) -> date | None:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    return on if on.year in YEARS else None


def start_of(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, tzinfo=zone).astimezone(UTC)


LONGEST_HORIZON = timedelta(days=121)


@dataclass(frozen=True)
class SlotSearch:
    """What the address says: with whom, in which zone, from which day, which time. Nonsense counts as not said."""

    whom: int | None
    zone: ZoneInfo
    zone_said: bool
    first: date | None
    slot: datetime | None


def parse_search(query: QueryDict, *, zone: str = "", whom: int | None = None) -> SlotSearch:
    said = query.get("whom", "")
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else None
    return SlotSearch(
        whom=number if "whom" in query else whom,
        zone=visitor_zone(query.get("zone", ""), zone),
        zone_said=known_zone(query.get("zone", "")) is not None,
        first=day_from(query.get("first", "")),
        slot=slot_from(query.get("slot", "")),
    )


@dataclass(frozen=True)
class SlotFinder:
    """Free time for one reader. `moved` is the call that is being moved: its own time counts as free."""

    ask: SlotSearch
    at: datetime
    by_staff: bool = False
    moved: Booking | None = None

    @cached_property
    def diaries(self) -> list[Diary]:
        return diaries(since=self.at, until=self.at + LONGEST_HORIZON, without=self.moved)

    @cached_property
    def whom(self) -> int | None:
        """Whom they asked for, if that person takes calls; else anybody."""
        return self.ask.whom if any(d.staff_id == self.ask.whom for d in self.diaries) else None

    @property
    def name(self) -> str:
        return next((d.staff_name for d in self.diaries if d.staff_id == self.whom), "")

    @cached_property
    def slots(self) -> list[Slot]:
        free = [slot for slot in self.slots_of_all_staff if self.whom in (None, slot.staff_id)]
        if self.moved is None:
            return free
        own = (self.moved.staff_id, self.moved.starts_at)
        return [slot for slot in free if (slot.staff_id, slot.starts_at) != own]

    @cached_property
    def slots_of_all_staff(self) -> list[Slot]:
        until = self.at + LONGEST_HORIZON
        return free_slots_by_staff(
            self.diaries, since=self.at, until=until, at=self.at, by_staff=self.by_staff
        )

    def is_free(self, moment: datetime) -> bool:
        return any(slot.starts_at == moment for slot in self.slots)

    def minutes(self, moment: datetime) -> int | None:
        """How long a call at that time lasts."""
        for slot in self.slots:
            if slot.starts_at == moment:
                return int((slot.ends_at - slot.starts_at).total_seconds() // 60)
        return None

    def nearest(self, moment: datetime) -> list[tuple[str, str]]:
        return nearest(self.slots, to=moment, zone=self.ask.zone)

    def week(self, path: str) -> SlotWeek:
        today = local_day(self.at, self.ask.zone)
        ahead = max((d.horizon for d in self.diaries), default=timedelta())
        return week(
            self.slots,
            first=self.ask.first or today,
            today=today,
            last=local_day(self.at + ahead, self.ask.zone),
            zone=self.ask.zone,
            link=self.link(path),
        )

    def link(self, path: str) -> Callable[..., str]:
        """Writes addresses of the same page that keep what was asked."""

        def href(**changes: object) -> str:
            kept = {"whom": self.whom or "any", "zone": self.ask.zone.key}
            if self.ask.first is not None:
                kept["first"] = self.ask.first.isoformat()
            return f"{path}?{urlencode(kept | changes)}"

        return href

    @property
    def people(self) -> list[tuple[str, str]]:
        return [("any", "Anyone who is free"), *((str(d.staff_id), d.staff_name) for d in self.diaries)]

    @property
    def zones(self) -> Choices:
        return zone_choices(self.ask.zone.key)

    @property
    def slot_text(self) -> str:
        return slot_text(self.ask.slot) if self.ask.slot else ""
