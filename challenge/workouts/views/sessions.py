"""The forms of a run and of a strength session."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from challenge.workouts import actions
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.current_week import current_week
from challenge.workouts.distances import distance_text, unit_of
from challenge.workouts.forms import RunForm
from challenge.workouts.models import Run, StrengthSession
from challenge.workouts.prescribed_sets import prescribed_sets
from challenge.workouts.queries import last_run, morning_to_ask
from challenge.workouts.strength_forms import ExerciseForm, StrengthForm, exercise_forms, numbered_sets
from challenge.workouts.views.responses import logged_response, save_missed_morning

NOTHING_TICKED = "Tick the sets you did, or save it as prescribed."


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def run(request: RunnerRequest) -> HttpResponse:
    """Show the form of a run, or log the run and the missed morning if it was answered with it."""
    form = RunForm(
        request.POST if request.method == "POST" else None,
        enrollment=request.enrollment,
        today=request.today,
        last=last_run(request.enrollment),
        morning_to_ask=morning_to_ask(request.enrollment, today=request.today),
    )
    if not form.is_valid():
        context = {"form": form, "unit": unit_of(request.user.uses_kilometers)}
        return render(request, "workouts/run.html", context, status=422 if form.is_bound else 200)
    key = form.entry_key()
    logged = actions.log_run(
        enrollment=request.enrollment, key=key, by=request.user, at=request.at, **form.values()
    )
    save_missed_morning(request, form, key)
    return logged_response(request, logged, _run_saved(logged.entry, unit_of(request.user.uses_kilometers)))


def _run_saved(entry: Run, unit: str) -> str:
    cadence = f" at {entry.cadence_spm}" if entry.cadence_spm else ""
    return f"Run saved: {distance_text(entry.distance_m, unit)}{cadence}."


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def strength(request: RunnerRequest) -> HttpResponse:
    """Show the week's exercises, or log the session: set by set, or as prescribed with one button."""
    posted = request.POST if request.method == "POST" else None
    week = current_week(
        request.enrollment, today=request.today, stop=request.stop, parameters=request.parameters
    )
    exercises = exercise_forms(
        posted,
        prescribed_sets(request.enrollment, week.target, parameters=request.parameters),
        kilometers=request.user.uses_kilometers,
    )
    form = StrengthForm(
        posted,
        exercises=exercises,
        enrollment=request.enrollment,
        today=request.today,
        morning_to_ask=morning_to_ask(request.enrollment, today=request.today),
        initial={"local_on": request.today},
    )
    # Without a decision for this week (before the start, paused, on hold) the page prescribes nothing. What comes in is
    # logged all the same: an entry made on a phone without a signal must not be lost.
    prescribed = week.goes_on and bool(week.exercises)
    as_prescribed = posted is not None and "as_prescribed" in posted
    if posted is not None and _are_valid(form, exercises, as_prescribed=as_prescribed):
        return _save_strength(request, form, exercises, as_prescribed=as_prescribed)
    context = {
        "form": form,
        "exercises": exercises,
        "held": week.held,
        "prescribed": prescribed,
        "posted": posted is not None,
        "unit": unit_of(request.user.uses_kilometers),
    }
    return render(request, "workouts/strength.html", context, status=200 if posted is None else 422)


def _are_valid(form: StrengthForm, exercises: list[ExerciseForm], *, as_prescribed: bool) -> bool:
    """Return whether all forms are valid. All are checked, so that the page shows every error together."""
    valid = all([form.is_valid(), *[exercise.is_valid() for exercise in exercises]])
    if valid and not numbered_sets(exercises, as_prescribed=as_prescribed):
        form.add_error(None, NOTHING_TICKED)
        return False
    return valid


def _save_strength(
    request: RunnerRequest, form: StrengthForm, exercises: list[ExerciseForm], *, as_prescribed: bool
) -> HttpResponse:
    key = form.entry_key()
    logged = actions.log_strength(
        enrollment=request.enrollment,
        key=key,
        sets=numbered_sets(exercises, as_prescribed=as_prescribed),
        as_prescribed=as_prescribed,
        by=request.user,
        at=request.at,
        **form.values(),
    )
    save_missed_morning(request, form, key)
    return logged_response(request, logged, _session_saved(logged.entry))


def _session_saved(session: StrengthSession) -> str:
    count = session.sets.count()
    return f"Strength session saved: {count} {'set' if count == 1 else 'sets'}."
