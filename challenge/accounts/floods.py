"""Limits of sign-in pages for an hour and a day: how often one network may try, and how much mail one mailbox gets.

allauth has limits of minutes; these hold against someone who is patient. An account's own person is counted apart
where they have signed in from this network before, so that a flood from elsewhere does not lock them out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from challenge.accounts.identity import network_of
from challenge.accounts.identity_kinds import IdentityKind
from challenge.accounts.models import IdentityEvent
from challenge.accounts.rate_limits import DAY_S, is_within_limit, network_is_within

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
# View -> its limit. Every view that mails a code, or checks a secret of someone who is not signed in yet, is here.
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
    """Return whether this mailbox, unproven or without an account, got its mail of the day: the page says nothing."""
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
