"""The visitor's pages: find a time, book it, and look at, move or cancel a call by its link."""

import contextlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.actions import record_accesses
from challenge.accounts.queries import accesses_by
from challenge.calls import actions
from challenge.calls.calendar_files import (
    CANCEL,
    REQUEST,
    calendar_feed,
    call_link,
    call_token,
    feed_key_from,
    invitation,
    uid_from,
)
from challenge.calls.forms import BookingForm
from challenge.calls.models import Booking, BookingState
from challenge.calls.queries import call_by_uid, callers_not_yet_in_feed, calls_in_feed, staff_of_feed
from challenge.calls.rate_limits import is_over_limit
from challenge.calls.slot_picker import SlotFinder, SlotSearch, parse_search, slot_text
from challenge.calls.time_text import call_time

LOST = "That time has just been taken. Here are the nearest free ones; what you wrote is still there."
FEED = "calls in a calendar"
ENOUGH = "Many calls were booked from here today. Please call us, and we find a time together."


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """A week of times; with a time chosen, the form; on POST the booking."""
    if request.method == "POST":
        return _book(request)
    finder = SlotFinder(parse_search(request.GET, zone=_own_zone(request)), timezone.now())
    if finder.ask.slot is None:
        return render(request, "calls/book.html", {"finder": finder, "week": finder.week(request.path)})
    form = BookingForm(initial=_initial(request, finder.ask))
    lost = not finder.is_free(finder.ask.slot)
    return _details(request, finder, form, lost=lost, status=200)


def _own_zone(request: HttpRequest) -> str:
    return request.user.time_zone if request.user.is_authenticated else ""


def _initial(request: HttpRequest, ask: SlotSearch) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "slot": slot_text(ask.slot) if ask.slot else "",
        "zone": ask.zone.key,
    }
    if request.user.is_authenticated and not request.user.is_staff:
        initial |= {"name": request.user.name, "email": request.user.email, "phone": request.user.phone}
    return initial


