"""Showing again that it is you, for accounts without a password or second factor."""

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods


@login_required
@require_http_methods(["GET", "POST"])
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Explains, then signs out and goes on to the code by email; afterwards back to where they came from."""
    asked = request.POST.get("next", request.GET.get("next", ""))
    there = asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/me/"
    if request.method == "GET":
        return render(request, "account/sign_in_again.html", {"there": there})
    logout(request)
    return redirect(f"{resolve_url('account_request_login_code')}?{urlencode({'next': there})}")
