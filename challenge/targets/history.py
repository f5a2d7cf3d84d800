"""What runners said before the start and logged since, for the engine."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from challenge.enrollment.models import Enrollment
from challenge.intake.queries import said_by
from challenge.protocol.snapshot import Intake
from challenge.workouts.queries import Span

LOOKED_BACK = timedelta(days=60)  # before the start: the longest span any parameter may look back


def intakes(runners: Sequence[Enrollment]) -> dict[int, Intake]:
    """The intake of each runner, by enrollment id; unanswered is None, never a guess."""
    answered = said_by(runners)
    return {
        runner.pk: answered.get(runner.pk) or Intake(answered_on=runner.created_at.date())
        for runner in runners
    }


def span_of(runner: Enrollment, *, until: date, as_of: datetime) -> Span:
    """The runner's log up to this local day, as it stood at `as_of`."""
    return Span(runner.seat.cohort.starts_on - LOOKED_BACK, until, as_of)
