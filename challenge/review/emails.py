"""What runners are told of a decision: that there is one. What it says stands on their page."""

from datetime import datetime

from django.conf import settings

from challenge.enrollment.models import Enrollment
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import MessageKind, OutboxMessage


def page_changed(*, enrollment: Enrollment, key: str, at: datetime) -> OutboxMessage:
    """A clinician decided something and this week's email does not tell it."""
    return put_in_outbox(
        kind=MessageKind.PHASE,
        template="page_changed",
        to=enrollment.address,
        about=enrollment.about,
        dedupe_key=f"decision:{key}",
        context={},
        reply_to=settings.CLINICAL_REPLY_EMAIL,
        at=at,
    )


def message_waiting(*, enrollment: Enrollment, at: datetime) -> OutboxMessage:
    """A clinician wrote; the words are on the runner's page, behind the sign-in."""
    return put_in_outbox(
        kind=MessageKind.MESSAGE,
        template="message_waiting",
        to=enrollment.address,
        about=enrollment.about,
        dedupe_key=f"message:{enrollment.pk}:{at.isoformat()}",
        context={},
        reply_to=settings.CLINICAL_REPLY_EMAIL,
        at=at,
    )
