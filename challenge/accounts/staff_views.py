"""Staying signed in, and what was typed before a sign-out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from challenge.accounts import kept_forms, sessions


@login_required
@require_POST
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """Count as use of the session; return the seconds until it would end."""
    if not request.user.is_staff:
        raise PermissionDenied
    sessions.record_use(request, at_once=True)
    return JsonResponse({"seconds": sessions.seconds_left(request)})


@login_required
@require_safe
def kept_form(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to the page whose form is filled with what is kept; `KeptFormMiddleware` fills it there."""
    if not request.user.is_staff:
        raise PermissionDenied
    kept = kept_forms.read(token, owner=request.user.pk)
    if kept is None:
        messages.warning(request, "What was typed is no longer here: it is kept for one hour and shown once.")
        return redirect("admin:index")
    request.session[kept_forms.IN_SESSION] = token
    return redirect(f"{kept.address}#kept")
