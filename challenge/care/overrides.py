"""Values set by hand (`decision.by_hand`), heel-strike periods, function tests: one row each, with who and why."""

from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.care.models import ClinicianOverride, FunctionTest, HeelStrikePeriod
from challenge.enrollment.models import Enrollment
from challenge.protocol.plan_refusals import dose_errors
from challenge.protocol.validation import HAND_CADENCE_SPM
from challenge.protocol.vocabulary import ExerciseId, PlanChangeKind, Side, TestKind

# Why a row ended that a clinician took back immediately: the engine reads it as never made.
TAKEN_BACK = "Taken back right after the decision."


class OutOfRange(Exception):
    """A value that no clinician may set; `str()` names the range."""


class AlreadySet(Exception):
    """A value of this kind is in force: end it first."""


class TestValues(TypedDict):
    """A function test: repetitions done and pain from 0 to 10, or why it was not done."""

    kind: TestKind
    side: Side
    repetitions: int | None
    pain: int | None
    not_tested_because: str
    note: str


def set_cadence(
    *, enrollment: Enrollment, cadence_spm: int, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Set the cadence in steps a minute, both feet, and end the one set before. Raise OutOfRange."""
    low, high = HAND_CADENCE_SPM
    if not low <= cadence_spm <= high:
        raise OutOfRange(f"A cadence set by hand is from {low} to {high}.")
    values = {"what": ClinicianOverride.OverrideKind.CADENCE, "cadence_spm": cadence_spm}
    return _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


def set_dose(
    *, enrollment: Enrollment, exercise: str, dose: dict[str, Any], reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Set the dose, load and tempo of one exercise, and end what was set before. Raise OutOfRange."""
    if errors := dose_errors(ExerciseId(exercise), dose):
        raise OutOfRange(next(iter(errors.values())))
    values = {"what": ClinicianOverride.OverrideKind.DOSE, "exercise": exercise, "dose": dose}
    return _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


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
    """Add, leave out or swap one exercise, and end the same change made before."""
    values = {"what": kind.value, "exercise": exercise, "replacement": replacement}
    return _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


def approve_exercise(
    *, enrollment: Enrollment, exercise: str, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Return the approval of an exercise that loads a painful joint (`exercise.approval`), created if it is new."""
    existing = ClinicianOverride.objects.filter(
        enrollment=enrollment,
        what=ClinicianOverride.OverrideKind.APPROVAL,
        exercise=exercise,
        ended_at__isnull=True,
    ).first()
    values = {"what": ClinicianOverride.OverrideKind.APPROVAL, "exercise": exercise}
    return existing or _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


def count_long_run(
    *, enrollment: Enrollment, run_id: int, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Return the permission for a run beyond the limit to raise the next limit (`load.long_run`), created if new."""
    values = {"what": ClinicianOverride.OverrideKind.LONG_RUN, "exercise": f"run:{run_id}"}
    existing = ClinicianOverride.objects.filter(
        enrollment=enrollment, ended_at__isnull=True, **values
    ).first()
    return existing or _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


def _replace_override(
    *, enrollment: Enrollment, values: dict[str, Any], reason: str, by: User, at: datetime
) -> ClinicianOverride:
    with transaction.atomic():
        # Lock the runner: two clinicians who set a value together must not both find the same one to end.
        Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
        same = ClinicianOverride.objects.filter(
            enrollment=enrollment,
            what=values["what"],
            exercise=values.get("exercise", ""),
            ended_at__isnull=True,
        )
        same.update(ended_at=at, ended_by=by, end_reason="Replaced by a new value.")
        return ClinicianOverride.objects.create(enrollment=enrollment, reason=reason, by=by, at=at, **values)


def end_override(*, override: ClinicianOverride, reason: str, by: User, at: datetime) -> bool:
    """End a value set by hand, so that the method decides again; return False if it was ended before."""
    return bool(
        ClinicianOverride.objects.filter(pk=override.pk, ended_at__isnull=True).update(
            ended_at=at, ended_by=by, end_reason=reason
        )
    )


def start_heel_strike_period(
    *, enrollment: Enrollment, starts_on: date, reason: str, by: User, at: datetime
) -> HeelStrikePeriod:
    """Start a period of heel strike that a clinician approved (`strike.offer`). Raise AlreadySet if one runs."""
    try:
        with transaction.atomic():
            return HeelStrikePeriod.objects.create(
                enrollment=enrollment, starts_on=starts_on, reason=reason, by=by, at=at
            )
    except IntegrityError as error:
        raise AlreadySet("A heel-strike period is already under way.") from error


def end_heel_strike_period(*, period: HeelStrikePeriod, ended_on: date, reason: str, by: User) -> bool:
    """End the period, so that `strike.return` takes over; return False if it was ended before."""
    return bool(
        HeelStrikePeriod.objects.filter(pk=period.pk, ended_on__isnull=True).update(
            # A period may not end before it starts: one that is ended on its first day covers that day.
            ended_on=max(ended_on, period.starts_on),
            ended_by=by,
            end_reason=reason,
        )
    )


def record_function_test(
    *, enrollment: Enrollment, by: User, at: datetime, **values: Unpack[TestValues]
) -> FunctionTest:
    """Record a heel-raise or hop test, or why it was not done."""
    return FunctionTest.objects.create(enrollment=enrollment, by=by, at=at, **values)
