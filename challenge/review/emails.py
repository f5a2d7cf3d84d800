"""Emails to runners about a clinician's decision or message. They hold nothing of it: it is on the runner's page."""

from datetime import datetime

from django.conf import settings

from challenge.enrollment.models import Enrollment
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import MessageKind, OutboxMessage


def page_changed(
    *, enrollment: Enrollment, key: str, at: datetime, send_at: datetime | None = None
) -> OutboxMessage:
    """Announce a decision that this week's email does not contain, at `send_at` or at once."""
    return _neutral_notice(
        enrollment,
        MessageKind.PHASE,
        template="page_changed",
        dedupe_key=f"decision:{key}",
        at=at,
        send_at=send_at,
    )


def message_waiting(*, enrollment: Enrollment, at: datetime) -> OutboxMessage:
    """Announce a message; its text is on the runner's page, behind the sign-in."""
    key = f"message:{enrollment.pk}:{at.isoformat()}"
    return _neutral_notice(enrollment, MessageKind.MESSAGE, template="message_waiting", dedupe_key=key, at=at)


def _neutral_notice(
    enrollment: Enrollment,
    kind: MessageKind,
    *,
    template: str,
    dedupe_key: str,
    at: datetime,
    send_at: datetime | None = None,
) -> OutboxMessage:
    return put_in_outbox(
        kind=kind,
        template=template,
        to=enrollment.address,
        about=enrollment.about,
        dedupe_key=dedupe_key,
        context={},  # empty on purpose: pain and plans never leave the site
        reply_to=settings.CLINICAL_REPLY_EMAIL,
        at=at,
        send_at=send_at,
    )
