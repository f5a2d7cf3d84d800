"""Writing to the outbox, and taking back what has not gone out."""

import logging
from collections.abc import Sequence
from datetime import datetime
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.db import transaction

from challenge.mail.models import ORDINARY_PRIORITY, PRIORITY, Kind, OutboxMessage, State
from challenge.mail.rendering import render
from challenge.mail.waking import wake_the_mailer

log = logging.getLogger(__name__)


def put_in_outbox(
    *,
    kind: Kind,
    template: str,
    to: str,
    context: dict[str, Any],
    dedupe_key: str,
    at: datetime,
    about: str = "",
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    reply_to: str = "",
    headers: dict[str, str] | None = None,
    attachments: Sequence[dict[str, str]] = (),
) -> OutboxMessage:
    """Renders and stores one email; the same `dedupe_key` again returns the row that is there.

    `attachments` are dicts of `name`, `content_type` and `content` (text). Call it inside the transaction of what
    the email tells: both happen or neither. The mailer is woken after commit.
    """
    rendered = render(template, context)
    message, created = OutboxMessage.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "kind": kind,
            "about": about,
            "to_email": to.strip().lower(),
            "reply_to": reply_to,
            "subject": rendered.subject,
            "text": rendered.text,
            "html": rendered.html,
            "headers": headers or {},
            "attachments": list(attachments),
            "message_id": make_msgid(domain=settings.SITE_HOST),
            "priority": PRIORITY.get(kind, ORDINARY_PRIORITY),
            "created_at": at,
            "send_at": send_at or at,
            "expires_at": expires_at,
        },
    )
    if created and message.send_at <= at:
        transaction.on_commit(wake_the_mailer)
    return message


def withdraw_unsent(*, about: str, kind: Kind, at: datetime) -> int:
    """Takes back what of this kind about this thing has not gone out; returns how many."""
    return OutboxMessage.objects.filter(about=about, kind=kind, state=State.QUEUED).update(
        state=State.WITHDRAWN
    )
