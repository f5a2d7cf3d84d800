"""Answer questions: on the board, on one runner's page, several at the same time, and take an answer back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts import kept_forms
from challenge.accounts.fields import FreeTextField, shows_nothing
from challenge.accounts.models import User
from challenge.accounts.query_parameters import PRIMARY_KEY, takes
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.care.actions import AlreadyClosed, acknowledge_flag
from challenge.care.models import Flag
from challenge.care.questions import is_about_safety
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.policies import opened_until, runners_visible_to
from challenge.enrollment.queries import active_enrollments
from challenge.protocol.sentences.facts import count
from challenge.protocol.vocabulary import FlagKind
from challenge.review import actions
from challenge.review.answer_forms import form_of
from challenge.review.board import FILTERS, matches
from challenge.review.queries import flags_of
from challenge.review.runner_summary import runner_summaries
from challenge.review.undo import CannotUndo, undo_decision
from challenge.review.views import (
    CONFLICT,
    as_query,
    back_to,
    cohort_or_404,
    local_today,
    runner_or_404,
    runner_page,
)

MOST_AT_ONCE = 200
LONGEST_REASON = 2000


def _flags(enrollment: Enrollment) -> QuerySet[Flag]:
    return flags_of(Enrollment.objects.filter(pk=enrollment.pk))


@for_clinicians
@takes(**FILTERS)
@require_http_methods(["GET", "POST"])
def take(request: StaffRequest, cohort: str, pk: int, flag: int) -> HttpResponse:
    """Assign a flag to the clinician; the first one wins."""
    enrollment = runner_or_404(request, cohort, pk)
    if request.method == "GET":
        return back_to(request, enrollment, "flags")
    row = get_object_or_404(_flags(enrollment), pk=flag)
    if acknowledge_flag(flag=row, by=request.user, at=timezone.now()):
        messages.success(request, "It’s yours now.")
    else:
        row.refresh_from_db()
        messages.warning(request, _why_not_taken(row, by=request.user))
    return back_to(request, enrollment, "flags")


def _why_not_taken(flag: Flag, *, by: User) -> str:
    if flag.closed_at is not None:
        return str(AlreadyClosed(flag))
    return "It’s yours already." if flag.taken_by_id == by.pk else "Someone took it before you."


@for_clinicians
@takes(**FILTERS)
@require_http_methods(["GET", "POST"])
def close(request: StaffRequest, cohort: str, pk: int, flag: int) -> HttpResponse:
    """Answer one question, which closes its flag; on refusal, show the runner's page with everything typed."""
    enrollment = runner_or_404(request, cohort, pk)
    if request.method == "GET":
        return back_to(request, enrollment, "flags")
    row = get_object_or_404(_flags(enrollment), pk=flag)
    form = form_of(row, request.POST, today=local_today(enrollment))
    if not form.run(by=request.user, at=timezone.now()):
        return runner_page(request, enrollment, closing={flag: form}, status=CONFLICT)
    messages.success(request, form.done)
    # A record opened by emergency access has no board to go back to.
    if "on_board" in request.POST and opened_until(request.user, enrollment) is None:
        return _board(request, enrollment.cohort, place=f"runner-{pk}")
    return back_to(request, enrollment, "flags")


@for_clinicians
@takes(**FILTERS)
@require_http_methods(["GET", "POST"])
def undo(request: StaffRequest, cohort: str, pk: int) -> HttpResponse:
    """Take back a decision of the last minutes; what it answered is asked again."""
    enrollment = runner_or_404(request, cohort, pk)
    if request.method == "POST":
        try:
            undone = undo_decision(
                enrollment=enrollment, key=request.POST.get("key", ""), by=request.user, at=timezone.now()
            )
        except CannotUndo as refusal:
            messages.warning(request, str(refusal))
        else:
            asked = " The question it answered is open again." if undone.asks_again else ""
            messages.success(request, f"Taken back.{asked}")
    return back_to(request, enrollment, "flags")


@for_clinicians
@takes(**FILTERS)
@require_http_methods(["GET", "POST"])
def answer_many(request: StaffRequest, cohort: str) -> HttpResponse:
    """Give several questions the same answer with the same reason; each is answered and stored for itself."""
    chosen = cohort_or_404(request, cohort)
    if request.method == "GET":
        return _board(request, chosen)
    ids = [int(value) for value in request.POST.getlist("flag") if PRIMARY_KEY(value)][:MOST_AT_ONCE]
    if why := _too_long(request.POST.get("note", "")):
        return _with_text_kept(request, why)
    flags = flags_of(runners_visible_to(request.user).filter(seat__cohort=chosen)).filter(pk__in=ids)
    answered, refused, several = 0, [], len({flag.enrollment_id for flag in flags}) > 1
    for flag in flags.order_by("pk"):
        # One refusal must not undo the answers about the others.
        if why := _answer_one_of(flag, request, several=several):
            refused.append(f"{flag.enrollment.seat.user or flag.enrollment}: {why}")
        else:
            answered += 1
    if answered or not flags:
        _say_how_many(request, answered, "question", "answered")
    if refused and not shows_nothing(request.POST.get("note", "")):
        return _with_text_kept(request, " ".join(refused))
    for sentence in refused:
        messages.warning(request, sentence)
    one = request.POST.get("runner", "")
    if PRIMARY_KEY(one):
        return back_to(request, runner_or_404(request, cohort, int(one)), "flags")
    return _board(request, chosen)


