"""Confirm a session by signing in again, answer refused passkeys and codes, and keep staff signed in.

Staff see again what they typed before they were signed out.
"""

from typing import Any, cast

from allauth.account.forms import ConfirmLoginCodeForm
from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import (
    ConfirmEmailVerificationCodeView,
    ConfirmLoginCodeView,
    ConfirmPasswordResetCodeView,
    RequestLoginCodeView,
    SignupView,
)
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from allauth.usersessions.adapter import get_adapter as get_usersessions_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts import kept_forms, sessions
from challenge.accounts.models import User
from challenge.accounts.rate_limits import HOUR_S, is_within_limit
from challenge.accounts.sessions import TYPED
from challenge.accounts.staff import check_is_staff

SENT_TWICE = "This address was sent twice at the same moment. Please send it once more."
CODE_EMAIL = "email_of_code"
TRIES = 3
THIRD_CODE = (
    "Three wrong tries, so that code no longer works. Send yourself a new one and continue from there."
)
NEW_CODE = "A new code is on its way. Only the newest one works."
TOO_SOON = "We sent you a code a moment ago. Give it a minute to arrive, then ask for a new one."
NO_MORE_CODES = (
    "That was the last new code for this sign-in. Use the newest one we sent, or choose another address."
)
TOO_MANY = "That was a lot of tries in a short time. Wait a minute, then send this again."


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


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the person out on one of their devices. One that is signed out already is no error."""
    user = cast(User, request.user)
    session = UserSession.objects.filter(user=user, pk=pk).first()
    if session is not None and session.session_key == request.session.session_key:
        return redirect("account_logout")  # the page that asks
    if session is not None:
        get_usersessions_adapter().end_sessions([session])
    messages.success(request, "That device is signed out.")
    return redirect(f"{reverse('me')}#devices")


class ConfirmPasskeyView(ReauthenticateWebAuthnView):
    """Confirm the session with a passkey. After a refusal keep `next`, which allauth drops."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return _redirect_to_retry(self.request, form, at=self.request.path)


class PasskeyLoginView(LoginWebAuthnView):
    """Sign in with a passkey alone. After a refusal keep `next`, which allauth drops."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return _redirect_to_retry(self.request, form, at=reverse("account_login"))


class WayOnMixin:
    """Lead to the page that takes a code with `next`, which allauth drops on the way, also after a new code."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        names = ("account_email_verification_sent", "account_confirm_login_code")
        for page in map(reverse, names):
            if response.headers.get("Location") == page:
                response.headers["Location"] = passthrough_next_redirect_url(request, page, "next")
        return response


class CountedTriesMixin:
    """Take three tries of a code, however many arrive together.

    allauth counts them in the session: of requests at the same moment each reads the same number, and the last to be
    saved may bring back a code that was used up.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view = cast(Any, self)
        tries = f"{request.session.session_key}:{view._process.state['at']}"
        asked = request.POST.get("action") == "resend"
        if not asked and not is_within_limit("code-tries", tries, times=TRIES, window_s=HOUR_S):
            refused: HttpResponse = view.too_many_tries()
            return refused
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class CodePageMixin(WayOnMixin, CountedTriesMixin):
    """Answer a new code that is asked for too soon or too often next to the field of the code, and keep the place.

    allauth shows a bare page for the first, and counts the second as a wrong code.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view = cast(Any, self)
        asked = request.POST.get("action") == "resend"
        if asked and not view._process.can_resend:
            return self._refuse(NO_MORE_CODES)
        try:
            answer: HttpResponse = super().post(request, *args, **kwargs)
        except ImmediateHttpResponse:
            if not asked:
                raise
            return self._refuse(TOO_SOON)
        if asked and answer.headers.get("Location", "").startswith(request.path):
            messages.success(request, NEW_CODE)
        return answer

    def _refuse(self, sentence: str) -> HttpResponse:
        view = cast(Any, self)
        form = ConfirmLoginCodeForm(data={"code": ""}, code=view._process.code)
        form.errors["code"] = form.error_class([sentence])
        answer: HttpResponse = view.render_to_response(view.get_context_data(form=form), status=429)
        return answer


class NewAccountView(WayOnMixin, SignupView):
    """Make an account with an address, which a code confirms. Too many tries are answered next to the address."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except ImmediateHttpResponse as refusal:
            response = refusal.response
        except IntegrityError:  # the same address in the same moment: the other one made the account
            return self._refuse(SENT_TWICE, status=409)
        return self._refuse(TOO_MANY, status=429) if response.status_code == 429 else response

    def _refuse(self, sentence: str, *, status: int) -> HttpResponse:
        form = self.get_form()
        form.errors["email"] = form.error_class([sentence])
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=status)
        return answer


class CodeRequestView(WayOnMixin, RequestLoginCodeView):
    """Ask for a sign-in code; after a third wrong code the address is there already."""

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_initial()
        email = self.request.session.pop(CODE_EMAIL, "")
        return initial | ({"email": email} if email else {})


class SignInCodeView(CodePageMixin, ConfirmLoginCodeView):
    """Take a sign-in code. A third wrong one leads back with the address and `next`, which allauth drops."""

    def form_invalid(self, form: Any) -> HttpResponse:
        if self._process.record_invalid_attempt():
            again: HttpResponse = self.render_to_response(self.get_context_data(form=form))
            return again
        return self.too_many_tries()

    def too_many_tries(self) -> HttpResponse:
        """Lead to another code."""
        return _ask_for_a_new_code(self.request, self._process.state.get("email", ""))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"other_address_url": _with_next(self.request, "account_request_login_code")}


class EmailCodeView(CodePageMixin, ConfirmEmailVerificationCodeView):
    """Take the code that confirms an address; a third wrong one keeps the place, as in `SignInCodeView`."""

    def form_invalid(self, form: Any) -> HttpResponse:
        if self._process.record_invalid_attempt():
            again: HttpResponse = self.render_to_response(self.get_context_data(form=form))
            return again
        return self.too_many_tries()

    def too_many_tries(self) -> HttpResponse:
        """Lead to another code."""
        if self.request.user.is_authenticated:
            messages.error(self.request, THIRD_CODE)
            return redirect("account_email")
        # The sign-in code confirms the address too, so the way on is the same for a new account.
        return _ask_for_a_new_code(self.request, self._process.email)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Not allauth’s change of the address: it is for new accounts only, and would reveal which accounts exist.
        name = "account_email" if self.request.user.is_authenticated else "account_signup"
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"other_address_url": _with_next(self.request, name)}


class ResetCodeView(CountedTriesMixin, ConfirmPasswordResetCodeView):
    """Take the code that lets a password be changed."""

    def too_many_tries(self) -> HttpResponse:
        """Lead to another code."""
        self._process.abort()
        messages.error(self.request, THIRD_CODE)
        return redirect("account_reset_password")


def _ask_for_a_new_code(request: HttpRequest, email: str) -> HttpResponse:
    request.session[CODE_EMAIL] = email
    messages.error(request, THIRD_CODE)
    return redirect(_with_next(request, "account_request_login_code"))


def _with_next(request: HttpRequest, name: str) -> str:
    return str(passthrough_next_redirect_url(request, reverse(name), "next"))


def _redirect_to_retry(request: HttpRequest, form: Any, *, at: str) -> HttpResponse:
    for sentence in form.errors.get("credential", []):
        messages.error(request, sentence)
    return redirect(passthrough_next_redirect_url(request, at, "next"))


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
