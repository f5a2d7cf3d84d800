"""Distances and durations for display: miles, or kilometers by choice. Distances are stored in whole meters."""

from decimal import ROUND_HALF_UP, Decimal

from challenge.protocol.sentences.facts import distance

METERS = {"mi": Decimal("1609.344"), "km": Decimal(1000)}


def unit_of(uses_kilometers: bool) -> str:
    """Return `km` or `mi`."""
    return "km" if uses_kilometers else "mi"


def to_meters(number: Decimal, unit: str) -> int:
    """Return the distance in whole meters."""
    return int((number * METERS[unit]).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def in_unit(meters: int, unit: str) -> str:
    """Return the distance with one decimal, or two where one would change it by more than 10 m."""
    number = Decimal(meters) / METERS[unit]
    short = number.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    if abs(short - number) * METERS[unit] > 10:
        return str(number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
    return str(short)


def distance_text(meters: int, unit: str) -> str:
    """Return the distance with its unit, cut to a tenth as the method's sentences next to it cut it: `5.2 mi`."""
    return distance(meters, kilometers=unit == "km")


def clock(seconds: int) -> str:
    """Return a duration as a watch shows it: `45:30`, `1:05:30`."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
