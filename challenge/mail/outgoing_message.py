"""One email before it is a row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from challenge.mail.models import MessageKind


@dataclass(frozen=True)
class OutgoingMessage:
    """A template, what it is filled with, and to whom. The same `dedupe_key` is the same email.

    `personal` is what differs from letter to letter where many are written at once, see `rendering.render`.

    `send_at`: not before; `expires_at`: worth nothing after. `attachments` are dicts of `name`, `content_type` and
    `content` (text).
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
