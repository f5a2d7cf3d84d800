"""What clinicians set by hand (`decision.by_hand`), heel-strike spells, function tests: one row each, with why."""

from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.care.models import ClinicianOverride, FunctionTest, HeelStrikePeriod
from challenge.enrollment.models import Enrollment
from challenge.protocol.validation import HAND_CADENCE_SPM


class OutOfRange(Exception):
    """A value that no clinician may set; `str()` gives the range."""


class AlreadySet(Exception):
    """A value of this kind holds already: end it first."""


class TestValues(TypedDict):
    """What a clinician tells of a function test: repetitions done and pain 0 to 10, or why it was not done."""

    kind: FunctionTest.TestKind
    side: FunctionTest.Side
    repetitions: int | None
    pain: int | None
    not_tested_because: str
    note: str


def set_cadence(
    *, enrollment: Enrollment, cadence_spm: int, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Sets the cadence, 120 to 180 steps a minute, in place of one set before. Raises OutOfRange."""
    low, high = HAND_CADENCE_SPM
    if not low <= cadence_spm <= high:
        raise OutOfRange(f"A cadence set by hand is from {low} to {high}.")
    values = {"what": ClinicianOverride.OverrideKind.CADENCE, "cadence_spm": cadence_spm}
    return _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


def set_dose(
    *, enrollment: Enrollment, exercise: str, dose: dict[str, Any], reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Sets the dose of one exercise, in place of one set before."""
    values = {"what": ClinicianOverride.OverrideKind.DOSE, "exercise": exercise, "dose": dose}
    return _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


def approve_exercise(
    *, enrollment: Enrollment, exercise: str, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Approves an exercise that loads a joint the runner complained of. Approving twice is once."""
    there = ClinicianOverride.objects.filter(
        enrollment=enrollment,
        what=ClinicianOverride.OverrideKind.APPROVAL,
        exercise=exercise,
        ended_at__isnull=True,
    ).first()
    values = {"what": ClinicianOverride.OverrideKind.APPROVAL, "exercise": exercise}
    return there or _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


def count_long_run(
    *, enrollment: Enrollment, run_id: int, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Lets a run that went beyond the limit raise the next one (`load.long_run`). Saying it twice is once."""
    values = {"what": ClinicianOverride.OverrideKind.LONG_RUN, "exercise": f"run:{run_id}"}
    there = ClinicianOverride.objects.filter(enrollment=enrollment, ended_at__isnull=True, **values).first()
    return there or _replace_override(enrollment=enrollment, values=values, reason=reason, by=by, at=at)


def _replace_override(
    *, enrollment: Enrollment, values: dict[str, Any], reason: str, by: User, at: datetime
) -> ClinicianOverride:
    with transaction.atomic():
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
    """Ends what was set by hand, so that the method decides again; False where it was ended before."""
    return bool(
        ClinicianOverride.objects.filter(pk=override.pk, ended_at__isnull=True).update(
            ended_at=at, ended_by=by, end_reason=reason
        )
    )


def start_heel_strike_period(
    *, enrollment: Enrollment, starts_on: date, reason: str, by: User, at: datetime
) -> HeelStrikePeriod:
    """Approves a heel strike for a while (`strike.offer`). Raises AlreadySet where a spell runs."""
    try:
        with transaction.atomic():
            return HeelStrikePeriod.objects.create(
                enrollment=enrollment, starts_on=starts_on, reason=reason, by=by, at=at
            )
    except IntegrityError as error:
        raise AlreadySet("A heel-strike spell is running already.") from error


def end_heel_strike_period(*, spell: HeelStrikePeriod, ended_on: date, reason: str, by: User) -> bool:
    """Ends a spell (`strike.return` takes over); False where it was ended before."""
    return bool(
        HeelStrikePeriod.objects.filter(pk=spell.pk, ended_on__isnull=True).update(
            ended_on=max(ended_on, spell.starts_on), ended_by=by, end_reason=reason
        )
    )


def record_function_test(
    *, enrollment: Enrollment, by: User, at: datetime, **told: Unpack[TestValues]
) -> FunctionTest:
    """A heel-raise or hop test, or why it was not done."""
    return FunctionTest.objects.create(enrollment=enrollment, by=by, at=at, **told)
