"""Hands what is due to the mail server: claim, commit, hand over, mark where the token is still ours.

docs/mail.md draws the states. Between two messages stands one short transaction: it marks the one that was taken and
says which is handed over next. So a worker that dies leaves at most one message of which nobody knows.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, QuerySet, Value, When

from challenge.db.bulk import paused_garbage_collection
from challenge.mail.actions import mark_refused
from challenge.mail.models import TOO_LATE, MessageKind, MessageState, OutboxMessage
from challenge.mail.transports import (
    DeliveryUnknown,
    MessageRefused,
    ServerUnreachable,
    Transport,
    open_transport,
)

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # every wait on the server together ends well inside it, see EMAIL_TIMEOUT
BATCH = 50
WAIT_FOR_SERVER = timedelta(minutes=1)
ALIKE = 2  # domains: the same refusal of recipients at so many in a row is about the server, not about them
LOST_AT_MOST = 4
UNREAD = (
    "dedupe_key",
    "about",
    "created_at",
    "send_at",
    "sent_at",
    "expires_at",
    "lease_token",
    "lease_until",
)
WIPED = "Wiped when it was handed over."
FREE = {"lease_token": None, "lease_until": None, "handing_over": False}

# One statement, so one transaction and one way to the database: it runs between every two messages. As two updates of
# the ORM it cost more than handing a message over.
STEP = """
    WITH marked AS (
        UPDATE challenge_outboxmessage
        SET state = 'sent', sent_at = %(at)s, last_error = '',
            lease_token = NULL, lease_until = NULL, handing_over = false,
            text = CASE WHEN kind = 'security' THEN %(wiped)s ELSE text END,
            html = CASE WHEN kind = 'security' THEN '' ELSE html END
        WHERE id = %(taken)s AND lease_token = %(token)s
    )
    UPDATE challenge_outboxmessage
    SET handing_over = true, attempts = attempts + 1, lease_until = %(until)s
    WHERE id = %(next)s AND lease_token = %(token)s AND lease_until > %(at)s
