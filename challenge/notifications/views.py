"""`/me/reminders/`: reminders and the plan in a calendar; `/plan.ics` for calendar programs; `/admin/notices/`.

At the last a clinician sets how to be reached, and who substitutes.
"""

import hashlib
from typing import cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.forms import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.models import User
from challenge.accounts.rate_limits import HOUR_S, is_within_limit
from challenge.accounts.sessions import shows_secrets
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.accounts.tags import device
from challenge.enrollment.models import Enrollment
from challenge.enrollment.queries import enrollment_of
from challenge.mail.push_addresses import NoPushService, addresses_of, save_address
from challenge.mail.push_transport import public_key
from challenge.notifications.forms import DeviceForm, NoticeSettingsForm, PlanFeedForm, ReminderForm
from challenge.notifications.models import NoticeSettings, ReminderChoice
from challenge.notifications.plan_calendar import (
    address_of_feed,
    feed_of,
    feed_with_key,
    make_feed,
    plan_calendar,
    show_number,
    turn_off_feed,
)
from challenge.notifications.push_notices import choice_of
from challenge.workouts.access import RunnerRequest, runner_page

NO_SERVICE = "We can’t send to this browser’s notification service. You’ll keep getting email."
TOO_OFTEN = "That was a lot of tries. Please try again in an hour."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reminders(request: HttpRequest) -> HttpResponse:
    """Show and change a person's reminders: which, when, on which devices; and the address of their plan."""
    user = cast(User, request.user)
    enrollment = enrollment_of(user)
    choice = choice_of(user)
    typed = request.POST if request.method == "POST" else None
    form = ReminderForm(typed, initial=model_to_dict(choice), label_suffix="")
    if request.method == "POST" and enrollment is not None and form.is_valid():
        ReminderChoice.objects.update_or_create(user=user, defaults=form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("reminders")
    context = {
        "enrollment": enrollment,
        "form": form,
        "push_public_key": public_key(),
        "devices": addresses_of(user.about),
        "teaches_home_screen": _is_iphone(request) and not choice.knows_home_screen,
        **_feed_context(enrollment),
        "shows_secrets": shows_secrets(request),
    }
    return render(request, "notifications/reminders.html", context, status=422 if form.errors else 200)


def _is_iphone(request: HttpRequest) -> bool:
    return any(name in request.headers.get("User-Agent", "") for name in ("iPhone", "iPad"))


def _feed_context(enrollment: Enrollment | None) -> dict[str, object]:
    feed = feed_of(enrollment) if enrollment is not None else None
    address = address_of_feed(feed) if feed is not None else None
    return {
        "feed": feed,
        "feed_address": address,
        "webcal": "webcal:" + address.partition(":")[2] if address else "",
        "feed_form": PlanFeedForm(
            initial={"shows_number": feed.shows_number} if feed else None, label_suffix=""
        ),
    }


@require_POST
@login_required
def add_device(request: HttpRequest) -> JsonResponse:
    """Take the push address of the browser that asks, or say why not."""
    if not settings.PUSH_KEY:
        raise Http404
    user = cast(User, request.user)
    if not is_within_limit("push-device", str(user.pk), times=30, window_s=HOUR_S):
        return JsonResponse({"refused": TOO_OFTEN}, status=429)
    form = DeviceForm(request.POST)
    try:
        if not form.is_valid():
            raise NoPushService
        save_address(
            owner=user.about,
            device=device(request.headers.get("User-Agent", "")),
            at=timezone.now(),
            **form.cleaned_data,
        )
    except NoPushService:
        return JsonResponse({"refused": NO_SERVICE}, status=422)
    return JsonResponse({"saved": True})


@require_POST
@login_required
def remove_device(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn notifications off for one of the person's devices."""
    addresses_of(cast(User, request.user).about).filter(pk=pk).delete()
    messages.success(request, "Notifications are off for that device.")
    return redirect("reminders")


@require_POST
@login_required
def know_home_screen(request: HttpRequest) -> HttpResponse:
    """Put the note about the home screen away, for good."""
    user = cast(User, request.user)
    ReminderChoice.objects.update_or_create(user=user, defaults={"knows_home_screen": True})
    return redirect("reminders")


@require_POST
@runner_page
def change_feed(request: RunnerRequest) -> HttpResponse:
    """Make the address of the plan, make another, turn it off, only show it, or change what it shows."""
    form = PlanFeedForm(request.POST)
    shows_number = form.is_valid() and form.cleaned_data["shows_number"]
    turn = request.POST.get("turn", "")
    if turn == "off":
        turn_off_feed(enrollment=request.enrollment)
        messages.success(
            request, "The address is off. Your calendar keeps what it has until you remove it there."
        )
    elif turn == "new":
        make_feed(enrollment=request.enrollment, shows_number=shows_number, by=request.user, at=request.at)
        messages.success(request, "Your plan’s address is below. An earlier one is off.")
    elif turn != "show":
        show_number(enrollment=request.enrollment, shows_number=shows_number)
        messages.success(request, "Saved.")
    return redirect("reminders")


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Return a runner's plan for their calendar program. 404 for an unknown or revoked key."""
    found = feed_with_key(request.GET.get("key", ""))
    if found is None:
        raise Http404
    content = plan_calendar(found, at=timezone.now())
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex, nofollow"}
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
    answer = get_conditional_response(request, etag=etag, response=response)
    return cast(HttpResponse, answer)


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: StaffRequest) -> HttpResponse:
    """Show or change the settings; the button "I'm back" ends the time away and leaves the rest."""
    at = timezone.now()
    if request.method == "POST" and "back" in request.POST:
        NoticeSettings.objects.filter(user=request.user).update(away_until=None, stand_in=None, changed_at=at)
        messages.success(request, "Welcome back. Stop flags go to you again.")
        return redirect("notices")
    form = NoticeSettingsForm(request.POST if request.method == "POST" else None, user=request.user, at=at)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("notices")
    return _page(request, form)


def _page(request: StaffRequest, form: NoticeSettingsForm) -> HttpResponse:
    # What is stored: the instance of a form that came back holds what was typed.
    stored = NoticeSettings.objects.filter(user=form.user, away_until__gte=form.today)
    context = {
        "form": form,
        "away": stored.select_related("stand_in").first(),
        "stands_in_for": NoticeSettings.objects.filter(
            stand_in=form.user, away_until__gte=form.today, user__is_active=True
        ).select_related("user"),
        "title": "How we reach you",
        **admin.site.each_context(request),
    }
    return render(request, "notifications/staff/notices.html", context, status=422 if form.errors else 200)
