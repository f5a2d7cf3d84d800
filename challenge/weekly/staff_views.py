"""Staff pages: sent messages, and the coming weeks with planned cadences."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.actions import record_access, record_accesses
from challenge.accounts.models import User
from challenge.accounts.queries import user_ids_with_address
from challenge.accounts.query_parameters import NUMBER, PRIMARY_KEY, takes
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.policies import cohorts_visible_to, runners_visible_to
from challenge.enrollment.queries import recipient_ids
from challenge.mail.actions import send_copy
from challenge.mail.models import MessageState
from challenge.mail.queries import failing_addresses, failing_messages, refused_addresses
from challenge.mail.rendering import sandboxed_html_response
from challenge.weekly import actions
from challenge.weekly.actions import resend, write_again
from challenge.weekly.decide import TooLate
from challenge.weekly.due import count_missing, unwritten
from challenge.weekly.forms import CohortMessageForm, PlannedCadenceForm
from challenge.weekly.previews import ComingWeek, coming_week, coming_week_of
from challenge.weekly.queries import is_superseded, messages_of, runner_of


def _admin_context(request: HttpRequest, title: str, **context: Any) -> dict[str, Any]:
    """Return the context of the admin's frame with this page's own."""
    return admin.site.each_context(request) | {"title": title} | context


def _cohort_or_404(user: User, slug: str) -> Cohort:
    return get_object_or_404(cohorts_visible_to(user), slug=slug)


def _runner_or_404(user: User, pk: int) -> Enrollment:
    return get_object_or_404(runners_visible_to(user), pk=pk, seat__user__isnull=False)


@for_clinicians
@takes(runner=PRIMARY_KEY, page=NUMBER)
@require_safe
def overview(request: StaffRequest) -> HttpResponse:
    """Show what was not sent, whom to call, and every message, newest first; `?runner=` shows one runner's."""
    at, mine = timezone.now(), messages_of(request.user)
    chosen = request.GET.get("runner", "")
    if chosen:
        mine = mine.filter(about=f"enrollment:{chosen}")
    # Bodies and attachments are most of a row's size, and a list shows none of them.
    listed = mine.defer("text", "html", "attachments", "headers").order_by("-created_at", "-pk")
    troubled = failing_messages(at=at).filter(pk__in=mine.values("pk")).defer("text", "html")[:50]
    shown = Paginator(listed, 50).get_page(request.GET.get("page"))
    refusing = failing_addresses().filter(email__in=mine.values("to_email"))
    without_email = [
        runner
        for runners in unwritten(at=at)
        for runner in runners.filter(pk__in=runners_visible_to(request.user)).select_related(
            "seat__user", "seat__cohort"
        )
    ]
    people = {
        *recipient_ids([*troubled, *shown]),
        *(runner.seat.user_id for runner in without_email if runner.seat.user_id),
        *user_ids_with_address(address.email for address in refusing),
    }
    record_accesses(viewer=request.user, runners=people, what="emails", at=at)
    context = _admin_context(
        request,
        "Emails",
        troubled=troubled,
        addresses=refusing,
        missing=count_missing(at=at),
        unwritten=without_email,
        cohorts=cohorts_visible_to(request.user),
        listed=shown,
        runner=chosen,
    )
    return render(request, "weekly/messages.html", context)


@for_clinicians
@require_POST
def addresses_again(request: StaffRequest) -> HttpResponse:
    """Write again to a refused address (`address`), or to all of them (`every`)."""
    at, mine = timezone.now(), messages_of(request.user)
    refused = refused_addresses().filter(email__in=mine.values("to_email"))
    if "every" not in request.POST:
        chosen = request.POST.get("address", "")
        # Longer numbers do not fit a bigint: the query would fail instead of finding no row.
        refused = refused.filter(pk=chosen) if chosen.isdecimal() and len(chosen) < 19 else refused.none()
    emails = list(refused.values_list("email", flat=True))
    record_accesses(viewer=request.user, runners=user_ids_with_address(emails), what="emails", at=at)
    for email in emails:
        write_again(email=email, at=at)
    if emails:
        messages.success(request, "We’ll write to them again. This week’s email goes out within minutes.")
    else:
        messages.error(request, "That refused address isn’t on the list anymore.")
    return redirect("weekly_admin:messages")


