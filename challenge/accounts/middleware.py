"""Middleware for sign-in: floods, time zone, idle sessions, kept forms, second factor, fresh sign-in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urldefrag, urlencode, urljoin

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone

from challenge.accounts import kept_forms, sessions
from challenge.accounts.rate_limits import refuse_flood
from challenge.accounts.refill import readable, refill

Respond = Callable[[HttpRequest], HttpResponse]

SIGNED_OUT = "You were signed out."
IDLE = "You were signed out because this window wasn’t used for a while."
TOO_LONG = "You were signed out because you signed in a good while ago."
TYPED_IS_KEPT = "We’ll keep what you typed for one hour: sign in, and it comes back."
# Views that staff may open before their second factor: signing out, staying signed in, and the health checks.
ALWAYS = {"account_logout", "health_live", "health_ready", "stay_signed_in"}
# Views open with a factor that is set up but was not used in this session. A password alone must not remove it.
TO_CONFIRM = ALWAYS | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# Views open to staff without a factor, to set one up.
TO_SET_UP = ALWAYS | {
    "account_confirm_email",
    "account_email_verification_sent",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
    "sign_in_again",
}
# Views that need a recent sign-in: ways to sign in, roles, cohorts' clinicians, exports, deletions.
FRESH = {
    "account_change_password",
    "account_set_password",
    "admin:challenge_cohort_add",
    "admin:challenge_cohort_change",
    "admin:challenge_user_add",
    "admin:challenge_user_change",
    "emergency",
    "close_colleague",
    "invite_colleague",
    "next_cohort",
    "plan_cohort",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "review:report_csv",
}
FRESH_TO_POST = {"account_email", "me_delete", "me_export", "review:confirm_address", "seats_admin:export"}
# Views that make or show an address that works without signing in -> the page that has the button. Turning it off asks
# nothing.
FRESH_TO_MAKE = {
    "calls_admin:desk_feed": "calls_admin:day",
    "calls_admin:renew_feed": "calls_admin:hours",
    "change_feed": "reminders",
    "log_import_address": "log_import",
}


class TimeZoneMiddleware:
    """Show times in the signed-in person's own time zone."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            with timezone.override(request.user.zone):
                return self.get_response(request)
        return self.get_response(request)


