"""What somebody who looks for a time asked for, and what is free for them: read once per page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from challenge.calls.models import Booking
from challenge.calls.picker import Week, day_from, nearest, slot_from, slot_text, week
from challenge.calls.queries import all_free_slots, diaries
from challenge.calls.slots import Diary, Slot
from challenge.calls.zones import Choices, known_zone, visitor_zone, zone_choices

LONGEST_HORIZON = timedelta(days=121)


@dataclass(frozen=True)
class Asked:
    """What the address says: with whom, in which zone, from which day, which time. Nonsense counts as not said."""

    whom: int | None
    zone: ZoneInfo
    zone_said: bool
    first: date | None
    slot: datetime | None


def asked(query: QueryDict, *, zone: str = "", whom: int | None = None) -> Asked:
    said = query.get("whom", "")
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else None
    return Asked(
        whom=number if "whom" in query else whom,
        zone=visitor_zone(query.get("zone", ""), zone),
        zone_said=known_zone(query.get("zone", "")) is not None,
        first=day_from(query.get("first", "")),
        slot=slot_from(query.get("slot", "")),
    )


@dataclass(frozen=True)
class Finder:
    """Free time for one reader. `moved` is the call that is being moved: its own time counts as free."""

    ask: Asked
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
        free = [slot for slot in self.everybodys if self.whom in (None, slot.staff_id)]
        if self.moved is None:
            return free
        own = (self.moved.staff_id, self.moved.starts_at)
        return [slot for slot in free if (slot.staff_id, slot.starts_at) != own]

    @cached_property
    def everybodys(self) -> list[Slot]:
        until = self.at + LONGEST_HORIZON
        return all_free_slots(self.diaries, since=self.at, until=until, at=self.at, by_staff=self.by_staff)

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

    def week(self, path: str) -> Week:
        today = self.at.astimezone(self.ask.zone).date()
        ahead = max((d.horizon for d in self.diaries), default=timedelta())
        return week(
            self.slots,
            first=self.ask.first or today,
            today=today,
            last=(self.at + ahead).astimezone(self.ask.zone).date(),
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
