"""Who reaches a review page: clinicians of the cohort. Each look at a runner's data is an AccessEntry."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from challenge.accounts.models import User
from challenge.accounts.queries import is_clinician
from challenge.enrollment.models import Cohort, Enrollment
from challenge.review.queries import cohorts_seen_by, runners_seen_by

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """What `for_clinicians` lets through."""

    user: User


def for_clinicians(view: View) -> View:
    """A page of the admin for clinicians; other staff get 403, strangers the sign-in."""

    @wraps(view)
    def checked(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_clinician(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(checked)


def cohort_or_404(request: StaffRequest, slug: str) -> Cohort:
    """The cohort, where it is one of theirs."""
    return get_object_or_404(cohorts_seen_by(request.user), slug=slug)


def runner_or_404(request: StaffRequest, slug: str, pk: int) -> Enrollment:
    """The runner, where they may see the cohort."""
    return get_object_or_404(runners_seen_by(request.user), pk=pk, seat__cohort__slug=slug)
