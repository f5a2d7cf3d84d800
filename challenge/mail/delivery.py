"""Delivery of due messages: claim, commit, hand over, mark as sent under the claim's token.

docs/mail.md draws the states. One short transaction between two messages marks the last one as sent and announces the
next, so a worker that dies leaves at most one message whose fate is unknown.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, QuerySet, Value, When

from challenge.mail.actions import mark_refused
from challenge.mail.models import TOO_LATE, MessageKind, MessageState, OutboxMessage
from challenge.mail.push_transport import PushTransport
from challenge.mail.transports import (
    DeliveryUnknown,
    MessageRefused,
    ServerUnreachable,
    Transport,
    open_transport,
)

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than all waits for the server together, see EMAIL_TIMEOUT
BATCH_SIZE = 50
WAIT_FOR_SERVER = timedelta(minutes=1)
# Recipients at this many domains refused in the same words, one after the other: the reason is the server, not them.
DOMAINS_REFUSED_ALIKE = 2
MOST_LOST_HANDOVERS = 4
NOT_NEEDED_TO_SEND = (
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
WITHOUT_LEASE = {"lease_token": None, "lease_until": None, "handing_over": False}

# One statement is one transaction and one round trip, between every two messages. Measured: with two updates of the
# ORM in a transaction, a Monday takes twice the processor time.
STEP = """
    WITH marked AS (
        UPDATE challenge_outboxmessage
        SET state = 'sent', sent_at = %(at)s, last_error = '',
            lease_token = NULL, lease_until = NULL, handing_over = false,
            text = CASE WHEN kind = 'security' THEN %(wiped)s ELSE text END,
            html = CASE WHEN kind = 'security' THEN '' ELSE html END
        WHERE id = %(handed_over)s AND lease_token = %(token)s
    )
    UPDATE challenge_outboxmessage
    SET handing_over = true, attempts = attempts + 1, lease_until = %(until)s
    WHERE id = %(next)s AND lease_token = %(token)s AND lease_until > %(at)s
