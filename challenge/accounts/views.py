"""Showing again that it is you, without a password or second factor, and after a passkey that was refused."""

from typing import Any

from allauth.account.utils import passthrough_next_redirect_url
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods

from challenge.accounts.sessions import TYPED


@login_required
@require_http_methods(["GET", "POST"])
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Explains, then signs out and goes on to the code by email; afterwards back to where they came from."""
    asked = request.POST.get("next", request.GET.get("next", ""))
    there = asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/me/"
    if request.method == "GET":
        return render(request, "account/sign_in_again.html", {"there": there})
    typed = request.session.get(TYPED)
    logout(request)
    if typed:
        request.session[TYPED] = typed  # shown to the same person alone, once they are back
    return redirect(f"{resolve_url('account_request_login_code')}?{urlencode({'next': there})}")


class ConfirmPasskeyView(ReauthenticateWebAuthnView):
    """A passkey once more. Allauth sends who is refused to the sign-in, and forgets where they were going."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return _redirect_to_retry(self.request, form, at=self.request.path)


class PasskeyLoginView(LoginWebAuthnView):
    """Signing in with a passkey alone; who is refused may try once more and still lands where they were going."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return _redirect_to_retry(self.request, form, at=reverse("account_login"))


def _redirect_to_retry(request: HttpRequest, form: Any, *, at: str) -> HttpResponse:
    for sentence in form.errors.get("credential", []):
        messages.error(request, sentence)
    return redirect(passthrough_next_redirect_url(request, at, "next"))
