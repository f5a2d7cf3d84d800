"""Put emails and pushes in the outbox, withdraw unsent ones, record what is known of an address, wake the worker.

A push has the same rows, keys and leases as an email, and is handed over by `push_transport`. A lost wake-up costs
seconds: the scheduled tasks find everything that is due.
"""

import logging
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, QuerySet, When
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from challenge.db.bulk import insert
from challenge.mail.models import (
    GIVE_UP_AFTER,
    ORDINARY_PRIORITY,
    PRIORITY,
    AddressState,
    MessageKind,
    MessageState,
    OutboxMessage,
    PushAddress,
)
from challenge.mail.rendering import OutgoingMessage, clinic_context, render

log = logging.getLogger(__name__)


def wake_mailer(*, urgent: bool = False) -> None:
    """Ask the worker to deliver now; `urgent` starts the task that sends sign-in codes only."""
    _send_task("challenge.deliver_urgent_mail" if urgent else "challenge.deliver_mail")


def wake_pusher() -> None:
    """Ask the worker to deliver pushes now."""
    _send_task("challenge.deliver_pushes")


def wake_weekly_decision() -> None:
    """Ask the worker to look now for weeks to decide or to revise."""
    _send_task("challenge.set_weekly_targets")


def _send_task(task: str) -> None:
    """Send the task; log and ignore a broker that is down, because the request must not fail with it."""
    try:
        current_app.send_task(task)
    except (OperationalError, RedisError, OSError):
        log.warning(
            "the worker could not be woken; the scheduled task will find what is due", extra={"task": task}
        )


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
    """Render and store one email; return the existing row if the `dedupe_key` is known.

    Call it inside the transaction of what the email is about: both happen or neither. The mailer is woken after
    commit. For the arguments see `OutgoingMessage`.
    """
    message = OutgoingMessage(
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
    # Looked up before rendering, which costs more than the query. Two at the same time are caught by the unique key.
    existing = OutboxMessage.objects.filter(dedupe_key=dedupe_key).first()
    return existing or put_all_in_outbox([message], at=at)[0]


def put_all_in_outbox(messages: Sequence[OutgoingMessage], *, at: datetime) -> list[OutboxMessage]:
    """Render and store many emails in one statement; return their rows in order, existing ones unchanged.

    Call it inside a transaction, as `put_in_outbox`.
    """
    clinic = clinic_context() if messages else {}
    written = [_outbox_row(message, clinic, at) for message in messages]
    stored = insert(written, key="dedupe_key", known_too=True)
    rows = {row.dedupe_key: row for row in stored}
    keys = [message.dedupe_key for message in messages]
    if known_keys := [key for key in keys if key not in rows]:
        existing = OutboxMessage.objects.filter(dedupe_key__in=known_keys).defer(*BODY)
        rows |= {row.dedupe_key: row for row in existing}
    if any(row.send_at <= at for row in rows.values()):
        urgent = any(row.kind == MessageKind.SECURITY for row in rows.values())
        transaction.on_commit(lambda: wake_mailer(urgent=urgent))
    return [rows[key] for key in keys]


BODY = ("text", "html", "attachments", "headers")
COPY = "test:"  # a copy's dedupe key begins so; the original's id follows


def _outbox_row(message: OutgoingMessage, clinic: dict[str, Any], at: datetime) -> OutboxMessage:
    rendered = render(message.template, message.context, message.personal, clinic=clinic)
    return OutboxMessage(
        kind=message.kind,
        dedupe_key=message.dedupe_key,
        about=message.about,
        to_email=message.to.strip().lower(),
        reply_to=message.reply_to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=message.headers,
        attachments=list(message.attachments),
        message_id=make_msgid(domain=settings.SITE_HOST),
        priority=PRIORITY.get(message.kind, ORDINARY_PRIORITY),
        created_at=at,
        send_at=message.send_at or at,
        give_up_at=(message.send_at or at) + GIVE_UP_AFTER,
        expires_at=message.expires_at,
    )


def withdraw_unsent(*, about: str, kind: MessageKind, at: datetime) -> int:
    """Withdraw the unsent messages of this kind about this subject; return how many.

    A message that a worker has claimed but not begun to hand over is withdrawn too: the worker checks its token once
    more before it hands over. One that is being handed over may still arrive; it is not tried again.
    """
    return _withdraw(OutboxMessage.objects.filter(about=about, kind=kind), at=at)


def withdraw_superseded(*, dedupe_keys: Iterable[str], at: datetime) -> int:
    """Withdraw, as `withdraw_unsent`, the messages that a new one in the same transaction replaces."""
    return _withdraw(OutboxMessage.objects.filter(dedupe_key__in=list(dedupe_keys)), at=at)


def _withdraw(messages: QuerySet[OutboxMessage], *, at: datetime) -> int:
    unsent = messages.filter(state__in=[MessageState.QUEUED, MessageState.CLAIMED])
    # Without its token the worker's next step finds no row and skips the message.
    withdrawn = unsent.filter(handing_over=False).update(
        state=MessageState.WITHDRAWN, lease_token=None, lease_until=None
    )
    unsent.filter(handing_over=True).update(expires_at=at)
    return withdrawn


def send_again(*, message: OutboxMessage, at: datetime) -> bool:
    """Queue a failed message again at a person's request; return False if it has not failed or its body was wiped."""
    changed = (
        OutboxMessage.objects.filter(pk=message.pk, state=MessageState.FAILED)
        .exclude(kind=MessageKind.SECURITY)
        .update(
            state=MessageState.QUEUED,
            send_at=at,
            give_up_at=at + GIVE_UP_AFTER,
            # An expired message that is sent on purpose would expire again before it leaves.
            expires_at=Case(When(expires_at__gt=at, then=F("expires_at"))),
            attempts=0,
            last_error="",
        )
    )
    if changed:
        transaction.on_commit(wake_mailer)
    return bool(changed)


def send_copy(*, message: OutboxMessage, to: str, at: datetime) -> OutboxMessage:
    """Send staff a copy without the runner's own unsubscribe link.

    Raises ValueError for a sign-in code, which staff must never see.
    """
    if message.kind == MessageKind.SECURITY:
        raise ValueError("A sign-in code is never shown to staff.")
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
    """Return the state of each address, in lower case; new addresses get a row."""
    wanted = {email.strip().lower() for email in emails}
    known = {row.email: row for row in AddressState.objects.filter(email__in=wanted)}
    new = sorted(wanted - known.keys())
    if new:
        # Another worker may insert the same address: ignore the conflict and read the row of either.
        AddressState.objects.bulk_create([AddressState(email=email) for email in new], ignore_conflicts=True)
        known |= {row.email: row for row in AddressState.objects.filter(email__in=new)}
    return known


def unsubscribe_weekly(*, address: AddressState, at: datetime) -> None:
    """End weekly emails to this address and withdraw the waiting ones. Calling it twice changes nothing."""
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
    """Resume weekly emails at the person's own request; an earlier complaint or refusal is cleared too."""
    AddressState.objects.filter(pk=address.pk).update(
        weekly_unsubscribed_at=None, refused_at=None, complained_at=None
    )


def mark_refused(*, email: str, at: datetime) -> None:
    """Record that the address does not exist: weekly emails stop and staff call the runner."""
    address = addresses_of([email])[email.strip().lower()]
    AddressState.objects.filter(pk=address.pk, refused_at__isnull=True).update(refused_at=at)


def clear_refused(*, emails: Iterable[str]) -> int:
    """Clear the refusal of these addresses after the server was repaired; return how many were cleared.

    Unsubscriptions and complaints, which came from the readers themselves, stay.
    """
    addresses = AddressState.objects.filter(email__in=[email.strip().lower() for email in emails])
    return addresses.filter(refused_at__isnull=False).update(refused_at=None)


def mark_complained(*, email: str, at: datetime) -> None:
    """Record a spam complaint: weekly emails stop and staff call the runner."""
    address = addresses_of([email])[email.strip().lower()]
    AddressState.objects.filter(pk=address.pk, complained_at__isnull=True).update(complained_at=at)


@dataclass(frozen=True, slots=True)
class Push:
    """A notification for one device: neutral words, the page that it opens, and the last moment it is worth anything.

    A notification replaces the earlier one with the same `tag`.
    """

    to: PushAddress
    title: str
    body: str
    path: str
    tag: str
    dedupe_key: str
    about: str
    expires_at: datetime


def put_pushes_in_outbox(pushes: Sequence[Push], *, at: datetime) -> int:
    """Store those whose key is new, in one statement; return how many. Call it inside a transaction."""
    stored = insert([_push_row(push, at) for push in pushes], key="dedupe_key", known_too=True)
    if stored:
        transaction.on_commit(wake_pusher)
    return len(stored)


def _push_row(push: Push, at: datetime) -> OutboxMessage:
    return OutboxMessage(
        kind=MessageKind.PUSH,
        push_address=push.to,
        dedupe_key=push.dedupe_key,
        about=push.about,
        to_email="",
        subject=push.title,
        text=push.body,
        headers={"path": push.path, "tag": push.tag},
        message_id=make_msgid(domain=settings.SITE_HOST),
        created_at=at,
        send_at=at,
        give_up_at=at + GIVE_UP_AFTER,
        expires_at=push.expires_at,
    )
