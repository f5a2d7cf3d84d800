"""What clinicians change in one runner's program: doses, loads, tempo, approvals, and which exercises there are."""

from datetime import datetime
from typing import Any

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import overrides
from challenge.care.models import ClinicianOverride, WeeklyTarget
from challenge.care.queries import current_overrides, current_phase, current_targets
from challenge.care.stored_decisions import decision_of
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG, PLAN
from challenge.protocol.vocabulary import ExerciseId, Phase, PlanChangeKind
from challenge.review.actions import revise_and_notify

BY_HAND = WeeklyTarget.RevisionReason.BY_HAND


class CannotTakeEffect(Exception):
    """The change would change nothing in this runner's program; `str()` is the reason."""


def set_dose(
    *, enrollment: Enrollment, exercise: str, dose: dict[str, Any], reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Set a dose with its load and tempo by hand, until it is ended. Raise overrides.OutOfRange."""
    with transaction.atomic():
        row = overrides.set_dose(
            enrollment=enrollment, exercise=exercise, dose=dose, reason=reason, by=by, at=at
        )
        revise_and_notify(enrollment, BY_HAND, by=by, at=at, key=f"hand:{row.pk}")
    return row


def approve_exercise(
    *, enrollment: Enrollment, exercise: str, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Allow an exercise that loads an injured joint, in its full form."""
    with transaction.atomic():
        row = overrides.approve_exercise(
            enrollment=enrollment, exercise=exercise, reason=reason, by=by, at=at
        )
        revise_and_notify(enrollment, BY_HAND, by=by, at=at, key=f"hand:{row.pk}")
    return row


def change_plan(
    *,
    enrollment: Enrollment,
    kind: PlanChangeKind,
    exercise: str,
    replacement: str,
    reason: str,
    by: User,
    at: datetime,
) -> ClinicianOverride:
    """Add, leave out or swap an exercise, until it is ended. Raise CannotTakeEffect."""
    with transaction.atomic():
        # A refusal comes before the row: what cannot take effect is not stored.
        _check_takes_effect(enrollment, kind, ExerciseId(exercise), replacement)
        row = overrides.change_plan(
            enrollment=enrollment,
            kind=kind,
            exercise=exercise,
            replacement=replacement,
            reason=reason,
            by=by,
            at=at,
        )
        revise_and_notify(enrollment, BY_HAND, by=by, at=at, key=f"hand:{row.pk}")
    return row


def _check_takes_effect(
    enrollment: Enrollment, kind: PlanChangeKind, exercise: ExerciseId, replacement: str
) -> None:
    """Raise CannotTakeEffect for an exercise of another phase, one given already, or one not in the plan."""
    phase, planned = Phase(current_phase(enrollment)), planned_exercises(enrollment)
    given = ExerciseId(replacement) if kind is PlanChangeKind.SWAP else exercise
    if kind is not PlanChangeKind.ADD and exercise not in planned:
        raise CannotTakeEffect(f"{exercise.label} is not in this runner's plan: nothing would change.")
    if kind is PlanChangeKind.LEAVE_OUT:
        return
    if phase not in CATALOG[given].phases:
        others = " and ".join(str(other.value) for other in CATALOG[given].phases)
        raise CannotTakeEffect(
            f"{given.label} is an exercise of phase {others}; this runner is in phase {phase.value}."
        )
    if given in planned:
        raise CannotTakeEffect(f"{given.label} is in this runner's plan already.")


def planned_exercises(enrollment: Enrollment) -> frozenset[ExerciseId]:
    """Return the exercises of the last decision in the present phase; before it, those of the phase's plan."""
    phase, target = Phase(current_phase(enrollment)), current_targets(enrollment).first()
    decision = decision_of(target) if target is not None and target.decision else None
    if decision is None or decision.phase.present is not phase or not decision.exercises:
        return frozenset(place.exercise for place in PLAN[phase])
    left_out = {
        row.exercise
        for row in current_overrides(enrollment)
        if row.what in (PlanChangeKind.LEAVE_OUT, PlanChangeKind.SWAP)
    }
    return frozenset(dose.exercise for dose in decision.exercises if dose.exercise not in left_out)
