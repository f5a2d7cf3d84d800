"""Check-ins: a runner books one with a clinician of their cohort, or the clinician books or offers one.

Here is also the page behind the emailed link that confirms a call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST

from challenge.accounts.actions import record_access
from challenge.accounts.models import User
from challenge.accounts.rate_limits import DAY_S, is_within_limit
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.calls import actions
from challenge.calls.caller_actions import NotOffered, confirm_call, offer_check_in
from challenge.calls.emails import call_link, call_token, uid_to_confirm
from challenge.calls.forms import CheckInBookingForm
from challenge.calls.models import Booking, BookingState
from challenge.calls.queries import call_by_uid, calls_shown_to, check_in_staff, question_of
from challenge.calls.schedule_models import CallKind
from challenge.calls.slot_picker import SlotFinder, parse_search, slot_text
from challenge.calls.staff_time import SlotTaken
from challenge.calls.staff_views import TIMES
from challenge.calls.time_text import call_time
from challenge.enrollment.models import Enrollment
from challenge.enrollment.policies import runners_visible_to
from challenge.enrollment.queries import enrollment_of

CHECK_INS_A_DAY = 6
OVER_LIMIT = "You booked several check-ins today. Please call us, and we’ll find a time together."


@dataclass(frozen=True)
class Picker:
    """How one of the two pages books: for which runner, among whom, in whose name, and where it goes on."""

    runner: User
    among: frozenset[int]
    template: str
    done: Callable[[Booking], str]
    by: User | None = None

    @property
    def zone(self) -> str:
        """Return the reader's time zone."""
        return self.by.time_zone if self.by else self.runner.time_zone


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest) -> HttpResponse:
    """Show a week of times of the runner's own clinicians; with a time chosen, the form; book on POST."""
    user = request.user
    enrollment = enrollment_of(user) if isinstance(user, User) else None
    if not isinstance(user, User) or enrollment is None:
        raise Http404
    picker = Picker(
        runner=user,
        among=check_in_staff(enrollment.cohort.pk),
        template="calls/check_in.html",
        done=lambda call: call_link(call) + "?new",
    )
    return _pick(request, picker)


@for_clinicians
@TIMES
@require_http_methods(["GET", "HEAD", "POST"])
def book_for_runner(request: StaffRequest, pk: int) -> HttpResponse:
    """Book a check-in with one's own runner, or offer it; no notice is kept."""
    enrollment, runner = _runner(request, pk)
    record_access(viewer=request.user, runner=runner, what="check-in", at=timezone.now())
    picker = Picker(
        runner=runner,
        among=check_in_staff(enrollment.cohort.pk) & {request.user.pk},
        template="calls/staff/check_in.html",
        done=lambda call: reverse("calls_admin:call", args=[call.pk]),
        by=request.user,
    )
    return _pick(request, picker, enrollment=enrollment)


@for_clinicians
@require_POST
def offer(request: StaffRequest, pk: int) -> HttpResponse:
    """Mail the runner an offer, which stays on their today page until they book."""
    enrollment, runner = _runner(request, pk)
    try:
        offer_check_in(enrollment=enrollment, by=request.user, at=timezone.now())
    except NotOffered as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{runner.get_short_name()} gets an email, and sees it on their page.")
    return redirect("calls_admin:check_in", pk)


def _runner(request: StaffRequest, pk: int) -> tuple[Enrollment, User]:
    """Return a runner whom this clinician may see, with their account."""
    enrollment = get_object_or_404(runners_visible_to(request.user), pk=pk)
    if enrollment.seat.user is None:
        raise Http404
    return enrollment, enrollment.seat.user


def _pick(request: HttpRequest, picker: Picker, **more: object) -> HttpResponse:
    """Show the week, or the form of a chosen time, or book it."""
    finder = _finder(request, picker)
    context = _shared_context(picker, finder) | more
    slot = finder.search.slot
    staff_id = _staff(request, finder)
    if slot is None or (staff_id is None and request.method != "POST"):
        week = {"week": finder.week(request.path), "lost": slot is not None}
        return render(request, picker.template, context | week)
    return _answer_form(request, picker, finder, slot=slot, staff_id=staff_id or 0, context=context)


