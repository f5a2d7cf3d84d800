"""Say why a clinician's change of the plan or of a dose cannot take effect. What is refused is not stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import NamedTuple

from challenge.protocol.catalog.form import Exercise, Range
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.clinical_record import DoseOverride, PlanChange
from challenge.protocol.dose_text import load_text, session_minutes
from challenge.protocol.exercises import prescribe
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.runner_plan import guards_of, planned_exercises
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import ExerciseId, PlanChangeKind

WORDS = {
    "sets": "sets",
    "reps": "repetitions",
    "seconds": "seconds",
    "up_s": "seconds up",
    "hold_s": "seconds held",
    "down_s": "seconds down",
}
TEMPO = ("up_s", "hold_s", "down_s")


class PlanRefusal(NamedTuple):
    """Why a change cannot take effect, and the part of the change that the sentence is about."""

    field: str
    sentence: str


def plan_change_refusal(
    change: PlanChange, snapshot: Snapshot, parameters: Parameters = CLINIC
) -> PlanRefusal | None:
    """Return why this change would have no effect or a wrong one, as of the snapshot; None where it may be made."""
    there = {one.exercise for one in planned_exercises(LogView(snapshot, parameters))}
    new = change.exercise if change.kind is PlanChangeKind.ADD else change.replacement
    if change.kind is not PlanChangeKind.ADD and change.exercise not in there:
        return PlanRefusal("exercise", f"{change.exercise.label} is not in the plan of this week.")
    sentence = _cannot_come(new, there, snapshot, parameters) or _outcome(change, new, snapshot, parameters)
    swaps = change.kind is PlanChangeKind.SWAP
    return PlanRefusal("replacement" if swaps else "exercise", sentence) if sentence is not None else None


def dose_refusal(
    dose: DoseOverride, snapshot: Snapshot, parameters: Parameters = CLINIC
) -> PlanRefusal | None:
    """Return why this dose cannot be set, as of the snapshot; None where it may be."""
    if dose.exercise not in {one.exercise for one in planned_exercises(LogView(snapshot, parameters))}:
        return PlanRefusal("exercise", f"{dose.exercise.label} is not in the plan of this week.")
    errors = dose_errors(dose.exercise, asdict(dose))
    return next((PlanRefusal(field, sentence) for field, sentence in errors.items()), None)


def dose_errors(exercise: ExerciseId, dose: Mapping[str, int | None]) -> dict[str, str]:
    """Return a sentence for each number of a dose that is outside the catalog's range for this exercise."""
    entry = CATALOG[exercise]
    errors = {
        name: f"{entry.name}: {WORDS[name]} from {low} to {high}."
        if low < high
        else f"{entry.name}: {low} {WORDS[name]}."
        for name, (low, high) in _ranges(entry).items()
        if (value := dose.get(name)) is not None and not low <= value <= high
    }
    timed = entry.ladder[0].reps is None
    if dose.get("reps") is not None and timed:
        errors["reps"] = f"{entry.name} is held for seconds, not counted in repetitions: leave this empty."
    if dose.get("seconds") is not None and not timed:
        errors["seconds"] = f"{entry.name} is counted in repetitions, not held for seconds: leave this empty."
    if (sentence := _load_error(dose.get("load_g"), entry)) is not None:
        errors["load_g"] = sentence
    return errors


def _ranges(entry: Exercise) -> dict[str, Range]:
    """Return the least and the most of each number that a clinician may set."""
    counted = "seconds" if entry.ladder[0].reps is None else "reps"
    quick, slow = entry.tempo_range
    return {
        "sets": (1, max(step.sets for step in entry.ladder)),
        counted: (1, max(getattr(step, counted) or 0 for step in entry.ladder)),
        **{name: (getattr(quick, name), getattr(slow, name)) for name in TEMPO},
    }


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
        sites = " and ".join(site.label.lower() for site in sorted(guards_of(history).spared_by(new)))
        return f"{new.label} loads the {sites}, which hurts now. Approve the exercise first."
    if not given:
        return "At least one exercise stays in the plan."
    minutes = session_minutes(given) or 0
    most = parameters.longest_session_minutes
    if new is not None and minutes > most:
        return f"A session would take {minutes} minutes; {most} is the most. Leave something out first."
    return None


def _load_error(load_g: int | None, entry: Exercise) -> str | None:
    if load_g is None:
        return None
    if entry.load_range_g is None:
        return f"{entry.name} is done with body weight alone: leave the load empty."
    low, high = entry.load_range_g
    if low <= load_g <= high:
        return None
    pounds, kilograms = load_text(high, kilometers=False), load_text(high, kilometers=True)
    return f"The load of {entry.name} goes up to {pounds} ({kilograms})."
