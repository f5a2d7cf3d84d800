"""What clinicians change in one runner's program: doses, loads, tempo, approvals, and which exercises there are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import overrides
from challenge.care.answers import DecisionKind, MadeDecision
from challenge.care.models import ClinicianOverride, WeeklyTarget
from challenge.care.queries import current_overrides
from challenge.enrollment.cohort_parameters import parameters_for, parameters_of
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.clinical_record import DoseOverride, PlanChange
from challenge.protocol.local_week import current_week_start
from challenge.protocol.parameters import Parameters
from challenge.protocol.plan_refusals import PlanRefusal, dose_refusal, plan_change_refusal
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import ExerciseId, PlanChangeKind
from challenge.review.actions import record_decision
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.workouts.guards import guards_now

BY_HAND = WeeklyTarget.RevisionReason.BY_HAND


class CannotTakeEffect(Exception):
    """The change would change nothing in this runner's program; `str()` is the reason, `field` what it is about."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


def set_dose(
    *, enrollment: Enrollment, exercise: str, dose: dict[str, Any], reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Set a dose with its load and tempo by hand, until it is ended. Raise CannotTakeEffect."""
    with transaction.atomic():
        hand = DoseOverride(exercise=ExerciseId(exercise), set_at=at, **dose)
        _check_takes_effect(enrollment, partial(dose_refusal, hand), at=at)
        row = overrides.set_dose(
            enrollment=enrollment, exercise=exercise, dose=dose, reason=reason, by=by, at=at
        )
        made = MadeDecision(
            DecisionKind.DOSE, f"hand:{row.pk}", f"Dose set: {CATALOG[ExerciseId(exercise)].name}"
        )
        record_decision(enrollment, BY_HAND, made, reason=reason, by=by, at=at)
    return row


def approve_exercise(
    *, enrollment: Enrollment, exercise: str, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Allow an exercise that loads an injured joint, in its full form. Raise CannotTakeEffect."""
    with transaction.atomic():
        guards = guards_now(enrollment, parameters=parameters_for(enrollment, at=at))
        entry = CATALOG[ExerciseId(exercise)]
        if not guards.spared_by(entry.id) & {*entry.standard.loads}:
            raise CannotTakeEffect(
                f"{entry.name} loads no joint that hurts now, so there’s nothing to approve."
            )
        row = overrides.approve_exercise(
            enrollment=enrollment, exercise=exercise, reason=reason, by=by, at=at
        )
        made = MadeDecision(
            DecisionKind.APPROVAL,
            f"hand:{row.pk}",
            f"Approved: {entry.name}",
            exercises=settled_exercises(enrollment),
        )
        record_decision(enrollment, BY_HAND, made, reason=reason, by=by, at=at)
    return row


def settled_exercises(enrollment: Enrollment) -> frozenset[str]:
    """Return the exercises that wait for no approval any more: approved, left out or swapped for another."""
    kinds = ClinicianOverride.OverrideKind
    rows = current_overrides(enrollment).filter(what__in=[kinds.APPROVAL, kinds.LEAVE_OUT, kinds.SWAP])
    return frozenset(rows.values_list("exercise", flat=True))


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
        new = ExerciseId(replacement) if replacement else None
        change = PlanChange(kind, ExerciseId(exercise), at, replacement=new)
        _check_takes_effect(enrollment, partial(plan_change_refusal, change), at=at)
        row = overrides.change_plan(
            enrollment=enrollment,
            kind=kind,
            exercise=exercise,
            replacement=replacement,
            reason=reason,
            by=by,
            at=at,
        )
        made = MadeDecision(
            DecisionKind.PLAN,
            f"hand:{row.pk}",
            f"{row.get_what_display().capitalize()}: {CATALOG[ExerciseId(exercise)].name}",
            exercises=settled_exercises(enrollment),
        )
        record_decision(enrollment, BY_HAND, made, reason=reason, by=by, at=at)
    return row


def _check_takes_effect(
    enrollment: Enrollment, refuse: Callable[[Snapshot, Parameters], PlanRefusal | None], *, at: datetime
) -> None:
    """Raise CannotTakeEffect with what `refuse` has against the runner’s present week; before the start, week 1."""
    cohort, user = enrollment.cohort, enrollment.seat.user
    if user is None:
        raise CannotTakeEffect("This runner has left the challenge: nothing would change.")
    week = max(current_week_start(at, user.zone), cohort.starts_on)
    if week >= cohort.over_on:
        raise CannotTakeEffect("The challenge is over for this runner: nothing would change.")
    parameters = parameters_of(cohort, week_starts_on=week)
    gathered = gather_snapshots([enrollment], week_starts_on=week, at=at, least_pain=parameters.amber_from)[
        enrollment.pk
    ]
    # Before the start, the phase that was decided for the first day counts.
    phases = tuple(replace(one, since_on=min(one.since_on, gathered.today_on)) for one in gathered.phases)
    snapshot = replace(gathered, phases=phases)
    if refusal := refuse(snapshot, parameters):
        raise CannotTakeEffect(refusal.sentence, refusal.field)
