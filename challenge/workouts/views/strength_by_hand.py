"""The form of a whole strength session, with a draft that outlives the page."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from challenge.care.models import WeeklyTarget
from challenge.care.queries import current_phase
from challenge.workouts import strength_session_actions as actions
from challenge.workouts.access import RunnerRequest
from challenge.workouts.current_week import CurrentWeek, target_shown
from challenge.workouts.distances import unit_of
from challenge.workouts.guards import guards_now
from challenge.workouts.prescribed_sets import prescribed_sets
from challenge.workouts.queries import morning_to_ask
from challenge.workouts.strength_forms import (
    ExerciseForm,
    StrengthForm,
    exercise_forms,
    numbered_sets,
)
from challenge.workouts.strength_session import session_under_way
from challenge.workouts.strength_session_models import GuidedSession
from challenge.workouts.views.responses import logged_response, save_missed_morning

NOTHING_TICKED = "Check off the sets you did, or save it as prescribed."
KEPT = "Saved. Come back any time today and pick it up."
ALL_OF_THEM = "all"  # the answer to the question whether sets that were not ticked were done as well


def by_hand_response(request: RunnerRequest, week: CurrentWeek) -> HttpResponse:
    """Show the form of a session, keep it for later, or log it: as ticked, or as prescribed with one button."""
    posted = request.POST if request.method == "POST" else None
    under_way = session_under_way(request.enrollment, on=request.today)
    exercises = exercise_forms(
        posted,
        prescribed_sets(
            request.enrollment,
            week.target or _last_weeks_target(request, week),
            parameters=request.parameters,
        ),
        kilometers=request.user.uses_kilometers,
        guided=under_way,
    )
    form = StrengthForm(
        posted,
        exercises=exercises,
        enrollment=request.enrollment,
        today=request.today,
        parameters=request.parameters,
        morning_to_ask=morning_to_ask(request.enrollment, today=request.today),
        initial=_initial(request, under_way),
    )
    if posted is not None and "keep" in posted:
        return _keep(request, form)
    if posted is not None and _are_valid(form, exercises, as_prescribed="as_prescribed" in posted):
        return _save(request, form, exercises, as_prescribed="as_prescribed" in posted)
    context = {
        "form": form,
        "exercises": exercises,
        "unit": unit_of(request.user.uses_kilometers),
        "held": week.held,
        # What comes in is logged all the same: an entry made on a phone without a signal must not be lost.
        "prescribed": week.goes_on and bool(week.exercises),
        "seen": max((row.pk for row in under_way.sets.all()), default=0) if under_way else 0,
        "posted": posted is not None,
    }
    return render(request, "workouts/strength/by_hand.html", context, status=200 if posted is None else 422)


def _last_weeks_target(request: RunnerRequest, week: CurrentWeek) -> WeeklyTarget | None:
    """Return last week's target, in forms that spare what hurts now: its doses hold until Monday's decision.

    None where the phase changed or the week was on hold, and while nothing is to be done.
    """
    if not week.goes_on:
        return None
    last = target_shown(
        request.enrollment,
        week_starts_on=week.starts_on - timedelta(days=7),
        today=request.today,
        guards=guards_now(request.enrollment, parameters=request.parameters),
        parameters=request.parameters,
    )
    same = last is not None and last.phase == current_phase(request.enrollment) and not last.on_hold
    return last if same else None


def _initial(request: RunnerRequest, under_way: GuidedSession | None) -> dict[str, Any]:
    """Return the values of the form's own fields: those that were typed before, else the day."""
    initial: dict[str, Any] = {"local_on": request.today}
    if under_way is not None:
        names = ("local_on", "pain", "site", "side", "note")
        initial |= {name: under_way.typed[name][0] for name in names if under_way.typed.get(name)}
        initial |= {"symptoms": under_way.typed.get("symptoms", []), "key": under_way.key}
    return initial


def _keep(request: RunnerRequest, form: StrengthForm) -> HttpResponse:
    form.is_valid()
    typed = {
        name: [*map(str, values)] for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"
    }
    actions.keep_typed(
        enrollment=request.enrollment,
        session_key=form.entry_key(),
        local_on=request.today,
        typed=typed,
        at=request.at,
    )
    messages.success(request, KEPT)
    return redirect("log_strength_by_hand")


def _are_valid(form: StrengthForm, exercises: list[ExerciseForm], *, as_prescribed: bool) -> bool:
    """Return whether all forms are valid. All are checked, so that the page shows every error together."""
    valid = all([form.is_valid(), *[exercise.is_valid() for exercise in exercises]])
    if not valid:
        return False
    ticked, planned = len(numbered_sets(exercises)), len(numbered_sets(exercises, as_prescribed=True))
    if not ticked and not as_prescribed:
        form.add_error(None, NOTHING_TICKED)
    elif as_prescribed and 0 < ticked < planned and form.data["as_prescribed"] != ALL_OF_THEM:
        form.ticked, form.planned = ticked, planned
        form.add_error(None, f"You checked {ticked} of {planned} sets. Did you do all {planned}?")
    else:
        return True
    return False


def _save(
    request: RunnerRequest, form: StrengthForm, exercises: list[ExerciseForm], *, as_prescribed: bool
) -> HttpResponse:
    key, seen = form.entry_key(), request.POST.get("seen", "")
    logged = actions.finish_by_form(
        enrollment=request.enrollment,
        key=key,
        shown={(exercise.planned.exercise.value, n) for exercise in exercises for n in exercise.numbers},
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 18 else 0,
        sets=numbered_sets(exercises, as_prescribed=as_prescribed),
        as_prescribed=as_prescribed,
        by=request.user,
        at=request.at,
        **form.values(),
    )
    save_missed_morning(request, form, key)
    count = logged.entry.sets.count()
    return logged_response(
        request, logged, f"Strength session saved: {count} {'set' if count == 1 else 'sets'}."
    )
