"""The visitor's pages: find a time, book it, and view, move or cancel a call by its link."""

import contextlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.actions import record_accesses
from challenge.accounts.identity import network_of
from challenge.accounts.queries import accesses_by
from challenge.accounts.rate_limits import DAY_S, is_within_limit, network_is_within
from challenge.calls import actions
from challenge.calls.calendar_files import calendar_feed, calendar_file
from challenge.calls.caller_actions import network_holds_too_many, resend_links_of
from challenge.calls.emails import call_token, event_description, feed_key_from, uid_from
from challenge.calls.forms import BookingForm, LinkAgainForm
from challenge.calls.models import Booking, BookingState
from challenge.calls.queries import (
    call_by_uid,
    callers_not_yet_in_feed,
    calls_in_feed,
    can_manage_calls,
    desk_of_feed,
    holders_of,
    question_of,
    staff_of_feed,
)
from challenge.calls.schedule_models import CallKind
from challenge.calls.slot_picker import SlotFinder, SlotSearch, parse_search, slot_text
from challenge.calls.staff_time import CallEnded, SlotTaken
from challenge.calls.time_text import call_time

TAKEN = "That time has just been taken. Here are the nearest free ones; what you wrote is still there."
FEED = "calls in a calendar"
LINK_LIVES = timedelta(days=30)  # after the call
CONFIRM_FIRST = (
    "Several times were booked from here and aren’t confirmed yet. Please confirm them by email, or call us."
)
OVER_LIMIT = "Many calls were booked from here today. Please call us, and we’ll find a time together."


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """Show a week of times; with a time chosen, the form; book on POST."""
    if request.method == "POST":
        return _book(request)
    finder = SlotFinder(parse_search(request.GET, zone=_own_zone(request)), timezone.now())
    if finder.search.slot is None:
        return render(request, "calls/book.html", {"finder": finder, "week": finder.week(request.path)})
    holder = finder.holder(finder.search.slot)
    form = BookingForm(
        initial=_initial(request, finder.search) | {"asked": holder or ""},
        question=question_of(holder or 0, CallKind.DISCOVERY),
    )
    lost = not finder.is_free(finder.search.slot)
    return _details(request, finder, form, lost=lost, status=200)


def _own_zone(request: HttpRequest) -> str:
    """Return the signed-in visitor's time zone, or an empty string."""
    return request.user.time_zone if request.user.is_authenticated else ""