@for_clinicians
@require_safe
def message(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one message as it was sent, as HTML in a frame and as plain text. The access log records it."""
    row, at = get_object_or_404(messages_of(request.user), pk=pk), timezone.now()
    # Messages to staff are about no runner, and leave no entry in the access log.
    runner = runner_of(row)
    if runner is not None and runner.seat.user is not None:
        record_access(viewer=request.user, runner=runner.seat.user, what="email", at=at)
    may_resend = row.state == MessageState.FAILED and not is_superseded(row, at=at)
    return render(
        request,
        "weekly/message.html",
        _admin_context(request, row.subject, row=row, runner=runner, may_resend=may_resend),
    )


@for_clinicians
@require_safe
def message_html(request: StaffRequest, pk: int) -> HttpResponse:
    """Serve the HTML of a message for its frame."""
    row = get_object_or_404(messages_of(request.user), pk=pk)
    if not row.html:
        raise Http404
    record_accesses(viewer=request.user, runners=recipient_ids([row]), what="email", at=timezone.now())
    return sandboxed_html_response(row.html)


@for_clinicians
@require_POST
def message_again(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a failed message again, unless it is superseded."""
    row = get_object_or_404(messages_of(request.user), pk=pk)
    try:
        is_queued = resend(message=row, at=timezone.now())
    except TooLate as late:
        messages.error(request, f"Not sent. {late}")
        return redirect("weekly_admin:message", pk=pk)
    if is_queued:
        messages.success(request, "It goes out again in a moment.")
    else:
        messages.error(request, "Only a failed message can be sent again; this one isn’t failed anymore.")
    return redirect("weekly_admin:message", pk=pk)


@for_clinicians
@require_POST
def message_test(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a copy to the clinician, without the runner's unsubscribe link."""
    row, at = get_object_or_404(messages_of(request.user), pk=pk), timezone.now()
    record_accesses(viewer=request.user, runners=recipient_ids([row]), what="copy of an email", at=at)
    send_copy(message=row, to=request.user.email, at=at)
    messages.success(request, "A copy is on its way to you.")
    return redirect("weekly_admin:message", pk=pk)


@for_clinicians
@require_safe
def coming(request: StaffRequest, cohort: str) -> HttpResponse:
    """Show every runner's next week as the engine would decide it now."""
    chosen = _cohort_or_404(request.user, cohort)
    at = timezone.now()
    rows = list(coming_week(cohort=chosen, at=at))
    people = [row.runner.seat.user_id for row in rows if row.runner.seat.user_id is not None]
    record_accesses(viewer=request.user, runners=people, what="coming week", at=at)
    return render(
        request, "weekly/coming.html", _admin_context(request, "The coming week", cohort=chosen, rows=rows)
    )


def _coming_or_404(runner: Enrollment) -> ComingWeek:
    week = coming_week_of(runner, at=timezone.now())
    if week is None:
        raise Http404
    return week


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def coming_runner(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one runner's coming week with its email, and set or hold the cadence, with a reason."""
    runner = _runner_or_404(request.user, pk)
    week = _coming_or_404(runner)
    form = PlannedCadenceForm(request.POST if request.method == "POST" else None, coming=week)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_coming_week(
                enrollment=runner,
                week_starts_on=week.week_starts_on,
                cadence_spm=form.cleaned_data["cadence_spm"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except TooLate as late:
            form.add_error(None, str(late))
        else:
            messages.success(request, "Set for the coming week. The preview below shows it.")
            return redirect("weekly_admin:coming_runner", pk=pk)
    if runner.seat.user is not None:
        record_access(viewer=request.user, runner=runner.seat.user, what="coming week", at=timezone.now())
    context = _admin_context(
        request, "The coming week", runner=runner, coming=week, form=form, email=week.email()
    )
    return render(request, "weekly/coming_runner.html", context, status=_status(form))


@for_clinicians
@require_POST
def take_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Take back the planned cadence, unless the page showed another week or another change."""
    runner = _runner_or_404(request.user, pk)
    week = _coming_or_404(runner)
    # A colleague may have set another value since the page was opened: do not take back what was not shown.
    if request.POST.get("seen") != week.mark:
        messages.error(
            request, "It was changed, or a new week has begun, since you opened the page. Look again."
        )
        return redirect("weekly_admin:coming_runner", pk=pk)
    actions.take_back_change(enrollment=runner, week_starts_on=week.week_starts_on, at=timezone.now())
    messages.success(request, "Taken back. The rules decide the coming week.")
    return redirect("weekly_admin:coming_runner", pk=pk)


@for_clinicians
@require_safe
def coming_html(request: StaffRequest, pk: int) -> HttpResponse:
    """Serve the HTML of the coming week's email for its frame."""
    runner = _runner_or_404(request.user, pk)
    email = _coming_or_404(runner).email()
    if email is None:
        raise Http404
    people = [runner.seat.user_id] if runner.seat.user_id is not None else []
    record_accesses(viewer=request.user, runners=people, what="coming week", at=timezone.now())
    return sandboxed_html_response(email.html)


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def write_to_cohort(request: StaffRequest, cohort: str) -> HttpResponse:
    """Write one message to every runner of a cohort, in the layout of the clinic's emails."""
    chosen = _cohort_or_404(request.user, cohort)
    form = CohortMessageForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count = actions.write_to_cohort(
            cohort=chosen, at=timezone.now(), by=request.user, **form.cleaned_data
        )
        messages.success(request, f"On its way to {count} runners.")
        return redirect("weekly_admin:messages")
    context = _admin_context(request, "Write to the cohort", cohort=chosen, form=form)
    return render(request, "weekly/write.html", context, status=_status(form))


def _status(form: Form) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
