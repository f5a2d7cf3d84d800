"""The beat, and how to measure one's own. Open to everybody: the intake asks for a cadence before there is a seat."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from challenge.care.stop import open_stop
from challenge.enrollment.queries import enrollment_of
from challenge.protocol.local_week import local_day
from challenge.workouts.current_week import CurrentWeek, current_week

SLOWEST_SPM, FASTEST_SPM = 120, 200
BEFORE_A_TARGET_SPM = 170


@require_safe
def metronome(request: HttpRequest) -> HttpResponse:
    """Set to the target that stands; while targets are on hold there is no beat to run to."""
    week = _own_week(request)
    target = week.cadence_spm if week is not None else None
    context = {
        "target_spm": target,
        "spm": target or BEFORE_A_TARGET_SPM,
        "slowest_spm": SLOWEST_SPM,
        "fastest_spm": FASTEST_SPM,
        "held": week is not None and week.held,
    }
    return render(request, "workouts/metronome.html", context)


def _own_week(request: Any) -> CurrentWeek | None:
    if not request.user.is_authenticated or request.user.is_staff:
        return None
    enrollment = enrollment_of(request.user)
    if enrollment is None:
        return None
    request.enrollment, request.stop = enrollment, open_stop(enrollment)
    today = local_day(timezone.now(), request.user.zone)
    return current_week(enrollment, today=today, stop=request.stop)