def _asked(request: HttpRequest) -> int:
    """Return the id of the clinician whose question the form showed, or 0."""
    asked = request.POST.get("asked", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else 0


def _initial(request: HttpRequest, search: SlotSearch) -> dict[str, Any]:
    """Return the form's initial values; a signed-in runner's own details are filled in."""
    initial: dict[str, Any] = {
        "slot": slot_text(search.slot) if search.slot else "",
        "zone": search.zone.key,
    }
    if request.user.is_authenticated and not request.user.is_staff:
        initial |= {"name": request.user.name, "email": request.user.email, "phone": request.user.phone}
    return initial


def _is_within_limits(request: HttpRequest, email: str) -> bool:
    """Count this booking of the visitor's network and of the mailbox."""
    visitor = network_is_within(request, "book", an_hour=10, a_day=20)
    return visitor and is_within_limit("book-by-address", email, times=4, window_s=DAY_S)


def _book(request: HttpRequest) -> HttpResponse:
    """Book the call, or show the form with every value and what is wrong with it."""
    at = timezone.now()
    form = BookingForm(request.POST, question=question_of(_asked(request), CallKind.DISCOVERY))
    finder = SlotFinder(parse_search(request.POST, zone=_own_zone(request)), at)
    if not form.is_valid():
        return _details(request, finder, form, lost=False, status=422)
    if not _is_within_limits(request, form.cleaned_data["email"]):
        form.add_error(None, OVER_LIMIT)
        return _details(request, finder, form, lost=False, status=429)
    unproven_from = _unproven_from(request, form.cleaned_data["email"])
    if unproven_from is not None and network_holds_too_many(unproven_from, at=at):
        form.add_error(None, CONFIRM_FIRST)
        return _details(request, finder, form, lost=False, status=429)
    try:
        booking = actions.book(
            starts_at=form.cleaned_data["slot"],
            staff_id=form.cleaned_data["whom"],
            prospect=form.prospect(),
            by=None,
            at=at,
            form_key=form.cleaned_data["key"],
            unproven_from=unproven_from,
        )
    except SlotTaken:
        # The finder caches what it read: after a lost race, read again.
        fresh = SlotFinder(finder.search, timezone.now())
        return _details(request, fresh, form, lost=True, status=409)
    return redirect(reverse("calls:call", args=[call_token(booking)]) + "?new")


def _unproven_from(request: HttpRequest, email: str) -> str | None:
    """Return the visitor's network, or None for a signed-in person who books for their own mailbox."""
    own = request.user.is_authenticated and email.strip().lower() == request.user.email
    return None if own else network_of(request)


def _details(
    request: HttpRequest, finder: SlotFinder, form: BookingForm, *, lost: bool, status: int
) -> HttpResponse:
    """Show the form for one time; if it is taken or unreadable, with the nearest free ones to choose from."""
    moment = finder.search.slot
    chosen = moment is not None and not lost
    context = {
        "finder": finder,
        "form": form,
        "lost": TAKEN if lost else "",
        "when": call_time(moment, here=finder.search.zone.key, there=finder.search.zone.key)
        if moment and chosen
        else None,
        "minutes": finder.minutes(moment) if moment else None,
        "on_video": bool(moment and actions.video_link_of(finder.holder(moment) or 0, CallKind.DISCOVERY)),
        "offers": [] if chosen else finder.nearest(moment or finder.at),
        "back": finder.link(request.path)(),
    }
    return render(request, "calls/details.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def link_again(request: HttpRequest) -> HttpResponse:
    """Mail the links of all calls ahead to the address that booked them; every address gets the same answer."""
    form = LinkAgainForm(request.POST if request.method == "POST" else None)
    done = request.method == "POST" and form.is_valid()
    if done:
        if not network_is_within(request, "link", an_hour=20, a_day=60):
            return render(request, "429.html", status=429)
        email = form.cleaned_data["email"].strip().lower()
        if is_within_limit("link-by-address", email, times=5, window_s=DAY_S):
            resend_links_of(email=email, at=timezone.now())
    context = {"form": form, "done": done}
    return render(request, "calls/link_again.html", context, status=422 if form.errors else 200)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return a staff member's calls for their calendar program. 404 for an unknown or revoked address."""
    key, at = feed_key_from(token), timezone.now()
    staff = staff_of_feed(key) if key else None
    desk = desk_of_feed(key) if key and staff is None else None
    if staff is None and desk is not None and can_manage_calls(desk):
        staff = desk
    if staff is None:
        raise Http404
    calls = calls_in_feed(staff, at=at, of_all=staff is desk)
    # Only callers the program has not seen since their call changed, or every fetch would add entries.
    new = callers_not_yet_in_feed(calls, looks=accesses_by(staff, FEED))
    record_accesses(viewer=staff, runners=new, what=FEED, at=at)
    content = calendar_feed(calls, at=at, named=staff is desk)
    return _private(HttpResponse(content, content_type="text/calendar; charset=utf-8"))


def _call_or_404(token: str) -> Booking:
    """Return the call of a signed token; one that was erased, or ended a month ago, is not found."""
    uid = uid_from(token)
    booking = call_by_uid(uid) if uid else None
    # Erasing blanks name and address, which also ends the link.
    if booking is None or not booking.email + booking.name or booking.ends_at < timezone.now() - LINK_LIVES:
        raise Http404
    return booking


def _private(response: HttpResponse) -> HttpResponse:
    """Forbid caching and indexing: the link is the key."""
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _call_context(booking: Booking, **more: Any) -> dict[str, Any]:
    return {
        "call": booking,
        "token": call_token(booking),
        "unconfirmed": getattr(booking, "unconfirmed", None),
        "when": call_time(booking.starts_at, here=booking.time_zone, there=settings.CLINIC_TIME_ZONE),
        "upcoming": booking.state == BookingState.BOOKED and booking.starts_at > timezone.now(),
        "now": booking.state == BookingState.BOOKED and booking.starts_at <= timezone.now() < booking.ends_at,
    } | more


@require_safe
def call(request: HttpRequest, token: str) -> HttpResponse:
    """Show the call and the ways to change it. Viewing it changes nothing."""
    context = _call_context(_call_or_404(token), new="new" in request.GET, moved="moved" in request.GET)
    return _private(render(request, "calls/call.html", context))


@require_safe
def download(request: HttpRequest, token: str) -> HttpResponse:
    """Return the call as a calendar file."""
    booking = _call_or_404(token)
    at = booking.ended_at or booking.changed_at
    content = calendar_file(booking, description=event_description(booking), at=at)
    response = HttpResponse(content, content_type="text/calendar; method=PUBLISH; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="call.ics"'
    return _private(response)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Show a week to choose from, then a page to confirm; move on POST."""
    booking = _call_or_404(token)
    if request.method == "POST":
        return _private(_move(request, booking))
    context = _call_context(booking)
    if not context["upcoming"]:
        return _private(redirect("calls:call", token))
    finder = _finder(request, booking)
    if finder.search.slot is not None:
        return _private(_confirm_move(request, booking, finder, status=200))
    context |= {"finder": finder, "week": finder.week(request.path)}
    return _private(render(request, "calls/move.html", context))


def _finder(request: HttpRequest, booking: Booking) -> SlotFinder:
    """Return the finder for moving this call, with the call's own zone and staff as defaults."""
    query = request.POST if request.method == "POST" else request.GET
    return SlotFinder(
        parse_search(query, zone=booking.time_zone, whom=booking.staff_id),
        timezone.now(),
        moved=booking,
        among=holders_of(booking),
    )


def _confirm_move(request: HttpRequest, booking: Booking, finder: SlotFinder, *, status: int) -> HttpResponse:
    """Show the chosen time to confirm, or the nearest free ones if it is taken."""
    moment = finder.search.slot
    free = moment is not None and finder.is_free(moment)
    context = _call_context(
        booking,
        finder=finder,
        to=call_time(moment, here=booking.time_zone, there=settings.CLINIC_TIME_ZONE) if moment else None,
        free=free,
        offers=[] if free else finder.nearest(moment or booking.starts_at),
        back=finder.link(request.path)(),
    )
    return render(request, "calls/move_confirm.html", context, status=status)


def _move(request: HttpRequest, booking: Booking) -> HttpResponse:
    """Move the call, or show why it was not moved."""
    finder = _finder(request, booking)
    if finder.search.slot is None:
        return _confirm_move(request, booking, finder, status=422)
    try:
        actions.move(
            booking=booking, starts_at=finder.search.slot, staff_id=finder.whom, by=None, at=finder.at
        )
    except SlotTaken:
        return _confirm_move(request, booking, _finder(request, booking), status=409)
    except CallEnded:
        return redirect("calls:call", call_token(booking))
    return redirect(reverse("calls:call", args=[call_token(booking)]) + "?moved")


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, cancel on POST; a call that is over is shown as it is."""
    booking = _call_or_404(token)
    if request.method == "POST":
        # An ended call is not an error here: its page shows what happened.
        with contextlib.suppress(CallEnded):
            actions.cancel(booking=booking, by=None, at=timezone.now())
        return _private(redirect("calls:call", token))
    context = _call_context(booking)
    if not context["upcoming"]:
        return _private(redirect("calls:call", token))
    return _private(render(request, "calls/cancel.html", context))
