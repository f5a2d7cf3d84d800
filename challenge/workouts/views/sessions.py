"""The form of a run."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from challenge.workouts import actions
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.distances import distance_text, unit_of
from challenge.workouts.forms import RunForm
from challenge.workouts.models import Run
from challenge.workouts.queries import last_run, morning_to_ask, usual_distance_m
from challenge.workouts.views.responses import logged_response, save_missed_morning


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def run(request: RunnerRequest) -> HttpResponse:
    """Show the form of a run, or log the run and the missed morning if it was answered with it."""
    form = RunForm(
        request.POST if request.method == "POST" else None,
        enrollment=request.enrollment,
        today=request.today,
        parameters=request.parameters,
        last=last_run(request.enrollment),
        usual_m=usual_distance_m(request.enrollment),
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
