"""What every request of a signed-in person goes through."""

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

Respond = Callable[[HttpRequest], HttpResponse]


class TimeZoneMiddleware:
    """Times are shown in the signed-in person's own zone."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            with timezone.override(request.user.zone):
                return self.get_response(request)
        return self.get_response(request)


class StaffSecondFactorMiddleware:
    """Staff reach nothing of the admin without a second factor used in this session. Fails closed."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.REQUIRE_STAFF_MFA or not request.path.startswith("/admin/"):
            return self.get_response(request)
        user = request.user
        if not (user.is_authenticated and user.is_staff):
            return self.get_response(request)
        if not is_mfa_enabled(user):
            return redirect("mfa_index")
        if not any(record.get("method") == "mfa" for record in get_authentication_records(request, user)):
            return redirect("mfa_reauthenticate")
        return self.get_response(request)
