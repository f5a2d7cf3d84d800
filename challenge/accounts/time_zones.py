"""The list of time zones that people choose from, searched by the names people use."""

import re
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import Any

from django import forms

from challenge.accounts.models import all_time_zones
from challenge.accounts.tags import CLOCKS, place, zone_name

HOW_TO_SEARCH = "Type a large city or the name of the zone, like Chicago or Central Time."
MOST_NAMED = 4  # of several that fit, in one sentence
_COMMON = (
    "America/Chicago",
    "America/New_York",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
)
# What people type instead of a clock's name. CST is China's too: its city is in the list.
_ALSO = {
    "Newfoundland": "NST NDT",
    "Atlantic": "AST ADT AT",
    "Eastern": "EST EDT ET",
    "Central": "CST CDT CT Minneapolis Minnesota",  # where the clinic's runners live
    "Mountain": "MST MDT MT",
    "Pacific": "PST PDT PT",
    "Alaska": "AKST AKDT AKT",
    "Hawaii": "HST",
}


class UnclearZone(ValueError):
    """What was typed names no time zone, or several; `str()` is the sentence to show."""


@cache
def time_zones() -> dict[str, str]:
    """Return name by zone, `America/Chicago: Central Time (Chicago)`: the common ones of the United States first."""
    named = dict(sorted(((zone, zone_name(zone)) for zone in _zones_in_use()), key=itemgetter(1)))
    return {zone: named[zone] for zone in _COMMON} | named | {"UTC": "UTC"}


@cache
def _zones_in_use() -> frozenset[str]:
    """Return the zones that the tz database lists by country: none of its obsolete second names."""
    lines = files("tzdata").joinpath("zoneinfo/zone.tab").read_text().splitlines()
    return frozenset(line.split("\t")[2] for line in lines if line and not line.startswith("#"))


def read_zone(typed: str) -> str:
    """Return the zone that was typed: its name or its clock's, a city, whole words of either, or `America/Chicago`.

    Raise UnclearZone. Any zone named after a place is accepted: browsers still report obsolete names.
    """
    if typed == "UTC" or ("/" in typed and typed in all_time_zones()):
        return typed
    wanted = _plain(typed)
    if exact := _by_name().get(wanted):
        return exact
    fits = [zone for zone, name in time_zones().items() if wanted and wanted in _plain(name)]
    whole = [zone for zone in fits if re.search(rf"\b{re.escape(wanted)}\b", _plain(time_zones()[zone]))]
    if len(whole) == 1:
        return whole[0]
    raise UnclearZone(_which_one(whole or fits))


def _which_one(zones: list[str]) -> str:
    """Return the question back; a part of one name alone is asked about too: "Santa" need not be Santarem."""
    if not zones:
        return (
            "We don’t have that time zone. Try a big city in it, like Chicago, or a name like Central Time."
        )
    names = ", ".join(time_zones()[zone] for zone in zones[:MOST_NAMED])
    if len(zones) == 1:
        return f"Do you mean {names}?"
    return f"That fits several zones; choose one: {names}{' and others' if len(zones) > MOST_NAMED else ''}."


@cache
def _by_name() -> dict[str, str]:
    """Return zone by what people call it: cities, whole names, and the clocks of North America in all their forms."""
    names = {_plain(place(zone)): zone for zone in time_zones()}
    for clock, zones in CLOCKS.items():
        short = clock.removesuffix(" Time")
        forms_of_it = (
            clock,
            short,
            f"{short} Standard Time",
            f"{short} Daylight Time",
            *_ALSO.get(short, "").split(),
        )
        names |= {_plain(name): zones.split()[0] for name in forms_of_it}
    return names | {_plain(name): zone for zone, name in time_zones().items()}


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[.'’]", "", name.replace("_", " ")).casefold().split())


class TimeZoneInput(forms.TextInput):
    """A text field with the list behind it: the browser searches it, and what is typed without it is read as well."""

    template_name = "account/time_zone.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        listed = f"{context['widget']['attrs'].get('id', name)}-list"
        context["widget"]["attrs"] |= {"list": listed, "autocomplete": "off", "spellcheck": "false"}
        return context | {"listed": listed, "zones": time_zones().items()}


class TimeZoneField(forms.CharField):
    """A time zone by the name people use; its value is the zone, such as `America/Chicago`."""

    widget = TimeZoneInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Time zone")
        kwargs.setdefault("help_text", HOW_TO_SEARCH)
        errors = {"required": f"Choose a time zone. {HOW_TO_SEARCH}"}
        super().__init__(max_length=64, error_messages=errors, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a zone by its name; what is no zone comes back as it was typed."""
        is_zone = isinstance(value, str) and value in all_time_zones()
        return zone_name(value) if is_zone and value not in time_zones() else time_zones().get(value, value)

    def to_python(self, value: Any) -> str:
        typed = str(super().to_python(value))
        try:
            return read_zone(typed) if typed else ""
        except UnclearZone as unclear:
            raise forms.ValidationError(str(unclear)) from unclear
