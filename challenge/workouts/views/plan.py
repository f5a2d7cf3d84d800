"""The pages that show a runner's targets: today, the plan, progress, the metronome."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from challenge.care.models import WeeklyTarget
from challenge.care.queries import current_targets, latest_targets
from challenge.care.stop import open_stop
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Cohort
from challenge.enrollment.queries import enrollment_of
from challenge.intake.queries import stated_cadence
from challenge.protocol.local_week import monday_of
from challenge.workouts import charts
from challenge.workouts.access import RunnerRequest, challenge_shown, runner_page
from challenge.workouts.current_week import CurrentWeek, after_end, before_start, current_week, own_cadence
from challenge.workouts.day_notices import day_notices
from challenge.workouts.distances import unit_of
from challenge.workouts.guards import guards_now, has_sore_joint, spare
from challenge.workouts.import_queries import waiting_imports
from challenge.workouts.pain_chart import pain_chart
from challenge.workouts.prescribed_sets import load_unit, lower_after_break, strength_days
from challenge.workouts.progress import progress_of
from challenge.workouts.strength_progress import strength_progress
from challenge.workouts.tags import reason_text

SLOWEST_SPM, FASTEST_SPM = 120, 200
BEFORE_A_TARGET_SPM = 170


@require_safe
@runner_page
def plan(request: RunnerRequest) -> HttpResponse:
    """Show the weeks of the challenge, each with its target if it has one."""
    cohort = request.enrollment.cohort
    decided = {target.week: target for target in latest_targets(request.enrollment).defer("snapshot")}
    held = request.stop is not None
    now = _week_number(request, cohort)
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
    return render(request, "workouts/plan.html", {"weeks": weeks, "phase": phase, "over": now > cohort.weeks})


@require_safe
@runner_page
def week(request: RunnerRequest, number: int) -> HttpResponse:
    """Show one week as it was decided, with every reason; an open stop hides the numbers of every week."""
    cohort = request.enrollment.cohort
    if not 1 <= number <= cohort.weeks:
        raise Http404
    decided = current_targets(request.enrollment).filter(week=number).defer("snapshot")
    rows = list(decided.annotate(lifted=strength_days(request.today)))
    target: WeeklyTarget | None = rows[0] if rows else None
    # Earlier weeks are shown as they were decided; only the present one can still change.
    if number == _week_number(request, cohort):
        target = spare(target, guards_now(request.enrollment, parameters=request.parameters))
        lifted = getattr(target, "lifted", ())
        target = lower_after_break(target, lifted, today=request.today, parameters=request.parameters)
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


def _week_number(request: RunnerRequest, cohort: Cohort) -> int:
    return (monday_of(request.today) - cohort.starts_on).days // 7 + 1


@require_safe
@runner_page
def today(request: RunnerRequest) -> HttpResponse:
    """Show the present week: what today asks for, the target, what is left, what is done."""
    week = current_week(
        request.enrollment, today=request.today, stop=request.stop, parameters=request.parameters
    )
    notices = day_notices(
        request.enrollment,
        week.recent,
        today=request.today,
        at=request.at,
        held=week.held,
        parameters=request.parameters,
    )
    context = {
        "week": week,
        "notices": notices,
        "unit": unit_of(request.user.uses_kilometers),
        "why": reason_text(week.decision.get("cadence", {}).get("reason")),
        "starts_on": request.enrollment.cohort.starts_on,
        # Lazy: the frame's `waits` tests whether there are any.
        "imports": SimpleLazyObject(lambda: waiting_imports(request.enrollment)),
    }
    # A runner on hold is not sent to run or to measure anything, before, in or after the weeks.
    if week.before_start and not week.held:
        context["before"] = before_start(request.enrollment, today=request.today)
    elif week.over and not week.held:
        context["after"] = after_end(request.enrollment, parameters=request.parameters)
    return render(request, "workouts/today.html", context)


@require_safe
@runner_page
def progress(request: RunnerRequest) -> HttpResponse:
    """Show the charts of cadence, pain, load, sessions and phases, of this challenge or an earlier one."""
    unit = unit_of(request.user.uses_kilometers)
    enrollment, others = challenge_shown(request)
    is_present = enrollment.pk == request.enrollment.pk
    last_week = enrollment.cohort.over_on - timedelta(weeks=1)
    shown = progress_of(
        enrollment,
        today=request.today if is_present else min(request.today, enrollment.cohort.over_on),
        stopped=is_present and request.stop is not None,
        parameters=request.parameters
        if is_present
        else parameters_of(enrollment.cohort, week_starts_on=last_week),
    )
    context = {
        "shown": enrollment,
        "is_present": is_present,
        "other_challenges": others,
        "progress": shown,
        "unit": unit,
        "cadence": charts.cadence_chart(shown),
        "then_and_now": charts.cadence_then_and_now(shown.runs),
        "pain": pain_chart(shown, sore_joint=is_present and has_sore_joint(request)),
        "load": charts.load_chart(shown, unit),
        "done": charts.done_chart(shown),
        "strength": strength_progress(enrollment, shown, load_unit(request.user.uses_kilometers)),
        "stretches": charts.stretches(shown),
        "phase": shown.stretches[-1].phase if shown.stretches else 1,
        "measured": [run for run in shown.runs if run.cadence_spm is not None],
        "stated_spm": stated_cadence(enrollment),
    }
    return render(request, "workouts/progress.html", context)


@require_safe
def metronome(request: HttpRequest) -> HttpResponse:
    """Show the metronome at the runner's target; while targets are on hold there is no beat to run to.

    The page is public: the intake asks for a cadence before there is a seat.
    """
    week = _own_week(request)
    target = week.cadence_spm if week is not None else None
    own = target or _own_number(request, week)
    context = {
        "target_spm": target,
        "own_spm": own,
        "spm": min(max(own or BEFORE_A_TARGET_SPM, SLOWEST_SPM), FASTEST_SPM),
        "slowest_spm": SLOWEST_SPM,
        "fastest_spm": FASTEST_SPM,
        "held": week is not None and week.held,
    }
    return render(request, "workouts/metronome.html", context)


def _own_number(request: Any, week: CurrentWeek | None) -> int | None:
    return own_cadence(request.enrollment) if week is not None and not week.held else None


def _own_week(request: Any) -> CurrentWeek | None:
    if not request.user.is_authenticated or request.user.is_staff:
        return None
    enrollment = enrollment_of(request.user)
    if enrollment is None:
        return None
    request.enrollment, request.stop = enrollment, open_stop(enrollment)
    today = timezone.now().astimezone(request.user.zone).date()
    parameters = parameters_of(enrollment.cohort, week_starts_on=monday_of(today))
    return current_week(enrollment, today=today, stop=request.stop, parameters=parameters)
