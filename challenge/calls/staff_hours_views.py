"""The staff's pages for hours, exceptions, leave, terms and the calendar feed."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from challenge.accounts.actions import record_accesses
from challenge.accounts.models import User
from challenge.accounts.sessions import shows_secrets
from challenge.accounts.staff import StaffRequest, for_staff
from challenge.calls import schedule
from challenge.calls.calendar_actions import TooManyCalendars, add_calendar, remove_calendar
from challenge.calls.emails import feed_link
from challenge.calls.hours_forms import (
    CalendarForm,
    CheckInForm,
    ConfirmConflictForm,
    DateHoursForm,
    LeaveForm,
    TermsForm,
    WeekHoursForm,
)
from challenge.calls.models import Booking
from challenge.calls.queries import (
    availabilities,
    callers_of,
    can_manage_calls,
    can_see_calls,
    check_is_own,
    clinicians_without_availability,
    staff_of_feed,
)
from challenge.calls.schedule_models import Availability, CallKind, CheckInTerms
from challenge.calls.time_text import call_time
from challenge.protocol.local_week import local_day

# Forms on one page have fields of the same names.
DATE_ID, LEAVE_ID, CALENDAR_ID, CHECK_IN_ID = "date_%s", "leave_%s", "calendar_%s", "check_in_%s"
CHECK_IN_WEEK_ID = "check_in_week_%s"
Apply = Callable[[schedule.ConfirmedConflict], list[Booking]]


@for_staff(can_see_calls)
@require_safe
def people(request: StaffRequest) -> HttpResponse:
    """List whose hours there are; send a clinician straight to their own."""
    rows = list(availabilities(request.user))
    manages = can_manage_calls(request.user)
    if not manages and rows:
        return redirect("calls_admin:hours", rows[0].pk)
    without = list(clinicians_without_availability(request.user))
    return render(request, "calls/staff/people.html", {"rows": rows, "without": without})


@for_staff(can_see_calls)
@require_POST
def begin_taking_calls(request: StaffRequest) -> HttpResponse:
    """Set up hours for a clinician without any."""
    staff = get_object_or_404(
        clinicians_without_availability(request.user), pk=_number(request.POST.get("staff"))
    )
    availability = schedule.begin_taking_calls(staff=staff, by=request.user, at=timezone.now())
    return redirect("calls_admin:hours", availability.pk)


def _number(text: str | None) -> int:
    """Return a posted id, or 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0


def _availability(request: StaffRequest, pk: int) -> Availability:
    """Return the hours if this staff member may see them."""
    return get_object_or_404(availabilities(request.user), pk=pk)


