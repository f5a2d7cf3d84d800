"""Writing to the outbox, taking back what has not gone out, and what is known of an address."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, QuerySet, When

from challenge.db.bulk import insert
from challenge.mail.models import (
    GIVE_UP_AFTER,
    ORDINARY_PRIORITY,
    PRIORITY,
    AddressState,
    MessageKind,
    MessageState,
    OutboxMessage,
)
from challenge.mail.outgoing_message import OutgoingMessage
from challenge.mail.rendering import render
from challenge.mail.wake_worker import wake_mailer


def put_in_outbox(
    *,
    kind: MessageKind,
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
    letter = OutgoingMessage(
        kind=kind,
        template=template,
        to=to,
        context=context,
        dedupe_key=dedupe_key,
        about=about,
        send_at=send_at,
        expires_at=expires_at,
        reply_to=reply_to,
        headers=headers or {},
        attachments=attachments,
    )
    there = OutboxMessage.objects.filter(dedupe_key=dedupe_key).first()
    return there or put_all_in_outbox([letter], at=at)[0]


def put_all_in_outbox(letters: Sequence[OutgoingMessage], *, at: datetime) -> list[OutboxMessage]:
    """Renders and stores many emails in one statement; rows that are there already are returned as they stand.

    Call it inside a transaction, as `put_in_outbox`.
    """
    stored = insert([_outbox_row(letter, at) for letter in letters], key="dedupe_key", known_too=True)
    rows = {row.dedupe_key: row for row in stored}
    keys = [letter.dedupe_key for letter in letters]
    if there := [key for key in keys if key not in rows]:
        known = OutboxMessage.objects.filter(dedupe_key__in=there).defer(*BODY)
        rows |= {row.dedupe_key: row for row in known}
    if any(row.send_at <= at for row in rows.values()):
        urgent = any(row.kind == MessageKind.SECURITY for row in rows.values())
        transaction.on_commit(lambda: wake_mailer(urgent=urgent))
    return [rows[key] for key in keys]


BODY = ("text", "html", "attachments", "headers")
COPY = "test:"  # how the key of a copy begins; the number of what it copies follows


def _outbox_row(letter: OutgoingMessage, at: datetime) -> OutboxMessage:
    rendered = render(letter.template, letter.context, letter.personal)
    return OutboxMessage(
        kind=letter.kind,
        dedupe_key=letter.dedupe_key,
        about=letter.about,
        to_email=letter.to.strip().lower(),
        reply_to=letter.reply_to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=letter.headers,
        attachments=list(letter.attachments),
        message_id=make_msgid(domain=settings.SITE_HOST),
        priority=PRIORITY.get(letter.kind, ORDINARY_PRIORITY),
        created_at=at,
        send_at=letter.send_at or at,
        give_up_at=(letter.send_at or at) + GIVE_UP_AFTER,
        expires_at=letter.expires_at,
    )


def withdraw_unsent(*, about: str, kind: MessageKind, at: datetime) -> int:
    """Takes back what of this kind about this thing has not gone out; returns how many.

    A message that a worker holds and is not handing over yet is taken from it: the worker asks for its token again
    before it hands over. One that is being handed over may arrive and cannot be called back; it is never tried again.
    """
    return _withdraw(OutboxMessage.objects.filter(about=about, kind=kind), at=at)


def withdraw_superseded(*, dedupe_keys: Iterable[str], at: datetime) -> int:
    """Takes back, as `withdraw_unsent`, the very messages that one written in the same transaction stands for."""
    return _withdraw(OutboxMessage.objects.filter(dedupe_key__in=list(dedupe_keys)), at=at)


def _withdraw(messages: QuerySet[OutboxMessage], *, at: datetime) -> int:
    on_the_way = messages.filter(state__in=[MessageState.QUEUED, MessageState.CLAIMED])
    withdrawn = on_the_way.filter(handing_over=False).update(
        state=MessageState.WITHDRAWN, lease_token=None, lease_until=None
    )
    on_the_way.filter(handing_over=True).update(expires_at=at)
    return withdrawn


def send_again(*, message: OutboxMessage, at: datetime) -> bool:
    """Queues a failed message anew, by a person's wish; False where it is not failed or its body was wiped."""
    changed = (
        OutboxMessage.objects.filter(pk=message.pk, state=MessageState.FAILED)
        .exclude(kind=MessageKind.SECURITY)
        .update(
            state=MessageState.QUEUED,
            send_at=at,
            give_up_at=at + GIVE_UP_AFTER,
            expires_at=Case(When(expires_at__gt=at, then=F("expires_at"))),
            attempts=0,
            last_error="",
        )
    )
    if changed:
        transaction.on_commit(wake_mailer)
    return bool(changed)


