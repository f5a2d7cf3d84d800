"""The form that corrects each kind of entry, filled with the entry's present values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts import queries
from challenge.workouts.access import RunnerRequest
from challenge.workouts.actions import SetValues
from challenge.workouts.base_models import entry_values
from challenge.workouts.forms import DailyLifeForm, EntryForm, MorningForm, RestWeekForm, RunForm
from challenge.workouts.models import AnyEntry, EntryKind, Morning, Run, StrengthSession
from challenge.workouts.strength_forms import (
    ExerciseForm,
    StrengthForm,
    exercise_forms,
    numbered_sets,
    prescribed_of,
)

Posted = Mapping[str, Any] | None


@dataclass
class FilledForm:
    """The form of an entry, with a session's exercises and the entry of the morning after it."""

    form: EntryForm
    morning: Morning | None = None
    exercises: list[ExerciseForm] = field(default_factory=list)

    def are_valid(self) -> bool:
        """Return whether all forms are valid. All are checked, so that the page shows every error together."""
        valid = all([self.form.is_valid(), *[exercise.is_valid() for exercise in self.exercises]])
        if valid and self.exercises and not numbered_sets(self.exercises):
            self.form.add_error(None, "Check off the sets you did, or take the session out of your log.")
            return False
        return valid

    def sets(self) -> list[SetValues] | None:
        """Return the sets of a strength session; None for other kinds."""
        return numbered_sets(self.exercises) if self.exercises else None


@dataclass(frozen=True)
class Correction:
    """The queryset and the form of one kind of entry."""

    kind: EntryKind
    entries: Callable[[Enrollment], QuerySet[Any]]
    forms: Callable[[Any, Posted, RunnerRequest], FilledForm]


def _options(entry: AnyEntry, request: RunnerRequest) -> dict[str, Any]:
    return {
        "enrollment": request.enrollment,
        "today": request.today,
        "parameters": request.parameters,
        "initial": entry_values(entry),
    }


def _morning_after(
    session: Run | StrengthSession, request: RunnerRequest
) -> tuple[date | None, Morning | None]:
    """Return the day of the morning to ask about, and the entry of a morning that was answered."""
    morning = queries.morning_after(request.enrollment, day=session.local_on, today=request.today)
    return (None, morning) if isinstance(morning, Morning) else (morning, None)


def _run(run: Run, posted: Posted, request: RunnerRequest) -> FilledForm:
    from_file = run.cadence_source == CadenceSource.FILE
    ask_on, answered = _morning_after(run, request)
    form = RunForm(posted, from_file=from_file, morning_to_ask=ask_on, **_options(run, request))
    # An imported run may have no pain: correcting its distance must not demand a number from memory.
    form.fields["pain"].required = run.pain is not None
    return FilledForm(form, answered)


def _strength(session: StrengthSession, posted: Posted, request: RunnerRequest) -> FilledForm:
    exercises = exercise_forms(
        posted, prescribed_of(session), kilometers=request.user.uses_kilometers, session=session
    )
    ask_on, answered = _morning_after(session, request)
    form = StrengthForm(posted, exercises=exercises, morning_to_ask=ask_on, **_options(session, request))
    return FilledForm(form, answered, exercises)


def _plain(form: type[EntryForm]) -> Callable[[Any, Posted, RunnerRequest], FilledForm]:
    """Return the filling of a form that needs nothing but the entry's values."""
    return lambda entry, posted, request: FilledForm(form(posted, **_options(entry, request)))


CORRECTIONS: dict[EntryKind, Correction] = {
    EntryKind.RUN: Correction(EntryKind.RUN, queries.runs, _run),
    EntryKind.STRENGTH: Correction(EntryKind.STRENGTH, queries.strength_sessions, _strength),
    EntryKind.MORNING: Correction(EntryKind.MORNING, queries.mornings, _plain(MorningForm)),
    EntryKind.DAILY_LIFE: Correction(EntryKind.DAILY_LIFE, queries.daily_life, _plain(DailyLifeForm)),
    EntryKind.NOTHING: Correction(EntryKind.NOTHING, queries.rest_weeks, _plain(RestWeekForm)),
}
