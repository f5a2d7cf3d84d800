"""A week of free times as a page shows it, in the reader's zone, and the free times nearest to a lost one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from challenge.calls.slots import DAY, Slot
from challenge.calls.wording import clock, day, short_clock

WEEK = timedelta(days=7)
NEAREST = 5
YEARS = range(2000, 2200)  # what is asked for outside of them is nonsense, and overflows when a zone moves it
Link = Callable[..., str]


@dataclass(frozen=True)
class Choice:
    """One time to press."""

    starts_at: datetime
    label: str
    href: str


@dataclass(frozen=True)
class Day:
    on: date
    choices: tuple[Choice, ...]

    @property
    def weekday(self) -> str:
        return f"{self.on:%A}"

    @property
    def label(self) -> str:
        return f"{self.on:%b} {self.on.day}"


@dataclass(frozen=True)
class Week:
    """Seven days from `first`; `next_free` leads to the next day with a time, after these."""

    days: tuple[Day, ...]
    zone: str
    earlier: str | None
    later: str | None
    next_free: Choice | None

    @property
    def free(self) -> bool:
        return any(one.choices for one in self.days)

    @property
    def label(self) -> str:
        return f"{self.days[0].label} to {self.days[-1].label}"


def week(slots: Iterable[Slot], *, first: date, today: date, last: date, zone: ZoneInfo, link: Link) -> Week:
    """The week from `first` (within today and `last`), made of all free slots up to the horizon."""
    first = max(today, min(first, last))
    by_day: dict[date, dict[datetime, None]] = {}
    for slot in sorted(slots):
        by_day.setdefault(slot.starts_at.astimezone(zone).date(), {})[slot.starts_at] = None
    days = tuple(
        Day(on, tuple(_choice(start, zone, link) for start in by_day.get(on, ())))
        for on in (first + n * DAY for n in range(7))
    )
    after = next((on for on in sorted(by_day) if on > days[-1].on), None)
    following = first + WEEK
    return Week(
        days=days,
        zone=zone.key,
        earlier=link(first=max(today, first - WEEK)) if first > today else None,
        later=link(first=following) if following <= last else None,
        next_free=_next_free(after, by_day, zone, link) if after else None,
    )


def _choice(start: datetime, zone: ZoneInfo, link: Link) -> Choice:
    return Choice(start, short_clock(start, zone), link(slot=slot_text(start)))


def _next_free(on: date, by_day: dict[date, dict[datetime, None]], zone: ZoneInfo, link: Link) -> Choice:
    start = min(by_day[on])
    return Choice(start, day(start, zone), link(first=on))


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
