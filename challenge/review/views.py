"""The cohort board and one runner's page. A GET only shows; each decision is a POST of its own.

Answers to questions are in `answer_views`.
"""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.actions import record_access, record_accesses
from challenge.accounts.models import AddressChange, User
from challenge.accounts.queries import open_objection, waiting_change
from challenge.accounts.query_parameters import takes
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.care.flag_kinds import FLAG_KIND_CHOICES
from challenge.enrollment.address_changes import CannotClear, CannotConfirm, clear_objection, confirm_change
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.policies import cohorts_visible_to, opened_until, runners_visible_to
from challenge.protocol.local_week import monday_of
from challenge.review.answer_forms import FlagForm
from challenge.review.board import (
    FILTERS,
    acknowledgers,
    board_groups,
    board_row,
    matches,
    shared_missing,
    shared_questions,
    without_shared,
)
from challenge.review.decision_forms import DECISIONS
from challenge.review.forms import RECORDS, RunnerForm
from challenge.review.runner_page import runner_context
from challenge.review.runner_summary import runner_summaries

CONFLICT = 409
FORMS = DECISIONS | RECORDS


def render_in_admin(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page in the admin's frame, without its list of models, which would check every permission."""
    frame: dict[str, Any] = {
        "site_header": admin.site.site_header,
        "site_title": admin.site.site_title,
        "site_url": admin.site.site_url,
        "has_permission": True,
        "is_nav_sidebar_enabled": False,
        "available_apps": [],
    }
    return render(request, template, frame | context, status=status)


def cohort_or_404(request: StaffRequest, slug: str) -> Cohort:
    """Return the cohort if this staff member may see it."""
    return get_object_or_404(cohorts_visible_to(request.user), slug=slug)


def runner_or_404(request: StaffRequest, slug: str, pk: int) -> Enrollment:
    """Return the runner if this staff member may see the cohort."""
    return get_object_or_404(runners_visible_to(request.user), pk=pk, seat__cohort__slug=slug)


@for_clinicians
@require_safe
def cohorts(request: StaffRequest) -> HttpResponse:
    """List the clinician's cohorts; with a single one, redirect to its board."""
    mine = list(cohorts_visible_to(request.user))
    # Most clinicians have one cohort: spare them the list.
    if len(mine) == 1:
        return redirect("review:board", cohort=mine[0].slug)
    return render_in_admin(request, "review/cohorts.html", {"cohorts": mine, "title": "Your cohorts"})


@for_clinicians
@takes(**FILTERS)
@require_safe
def cohort_board(request: StaffRequest, cohort: str) -> HttpResponse:
    """Show one row a runner, worst first; the filters are in the query."""
    chosen = cohort_or_404(request, cohort)
    at = timezone.now()
    summaries = runner_summaries(chosen, at=at)
    people = [summary.user_id for summary in summaries]
    record_accesses(viewer=request.user, runners=people, what="cohort board", at=at)
    shown = [summary for summary in summaries if matches(summary, request.GET)]
    numbers = parameters_of(chosen, week_starts_on=monday_of(timezone.localdate()))
    rows = [board_row(summary, chosen, numbers) for summary in shown]
    missing = shared_missing(rows)
    context = {
        "title": chosen.name,
        "cohort": chosen,
        "groups": board_groups(without_shared(rows, missing)),
        "shared": shared_questions(rows),
        "missing": missing,
        "shown": len(rows),
        "total": len(summaries),
        "query": as_query(request.GET),
        "approvable": [summary for summary in shown if summary.can_approve],
        "filters": request.GET,
        "kinds": FLAG_KIND_CHOICES,
        "takers": [("nobody", "no one yet"), *acknowledgers(summaries)],
        "at": at,
    }
    return render_in_admin(request, "review/board.html", context)


@for_clinicians
@takes(**FILTERS)
@require_safe
def runner(request: StaffRequest, cohort: str, pk: int) -> HttpResponse:
    """Show one runner's page and record the access."""
    return runner_page(request, runner_or_404(request, cohort, pk))


@for_clinicians
@takes(**FILTERS)
@require_http_methods(["GET", "POST"])
def decide(request: StaffRequest, cohort: str, pk: int, what: str) -> HttpResponse:
    """Make one decision or entry; on refusal, show the page with the sentence and everything typed.

    A GET, as after signing in again, redirects to the form.
    """
    enrollment = runner_or_404(request, cohort, pk)
    if what not in FORMS:
        raise Http404
    if request.method == "GET":
        return back_to(request, enrollment, what)
    at = timezone.now()
    form = FORMS[what](request.POST, prefix=what, enrollment=enrollment, today=local_today(enrollment))
    if not form.run(seen=request.POST.get("seen", ""), by=request.user, at=at):
        return runner_page(request, enrollment, bound={what: form}, status=CONFLICT)
    messages.success(request, form.done)
    return back_to(request, enrollment, what)


@for_clinicians
@takes(**FILTERS)
@require_http_methods(["GET", "POST"])
def confirm_address(request: StaffRequest, cohort: str, pk: int) -> HttpResponse:
    """Let the runner's new address open their account now, or clear an objection; needs a fresh sign-in."""
    enrollment = runner_or_404(request, cohort, pk)
    user = enrollment.seat.user
    change = waiting_change(user) if user is not None else None
    if request.method == "GET":
        return back_to(request, enrollment, "address")
    if user is not None and "clear" in request.POST:
        return _clear_objection(request, enrollment, user)
    # The page may be old: confirm only the change that it showed.
    if change is None or request.POST.get("change") != str(change.pk):
        messages.warning(request, "That change isn’t waiting anymore.")
        return back_to(request, enrollment, "address")
    try:
        confirm_change(change=change, by=request.user, at=timezone.now())
    except CannotConfirm as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "The new address opens the account now.")
    return back_to(request, enrollment, "address")


