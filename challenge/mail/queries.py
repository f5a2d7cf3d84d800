"""Queries about the outbox and the state of addresses."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Greatest
from django.urls import reverse

from challenge.mail.models import (
    GIVE_UP_AFTER,
    TOO_LATE,
    AddressState,
    MessageKind,
    MessageState,
    OutboxMessage,
)

SALT = "weekly-emails"
# What the commonest values of `last_error` mean. An answer of the server is a number and speaks for itself.
REASONS = {
    "": "no one has tried to send it, so the worker is late",
    "ConnectionRefusedError": "no mail server answers at the address in EMAIL_URL",
    "gaierror": "the name of the mail server in EMAIL_URL cannot be found",
    "TimeoutError": "the mail server does not answer in time",
    "SMTPAuthenticationError": "the mail server does not accept the user name and password in EMAIL_URL",
    "SMTPServerDisconnected": "the mail server ends the connection",
    "SSLCertVerificationError": "the certificate of the mail server is not good",
    "SSLError": "the mail server does not speak TLS as EMAIL_URL says",
    "SMTPNotSupportedError": "the mail server does not offer what EMAIL_URL asks for",
    "421": "the mail server says that it is closed for now",
    "401": "the email service does not accept the key in EMAIL_URL",
    "403": "the email service does not accept the key in EMAIL_URL",
    "unsure": "the mail server takes messages and does not say so",
}


def wants_weekly(address: AddressState) -> bool:
    """Return whether weekly emails may go to this address."""
    return not (address.weekly_unsubscribed_at or address.refused_at or address.complained_at)


def has_opted_out(email: str) -> bool:
    """Return whether the reader of this address unsubscribed from weekly emails or complained."""
    opted_out = Q(weekly_unsubscribed_at__isnull=False) | Q(complained_at__isnull=False)
    return AddressState.objects.filter(opted_out, email=email.lower()).exists()


def unsubscribe_url(address: AddressState) -> str:
    """Return the address's one-click link. It names the row's id, not the address, and does not expire."""
    return unsubscribe_urls([address])[address.pk]


def unsubscribe_urls(addresses: Iterable[AddressState]) -> dict[int, str]:
    """Return the links of many addresses by id."""
    # reverse() for each of a thousand addresses is slow; only the token differs.
    signer = signing.Signer(salt=SALT)
    link = settings.SITE_URL + reverse("email_unsubscribe", args=["TOKEN"])
    return {address.pk: link.replace("TOKEN", signer.sign_object(address.pk)) for address in addresses}


def address_of_token(token: str) -> AddressState | None:
    """Return the address of a link; None if we did not sign the link or the address was erased."""
    try:
        pk = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    return AddressState.objects.filter(pk=pk).first()


def readable_messages() -> QuerySet[OutboxMessage]:
    """Return every email that staff may read: all but sign-in codes."""
    return OutboxMessage.objects.exclude(kind__in=[MessageKind.SECURITY, MessageKind.PUSH])


def failing_messages(*, at: datetime) -> QuerySet[OutboxMessage]:
    """Return messages that failed, may have arrived twice or have waited for ten minutes, newest first."""
    long_due = at - timedelta(minutes=10) + GIVE_UP_AFTER
    late = Q(state__in=[MessageState.QUEUED, MessageState.CLAIMED], give_up_at__lte=long_due) | Q(
        state=MessageState.QUEUED, attempts__gt=0
    )
    return (
        readable_messages()
        .filter(Q(state=MessageState.FAILED) | Q(unsure=True) | late)
        .order_by("-created_at", "-pk")
    )


def failing_addresses() -> QuerySet[AddressState]:
    """Return the addresses that refuse our email or complained, for staff to call."""
    return AddressState.objects.filter(Q(refused_at__isnull=False) | Q(complained_at__isnull=False)).order_by(
        "email"
    )


def refused_addresses() -> QuerySet[AddressState]:
    """Return the addresses that do not exist, according to a mail server or a bounce."""
    return AddressState.objects.filter(refused_at__isnull=False)


def given_up(*, since: datetime) -> QuerySet[OutboxMessage]:
    """Return emails that failed since then and that a person may be waiting for.

    Messages that expired are left out, and so are those to an address that does not exist: a visitor who mistypes
    an address must not look like a server in trouble.
    """
    failed = OutboxMessage.objects.filter(state=MessageState.FAILED, send_at__gte=since).exclude(
        Q(last_error=TOO_LATE) | Q(kind=MessageKind.PUSH)
    )
    return failed.exclude(to_email__in=refused_addresses().values("email"))


def kept_waiting(*, at: datetime, longer_than: timedelta) -> QuerySet[OutboxMessage]:
    """Return emails that were refused for now and have been retried for longer than this."""
    # `send_at` moves on with each retry, `give_up_at` does not.
    since = at - longer_than + GIVE_UP_AFTER
    waiting = OutboxMessage.objects.filter(state=MessageState.QUEUED, give_up_at__lte=since, attempts__gt=0)
    return waiting.exclude(kind=MessageKind.PUSH)


def why_waiting(messages: QuerySet[OutboxMessage]) -> str:
    """Return why most of these messages have not gone out, in words; the reason is the last one of each."""
    errors = messages.values_list("last_error").annotate(number=Count("pk")).order_by("-number", "last_error")
    error = next((name for name, _ in errors[:1]), "")
    if error in REASONS:
        return REASONS[error]
    return f"the mail server answers {error}" if error[:1].isdigit() else f"the last error is {error}"


def failures_since(since: datetime) -> dict[str, datetime]:
    """Return the last failure by the message's `about`, and the start of a refusal or complaint by address."""
    failed = readable_messages().filter(state=MessageState.FAILED, send_at__gte=since).exclude(about="")
    given_up = dict(failed.values_list("about").annotate(last=Max("send_at")).order_by())
    began = Greatest("refused_at", "complained_at")  # GREATEST ignores NULL on PostgreSQL
    refusing = failing_addresses().annotate(began=began).filter(began__gte=since)
    return given_up | dict(refusing.values_list("email", "began"))
