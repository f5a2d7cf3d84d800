"""A week's target as the weekly decision stores it, and one runner's week decided at a chosen moment."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from challenge.care.models import WeeklyTarget
from challenge.care.queries import target_of_week
from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.models import Enrollment
from challenge.protocol.parameters import CLINIC, ENGINE_VERSION
from challenge.protocol.snapshot import IntakeInput, Snapshot
from challenge.protocol.weekly import decide
from challenge.weekly.decide import _decide_all, lock_runner

MONDAY = date(2026, 1, 5)


def make_target(
    enrollment: Enrollment, *, monday: date = MONDAY, baseline_spm: int | None = 160, **snapshot: Any
) -> WeeklyTarget:
    """Return a decision of the engine, from an intake with 160 steps a minute."""
    starts_on = enrollment.cohort.starts_on
    at = datetime.combine(monday, time(12), UTC)
    stated = snapshot.pop("intake", None) or IntakeInput(
        answered_on=starts_on - timedelta(days=7), baseline_spm=baseline_spm, longest_run_m=8000
    )
    given = Snapshot(
        week_on=monday,
        starts_on=starts_on,
        weeks=enrollment.cohort.weeks,
        as_of=at,
        today_on=monday,
        log_as_of=at,
        intake=stated,
        **({"engine_version": ENGINE_VERSION} | snapshot),
    )
    decision = decide(given, CLINIC)
    return WeeklyTarget.objects.create(
        enrollment=enrollment,
        week_starts_on=monday,
        week=(monday - starts_on).days // 7 + 1,
        because=WeeklyTarget.RevisionReason.MONDAY,
        phase=decision.phase.present,
        cadence_spm=decision.cadence.target_spm,
        on_hold=decision.on_hold,
        snapshot=given.to_data(),
        decision=decision.to_data(),
        parameters=CLINIC.to_data(),
        engine_version=decision.engine_version,
        parameters_version=decision.parameters_version,
        at=at,
    )


def decide_week(*, enrollment: Enrollment, week_starts_on: date, at: datetime) -> WeeklyTarget:
    """Return this week of one runner, decided as `decide_due` does it, if it is not decided yet."""
    begin_cohorts(at=at)
    with transaction.atomic():
        runner = lock_runner(enrollment)
        decided = target_of_week(runner, week_starts_on=week_starts_on)
        if decided is not None:
            return decided
        (target,) = _decide_all([runner], week_starts_on=week_starts_on, at=at)
        return target
