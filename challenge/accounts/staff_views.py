"""Keep staff signed in, and show again what they typed before they were signed out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from challenge.accounts import kept_forms, sessions
from challenge.accounts.policies import check_is_staff


@login_required
@require_POST
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """Record use of the session; return the seconds until it would end."""
    check_is_staff(request.user)
    sessions.record_use(request, immediately=True)
    return JsonResponse({"seconds": sessions.seconds_left(request)})


@login_required
@require_safe
def kept_form(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect to the page of the kept form. `KeptFormMiddleware` fills the form there."""
    kept = kept_forms.read(token, owner=check_is_staff(request.user).pk)
    if kept is None:
        messages.warning(
            request, "What you typed is no longer here. We keep it for one hour and show it once."
        )
        return redirect("admin:index")
    request.session[kept_forms.IN_SESSION] = token
    return redirect(f"{kept.address}#kept")
