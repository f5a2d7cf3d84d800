"""The tricks of the mail's fast path, each replaced by plain Django, for `python -m tests.bench.mail_bench tricks`.

`without(name)` patches one trick away in this process; the product itself has no switches.
"""

import email.policy
from collections.abc import Callable, Sequence
from datetime import datetime
from email.generator import BytesGenerator
from io import BytesIO
from typing import Any

from django.db import transaction
from django.db.models import F, Model

from challenge.mail import actions, delivery, mime, rendering, transports
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.json_codec import Document
from challenge.weekly import save


def patch(owner: Any, name: str, value: Any) -> None:
    """Replace a module's or class's attribute for the rest of the process."""
    setattr(owner, name, value)


def plain_bulk_insert() -> None:
    """Insert with bulk_create; with ignored conflicts, a second query reads the ids."""

    def insert(rows: Sequence[Model], *, key: str | None, known_too: bool = False) -> list[Any]:
        if not rows:
            return []
        for row in rows:
            for name, value in row.__dict__.items():
                if isinstance(value, Document):
                    row.__dict__[name] = value.to_data()
        manager: Any = type(rows[0])._default_manager
        manager.bulk_create(rows, ignore_conflicts=known_too)
        if key is None or not known_too:
            return list(rows)
        ids = dict(
            manager.filter(**{f"{key}__in": [getattr(row, key) for row in rows]}).values_list(key, "pk")
        )
        for row in rows:
            row.pk = ids[getattr(row, key)]
        return list(rows)

    patch(actions, "insert", insert)
    patch(save, "insert", insert)


def django_mime() -> None:
    """Build each message with Django's classes."""

    def as_bytes(message: OutboxMessage, *, at: datetime, eight_bit: bool = True) -> bytes:
        out = BytesIO()
        BytesGenerator(out, mangle_from_=False, policy=email.policy.compat32).flatten(
            mime.as_email(message, at=at).message(), linesep="\r\n"
        )
        return out.getvalue()

    patch(transports, "as_bytes", as_bytes)


def rendering_of_each() -> None:
    """Render and inline each message by itself."""
    shared = rendering.render

    def render(
        template: str, context: dict[str, Any], personal: Any = None, *, clinic: dict[str, Any]
    ) -> rendering.RenderedMessage:
        return shared(template, context | dict(personal or {}), clinic=clinic)

    patch(actions, "render", render)


def step_of_the_orm() -> None:
    """Mark one message and announce the next with two updates of the ORM in a transaction."""

    def step(batch: delivery._Batch, message: OutboxMessage) -> bool:
        at = batch.now()
        with transaction.atomic():
            if batch.handed_over is not None:
                wiped = (
                    {"text": delivery.WIPED, "html": ""}
                    if batch.handed_over.kind == MessageKind.SECURITY
                    else {}
                )
                OutboxMessage.objects.filter(pk=batch.handed_over.pk, lease_token=batch.token).update(
                    state=MessageState.SENT, sent_at=at, last_error="", **delivery.WITHOUT_LEASE, **wiped
                )
            announced = OutboxMessage.objects.filter(
                pk=message.pk, lease_token=batch.token, lease_until__gt=at
            ).update(handing_over=True, attempts=F("attempts") + 1, lease_until=at + delivery.LEASE)
        batch.handed_over = None
        return bool(announced)

    patch(delivery._Batch, "_step_to", step)


TRICKS: dict[str, Callable[[], None]] = {
    "bulk_insert": plain_bulk_insert,
    "mime": django_mime,
    "marks": rendering_of_each,
    "step": step_of_the_orm,
}


def without(name: str) -> None:
    """Patch one trick away, or several that are joined by a plus."""
    for one in filter(None, name.split("+")):
        TRICKS[one]()
