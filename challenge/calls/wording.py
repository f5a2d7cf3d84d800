"""Times in words, in two zones where they differ."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from challenge.accounts.zones import place


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """`9:30 AM CST`; zones without letters of their own say their distance from UTC, `2:15 PM UTC+5:45`."""
    local = moment.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'} {zone_letters(local)}"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """`Wednesday, January 7`"""
    local = moment.astimezone(zone)
    return f"{local:%A, %B} {local.day}"


def zone_letters(local: datetime) -> str:
    name = local.tzname() or ""
    if name[:1] not in "+-":
        return name
    sign, hours, minutes = name[0], name[1:3], name[3:5]
    return f"UTC{sign}{int(hours)}" + (f":{minutes}" if minutes else "")


def place_of(zone: ZoneInfo, at: datetime) -> str:
    """`Chicago (CST)`, as long as those letters stand there; a zone that is no place by its name."""
    name = place(zone.key)
    letters = zone_letters(at.astimezone(zone))
    return name if name == letters else f"{name} ({letters})"


@dataclass(frozen=True)
class When:
    """A moment as its reader is told it: in their zone and, where that differs, in the clinic's or colleague's."""

    day: str
    clock: str
    zone: str
    other_day: str = ""
    other_clock: str = ""

    @property
    def full(self) -> str:
        return f"{self.day}, {self.clock}"

    @property
    def other(self) -> str:
        """The same moment over there: the day only where it is another one."""
        if not self.other_clock:
            return ""
        return f"{self.other_day}, {self.other_clock}" if self.other_day != self.day else self.other_clock


def when(moment: datetime, *, here: str, there: str) -> When:
    mine, theirs = ZoneInfo(here), ZoneInfo(there)
    same = moment.astimezone(mine).utcoffset() == moment.astimezone(theirs).utcoffset()
    return When(
        day=day(moment, mine),
        clock=clock(moment, mine),
        zone=place(here),
        other_day="" if same else day(moment, theirs),
        other_clock="" if same else clock(moment, theirs),
    )


def short_clock(moment: datetime, zone: ZoneInfo) -> str:
    """`9:30 am`, with the zone's letters on a day when the clocks change: there 1:30 comes twice."""
    local = moment.astimezone(zone)
    changes = local.replace(hour=0, minute=0).utcoffset() != local.replace(hour=23, minute=59).utcoffset()
    return clock(moment, zone) if changes else clock(moment, zone).removesuffix(f" {zone_letters(local)}")
