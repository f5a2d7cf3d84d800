"""The privacy notice, a person's export of their data, and the deletion of their account."""

from typing import cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.privacy.actions import StaffAccount, erase_account
from challenge.privacy.queries import everything_about, zipped
from challenge.privacy.retention import RULES


class DeleteForm(forms.Form):
    understood = forms.BooleanField(
        label="Yes, delete my account and everything in it",
        error_messages={"required": "Check the box to show that you mean it."},
    )


@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """Show what is stored, who reads it and how long: the times are those of the retention rules themselves."""
    context = {
        "kept": [(rule.name, rule.words) for rule in RULES if rule.days],
        "has_push": bool(settings.PUSH_KEY),
        "has_error_reports": bool(settings.SENTRY_DSN),
    }
    return render(request, "privacy/notice.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Show the page with its button; on POST stream the zip."""
    if request.method == "GET":
        return render(request, "privacy/export.html")
    at, user = timezone.now(), cast(User, request.user)
    record_identity(what="data_exported", account=user, by=user, at=at)
    tables = everything_about(user)
    return StreamingHttpResponse(
        zipped(tables, at=at),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="pain-free-runner-{at:%Y-%m-%d}.zip"',
            "Cache-Control": "private, no-store",
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Show what is deleted and what stays; delete on POST with the box ticked."""
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            erase_account(user=request.user, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except StaffAccount:
            form.add_error(None, "Staff accounts are closed by the owner. Please ask them.")
        else:
            logout(request)
            messages.success(request, "Your account is deleted. Thank you for running with us.")
            return redirect("home")
    return render(request, "privacy/delete.html", {"form": form})