"""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class DeliveryCounts:
    """What one pass did. `more`: it stopped before everything due was tried."""

    sent: int = 0
    failed: int = 0
    more: bool = False


def deliver_due(*, now: Clock, until: datetime | None = None, urgent_only: bool = False) -> DeliveryCounts:
    """Sends what is due, a batch at a time over one connection, until nothing is due or `until` has come."""
    recover(at=now())
    sent = failed = 0
    out = open_transport()
    try:
        while until is None or now() < until:
            token, messages = claim(at=now(), batch=BATCH, urgent_only=urgent_only)
            if not messages:
                return DeliveryCounts(sent, failed)
            batch = _Batch(token, messages, out, now, until)
            with paused_garbage_collection():
                reached = batch.deliver()
            sent, failed = sent + batch.sent, failed + batch.failed
            if not reached:
                return DeliveryCounts(sent, failed)
        return DeliveryCounts(sent, failed, more=True)
    finally:
        out.close()


def recover(*, at: datetime) -> None:
    """What the clock decides: leases that ran out fall due again, what came too late is given up."""
    lost = OutboxMessage.objects.filter(state=MessageState.CLAIMED, lease_until__lte=at)
    given_up = Q(handing_over=True, attempts__gte=LOST_AT_MOST)
    lost.update(
        state=Case(When(given_up, then=Value(MessageState.FAILED)), default=Value(MessageState.QUEUED)),
        last_error=Case(When(handing_over=True, then=Value("unsure")), default=F("last_error")),
        unsure=ExpressionWrapper(Q(unsure=True) | Q(handing_over=True), output_field=BooleanField()),
        **FREE,
    )
    late = OutboxMessage.objects.filter(state=MessageState.QUEUED, expires_at__lte=at)
    late.filter(kind=MessageKind.SECURITY).update(
        state=MessageState.FAILED, last_error=TOO_LATE, text=WIPED, html=""
    )
    late.update(state=MessageState.FAILED, last_error=TOO_LATE)


def claim(*, at: datetime, batch: int, urgent_only: bool = False) -> tuple[uuid.UUID, list[OutboxMessage]]:
    """Claims up to `batch` due rows under a fresh token, the urgent first; what others hold is passed over."""
    token, lease_until = uuid.uuid4(), at + LEASE
    due = OutboxMessage.objects.filter(state=MessageState.QUEUED, send_at__lte=at).exclude(expires_at__lte=at)
    if urgent_only:
        due = due.filter(kind=MessageKind.SECURITY)
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True, no_key=True).order_by("priority", "send_at", "pk")
        messages = list(rows.defer(*UNREAD)[:batch])
        OutboxMessage.objects.filter(pk__any_of=[m.pk for m in messages]).update(
            state=MessageState.CLAIMED, lease_token=token, lease_until=lease_until
        )
    return token, messages


class _Batch:
    """Claimed messages on their way out. `taken` is the one handed over and not marked yet."""

    def __init__(
        self,
        token: uuid.UUID,
        messages: Sequence[OutboxMessage],
        out: Transport,
        now: Clock,
        until: datetime | None,
    ) -> None:
        self.token, self.messages, self.out, self.now, self.until = token, messages, out, now, until
        self.taken: OutboxMessage | None = None
        self.sent = self.failed = 0
        self.refusal, self.domains = "", set[str]()  # the last one, and whose recipients got it in a row

    def deliver(self) -> bool:
        """Hands the messages over one by one; False where the server is away and the rest was put back."""
        for at_place, message in enumerate(self.messages):
            if self.until is not None and self.now() >= self.until:
                self._put_back(self.messages[at_place:], wait=timedelta(0), error="")
                break
            if not self._step_to(message):
                continue
            try:
                self.out.send_message(message, at=self.now())
            except MessageRefused as refused:
                self._refused(message, refused)
                if self._refuses_alike(message, refused):
                    self._put_back(self.messages[at_place + 1 :], wait=WAIT_FOR_SERVER, error=refused.code)
                    log.warning("the mail server refuses everybody alike", extra={"code": refused.code})
                    return False
            except DeliveryUnknown:
                self._mark_unknown(message)
            except ServerUnreachable as away:
                self._ours(message).update(attempts=F("attempts") - 1)  # nothing was tried
                self._put_back(self.messages[at_place:], wait=WAIT_FOR_SERVER, error=str(away))
                self._mark_taken()
                log.warning("the mail server is away")
                return False
            else:
                self.taken = message
                self.sent += 1
                self.domains.clear()
        self._mark_taken()
        return True

    def _refuses_alike(self, message: OutboxMessage, refused: MessageRefused) -> bool:
        """Whether recipients at different domains, one after another, were refused in the same words.

        These keep their growing pauses, so that the next pass begins with others: a few recipients whom their own
        servers refuse never hold everybody up.
        """
        if refused.for_good:
            self.domains.clear()  # it judges one by one
            return False
        if refused.code != self.refusal:
            self.refusal, self.domains = refused.code, set()
        self.domains.add(message.to_email.rpartition("@")[2])
        return len(self.domains) >= ALIKE

    def _ours(self, message: OutboxMessage) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(pk=message.pk, lease_token=self.token)

    def _step_to(self, message: OutboxMessage) -> bool:
        """Marks the last one and sets out with this one; False where it was taken from us meanwhile."""
        taken = self.taken.pk if self.taken is not None else None
        at = self.now()
        known = {
            "at": at.isoformat(), "until": (at + LEASE).isoformat(), "token": str(self.token),
            "taken": taken, "next": message.pk, "wiped": WIPED,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(STEP, known)
            self.taken = None
            return bool(cursor.rowcount)

    def _mark_taken(self) -> None:
        if self.taken is None:
            return
        self._ours(self.taken).update(
            state=MessageState.SENT, sent_at=self.now(), last_error="", **FREE, **_erased_fields(self.taken)
        )
        self.taken = None

    def _refused(self, message: OutboxMessage, refused: MessageRefused) -> None:
        """For good: staff see it, and an address that does not exist gets no weekly email. Else again after a pause."""
        at = self.now()
        self.failed += 1
        over = refused.for_good or message.give_up_at <= at
        pause = timedelta(minutes=2 ** min(message.attempts + 1, 8))
        with transaction.atomic():
            self._ours(message).update(
                state=MessageState.FAILED if over else MessageState.QUEUED,
                send_at=at + pause,
                last_error=refused.code[:60],
                **FREE,
                **(_erased_fields(message) if over else {}),
            )
            if refused.for_good and refused.address:
                mark_refused(email=message.to_email, at=at)
        log.warning("a message was not taken", extra={"outbox": message.pk, "code": refused.code})

    def _mark_unknown(self, message: OutboxMessage) -> None:
        """Sent again once, with the same Message-ID; a second time without an answer is for staff to judge."""
        self.failed += 1
        again = not message.unsure
        self._ours(message).update(
            state=MessageState.QUEUED if again else MessageState.FAILED,
            send_at=self.now() + WAIT_FOR_SERVER,
            unsure=True,
            last_error="unsure",
            **FREE,
            **({} if again else _erased_fields(message)),
        )
        log.warning("no answer after a message was handed over", extra={"outbox": message.pk})

    def _put_back(self, messages: Sequence[OutboxMessage], *, wait: timedelta, error: str) -> None:
        """Not tried: due again after `wait`, unless two days are over."""
        at = self.now()
        held = OutboxMessage.objects.filter(pk__any_of=[m.pk for m in messages], lease_token=self.token)
        if error:
            held.filter(give_up_at__lte=at).update(
                state=MessageState.FAILED, send_at=at, last_error=error[:60], **FREE
            )
        held.update(
            state=MessageState.QUEUED,
            send_at=at + wait,
            **({"last_error": error[:60]} if error else {}),
            **FREE,
        )


def _erased_fields(message: OutboxMessage) -> dict[str, str]:
    return {"text": WIPED, "html": ""} if message.kind == MessageKind.SECURITY else {}
