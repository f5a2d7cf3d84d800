"""The owner's pages: `/admin/overview/`, `/admin/check/`, `/admin/people/`, and `/admin/access/`: who looked at
whose data.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import redis
from django.contrib import admin, messages
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import CharField, Count
from django.db.models.expressions import Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import is_owner
from challenge.accounts.query_parameters import NUMBER, takes
from challenge.accounts.staff import StaffRequest, for_staff
from challenge.enrollment.cohort_forms import cohorts_left_alone
from challenge.enrollment.models import Cohort
from challenge.operations.doctor import PARTS_FOR_A_PAGE, TASK_WITHIN_FOR_A_PAGE_S, examine
from challenge.operations.overview import (
    cohort_numbers,
    cohorts_in_numbers,
    lines,
    needs,
    second_factors,
    undelivered_mail,
)
from challenge.operations.people import (
    CannotClosePerson,
    CannotInvitePerson,
    CloseColleagueForm,
    ColleagueForm,
    calls_ahead_of,
    close_colleague,
    colleagues,
    invite_colleague,
    open_flags_of,
)

CHECK_AGAIN_AFTER_S = 60
COHORTS_A_PAGE, LOOKS_A_PAGE = 25, 50
RUNNER_NAME = Coalesce(
    NullIf("runner__name", Value("")),
    "runner__email",
    Value("someone who left"),
    output_field=CharField(),
)
FIRST_DAY = date(2020, 1, 1)


@for_staff(is_owner)
@takes(page=NUMBER)
@require_safe
@never_cache
def overview(request: StaffRequest) -> HttpResponse:
    """Show the owner what needs them, then each cohort in numbers."""
    at = timezone.now()
    shown = Paginator(cohorts_in_numbers(), COHORTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "needs": list(needs(at=at)),
        "factors": second_factors(),
        "lines": lines(list(shown), at=at),
        "cohorts": shown,
        "undelivered": undelivered_mail(at=at),
        **admin.site.each_context(request),
    }
    return render(request, "operations/overview.html", context)


@for_staff(is_owner)
@require_safe
@never_cache
def cohort_in_numbers(request: StaffRequest, cohort: str) -> HttpResponse:
    """Show the owner one cohort's retention, adherence, outcomes and response times, and who is on call."""
    chosen = get_object_or_404(Cohort, slug=cohort)
    context = {
        "cohort": chosen,
        "numbers": cohort_numbers(chosen, at=timezone.now()),
        "title": chosen.name,
        **admin.site.each_context(request),
    }
    return render(request, "operations/cohort_numbers.html", context)


@for_staff(is_owner)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def check(request: StaffRequest) -> HttpResponse:
    """Let the owner ask every part, as `manage.py doctor` does, with a test email to their own address."""
    context: dict[str, Any] = {"address": request.user.email, **admin.site.each_context(request)}
    if request.method == "POST":
        if _was_just_checked():
            context["refusal"] = "A check has just begun or ended. Give it a minute."
            return render(request, "operations/check.html", context, status=429)
        context["findings"] = list(
            examine(
                mail_to=request.user.email, only=PARTS_FOR_A_PAGE, worker_within_s=TASK_WITHIN_FOR_A_PAGE_S
            )
        )
    return render(request, "operations/check.html", context)


def _was_just_checked() -> bool:
    try:
        return not cache.add("owner-check", "begun", CHECK_AGAIN_AFTER_S)
    except (redis.RedisError, OSError):  # which is what the check then reports
        return False


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= timezone.localdate() else None


@for_staff(is_owner)
@require_safe
def people(request: StaffRequest) -> HttpResponse:
    """List everyone who works here, with roles, cohorts and whether a second factor is set up."""
    context = {"people": colleagues(), **admin.site.each_context(request)}
    return render(request, "operations/people.html", context)


@for_staff(is_owner)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: StaffRequest) -> HttpResponse:
    """Invite a colleague by email, with roles and cohorts."""
    form = ColleagueForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person = invite_colleague(**form.cleaned_data, by=request.user, at=timezone.now())
        except CannotInvitePerson as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, f"{person} is invited: the email says how to sign in.")
            return redirect("people")
    context = {"form": form, **admin.site.each_context(request)}
    return render(request, "operations/invite.html", context, status=422 if form.errors else 200)


@for_staff(is_owner)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close a colleague's account, once someone takes over what is open."""
    at, person = timezone.now(), get_object_or_404(User, pk=pk, is_staff=True)
    form = CloseColleagueForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            close_colleague(person=person, successor=form.cleaned_data["successor"], by=request.user, at=at)
        except CannotClosePerson as refusal:
            form.add_error("successor", str(refusal))
        else:
            messages.success(request, f"{person}’s account is closed.")
            return redirect("people")
    return _close_page(request, person, form, at=at)


def _close_page(
    request: HttpRequest, person: User, form: CloseColleagueForm, *, at: datetime
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "person": person,
        "flags": open_flags_of(person).count(),
        "calls": calls_ahead_of(person, at=at).count(),
        "alone": list(cohorts_left_alone(person.pk)),
        **admin.site.each_context(request),
    }
    return render(request, "operations/close_person.html", context, status=422 if form.errors else 200)


@for_staff(is_owner)
@takes(day=_day, page=NUMBER)
@require_safe
def access(request: StaffRequest) -> HttpResponse:
    """Show one day's looks of staff at runners' data: one row for one page, with everyone on it behind it."""
    day = _day(request.GET.get("day", "")) or timezone.localdate()
    start = timezone.make_aware(datetime.combine(day, time.min))
    rows = (
        AccessEntry.objects.filter(at__gte=start, at__lt=start + timedelta(days=1))
        .values("viewer", "viewer__name", "viewer__email", "what", "at")
        .annotate(
            people=Count("runner", distinct=True),
            names=ArrayAgg(
                RUNNER_NAME,
                distinct=True,
                order_by=RUNNER_NAME,
            ),
        )
        .order_by("-at", "viewer", "what")
    )
    context = {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < timezone.localdate() else None,
        "looks": Paginator(rows, LOOKS_A_PAGE).get_page(request.GET.get("page")),
        **admin.site.each_context(request),
    }
    return render(request, "operations/access.html", context)