def _too_long(text: str) -> str:
    """Return the sentence that refuses a reason for many together, "" for one that fits."""
    try:
        FreeTextField(max_length=LONGEST_REASON, required=False).clean(text)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _with_text_kept(request: StaffRequest, why: str) -> HttpResponse:
    """Redirect to the page with the form, filled with what was typed: many questions have no page of their own."""
    return redirect(kept_forms.keep(request, owner=request.user.pk, why=why))


def _answer_one_of(flag: Flag, request: StaffRequest, *, several: bool) -> str:
    """Answer a question as one of many, of `several` runners or of one; return why not, "" if it was answered."""
    today = local_today(flag.enrollment)
    if flag.kind == FlagKind.STOP or (several and is_about_safety(flag, today=today)):
        return "This is about safety: answer it on this runner’s own page."
    form = form_of(flag, request.POST, today=today)
    if form.run(by=request.user, at=timezone.now()):
        return ""
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


@for_clinicians
@takes(**FILTERS)
@require_http_methods(["GET", "POST"])
def approve(request: StaffRequest, cohort: str) -> HttpResponse:
    """Follow, or hold against, every ticked proposal; a GET, as after signing in again, redirects to the board."""
    chosen = cohort_or_404(request, cohort)
    if request.method == "GET":
        return _board(request, chosen)
    written = request.POST.get("reason", "").strip()
    if why := _too_long(written):
        return _with_text_kept(request, why)
    proposals = _proposals(request, chosen)
    hold = request.POST.get("do") == "hold"
    usual = "Stays in this phase; decided on the board." if hold else "As proposed; decided on the board."
    result = actions.approve_proposals(
        proposals=proposals,
        reason=usual if shows_nothing(written) else written,
        hold=hold,
        by=request.user,
        at=timezone.now(),
    )
    if result.decided or not result.refused:
        _say_how_many(request, len(result.decided), "proposal", "decided")
    refused = [f"{runner.seat.user or runner}: {sentence}" for runner, sentence in result.refused]
    if refused and not shows_nothing(written):
        return _with_text_kept(request, " ".join(refused))
    for sentence in refused:
        messages.warning(request, sentence)
    place = f"runner-{proposals[0].enrollment.pk}" if len(proposals) == 1 else ""
    return _board(request, chosen, place=place)


def _say_how_many(request: HttpRequest, number: int, what: str, done: str) -> None:
    """Report how many were done together; none means that nothing was ticked."""
    if number:
        messages.success(request, f"{count(number, what)} {done}.")
    else:
        messages.warning(request, f"Nothing was ticked, so nothing was {done}.")


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
@takes(after=PRIMARY_KEY, **FILTERS)
@require_safe
def next_waiting(request: StaffRequest, cohort: str) -> HttpResponse:
    """Redirect to the next runner on the board who has something open, or to the board if no one has."""
    chosen = cohort_or_404(request, cohort)
    shown = [row for row in runner_summaries(chosen, at=timezone.now()) if matches(row, request.GET)]
    after = int(request.GET.get("after") or 0)
    here = next((n for n, row in enumerate(shown) if row.pk == after), -1)
    # Around the board once, so that what was left out comes again.
    for row in (*shown[here + 1 :], *shown[: max(here, 0)]):
        if row.waits:
            address = reverse("review:runner", kwargs={"cohort": chosen.slug, "pk": row.pk})
            return redirect(f"{address}{_query(request)}")
    messages.success(request, "No other runner is waiting for an answer.")
    return _board(request, chosen, place=f"runner-{after}" if after else "")


def _query(request: HttpRequest) -> str:
    """Return the board's filters as a query string, without the runner that one comes from."""
    kept = request.GET.copy()
    kept.pop("after", None)
    return as_query(kept)


def _board(request: HttpRequest, cohort: Cohort, *, place: str = "") -> HttpResponseRedirect:
    """Redirect to the board as it was filtered, at the runner that was answered."""
    address = reverse("review:board", kwargs={"cohort": cohort.slug})
    return HttpResponseRedirect(f"{address}{_query(request)}" + (f"#{place}" if place else ""))
