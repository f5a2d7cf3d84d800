"""Say why a clinician's change of the plan or of a dose cannot take effect. What is refused is not stored."""

from __future__ import annotations

from dataclasses import replace

from challenge.protocol.catalog.form import Exercise
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.clinical_record import DoseOverride, PlanChange
from challenge.protocol.dose_text import load_text
from challenge.protocol.exercises import prescribe
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.runner_plan import planned_exercises, spared_sites
from challenge.protocol.session_length import LONGEST_SESSION_MIN, session_minutes
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import ExerciseId, PlanChangeKind


def plan_change_refusal(
    change: PlanChange, snapshot: Snapshot, parameters: Parameters = CLINIC
) -> str | None:
    """Return why this change would have no effect or a wrong one, as of the snapshot; None where it may be made."""
    there = {one.exercise for one in planned_exercises(LogView(snapshot, parameters))}
    new = change.exercise if change.kind is PlanChangeKind.ADD else change.replacement
    if change.kind is not PlanChangeKind.ADD and change.exercise not in there:
        return f"{change.exercise.label} is not in the plan of this week."
    return _cannot_come(new, there, snapshot, parameters) or _outcome(change, new, snapshot, parameters)


def dose_refusal(dose: DoseOverride, snapshot: Snapshot, parameters: Parameters = CLINIC) -> str | None:
    """Return why this dose cannot be set, as of the snapshot; None where it may be."""
    entry = CATALOG[dose.exercise]
    if dose.exercise not in {one.exercise for one in planned_exercises(LogView(snapshot, parameters))}:
        return f"{entry.name} is not in the plan of this week."
    timed = entry.ladder[0].reps is None
    if dose.reps is not None and timed:
        return f"{entry.name} is held for seconds, not counted in repetitions."
    if dose.seconds is not None and not timed:
        return f"{entry.name} is counted in repetitions, not held for seconds."
    return _load_refusal(dose, entry) or _tempo_refusal(dose, entry)


def _cannot_come(
    new: ExerciseId | None, there: set[ExerciseId], snapshot: Snapshot, parameters: Parameters
) -> str | None:
    if new is None:
        return None
    phase = LogView(snapshot, parameters).phase.phase
    if new in there:
        return f"{new.label} is in the plan already."
    if phase not in CATALOG[new].phases:
        phases = " and ".join(str(phase.value) for phase in CATALOG[new].phases)
        return f"{new.label} belongs to phase {phases}; this runner is in phase {phase.value}."
    return None


def _outcome(
    change: PlanChange, new: ExerciseId | None, snapshot: Snapshot, parameters: Parameters
) -> str | None:
    """Return what is wrong with the plan that this change leads to."""
    made = replace(change, set_at=snapshot.as_of, ended_at=None)
    after = replace(snapshot, plan_changes=(*snapshot.plan_changes, made))
    history = LogView(after, parameters)
    given = prescribe(history, parameters)
    if new is not None and new not in {p.exercise for p in given}:
        sites = " and ".join(site.label.lower() for site in sorted(spared_sites(new, history)))
        return f"{new.label} loads the {sites}, which hurts now. Approve the exercise first."
    if not given:
        return "At least one exercise stays in the plan."
    minutes = session_minutes(given) or 0
    if new is not None and minutes > LONGEST_SESSION_MIN:
        return f"A session would take {minutes} minutes; {LONGEST_SESSION_MIN} is the most. Leave something out first."
    return None


def _load_refusal(dose: DoseOverride, entry: Exercise) -> str | None:
    if dose.load_g is None:
        return None
    if entry.load_range_g is None:
        return f"{entry.name} is done with body weight alone."
    low, high = entry.load_range_g
    if low <= dose.load_g <= high:
        return None
    pounds, kilograms = load_text(high, kilometers=False), load_text(high, kilometers=True)
    return f"The load of {entry.name} goes up to {pounds} ({kilograms})."


def _tempo_refusal(dose: DoseOverride, entry: Exercise) -> str | None:
    quick, slow = entry.tempo_range
    for name, what in (("up_s", "up"), ("hold_s", "held"), ("down_s", "down")):
        seconds, low, high = getattr(dose, name), getattr(quick, name), getattr(slow, name)
        if seconds is not None and not low <= seconds <= high:
            span = f"{low} to {high}" if low < high else f"{low}"
            return f"The tempo of {entry.name} is {span} seconds {what}."
    return None
