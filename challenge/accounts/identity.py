"""Record what happens to who someone is: one append-only row, one line of the log, and an email where it matters.

The receivers record what allauth reports: sign-ins, refusals, and each change of a way to sign in by its own person.
allauth offers no other hook than its signals. `challenge.apps` connects these; the clock is read here.
"""

import ipaddress
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from challenge.accounts import emails
from challenge.accounts.identity_kinds import EVENTS, IdentityKind
from challenge.accounts.models import IdentityEvent, User
from challenge.accounts.one_time_codes import use_code
from challenge.accounts.sessions import ask_for_new_cookie, end_other_sessions, mark_factor_used, mark_start
from challenge.accounts.tags import device

log = logging.getLogger(__name__)

KNOWN_DEVICE_FOR = timedelta(days=90)


def record_identity(
    *,
    what: str,
    account: User | None,
    by: User | None,
    at: datetime,
    means: str = "",
    about: int | None = None,
    to: Iterable[str] = (),
) -> IdentityEvent:
    """Record one event, and write to the account's address where `EVENTS` requires it.

    `by` is None for a visitor who proved nothing, and for the program itself. `to` are further addresses to write to:
    the old one after a change. Network and device are those of the request that runs now, if one does.
    """
    info = EVENTS[what]
    request = context.request
    with transaction.atomic():
        event = IdentityEvent.objects.create(
            account=account,
            actor=by,
            kind=info.kind,
            what=what,
            means=means[:40],
            network=network_of(request),
            device=device_of(request),
            about=about,
            at=at,
        )
        if info.is_mailed and account is not None:
            for address in _addresses(account, to):
                emails.identity_changed(event=event, account=account, to=address, at=at)
    log.info("identity event", extra={"account": account.pk if account is not None else 0, "code": what})
    return event


def refused(user: User, *, means: str = "") -> None:
    """Record a refused sign-in of an account; who tried has proven nothing."""
    record_identity(what="sign_in_refused", account=user, by=None, at=timezone.now(), means=means)


def _addresses(account: User, to: Iterable[str]) -> list[str]:
    primary = EmailAddress.objects.get_primary_email(account) or account.email
    return sorted({primary.lower(), *(address.lower() for address in to)})


def network_of(request: HttpRequest | None) -> str:
    """Return the visitor's network as a /24 (IPv4) or /48 (IPv6), which names no household; "" outside a request."""
    if request is None:
        return ""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network((mapped, 24 if mapped.version == 4 else 48), strict=False))


def device_of(request: HttpRequest | None) -> str:
    """Return browser and system in words, such as "Chrome on Android"; "" outside a request."""
    return device(request.headers.get("User-Agent", "")) if request is not None else ""


def is_new_device(account: User, *, at: datetime) -> bool:
    """Return whether this person has signed in before, but not lately on such a device."""
    sign_ins = IdentityEvent.objects.filter(account=account, kind=IdentityKind.SIGN_IN)
    lately = sign_ins.filter(at__gte=at - KNOWN_DEVICE_FOR, device=device_of(context.request))
    return sign_ins.exists() and not lately.exists()


MEANS = {
    "code": "emailed code",
    "password": "password",
    "password_reset": "new password",
    "totp": "app",
    "webauthn": "passkey",
    "recovery_codes": "recovery code",
}
T = Authenticator.Type
ADDED = {T.TOTP: "totp_activated", T.WEBAUTHN: "webauthn_added", T.RECOVERY_CODES: "recovery_codes_made"}
REMOVED = {
    T.TOTP: "totp_deactivated",
    T.WEBAUTHN: "webauthn_removed",
    T.RECOVERY_CODES: "recovery_codes_removed",
}


def _record_own(what: str, user: User, **more: Any) -> None:
    record_identity(what=what, account=user, by=user, at=timezone.now(), **more)


