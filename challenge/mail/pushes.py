"""Put pushes in the outbox: the same rows, keys and leases as an email, handed over by `push_transport`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid

from django.conf import settings
from django.db import transaction

from challenge.db.bulk import insert
from challenge.mail.models import GIVE_UP_AFTER, MessageKind, OutboxMessage, PushAddress
from challenge.mail.wake_worker import wake_pusher


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
    stored = insert([_outbox_row(push, at) for push in pushes], key="dedupe_key", known_too=True)
    if stored:
        transaction.on_commit(wake_pusher)
    return len(stored)


def _outbox_row(push: Push, at: datetime) -> OutboxMessage:
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