def send_copy(*, message: OutboxMessage, to: str, at: datetime) -> OutboxMessage:
    """A test copy for staff, without the runner's own unsubscribe link. Never of a sign-in code."""
    if message.kind == MessageKind.SECURITY:
        raise ValueError("A sign-in code is shown to nobody.")
    link = message.headers.get("List-Unsubscribe", "").strip("<>")
    with transaction.atomic():
        copy = OutboxMessage.objects.create(
            kind=MessageKind.TEST,
            dedupe_key=f"{COPY}{message.pk}:{uuid.uuid4()}",
            to_email=to,
            subject=f"Copy: {message.subject}"[:200],
            text=message.text.replace(link, settings.SITE_URL) if link else message.text,
            html=message.html.replace(link, settings.SITE_URL) if link else message.html,
            message_id=make_msgid(domain=settings.SITE_HOST),
            created_at=at,
            send_at=at,
            give_up_at=at + GIVE_UP_AFTER,
        )
        transaction.on_commit(wake_mailer)
    return copy


def addresses_of(emails: Iterable[str]) -> dict[str, AddressState]:
    """What is known of each address; a row is made for those never seen."""
    wanted = {email.strip().lower() for email in emails}
    known = {row.email: row for row in AddressState.objects.filter(email__in=wanted)}
    new = sorted(wanted - known.keys())
    if new:
        AddressState.objects.bulk_create([AddressState(email=email) for email in new], ignore_conflicts=True)
        known |= {row.email: row for row in AddressState.objects.filter(email__in=new)}
    return known


def unsubscribe_weekly(*, address: AddressState, at: datetime) -> None:
    """No more weekly emails to this address; twice is once. What waits to go out is taken back."""
    AddressState.objects.filter(pk=address.pk, weekly_unsubscribed_at__isnull=True).update(
        weekly_unsubscribed_at=at
    )
    OutboxMessage.objects.filter(
        to_email=address.email,
        kind=MessageKind.WEEKLY,
        state__in=[MessageState.QUEUED, MessageState.CLAIMED],
        handing_over=False,
    ).update(state=MessageState.WITHDRAWN, lease_token=None, lease_until=None)


def subscribe_weekly(*, address: AddressState) -> None:
    """Weekly emails again, by the person's own wish: an earlier complaint or refusal is forgotten with it."""
    AddressState.objects.filter(pk=address.pk).update(
        weekly_unsubscribed_at=None, refused_at=None, complained_at=None
    )


def mark_refused(*, email: str, at: datetime) -> None:
    """The address does not exist: weekly mail stops, staff call."""
    address = addresses_of([email])[email.strip().lower()]
    AddressState.objects.filter(pk=address.pk, refused_at__isnull=True).update(refused_at=at)


def clear_refused(*, emails: Iterable[str]) -> int:
    """Write to these addresses again: the server that refused them was wrong, or is mended. Returns how many.

    What their readers said themselves, no weekly email or a complaint, stays as it is.
    """
    marked = AddressState.objects.filter(email__in=[e.strip().lower() for e in emails])
    return marked.filter(refused_at__isnull=False).update(refused_at=None)


def mark_complained(*, email: str, at: datetime) -> None:
    """Somebody called our email spam: weekly mail stops, staff call."""
    address = addresses_of([email])[email.strip().lower()]
    AddressState.objects.filter(pk=address.pk, complained_at__isnull=True).update(complained_at=at)
