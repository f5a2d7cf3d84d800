"""What the outbox holds of an address, and how it is forgotten."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from challenge.mail.actions import COPY
from challenge.mail.models import AddressState, MessageKind, OutboxMessage

COVERS = (OutboxMessage, AddressState)


def export(email: str) -> Iterator[tuple[str, list[Any]]]:
    """Every message to this address as it was sent, sign-in codes excepted, and what is known of the address."""
    messages = (
        OutboxMessage.objects.filter(to_email=email).exclude(kind=MessageKind.SECURITY).order_by("created_at")
    )
    yield "emails", list(messages.values("kind", "subject", "text", "created_at", "sent_at", "state"))
    fields = ("weekly_unsubscribed_at", "refused_at", "complained_at")
    yield "address", list(AddressState.objects.filter(email=email).values(*fields))


def erase(email: str) -> None:
    """Forgets the address and everything that was written to it."""
    _forget(OutboxMessage.objects.filter(to_email=email))
    AddressState.objects.filter(email=email).delete()


def erase_about(about: list[str]) -> None:
    """Forgets what was written about these, to whomever: alerts to staff name the runner."""
    _forget(OutboxMessage.objects.filter(about__in=about))


def _forget(messages: QuerySet[OutboxMessage]) -> None:
    """Deletes the messages, and the copies of them that staff sent to themselves: a copy's key names what it copies."""
    gone = set(messages.values_list("pk", flat=True))
    copies = OutboxMessage.objects.filter(dedupe_key__startswith=COPY).values_list("pk", "dedupe_key")
    copied = [pk for pk, key in copies if int(key.removeprefix(COPY).partition(":")[0]) in gone]
    OutboxMessage.objects.filter(pk__in=[*gone, *copied]).delete()
