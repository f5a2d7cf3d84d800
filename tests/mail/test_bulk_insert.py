"""Many rows in one statement: ids, what is known already, documents of the method."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from challenge.care.models import Flag, WeeklyTarget
from challenge.db.bulk import insert
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.protocol.decision import Decision
from challenge.protocol.snapshot import Snapshot
from challenge.weekly.decide import decide_due
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.factories.log import log_morning, log_run, log_strength
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db


def message(key: str, text: str = 'He said "10% more",\n\\ and a tab\t.') -> OutboxMessage:
    return OutboxMessage(
        kind=MessageKind.MESSAGE, dedupe_key=key, to_email="r@runners.test", subject="Ünï", text=text, created_at=NOW,
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


def test_the_methods_documents_are_stored_as_they_write_themselves() -> None:
    runner = enroll()
    for back in (2, 4):
        log_run(runner, MONDAY + timedelta(days=7 - back), pain=3, site="achilles", side="left")
        log_morning(runner, MONDAY + timedelta(days=8 - back), pain=6, site="achilles", side="left")
    log_strength(runner, MONDAY + timedelta(days=2))
    decide_due(now=lambda: SIX + timedelta(weeks=1))
    kept = WeeklyTarget.objects.get()
    assert kept.snapshot["mornings"]
    assert kept.decision["exercises"]
    for stored, kind in ((kept.snapshot, Snapshot), (kept.decision, Decision)):
        assert stored == kind.from_json(stored).to_data()
        assert stored["schema"] == 2


def test_without_a_key_rows_are_stored_and_no_one_learns_their_ids() -> None:
    runner = enroll()
    flags = [
        Flag(
            enrollment=runner, kind="load", rule="load.recovery", source=source, facts={"days": 8}, raised_at=NOW
        )
        for source in ("week:1", "week:2", "week:1")
    ]  # fmt: skip
    assert insert(flags, key=None, known_too=True) == []
    assert list(Flag.objects.order_by("source").values_list("source", "facts")) == [
        ("week:1", {"days": 8}),
        ("week:2", {"days": 8}),
    ]
    assert [flag.pk for flag in flags] == [None, None, None]
