"""The join pages, and the preview of them for staff."""

from datetime import date, datetime
from typing import Any, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.models import User
from challenge.accounts.time_zones import UnclearZone, read_zone
from challenge.enrollment.actions import HOLD, SeatRefused, claim_seat, hold_seat, withdraw
from challenge.enrollment.eligibility import cohort_for
from challenge.enrollment.emails import start_calendar as calendar_of
from challenge.enrollment.models import TAKEN, Cohort, EndReason, Seat, SeatState
from challenge.enrollment.queries import enrollment_of, held_elsewhere, seat_of
from challenge.intake import queries
from challenge.intake.actions import drop_draft, finish, save_draft
from challenge.intake.fields import StepForm
from challenge.intake.forms import STEPS, answers_of, initial_of
from challenge.intake.known_answers import KnownAnswers, known_answers
from challenge.intake.queries import draft_of, intake_of, join_state, stop_in_draft
from challenge.protocol.local_week import local_day
from thrive.bodies import takes_files

ORDER = list(STEPS)


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Show the cohort to join; POST holds a seat for a signed-in person."""
    at = timezone.now()
    user = request.user if request.user.is_authenticated else None
    if request.method == "POST":
        if user is None:
            return redirect("/accounts/signup/?next=/join/")
        try:
            if claim_seat(user=user, at=at) is not None:
                return redirect("intake")
        except SeatRefused:
            # Not `redirect`: it looks for a view named like the URL, which in a rush costs more than the claim.
            return HttpResponseRedirect(f"{reverse('join')}?missed")
    return _join_page(request, cohort_for(user, at=at), user, at)


@require_http_methods(["GET", "HEAD", "POST"])
def join_cohort(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one of several announced cohorts at its own address; POST holds a seat there."""
    at = timezone.now()
    user = request.user if request.user.is_authenticated else None
    announced = Cohort.objects.filter(Q(is_public=True) | Q(pk__in=_held_by(user)))
    cohort = get_object_or_404(announced, slug=slug)
    if request.method == "POST":
        if user is None:
            return redirect(f"/accounts/signup/?next={quote(request.path)}")
        try:
            hold_seat(cohort=cohort, user=user, by=user, at=at)
        except SeatRefused:
            return HttpResponseRedirect(f"{request.path}?missed")
        return redirect("intake")
    return _join_page(request, cohort, user, at)


def _held_by(user: User | None) -> QuerySet[Seat, int]:
    return Seat.objects.filter(TAKEN, user=user, user__isnull=False).values_list("cohort", flat=True)


def _join_page(
    request: HttpRequest, cohort: Cohort | None, user: User | None, at: datetime, status: int = 200
) -> HttpResponse:
    state = join_state(cohort=cohort, user=user, at=at)
    refused = status == 409 or "missed" in request.GET
    hold_minutes = f"{HOLD.total_seconds() // 60:.0f}"
    # /join/ holds a seat where the person is led; everywhere else the button means the cohort that is shown.
    here = request.path == reverse("join") or cohort is None
    path = reverse("join") if here or cohort is None else reverse("join_cohort", args=[cohort.slug])
    context = {
        "state": state,
        "now": at,
        "refused": refused,
        "hold_minutes": hold_minutes,
        "join_path": path,
    }
    return render(request, "intake/join.html", context, status=status)


