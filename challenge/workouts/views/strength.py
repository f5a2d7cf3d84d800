"""A strength session: ticked off set by set, or "as prescribed" in one tap."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from challenge.workouts import actions
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.current_week import current_week
from challenge.workouts.models import StrengthSession
from challenge.workouts.prescribed_sets import prescribed_sets
from challenge.workouts.queries import morning_to_ask
from challenge.workouts.strength_forms import ExerciseForm, StrengthForm, exercise_forms, numbered
from challenge.workouts.views.responses import logged_response, save_missed_morning

NOTHING_TICKED = "Tick the sets you did, or save it as prescribed."


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def new(request: RunnerRequest) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    week = current_week(request.enrollment, today=request.today, stop=request.stop)
    exercises = exercise_forms(
        posted,
        prescribed_sets(request.enrollment, week.target, at=request.at),
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
    if posted is not None and _valid(form, exercises, as_prescribed=as_prescribed):
        return _save(request, form, exercises, as_prescribed=as_prescribed)
    context = {
        "form": form,
        "exercises": exercises,
        "held": week.held,
        "prescribed": prescribed,
        "posted": posted is not None,
    }
    return render(request, "workouts/strength.html", context, status=200 if posted is None else 422)


def _valid(form: StrengthForm, exercises: list[ExerciseForm], *, as_prescribed: bool) -> bool:
    """All forms are looked at, so that everything to mend is shown at once."""
    fine = all([form.is_valid(), *[exercise.is_valid() for exercise in exercises]])
    if fine and not numbered(exercises, as_prescribed=as_prescribed):
        form.add_error(None, NOTHING_TICKED)
        return False
    return fine


def _save(
    request: RunnerRequest, form: StrengthForm, exercises: list[ExerciseForm], *, as_prescribed: bool
) -> HttpResponse:
    key = form.entry_key()
    logged = actions.log_strength(
        enrollment=request.enrollment,
        key=key,
        sets=numbered(exercises, as_prescribed=as_prescribed),
        as_prescribed=as_prescribed,
        by=request.user,
        at=request.at,
        **form.pain_and_day(),
    )
    save_missed_morning(request, form, key)
    return logged_response(request, logged, _sentence(logged.entry))


def _sentence(session: StrengthSession) -> str:
    count = session.sets.count()
    return f"Strength session saved: {count} {'set' if count == 1 else 'sets'}."
