"""The email to a runner about a clinician's decision. What was decided is on their page alone."""

from datetime import datetime

from django.conf import settings

from challenge.enrollment.models import Enrollment
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import MessageKind, OutboxMessage


def page_changed(
    *, enrollment: Enrollment, key: str, at: datetime, send_at: datetime | None = None
) -> OutboxMessage:
    """Announce a decision that this week's email does not contain, at `send_at` or immediately."""
    return put_in_outbox(
        kind=MessageKind.PHASE,
        template="page_changed",
        to=enrollment.address,
        about=enrollment.about,
        dedupe_key=f"decision:{key}",
        context={},  # empty on purpose: pain and plans never leave the site
        reply_to=settings.CLINICAL_REPLY_EMAIL,
        at=at,
        send_at=send_at,
    )