@login_required
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Release a held seat before it is confirmed, and keep the draft."""
    at, user = timezone.now(), cast(User, request.user)
    cohort = cohort_for(user, at=at)
    seat = seat_of(cohort=cohort, user=user) if cohort is not None else None
    if seat is not None and seat.state == SeatState.HELD:
        withdraw(seat=seat, reason=EndReason.RELEASED, by=user, at=at)
        messages.info(request, "The seat is open to others again. We kept what you typed.")
    return redirect("join")


@takes_files()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def intake(request: HttpRequest, step: str) -> HttpResponse:
    """Show and save one page of the intake; the last one confirms the seat."""
    if step not in STEPS:
        raise Http404
    at, user = timezone.now(), cast(User, request.user)
    cohort = cohort_for(user, at=at)
    state = join_state(cohort=cohort, user=user, at=at)
    if cohort is not None and state.name == "confirmed" and _has_answered(user, cohort):
        return _redirect_to_done(request, cohort, user)
    today = _today(user, at)
    if cohort is None or state.name in {"staff", "early"}:
        return _redirect_without_seat(request, user, step, today, at)
    if request.method == "POST":
        return _save_step(request, cohort, user, step, today, at)
    if state.name == "closed":
        return redirect("join")
    known = known_answers(user, cohort=cohort)
    form = STEPS[step](initial=_first_values(user, step, known), today=today)
    # The account was given the clinic's zone; a draft or an earlier challenge holds a choice.
    guess = known is None and "time_zone" not in draft_of(user).get("you", {})
    return _step_page(request, form, step, state, at, zone_is_a_guess=guess, known=known)


def _today(user: User, at: datetime) -> date:
    """Return the day in the time zone that they chose on the first page, in which the answers are dated."""
    typed = draft_of(user).get("you", {}).get("time_zone") or [""]
    try:
        zone = ZoneInfo(read_zone(typed[-1]))
    except UnclearZone:
        zone = user.zone
    return local_day(at, zone)


def _redirect_without_seat(
    request: HttpRequest, user: User, step: str, today: date, at: datetime
) -> HttpResponseRedirect:
    """Save the page as a draft although there is no seat to answer for yet, and go to the join page."""
    if request.method != "POST" or user.is_staff:
        return redirect("join")
    save_draft(user=user, step=step, typed=STEPS[step](request.POST, today=today).typed(), at=at)
    return redirect(f"{reverse('join')}?missed")


def _has_answered(user: User, cohort: Cohort | None) -> bool:
    """Return whether the intake of this cohort is stored; an earlier challenge's answers do not count.

    False also for a runner whom staff enrolled and who answers later.
    """
    enrollment = enrollment_of(user)
    same = enrollment is not None and cohort is not None and enrollment.cohort.pk == cohort.pk
    return enrollment is not None and same and intake_of(enrollment) is not None


def _first_values(user: User, step: str, known: KnownAnswers | None) -> dict[str, Any]:
    account = {
        "you": {"name": user.name, "phone": user.phone, "time_zone": user.time_zone},
        "running": {"unit": "km" if user.uses_kilometers else "mi"},
    }
    draft = draft_of(user).get(step, {})
    # A box that a draft leaves empty was unticked: what was known before must not tick it again.
    before = known.steps.get(step, {}) if known is not None and not draft else {}
    return account.get(step, {}) | before | initial_of(STEPS[step], draft)


def _step_page(
    request: HttpRequest,
    form: StepForm,
    step: str,
    state: Any,
    at: datetime,
    status: int = 200,
    *,
    zone_is_a_guess: bool = False,
    known: KnownAnswers | None = None,
) -> HttpResponse:
    context = {
        "known": known if step != "you" else None,
        "zone_is_a_guess": zone_is_a_guess,
        "form": form,
        "step": step,
        "steps": ORDER,
        "number": ORDER.index(step) + 1,
        "before": ORDER[ORDER.index(step) - 1] if ORDER.index(step) else None,
        "here": reverse("intake_step", args=[step]),
        "back": reverse("intake_step", args=[ORDER[ORDER.index(step) - 1]]),
        "state": state,
        "now": at,
        "consent": queries.current(),
    }
    if (ticked := stop_in_draft(cast(User, request.user))) is not None:
        context["stop"] = ticked  # a flag is raised only when they confirm
    return render(request, f"intake/{step}.html", context, status=status)


def _save_step(
    request: HttpRequest, cohort: Cohort, user: User, step: str, today: date, at: datetime
) -> HttpResponse:
    form = STEPS[step](request.POST, request.FILES, today=today)
    form.is_valid()
    # Before any refusal: nothing that was typed may be lost.
    save_draft(user=user, step=step, typed=form.typed(), at=at)
    state = join_state(cohort=cohort, user=user, at=at)
    if state.name == "closed":
        return _join_page(request, cohort, user, at, status=409)
    if not form.is_valid():
        return _step_page(request, form, step, state, at, status=422)
    if step != ORDER[-1]:
        return redirect("intake_step", step=ORDER[ORDER.index(step) + 1])
    return _finish(request, cohort, user, today, at)


def _finish(request: HttpRequest, cohort: Cohort, user: User, today: date, at: datetime) -> HttpResponse:
    saved = draft_of(user)
    # Every page is validated once more: a draft may be incomplete, and days may have passed.
    forms = {name: form(MultiValueDict(saved.get(name, {})), today=today) for name, form in STEPS.items()}
    invalid = next((name for name, form in forms.items() if not form.is_valid()), None)
    if invalid is not None and _has_answered(user, cohort):
        # A double click: the first request confirmed the seat and deleted the draft that this one would read.
        drop_draft(user=user)
        return redirect("join_done")
    if invalid is not None:
        state = join_state(cohort=cohort, user=user, at=at)
        return _step_page(request, forms[invalid], invalid, state, at, status=422)
    try:
        finish(cohort=cohort, user=user, answers=answers_of(forms), by=user, at=at)
    except SeatRefused:
        return _join_page(request, cohort, user, at, status=409)
    return _redirect_to_done(request, cohort, user)


def _redirect_to_done(request: HttpRequest, cohort: Cohort, user: User) -> HttpResponse:
    """Redirect to the page of the confirmed seat; warn if they also hold a seat in another cohort."""
    held = held_elsewhere(cohort=cohort, user=user) if request.method == "POST" else None
    if held is not None:
        messages.warning(
            request,
            f"You can be in one challenge at a time, and you’re already in {cohort.name}, "
            f"so we didn’t take a seat in {held.cohort.name} for you.",
        )
    return redirect("join_done")


@login_required
@require_POST
def draft(request: HttpRequest, step: str) -> HttpResponse:
    """Save a page as a draft while it is being typed; the page's script calls this."""
    if step not in STEPS:
        raise Http404
    at, user = timezone.now(), cast(User, request.user)
    form = STEPS[step](request.POST, today=local_day(at, user.zone))
    if not user.is_staff and not _has_answered(user, cohort_for(user, at=at)):
        save_draft(user=user, step=step, typed=form.typed(), at=at)
    return HttpResponse(status=204)


