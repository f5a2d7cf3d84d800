"""How the log's values are written on a page: `{% load logbook %}`; `log` is a library of the admin's."""

from typing import Any

from django import template

from challenge.protocol.pain import colour
from challenge.protocol.terms import ExerciseId
from challenge.workouts import distances, reasons

register = template.Library()


@register.filter
def distance(metres: int | None, unit: str) -> str:
    """`5.2 mi`, or nothing where there is no distance."""
    return "" if metres is None else distances.shown(metres, unit)


@register.filter
def at_most(metres: int | None, unit: str) -> str:
    """A limit, cut to a tenth and never rounded up: `5.4 mi`."""
    return "" if metres is None else distances.at_most(metres, unit)


@register.filter
def clock(seconds: int | None) -> str:
    return "" if seconds is None else distances.clock(seconds)


@register.filter
def band(pain: int | None) -> str:
    """`green`, `amber` or `red` by `pain.scale`."""
    return "" if pain is None else colour(pain).value


@register.filter
def why(reason: dict[str, Any] | None, unit: str = "mi") -> str:
    return reasons.why(reason, kilometres=unit == "km")


@register.filter
def still_missing(missing: dict[str, Any]) -> str:
    """What the next phase waits for, in the runner's words: `21 of 28 days in phase 2`."""
    return reasons.still_missing(missing)


@register.filter
def exercise_name(exercise: str) -> str:
    return ExerciseId(exercise).label
