"""Confirm a session by signing in again, and answer a refused passkey."""

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
    """Explain on GET; on POST sign out and go to the emailed code, which leads back to `next`."""
    requested = request.POST.get("next", request.GET.get("next", ""))
    next_url = requested if url_has_allowed_host_and_scheme(requested, allowed_hosts=None) else "/me/"
    if request.method == "GET":
        return render(request, "account/sign_in_again.html", {"next_url": next_url})
    typed = request.session.get(TYPED)
    logout(request)
    if typed:
        # Signing out empties the session. `typed_before` shows this to the same person only.
        request.session[TYPED] = typed
    return redirect(f"{resolve_url('account_request_login_code')}?{urlencode({'next': next_url})}")


class ConfirmPasskeyView(ReauthenticateWebAuthnView):
    """Confirm the session with a passkey. After a refusal keep `next`, which allauth drops."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return _redirect_to_retry(self.request, form, at=self.request.path)


class PasskeyLoginView(LoginWebAuthnView):
    """Sign in with a passkey alone. After a refusal keep `next`, which allauth drops."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return _redirect_to_retry(self.request, form, at=reverse("account_login"))


def _redirect_to_retry(request: HttpRequest, form: Any, *, at: str) -> HttpResponse:
    for sentence in form.errors.get("credential", []):
        messages.error(request, sentence)
    return redirect(passthrough_next_redirect_url(request, at, "next"))
