"""The list of the log, and the pages that correct and delete an entry.

The form that corrects each kind of entry is filled with the entry's present values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from challenge.enrollment.models import Enrollment
from challenge.protocol.local_week import monday_of
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts import actions, queries
from challenge.workouts.access import RunnerRequest, challenge_shown, runner_page
from challenge.workouts.actions import SetValues
from challenge.workouts.distances import unit_of
from challenge.workouts.forms import DailyLifeForm, EntryForm, MorningForm, RestWeekForm, RunForm, SessionForm
from challenge.workouts.import_queries import doubtful_imports
from challenge.workouts.models import AnyEntry, EntryKind, Morning, Run, StrengthSession, entry_values
from challenge.workouts.queries import LogDay
from challenge.workouts.strength_forms import (
    ExerciseForm,
    StrengthForm,
    exercise_forms,
    numbered_sets,
    prescribed_of,
)
from challenge.workouts.views.responses import logged_response, save_missed_morning

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


WEEKS_A_PAGE = 6
EARLIEST = date(2000, 1, 1)
GONE = "This entry was taken out of the log before you saved."
CORRECTED = "Corrected. Targets we’ve already sent stay; the next one takes it into account."


@dataclass(frozen=True)
class LogWeek:
    """One week of the list, newest entry first, with its totals in meters and sessions.

    `empty` are its days without an entry, in their order.
    """

    monday: date
    days: list[LogDay]
    empty: list[date]

    @property
    def distance_m(self) -> int:
        return sum(day.distance_m or 0 for day in self.days)

    @property
    def runs(self) -> int:
        return sum(day.kind == EntryKind.RUN for day in self.days)

    @property
    def sessions(self) -> int:
        return sum(day.kind == EntryKind.STRENGTH for day in self.days)


@require_safe
@runner_page
def log(request: RunnerRequest) -> HttpResponse:
    """List six weeks of entries, newest first, or those of one month; `until` and `month` choose which.

    `challenge` chooses an earlier challenge, whose entries are read and no longer corrected.
    """
    shown, others = challenge_shown(request)
    is_present = shown.pk == request.enrollment.pk
    month = _month(request)
    until = _end_of(month) if month is not None else _until(request, shown)
    first = month or monday_of(until) - timedelta(weeks=WEEKS_A_PAGE - 1)
    days = queries.days_between(shown, first=first, last=until)
    days.reverse()
    start = shown.cohort.starts_on - timedelta(days=60)
    context = {
        "shown": shown,
        "is_present": is_present,
        "is_over": request.today >= shown.cohort.over_on,
        "other_challenges": others,
        "weeks": _weeks(
            days, first=max(first, shown.cohort.starts_on), last=min(until, _last_full(shown, request.today))
        ),
        "unit": unit_of(request.user.uses_kilometers),
        "this_monday": monday_of(request.today),
        "today": request.today,
        "earlier": first - timedelta(days=1) if month is None and first > start else None,
        "later": until < request.today,
        "doubtful_imports": doubtful_imports(request.enrollment, today=request.today) if is_present else [],
        "month": month,
        "months": queries.months_with_entries(shown),
    }
    return render(request, "workouts/log.html", context)


def _weeks(days: list[LogDay], *, first: date, last: date) -> list[LogWeek]:
    """Return the weeks of these entries, newest first; days from `first` to `last` count as empty without an entry.

    Between the oldest and the newest entry no week is left out.
    """
    of_week = {
        monday: list(found) for monday, found in groupby(days, key=lambda day: monday_of(day.local_on))
    }
    logged = {day.local_on for day in days}
    weeks = []
    monday = max(of_week, default=first)
    while of_week and monday >= min(of_week):
        dates = (monday + timedelta(days=n) for n in range(7))
        empty = [day for day in dates if first <= day <= last and day not in logged]
        if monday in of_week or empty:
            weeks.append(LogWeek(monday, of_week.get(monday, []), empty))
        monday -= timedelta(weeks=1)
    return weeks


def _last_full(shown: Enrollment, today: date) -> date:
    """Return the last day of the challenge that is over: today may still get its entry."""
    return min(today, shown.cohort.over_on) - timedelta(days=1)


def _month(request: RunnerRequest) -> date | None:
    """Return the first day of the month that was asked for, `2026-01`; None for anything else."""
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None
    return asked if EARLIEST <= asked <= request.today else None


def _end_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _until(request: RunnerRequest, shown: Enrollment) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("until", ""))
    except ValueError:
        return request.today if shown.pk == request.enrollment.pk else _last_day(shown, request.today)
    # The bounds keep the subtraction of weeks inside the calendar.
    return min(max(asked, EARLIEST), request.today)


def _last_day(shown: Enrollment, today: date) -> date:
    """Return the last day with an entry in an earlier challenge: its list opens where it ends."""
    months = queries.months_with_entries(shown)
    return min(_end_of(months[0]), today) if months else min(shown.cohort.over_on, today)


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def entry(request: RunnerRequest, kind: str, pk: int) -> HttpResponse:
    """Show one entry and save its correction; its history keeps the values of before."""
    correction, stored = _entry_or_404(request, kind, pk)
    posted = request.POST if request.method == "POST" else None
    forms = correction.forms(stored, posted, request)
    if posted is not None and forms.are_valid():
        try:
            logged = actions.change_entry(
                entry=stored, values=forms.form.values(), sets=forms.sets(), by=request.user, at=request.at
            )
        except actions.EntryGone:
            messages.info(request, GONE)
            return redirect("log")
        except actions.AlreadyAnswered:
            forms.form.add_error(None, "You already answered for that day. Please correct that one.")
        else:
            if isinstance(forms.form, SessionForm):
                save_missed_morning(request, forms.form, forms.form.entry_key())
            return logged_response(request, logged, CORRECTED, back="log")
    context = _context(request, stored, forms) | {"correction": correction}
    return render(request, "workouts/entry.html", context, status=200 if posted is None else 422)


def _context(request: RunnerRequest, stored: AnyEntry, forms: FilledForm) -> dict[str, Any]:
    return {
        "entry": stored,
        "form": forms.form,
        "exercises": forms.exercises,
        "morning": forms.morning,
        "unit": unit_of(request.user.uses_kilometers),
        "open_more": True,
        "history": queries.revisions(request.enrollment, kind=stored.kind, entry_id=stored.pk),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def delete(request: RunnerRequest, kind: str, pk: int) -> HttpResponse:
    """Ask for confirmation, then take the entry out of the log."""
    correction, stored = _entry_or_404(request, kind, pk)
    if request.method == "POST":
        actions.delete_entry(entry=stored, by=request.user, at=request.at)
        messages.success(request, "Taken out of your log.")
        return redirect("log")
    context = {"entry": stored, "correction": correction, "unit": unit_of(request.user.uses_kilometers)}
    return render(request, "workouts/delete.html", context)


def _entry_or_404(request: RunnerRequest, kind: str, pk: int) -> tuple[Correction, Any]:
    """Return the runner's own undeleted entry. Raise Http404 for anything else."""
    if kind not in EntryKind.values:
        raise Http404
    correction = CORRECTIONS[EntryKind(kind)]
    stored = correction.entries(request.enrollment).filter(pk=pk).first()
    if stored is None:
        raise Http404
    return correction, stored
