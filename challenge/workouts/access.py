"""Access to the runner's own pages: the signed-in runner's seat, day and open stop."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from challenge.accounts.models import User
from challenge.care.stop import Stop, open_stop
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Enrollment
from challenge.enrollment.queries import enrollment_of, enrollments_of
from challenge.protocol.local_week import local_day, monday_of
from challenge.protocol.parameters import Parameters

P = ParamSpec("P")


class RunnerRequest(HttpRequest):
    """A request of an enrolled runner.

    `at` is the only reading of the clock in a request, `today` the runner's local day at that moment. `stop` is
    the open stop, if any: while there is one, no page may tell this runner to run. `parameters` are the numbers of the
    method in the runner's cohort this week.
    """

    user: User
    enrollment: Enrollment
    at: datetime
    today: date
    parameters: Parameters
    stop: Stop | None


def challenge_shown(request: RunnerRequest) -> tuple[Enrollment, list[Enrollment]]:
    """Return the enrollment that `?challenge=` names, and the runner's other ones, the latest first.

    Without the parameter it is the present one. Raises Http404 for a challenge that is not theirs.
    """
    own = enrollments_of(request.user)
    asked = request.GET.get("challenge")
    shown = request.enrollment
    if asked is not None:
        named = [enrollment for enrollment in own if enrollment.cohort.slug == asked]
        if not named:
            raise Http404
        shown = next((one for one in named if one.pk == request.enrollment.pk), named[0])
    return shown, [one for one in own if one.pk != shown.pk]


def runner_page(
    view: Callable[Concatenate[RunnerRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Refuse staff with 403, show users without a seat how to get one, and call the view for runners."""

    @login_required
    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        # Staff see a log on the review pages, where every look is recorded in the access log.
        if request.user.is_staff:
            raise PermissionDenied
        enrollment = enrollment_of(request.user)
        if enrollment is None:
            return render(request, "workouts/no_seat.html")
        request.enrollment = enrollment
        request.at = timezone.now()
        request.today = local_day(request.at, request.user.zone)
        request.parameters = parameters_of(enrollment.cohort, week_starts_on=monday_of(request.today))
        # Read on every page, because the base template shows the stop and every page may give advice.
        request.stop = open_stop(enrollment)
        return view(request, *args, **kwargs)

    return guarded
