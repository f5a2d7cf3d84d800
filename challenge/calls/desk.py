"""The staff's pages under /admin/calls/. The front desk and the owner manage all calls; clinicians theirs."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.actions import note_accesses
from challenge.accounts.models import User
from challenge.accounts.queries import day_of, looks_of
from challenge.accounts.query_parameters import ISO_DAY, NUMBER, takes
from challenge.calls import actions, seats
from challenge.calls.calendar_week import desk_week, monday_of, week_bounds
from challenge.calls.desk_forms import CancelForm, NotesForm, OutcomeForm
from challenge.calls.finder import Finder, asked
from challenge.calls.forms import DeskBookingForm
from challenge.calls.models import Booking, State
from challenge.calls.picker import day_from, slot_from, slot_text
from challenge.calls.queries import (
    availabilities,
    callers_of,
    calls_of,
    hours_and_leave,
    may_manage_calls,
    may_read_health,
    may_see_calls,
    with_callers,
)
from challenge.calls.slots import DAY
from challenge.calls.wording import place_of, when
from challenge.calls.zones import known_zone

WEEK = "week of calls"
TIMES = takes(whom=NUMBER, zone=known_zone, first=day_from, slot=slot_from)  # what `finder.asked` reads
View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """What `for_staff` lets through."""

    user: User


def for_staff(allowed: Callable[[User], bool]) -> Callable[[View], View]:
    """A page of the admin for those of the staff that `allowed` names; others get 403, strangers the sign-in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return admin.site.admin_view(checked)

    return decorate


@for_staff(may_see_calls)
@takes(week=ISO_DAY)  # a day in no calendar shows this week
@require_safe
def week(request: StaffRequest) -> HttpResponse:
    """One week of calls in the reader's zone, with hours and leave.

    At most six queries, however many calls; the day's first look at runners' calls is written down in two more.
    """
    user, zone = request.user, ZoneInfo(request.user.time_zone)
    at = timezone.now()
    today = at.astimezone(zone).date()
    monday = monday_of(day_from(request.GET.get("week", "")) or today)
    since, until = week_bounds(monday, zone)
    rows = list(availabilities(user))
    found = hours_and_leave(rows, since=since, until=until)
    noted = looks_of(user, WEEK, since=day_of(at))
    shown = calls_of(user).filter(starts_at__gte=since, starts_at__lt=until)
    calls = list(with_callers(shown, unless=noted))
    callers = [call.caller_id for call in calls if call.caller_id is not None]
    note_accesses(viewer=user, runners=callers, what=WEEK, at=at)
    context = {
        "days": desk_week(calls, found, monday=monday, today=today, zone=zone, user_id=user.pk),
        "earlier": monday - 7 * DAY,
        "later": monday + 7 * DAY,
        "this_week": monday_of(today),
        "monday": monday,
        "sunday": monday + 6 * DAY,
        "place": place_of(zone, at),
        "manages": may_manage_calls(user),
        "rows": rows,
        "count": sum(call.state != State.CANCELLED for call in calls),
    }
    return render(request, "calls/desk/week.html", context)


@for_staff(may_manage_calls)
@TIMES
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: StaffRequest) -> HttpResponse:
    """Books for somebody on the phone: a week of times without notice, then the form."""
    if request.method == "POST":
        return _book(request)
    finder = Finder(asked(request.GET, zone=request.user.time_zone), timezone.now(), by_staff=True)
    if finder.ask.slot is None:
        return render(request, "calls/desk/book.html", {"finder": finder, "week": finder.week(request.path)})
    initial = {
        "slot": slot_text(finder.ask.slot),
        "zone": finder.ask.zone.key,
    }
    lost = not finder.is_free(finder.ask.slot)
    return _details(request, finder, DeskBookingForm(initial=initial), lost=lost, status=200)


def _book(request: StaffRequest) -> HttpResponse:
    at = timezone.now()
    form = DeskBookingForm(request.POST)
    finder = Finder(asked(request.POST, zone=request.user.time_zone), at, by_staff=True)
    if not form.is_valid():
        return _details(request, finder, form, lost=False, status=422)
    try:
        booking = actions.book(
            starts_at=form.cleaned_data["slot"],
            staff_id=form.cleaned_data["whom"],
            prospect=form.prospect(),
            by=request.user,
            at=at,
            form_key=form.cleaned_data["key"],
        )
    except actions.SlotTaken:
        fresh = Finder(finder.ask, timezone.now(), by_staff=True)
        return _details(request, fresh, form, lost=True, status=409)
    messages.success(request, "Booked.")
    return redirect("calls_admin:call", booking.pk)


def _details(
    request: StaffRequest, finder: Finder, form: DeskBookingForm, *, lost: bool, status: int
) -> HttpResponse:
    moment = finder.ask.slot
    chosen = moment is not None and not lost
    context = {
        "finder": finder,
        "form": form,
        "lost": lost,
        "when": _told(request, moment, finder.ask.zone.key) if moment and chosen else None,
        "offers": [] if chosen else finder.nearest(moment or finder.at),
        "back": finder.link(request.path)(),
    }
    return render(request, "calls/desk/details.html", context, status=status)


