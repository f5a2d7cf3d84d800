"""`/call/check-in/`: a runner books a check-in with a clinician of their cohort."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from challenge.accounts.models import User
from challenge.calls import actions
from challenge.calls.emails import call_link
from challenge.calls.forms import CheckInBookingForm
from challenge.calls.models import CallKind
from challenge.calls.queries import check_in_staff, question_of
from challenge.calls.slot_picker import SlotFinder, parse_search, slot_text
from challenge.calls.staff_time import SlotTaken
from challenge.calls.time_text import call_time
from challenge.enrollment.queries import enrollment_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest) -> HttpResponse:
    """Show a week of times of the runner's own clinicians; with a time chosen, the form; book on POST."""
    user = request.user
    enrollment = enrollment_of(user) if isinstance(user, User) else None
    if not isinstance(user, User) or enrollment is None:
        raise Http404
    query = request.POST if request.method == "POST" else request.GET
    finder = SlotFinder(
        parse_search(query, zone=user.time_zone),
        timezone.now(),
        kind=CallKind.CHECK_IN,
        among=check_in_staff(enrollment.cohort.pk),
    )
    slot = finder.search.slot
    staff_id = _free(finder, slot) if slot is not None else None
    if slot is None or (staff_id is None and request.method != "POST"):
        context = {"finder": finder, "week": finder.week(request.path), "lost": slot is not None}
        return render(request, "calls/check_in.html", context)
    form = CheckInBookingForm(
        request.POST if request.method == "POST" else None,
        initial={"slot": slot_text(slot), "phone": user.phone},
        question=question_of(staff_id or 0),
    )
    if request.method == "POST" and form.is_valid():
        try:
            booking = actions.book(
                starts_at=slot,
                staff_id=staff_id or 0,
                prospect=actions.Prospect(
                    name=user.name,
                    email=user.email,
                    time_zone=user.time_zone,
                    phone=form.cleaned_data["phone"],
                    answer=form.cleaned_data.get("answer", ""),
                ),
                by=None,
                at=finder.at,
                form_key=form.cleaned_data["key"],
                kind=CallKind.CHECK_IN,
            )
        except SlotTaken:
            context = {"finder": finder, "week": finder.week(request.path), "lost": True}
            return render(request, "calls/check_in.html", context, status=409)
        return redirect(call_link(booking) + "?new")
    when = call_time(slot, here=finder.search.zone.key, there=finder.search.zone.key)
    context = {"finder": finder, "form": form, "when": when, "back": finder.link(request.path)()}
    return render(request, "calls/check_in.html", context, status=422 if form.errors else 200)


def _free(finder: SlotFinder, moment: datetime) -> int | None:
    """Return a clinician who is free then, or None."""
    return next((slot.staff_id for slot in finder.slots if slot.starts_at == moment), None)
