"""How the log's values are written on a page: `{% load logbook %}`; `log` is a library of the admin's."""

from collections.abc import Iterable
from typing import Any

from django import template

from challenge.protocol.exercises import guide_path
from challenge.protocol.pain import colour
from challenge.protocol.terms import ExerciseId, FormKind
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
def set_pains(sets: Iterable[Any]) -> str:
    """What was told of single sets, stored or as a history keeps them: `Heel raise: set 2 at 3, set 3 at 5`."""
    by_exercise: dict[str, list[str]] = {}
    for one in sets:
        said = one if isinstance(one, dict) else vars(one)
        if said.get("pain") is not None:
            line = f"set {said['number']} at {said['pain']}"
            by_exercise.setdefault(ExerciseId(said["exercise"]).label, []).append(line)
    return "; ".join(f"{name}: {', '.join(lines)}" for name, lines in by_exercise.items())


@register.simple_tag
def guide_link(exercise: str, form: str) -> str:
    """The guide's page of an exercise in this form."""
    return guide_path(ExerciseId(exercise), FormKind(form))


@register.filter
def exercise_name(exercise: str) -> str:
    return ExerciseId(exercise).label
