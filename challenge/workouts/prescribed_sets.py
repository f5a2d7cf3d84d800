"""The week's exercises: how far their doses have come as of today, and the sets with the loads of last time.

A dose rises within the week (`exercise.dose`), and is lower after a break (`exercise.return`). Both count as the next
weekly decision will.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from challenge.care.models import WeeklyTarget
from challenge.care.queries import current_phase
from challenge.enrollment.models import Enrollment
from challenge.protocol.absence import Absence, absence
from challenge.protocol.catalog.plan import CATALOG, places_of
from challenge.protocol.dose_text import next_amount
from challenge.protocol.doses import days_at_dose, steps_since
from challenge.protocol.entries import StrengthInput
from challenge.protocol.exercises import form_of
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import reason_for
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind, Phase, Rule
from challenge.workouts.guards import form_now, guards_now, stored_reason
from challenge.workouts.models import ALIVE, StrengthSession, StrengthSet
from challenge.workouts.runner_log import LogSpan, sessions_with_sets

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


@dataclass(frozen=True)
class DoseProgress:
    """The days done at the present dose of those `needed`, and the `following` dose in words, if there is one."""

    name: str
    days: int
    needed: int
    following: str

    @property
    def goes_up(self) -> bool:
        """Return whether the next weekly decision takes the step up, if nothing speaks against it."""
        return bool(self.following) and self.days >= self.needed


def dose_progress(
    enrollment: Enrollment,
    exercises: Iterable[dict[str, Any]],
    *,
    today: date,
    at: datetime,
    parameters: Parameters,
) -> list[DoseProgress]:
    """Return the progress at each exercise of the week's decision. What a clinician set by hand has no next step."""
    lines = [line for line in exercises if line["reason"]["rule"] != Rule.DECISION_BY_HAND]
    if not lines:
        return []
    since = min(_since(line) for line in lines)
    span = LogSpan(since, today, as_of=at)
    sessions = sessions_with_sets({enrollment.pk: span})[enrollment.pk]
    return [_progress(line, sessions, parameters) for line in lines if _has_steps(line)]


def strength_days(before: date) -> ArraySubquery:
    """Return the runner's last days of strength work before a day: those of a week, and the one before."""
    sessions = StrengthSession.objects.filter(ALIVE, enrollment=OuterRef("enrollment"), local_on__lt=before)
    return ArraySubquery(sessions.order_by("-local_on").values("local_on").distinct()[:8])


def lower_after_break(
    target: WeeklyTarget | None, days: Iterable[date], *, today: date, parameters: Parameters
) -> WeeklyTarget | None:
    """Return the target with the doses of a runner whose `strength_days` became a break after its Monday.

    The stored row keeps its decision: only this instance changes, and no page saves it.
    """
    if target is None:
        return None
    away = absence(sorted(days), target.week_starts_on, today, parameters.return_days)
    steps = steps_since(target.week_starts_on, away, parameters) if away is not None else 0
    if away is not None and steps:
        lines = target.decision.get("exercises", [])
        target.decision = target.decision | {"exercises": [_lower(line, steps, away) for line in lines]}
    return target


def _lower(line: dict[str, Any], steps: int, away: Absence) -> dict[str, Any]:
    exercise, reason = CATALOG[ExerciseId(line["exercise"])], line["reason"]
    step = max(min(line["step"], len(exercise.ladder) - 1) - steps, 0)
    # What a clinician set stays; of an exercise that they added, the ladder alone decides.
    if step >= line["step"] or (reason["rule"] == Rule.DECISION_BY_HAND and not line.get("added_by_hand")):
        return line
    dose = exercise.ladder[step]
    lower = {"step": step, "sets": dose.sets, "reps": dose.reps, "seconds": dose.seconds}
    if exercise.kind is ExerciseKind.ISOMETRIC:
        lower["hold_s"] = dose.seconds
    if reason["rule"] in (Rule.EXERCISE_DOSE, Rule.EXERCISE_RETURN):
        before = dict(reason["facts"]).get("steps", 0)
        why = reason_for(Rule.EXERCISE_RETURN, days=away.days, steps=line["step"] - step + before)
        lower["reason"] = stored_reason(why)
    return line | lower | {"since_on": away.until.isoformat()}


def _has_steps(line: dict[str, Any]) -> bool:
    """Return whether the dose climbs: holds keep theirs, and an easier form is no step."""
    climbs = len(CATALOG[ExerciseId(line["exercise"])].ladder) > 1
    return climbs and FormKind(line["form"]) is not FormKind.EASIER


def _since(line: dict[str, Any]) -> date:
    return date.fromisoformat(line["since_on"])


def _progress(
    line: dict[str, Any], sessions: Iterable[StrengthInput], parameters: Parameters
) -> DoseProgress:
    exercise = CATALOG[ExerciseId(line["exercise"])]
    step, since_on = min(line["step"], len(exercise.ladder) - 1), _since(line)
    days = days_at_dose(exercise, exercise.ladder[step], sessions, since_on=since_on, parameters=parameters)
    following = next_amount(exercise.id, FormKind(line["form"]), step)
    return DoseProgress(exercise.name, len(days), parameters.step_after_sessions, following)
