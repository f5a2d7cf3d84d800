"""The one rate limiter of the program, and the limits of sign-in pages for an hour and a day.

Attempts are counted in the cache; while that is away each process counts, and lower. Sign-in pages limit how often
one network may try, and how much mail one mailbox gets: allauth has limits of minutes; these hold against someone who
is patient. An account's own person is counted apart where they have signed in from this network before, so that a
flood from elsewhere does not lock them out.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis.exceptions import RedisError

from challenge.accounts.identity import network_of
from challenge.accounts.identity_kinds import IdentityKind
from challenge.accounts.models import IdentityEvent

log = logging.getLogger(__name__)

HOUR_S, DAY_S = 3600, 86_400
AWAY_DIVISOR = 4  # several processes serve, and each counts alone while the cache is away
ONE_MAILBOX = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}  # dots in these names mean nothing


def mailbox_of(email: str) -> str:
    """Return one spelling for all aliases of a mailbox: robin+1@ and robin@ are one person's."""
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.split("+", 1)[0] or local
    if domain in ONE_MAILBOX:
        return f"{local.replace('.', '')}@{ONE_MAILBOX[domain]}"
    return f"{local}@{domain}"


def is_within_limit(action: str, key: str, *, times: int, window_s: int) -> bool:
    """Count one more `action` of `key`; return whether there were at most `times` since the window opened.

    `key` is a network address or an email address; only its hash is stored. Aliases of a mailbox count as one.
    """
    key = mailbox_of(key) if "@" in key else key.lower()
    counter = f"limit:{action}:{hashlib.sha256(key.encode()).hexdigest()}"
    try:
        return _count(cache, counter, window_s) <= times
    except (RedisError, OSError):
        log.warning("limits are counted in this process: the cache is down")
        return _count(caches["process"], counter, window_s) <= max(1, times // AWAY_DIVISOR)


def network_is_within(request: HttpRequest, action: str, *, an_hour: int, a_day: int) -> bool:
    """Count one more `action` of the visitor's network (/24 or /48), for an hour and for a day."""
    network = network_of(request)
    hourly = is_within_limit(f"{action}-hour", network, times=an_hour, window_s=HOUR_S)
    return is_within_limit(f"{action}-day", network, times=a_day, window_s=DAY_S) and hourly


def _count(counts: BaseCache, counter: str, window_s: int) -> int:
    """Return how often it was counted since its window opened, this time included."""
    # `add` opens the window and leaves a running one; `incr` keeps its end, and is atomic in Valkey.
    counts.add(counter, 0, window_s)
    try:
        return int(counts.incr(counter))
    except ValueError:  # the counter expired between the two calls
        return 1


KNOWN_NETWORK_FOR = timedelta(days=90)
MAILS_A_DAY = 20  # to one mailbox: a person who signs in with a code at every turn
MAILS_TO_UNPROVEN_A_DAY = 5  # no one has typed a code from this mailbox yet
MAILS_WITHOUT_ACCOUNT_A_DAY = 1


@dataclass(frozen=True)
class NetworkLimit:
    """How many POSTs one network may send to the views that share `action`."""

    action: str
    an_hour: int
    a_day: int


CODES = NetworkLimit("codes", an_hour=60, a_day=200)
SIGN_UPS = NetworkLimit("sign-ups", an_hour=40, a_day=100)
SECRETS = NetworkLimit("secrets", an_hour=120, a_day=600)
# View -> its limit. Every view that mails a code, or checks a secret of someone not signed in yet, is here.
LIMITS = {
    "account_request_login_code": CODES,
    "account_reset_password": CODES,
    "account_signup": SIGN_UPS,
    "account_complete_password_reset": SECRETS,
    "account_confirm_login_code": SECRETS,
    "account_confirm_password_reset_code": SECRETS,
    "account_email": CODES,
    "account_email_verification_sent": SECRETS,
    "account_login": SECRETS,
    "account_reauthenticate": SECRETS,
    "admin:login": SECRETS,
    "mfa_authenticate": SECRETS,
    "mfa_login_webauthn": SECRETS,
    "mfa_reauthenticate": SECRETS,
    "mfa_reauthenticate_webauthn": SECRETS,
    "not_me": SECRETS,
}


def refuse_flood(request: HttpRequest) -> HttpResponse | None:
    """Count a POST to a view of LIMITS; return the page with status 429 for one too many."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    limit = LIMITS.get(name)
    if request.method != "POST" or limit is None:
        return None
    if network_is_within(request, limit.action, an_hour=limit.an_hour, a_day=limit.a_day):
        return None
    return too_many(request)


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def may_mail(request: HttpRequest, email: str, *, at: datetime) -> bool:
    """Count one more message to this mailbox; return False above the day's limit, which every address shares.

    It must read the same for an address with and without an account.
    """
    where = "known" if _knows_network(request, email, at=at) else "elsewhere"
    return is_within_limit(f"mail-{where}", email, times=MAILS_A_DAY, window_s=DAY_S)


def is_one_mail_too_many(email: str) -> bool:
    """Return whether this mailbox, unproven or without an account, got its mail of the day. The page hides that."""
    row = EmailAddress.objects.filter(email=email.lower()).first()
    if row is not None and row.verified:
        return False
    times = MAILS_WITHOUT_ACCOUNT_A_DAY if row is None else MAILS_TO_UNPROVEN_A_DAY
    return not is_within_limit("mail-unproven", email, times=times, window_s=DAY_S)


def _knows_network(request: HttpRequest, email: str, *, at: datetime) -> bool:
    """Return whether the account of this address was opened from the visitor's network lately."""
    sign_ins = IdentityEvent.objects.filter(kind=IdentityKind.SIGN_IN, at__gte=at - KNOWN_NETWORK_FOR)
    here: Any = {"network": network_of(request), "account__emailaddress__email": email.lower()}
    return sign_ins.filter(**here).exists()
