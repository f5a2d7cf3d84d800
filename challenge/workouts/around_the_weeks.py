"""/today/ before the first week, as a short list of what helps, and after the last, as what stays."""

from dataclasses import dataclass
from datetime import date

from challenge.accounts.queries import has_passkey
from challenge.care.queries import current_phase, latest_targets
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.intake.queries import intake_of
from challenge.protocol.parameters import Parameters
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts.queries import last_cadence, runs, strength_sessions

COUNTED = (CadenceSource.COUNTED, CadenceSource.TAPPED, CadenceSource.FILE, CadenceSource.WATCH)


@dataclass(frozen=True, slots=True)
class BeforeStart:
    """How far the runner is with what helps before the first Monday. `stated_spm` is the cadence of the intake."""

    days_left: int
    bib: int
    questions_answered: bool
    cadence_known: bool
    stated_spm: int | None
    strength_tried: bool
    has_passkey: bool
    clinicians: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AfterEnd:
    """What the runner takes along: the last cadence in steps a minute, the phase, and how far a run may grow."""

    cadence_spm: int | None
    phase: int
    percent_more: int
    longest_of_days: int


def before_start(enrollment: Enrollment, *, today: date) -> BeforeStart:
    """Return the list of the days before the start, in six queries."""
    intake, user = intake_of(enrollment), enrollment.seat.user
    stated_spm = intake.baseline_cadence_spm if intake is not None else None
    caring = CohortClinician.objects.filter(cohort=enrollment.cohort).select_related("user").order_by("pk")
    return BeforeStart(
        days_left=(enrollment.cohort.starts_on - today).days,
        bib=enrollment.seat.number,
        questions_answered=intake is not None,
        cadence_known=stated_spm is not None or runs(enrollment).filter(cadence_source__in=COUNTED).exists(),
        stated_spm=stated_spm,
        strength_tried=strength_sessions(enrollment).exists(),
        has_passkey=user is not None and has_passkey(user),
        clinicians=tuple(name for one in caring if (name := one.user.get_full_name())),
    )


def own_cadence(enrollment: Enrollment) -> int | None:
    """Return the runner's own number where the week has no target: the last target, the last run's, the intake's."""
    numbered = latest_targets(enrollment).filter(cadence_spm__isnull=False)
    if (target := numbered.values_list("cadence_spm", flat=True).first()) is not None:
        return target
    if (measured := last_cadence(enrollment)) is not None:
        return measured
    intake = intake_of(enrollment)
    return intake.baseline_cadence_spm if intake is not None else None


def after_end(enrollment: Enrollment, *, parameters: Parameters) -> AfterEnd:
    """Return what stays after the last week, in two queries."""
    numbered = latest_targets(enrollment).filter(cadence_spm__isnull=False)
    return AfterEnd(
        cadence_spm=numbered.values_list("cadence_spm", flat=True).first(),
        phase=current_phase(enrollment),
        percent_more=parameters.long_run_percent - 100,
        longest_of_days=parameters.long_run_days,
    )
