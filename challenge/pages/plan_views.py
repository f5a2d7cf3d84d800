"""`/admin/cohorts/`: the owner plans the next cohort on one page, looks at it as runners will, and announces it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.queries import is_owner
from challenge.accounts.query_parameters import takes
from challenge.accounts.staff import StaffRequest, for_staff
from challenge.calls.schedule_models import Availability
from challenge.enrollment.cohort_actions import (
    CannotJoinTeam,
    CannotPublish,
    SomebodyJoined,
    announce_cohort,
    begin_cohorts,
    delete_cohort,
)
from challenge.enrollment.emails import preview_emails
from challenge.enrollment.models import Cohort
from challenge.enrollment.queries import caring_clinicians, cohort_state, has_seats
from challenge.enrollment.waiting_list import queue_counts
from challenge.intake.queries import join_state
from challenge.outcomes.definition import Questionnaire, occasions_of
from challenge.outcomes.queries import definitions, in_force
from challenge.pages.openings import announcement
from challenge.pages.plan_forms import PlanForm, copied_values
from challenge.pages.views import home_context

TAKEN_JUST_NOW = "A cohort got this address just now. Look at the overview, or choose another word."


@dataclass(frozen=True)
class ChecklistLine:
    """One line of the checklist; `stops` is true if the cohort cannot be announced like this."""

    sentence: str
    stops: bool = False


@for_staff(is_owner)
@takes(copy=str)
@require_http_methods(["GET", "HEAD", "POST"])
def next_cohort(request: StaffRequest) -> HttpResponse:
    """Show the next cohort as a copy of the last one, or of `?copy=`; POST stores it, not announced."""
    slug, at = request.GET.get("copy"), timezone.now()
    before = (
        get_object_or_404(Cohort, slug=slug) if slug else Cohort.objects.order_by("-starts_on", "-pk").first()
    )
    if request.method != "POST":
        return _page(request, PlanForm(initial=copied_values(before, at=at)), None, at=at, before=before)
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _page(request, form, None, at=at, before=before, status=422)
    try:
        cohort = form.save_plan(copied_from=before, by=request.user, at=at)
    except IntegrityError:  # the form was sent twice, or a colleague took the address in the same moment
        form.add_error("slug", TAKEN_JUST_NOW)
        return _page(request, form, None, at=at, before=before, status=422)
    messages.success(request, f"{cohort} is planned. Look it over, then announce it.")
    return redirect("plan_cohort", slug=cohort.slug)


@for_staff(is_owner)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: StaffRequest, slug: str) -> HttpResponse:
    """Show one cohort to come with its checklist; POST changes it."""
    at, cohort = timezone.now(), get_object_or_404(Cohort, slug=slug)
    if request.method == "POST":
        # The worker that marks the beginning may be late or down, and a cohort that has begun keeps its dates.
        begin_cohorts(at=at, cohort=cohort)
        cohort.refresh_from_db()
    if cohort.begun_at is not None or cohort.closed_at is not None:
        return redirect("seats_admin:seats", slug=slug)
    if request.method != "POST":
        return _page(request, PlanForm(instance=cohort), cohort, at=at)
    return _change_plan(request, cohort, at=at)


def _change_plan(request: StaffRequest, cohort: Cohort, *, at: datetime) -> HttpResponse:
    slug = cohort.slug
    try:
        with transaction.atomic():
            # Two owners who save at the same time take turns, and so does someone who claims a seat in the meantime.
            locked = get_object_or_404(Cohort.objects.select_for_update(no_key=True), pk=cohort.pk)
            form = PlanForm(request.POST, instance=locked)
            saved = form.save_plan(copied_from=None, by=request.user, at=at) if form.is_valid() else None
    except CannotJoinTeam as refusal:
        saved = None
        form.add_error("clinicians", str(refusal))
    except IntegrityError:
        saved = None
        form.add_error("slug", TAKEN_JUST_NOW)
    if saved is None:
        return _page(request, form, get_object_or_404(Cohort, slug=slug), at=at, status=422)
    messages.success(request, "Saved.")
    return redirect("plan_cohort", slug=saved.slug)


def _page(
    request: HttpRequest,
    form: PlanForm,
    cohort: Cohort | None,
    *,
    at: datetime,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "form": form,
        "cohort": cohort,
        "missing": missing(cohort, at=at) if cohort is not None else [],
        "has_seats": cohort is not None and has_seats(cohort),
        "questionnaires": _questionnaires(cohort) if cohort is not None else [],
        "waiting": sum(queue_counts().values()),
        **admin.site.each_context(request),
        **more,
    }
    return render(request, "pages/plan.html", context, status=status)


def _questionnaires(cohort: Cohort) -> list[tuple[str, str]]:
    """Return each questionnaire in force with when this cohort is asked it, for every cohort is asked the same."""
    return [(one.title, _asked(one, cohort)) for one in in_force(definitions())]


def _asked(one: Questionnaire, cohort: Cohort) -> str:
    if one.schedule.every_week:
        return "every week"
    asked = occasions_of(one, starts_on=cohort.starts_on, weeks=cohort.weeks)
    return ", ".join(
        f"{occasion.label.lower()} ({occasion.opens_on:%b} {occasion.opens_on.day})"
        if occasion.opens_on
        else occasion.label.lower()
        for occasion in asked
    )


def missing(cohort: Cohort, *, at: datetime) -> list[ChecklistLine]:
    """Return what the cohort still lacks, what stops the announcement first."""
    people = list(cohort.clinicians.values_list("user", flat=True))
    lines = []
    if not caring_clinicians(people).exists():
        lines.append(ChecklistLine("A clinician who can act.", stops=True))
    if timezone.localdate(at) > cohort.starts_on:
        lines.append(ChecklistLine("A start that is still to come.", stops=True))
    if people and not Availability.objects.filter(staff__in=people).exists():
        lines.append(ChecklistLine("Hours for calls: none of its clinicians takes calls yet."))
    if cohort.early_access_at is None:
        lines.append(
            ChecklistLine("A time for early access: without one no one is invited before the others.")
        )
    if cohort.opens_at < at and cohort.announced_at is None:
        lines.append(
            ChecklistLine(
                "A later opening time: with this one, everyone could claim a seat the moment you announce it."
            )
        )
    return lines


@for_staff(is_owner)
@require_safe
def preview(request: StaffRequest, slug: str, page: str) -> HttpResponse:
    """Show a public page or the emails of a cohort as people will see them, before it is announced."""
    at, cohort = timezone.now(), get_object_or_404(Cohort, slug=slug)
    if page == "home":
        shown = announcement(cohort_state(cohort=cohort, at=at), at=at)
        return render(request, "pages/home.html", home_context(shown) | {"now_at": at})
    if page == "join":
        state = join_state(cohort=cohort, user=None, at=at)
        return render(request, "intake/join.html", {"state": state, "now": at, "join_path": request.path})
    context = {"cohort": cohort, "emails": preview_emails(cohort=cohort, at=at)}
    return render(request, "pages/plan_emails.html", context | admin.site.each_context(request))


@for_staff(is_owner)
@require_POST
def announce(request: StaffRequest, slug: str) -> HttpResponse:
    """Announce the cohort, once."""
    cohort = get_object_or_404(Cohort, slug=slug)
    try:
        announce_cohort(cohort=cohort, at=timezone.now())
    except CannotPublish as refusal:
        messages.error(request, f"Not announced. {refusal}")
    else:
        messages.success(request, f"{cohort} is announced: it’s on the home page.")
    return redirect("plan_cohort", slug=slug)


@for_staff(is_owner)
@require_POST
def delete(request: StaffRequest, slug: str) -> HttpResponse:
    """Delete a cohort that no one has joined."""
    cohort = get_object_or_404(Cohort, slug=slug)
    try:
        delete_cohort(cohort=cohort)
    except SomebodyJoined as refusal:
        messages.error(request, str(refusal))
        return redirect("plan_cohort", slug=slug)
    messages.success(request, f"{cohort} is deleted.")
    return redirect("overview")
