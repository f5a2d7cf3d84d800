"""What every request of a signed-in person goes through."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urldefrag, urlencode, urljoin

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone

from challenge.accounts import kept_forms, sessions
from challenge.accounts.refill import in_words, refill

Respond = Callable[[HttpRequest], HttpResponse]

TYPED_IS_KEPT = "What you typed is kept for one hour: sign in, and it comes back."
# What staff may open before their second factor: signing out, staying in, and the machines' health pages.
ALWAYS = {"account_logout", "health_live", "health_ready", "stay_signed_in"}
# With a factor set up but not used in this session: showing it, nothing else. A password alone must not remove it.
TO_CONFIRM = ALWAYS | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# Without one: setting it up.
TO_SET_UP = ALWAYS | {
    "account_confirm_email",
    "account_email_verification_sent",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
    "sign_in_again",
}
# What needs a fresh sign-in: how one signs in, roles, who cares for whom, everything of one person, deletions.
FRESH = {
    "account_change_password",
    "account_set_password",
    "admin:challenge_cohort_add",
    "admin:challenge_cohort_change",
    "admin:challenge_user_add",
    "admin:challenge_user_change",
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


class TimeZoneMiddleware:
    """Times are shown in the signed-in person's own zone."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            with timezone.override(request.user.zone):
                return self.get_response(request)
        return self.get_response(request)


class IdleTimeMiddleware:
    """Ends a session that nobody used: staff after a quarter of an hour, runners after two weeks.

    A POST that comes too late is answered in `process_view`, which runs after Django's CSRF check: what staff typed
    is kept only where that check lets it through (see `kept_forms`).
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        if not sessions.is_expired(request):
            # A page that refreshes itself is used by nobody: a forgotten board must not keep a session open.
            if request.headers.get("X-Requested-With") != "board":
                sessions.record_use(request)
            return self.get_response(request)
        if request.method != "POST":
            return _signed_out(request, there=request.get_full_path())
        response = self.get_response(request)
        if request.user.is_authenticated:  # the CSRF check refused it, or there is no such address
            logout(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST":
            return None
        is_staff_form = kept_forms.is_staff_form(request)
        if not request.user.is_authenticated:  # perhaps signed out in another window of the same browser
            owner = kept_forms.owner_of(request) if is_staff_form else None
            return _typed_too_late(request, owner) if owner is not None else None
        if not sessions.is_expired(request):
            return None
        if is_staff_form and request.user.is_staff:
            return _typed_too_late(request, request.user.pk)
        return _signed_out(request)


def _typed_too_late(request: HttpRequest, owner: int) -> HttpResponse:
    return _signed_out(request, there=kept_forms.keep(request, owner=owner), says=TYPED_IS_KEPT)


def _signed_out(request: HttpRequest, *, there: str = "", says: str = "") -> HttpResponse:
    logout(request)
    messages.info(
        request, f"You were signed out because this window was not used for a while. {says}".strip()
    )
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': there} if there else {})}")


class KeptFormMiddleware:
    """Fills a form with what its sender typed before they were signed out; stands behind every other guard."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kept: kept_forms.KeptForm | None = getattr(request, "kept_form", None)
        return response if kept is None or kept.is_shown else _filled(request, response, kept)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Take the kept form when the page that it stood on is about to be made, and not before."""
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


def _filled(request: HttpRequest, response: HttpResponse, kept: kept_forms.KeptForm) -> HttpResponse:
    """The page with its form filled; where it has none, the page it leads to, at last the text alone."""
    if response.status_code == 200 and response.get("Content-Type", "").startswith("text/html"):
        html = refill(response.content.decode(), address=kept.address, action=kept.action, values=kept.values)
        if html is not None:
            response.content = html
            return response
    elsewhere = ""
    if response.status_code == 405:  # sent to an address of its own, below the page that has the form
        elsewhere = urljoin(kept.address.split("?")[0], "..")
    elif response.status_code == 302:
        elsewhere = urldefrag(urljoin(kept.address, response["Location"])).url
    if elsewhere.startswith(kept_forms.STAFF_PAGES) and kept.hops < kept_forms.MOST_HOPS:
        moved, owner = replace(kept, address=elsewhere, hops=kept.hops + 1), cast(int, request.user.pk)
        return redirect(kept_forms.store(moved, owner=owner))
    return render(request, "account/kept_text.html", {"lost": in_words(kept.values), "address": kept.address})


class StaffSecondFactorMiddleware:
    """Staff reach nothing, wherever it lies, without a second factor used in this session. Fails closed."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        user = request.user
        if not settings.REQUIRE_STAFF_MFA or not (user.is_authenticated and user.is_staff):
            return None
        if sessions.used_second_factor(request) and sessions.has_second_factor(user):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if sessions.has_second_factor(user):
            asked = urlencode({"next": request.get_full_path()})
            there = sessions.factor_page_url(user)
            return None if name in TO_CONFIRM else redirect(f"{there}?{asked}")
        return None if name in TO_SET_UP else redirect("mfa_index")


class FreshSignInMiddleware:
    """Exports, role changes, deletions and ways to sign in ask for a sign-in of the last minutes.

    Opening a form asks for a fresher one than sending it, so that what was typed in between is not lost.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or not _must_be_fresh(request):
            return None
        within = sessions.FRESH_TO_SEND if request.method == "POST" else sessions.FRESH_TO_OPEN
        return None if sessions.is_fresh(request, within=within) else sessions.redirect_to_confirm(request)


def _must_be_fresh(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in FRESH or (name.startswith("admin:") and name.endswith("_delete")):
        return True
    deletes_a_list = name.endswith("_changelist") and "action" in request.POST
    return request.method == "POST" and (name in FRESH_TO_POST or deletes_a_list)
