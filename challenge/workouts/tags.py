"""Template tags of the log: distances, pain colors, and the sentences of stored reasons."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import template
from django.utils import timezone

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import CadenceDecision, Prescription
from challenge.protocol.dose_text import (
    about_minutes,
    dose_text,
    hold_text,
    ladder_text,
    next_amount,
    opens_with_strength,
    phase_text,
    session_minutes,
)
from challenge.protocol.exercises import guide_path
from challenge.protocol.json_codec import revive
from challenge.protocol.pain import pain_color
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Reason
from challenge.protocol.sentences import say
from challenge.protocol.validation import PAIN
from challenge.protocol.vocabulary import ExerciseId, FormKind, PainColor, Phase, Rule
from challenge.protocol.wording import place_text
from challenge.workouts import charts, distances
from challenge.workouts.guards import has_sore_joint
from challenge.workouts.pain_chart import BAND_WORDS, JOINT_WORDS
from challenge.workouts.prescribed_sets import PrescribedSets, in_load_unit, load_unit


def reason_text(reason: dict[str, Any] | None, *, kilometers: bool = False) -> str:
    """Return the runner's sentence of a reason as `Decision.to_data` stores it, or an empty text without one."""
    if not reason:
        return ""
    facts = tuple((name, value) for name, value in reason["facts"])
    return say(Rule(reason["rule"]), facts, kilometers=kilometers).runner


JOINT_NOTE = "These colors are for tendons and muscles. Pain at a joint is always a question for a clinician."
NOW = " Now: "  # what follows it in a dose's reason is the exercise's own
TEST = " test, or why it was not done"
IN_THEIR_WORDS = {
    "a stop flag is open": "A clinician’s look at what you told us.",
    "red reports in the last days": "{settle_days} days without red pain ({red_from} or more).",
    "strength sessions in the last days": "{need} strength sessions in {settle_days} days; {have} so far.",
    "a worse week": "A week of calmer mornings.",
    "load or repetitions up": "More load or more repetitions than when this phase began.",
    "weekly answer about daily life": "Your weekly answer about pain in daily life.",
    "daily-life pain at most": "Pain in daily life of {need} or less; last time you said {have}.",
}


def missing_text(missing: dict[str, Any], parameters: Parameters = CLINIC) -> str:
    """Return the sentence of one condition of the next phase that is not met yet, as `Decision.to_data` stores it."""
    numbers = {"settle_days": parameters.settle_days, "red_from": parameters.red_from}
    what, have, need = str(missing["what"]), missing.get("have") or 0, missing.get("need")
    # The condition names its test in the text, so any new test is covered.
    if what.endswith(TEST):
        return f"The {what.removesuffix(TEST)} test, with a clinician."
    counted = what[:1].upper() + what[1:] if need is None else f"{have} of {need} {what}"
    return IN_THEIR_WORDS.get(what, f"{counted}.").format(have=have, need=need, **numbers)


register = template.Library()


@register.filter
def distance(meters: int | None, unit: str) -> str:
    """Return `5.2 mi`, or an empty text without a distance."""
    return "" if meters is None else distances.distance_text(meters, unit)


@register.filter
def at_most(meters: int | None, unit: str) -> str:
    """Return a limit, cut to a tenth and never rounded up: `5.4 mi`."""
    return "" if meters is None else distances.distance_text(meters, unit)


@register.filter
def load(grams: int | None, unit: str) -> str:
    """Return a load next to distances in `unit`: `35 lb`, `16 kg`; `–` for body weight."""
    loads = load_unit(unit == "km")
    return f"{in_load_unit(grams, loads)} {loads}" if grams else "–"


@register.filter
def clock(seconds: int | None) -> str:
    """Return a duration as a watch shows it, or an empty text without one."""
    return "" if seconds is None else distances.clock(seconds)


@register.filter
def short_day(day: date, today: date) -> str:
    """Return `Jan 6`; of another year than today's `Jan 6, 2025`."""
    return charts.day_text(day, today)


@register.filter
def full_day(day: date, today: date | None = None) -> str:
    """Return `January 6`; of another year than today's `January 6, 2025`."""
    same_year = day.year == (today or timezone.localdate()).year
    return f"{day:%B} {day.day}" + ("" if same_year else f", {day.year}")


def _parameters(context: Mapping[str, Any]) -> Parameters:
    """Return the numbers of the reader's cohort; of the clinic where a page has no runner."""
    return getattr(context.get("request"), "parameters", CLINIC)


@register.simple_tag(takes_context=True)
def band(context: Mapping[str, Any], pain: int | str | None) -> str:
    """Return `green`, `amber` or `red` by `pain.scale`, or an empty text without a number."""
    return "" if pain is None else pain_color(int(pain), _parameters(context)).value


