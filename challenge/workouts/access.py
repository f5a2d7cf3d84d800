"""Whose log a page shows: the signed-in runner's own, and nobody else's."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from challenge.accounts.models import User
from challenge.care.stop import Stop, open_stop
from challenge.enrollment.models import Enrollment
from challenge.enrollment.queries import enrollment_of
from challenge.protocol.local_week import local_day

P = ParamSpec("P")


class RunnerRequest(HttpRequest):
    """A request of an enrolled runner. `at` is the one look at the clock, `today` the runner's local day then.

    `stop` is asked before anything is said: while it is open, no page tells this runner to run.
    """

    user: User
    enrollment: Enrollment
    at: datetime
    today: date
    stop: Stop | None


def runner_page(
    view: Callable[Concatenate[RunnerRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Staff are refused; who has no seat is told how to get one."""

    @login_required
    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_staff:
            raise PermissionDenied
        enrollment = enrollment_of(request.user)
        if enrollment is None:
            return render(request, "workouts/no_seat.html")
        request.enrollment = enrollment
        request.at = timezone.now()
        request.today = local_day(request.at, request.user.zone)
        request.stop = open_stop(enrollment)
        return view(request, *args, **kwargs)

    return guarded
