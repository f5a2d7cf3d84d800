"""`/me/reminders/`: a runner's plan in their calendar. `/plan.ics`: what the calendar program reads."""

import hashlib
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from challenge.accounts.models import User
from challenge.enrollment.queries import enrollment_of
from challenge.notifications import plan_feed
from challenge.notifications.forms import PlanFeedForm
from challenge.notifications.plan_calendar import plan_calendar
from challenge.workouts.access import RunnerRequest, runner_page


@require_safe
@login_required
def reminders(request: HttpRequest) -> HttpResponse:
    """Show the address of one's plan, for a calendar program."""
    enrollment = enrollment_of(cast(User, request.user))
    feed = plan_feed.feed_of(enrollment) if enrollment is not None else None
    address = plan_feed.address_of_feed(feed) if feed is not None else None
    context = {
        "enrollment": enrollment,
        "feed": feed,
        "feed_address": address,
        "webcal": "webcal:" + address.partition(":")[2] if address else "",
        "feed_form": PlanFeedForm(
            initial={"shows_number": feed.shows_number} if feed else None, label_suffix=""
        ),
    }
    return render(request, "notifications/reminders.html", context)


@require_POST
@runner_page
def change_feed(request: RunnerRequest) -> HttpResponse:
    """Make the address of the plan, make another, turn it off, or change what it shows."""
    form = PlanFeedForm(request.POST)
    shows_number = form.is_valid() and form.cleaned_data["shows_number"]
    turn = request.POST.get("turn", "")
    if turn == "off":
        plan_feed.turn_off_feed(enrollment=request.enrollment)
        messages.success(
            request, "The address is off. Your calendar keeps what it has until you remove it there."
        )
    elif turn == "new":
        plan_feed.make_feed(enrollment=request.enrollment, shows_number=shows_number, at=request.at)
        messages.success(request, "Your plan’s address is below. An earlier one is off.")
    else:
        plan_feed.show_number(enrollment=request.enrollment, shows_number=shows_number)
        messages.success(request, "Saved.")
    return redirect("reminders")


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Return a runner's plan for their calendar program. 404 for an unknown or revoked key."""
    found = plan_feed.feed_with_key(request.GET.get("key", ""))
    if found is None:
        raise Http404
    content = plan_calendar(found, at=timezone.now())
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex, nofollow"}
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
    answer = get_conditional_response(request, etag=etag, response=response)
    return cast(HttpResponse, answer)
