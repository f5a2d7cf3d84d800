"""`/me/`: a person's settings, where they are signed in, who looked at their data, and withdrawal."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from challenge.accounts.models import User
from challenge.accounts.queries import accesses_to, identity_events_of, live_sessions
from challenge.enrollment.actions import withdraw as withdraw_seat
from challenge.enrollment.models import EndReason, Enrollment
from challenge.enrollment.queries import enrollment_of
from challenge.intake.actions import change_settings
from challenge.intake.forms import SettingsForm, WithdrawForm
from challenge.intake.queries import consents_of

ACCESSES_SHOWN = SESSIONS_SHOWN = 10
EVENTS_SHOWN = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show and change settings, with links to everything else about one's own account."""
    user = cast(User, request.user)
    enrollment = enrollment_of(user)
    form = SettingsForm(
        request.POST if request.method == "POST" else None,
        initial=_current_settings(user, enrollment),
        is_runner=enrollment is not None,
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        change_settings(
            user=user,
            name=typed["name"],
            phone=typed["phone"],
            time_zone=typed["time_zone"],
            uses_kilometers=typed["unit"] == "km",
            email_content=typed.get("email_content"),
            by=user,
            at=timezone.now(),
        )
        messages.success(request, "Saved.")
        return redirect("me")
    context = {
        "form": form,
        "enrollment": enrollment,
        "looks": accesses_to(user)[:ACCESSES_SHOWN],
        "sessions": live_sessions(user, at=timezone.now())[:SESSIONS_SHOWN],
        "this_session": request.session.session_key,
        "events": identity_events_of(user)[:EVENTS_SHOWN],
        "consents": consents_of(enrollment) if enrollment is not None else [],
    }
    return render(request, "intake/me.html", context, status=422 if form.errors else 200)


def _current_settings(user: User, enrollment: Enrollment | None) -> dict[str, Any]:
    return {
        "name": user.name,
        "phone": user.phone,
        "time_zone": user.time_zone,
        "unit": "km" if user.uses_kilometers else "mi",
        "email_content": enrollment.email_content if enrollment is not None else None,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Give up the seat, for good, after a confirmation."""
    user = cast(User, request.user)
    enrollment = enrollment_of(user)
    if enrollment is None:
        return redirect("me")
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        withdraw_seat(seat=enrollment.seat, reason=EndReason.WITHDREW, by=user, at=timezone.now())
        messages.success(request, "You gave up your seat. What you logged is still yours.")
        return redirect("me")
    context = {"form": form, "enrollment": enrollment}
    return render(request, "intake/withdraw.html", context, status=422 if form.errors else 200)
