"""Hands what is due to the mail server: claim, commit, send, mark where the token is still ours."""

import logging
import smtplib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Q

from challenge.mail.models import Kind, OutboxMessage, State

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
BATCH = 20
GIVE_UP_AFTER = timedelta(days=2)
WIPED = "Wiped when it was handed over."


@dataclass(frozen=True)
class Delivered:
    sent: int
    failed: int


def deliver_due(*, now: Callable[[], datetime], batch: int = BATCH) -> Delivered:
    """Sends everything due, a batch at a time over one connection, until nothing is due."""
    sent = failed = 0
    while True:
        token, messages = claim(at=now(), batch=batch)
        if not messages:
            return Delivered(sent, failed)
        connection = get_connection()
        try:
            for message in messages:
                if hand_over(message, token=token, connection=connection, now=now):
                    sent += 1
                else:
                    failed += 1
        finally:
            connection.close()


def claim(*, at: datetime, batch: int) -> tuple[uuid.UUID, list[OutboxMessage]]:
    """Claims up to `batch` due rows under a fresh token; leases that ran out fall due again, marked unsure."""
    token = uuid.uuid4()
    with transaction.atomic():
        OutboxMessage.objects.filter(state=State.CLAIMED, lease_until__lte=at).update(
            state=State.QUEUED,
            lease_token=None,
            lease_until=None,
            unsure=ExpressionWrapper(Q(unsure=True) | Q(handing_over=True), output_field=BooleanField()),
            handing_over=False,
        )
        OutboxMessage.objects.filter(state=State.QUEUED, expires_at__lte=at).update(
            state=State.FAILED, last_error="too late", text=WIPED, html=""
        )
        due = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(state=State.QUEUED, send_at__lte=at)
            .order_by("priority", "send_at", "pk")[:batch]
        )
        ids = [message.pk for message in due]
        OutboxMessage.objects.filter(pk__in=ids).update(
            state=State.CLAIMED, lease_token=token, lease_until=at + LEASE, attempts=F("attempts") + 1
        )
    return token, list(OutboxMessage.objects.filter(lease_token=token).order_by("priority", "send_at", "pk"))


def hand_over(
    message: OutboxMessage, *, token: uuid.UUID, connection: object, now: Callable[[], datetime]
) -> bool:
    """Sends one claimed message and marks it; False where it failed or was taken from us meanwhile."""
    ours = OutboxMessage.objects.filter(pk=message.pk, lease_token=token, lease_until__gt=now())
    if not ours.update(handing_over=True):
        return False
    try:
        as_email(message, connection=connection, at=now()).send()
    except (OSError, smtplib.SMTPException) as error:
        note_failure(message, token=token, error=error, at=now())
        return False
    wiped = {"text": WIPED, "html": ""} if message.kind == Kind.SECURITY else {}
    changed = OutboxMessage.objects.filter(pk=message.pk, lease_token=token).update(
        state=State.SENT, sent_at=now(), lease_token=None, lease_until=None, handing_over=False, **wiped
    )
    return bool(changed)


def note_failure(message: OutboxMessage, *, token: uuid.UUID, error: Exception, at: datetime) -> None:
    """Queues it again with a growing pause, for two days; keeps the kind of error, never its text."""
    pause = timedelta(minutes=2 ** min(message.attempts, 8))
    over = at - message.created_at > GIVE_UP_AFTER
    OutboxMessage.objects.filter(pk=message.pk, lease_token=token).update(
        state=State.FAILED if over else State.QUEUED,
        send_at=at + pause,
        lease_token=None,
        lease_until=None,
        handing_over=False,
        last_error=str(getattr(error, "smtp_code", "") or type(error).__name__),
    )
    log.warning("a message was not taken", extra={"message": message.pk})


def as_email(message: OutboxMessage, *, connection: object, at: datetime) -> EmailMultiAlternatives:
    """The row as Django's email, with the Message-ID it was given when it was written."""
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to_email],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": message.message_id, "Date": format_datetime(at)} | message.headers,
        connection=connection,
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    for part in message.attachments:
        if part["content_type"].startswith("text/calendar"):
            # Mail readers offer an invitation's answer only where it is an alternative to the text.
            email.attach_alternative(part["content"], part["content_type"])
        else:
            email.attach(part["name"], part["content"].encode(), part["content_type"])
    return email
