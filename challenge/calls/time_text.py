"""Times and time zones of calls as text, and the zone a visitor asks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from challenge.accounts.tags import place
from challenge.accounts.time_zones import UnclearZone, read_zone

# Browsers still report some zones by their former names.
OLD_NAMES = {
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "Europe/Kiev": "Europe/Kyiv",
}


def known_zone(typed: str) -> str | None:
    """Return the current name of the zone that was typed or that a browser reported, or None."""
    try:
        name = read_zone(typed)
    except UnclearZone:
        return None
    return OLD_NAMES.get(name, name)


def visitor_zone(asked: str, default: str = "") -> ZoneInfo:
    """Return the requested zone, else the default, else the clinic's."""
    return ZoneInfo(known_zone(asked) or known_zone(default) or settings.CLINIC_TIME_ZONE)


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return `9:30 AM CST`, or `2:15 PM UTC+5:45` in a zone without an abbreviation."""
    local = moment.astimezone(zone)
    return (
        f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'} {zone_abbreviation(local)}"
    )


def day(moment: datetime, zone: ZoneInfo) -> str:
    """Return `Wednesday, January 7`."""
    local = moment.astimezone(zone)
    return f"{local:%A, %B} {local.day}"


def zone_abbreviation(local: datetime) -> str:
    """Return the zone's abbreviation at that time, or its offset from UTC."""
    name = local.tzname() or ""
    # Zones without letters report their offset as `+0545`.
    if name[:1] not in "+-":
        return name
    sign, hours, minutes = name[0], name[1:3], name[3:5]
    return f"UTC{sign}{int(hours)}" + (f":{minutes}" if minutes else "")


def zone_place(zone: ZoneInfo, at: datetime) -> str:
    """Return `Chicago (CST)`, or the name alone for a zone that is its own abbreviation."""
    name = place(zone.key)
    letters = zone_abbreviation(at.astimezone(zone))
    return name if name == letters else f"{name} ({letters})"


@dataclass(frozen=True)
class CallTime:
    """A moment for its reader: in their zone and, if it differs, in the other party's."""

    day: str
    clock: str
    zone: str
    other_day: str = ""
    other_clock: str = ""

    @property
    def full(self) -> str:
        """Return day and clock time."""
        return f"{self.day}, {self.clock}"

    @property
    def other(self) -> str:
        """Return the moment in the other party's zone, with the day only where it differs."""
        if not self.other_clock:
            return ""
        return f"{self.other_day}, {self.other_clock}" if self.other_day != self.day else self.other_clock


def call_time(moment: datetime, *, here: str, there: str) -> CallTime:
    """Return the moment in the zone `here`, and in the zone `there` if its clock shows another time."""
    mine, theirs = ZoneInfo(here), ZoneInfo(there)
    # By offset, not by name: two zones with the same clock need no second time.
    same = moment.astimezone(mine).utcoffset() == moment.astimezone(theirs).utcoffset()
    return CallTime(
        day=day(moment, mine),
        clock=clock(moment, mine),
        zone=place(here),
        other_day="" if same else day(moment, theirs),
        other_clock="" if same else clock(moment, theirs),
    )


def other_clocks(moment: datetime, *, here: str, others: Iterable[tuple[str, str]]) -> list[str]:
    """Return the moment on the clocks of others, `9:00 AM EST, Mia's time`, where they differ from the zone `here`.

    `others` are (whose time, zone); of several with the same clock the first is named.
    """
    seen = {moment.astimezone(ZoneInfo(here)).utcoffset()}
    words = []
    for whose, name in others:
        zone = ZoneInfo(name)
        offset = moment.astimezone(zone).utcoffset()
        if offset not in seen:
            seen.add(offset)
            other_day = "" if day(moment, zone) == day(moment, ZoneInfo(here)) else f"{day(moment, zone)}, "
            words.append(f"{other_day}{clock(moment, zone)}, {whose}")
    return words


def short_clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return `9:30 AM`; with the abbreviation on a day when clocks change, where 1:30 comes twice."""
    local = moment.astimezone(zone)
    changes = local.replace(hour=0, minute=0).utcoffset() != local.replace(hour=23, minute=59).utcoffset()
    return (
        clock(moment, zone) if changes else clock(moment, zone).removesuffix(f" {zone_abbreviation(local)}")
    )
