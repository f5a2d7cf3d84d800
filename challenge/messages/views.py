"""`/messages/`: the runner's side of the conversation, and its pictures."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.db.sealed import open_bytes
from challenge.enrollment.models import Enrollment
from challenge.messages import actions
from challenge.messages.forms import DraftForm, RunnerMessageForm, StopCheckForm
from challenge.messages.models import Message, MessagePicture
from challenge.messages.queries import (
    PAGE,
    conversation_of,
    draft_saved_ms,
    pictures_in,
    thread,
    unread_by_challenge,
    unread_by_runner,
    waiting_runners,
)
from challenge.protocol.reading_hours import NOT_AT_NIGHT, read_by
from challenge.protocol.sentences.stop import EMERGENCIES, EMERGENCY, stop_words
from challenge.protocol.vocabulary import Symptom
from challenge.workouts.access import RunnerRequest, challenge_shown, runner_page
from thrive.bodies import takes_files

UNPROCESSABLE = 422
BODY_BYTES = 40_000_000  # three pictures of a phone
PICTURE_POLICY = "sandbox; default-src 'none'"
SENT = "Sent. A clinician will read it by {by}, clinic time."
TOO_MANY = "That’s a lot of messages for one day, so this one wasn’t sent. We kept it here. If it can’t wait, call us."


@takes_files(most_bytes=BODY_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def message_list(request: RunnerRequest) -> HttpResponse:
    """Show the conversation, newest first, or take a message; on a refusal everything typed stays."""
    if request.method != "POST":
        return _page(request, RunnerMessageForm(draft=conversation_of(request.enrollment).draft))
    form = RunnerMessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    try:
        written = actions.write_message(
            enrollment=request.enrollment,
            key=form.form_key(),
            text=form.cleaned_data["text"],
            pictures=form.cleaned_data["pictures"],
            by=request.user,
            at=request.at,
        )
    except actions.TooManyMessages:
        form.add_error(None, TOO_MANY)
        return _page(request, form, status=UNPROCESSABLE)
    messages.success(request, SENT.format(by=_reads_by(request)))
    if written.words:
        return redirect("message_check", written.message.pk)
    return redirect("messages")


def _page(request: RunnerRequest, form: RunnerMessageForm, *, status: int = 200) -> HttpResponse:
    """Show the conversation of the present challenge, or of the one that `challenge` names: that one is only read."""
    shown, others = challenge_shown(request)
    before = request.GET.get("before", "")
    messages_shown = thread(shown, before=int(before) if _is_id(before) else None)
    unread = list(unread_by_runner(shown).order_by("-pk").values_list("pk", flat=True)[:PAGE])
    waiting = waiting_runners([shown.pk]).get(shown.pk)
    context: dict[str, Any] = {
        "form": form,
        "shown": shown,
        "is_present": shown.pk == request.enrollment.pk,
        "other_challenges": others,
        "unread_elsewhere": unread_by_challenge(request.user, but=shown) if others else [],
        "conversation": conversation_of(request.enrollment),
        "saved_at": draft_saved_ms(request.enrollment),
        "thread": messages_shown,
        "earlier": messages_shown[-1].pk if len(messages_shown) == PAGE else None,
        "unread": set(unread),
        "last_unread": unread[0] if unread else None,
        "waiting": waiting,
        "reads_by": _reads_by(request),
        "not_at_night": NOT_AT_NIGHT,
        "emergency": EMERGENCY,
    }
    return render(request, "messages/messages.html", context, status=status)


def _is_id(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) < 19


def _reads_by(request: RunnerRequest) -> str:
    return read_by(timezone.localdate(request.at))


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def stop_check(request: RunnerRequest, pk: int) -> HttpResponse:
    """After a message with a stop word: ask for the stop symptoms, and open the stop if there is one."""
    message = get_object_or_404(
        Message.objects.select_related("enrollment__seat__user"),
        enrollment=request.enrollment,
        from_runner=True,
        pk=pk,
    )
    if request.method == "POST" and "none" in request.POST:
        messages.info(request, "Good. Your message is still waiting for a clinician.")
        return redirect("messages")
    form = StopCheckForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        symptoms = [Symptom(value) for value in form.cleaned_data["symptoms"]]
        actions.report_stop(message=message, symptoms=symptoms, on=request.today, at=request.at)
        return redirect("log_stop")
    words = stop_words(message.text)
    context = {
        "form": form,
        "words": words,
        "is_emergency": bool(EMERGENCIES & {*words}),
        "emergency": EMERGENCY,
    }
    return render(request, "messages/check.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@require_POST
@runner_page
def draft(request: RunnerRequest) -> JsonResponse:
    """Keep what is typed so far; the page's script calls this."""
    form = DraftForm(request.POST)
    if form.is_valid():
        actions.save_draft(
            enrollment=request.enrollment,
            text=form.cleaned_data["text"],
            sent=form.cleaned_data["key"],
            at=request.at,
        )
    return JsonResponse({"saved": form.is_valid(), "at": draft_saved_ms(request.enrollment)})


@require_POST
@runner_page
def read(request: RunnerRequest) -> HttpResponse:
    """Mark the clinic's messages as read, up to the newest one that the page showed."""
    last = request.POST.get("last", "")
    if _is_id(last):
        shown, _ = challenge_shown(request)
        actions.mark_read(enrollment=shown, last=int(last), by=request.user, at=request.at)
    return redirect("messages")


@require_POST
@runner_page
def email_wish(request: RunnerRequest) -> HttpResponse:
    """Switch the emails about messages on or off."""
    wanted = request.POST.get("emails") == "on"
    actions.set_emails(enrollment=request.enrollment, wanted=wanted, at=request.at)
    messages.success(
        request,
        "We’ll email you when there’s a message." if wanted else "No more emails about messages.",
    )
    return redirect("messages")


@require_safe
@runner_page
def picture(request: RunnerRequest, pk: int) -> HttpResponse:
    """Return a picture of the runner's own messages; 404 for anyone else's."""
    own = Enrollment.objects.filter(seat__user=request.user)
    found = pictures_in(own).filter(pk=pk).first()
    if found is None:
        raise Http404
    return picture_response(found)


def picture_response(found: MessagePicture) -> HttpResponse:
    """Return a picture under a policy of its own: whatever it were, a browser would run nothing of it."""
    jpeg = open_bytes(found.sealed_key, bytes(found.content))
    response = HttpResponse(jpeg, content_type="image/jpeg")
    response["Content-Security-Policy"] = PICTURE_POLICY
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, no-store"
    return response