@for_staff(can_see_calls)
@require_safe
def hours(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one staff member's hours."""
    return _page(request, _availability(request, pk))


def _page(
    request: StaffRequest, availability: Availability, *, status: int = 200, **forms: Any
) -> HttpResponse:
    """Show one staff member's hours; `forms` replaces those that came back with an error."""
    zone = ZoneInfo(availability.time_zone)
    at = timezone.now()
    leaves = availability.leaves.filter(ends_at__gt=at).order_by("starts_at")
    context = {
        "availability": availability,
        "week_form": WeekHoursForm.of(availability),
        "date_form": DateHoursForm(auto_id=DATE_ID),
        "leave_form": LeaveForm(auto_id=LEAVE_ID),
        "terms_form": TermsForm(instance=availability),
        "dates": availability.hours.filter(on__gte=local_day(at, zone)).order_by("on", "starts"),
        "leaves": [
            (
                leave,
                call_time(leave.starts_at, here=zone.key, there=zone.key),
                call_time(leave.ends_at, here=zone.key, there=zone.key),
            )
            for leave in leaves
        ],
        "feed": feed_link(availability) if _has_own_feed(availability, request.user) else None,
        "shows_secrets": shows_secrets(request),
        "own": availability.staff_id == request.user.pk,
        "calendars": availability.calendars.order_by("pk"),
        "check_in_week_form": WeekHoursForm.of(
            availability, kind=CallKind.CHECK_IN, auto_id=CHECK_IN_WEEK_ID
        ),
        "check_in_form": CheckInForm(instance=_check_in(availability), auto_id=CHECK_IN_ID),
        "calendar_form": CalendarForm(auto_id=CALENDAR_ID),
    }
    return render(request, "calls/staff/hours.html", context | forms, status=status)


def _confirm_page(request: StaffRequest, availability: Availability, apply: Apply, done: str) -> HttpResponse:
    """Apply a change; if it affects calls, list them and ask, and carry along what was typed."""
    form = ConfirmConflictForm(request.POST)
    answered = form.is_valid()
    try:
        affected = apply(form.answer() if answered else schedule.NOTHING_CONFIRMED)
    except schedule.CallsInConflict as refusal:
        record_accesses(
            viewer=request.user, runners=callers_of(refusal.calls), what="calls in the way", at=timezone.now()
        )
        shown = {str(call.pk) for call in refusal.calls}
        # An answer about other calls than those shown now does not count: ask again with an empty form.
        again = (
            form
            if "agreed" in request.POST and set(request.POST["agreed"].split(",")) >= shown
            else ConfirmConflictForm()
        )
        context = {
            "availability": availability,
            "calls": [
                (call, call_time(call.starts_at, here=request.user.time_zone, there=call.time_zone))
                for call in refusal.calls
            ],
            "agreed": ",".join(sorted(shown)),
            "form": again,
            "typed": [
                (name, value)
                for name, value in request.POST.items()
                if name not in {"csrfmiddlewaretoken", "agreed", "then", "reason"}
            ],
        }
        return render(request, "calls/staff/conflicts.html", context, status=409)
    messages.success(request, done)
    canceled = answered and form.answer().cancel
    if canceled and (silent := [call for call in affected if not call.email]):
        names = ", ".join(call.name for call in silent)
        messages.warning(
            request, f"No email address: phone {names}. They stay on the day page until you mark them done."
        )
    return redirect("calls_admin:hours", availability.pk)


@for_staff(can_see_calls)
@require_POST
def set_week(request: StaffRequest, pk: int) -> HttpResponse:
    """Replace the weekly hours, or with `kind` those of check-ins."""
    availability = _availability(request, pk)
    kind = CallKind.CHECK_IN.value if request.POST.get("kind") == CallKind.CHECK_IN else ""
    form = WeekHoursForm(request.POST, auto_id=CHECK_IN_WEEK_ID if kind else "id_%s")
    if not form.is_valid():
        wrong = {"check_in_week_form" if kind else "week_form": form}
        return _page(request, availability, status=422, **wrong)

    def apply(agreed: schedule.ConfirmedConflict) -> list[Booking]:
        return schedule.set_week(
            availability=availability,
            weekly=form.weekly(),
            by=request.user,
            at=timezone.now(),
            agreed=agreed,
            kind=kind,
        )

    return _confirm_page(request, availability, apply, "The weekly hours are saved.")


@for_staff(can_see_calls)
@require_POST
def set_terms(request: StaffRequest, pk: int) -> HttpResponse:
    """Change the terms."""
    availability = _availability(request, pk)
    # A second copy of the row: validating a model form writes into its instance.
    form = TermsForm(request.POST, instance=_availability(request, pk))
    if not form.is_valid():
        return _page(request, availability, status=422, terms_form=form)

    def apply(agreed: schedule.ConfirmedConflict) -> list[Booking]:
        return schedule.set_terms(
            availability=availability,
            terms=form.cleaned_data,
            by=request.user,
            at=timezone.now(),
            agreed=agreed,
        )

    return _confirm_page(request, availability, apply, "The limits are saved.")


@for_staff(can_see_calls)
@require_POST
def set_date(request: StaffRequest, pk: int) -> HttpResponse:
    """Set the hours of one date; with `clear` it returns to the weekly hours."""
    availability = _availability(request, pk)
    form = DateHoursForm(request.POST, auto_id=DATE_ID)
    if not form.is_valid():
        return _page(request, availability, status=422, date_form=form)
    on = form.cleaned_data["on"]

    def apply(agreed: schedule.ConfirmedConflict) -> list[Booking]:
        common: dict[str, Any] = {
            "availability": availability,
            "on": on,
            "by": request.user,
            "at": timezone.now(),
            "agreed": agreed,
        }
        if "clear" in request.POST:
            return schedule.clear_date(**common)
        return schedule.set_date(**common, times=form.times())

    return _confirm_page(request, availability, apply, "The date is saved.")


@for_staff(can_see_calls)
@require_POST
def enter_leave(request: StaffRequest, pk: int) -> HttpResponse:
    """Enter a leave."""
    availability = _availability(request, pk)
    form = LeaveForm(request.POST, auto_id=LEAVE_ID)
    if not form.is_valid():
        return _page(request, availability, status=422, leave_form=form)
    starts_at, ends_at = form.moments(ZoneInfo(availability.time_zone))

    def apply(agreed: schedule.ConfirmedConflict) -> list[Booking]:
        return schedule.enter_leave(
            availability=availability,
            starts_at=starts_at,
            ends_at=ends_at,
            by=request.user,
            at=timezone.now(),
            agreed=agreed,
        )

    return _confirm_page(request, availability, apply, "The time off is saved.")


@for_staff(can_see_calls)
@require_POST
def end_leave(request: StaffRequest, pk: int, leave: int) -> HttpResponse:
    """Delete a leave."""
    availability = _availability(request, pk)
    row = get_object_or_404(availability.leaves.select_related("availability"), pk=leave)
    schedule.end_leave(leave=row, by=request.user, at=timezone.now())
    messages.success(request, "The time off is removed; those times can be booked again.")
    return redirect("calls_admin:hours", pk)


@for_staff(can_see_calls)
@require_POST
def renew_feed(request: StaffRequest, pk: int) -> HttpResponse:
    """Create one's own calendar address, end it with `revoke`, or only `show` it; a colleague's is off limits."""
    availability = _availability(request, pk)
    check_is_own(request.user, availability)
    if "revoke" in request.POST:
        schedule.revoke_feed(availability=availability, by=request.user, at=timezone.now())
    elif "show" not in request.POST:
        schedule.renew_feed(availability=availability, by=request.user, at=timezone.now())
    return redirect("calls_admin:hours", pk)


@for_staff(can_see_calls)
@require_POST
def enter_calendar(request: StaffRequest, pk: int) -> HttpResponse:
    """Enter one's own calendar by its secret address; a colleague's is off limits."""
    availability = _availability(request, pk)
    check_is_own(request.user, availability)
    form = CalendarForm(request.POST, auto_id=CALENDAR_ID)
    if form.is_valid():
        try:
            add_calendar(availability=availability, by=request.user, at=timezone.now(), **form.cleaned_data)
        except TooManyCalendars as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        return _page(request, availability, status=422, calendar_form=form)
    messages.success(request, "The calendar is added. We’ll read its busy times within a few minutes.")
    return redirect("calls_admin:hours", pk)


@for_staff(can_see_calls)
@require_POST
def end_calendar(request: StaffRequest, pk: int, calendar: int) -> HttpResponse:
    """Remove one's own calendar."""
    availability = _availability(request, pk)
    check_is_own(request.user, availability)
    row = get_object_or_404(availability.calendars.select_related("availability"), pk=calendar)
    remove_calendar(calendar=row, by=request.user, at=timezone.now())
    messages.success(request, "The calendar is removed; its times can be booked again.")
    return redirect("calls_admin:hours", pk)


def _has_own_feed(availability: Availability, user: User) -> bool:
    """Return whether this person's own calendar address is there and works."""
    key = availability.feed_key
    return availability.staff_id == user.pk and key is not None and staff_of_feed(key.hex) is not None


def _check_in(availability: Availability) -> CheckInTerms:
    """Return the terms for check-ins, new ones if the person has no terms yet."""
    return CheckInTerms.objects.filter(availability=availability).first() or CheckInTerms(
        availability=availability
    )


@for_staff(can_see_calls)
@require_POST
def set_check_in(request: StaffRequest, pk: int) -> HttpResponse:
    """Change the terms for check-in calls."""
    availability = _availability(request, pk)
    form = CheckInForm(request.POST, instance=_check_in(availability), auto_id=CHECK_IN_ID)
    if not form.is_valid():
        return _page(request, availability, status=422, check_in_form=form)

    def apply(agreed: schedule.ConfirmedConflict) -> list[Booking]:
        return schedule.set_check_in(
            availability=availability,
            terms=form.cleaned_data,
            by=request.user,
            at=timezone.now(),
            agreed=agreed,
        )

    return _confirm_page(request, availability, apply, "The settings for check-ins are saved.")
