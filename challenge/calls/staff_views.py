"""The staff's pages under /admin/calls/. The front desk and the owner manage all calls; clinicians their own."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.actions import record_accesses
from challenge.accounts.fields import show_phone
from challenge.accounts.query_parameters import NUMBER, takes
from challenge.accounts.staff import StaffRequest, for_staff
from challenge.calls import actions, after_call
from challenge.calls.caller_forms import CorrectForm, HandOverForm
from challenge.calls.forms import ANYONE, CancelForm, NotesForm, OutcomeForm, StaffBookingForm
from challenge.calls.models import Booking, BookingState
from challenge.calls.queries import (
    callers_of,
    calls_of,
    can_manage_calls,
    can_read_health,
    can_see_calls,
    holders_of,
    standing_calls,
    taken_over_by,
)
from challenge.calls.slot_picker import SlotFinder, day_from, parse_search, slot_from, slot_text
from challenge.calls.staff_calendar import clocks_of
from challenge.calls.staff_time import CallEnded, CallRefused, SlotTaken
from challenge.calls.time_text import CallTime, call_time, other_clocks
from challenge.enrollment.staff_actions import PHONE_HOLD

HOLD_WORDS = f"{PHONE_HOLD // timedelta(hours=1)} hours"


def _whom(text: str) -> object:
    # The picker's own links say "any" where no clinician is chosen.
    return True if text == ANYONE else NUMBER(text)


# What `slot_picker.parse_search` reads. A zone is typed: the page asks about one that is unclear.
TIMES = takes(whom=_whom, zone=str, first=day_from, slot=slot_from)


@for_staff(can_manage_calls)
@TIMES
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: StaffRequest) -> HttpResponse:
    """Book for a caller on the phone: a week of times without notice, then the form."""
    if request.method == "POST":
        return _book(request)
    finder = SlotFinder(parse_search(request.GET, zone=request.user.time_zone), timezone.now(), by_staff=True)
    if finder.search.slot is None:
        return render(request, "calls/staff/book.html", {"finder": finder, "week": finder.week(request.path)})
    initial = {
        "slot": slot_text(finder.search.slot),
        "zone": finder.search.zone.key,
    }
    lost = not finder.is_free(finder.search.slot)
    return _details(request, finder, StaffBookingForm(initial=initial), lost=lost, status=200)


def _book(request: StaffRequest) -> HttpResponse:
    """Book the call, or show the form with every value and what is wrong with it."""
    at = timezone.now()
    form = StaffBookingForm(request.POST)
    finder = SlotFinder(parse_search(request.POST, zone=request.user.time_zone), at, by_staff=True)
    if not form.is_valid():
        return _details(request, finder, form, lost=False, status=422)
    typed = form.cleaned_data
    standing = standing_calls(email=typed["email"], phone=typed["phone"], at=at)
    if standing and not typed["another"] and not Booking.objects.filter(form_key=typed["key"]).exists():
        record_accesses(viewer=request.user, runners=callers_of(standing), what="call", at=at)
        return _details(request, finder, form, lost=False, status=409, standing=standing)
    try:
        booking = actions.book(
            starts_at=form.cleaned_data["slot"],
            staff_id=form.cleaned_data["whom"],
            prospect=form.prospect(),
            by=request.user,
            at=at,
            form_key=form.cleaned_data["key"],
        )
    except SlotTaken:
        # The finder caches what it read: after a lost race, read again.
        fresh = SlotFinder(finder.search, timezone.now(), by_staff=True)
        return _details(request, fresh, form, lost=True, status=409)
    messages.success(request, "Booked.")
    return redirect("calls_admin:call", booking.pk)


def _details(
    request: StaffRequest,
    finder: SlotFinder,
    form: StaffBookingForm,
    *,
    lost: bool,
    status: int,
    standing: Iterable[Booking] = (),
) -> HttpResponse:
    """Show the form for one time; if it is taken, with the nearest free ones to choose from."""
    moment = finder.search.slot
    chosen = moment is not None and not lost
    context = {
        "finder": finder,
        "form": form,
        "lost": lost,
        "standing": [(call, _call_time(request, call.starts_at, call.time_zone)) for call in standing],
        "when": _call_time(request, moment, finder.search.zone.key) if moment and chosen else None,
        "offers": [] if chosen else finder.nearest(moment or finder.at),
        "back": finder.link(request.path)(),
    }
    return render(request, "calls/staff/details.html", context, status=status)


def _call_time(request: StaffRequest, moment: datetime, theirs: str) -> CallTime:
    """Return the moment in the reader's zone and in the zone `theirs`."""
    return call_time(moment, here=request.user.time_zone, there=theirs)


def call_or_404(request: StaffRequest, pk: int) -> Booking:
    """Return the call if this staff member may see it."""
    booking = calls_of(request.user).filter(pk=pk).first()
    if booking is None:
        raise Http404
    return booking


def _record_access(request: StaffRequest, booking: Booking, *, at: datetime) -> None:
    """Record that this staff member viewed the caller's data."""
    callers = callers_of([booking])
    record_accesses(viewer=request.user, runners=callers, what="call", at=at)


