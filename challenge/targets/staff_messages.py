"""Staff read what was sent: every message but sign-in codes, as it went out, in a frame that can do nothing."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from challenge.accounts.actions import note_access, note_accesses
from challenge.accounts.queries import people_at
from challenge.accounts.query_parameters import NUMBER, PRIMARY_KEY, takes
from challenge.enrollment.queries import runners_written_to
from challenge.mail.actions import send_copy
from challenge.mail.models import State
from challenge.mail.preview import sandboxed
from challenge.mail.queries import addresses_in_trouble, in_trouble, refused_addresses
from challenge.targets.actions import TooLate, resend, write_again
from challenge.targets.queries import missing, overtaken, unwritten
from challenge.targets.staff import StaffRequest, cohorts_of, for_clinicians, messages_of, page, runner_of


@for_clinicians
@takes(runner=PRIMARY_KEY, page=NUMBER)
@require_safe
def overview(request: StaffRequest) -> HttpResponse:
    """What did not go out, whom to call, and every message, newest first; `?runner=` for one runner's."""
    at, mine = timezone.now(), messages_of(request.user)
    chosen = request.GET.get("runner", "")
    if chosen:
        mine = mine.filter(about=f"enrollment:{chosen}")
    listed = mine.defer("text", "html", "attachments", "headers").order_by("-created_at", "-pk")
    troubled = in_trouble(at=at).filter(pk__in=mine.values("pk")).defer("text", "html")[:50]
    shown = Paginator(listed, 50).get_page(request.GET.get("page"))
    refusing = addresses_in_trouble().filter(email__in=mine.values("to_email"))
    people = {*runners_written_to([*troubled, *shown]), *people_at(one.email for one in refusing)}
    note_accesses(viewer=request.user, runners=people, what="emails", at=at)
    context = page(
        request,
        "Messages",
        troubled=troubled,
        addresses=refusing,
        missing=missing(at=at),
        unwritten=sum(runners.count() for runners in unwritten(at=at)),
        cohorts=cohorts_of(request.user),
        listed=shown,
        runner=chosen,
    )
    return render(request, "targets/messages.html", context)


@for_clinicians
@require_POST
def addresses_again(request: StaffRequest) -> HttpResponse:
    """Writes again to an address that was refused (`address`), or to all of them (`every`)."""
    at, mine = timezone.now(), messages_of(request.user)
    refused = refused_addresses().filter(email__in=mine.values("to_email"))
    if "every" not in request.POST:
        chosen = request.POST.get("address", "")
        refused = refused.filter(pk=chosen) if chosen.isdecimal() and len(chosen) < 19 else refused.none()
    emails = list(refused.values_list("email", flat=True))
    note_accesses(viewer=request.user, runners=people_at(emails), what="emails", at=at)
    for email in emails:
        write_again(email=email, at=at)
    if emails:
        messages.success(request, "We write to them again. This week's email goes out within minutes.")
    else:
        messages.error(request, "There is no such refused address any more.")
    return redirect("targets_admin:messages")


@for_clinicians
@require_safe
def message(request: StaffRequest, pk: int) -> HttpResponse:
    """One message as it was sent, HTML in a frame and plain text beside it. Looking is noted."""
    row, at = get_object_or_404(messages_of(request.user), pk=pk), timezone.now()
    runner = runner_of(row)
    if runner is not None and runner.seat.user is not None:
        note_access(viewer=request.user, runner=runner.seat.user, what="email", at=at)
    may_resend = row.state == State.FAILED and not overtaken(row, at=at)
    return render(
        request,
        "targets/message.html",
        page(request, row.subject, row=row, runner=runner, may_resend=may_resend),
    )


@for_clinicians
@require_safe
def message_html(request: StaffRequest, pk: int) -> HttpResponse:
    """What the frame shows."""
    row = get_object_or_404(messages_of(request.user), pk=pk)
    if not row.html:
        raise Http404
    note_accesses(viewer=request.user, runners=runners_written_to([row]), what="email", at=timezone.now())
    return sandboxed(row.html)


@for_clinicians
@require_POST
def message_again(request: StaffRequest, pk: int) -> HttpResponse:
    """Sends a failed message again, unless the week it tells of was decided anew."""
    row = get_object_or_404(messages_of(request.user), pk=pk)
    try:
        again = resend(message=row, at=timezone.now())
    except TooLate as late:
        messages.error(request, f"Not sent. {late}")
        return redirect("targets_admin:message", pk=pk)
    if again:
        messages.success(request, "It goes out again in a moment.")
    else:
        messages.error(request, "Only a failed message can be sent again; this one is not failed any more.")
    return redirect("targets_admin:message", pk=pk)


@for_clinicians
@require_POST
def message_test(request: StaffRequest, pk: int) -> HttpResponse:
    """Sends a copy to oneself, without the runner's unsubscribe link."""
    row, at = get_object_or_404(messages_of(request.user), pk=pk), timezone.now()
    note_accesses(viewer=request.user, runners=runners_written_to([row]), what="copy of an email", at=at)
    send_copy(message=row, to=request.user.email, at=at)
    messages.success(request, "A copy is on its way to you.")
    return redirect("targets_admin:message", pk=pk)