@register.simple_tag(takes_context=True)
def pain_bands(context: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the colors of `pain.scale` with numbers and words: `green`, `0–3`, `fine`; at a joint none is fine."""
    words = JOINT_WORDS if _at_joint(context) else BAND_WORDS
    by_color: dict[PainColor, list[int]] = {}
    for pain in range(PAIN[0], PAIN[1] + 1):
        by_color.setdefault(pain_color(pain, _parameters(context)), []).append(pain)
    return [
        (color.value, f"{numbers[0]}–{numbers[-1]}", words[color.value])
        for color, numbers in by_color.items()
    ]


@register.simple_tag(takes_context=True)
def joint_note(context: Mapping[str, Any]) -> str:
    """Return what the scale does not say where a joint hurts; empty elsewhere."""
    return JOINT_NOTE if _at_joint(context) else ""


def _at_joint(context: Mapping[str, Any]) -> bool:
    """Return whether the question is about a joint (`joint`, where the page knows the place), or its reader has one."""
    return bool(context.get("joint")) or has_sore_joint(context.get("request"))


@register.filter
def why(reason: dict[str, Any] | None, unit: str = "mi") -> str:
    """Return the runner's sentence of a stored reason, with distances in `unit`."""
    return reason_text(reason, kilometers=unit == "km")


@register.simple_tag
def shared_why(exercises: list[dict[str, Any]], unit: str) -> str:
    """Return the sentence that most exercises of the week have as their reason, to be shown once."""
    sentences = Counter(why(one["reason"], unit).partition(NOW)[0] for one in exercises)
    sentence, count = max(sentences.items(), key=lambda item: item[1], default=("", 0))
    return sentence if count > 1 else ""


@register.simple_tag
def own_why(exercise: dict[str, Any], shared: str, unit: str) -> str:
    """Return what an exercise's reason adds to the shared sentence."""
    sentence = why(exercise["reason"], unit)
    return sentence.removeprefix(shared).strip() if shared else sentence


@register.filter
def next_step(exercise: dict[str, Any]) -> str:
    """Return the dose that follows in the ladder: `4 × 8 each leg, ...`; empty on its last step or off the ladder."""
    ladder, step = CATALOG[ExerciseId(exercise["exercise"])].ladder, exercise["step"]
    if step >= len(ladder) or ladder[step].sets != exercise["sets"]:
        return ""
    return next_amount(ExerciseId(exercise["exercise"]), FormKind(exercise["form"]), step)


@register.filter
def needs_a_visit(missing: dict[str, Any]) -> bool:
    """Return whether a condition of the next phase is a test that a clinician does."""
    return str(missing["what"]).endswith(TEST)


@register.filter
def say_reason(reason: Reason, unit: str = "mi") -> str:
    """Return the runner's sentence of a reason that was just worked out, with distances in `unit`."""
    return reason.say(kilometers=unit == "km").runner


@register.simple_tag(takes_context=True)
def still_missing(context: Mapping[str, Any], missing: dict[str, Any]) -> str:
    """Return a condition of the next phase in the runner's words: `21 of 28 days in phase 2`."""
    return missing_text(missing, _parameters(context))


@register.filter
def set_pains(sets: Iterable[Any]) -> str:
    """Return the pains of single sets, of rows or of a revision: `Heel raise: set 2 at 3, set 3 at 5`."""
    by_exercise: dict[str, list[str]] = {}
    for stored in sets:
        values = stored if isinstance(stored, dict) else vars(stored)
        if values.get("pain") is not None:
            line = f"set {values['number']} at {values['pain']}"
            by_exercise.setdefault(ExerciseId(values["exercise"]).label, []).append(line)
    return "; ".join(f"{name}: {', '.join(lines)}" for name, lines in by_exercise.items())


@register.simple_tag
def guide_link(exercise: str, form: str) -> str:
    """Return the path of the guide's page of an exercise in this form."""
    return guide_path(ExerciseId(exercise), FormKind(form))


@register.filter
def place(facts: dict[str, Any]) -> str:
    """Return site and side of a question in words: `left knee`."""
    return place_text(facts["site"], facts.get("side") or "")


@register.filter
def exercise_name(exercise: str) -> str:
    """Return the name of an exercise by its stored identifier."""
    return ExerciseId(exercise).label


def _prescription(stored: dict[str, Any]) -> Prescription:
    return revive(Prescription, stored, "exercise")


@register.filter
def dose(exercise: dict[str, Any] | PrescribedSets, unit: str = "mi") -> str:
    """Return the whole dose of an exercise, of a stored decision or of the log's form, with loads in lb or kg."""
    kilometers = unit == "km"
    if isinstance(exercise, PrescribedSets):
        return dose_text(exercise, load_g=exercise.load_by_hand_g, kilometers=kilometers)
    given = _prescription(exercise)
    return dose_text(given, weekly=given.sessions_per_week, load_g=given.load_g, kilometers=kilometers)


@register.filter
def session_length(exercises: Iterable[Any]) -> str:
    """Return `about 35 minutes` for stored exercises or for the forms of the log; empty without any."""
    doses = [_prescription(one) if isinstance(one, dict) else one.planned for one in exercises]
    return about_minutes(session_minutes(doses))


@register.filter
def leads_with_the_rest(decision: dict[str, Any]) -> bool:
    """Return whether a stored decision leads with what still moves, because raising the cadence has ended."""
    stored = decision.get("cadence")
    if stored is None:
        return False
    return opens_with_strength(
        revive(CadenceDecision, stored, "cadence"),
        date.fromisoformat(decision["week_on"]),
        raising_has_ended=bool(decision.get("cadence_done")),
    )


@register.simple_tag
def moving(decision: dict[str, Any]) -> dict[str, str]:
    """Return what still moves in a stored decision: its `ladder`, its `phase`, and the `hold` of the cadence."""
    given = [_prescription(one) for one in decision.get("exercises", [])]
    return {
        "ladder": ladder_text(given, date.fromisoformat(decision["week_on"])),
        "phase": phase_text(Phase(decision["phase"]["present"])),
        "hold": hold_text(decision["cadence"].get("in_force_spm")),
    }
