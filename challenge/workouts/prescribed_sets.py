"""The exercises of a strength session as the week decided them, with the loads of last time."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from challenge.care.models import WeeklyTarget
from challenge.care.queries import current_phase
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG, places_of
from challenge.protocol.exercises import form_of
from challenge.protocol.parameters import Parameters
from challenge.protocol.vocabulary import ExerciseId, FormKind, Phase
from challenge.workouts.guards import form_now, guards_now
from challenge.workouts.models import StrengthSet

GRAMS = {"lb": Decimal("453.59237"), "kg": Decimal(1000)}


@dataclass(frozen=True, slots=True)
class PrescribedSets:
    """One exercise with its dose: `reps` or `seconds` a set, tempo in seconds.

    `load_g` is last time's, or where there was none the one that a clinician set, which is `load_by_hand_g`.
    """

    exercise: ExerciseId
    name: str
    how: str
    sets: int
    reps: int | None
    seconds: int | None
    up_s: int
    hold_s: int
    down_s: int
    load_g: int | None = None
    form: FormKind = FormKind.STANDARD
    load_by_hand_g: int | None = None


def load_unit(uses_kilometers: bool) -> str:
    """Return the unit of loads: pounds go with miles, kilograms with kilometers."""
    return "kg" if uses_kilometers else "lb"


def to_grams(number: Decimal, unit: str) -> int:
    """Return the load in whole grams."""
    return int((number * GRAMS[unit]).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def in_load_unit(grams: int, unit: str) -> str:
    """Return the load as a runner writes it, to a tenth: `45`, `22.5`."""
    number = (Decimal(grams) / GRAMS[unit]).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{number.normalize():f}"


def prescribed_sets(
    enrollment: Enrollment, target: WeeklyTarget | None, *, parameters: Parameters
) -> list[PrescribedSets]:
    """Return the exercises of the week's decision; before any decision, those of the phase at their first step."""
    stored = target.decision.get("exercises", []) if target is not None else []
    loads = last_loads(enrollment)
    if stored:
        return [_from_decision(line, loads) for line in stored]
    guards = guards_now(enrollment, parameters=parameters)
    forms = form_now(places_of(Phase(current_phase(enrollment)), guards.tracks), guards)
    return [_first_step(exercise, form, loads) for exercise, form in forms.items()]


def last_loads(enrollment: Enrollment) -> dict[str, int]:
    """Return the load in grams that each exercise was last done with."""
    rows = (
        StrengthSet.objects.filter(session__enrollment=enrollment, session__deleted_at__isnull=True)
        .filter(load_g__isnull=False)
        # DISTINCT ON takes the first row of each exercise, so the order decides which session counts.
        .order_by("exercise", "-session__local_on", "-pk")
        .distinct("exercise")
        .values_list("exercise", "load_g")
    )
    return {exercise: load for exercise, load in rows if load}


def _from_decision(line: dict[str, Any], loads: dict[str, int]) -> PrescribedSets:
    return PrescribedSets(
        exercise=ExerciseId(line["exercise"]),
        name=ExerciseId(line["exercise"]).label,
        how=line["name"],
        sets=line["sets"],
        reps=line["reps"],
        seconds=line["seconds"],
        up_s=line["up_s"],
        hold_s=line["hold_s"],
        down_s=line["down_s"],
        load_g=loads.get(line["exercise"]) or line.get("load_g"),
        form=FormKind(line["form"]),
        load_by_hand_g=line.get("load_g"),
    )


def _first_step(exercise: ExerciseId, form: FormKind, loads: dict[str, int]) -> PrescribedSets:
    described, dose = CATALOG[exercise], CATALOG[exercise].ladder[0]
    tempo = described.tempo
    return PrescribedSets(
        exercise=exercise,
        name=described.name,
        how=form_of(described, form).name,
        sets=dose.sets,
        reps=dose.reps,
        seconds=dose.seconds,
        up_s=tempo.up_s,
        hold_s=tempo.hold_s,
        down_s=tempo.down_s,
        load_g=loads.get(exercise.value),
        form=form,
    )
