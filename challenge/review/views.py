"""The cohort board and one runner's page. A GET only shows; each decision is a POST of its own."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.actions import record_access, record_accesses
from challenge.accounts.models import AddressChange, User
from challenge.accounts.queries import latest_changes, open_objection, waiting_change
from challenge.accounts.query_parameters import takes
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.care.actions import AlreadyClosed, acknowledge_flag
from challenge.care.flag_kinds import FLAG_KIND_CHOICES
from challenge.care.models import Flag
from challenge.enrollment.address_changes import CannotClear, CannotConfirm, clear_objection, confirm_change
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.policies import cohorts_visible_to, runners_visible_to
from challenge.enrollment.queries import active_enrollments
from challenge.protocol.local_week import monday_of
from challenge.review import actions
from challenge.review.board import FILTERS, acknowledgers, board_row, matches
from challenge.review.decision_forms import DECISIONS, CloseFlagForm
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
    context = {
        "title": chosen.name,
        "cohort": chosen,
        "rows": [board_row(summary, chosen, numbers) for summary in shown],
        "total": len(summaries),
        "approvable": [summary for summary in shown if summary.can_approve],
        "filters": request.GET,
        "kinds": FLAG_KIND_CHOICES,
        "takers": [("nobody", "nobody yet"), *acknowledgers(summaries)],
        "at": at,
    }
    return render_in_admin(request, "review/board.html", context)


@for_clinicians
@require_http_methods(["GET", "POST"])
def approve(request: StaffRequest, cohort: str) -> HttpResponse:
    """Follow every proposal without a flag; a GET, as after signing in again, redirects to the board."""
    chosen = cohort_or_404(request, cohort)
    if request.method == "POST":
        proposals = _proposals(request, chosen)
        reason = request.POST.get("reason", "").strip() or "As proposed; looked at on the board."
        at = timezone.now()
        result = actions.approve_proposals(proposals=proposals, reason=reason[:2000], by=request.user, at=at)
        messages.success(request, f"{len(result.decided)} decided.")
        for runner, sentence in result.refused:
            messages.warning(request, f"{runner.seat.user or runner}: {sentence}")
    return redirect("review:board", cohort=chosen.slug)


def _proposals(request: StaffRequest, cohort: Cohort) -> list[actions.Proposal]:
    """Return what was ticked, as `runner:phase:proposed`; invalid values are ignored."""
    ticked: dict[int, tuple[int, int]] = {}
    for value in request.POST.getlist("runner"):
        parts = value.split(":")
        # Eighteen digits fit a bigint; a longer id would be a database error.
        if len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts):
            ticked[int(parts[0])] = int(parts[1]), int(parts[2])
    runners = active_enrollments().filter(seat__cohort=cohort, pk__in=ticked).order_by("pk")
    return [actions.Proposal(runner, *ticked[runner.pk]) for runner in runners]


@for_clinicians
@require_safe
def runner(request: StaffRequest, cohort: str, pk: int) -> HttpResponse:
    """Show one runner's page and record the access."""
    return _runner_page(request, runner_or_404(request, cohort, pk))


@for_clinicians
@require_http_methods(["GET", "POST"])
def decide(request: StaffRequest, cohort: str, pk: int, what: str) -> HttpResponse:
    """Make one decision or entry; on refusal, show the page with the sentence and everything typed.

    A GET, as after signing in again, redirects to the form.
    """
    enrollment = runner_or_404(request, cohort, pk)
    if what not in FORMS:
        raise Http404
    if request.method == "GET":
        return _back(enrollment, what)
    at = timezone.now()
    form = FORMS[what](request.POST, prefix=what, enrollment=enrollment, today=_today(enrollment))
    if not form.run(seen=request.POST.get("seen", ""), by=request.user, at=at):
        return _runner_page(request, enrollment, bound={what: form}, status=CONFLICT)
    messages.success(request, form.done)
    return _back(enrollment, what)