@for_staff(can_see_calls)
@require_safe
def call(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one call; the old link of a call that was handed over names who takes it now."""
    if taker := taken_over_by(pk, was=request.user):
        messages.info(request, f"{taker.get_full_name()} takes this call now.")
        return redirect("calls_admin:day")
    booking = call_or_404(request, pk)
    return call_page(request, booking)


def call_page(request: StaffRequest, booking: Booking, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Show one call; `forms` replaces those that came back with an error."""
    user, at = request.user, timezone.now()
    health = can_read_health(user, booking)
    _record_access(request, booking, at=at)
    context = {
        "call": booking,
        "when": _call_time(request, booking.starts_at, booking.time_zone),
        "begun": booking.starts_at <= at,
        "now": booking.state == BookingState.BOOKED and booking.starts_at <= at < booking.ends_at,
        "others": other_clocks(booking.starts_at, here=user.time_zone, others=clocks_of(booking)),
        "health": health,
        "events": booking.events.select_related("by", "staff").order_by("at", "pk"),
        "notes_form": NotesForm.about(booking, health=health),
        "cancel_form": CancelForm(),
        "correct_form": CorrectForm.about(booking),
        "hand_over_form": HandOverForm(auto_id="hand_%s", booking=booking),
        "hold_words": HOLD_WORDS,
        "enrollment_open": after_call.enrollment_is_open(at=at),
    }
    return render(request, "calls/staff/call.html", context | forms, status=status)


def _how_they_hear(booking: Booking) -> str:
    """Return the sentence after a change: an email goes out, or someone has to phone."""
    if booking.email:
        return "The caller gets an email."
    number = f": {show_phone(booking.phone)}" if booking.phone else ""
    return f"There’s no email address, so phone the caller{number}. It stays on the day page until you mark it done."


@for_staff(can_see_calls)
@TIMES
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Move a call to another time or clinician; staff need no notice."""
    booking = call_or_404(request, pk)
    query = request.POST if request.method == "POST" else request.GET
    search = parse_search(query, zone=request.user.time_zone, whom=booking.staff_id)
    finder = SlotFinder(search, timezone.now(), by_staff=True, moved=booking, among=holders_of(booking))
    _record_access(request, booking, at=finder.at)
    when = _call_time(request, booking.starts_at, booking.time_zone)
    lost, status = False, 200
    if request.method == "POST" and search.slot is not None:
        try:
            actions.move(
                booking=booking, starts_at=search.slot, staff_id=finder.whom, by=request.user, at=finder.at
            )
        except SlotTaken:
            lost, status = True, 409
        except CallEnded as refusal:
            messages.error(request, str(refusal))
            return redirect("calls_admin:call", pk)
        else:
            messages.success(request, f"Moved. {_how_they_hear(booking)}")
            return redirect("calls_admin:call", pk)
    context = {"call": booking, "when": when, "finder": finder, "lost": lost}
    if search.slot is not None and not lost and finder.is_free(search.slot):
        context["to"] = _call_time(request, search.slot, booking.time_zone)
    else:
        context["lost"] = lost or search.slot is not None
        context["week"] = finder.week(request.path)
    return render(request, "calls/staff/move.html", context, status=status)


@for_staff(can_see_calls)
@require_POST
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Cancel the call with a reason, which the caller reads."""
    booking = call_or_404(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return call_page(request, booking, status=422, cancel_form=form)
    try:
        actions.cancel(
            booking=booking, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]
        )
    except CallEnded as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Canceled. {_how_they_hear(booking)}")
    return redirect("calls_admin:call", pk)


@for_staff(can_see_calls)
@require_POST
def outcome(request: StaffRequest, pk: int) -> HttpResponse:
    """Record held or no-show."""
    booking = call_or_404(request, pk)
    form = OutcomeForm(request.POST)
    if form.is_valid():
        state = BookingState(form.cleaned_data["outcome"])
        try:
            after_call.record_outcome(booking=booking, outcome=state, by=request.user, at=timezone.now())
        except CallRefused as refusal:
            messages.error(request, str(refusal))
    return (
        redirect("calls_admin:day") if request.POST.get("back") == "day" else redirect("calls_admin:call", pk)
    )


@for_staff(can_see_calls)
@require_POST
def notes(request: StaffRequest, pk: int) -> HttpResponse:
    """Store notes, for the clinician who holds the call, and the follow-up day, for all who may see it."""
    booking = call_or_404(request, pk)
    health = can_read_health(request.user, booking)
    form = NotesForm.about(booking, health=health, data=request.POST)
    if not form.is_valid():
        return call_page(request, booking, status=422, notes_form=form)
    after_call.write_notes(
        booking=booking,
        notes=form.cleaned_data.get("notes") if health else None,
        follow_up_on=form.cleaned_data["follow_up_on"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, "Kept.")
    return redirect("calls_admin:call", pk)


@for_staff(can_see_calls)
@require_POST
def seat(request: StaffRequest, pk: int) -> HttpResponse:
    """Hold a seat for the caller for two days, or with `list` put them on the waiting list."""
    booking = call_or_404(request, pk)
    common: dict[str, Any] = {"booking": booking, "by": request.user, "at": timezone.now()}
    try:
        if "list" in request.POST:
            after_call.add_to_waiting_list(**common)
            messages.success(request, "On the list.")
        else:
            seat = after_call.hold_seat_after_call(**common)
            messages.success(request, f"Bib {seat.number} is held for {HOLD_WORDS}; the link is on its way.")
    except CallRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("calls_admin:call", pk)
