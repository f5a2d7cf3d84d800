"""What every request of a signed-in person goes through."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone

from challenge.accounts import sessions

Respond = Callable[[HttpRequest], HttpResponse]

# What staff may open before their second factor: signing out, and the machines' health pages.
ALWAYS = {"account_logout", "health_live", "health_ready"}
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
    """Ends a session that nobody used: staff after a quarter of an hour, runners after two weeks."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        if not sessions.ran_out(request):
            # A page that refreshes itself is used by nobody: a forgotten board must not keep a session open.
            if request.headers.get("X-Requested-With") != "board":
                sessions.note_use(request)
            return self.get_response(request)
        logout(request)
        messages.info(request, "You were signed out because this window was not used for a while.")
        there = {"next": request.get_full_path()} if request.method == "GET" else {}
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode(there)}")


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
            there = sessions.where_to_show_factor(user)
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
        return None if sessions.is_fresh(request, within=within) else sessions.ask_to_confirm(request)


def _must_be_fresh(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in FRESH or (name.startswith("admin:") and name.endswith("_delete")):
        return True
    deletes_a_list = name.endswith("_changelist") and "action" in request.POST
    return request.method == "POST" and (name in FRESH_TO_POST or deletes_a_list)
