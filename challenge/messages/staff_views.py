"""`/admin/messages/`: what waits for an answer, one runner's conversation, and a clinician's own templates."""

from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.actions import record_access, record_accesses
from challenge.accounts.fields import shows_nothing
from challenge.accounts.query_parameters import PRIMARY_KEY, takes
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.calls.models import Booking
from challenge.calls.queries import upcoming_calls
from challenge.enrollment.models import Enrollment
from challenge.enrollment.policies import runner_ids_visible_to, runners_visible_to
from challenge.messages import actions
from challenge.messages.forms import ClinicianMessageForm
from challenge.messages.models import Message, MessageTemplate
from challenge.messages.queries import PAGE, Waiting, pictures_in, templates_of, thread, waiting_runners
from challenge.messages.views import picture_response

WHAT = "messages"  # in the access log
CONFLICT, UNPROCESSABLE = 409, 422
UNSENT = "You wrote an answer: send it, or clear it to close without one."
NOTHING_WAITS = "Nothing was closed: a colleague was first, or the runner wrote again."


class WaitingRow(NamedTuple):
    """A runner who waits: since when, the newest message, the next call."""

    runner: Enrollment
    waits: Waiting
    last: Message
    call: Booking | None


@for_clinicians
@require_safe
def open_conversations(request: StaffRequest) -> HttpResponse:
    """List the runners whose messages wait, the longest first."""
    at = timezone.now()
    # By their numbers: with the whole condition in it the database would read every message that there ever was.
    waiting = waiting_runners(runner_ids_visible_to(request.user))
    runners = list(runners_visible_to(request.user).filter(pk__in=waiting))
    people = [runner.seat.user_id for runner in runners if runner.seat.user_id is not None]
    record_accesses(viewer=request.user, runners=people, what=WHAT, at=at)
    last = Message.objects.in_bulk([one.last for one in waiting.values()])
    calls: dict[str, Booking] = {}
    for call in upcoming_calls(emails=[runner.address for runner in runners], at=at):
        calls.setdefault(call.email, call)
    rows = [
        WaitingRow(runner, waiting[runner.pk], last[waiting[runner.pk].last], calls.get(runner.address))
        for runner in sorted(runners, key=lambda runner: waiting[runner.pk].since)
    ]
    return _render(
        request,
        "messages/staff/open.html",
        {"title": "Messages waiting for an answer", "rows": rows, "at": at},
    )


@for_clinicians
@takes(template=PRIMARY_KEY, before=PRIMARY_KEY)
@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one runner's conversation; send an answer, or close it without one."""
    enrollment = _runner(request, pk)
    if request.method != "POST":
        return _page(request, enrollment, ClinicianMessageForm(initial=_initial(request)))
    form = ClinicianMessageForm(request.POST)
    if "close" in request.POST:
        if not shows_nothing(request.POST.get("text", "")):
            form.add_error("text", UNSENT)
            return _page(request, enrollment, form, status=UNPROCESSABLE)
        return _close(request, enrollment)
    if not form.is_valid():
        return _page(request, enrollment, form, status=UNPROCESSABLE)
    text, title = form.cleaned_data["text"], form.cleaned_data["title"]
    if title:
        actions.save_template(user=request.user, title=title, text=text)
    try:
        actions.send_message(
            enrollment=enrollment,
            text=text,
            by=request.user,
            at=timezone.now(),
            seen=form.cleaned_data["seen"],
        )
    except actions.ConversationMoved as moved:
        form.add_error(None, str(moved))
        return _page(request, enrollment, form, status=CONFLICT)
    messages.success(request, "Sent to the runner’s page.")
    return redirect("messages_admin:conversation", enrollment.pk)


def _close(request: StaffRequest, enrollment: Enrollment) -> HttpResponse:
    seen = request.POST.get("seen", "")
    try:
        last = int(seen) if PRIMARY_KEY(seen) else 0
        actions.close_conversation(enrollment=enrollment, last=last, by=request.user, at=timezone.now())
    except actions.NothingToClose:
        messages.warning(request, NOTHING_WAITS)
    else:
        messages.success(request, "Closed: no answer needed. The runner sees that you read it.")
    return redirect("messages_admin:conversation", enrollment.pk)


def _initial(request: StaffRequest) -> dict[str, Any]:
    """Return the text of the template that `?template=` names, if it is their own."""
    asked = request.GET.get("template")
    if not asked:
        return {}
    return {"text": get_object_or_404(templates_of(request.user), pk=asked).text}


def _page(
    request: StaffRequest, enrollment: Enrollment, form: ClinicianMessageForm, *, status: int = 200
) -> HttpResponse:
    before = request.GET.get("before")
    shown = thread(enrollment, before=int(before) if before else None)
    calls = upcoming_calls(emails=[enrollment.address], at=timezone.now()) if enrollment.address else ()
    newest = (
        Message.objects.filter(enrollment=enrollment).order_by("-pk").values_list("pk", flat=True).first()
    )
    context = {
        "title": f"Messages with {enrollment.seat.user or 'a former runner'}",
        "enrollment": enrollment,
        "cohort": enrollment.cohort,
        "form": form,
        "thread": shown,
        "newest": newest or 0,
        "earlier": shown[-1].pk if len(shown) == PAGE else None,
        "waits": waiting_runners([enrollment.pk]).get(enrollment.pk),
        "templates": templates_of(request.user),
        "call": next(iter(calls), None),
    }
    return _render(request, "messages/staff/conversation.html", context, status=status)


@for_clinicians
@require_POST
def delete_template(request: StaffRequest, pk: int, template: int) -> HttpResponse:
    """Delete one's own template, and go back to the conversation."""
    get_object_or_404(MessageTemplate, user=request.user, pk=template).delete()
    messages.success(request, "The template is gone.")
    return redirect("messages_admin:conversation", pk)


@for_clinicians
@require_safe
def picture(request: StaffRequest, pk: int) -> HttpResponse:
    """Return a picture of a runner in this clinician's care, and record the look."""
    found = pictures_in(runners_visible_to(request.user)).filter(pk=pk).first()
    if found is None:
        raise Http404
    user = found.message.enrollment.seat.user
    if user is not None:
        record_access(viewer=request.user, runner=user, what="picture in a message", at=timezone.now())
    return picture_response(found)


def _runner(request: StaffRequest, pk: int) -> Enrollment:
    """Return the runner if this clinician may see the cohort, and record the look."""
    enrollment = get_object_or_404(runners_visible_to(request.user), pk=pk)
    if enrollment.seat.user is not None:
        record_access(viewer=request.user, runner=enrollment.seat.user, what=WHAT, at=timezone.now())
    return enrollment


def _render(
    request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, template, admin.site.each_context(request) | context, status=status)
