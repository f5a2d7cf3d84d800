"""Many rows in one statement: ids, what is known already, documents of the method."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from challenge.mail.models import Kind, OutboxMessage
from challenge.mail.rows import insert
from tests.mail.conftest import NOW

pytestmark = pytest.mark.django_db


def message(key: str, text: str = 'He said "10 % more",\n\\ and a tab\t.') -> OutboxMessage:
    return OutboxMessage(
        kind=Kind.MESSAGE, dedupe_key=key, to_email="r@runners.test", subject="Ünï", text=text, created_at=NOW,
        headers={"X-One": 'a "b"'}, message_id=f"<{key}@clinic.test>", send_at=NOW, give_up_at=NOW + timedelta(days=2),
    )  # fmt: skip


def test_every_column_is_stored_as_it_was_and_each_row_has_its_own_id() -> None:
    rows = insert([message("a"), message("b", "other")], key="dedupe_key")
    for row in rows:
        kept = OutboxMessage.objects.get(pk=row.pk)
        for field in OutboxMessage._meta.concrete_fields:
            assert getattr(kept, field.attname) == getattr(row, field.attname), field.name
    assert rows[0].pk != rows[1].pk


def test_a_row_that_is_known_is_passed_over_or_refused_as_asked() -> None:
    insert([message("a", "first")], key="dedupe_key")
    assert [
        row.dedupe_key for row in insert([message("a"), message("b")], key="dedupe_key", known_too=True)
    ] == ["b"]
    assert OutboxMessage.objects.get(dedupe_key="a").text == "first"
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([message("a")], key="dedupe_key")
