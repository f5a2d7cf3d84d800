"""Which form corrects which kind of entry, filled with what the entry says now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts import queries
from challenge.workouts.access import RunnerRequest
from challenge.workouts.actions import SetValues
from challenge.workouts.forms import DailyLifeForm, MorningForm, RestWeekForm, RunForm
from challenge.workouts.models import DailyLife, EntryKind, Morning, RestWeek, Run, StrengthSession
from challenge.workouts.strength_forms import (
    ExerciseForm,
    StrengthForm,
    exercise_forms,
    numbered,
    prescribed_of,
)

Posted = Mapping[str, Any] | None
PAIN = ("pain", "site", "side", "symptoms", "note")


@dataclass
class FilledForm:
    """The form of an entry; with its exercises where it is a strength session, and the morning told after it."""

    form: Any
    values: Callable[[], dict[str, Any]]
    morning: Morning | None = None
    exercises: list[ExerciseForm] = field(default_factory=list)

    def are_valid(self) -> bool:
        fine = all([self.form.is_valid(), *[one.is_valid() for one in self.exercises]])
        if fine and self.exercises and not numbered(self.exercises):
            self.form.add_error(None, "Tick the sets you did, or take the session out of the log.")
            return False
        return fine

    def sets(self) -> list[SetValues] | None:
        return numbered(self.exercises) if self.exercises else None


@dataclass(frozen=True)
class Correction:
    """How one kind of entry is found and corrected."""

    kind: EntryKind
    entries: Callable[[Enrollment], QuerySet[Any]]
    forms: Callable[[Any, Posted, RunnerRequest], FilledForm]


def _initial(entry: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in names}


def _options(entry: Any, request: RunnerRequest, *names: str) -> dict[str, Any]:
    initial = _initial(entry, *names)
    return {"enrollment": request.enrollment, "today": request.today, "initial": initial}


def _morning_after(
    session: Run | StrengthSession, request: RunnerRequest
) -> tuple[date | None, Morning | None]:
    """The morning after this session: to ask, or as it was told."""
    found = queries.morning_after(request.enrollment, day=session.local_on, today=request.today)
    return (None, found) if isinstance(found, Morning) else (found, None)


def _run(run: Run, posted: Posted, request: RunnerRequest) -> FilledForm:
    names = (
        *("local_on", "distance_m", "duration_s", "cadence_spm", "cadence_source"),
        *("surface", "hills", "effort", "strike", *PAIN),
    )
    from_file = run.cadence_source == CadenceSource.FILE
    ask, told = _morning_after(run, request)
    form = RunForm(posted, from_file=from_file, morning_to_ask=ask, **_options(run, request, *names))
    form.fields["pain"].required = run.pain is not None
    return FilledForm(form, form.values, told)


def _strength(session: StrengthSession, posted: Posted, request: RunnerRequest) -> FilledForm:
    exercises = exercise_forms(
        posted, prescribed_of(session), kilometers=request.user.uses_kilometers, session=session
    )
    ask, told = _morning_after(session, request)
    options = _options(session, request, "local_on", *PAIN)
    form = StrengthForm(posted, exercises=exercises, morning_to_ask=ask, **options)
    return FilledForm(form, form.pain_and_day, told, exercises)


def _morning(morning: Morning, posted: Posted, request: RunnerRequest) -> FilledForm:
    form = MorningForm(posted, **_options(morning, request, "local_on", "stiffness_min", *PAIN))
    return FilledForm(form, form.values)


def _daily_life(answer: DailyLife, posted: Posted, request: RunnerRequest) -> FilledForm:
    form = DailyLifeForm(posted, **_options(answer, request, "pain"))
    return FilledForm(form, lambda: {"pain": form.cleaned_data["pain"]})


def _rest_week(answer: RestWeek, posted: Posted, request: RunnerRequest) -> FilledForm:
    form: forms.Form = RestWeekForm(posted, **_options(answer, request, "note"))
    return FilledForm(form, lambda: {"note": form.cleaned_data["note"]})


CORRECTIONS: dict[EntryKind, Correction] = {
    EntryKind.RUN: Correction(EntryKind.RUN, queries.runs, _run),
    EntryKind.STRENGTH: Correction(EntryKind.STRENGTH, queries.strength_sessions, _strength),
    EntryKind.MORNING: Correction(EntryKind.MORNING, queries.mornings, _morning),
    EntryKind.DAILY_LIFE: Correction(EntryKind.DAILY_LIFE, queries.daily_life, _daily_life),
    EntryKind.NOTHING: Correction(EntryKind.NOTHING, queries.rest_weeks, _rest_week),
}
