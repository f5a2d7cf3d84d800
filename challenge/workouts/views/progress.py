"""The weeks as pictures, each with its table."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from challenge.workouts import pictures
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.distances import unit_of
from challenge.workouts.progress import progress_of


@require_safe
@runner_page
def progress(request: RunnerRequest) -> HttpResponse:
    unit = unit_of(request.user.uses_kilometres)
    told = progress_of(request.enrollment, today=request.today, stopped=request.stop is not None)
    context = {
        "progress": told,
        "unit": unit,
        "cadence": pictures.cadence(told),
        "then_and_now": pictures.cadence_then_and_now(told.runs),
        "pain": pictures.pain(told),
        "load": pictures.load(told, unit),
        "done": pictures.done(told),
        "stretches": pictures.stretches(told),
        "phase": told.stretches[-1].phase if told.stretches else 1,
        "measured": [run for run in told.runs if run.cadence_spm is not None],
    }
    return render(request, "workouts/progress.html", context)
