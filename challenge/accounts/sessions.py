"""Read and mark sessions: last use, time of the last sign-in, second factor, text typed before confirming."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from challenge.accounts import kept_forms
from challenge.accounts.actions import end_sessions

RUNNER_IDLE = timedelta(days=14)
RUNNER_LIFE, STAFF_LIFE = timedelta(days=30), timedelta(hours=12)
RECORD_EVERY = timedelta(minutes=1)
FRESH_TO_OPEN = timedelta(minutes=5)
FRESH_TO_SEND = timedelta(minutes=15)
LAST_USED = "last_used_at"
STARTED = "signed_in_at"
TYPED = "typed_before_confirming"
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_expired(request: HttpRequest) -> bool:
    """Return whether this session was unused for longer than its person's role allows, or has lived its life."""
    last = request.session.get(LAST_USED)
    is_idle = last is not None and time.time() - last > _idle_limit(request).total_seconds()
    return is_idle or is_over(request)


def is_over(request: HttpRequest) -> bool:
    """Return whether this session has lived its whole life: use extends the idle time, never this."""
    return _life_left(request) < 0


def _life_left(request: HttpRequest) -> float:
    life = STAFF_LIFE if request.user.is_staff else RUNNER_LIFE
    started: float = request.session.get(STARTED, time.time())
    return life.total_seconds() - (time.time() - started)


def mark_start(request: HttpRequest) -> None:
    """Start the session's whole life, which no use extends."""
    request.session[STARTED] = time.time()


def seconds_left(request: HttpRequest) -> float:
    """Return the seconds until this session ends if it is not used: the idle time, or what is left of its life."""
    last: float = request.session.get(LAST_USED, time.time())
    idle_left = _idle_limit(request).total_seconds() - (time.time() - last)
    return max(0.0, min(idle_left, _life_left(request)))


def idle_times(request: HttpRequest) -> dict[str, float]:
    """Return, in seconds, the time left and how long before the end the page's script warns."""
    return {"left": seconds_left(request), "warning": settings.STAFF_IDLE_WARNING.total_seconds()}


def _idle_limit(request: HttpRequest) -> timedelta:
    return settings.STAFF_IDLE if request.user.is_staff else RUNNER_IDLE


def record_use(request: HttpRequest, *, immediately: bool = False) -> None:
    """Record use of the session, at most once a minute to save writes: it may end up to a minute early."""
    last = request.session.get(LAST_USED)
    # Tests and demos use idle times of seconds.
    every = min(RECORD_EVERY, _idle_limit(request) / 15)
    if immediately or last is None or time.time() - last > every.total_seconds():
        request.session[LAST_USED] = time.time()
        request.session.setdefault(STARTED, time.time())
        # The page of devices shows this row's last use; allauth writes it only at sign-in.
        UserSession.objects.create_from_request(request)
        if request.user.is_staff:
            kept_forms.remember_owner(request)


def has_second_factor(user: Any) -> bool:
    """Return whether an authenticator app or a passkey is set up. Recovery codes alone do not count."""
    return bool(get_mfa_adapter().is_mfa_enabled(user, types=SECOND_FACTORS))


def factor_page_url(user: Any) -> str:
    """Return the URL of the page that asks this person for the first of their second factors."""
    methods = get_adapter().get_reauthentication_methods(user)
    return str(next(method["url"] for method in methods if method["id"].startswith("mfa_reauthenticate")))


def used_second_factor(request: HttpRequest) -> bool:
    """Return whether this session was opened or confirmed with the second factor."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def mark_factor_used(request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record the factor as used in this session: setting it up has proven that the person holds it.

    allauth's own `record_authentication` is internal; the session key and the format of the records are public.
    """
    if authenticator.type in SECOND_FACTORS:
        record = {"method": "mfa", "at": time.time(), "id": authenticator.pk, "type": authenticator.type}
        records = [*get_authentication_records(request, user), record | {"reauthenticated": True}]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records


def ask_for_new_cookie(request: HttpRequest) -> None:
    """Let this browser get another cookie with its answer: a copy of the old one then opens nothing."""
    request.renews_cookie = True  # type: ignore[attr-defined]


def renew_cookie(request: HttpRequest) -> None:
    """Give the browser the other cookie that was asked for, and keep its line in the list of devices."""
    old = request.session.session_key
    if old is None or not getattr(request, "renews_cookie", False) or not request.user.is_authenticated:
        return
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def end_other_sessions(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Sign the person out on every other device, after a change of the way they sign in.

    Who copied this browser's cookie is on another device too.
    """
    ask_for_new_cookie(request)
    end_sessions(user, but=request.session.session_key or "")


def is_fresh(request: HttpRequest, *, within: timedelta) -> bool:
    """Return whether the person signed in, or confirmed the session, `within` this time."""
    records = get_authentication_records(request, request.user)
    latest = max((record.get("at", 0) for record in records), default=0)
    return time.time() - latest < within.total_seconds()


def shows_secrets(request: HttpRequest) -> bool:
    """Return whether a page may show an address that opens without signing in: who reads it keeps it."""
    return is_fresh(request, within=FRESH_TO_SEND)


def keep_typed(request: HttpRequest, what: str, typed: dict[str, Any]) -> None:
    """Keep the fields of the form `what` in the session while its person confirms the session."""
    request.session[TYPED] = {"by": request.user.pk, "what": what, "typed": typed}


def typed_before(request: HttpRequest, what: str) -> dict[str, Any]:
    """Return the kept fields of the form `what`; empty without any, or if another person typed them."""
    kept = request.session.get(TYPED, {})
    matches = kept.get("by") == request.user.pk and kept.get("what") == what
    return dict(kept["typed"]) if matches else {}


def redirect_to_confirm(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """Redirect to the page that confirms the session; it leads to `back`, by default to this page."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    page = methods[0]["url"] if methods else reverse("sign_in_again")
    return redirect(f"{page}?{urlencode({'next': back or request.get_full_path()})}")