def on_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Record the sign-in with its means; it is mailed if the device is new."""
    mark_start(request)
    used = [
        record.get("type") or record.get("method") for record in get_authentication_records(request, user)
    ]
    means = ", ".join(dict.fromkeys(MEANS[key] for key in used if key in MEANS))
    new = is_new_device(user, at=timezone.now())
    _record_own("signed_in_new_device" if new else "signed_in", user, means=means)


def on_confirmed(request: HttpRequest, **kwargs: Any) -> None:
    """Renew the cookie of a session whose person has just confirmed it: a copied cookie must not become fresh too."""
    if kwargs.get("reauthenticated"):
        ask_for_new_cookie(request)


def on_wrong_password(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Record a wrong password for an account that exists; an unknown address leaves no row."""
    email = str(credentials.get("email") or credentials.get("username") or "").lower()
    found = EmailAddress.objects.filter(email=email).select_related("user").first()
    if found is not None:
        refused(found.user, means="password")


def on_wrong_code(user: User | None, **kwargs: Any) -> None:
    """Record a wrong code of an email."""
    if user is not None:
        refused(user, means="emailed code")


def on_wrong_factor(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record a wrong code of the app or a wrong recovery code, where the first step was passed."""
    means = MEANS.get(authenticator.type, "")
    record_identity(what="factor_refused", account=user, by=None, at=timezone.now(), means=means)


def on_email_added(user: User, **kwargs: Any) -> None:
    _record_own("email_added", user)


def on_email_confirmed(email_address: EmailAddress, **kwargs: Any) -> None:
    """Record and mail it, except for the first address of an account, whose holder has just typed the code."""
    primary = EmailAddress.objects.get_primary(email_address.user)
    if primary is not None and primary.pk != email_address.pk:
        _record_own("email_confirm", email_address.user)


def on_email_changed(
    user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **kwargs: Any
) -> None:
    addresses = [one.email for one in (from_email_address, to_email_address) if one is not None]
    _record_own("email_changed", user, to=addresses)


def on_email_removed(user: User, email_address: EmailAddress, **kwargs: Any) -> None:
    # An address that was never confirmed may be a stranger's.
    _record_own("email_deleted", user, to=[email_address.email] if email_address.verified else [])


def on_factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type == T.TOTP:
        use_code(authenticator, request.POST.get("code", ""))  # the code that set it up signs no one in
    _record_own(ADDED[T(authenticator.type)], user)


def on_factor_removed(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _record_own(REMOVED[T(authenticator.type)], user)


def on_recovery_codes(user: User, **kwargs: Any) -> None:
    _record_own("recovery_codes_generated", user)


def _on_password(what: str) -> Any:
    def receive(user: User, **kwargs: Any) -> None:
        _record_own(what, user)

    return receive


RECEIVERS = (
    (account_signals.user_logged_in, on_sign_in),
    (account_signals.authentication_step_completed, on_confirmed),
    (user_login_failed, on_wrong_password),
    (account_signals.login_code_rejected, on_wrong_code),
    (account_signals.password_reset_code_rejected, on_wrong_code),
    (account_signals.email_verification_code_rejected, on_wrong_code),
    (mfa_signals.authentication_failed, on_wrong_factor),
    (account_signals.email_added, on_email_added),
    (account_signals.email_confirmed, on_email_confirmed),
    (account_signals.email_changed, on_email_changed),
    (account_signals.email_removed, on_email_removed),
    (account_signals.password_changed, _on_password("password_changed")),
    (account_signals.password_set, _on_password("password_set")),
    (account_signals.password_reset, _on_password("password_reset")),
    (mfa_signals.authenticator_added, on_factor_added),
    (mfa_signals.authenticator_removed, on_factor_removed),
    (mfa_signals.authenticator_reset, on_recovery_codes),
    (mfa_signals.authenticator_added, mark_factor_used),
    *(
        (signal, end_other_sessions)
        for signal in (
            account_signals.email_changed,
            account_signals.email_removed,
            account_signals.password_changed,
            account_signals.password_set,
            account_signals.password_reset,
            mfa_signals.authenticator_added,
            mfa_signals.authenticator_removed,
            mfa_signals.authenticator_reset,
        )
    ),
)


def connect() -> None:
    """Connect every receiver once. Strong references: some are made by a function, and would vanish."""
    for number, (signal, receiver) in enumerate(RECEIVERS):
        signal.connect(receiver, weak=False, dispatch_uid=f"identity-{number}")
