"""A run, in twenty seconds."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from challenge.workouts import actions
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.distances import distance_text, unit_of
from challenge.workouts.forms import RunForm
from challenge.workouts.queries import last_run, morning_to_ask
from challenge.workouts.views.responses import logged_response, save_missed_morning


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def new(request: RunnerRequest) -> HttpResponse:
    form = RunForm(
        request.POST if request.method == "POST" else None,
        enrollment=request.enrollment,
        today=request.today,
        last=last_run(request.enrollment),
        morning_to_ask=morning_to_ask(request.enrollment, today=request.today),
    )
    if form.is_valid():
        return save(request, form)
    context = {"form": form, "unit": unit_of(request.user.uses_kilometers)}
    return render(request, "workouts/run.html", context, status=422 if form.is_bound else 200)


def save(request: RunnerRequest, form: RunForm) -> HttpResponse:
    """The run, and the missed morning where it was answered with it."""
    key = form.entry_key()
    logged = actions.log_run(
        enrollment=request.enrollment, key=key, by=request.user, at=request.at, **form.values()
    )
    save_missed_morning(request, form, key)
    run = logged.entry
    sentence = f"Run saved: {distance_text(run.distance_m, unit_of(request.user.uses_kilometers))}"
    return logged_response(
        request, logged, sentence + (f" at {run.cadence_spm}." if run.cadence_spm else ".")
    )
