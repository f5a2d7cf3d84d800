"""One number, why, what is done, and one button."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.distances import unit_of
from challenge.workouts.reasons import why
from challenge.workouts.week import week_of


@require_safe
@runner_page
def today(request: RunnerRequest) -> HttpResponse:
    week = week_of(request.enrollment, today=request.today, stop=request.stop)
    context = {
        "week": week,
        "unit": unit_of(request.user.uses_kilometres),
        "why": why(week.decision.get("cadence", {}).get("reason")),
        "starts_on": request.enrollment.cohort.starts_on,
    }
    return render(request, "workouts/today.html", context)