@for_clinicians
@require_http_methods(["GET", "POST"])
def take(request: StaffRequest, cohort: str, pk: int, flag: int) -> HttpResponse:
    """Assign a flag to the clinician; the first one wins."""
    enrollment = runner_or_404(request, cohort, pk)
    if request.method == "GET":
        return _back(enrollment, "flags")
    row = get_object_or_404(Flag, enrollment=enrollment, pk=flag)
    if acknowledge_flag(flag=row, by=request.user, at=timezone.now()):
        messages.success(request, "It is yours now.")
    else:
        messages.warning(request, "Somebody took it before you.")
    return _back(enrollment, "flags")


@for_clinicians
@require_http_methods(["GET", "POST"])
def close(request: StaffRequest, cohort: str, pk: int, flag: int) -> HttpResponse:
    """Close a flag with a note."""
    enrollment = runner_or_404(request, cohort, pk)
    if request.method == "GET":
        return _back(enrollment, "flags")
    row = get_object_or_404(Flag, enrollment=enrollment, pk=flag)
    form = CloseFlagForm(request.POST, auto_id=f"flag-{flag}-%s", label_suffix="")
    if form.is_valid() and actions.needs_an_answer(row):
        form.add_error(None, actions.ANSWER_IT)
    elif form.is_valid():
        try:
            actions.close_flag(flag=row, note=form.cleaned_data["note"], by=request.user, at=timezone.now())
        except AlreadyClosed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Closed.")
            return _back(enrollment, "flags")
    return _runner_page(request, enrollment, closing={flag: form}, status=CONFLICT)


@for_clinicians
@require_http_methods(["GET", "POST"])
def confirm_address(request: StaffRequest, cohort: str, pk: int) -> HttpResponse:
    """Let the runner's new address open their account now, or clear an objection; needs a fresh sign-in."""
    enrollment = runner_or_404(request, cohort, pk)
    user = enrollment.seat.user
    change = waiting_change(user) if user is not None else None
    if request.method == "GET":
        return _back(enrollment, "address")
    if user is not None and "clear" in request.POST:
        return _clear_objection(request, enrollment, user)
    # The page may be old: confirm only the change that it showed.
    if change is None or request.POST.get("change") != str(change.pk):
        messages.warning(request, "That change does not wait any more.")
        return _back(enrollment, "address")
    try:
        confirm_change(change=change, by=request.user, at=timezone.now())
    except CannotConfirm as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "The new address opens the account now.")
    return _back(enrollment, "address")


def _address_notices(user: User | None) -> dict[str, AddressChange | None]:
    """Return the change of address that waits and the objection that is open, each or None."""
    # Most runners never had a change: one query answers both for them.
    if user is None or not latest_changes([user.pk]):
        return {"address_change": None, "address_objection": None}
    return {"address_change": waiting_change(user), "address_objection": open_objection(user)}


def _clear_objection(request: StaffRequest, enrollment: Enrollment, user: User) -> HttpResponse:
    try:
        clear_objection(user=user, by=request.user, at=timezone.now())
    except CannotClear as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "The objection is cleared.")
    return _back(enrollment, "address")


def _runner_page(
    request: StaffRequest,
    enrollment: Enrollment,
    *,
    bound: dict[str, RunnerForm] | None = None,
    closing: dict[int, CloseFlagForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the runner's page; `bound` and `closing` hold forms that came back with an error."""
    at = timezone.now()
    user = enrollment.seat.user
    if user is not None:
        record_access(viewer=request.user, runner=user, what="runner page", at=at)
    today = _today(enrollment)
    context = runner_context(enrollment, today=today, closing=closing or {})
    present = {
        "phase": context["phase"],
        "overrides": context["override"],
        "complaints": context["complaints"],
        "proposals": context["proposals"],
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
        **_address_notices(user),
        "refused": next(iter(bound), None) if bound else "flags" if closing else None,
        "title": user.get_full_name() if user is not None else "A former runner",
    }
    return render_in_admin(request, "review/runner.html", context, status=status)


def _today(enrollment: Enrollment) -> Any:
    user = enrollment.seat.user
    return timezone.localdate(timezone=user.zone) if user is not None else timezone.localdate()


def _back(enrollment: Enrollment, place: str) -> HttpResponseRedirect:
    address = reverse("review:runner", kwargs={"cohort": enrollment.cohort.slug, "pk": enrollment.pk})
    return HttpResponseRedirect(f"{address}#{place}")
