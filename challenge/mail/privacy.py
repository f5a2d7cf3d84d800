"""The outbox's part in the export and the erasing of an email address."""

from collections.abc import Iterator

from django.db.models import QuerySet

from challenge.db.export import Table
from challenge.mail.actions import COPY
from challenge.mail.models import AddressState, MessageKind, OutboxMessage

COVERS = (OutboxMessage, AddressState)


def export(email: str) -> Iterator[Table]:
    """Yield every message to this address as it was sent, sign-in codes excepted, and the state of the address."""
    messages = (
        OutboxMessage.objects.filter(to_email=email).exclude(kind=MessageKind.SECURITY).order_by("created_at")
    )
    yield "emails", messages.values("kind", "subject", "text", "created_at", "sent_at", "state")
    fields = ("weekly_unsubscribed_at", "refused_at", "complained_at")
    yield "address", AddressState.objects.filter(email=email).values(*fields)


def erase(email: str) -> None:
    """Delete the address and every message to it."""
    _delete_with_copies(OutboxMessage.objects.filter(to_email=email))
    AddressState.objects.filter(email=email).delete()


def erase_about(about: list[str], *, keep: str = "") -> None:
    """Delete the messages about these, to any address: alerts to staff name the runner.

    With `keep`, messages whose dedupe key holds it stay, because they name no one and may still have to be sent.
    """
    messages = OutboxMessage.objects.filter(about__in=about)
    _delete_with_copies(messages.exclude(dedupe_key__contains=keep) if keep else messages)


def _delete_with_copies(messages: QuerySet[OutboxMessage]) -> None:
    """Delete the messages and the copies that staff sent to themselves; a copy's key names its original."""
    originals = set(messages.values_list("pk", flat=True))
    keys = OutboxMessage.objects.filter(dedupe_key__startswith=COPY).values_list("pk", "dedupe_key")
    copies = [pk for pk, key in keys if int(key.removeprefix(COPY).partition(":")[0]) in originals]
    OutboxMessage.objects.filter(pk__in=[*originals, *copies]).delete()