@login_required
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Show the confirmed seat: the bib, the start, and what to do until then."""
    enrollment = enrollment_of(cast(User, request.user))
    if enrollment is None:
        return redirect("join")
    context = {
        "enrollment": enrollment,
        "seat": enrollment.seat,
        "cohort": enrollment.cohort,
        "unanswered": intake_of(enrollment) is None,
    }
    return render(request, "intake/done.html", context)


@login_required
@require_safe
def start_calendar(request: HttpRequest) -> HttpResponse:
    """Return the start date as a calendar file."""
    enrollment = enrollment_of(cast(User, request.user))
    if enrollment is None:
        raise Http404
    response = HttpResponse(calendar_of(enrollment), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="pain-free-runner-challenge.ics"'
    return response


@takes_files()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join_preview(request: HttpRequest, step: str) -> HttpResponse:
    """Show staff one page as runners see it; validate a POST and store nothing."""
    user = cast(User, request.user)
    if not user.is_staff or step not in STEPS:
        raise Http404
    today = local_day(timezone.now(), user.zone)
    if request.method == "POST":
        form = STEPS[step](request.POST, request.FILES, today=today)
        if form.is_valid():
            following = ORDER.index(step) + 1
            return (
                redirect("join_preview", step=ORDER[following])
                if following < len(ORDER)
                else redirect("join")
            )
    else:
        form = STEPS[step](today=today, initial={"unit": "mi", "time_zone": user.time_zone})
    index = ORDER.index(step)
    context = {
        "form": form,
        "step": step,
        "steps": ORDER,
        "number": index + 1,
        "before": ORDER[index - 1] if index else None,
        "here": request.path,
        "back": reverse("join_preview", args=[ORDER[index - 1]]) if index else "",
        "preview": True,
        "consent": queries.current(),
    }
    return render(request, f"intake/{step}.html", context, status=422 if form.errors else 200)
