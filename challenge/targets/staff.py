"""Who of the staff may see which runner's messages and weeks, and the wrapper of their pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from challenge.accounts.models import User
from challenge.accounts.queries import is_clinician
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import cohorts_of_clinician
from challenge.mail.models import OutboxMessage
from challenge.mail.queries import readable

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """What `for_clinicians` lets through."""

    user: User


def for_clinicians(view: View) -> View:
    """A page of the admin for clinicians; others of the staff get 403, strangers the sign-in."""

    @wraps(view)
    def checked(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_clinician(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(checked)


def page(request: HttpRequest, title: str, **context: Any) -> dict[str, Any]:
    """The admin's frame and this page's own."""
    return admin.site.each_context(request) | {"title": title} | context


def cohorts_of(user: User) -> QuerySet[Cohort]:
    """A clinician's own cohorts; a superuser's are all."""
    rows = Cohort.objects.all() if user.is_superuser else cohorts_of_clinician(user)
    return rows.order_by("-starts_on", "name")


def cohort_or_404(user: User, slug: str) -> Cohort:
    return get_object_or_404(cohorts_of(user), slug=slug)


def runner_or_404(user: User, pk: int) -> Enrollment:
    rows = Enrollment.objects.select_related("seat__cohort", "seat__user")
    return get_object_or_404(rows, pk=pk, seat__cohort__in=cohorts_of(user), seat__user__isnull=False)


def messages_of(user: User) -> QuerySet[OutboxMessage]:
    """Messages of the runners in one's care, and those to oneself; a superuser reads all but sign-in codes."""
    if user.is_superuser:
        return readable()
    runners = Enrollment.objects.filter(seat__cohort__in=cohorts_of(user)).values_list("pk", flat=True)
    return readable().filter(Q(about__in=[f"enrollment:{pk}" for pk in runners]) | Q(to_email=user.email))


def runner_of(message: OutboxMessage) -> Enrollment | None:
    """The runner a message is about, where it is about one."""
    kind, _, pk = message.about.partition(":")
    if kind != "enrollment" or not pk.isdigit():
        return None
    return Enrollment.objects.filter(pk=int(pk)).select_related("seat__cohort", "seat__user").first()
