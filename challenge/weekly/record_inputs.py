"""Turn rows of the clinical record into what the engine reads, one function for each kind of row."""

from challenge.care.models import ClinicianOverride, Flag, Pause
from challenge.protocol import snapshot as protocol
from challenge.protocol.local_week import DAY
from challenge.protocol.vocabulary import (
    ExerciseId,
    PauseReason,
    PlanChangeKind,
    Symptom,
)

PLAN_CHANGES = {kind.value: kind for kind in PlanChangeKind}
SYMPTOMS = frozenset(Symptom)


def pause_input(row: Pause) -> protocol.PauseInput:
    """Return a pause as the engine reads it."""
    # The model has the last paused day, the engine the first day back.
    back_on = row.ends_on + DAY if row.ends_on is not None else None
    return protocol.PauseInput(row.starts_on, back_on, PauseReason(row.reason))


def first_symptom(row: Flag) -> Symptom | None:
    """Return the first known symptom of a flag: an entry's flag lists all, a question's has one."""
    words = [*row.facts.get("symptoms", ()), row.facts.get("symptom")]
    return next((Symptom(word) for word in words if word in SYMPTOMS), None)


def dose_override(row: ClinicianOverride) -> protocol.DoseOverride:
    """Return a dose that a clinician set, as the engine reads it."""
    dose = row.dose or {}
    return protocol.DoseOverride(
        exercise=ExerciseId(row.exercise),
        sets=dose["sets"],
        set_at=row.at,
        reps=dose.get("reps"),
        seconds=dose.get("seconds"),
        sessions_per_week=dose.get("sessions_per_week"),
        load_g=dose.get("load_g"),
        up_s=dose.get("up_s"),
        hold_s=dose.get("hold_s"),
        down_s=dose.get("down_s"),
        ended_at=row.ended_at,
    )


def plan_change(row: ClinicianOverride) -> protocol.PlanChange:
    """Return an exercise that a clinician added, left out or swapped, as the engine reads it."""
    return protocol.PlanChange(
        kind=PLAN_CHANGES[row.what],
        exercise=ExerciseId(row.exercise),
        replacement=ExerciseId(row.replacement) if row.replacement else None,
        set_at=row.at,
        ended_at=row.ended_at,
    )
