"""Why: the stored rule and facts of a decision, as the sentence for the runner's page."""

from collections.abc import Iterable
from typing import Any

from django import template

from challenge.protocol.exercises import guide_path
from challenge.protocol.pain import pain_color
from challenge.protocol.sentences import say
from challenge.protocol.vocabulary import ExerciseId, FormKind, Rule
from challenge.workouts import distances


def reason_text(reason: dict[str, Any] | None, *, kilometers: bool = False) -> str:
    """The runner's sentence of a reason as `Decision.to_data` stores it; empty where there is none."""
    if not reason:
        return ""
    facts = tuple((name, value) for name, value in reason["facts"])
    return say(Rule(reason["rule"]), facts, kilometers=kilometers).runner


TEST = " test, or why it was not done"
IN_THEIR_WORDS = {
    "a stop flag is open": "A clinician’s look at what you told us.",
    "red reports in the last days": "Seven days without red: pain of 6 or more.",
    "a worse week": "A week of calmer mornings.",
    "load or repetitions up": "More load or more repetitions than when this phase began.",
    "weekly answer about daily life": "Your weekly answer about pain in daily life.",
    "daily-life pain at most": "Pain in daily life of {need} or less; last time you said {have}.",
}


def missing_text(missing: dict[str, Any]) -> str:
    """One thing that the next phase waits for, as `Decision.to_data` stores it, for the runner's page."""
    what, have, need = str(missing["what"]), missing.get("have") or 0, missing.get("need")
    if what.endswith(TEST):
        return f"The {what.removesuffix(TEST)} test, with a clinician."
    counted = what[:1].upper() + what[1:] if need is None else f"{have} of {need} {what}"
    return IN_THEIR_WORDS.get(what, f"{counted}.").format(have=have, need=need)


register = template.Library()


@register.filter
def distance(meters: int | None, unit: str) -> str:
    """`5.2 mi`, or nothing where there is no distance."""
    return "" if meters is None else distances.distance_text(meters, unit)


@register.filter
def at_most(meters: int | None, unit: str) -> str:
    """A limit, cut to a tenth and never rounded up: `5.4 mi`."""
    return "" if meters is None else distances.limit_text(meters, unit)


@register.filter
def clock(seconds: int | None) -> str:
    return "" if seconds is None else distances.clock(seconds)


@register.filter
def band(pain: int | None) -> str:
    """`green`, `amber` or `red` by `pain.scale`."""
    return "" if pain is None else pain_color(pain).value


@register.filter
def why(reason: dict[str, Any] | None, unit: str = "mi") -> str:
    return reason_text(reason, kilometers=unit == "km")


@register.filter
def still_missing(missing: dict[str, Any]) -> str:
    """What the next phase waits for, in the runner's words: `21 of 28 days in phase 2`."""
    return missing_text(missing)


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
