"""The staff's pages for one caller: correct, send again, hand over, squeeze in, and tick off what was done."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from challenge.accounts.staff import StaffRequest, for_staff
from challenge.calls import actions, caller_actions
from challenge.calls.caller_actions import DetailsChanged, NotOffered
from challenge.calls.caller_forms import CorrectForm, HandOverForm, SqueezeForm
from challenge.calls.models import Booking
from challenge.calls.queries import can_manage_calls, can_see_calls
from challenge.calls.schedule_models import CallKind
from challenge.calls.staff_time import CallEnded, CallRefused, SlotTaken
from challenge.calls.staff_views import call_or_404, call_page

OWN_ADDRESS = "A check-in goes to the runner’s own address. Change that on the page of their seat."


def back(request: StaffRequest, booking: Booking) -> HttpResponse:
    """Return to the day page if the form was pressed there, else to the call."""
    if request.POST.get("back") == "day":
        return redirect("calls_admin:day")
    return redirect("calls_admin:call", booking.pk)


@for_staff(can_see_calls)
@require_POST
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct the caller's name, email, phone and time zone."""
    booking = call_or_404(request, pk)
    form = CorrectForm(request.POST, auto_id="correct_%s")
    if form.is_valid() and booking.kind == CallKind.CHECK_IN and form.details().email != booking.email:
        # Whose address it is decides who may hold the call and read the answer.
        form.add_error("email", OWN_ADDRESS)
    if not form.is_valid():
        return call_page(request, booking, status=422, correct_form=form)
    try:
        caller_actions.correct_details(
            booking=booking,
            details=form.details(),
            by=request.user,
            at=timezone.now(),
            seen=form.cleaned_data["as_shown"],
        )
    except DetailsChanged:
        booking.refresh_from_db()
        form.show_stored(booking)
        return call_page(request, booking, status=422, correct_form=form)
    except CallEnded as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The details are corrected.")
    return back(request, booking)


@for_staff(can_see_calls)
@require_POST
def resend(request: StaffRequest, pk: int) -> HttpResponse:
    """Mail the caller their link again."""
    booking = call_or_404(request, pk)
    if caller_actions.resend_link(booking=booking, by=request.user, at=timezone.now()):
        messages.success(request, f"The link is on its way to {booking.email}.")
    else:
        messages.error(request, "Nothing was sent: there’s no email address, or the call is over.")
    return back(request, booking)


@for_staff(can_see_calls)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the call to a colleague at the same time; GET leads to the call, where the form is."""
    booking = call_or_404(request, pk)
    if request.method != "POST":
        return redirect("calls_admin:call", pk)
    form = HandOverForm(request.POST, auto_id="hand_%s", booking=booking)
    if not form.is_valid():
        return call_page(request, booking, status=422, hand_over_form=form)
    try:
        current = caller_actions.hand_over(
            booking=booking,
            staff_id=int(form.cleaned_data["staff"]),
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
    except (SlotTaken, NotOffered) as refusal:
        form.add_error("staff", str(refusal))
        return call_page(request, booking, status=409, hand_over_form=form)
    except CallRefused as refusal:
        messages.error(request, str(refusal))
        return back(request, booking)
    who = current.staff.get_full_name()
    tail = "The caller gets an email." if current.email else "Phone the caller: there is no email address."
    messages.success(request, f"{who} takes the call. {tail}")
    # A clinician no longer sees a call that is a colleague's.
    return back(request, current) if can_manage_calls(request.user) else redirect("calls_admin:day")


@for_staff(can_see_calls)
@require_POST
def phoned(request: StaffRequest, pk: int) -> HttpResponse:
    """Tick off a phoned caller without email."""
    return _tick(request, pk, caller_actions.tick_phoned, "Noted: the caller was phoned.")


@for_staff(can_see_calls)
@require_POST
def followed_up(request: StaffRequest, pk: int) -> HttpResponse:
    """Tick off a follow-up."""
    return _tick(request, pk, caller_actions.finish_follow_up, "Noted: followed up.")


def _tick(request: StaffRequest, pk: int, act: Callable[..., Any], done: str) -> HttpResponse:
    booking = call_or_404(request, pk)
    act(booking=booking, by=request.user, at=timezone.now())
    messages.success(request, done)
    return back(request, booking)


@for_staff(can_manage_calls)
@require_http_methods(["GET", "HEAD", "POST"])
def squeeze_in(request: StaffRequest) -> HttpResponse:
    """Book outside the hours, with a reason; never over another call or a meeting of the clinician's own."""
    form = SqueezeForm(request.POST or None, initial={"zone": request.user.time_zone})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                booking = actions.squeeze_in(
                    starts_at=form.starts_at(),
                    staff_id=int(form.cleaned_data["staff"]),
                    prospect=form.prospect(),
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    at=timezone.now(),
                    form_key=form.cleaned_data["key"],
                )
            except SlotTaken as refusal:
                form.add_error("time", f"{refusal} Choose another time.")
                status = 409
            else:
                messages.success(request, "Booked outside the hours.")
                return redirect("calls_admin:call", booking.pk)
    return render(request, "calls/staff/squeeze_in.html", {"form": form}, status=status)
