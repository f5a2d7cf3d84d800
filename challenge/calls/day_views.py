"""`/admin/calls/`: the day at the desk, with what waits next to it and the search box, and a week of calls."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from challenge.accounts.actions import record_accesses
from challenge.accounts.queries import accesses_by, start_of_day
from challenge.accounts.query_parameters import ISO_DAY, SEARCH_LENGTH, takes
from challenge.accounts.sessions import shows_secrets
from challenge.accounts.staff import StaffRequest, for_staff
from challenge.calls.desk import DeskFinds, search_desk, waiting_calls, waiting_people
from challenge.calls.emails import feed_link
from challenge.calls.models import BookingState
from challenge.calls.queries import (
    availabilities,
    callers_of,
    calls_of,
    can_manage_calls,
    can_see_calls,
    desk_feed_of,
    with_callers,
)
from challenge.calls.schedule import renew_desk_feed
from challenge.calls.schedule_models import DeskFeed
from challenge.calls.slot_picker import day_from, start_of
from challenge.calls.slots import DAY, check_in_hours, diaries_of, hours_and_leave
from challenge.calls.staff_calendar import desk_days, staff_week, week_bounds
from challenge.calls.time_text import zone_place
from challenge.protocol.local_week import local_day, monday_of

DAY_PAGE, WEEK, SEARCH = "day of calls", "week of calls", "search of calls"


def _words(text: str) -> str | None:
    return text if len(text) <= SEARCH_LENGTH and "\x00" not in text else None


@for_staff(can_see_calls)
@takes(week=ISO_DAY, q=_words)
@require_safe
def day(request: StaffRequest) -> HttpResponse:
    """Show the day, or what the search found. The number of queries does not grow with calls, staff or cohorts."""
    if week := request.GET.get("week"):
        # The week was here once: kept links go on.
        return redirect(f"{reverse('calls_admin:week')}?week={week}")
    if (words := request.GET.get("q", "").strip()) != "":
        return _found(request, words)
    user, at = request.user, timezone.now()
    zone, today = user.zone, local_day(at, user.zone)
    since, until = start_of(today, zone), start_of(today + 2 * DAY, zone)
    rows = list(availabilities(user))
    diaries = diaries_of(rows, since=since, until=until)
    calls = list(calls_of(user).filter(starts_at__gte=since, starts_at__lt=until))
    waiting = waiting_calls(user, at=at, today=today)
    shown = [*calls, *(call for listed in waiting for call in listed.calls)]
    record_accesses(viewer=user, runners=callers_of(shown), what=DAY_PAGE, at=at)
    manages = can_manage_calls(user)
    context = {
        "days": desk_days(
            calls, rows, diaries, check_in_hours(rows, since=since, until=until), reader=user, at=at
        ),
        "waiting": waiting,
        "people": waiting_people(at=at) if manages else [],
        "place": zone_place(zone, at),
        "manages": manages,
        "feed": feed_link(desk_feed_of(user)) if manages else None,
        "shows_secrets": shows_secrets(request),
    }
    return render(request, "calls/staff/day.html", context)


def _found(request: StaffRequest, words: str) -> HttpResponse:
    """Show what the search found, and record the people it shows."""
    user, at = request.user, timezone.now()
    finds: DeskFinds = search_desk(user, words)
    people = {seat.user_id for seat in finds.seats if seat.user_id is not None}
    people |= set(callers_of(finds.calls))
    record_accesses(viewer=user, runners=people, what=SEARCH, at=at)
    context: dict[str, Any] = {"finds": finds, "words": words, "manages": can_manage_calls(user)}
    return render(request, "calls/staff/found.html", context)


@for_staff(can_manage_calls)
@require_POST
def desk_feed(request: StaffRequest) -> HttpResponse:
    """Make a new private address for the calendar of all calls, end it with `revoke`, or only `show` it."""
    if "revoke" in request.POST:
        DeskFeed.objects.filter(staff=request.user).delete()
    elif "show" not in request.POST:
        renew_desk_feed(by=request.user, at=timezone.now())
    return redirect("calls_admin:day")


@for_staff(can_see_calls)
@takes(week=ISO_DAY)  # a day that is in no calendar shows this week
@require_safe
def week(request: StaffRequest) -> HttpResponse:
    """Show one week of calls in the reader's zone, with hours and leave.

    It takes at most six queries, however many calls, and two more where check-ins have hours of their own; the day's
    first view of runners' calls adds two for the access log.
    """
    user, zone = request.user, ZoneInfo(request.user.time_zone)
    at = timezone.now()
    today = local_day(at, zone)
    monday = monday_of(day_from(request.GET.get("week", "")) or today)
    since, until = week_bounds(monday, zone)
    rows = list(availabilities(user))
    diaries = hours_and_leave(rows, since=since, until=until)
    seen_today = accesses_by(user, WEEK, since=start_of_day(at))
    shown = calls_of(user).filter(starts_at__gte=since, starts_at__lt=until)
    calls = list(with_callers(shown, unless=seen_today))
    callers = [call.caller_id for call in calls if call.caller_id is not None]
    record_accesses(viewer=user, runners=callers, what=WEEK, at=at)
    context = {
        "days": staff_week(
            calls,
            diaries,
            check_in_hours(rows, since=since, until=until),
            monday=monday,
            today=today,
            zone=zone,
            user_id=user.pk,
        ),
        "earlier": monday - 7 * DAY,
        "later": monday + 7 * DAY,
        "this_week": monday_of(today),
        "monday": monday,
        "sunday": monday + 6 * DAY,
        "place": zone_place(zone, at),
        "manages": can_manage_calls(user),
        "rows": rows,
        "count": sum(call.state != BookingState.CANCELED for call in calls),
    }
    return render(request, "calls/staff/week.html", context)
