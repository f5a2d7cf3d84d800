"""Record what happens to who someone is: one append-only row, one line of the log, and an email where it matters."""

import ipaddress
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from challenge.accounts import emails
from challenge.accounts.identity_kinds import EVENTS, IdentityKind
from challenge.accounts.models import IdentityEvent, User
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
    """Record one event, and write to the account's address where `EVENTS` says so.

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