def _finder(request: HttpRequest, picker: Picker) -> SlotFinder:
    """Return the free times of the page, in the zone of the reader."""
    return SlotFinder(
        parse_search(request.POST if request.method == "POST" else request.GET, zone=picker.zone),
        timezone.now(),
        by_staff=picker.by is not None,
        kind=CallKind.CHECK_IN,
        among=picker.among,
    )


def _shared_context(picker: Picker, finder: SlotFinder) -> dict[str, object]:
    """Return what the week and the form both show."""
    return {
        "finder": finder,
        "runner": picker.runner,
        "can_offer": bool(picker.among),
        "standing": [
            (call, call_time(call.starts_at, here=picker.zone, there=picker.zone), _own_page(call, picker))
            for call in calls_shown_to(picker.runner, at=finder.at)
        ],
    }


def _answer_form(
    request: HttpRequest,
    picker: Picker,
    finder: SlotFinder,
    *,
    slot: datetime,
    staff_id: int,
    context: dict[str, object],
) -> HttpResponse:
    """Show the form of a chosen time, or book it; a time that was just taken shows the week again."""
    is_post = request.method == "POST"
    form = CheckInBookingForm(
        request.POST if is_post else None,
        initial={"slot": slot_text(slot), "phone": picker.runner.phone, "asked": staff_id or ""},
        question="" if picker.by else question_of(staff_id, CallKind.CHECK_IN),
    )
    if is_post and form.is_valid() and picker.by is None and not _is_within_limit(picker.runner):
        form.add_error(None, OVER_LIMIT)
    if is_post and form.is_valid():
        try:
            return redirect(picker.done(_book(picker, form, finder, staff_id)))
        except SlotTaken:
            week = {"week": finder.week(request.path), "lost": True}
            return render(request, picker.template, context | week, status=409)
    theirs = picker.runner.time_zone if picker.by else finder.search.zone.key
    chosen = {
        "form": form,
        "when": call_time(slot, here=finder.search.zone.key, there=theirs),
        "back": finder.link(request.path)(),
    }
    return render(request, picker.template, context | chosen, status=422 if form.errors else 200)


def _is_within_limit(runner: User) -> bool:
    return is_within_limit("check-in-by-runner", str(runner.pk), times=CHECK_INS_A_DAY, window_s=DAY_S)


def _own_page(call: Booking, picker: Picker) -> str:
    """Return where the reader looks at a call that the runner has already."""
    return call_link(call) if picker.by is None else reverse("calls_admin:call", args=[call.pk])


def _staff(request: HttpRequest, finder: SlotFinder) -> int | None:
    """Return who would hold the call: the one whose question was answered, if free, else the least busy."""
    slot = finder.search.slot
    if slot is None:
        return None
    asked = request.POST.get("asked", "")
    free = {str(one.staff_id): one.staff_id for one in finder.slots if one.starts_at == slot}
    return free.get(asked) or finder.holder(slot)


def _book(picker: Picker, form: CheckInBookingForm, finder: SlotFinder, staff_id: int) -> Booking:
    runner = picker.runner
    return actions.book(
        starts_at=form.cleaned_data["slot"],
        staff_id=staff_id,
        prospect=actions.Prospect(
            name=runner.name,
            email=runner.email,
            time_zone=runner.time_zone,
            phone=form.cleaned_data["phone"],
            question=form.question,
            answer=form.cleaned_data.get("answer", ""),
        ),
        by=picker.by,
        at=finder.at,
        form_key=form.cleaned_data["key"],
        kind=CallKind.CHECK_IN,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button on GET, because mail scanners open links; confirm on POST. A call that was let go shows that."""
    uid = uid_to_confirm(token)
    booking = call_by_uid(uid) if uid else None
    if booking is None or not booking.email:
        raise Http404
    if request.method == "POST" and confirm_call(booking=booking, by=None, at=timezone.now()):
        return redirect("calls:call", call_token(booking))
    waits = booking.state == BookingState.BOOKED and hasattr(booking, "unconfirmed")
    context = {
        "waits": waits,
        "gone": booking.state == BookingState.CANCELED,
        "page": call_token(booking),
        "when": call_time(booking.starts_at, here=booking.time_zone, there=booking.time_zone),
    }
    response = render(request, "calls/confirm.html", context)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
