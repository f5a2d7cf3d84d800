"""An email before it is rendered and stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from challenge.mail.models import MessageKind


@dataclass(frozen=True)
class OutgoingMessage:
    """A template, its context and the recipient. Messages with the same `dedupe_key` are the same email.

    `personal` holds the values that differ between many messages written together, see `rendering.render`.
    The message is not sent before `send_at` nor after `expires_at`. `attachments` are dicts of `name`,
    `content_type` and `content` (text).
    """

    kind: MessageKind
    template: str
    to: str
    context: dict[str, Any]
    dedupe_key: str
    personal: dict[str, Any] = field(default_factory=dict)
    about: str = ""
    send_at: datetime | None = None
    expires_at: datetime | None = None
    reply_to: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    attachments: Sequence[dict[str, str]] = ()
