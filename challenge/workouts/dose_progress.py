"""How far a runner is at the present dose of each exercise, by the engine's own count (`exercise.dose`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.dose_text import next_amount
from challenge.protocol.doses import days_at_dose
from challenge.protocol.entries import StrengthInput
from challenge.protocol.parameters import Parameters
from challenge.protocol.vocabulary import ExerciseId, FormKind, Rule
from challenge.workouts.runner_log import LogSpan, sessions_with_sets


@dataclass(frozen=True)
class DoseProgress:
    """The days done at the present dose of those `needed`, and the `following` dose in words, if there is one."""

    name: str
    days: int
    needed: int
    following: str

    @property
    def goes_up(self) -> bool:
        """Return whether the next weekly decision takes the step up, if nothing speaks against it."""
        return bool(self.following) and self.days >= self.needed


def dose_progress(
    enrollment: Enrollment,
    exercises: Iterable[dict[str, Any]],
    *,
    today: date,
    at: datetime,
    parameters: Parameters,
) -> list[DoseProgress]:
    """Return the progress at each exercise of the week's decision. What a clinician set by hand has no next step."""
    lines = [line for line in exercises if line["reason"]["rule"] != Rule.DECISION_BY_HAND]
    if not lines:
        return []
    since = min(_since(line) for line in lines)
    span = LogSpan(since, today, as_of=at)
    sessions = sessions_with_sets({enrollment.pk: span})[enrollment.pk]
    return [_progress(line, sessions, parameters) for line in lines if _has_steps(line)]


def _has_steps(line: dict[str, Any]) -> bool:
    """Return whether the dose climbs: holds keep theirs, and an easier form is no step."""
    climbs = len(CATALOG[ExerciseId(line["exercise"])].ladder) > 1
    return climbs and FormKind(line["form"]) is not FormKind.EASIER


def _since(line: dict[str, Any]) -> date:
    return date.fromisoformat(line["since_on"])


def _progress(
    line: dict[str, Any], sessions: Iterable[StrengthInput], parameters: Parameters
) -> DoseProgress:
    exercise = CATALOG[ExerciseId(line["exercise"])]
    step, since_on = min(line["step"], len(exercise.ladder) - 1), _since(line)
    days = days_at_dose(exercise, exercise.ladder[step], sessions, since_on=since_on, parameters=parameters)
    following = next_amount(exercise.id, FormKind(line["form"]), step)
    return DoseProgress(exercise.name, len(days), parameters.step_after_sessions, following)
