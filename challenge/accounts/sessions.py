"""How a session stands: when it was last used, how freshly its person signed in, whether with a second factor."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
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
NOTED_EVERY = timedelta(minutes=1)
FRESH_TO_OPEN = timedelta(minutes=5)
FRESH_TO_SEND = timedelta(minutes=15)
LAST_USED = "last_used_at"
TYPED = "typed_before_confirming"
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_expired(request: HttpRequest) -> bool:
    """Whether nobody used this session for longer than its person's role allows."""
    last = request.session.get(LAST_USED)
    return last is not None and time.time() - last > _idle_limit(request).total_seconds()


def seconds_left(request: HttpRequest) -> float:
    """Return the time until this session ends if it is not used."""
    last = request.session.get(LAST_USED, time.time())
    return max(0.0, _idle_limit(request).total_seconds() - (time.time() - last))


def idle_times(request: HttpRequest) -> dict[str, float]:
    """Return what the page's own clock needs, in seconds: when to warn, and when the session ends."""
    return {"left": seconds_left(request), "warning": settings.STAFF_IDLE_WARNING.total_seconds()}


def _idle_limit(request: HttpRequest) -> timedelta:
    return settings.STAFF_IDLE if request.user.is_staff else RUNNER_IDLE


def record_use(request: HttpRequest, *, at_once: bool = False) -> None:
    """Notes that the session is used, at most once a minute: a session then ends up to a minute early."""
    last = request.session.get(LAST_USED)
    every = min(NOTED_EVERY, _idle_limit(request) / 15)
    if at_once or last is None or time.time() - last > every.total_seconds():
        request.session[LAST_USED] = time.time()
        UserSession.objects.create_from_request(request)
        if request.user.is_staff:
            kept_forms.note_owner(request)


def has_second_factor(user: Any) -> bool:
    """Whether an authenticator app or a passkey is set up. Recovery codes alone are none."""
    return bool(get_mfa_adapter().is_mfa_enabled(user, types=SECOND_FACTORS))


def factor_page_url(user: Any) -> str:
    """The page that asks this person for their second factor, the first of theirs."""
    methods = get_adapter().get_reauthentication_methods(user)
    return str(next(one["url"] for one in methods if one["id"].startswith("mfa_reauthenticate")))


def used_second_factor(request: HttpRequest) -> bool:
    """Whether this very session was opened, or confirmed, with the second factor."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def mark_factor_used(request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Who has just set up an authenticator has shown that they hold it: no second code to set up the first."""
    if authenticator.type in SECOND_FACTORS:
        how = {"id": authenticator.pk, "type": authenticator.type, "reauthenticated": True}
        record_authentication(request, user, "mfa", **how)


def end_others(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Sign the person out everywhere but here: the way they sign in has changed."""
    end_sessions(user, but=request.session.session_key or "")


def is_fresh(request: HttpRequest, *, within: timedelta) -> bool:
    """Whether the person signed in, or confirmed that it is them, this recently in this session."""
    records = get_authentication_records(request, request.user)
    latest = max((record.get("at", 0) for record in records), default=0)
    return time.time() - latest < within.total_seconds()


def keep_typed(request: HttpRequest, what: str, typed: dict[str, Any]) -> None:
    """Keep what was typed while the person shows again that it is them; `what` names the form."""
    request.session[TYPED] = {"by": request.user.pk, "what": what, "typed": typed}


def typed_before(request: HttpRequest, what: str) -> dict[str, Any]:
    """Return what this person had typed into the form `what`; empty where they had not."""
    kept = request.session.get(TYPED, {})
    mine = kept.get("by") == request.user.pk and kept.get("what") == what
    return dict(kept["typed"]) if mine else {}


def redirect_to_confirm(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """Sends the person to show again that it is them, and back to the page they came for, or to `back`."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    there = methods[0]["url"] if methods else reverse("sign_in_again")
    return redirect(f"{there}?{urlencode({'next': back or request.get_full_path()})}")