class FloodMiddleware:
    """Refuse one request too many of a network to the views that send mail or check a secret."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        return refuse_flood(request)


class IdleTimeMiddleware:
    """End a session that was not used (staff after `STAFF_IDLE`, runners after two weeks) or has lived its life.

    A late POST is answered in `process_view`, which runs after Django's CSRF check: what staff typed is kept only where
    that check passes (see `kept_forms`).
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        if not sessions.is_expired(request):
            # The board refreshes itself: a forgotten window must not keep the session open.
            if request.headers.get("X-Requested-With") != "board":
                sessions.record_use(request)
            return self.get_response(request)
        if request.method != "POST":
            return _sign_out(request, next_url=request.get_full_path())
        response = self.get_response(request)
        if request.user.is_authenticated:  # refused by the CSRF check, or no view has this URL
            logout(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST":
            return None
        is_staff_form = kept_forms.is_staff_form(request)
        if not request.user.is_authenticated:  # perhaps they signed out in another window of the same browser
            owner = kept_forms.owner_of(request) if is_staff_form else None
            return _keep_late_form(request, owner) if owner is not None else None
        if not sessions.is_expired(request):
            return None
        if is_staff_form and request.user.is_staff:
            return _keep_late_form(request, request.user.pk)
        return _sign_out(request)


def _keep_late_form(request: HttpRequest, owner: int) -> HttpResponse:
    return _sign_out(request, next_url=kept_forms.keep(request, owner=owner), hint=TYPED_IS_KEPT)


def _sign_out(request: HttpRequest, *, next_url: str = "", hint: str = "") -> HttpResponse:
    why = TOO_LONG if sessions.is_over(request) else IDLE
    if not request.user.is_authenticated:  # by another window of this browser, and why is not known here
        why = SIGNED_OUT
    logout(request)
    messages.info(request, f"{why} {hint}".strip())
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': next_url} if next_url else {})}")


class SignedOutMiddleware:
    """Let the browser forget pages that it keeps for its Back button, once someone has signed out.

    Only its own cache: `storage` would remove the service worker and the runs that wait on the phone to be sent, which
    `static/js/offline.js` clears by itself after it has sent them (docs/adr/0012-no-signal.md).
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        name = _view_name(request)
        if request.method == "POST" and name == "account_logout":
            response["Clear-Site-Data"] = '"cache"'
        return response


class KeptFormMiddleware:
    """Fill a form with what its sender typed before they were signed out. The last middleware, behind every guard."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kept: kept_forms.KeptForm | None = getattr(request, "kept_form", None)
        return response if kept is None or kept.is_shown else _fill(request, response, kept)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Take the kept form when the page that has it is about to be rendered, and not before."""
        if request.method != "GET" or not request.user.is_authenticated or not request.user.is_staff:
            return None
        token = request.session.get(kept_forms.IN_SESSION)
        if token is None:
            return None
        kept = kept_forms.read(token, owner=request.user.pk)
        if kept is None or kept.address == request.get_full_path():
            del request.session[kept_forms.IN_SESSION]
            request.kept_form = kept and kept_forms.take(token, owner=request.user.pk)  # type: ignore[attr-defined]
        return None


def _fill(request: HttpRequest, response: HttpResponse, kept: kept_forms.KeptForm) -> HttpResponse:
    """Return the page with its form filled; else a redirect to the page that has the form; else the text alone."""
    if response.status_code == 200 and response.get("Content-Type", "").startswith("text/html"):
        html = refill(
            response.content.decode(),
            address=kept.address,
            action=kept.action,
            values=kept.values,
            why=kept.why,
        )
        if html is not None:
            response.content = html
            return response
    form_page = ""
    if response.status_code == 405:  # a URL for POST alone, below the page that has the form
        form_page = urljoin(kept.address.split("?")[0], "..")
    elif response.status_code == 302:
        form_page = urldefrag(urljoin(kept.address, response["Location"])).url
    if form_page.startswith(kept_forms.STAFF_PAGES) and kept.hops < kept_forms.MAX_HOPS:
        moved, owner = replace(kept, address=form_page, hops=kept.hops + 1), cast(int, request.user.pk)
        return redirect(kept_forms.store(moved, owner=owner))
    context = {"lost": readable(kept.values), "address": kept.address, "why": kept.why}
    return render(request, "account/kept_text.html", context)


class StaffSecondFactorMiddleware:
    """Let staff open no page without a second factor used in this session, at whatever URL. Fails closed."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        user = request.user
        if not settings.REQUIRE_STAFF_MFA or not (user.is_authenticated and user.is_staff):
            return None
        # A factor removed since it was used no longer counts.
        if sessions.used_second_factor(request) and sessions.has_second_factor(user):
            return None
        name = _view_name(request)
        if sessions.has_second_factor(user):
            query = urlencode({"next": request.get_full_path()})
            factor_page = sessions.factor_page_url(user)
            return None if name in TO_CONFIRM else redirect(f"{factor_page}?{query}")
        return None if name in TO_SET_UP else redirect("mfa_index")


class FreshSignInMiddleware:
    """Ask for a recent sign-in before exports, roles, deletions, secret addresses and changes of ways to sign in.

    Opening a form needs a more recent one than sending it, so that there is time to type in between.
    What made a session fresh, or changed a way to sign in, also renews the browser's cookie.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sessions.renew_cookie(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or not _must_be_fresh(request):
            return None
        within = sessions.FRESH_TO_SEND if request.method == "POST" else sessions.FRESH_TO_OPEN
        if sessions.is_fresh(request, within=within):
            return None
        page = FRESH_TO_MAKE.get(_view_name(request))
        return sessions.redirect_to_confirm(request, back=reverse(page, kwargs=kwargs) if page else "")


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _must_be_fresh(request: HttpRequest) -> bool:
    name = _view_name(request)
    if name in FRESH or (name.startswith("admin:") and name.endswith("_delete")):
        return True
    # The admin deletes selected rows by a POST to the list itself.
    deletes_a_list = name.endswith("_changelist") and "action" in request.POST
    turns_off = request.POST.get("turn") == "off" or "revoke" in request.POST
    makes = name in FRESH_TO_MAKE and not turns_off
    return request.method == "POST" and (name in FRESH_TO_POST or deletes_a_list or makes)
