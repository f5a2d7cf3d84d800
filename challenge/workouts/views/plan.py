"""A runner's pages: today, the plan, progress."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from challenge.care.models import WeeklyTarget
from challenge.care.queries import current_targets, latest_targets
from challenge.enrollment.models import Cohort
from challenge.protocol.local_week import monday_of
from challenge.workouts import charts
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.current_week import current_week
from challenge.workouts.distances import unit_of
from challenge.workouts.guards import guarded_by_log, spare
from challenge.workouts.progress import progress_of
from challenge.workouts.tags import reason_text


@require_safe
@runner_page
def plan(request: RunnerRequest) -> HttpResponse:
    """The weeks of the challenge, each with its number where it has one."""
    cohort = request.enrollment.cohort
    decided = {target.week: target for target in latest_targets(request.enrollment).defer("snapshot")}
    held = request.stop is not None
    now = _number(request, cohort)
    weeks = [
        {
            "number": number,
            "starts_on": cohort.starts_on + timedelta(weeks=number - 1),
            "target": decided.get(number),
            "now": number == now,
            "held": (held and number == now) or (number in decided and decided[number].on_hold),
        }
        for number in range(1, cohort.weeks + 1)
    ]
    phase = max(decided.items())[1].phase if decided else 1
    return render(request, "workouts/plan.html", {"weeks": weeks, "phase": phase, "now": now})


@require_safe
@runner_page
def week(request: RunnerRequest, number: int) -> HttpResponse:
    """One week as it was decided, with every reason; an open stop hides the numbers of every week."""
    cohort = request.enrollment.cohort
    if not 1 <= number <= cohort.weeks:
        raise Http404
    rows = list(current_targets(request.enrollment).filter(week=number).defer("snapshot"))
    target: WeeklyTarget | None = rows[0] if rows else None
    if number == _number(request, cohort):
        target = spare(target, request.enrollment, guarded_by_log(request.enrollment, at=request.at))
    context = {
        "number": number,
        "starts_on": cohort.starts_on + timedelta(weeks=number - 1),
        "target": target,
        "decision": target.decision if target is not None else {},
        "held": request.stop is not None or (target is not None and target.on_hold),
        "earlier": rows[1:],
        "unit": unit_of(request.user.uses_kilometers),
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if number < cohort.weeks else None,
    }
    return render(request, "workouts/plan_week.html", context)


def _number(request: RunnerRequest, cohort: Cohort) -> int:
    return (monday_of(request.today) - cohort.starts_on).days // 7 + 1


@require_safe
@runner_page
def today(request: RunnerRequest) -> HttpResponse:
    week = current_week(request.enrollment, today=request.today, stop=request.stop)
    context = {
        "week": week,
        "unit": unit_of(request.user.uses_kilometers),
        "why": reason_text(week.decision.get("cadence", {}).get("reason")),
        "starts_on": request.enrollment.cohort.starts_on,
    }
    return render(request, "workouts/today.html", context)


@require_safe
@runner_page
def progress(request: RunnerRequest) -> HttpResponse:
    unit = unit_of(request.user.uses_kilometers)
    told = progress_of(request.enrollment, today=request.today, stopped=request.stop is not None)
    context = {
        "progress": told,
        "unit": unit,
        "cadence": charts.cadence_chart(told),
        "then_and_now": charts.cadence_then_and_now(told.runs),
        "pain": charts.pain_chart(told),
        "load": charts.load_chart(told, unit),
        "done": charts.done_chart(told),
        "stretches": charts.stretches(told),
        "phase": told.stretches[-1].phase if told.stretches else 1,
        "measured": [run for run in told.runs if run.cadence_spm is not None],
    }
    return render(request, "workouts/progress.html", context)