def _address_notices(user: User | None) -> dict[str, AddressChange | None]:
    """Return the change of address that waits and the objection that is open, each or None; None for most runners."""
    if user is None:
        return {"address_change": None, "address_objection": None}
    return {"address_change": waiting_change(user), "address_objection": open_objection(user)}


def _clear_objection(request: StaffRequest, enrollment: Enrollment, user: User) -> HttpResponse:
    try:
        clear_objection(user=user, by=request.user, at=timezone.now())
    except CannotClear as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "The objection is cleared.")
    return back_to(request, enrollment, "address")


def runner_page(
    request: StaffRequest,
    enrollment: Enrollment,
    *,
    bound: dict[str, RunnerForm] | None = None,
    closing: dict[int, FlagForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the runner's page; `bound` and `closing` hold forms that came back with an error."""
    at = timezone.now()
    user = enrollment.seat.user
    if user is not None:
        record_access(viewer=request.user, runner=user, what="runner page", at=at)
    today = local_today(enrollment)
    context = runner_context(enrollment, today=today, at=at, closing=closing or {})
    present = {
        "phase": context["phase"],
        "overrides": context["override"],
        "complaints": context["complaints"],
        "proposals": context["proposals"],
        "recorded": context["recorded"],
    }

    def ready(kinds: dict[str, type[RunnerForm]]) -> dict[str, RunnerForm]:
        blank = {
            name: kind(prefix=name, enrollment=enrollment, today=today, **present)
            for name, kind in kinds.items()
        }
        return blank | {name: form for name, form in (bound or {}).items() if name in kinds}

    context |= {
        "decisions": ready(DECISIONS),
        "records": ready(RECORDS),
        **_address_notices(user if context["address_changed"] else None),
        "refused": next(iter(bound), None) if bound else "flags" if closing else None,
        "title": user.get_full_name() if user is not None else "A former runner",
        **_ways_on(request, enrollment),
    }
    return render_in_admin(request, "review/runner.html", context, status=status)


def _ways_on(request: StaffRequest, enrollment: Enrollment) -> dict[str, Any]:
    """Return the board's filters as the page's links keep them, and the address of the next runner who waits.

    A record opened by emergency access has neither: its board stays closed.
    """
    query = request.GET.copy()
    kept = as_query(query)
    if until := opened_until(request.user, enrollment):
        return {"query": kept, "next_address": "", "opened_until": until}
    query["after"] = str(enrollment.pk)
    address = reverse("review:next", kwargs={"cohort": enrollment.cohort.slug})
    return {"query": kept, "next_address": f"{address}?{query.urlencode()}"}


def local_today(enrollment: Enrollment) -> date:
    """Return the runner's local day; the clinic's for a former runner."""
    user = enrollment.seat.user
    return timezone.localdate(timezone=user.zone) if user is not None else timezone.localdate()


def back_to(request: HttpRequest, enrollment: Enrollment, place: str) -> HttpResponseRedirect:
    """Redirect to a place on the runner's page; the board's filters stay in the address for the way back."""
    address = reverse("review:runner", kwargs={"cohort": enrollment.cohort.slug, "pk": enrollment.pk})
    return HttpResponseRedirect(f"{address}{as_query(request.GET)}#{place}")


def as_query(filters: QueryDict) -> str:
    """Return the board's filters as an address ends with them: "" without any."""
    return f"?{filters.urlencode()}" if filters else ""
