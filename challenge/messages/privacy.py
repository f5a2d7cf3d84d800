"""Export and erasure of the conversation."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from challenge.accounts.models import User
from challenge.db.export import Table, whole_table
from challenge.db.sealed import open_bytes
from challenge.messages.models import (
    Conversation,
    Message,
    MessageMark,
    MessagePicture,
    MessageTemplate,
    Nod,
    WallPlace,
)

COVERS = (Message, MessagePicture, MessageMark, Conversation, MessageTemplate, WallPlace, Nod)
ERASED = "erased"


def export(user: User) -> Iterator[Table]:
    """Yield messages, what was read or closed, the pictures as base64 of a JPEG, and what is being typed."""
    mine = {"enrollment__seat__user": user}
    messages = Message.objects.filter(**mine).order_by("pk")
    yield "messages", messages.values("id", "text", "from_runner", "at")
    yield "message_pictures", _pictures(user)
    marks = MessageMark.objects.filter(message__enrollment__seat__user=user).order_by("pk")
    yield "message_marks", marks.values("message_id", "kind", "at")
    yield whole_table(Conversation, hidden={"id", "enrollment_id"}, **mine)
    yield whole_table(WallPlace, hidden={"id", "enrollment_id"}, **mine)
    # Who gave a nod is the other runner's: a date is left of those that came.
    for name, whose in (("nods_given", "giver"), ("nods_received", "receiver")):
        nods = Nod.objects.filter(**{f"{whose}__seat__user": user}).order_by("pk")
        yield name, nods.values("week_starts_on", "at")


def _pictures(user: User) -> Iterator[Mapping[str, Any]]:
    rows = MessagePicture.objects.filter(message__enrollment__seat__user=user).order_by("message", "place")
    for row in rows.iterator(chunk_size=1):
        jpeg = open_bytes(row.sealed_key, bytes(row.content))
        yield {
            "message_id": row.message_id,
            "place": row.place,
            "jpeg_base64": b64encode(jpeg).decode(),
        }


def erase(user: User) -> None:
    """Delete pictures, draft and nods, and blank words and the writer; that a message was written remains."""
    mine = {"enrollment__seat__user": user}
    MessagePicture.objects.filter(message__enrollment__seat__user=user).delete()
    Message.objects.filter(**mine).update(text=ERASED)
    for rows in (Message.objects.filter(by=user), MessageMark.objects.filter(by=user)):
        rows.update(by=None)
    Conversation.objects.filter(**mine).delete()
    MessageTemplate.objects.filter(user=user).delete()
    Nod.objects.filter(Q(giver__seat__user=user) | Q(receiver__seat__user=user)).delete()
    WallPlace.objects.filter(**mine).delete()