def _book(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    form = BookingForm(request.POST)
    finder = SlotFinder(parse_search(request.POST, zone=_own_zone(request)), at)
    if not form.is_valid():
        return _details(request, finder, form, lost=False, status=422)
    if is_over_limit(request, email=form.cleaned_data["email"]):
        form.add_error(None, ENOUGH)
        return _details(request, finder, form, lost=False, status=429)
    try:
        booking = actions.book(
            starts_at=form.cleaned_data["slot"],
            staff_id=form.cleaned_data["whom"],
            prospect=form.prospect(),
            by=None,
            at=at,
            form_key=form.cleaned_data["key"],
        )
    except actions.SlotTaken:
        fresh = SlotFinder(finder.ask, timezone.now())
        return _details(request, fresh, form, lost=True, status=409)
    return redirect(reverse("calls:call", args=[call_token(booking)]) + "?new")


def _details(
    request: HttpRequest, finder: SlotFinder, form: BookingForm, *, lost: bool, status: int
) -> HttpResponse:
    """The form for one time; where that time is lost or unreadable, with the nearest free ones to choose from."""
    moment = finder.ask.slot
    chosen = moment is not None and not lost
    context = {
        "finder": finder,
        "form": form,
        "lost": LOST if lost else "",
        "when": call_time(moment, here=finder.ask.zone.key, there=finder.ask.zone.key)
        if moment and chosen
        else None,
        "minutes": finder.minutes(moment) if moment else None,
        "offers": [] if chosen else finder.nearest(moment or finder.at),
        "back": finder.link(request.path)(),
    }
    return render(request, "calls/details.html", context, status=status)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """A staff member's calls for their calendar program, by a private address. Unknown or revoked: 404."""
    key, at = feed_key_from(token), timezone.now()
    staff = staff_of_feed(key) if key else None
    if staff is None:
        raise Http404
    calls = calls_in_feed(staff, at=at)
    new = callers_not_yet_in_feed(calls, looks=accesses_by(staff, FEED))
    record_accesses(viewer=staff, runners=new, what=FEED, at=at)
    content = calendar_feed(calls, at=at)
    return _private(HttpResponse(content, content_type="text/calendar; charset=utf-8"))


def _call_or_404(token: str) -> Booking:
    uid = uid_from(token)
    booking = call_by_uid(uid) if uid else None
    if booking is None or not booking.email + booking.name:
        raise Http404
    return booking


def _private(response: HttpResponse) -> HttpResponse:
    """The link is a key: no cache keeps the page and no search engine lists it."""
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _call_context(booking: Booking, **more: Any) -> dict[str, Any]:
    return {
        "call": booking,
        "token": call_token(booking),
        "when": call_time(
            booking.starts_at, here=booking.time_zone, there=booking.staff.availability.time_zone
        ),
        "minutes": int((booking.ends_at - booking.starts_at).total_seconds() // 60),
        "stands": booking.state == BookingState.BOOKED and booking.starts_at > timezone.now(),
    } | more


@require_safe
def call(request: HttpRequest, token: str) -> HttpResponse:
    """The call as it stands, and the ways to change it. Looking changes nothing."""
    context = _call_context(_call_or_404(token), new="new" in request.GET, moved="moved" in request.GET)
    return _private(render(request, "calls/call.html", context))


@require_safe
def calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    booking = _call_or_404(token)
    parts = invitation(
        booking,
        method=CANCEL if booking.state == BookingState.CANCELED else REQUEST,
        to=booking.email,
        name=booking.name,
        description=call_link(booking),
        at=booking.ended_at or booking.changed_at,
    )
    response = HttpResponse(parts[0]["content"], content_type=parts[0]["content_type"] + "; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="call.ics"'
    return _private(response)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Another time: a week to choose from, a page to agree, and on POST the move."""
    booking = _call_or_404(token)
    if request.method == "POST":
        return _private(_move(request, booking))
    context = _call_context(booking)
    if not context["stands"]:
        return _private(redirect("calls:call", token))
    finder = _finder(request, booking)
    if finder.ask.slot is not None:
        return _private(_agree(request, booking, finder, status=200))
    context |= {"finder": finder, "week": finder.week(request.path)}
    return _private(render(request, "calls/move.html", context))


def _finder(request: HttpRequest, booking: Booking) -> SlotFinder:
    query = request.POST if request.method == "POST" else request.GET
    return SlotFinder(
        parse_search(query, zone=booking.time_zone, whom=booking.staff_id), timezone.now(), moved=booking
    )


def _agree(request: HttpRequest, booking: Booking, finder: SlotFinder, *, status: int) -> HttpResponse:
    moment = finder.ask.slot
    free = moment is not None and finder.is_free(moment)
    context = _call_context(
        booking,
        finder=finder,
        to=call_time(moment, here=booking.time_zone, there=booking.staff.availability.time_zone)
        if moment
        else None,
        free=free,
        offers=[] if free else finder.nearest(moment or booking.starts_at),
        back=finder.link(request.path)(),
    )
    return render(request, "calls/move_agree.html", context, status=status)


def _move(request: HttpRequest, booking: Booking) -> HttpResponse:
    finder = _finder(request, booking)
    if finder.ask.slot is None:
        return _agree(request, booking, finder, status=422)
    try:
        actions.move(booking=booking, starts_at=finder.ask.slot, staff_id=finder.whom, by=None, at=finder.at)
    except actions.SlotTaken:
        return _agree(request, booking, _finder(request, booking), status=409)
    except actions.CallEnded:
        return redirect("calls:call", call_token(booking))
    return redirect(reverse("calls:call", args=[call_token(booking)]) + "?moved")


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Asks on GET, cancels on POST; a call that is over is shown as it is."""
    booking = _call_or_404(token)
    if request.method == "POST":
        with contextlib.suppress(actions.CallEnded):
            actions.cancel(booking=booking, by=None, at=timezone.now())
        return _private(redirect("calls:call", token))
    context = _call_context(booking)
    if not context["stands"]:
        return _private(redirect("calls:call", token))
    return _private(render(request, "calls/cancel.html", context))
