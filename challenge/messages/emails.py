"""The email to a runner that there is a message. The message itself is on the page.

`announce` is the one place where a message leaves the program for someone's phone.
"""

from datetime import datetime, timedelta

from django.conf import settings

from challenge.enrollment.models import Enrollment
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.messages.queries import notice_is_due

# While a message is unread, another one is no reason for another email.
QUIET = timedelta(hours=12)


def announce(*, enrollment: Enrollment, after: int, at: datetime) -> OutboxMessage | None:
    """Announce a clinician's message to the runner; None where they were just written to or want no email.

    `after` is the id of the message before it, 0 for the first: one email for each place in the conversation.
    """
    if not enrollment.address or not notice_is_due(enrollment, at=at, quiet=QUIET):
        return None
    return message_waiting(enrollment=enrollment, after=after, at=at)


def message_waiting(*, enrollment: Enrollment, after: int, at: datetime) -> OutboxMessage:
    """Queue the email; the message's text is on the runner's page, behind the sign-in."""
    return put_in_outbox(
        kind=MessageKind.MESSAGE,
        template="message_waiting",
        to=enrollment.address,
        about=enrollment.about,
        dedupe_key=f"message:{enrollment.pk}:{after}",
        context={},  # empty on purpose: pain and plans never leave the site
        reply_to=settings.CLINICAL_REPLY_EMAIL,
        at=at,
    )