def _told(request: StaffRequest, moment: Any, theirs: str) -> Any:
    return when(moment, here=request.user.time_zone, there=theirs)


def _call_or_404(request: StaffRequest, pk: int) -> Booking:
    return get_object_or_404(calls_of(request.user), pk=pk)


def _note_look(request: StaffRequest, booking: Booking, *, at: datetime) -> None:
    callers = callers_of([booking])
    note_accesses(viewer=request.user, runners=callers, what="call", at=at)


@for_staff(may_see_calls)
@require_safe
def call(request: StaffRequest, pk: int) -> HttpResponse:
    booking = _call_or_404(request, pk)
    return _call_page(request, booking)


def _call_page(request: StaffRequest, booking: Booking, *, status: int = 200, **forms: Any) -> HttpResponse:
    user, at = request.user, timezone.now()
    health = may_read_health(user, booking)
    _note_look(request, booking, at=at)
    context = {
        "call": booking,
        "when": _told(request, booking.starts_at, booking.time_zone),
        "minutes": int((booking.ends_at - booking.starts_at).total_seconds() // 60),
        "begun": booking.starts_at <= at,
        "health": health,
        "events": booking.events.select_related("by", "staff").order_by("at", "pk"),
        "notes_form": NotesForm.about(booking, health=health),
        "cancel_form": CancelForm(),
        "enrollment_open": seats.enrollment_is_open(at=at),
    }
    return render(request, "calls/desk/call.html", context | forms, status=status)


@for_staff(may_see_calls)
@TIMES
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Another time or another clinician; staff need keep no notice."""
    booking = _call_or_404(request, pk)
    query = request.POST if request.method == "POST" else request.GET
    ask = asked(query, zone=request.user.time_zone, whom=booking.staff_id)
    finder = Finder(ask, timezone.now(), by_staff=True, moved=booking)
    _note_look(request, booking, at=finder.at)
    told = _told(request, booking.starts_at, booking.time_zone)
    lost, status = False, 200
    if request.method == "POST" and ask.slot is not None:
        try:
            actions.move(
                booking=booking, starts_at=ask.slot, staff_id=finder.whom, by=request.user, at=finder.at
            )
        except actions.SlotTaken:
            lost, status = True, 409
        except actions.CallOver as refusal:
            messages.error(request, str(refusal))
            return redirect("calls_admin:call", pk)
        else:
            messages.success(request, "Moved; the caller is told by email." if booking.email else "Moved.")
            return redirect("calls_admin:call", pk)
    context = {"call": booking, "when": told, "finder": finder, "lost": lost}
    if ask.slot is not None and not lost and finder.is_free(ask.slot):
        context["to"] = _told(request, ask.slot, booking.time_zone)
    else:
        context["lost"] = lost or ask.slot is not None
        context["week"] = finder.week(request.path)
    return render(request, "calls/desk/move.html", context, status=status)


@for_staff(may_see_calls)
@require_POST
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    booking = _call_or_404(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _call_page(request, booking, status=422, cancel_form=form)
    try:
        actions.cancel(
            booking=booking, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]
        )
    except actions.CallOver as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, "Cancelled; the caller is told by email." if booking.email else "Cancelled."
        )
    return redirect("calls_admin:call", pk)


@for_staff(may_see_calls)
@require_POST
def outcome(request: StaffRequest, pk: int) -> HttpResponse:
    booking = _call_or_404(request, pk)
    form = OutcomeForm(request.POST)
    if form.is_valid():
        state = State(form.cleaned_data["outcome"])
        try:
            actions.note_outcome(booking=booking, outcome=state, by=request.user, at=timezone.now())
        except actions.CallRefused as refusal:
            messages.error(request, str(refusal))
    return redirect("calls_admin:call", pk)


@for_staff(may_see_calls)
@require_POST
def notes(request: StaffRequest, pk: int) -> HttpResponse:
    """Notes are for the clinician who holds the call; the day to follow up is for all who may see it."""
    booking = _call_or_404(request, pk)
    health = may_read_health(request.user, booking)
    form = NotesForm.about(booking, health=health, data=request.POST)
    if not form.is_valid():
        return _call_page(request, booking, status=422, notes_form=form)
    actions.write_notes(
        booking=booking,
        notes=form.cleaned_data.get("notes") if health else None,
        follow_up_on=form.cleaned_data["follow_up_on"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, "Kept.")
    return redirect("calls_admin:call", pk)


@for_staff(may_see_calls)
@require_POST
def seat(request: StaffRequest, pk: int) -> HttpResponse:
    """Holds a seat for the caller for two days, or with `list` puts them on the list."""
    booking = _call_or_404(request, pk)
    common: dict[str, Any] = {"booking": booking, "by": request.user, "at": timezone.now()}
    try:
        if "list" in request.POST:
            seats.put_on_list(**common)
            messages.success(request, "On the list.")
        else:
            held = seats.hold_seat_after_call(**common)
            messages.success(request, f"Bib {held.number} is held for two days; the link is on its way.")
    except actions.CallRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("calls_admin:call", pk)