"""

EMAIL = ~Q(kind=MessageKind.PUSH)
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class DeliveryCounts:
    """What one pass did; `more` means that it ran out of time before everything due was tried."""

    sent: int = 0
    failed: int = 0
    more: bool = False


def deliver_due(*, now: Clock, until: datetime | None = None, urgent_only: bool = False) -> DeliveryCounts:
    """Send what is due by email, in batches over one connection, until nothing is due or `until` is reached."""
    kinds = Q(kind=MessageKind.SECURITY) if urgent_only else EMAIL
    return _deliver(open_transport(), kinds, now=now, until=until)


def deliver_pushes(
    *, now: Clock, until: datetime | None = None, transport: Transport | None = None
) -> DeliveryCounts:
    """Send the pushes that are due, in the same way."""
    return _deliver(transport or PushTransport(), ~EMAIL, now=now, until=until)


def _deliver(transport: Transport, kinds: Q, *, now: Clock, until: datetime | None) -> DeliveryCounts:
    recover(at=now())
    sent = failed = 0
    try:
        while until is None or now() < until:
            token, messages = claim(at=now(), batch_size=BATCH_SIZE, kinds=kinds)
            if not messages:
                return DeliveryCounts(sent, failed)
            batch = _Batch(token, messages, transport, now, until)
            server_reached = batch.deliver()
            sent, failed = sent + batch.sent, failed + batch.failed
            if not server_reached:
                return DeliveryCounts(sent, failed)
        return DeliveryCounts(sent, failed, more=True)
    finally:
        transport.close()


def recover(*, at: datetime) -> None:
    """Queue messages whose lease ran out, and give up those that expired."""
    lost = OutboxMessage.objects.filter(state=MessageState.CLAIMED, lease_until__lte=at)
    given_up = Q(handing_over=True, attempts__gte=MOST_LOST_HANDOVERS)
    lost.update(
        state=Case(When(given_up, then=Value(MessageState.FAILED)), default=Value(MessageState.QUEUED)),
        last_error=Case(When(handing_over=True, then=Value("unsure")), default=F("last_error")),
        unsure=ExpressionWrapper(Q(unsure=True) | Q(handing_over=True), output_field=BooleanField()),
        **WITHOUT_LEASE,
    )
    # A sign-in code that expired is wiped as well: no one needs its words any more.
    late = OutboxMessage.objects.filter(state=MessageState.QUEUED, expires_at__lte=at)
    late.filter(kind=MessageKind.SECURITY).update(
        state=MessageState.FAILED, last_error=TOO_LATE, text=WIPED, html=""
    )
    late.update(state=MessageState.FAILED, last_error=TOO_LATE)


def claim(*, at: datetime, batch_size: int, kinds: Q = EMAIL) -> tuple[uuid.UUID, list[OutboxMessage]]:
    """Claim up to `batch_size` due rows under a new token, urgent ones first; skip what another worker has locked."""
    token, lease_until = uuid.uuid4(), at + LEASE
    due = OutboxMessage.objects.filter(kinds, state=MessageState.QUEUED, send_at__lte=at)
    due = due.exclude(expires_at__lte=at)
    # Committed before anything is handed over: a worker that dies leaves a lease that runs out, not a lock.
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True, no_key=True).order_by("priority", "send_at", "pk")
        messages = list(rows.defer(*NOT_NEEDED_TO_SEND)[:batch_size])
        OutboxMessage.objects.filter(pk__in=[m.pk for m in messages]).update(
            state=MessageState.CLAIMED, lease_token=token, lease_until=lease_until
        )
    return token, messages


class _Batch:
    """Claimed messages on their way out. `handed_over` is the one that the server took and that is not marked yet."""

    def __init__(
        self,
        token: uuid.UUID,
        messages: Sequence[OutboxMessage],
        transport: Transport,
        now: Clock,
        until: datetime | None,
    ) -> None:
        self.token, self.messages, self.transport, self.now, self.until = (
            token,
            messages,
            transport,
            now,
            until,
        )
        self.handed_over: OutboxMessage | None = None
        self.sent = self.failed = 0
        self.refusal, self.domains = "", set[str]()  # the last refusal, and the domains that got it in a row

    def deliver(self) -> bool:
        """Hand the messages over one by one; return False if the server failed and the rest was put back."""
        for position, message in enumerate(self.messages):
            if self.until is not None and self.now() >= self.until:
                self._put_back(self.messages[position:], wait=timedelta(0), error="")
                break
            if not self._step_to(message):
                continue
            try:
                self.transport.send_message(message, at=self.now())
            except MessageRefused as refused:
                is_certain = self._is_certain(message, refused)
                self._refused(message, refused, is_certain=is_certain)
                if not is_certain and self._refuses_alike(message, refused):
                    self._put_back(self.messages[position + 1 :], wait=WAIT_FOR_SERVER, error=refused.code)
                    log.warning("the mail server refuses all recipients alike", extra={"code": refused.code})
                    return False
            except DeliveryUnknown:
                self._mark_unknown(message)
            except ServerUnreachable as error:
                self._ours(message).update(attempts=F("attempts") - 1)  # nothing was tried
                self._put_back(self.messages[position:], wait=WAIT_FOR_SERVER, error=str(error))
                self._mark_sent()
                log.warning("the mail server can’t be reached", extra={"reason": str(error)})
                return False
            else:
                self.handed_over = message
                self.sent += 1
                self.domains.clear()
        self._mark_sent()
        return True

    def _is_certain(self, message: OutboxMessage, refused: MessageRefused) -> bool:
        """Return whether no later try can help.

        A server in trouble may give every recipient the same answer, `550 5.1.1` included. So its "for good" counts
        the second time, and only if it took mail for someone else since the first.
        """
        if refused.unsendable:
            return True
        if not refused.for_good or message.last_error != refused.code or not message.attempts:
            return False
        refused_at = message.send_at - _pause(message.attempts)
        others = OutboxMessage.objects.exclude(to_email=message.to_email)
        return others.filter(state=MessageState.SENT, sent_at__gt=refused_at).exists()

    def _refuses_alike(self, message: OutboxMessage, refused: MessageRefused) -> bool:
        """Return whether recipients at different domains were refused in the same words, one after the other.

        They keep their growing pauses, so the next pass begins with others: a few recipients that their own servers
        refuse never block the rest.
        """
        # Strangers can ask for codes to addresses that do not exist, and codes go first: they must not end the pass.
        if refused.address and message.kind == MessageKind.SECURITY:
            return False
        if refused.code != self.refusal:
            self.refusal, self.domains = refused.code, set()
        self.domains.add(message.to_email.rpartition("@")[2])
        return len(self.domains) >= DOMAINS_REFUSED_ALIKE

    def _ours(self, message: OutboxMessage) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(pk=message.pk, lease_token=self.token)

    def _step_to(self, message: OutboxMessage) -> bool:
        """Mark the last message as sent and announce this one; return False if it was withdrawn or claimed again."""
        at = self.now()
        last = self.handed_over.pk if self.handed_over is not None else None
        parameters = {
            "at": at.isoformat(), "until": (at + LEASE).isoformat(), "token": str(self.token),
            "handed_over": last, "next": message.pk, "wiped": WIPED,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(STEP, parameters)
            self.handed_over = None
            return bool(cursor.rowcount)

    def _mark_sent(self) -> None:
        message, self.handed_over = self.handed_over, None
        if message is not None:
            self._ours(message).update(
                state=MessageState.SENT,
                sent_at=self.now(),
                last_error="",
                **WITHOUT_LEASE,
                **_erased_fields(message),
            )

    def _refused(self, message: OutboxMessage, refused: MessageRefused, *, is_certain: bool) -> None:
        """Fail the message if no later try can help; else queue it again with a growing pause.

        An address that does not exist is marked and gets no more weekly emails.
        """
        at = self.now()
        self.failed += 1
        is_final = is_certain or message.give_up_at <= at
        with transaction.atomic():
            self._ours(message).update(
                state=MessageState.FAILED if is_final else MessageState.QUEUED,
                send_at=at + max(_pause(message.attempts + 1), refused.wait),
                last_error=refused.code[:60],
                **WITHOUT_LEASE,
                **(_erased_fields(message) if is_final else {}),
            )
            if is_certain and refused.address:
                mark_refused(email=message.to_email, at=at)
        log.warning("a message was refused", extra={"outbox": message.pk, "code": refused.code})

    def _mark_unknown(self, message: OutboxMessage) -> None:
        """Send again once, with the same Message-ID; after a second time without an answer staff decide."""
        self.failed += 1
        try_again = not message.unsure
        self._ours(message).update(
            state=MessageState.QUEUED if try_again else MessageState.FAILED,
            send_at=self.now() + WAIT_FOR_SERVER,
            unsure=True,
            last_error="unsure",
            **WITHOUT_LEASE,
            **({} if try_again else _erased_fields(message)),
        )
        log.warning("no answer after a message was handed over", extra={"outbox": message.pk})

    def _put_back(self, messages: Sequence[OutboxMessage], *, wait: timedelta, error: str) -> None:
        """Queue messages that were not tried, due after `wait`; give up those that are two days old."""
        at = self.now()
        held = OutboxMessage.objects.filter(pk__in=[m.pk for m in messages], lease_token=self.token)
        if error:
            held.filter(give_up_at__lte=at).update(
                state=MessageState.FAILED, send_at=at, last_error=error[:60], **WITHOUT_LEASE
            )
        held.update(
            state=MessageState.QUEUED,
            send_at=at + wait,
            **({"last_error": error[:60]} if error else {}),
            **WITHOUT_LEASE,
        )


def _pause(attempts: int) -> timedelta:
    return timedelta(minutes=2 ** min(attempts, 8))


def _erased_fields(message: OutboxMessage) -> dict[str, str]:
    return {"text": WIPED, "html": ""} if message.kind == MessageKind.SECURITY else {}
