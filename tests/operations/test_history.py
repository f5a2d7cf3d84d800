"""A history that was rewritten with the triggers off is found by `verify_history`; erasing a person rewrites none."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from challenge.accounts.models import AccessEntry
from challenge.enrollment.models import LedgerEntry, LedgerEvent
from challenge.mail.models import OutboxMessage
from challenge.operations.history import HISTORIES, HistoryBusy, seal, seal_tonight, verify
from challenge.operations.models import HistoryNight
from challenge.privacy.actions import erase_account
from challenge.privacy.retention import apply_retention
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import make_cohort
from tests.factories.lives import make_life
from tests.factories.people import make_owner, make_runner_user
from tests.factories.weekly import make_target

DAY = timedelta(days=1)
FIRST = date(2026, 1, 7)
# Append-only tables that no digest covers: erasing a person deletes their rows.
LEFT_OUT = {
    "challenge_endfeedback",
    "challenge_entryrevision",
    "challenge_historynight",  # the chain itself
    "challenge_messagepicture",
    "challenge_questionnaireanswer",
    "challenge_weekfeedback",
}


@contextmanager
def triggers_off(table: str) -> Iterator[None]:
    """As the owner of the table, who alone may."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def tamper(sql: str, table: str = "challenge_ledgerentry") -> None:
    with triggers_off(table), connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount == 1


@pytest.fixture
def three_nights(db: None) -> None:
    """Three nights, each with rows of its own."""
    cohort = make_cohort()
    for number in range(3):
        for _ in range(2):
            LedgerEntry.objects.create(cohort=cohort, happened=LedgerEvent.HELD, at=NOW + number * DAY)
        assert seal(on=FIRST + number * DAY, at=NOW + number * DAY)


def problem() -> tuple[date | None, str]:
    verdict = verify(at=NOW + 4 * DAY)
    return verdict.night, verdict.problem


def test_untouched_nights_match(three_nights: None) -> None:
    assert problem() == (None, "")
    output = StringIO()
    call_command("verify_history", stdout=output)
    head = HistoryNight.objects.latest("sealed_on").head
    assert output.getvalue() == f"3 nights match. The head is {head}.\n"


def test_a_changed_row_is_found(three_nights: None) -> None:
    row = LedgerEntry.objects.order_by("pk")[2]
    tamper(f"UPDATE challenge_ledgerentry SET happened = 'confirmed' WHERE id = {row.pk}")
    assert problem() == (FIRST + DAY, "a row of LedgerEntry was changed")
    with pytest.raises(
        CommandError, match=r"The night of 2026-01-08 differs: a row of LedgerEntry was changed\."
    ):
        call_command("verify_history")


def test_a_missing_row_is_found(three_nights: None) -> None:
    row = LedgerEntry.objects.order_by("pk")[2]
    tamper(f"DELETE FROM challenge_ledgerentry WHERE id = {row.pk}")
    assert problem() == (FIRST + DAY, "LedgerEntry has 1 rows where 2 were sealed")


def test_a_row_that_was_added_later_into_a_sealed_night_is_found(three_nights: None) -> None:
    """A row's own time does not matter: the gap that a rolled-back transaction leaves takes no row."""
    row = LedgerEntry.objects.order_by("pk")[2]
    tamper(f"UPDATE challenge_ledgerentry SET id = {row.pk + 100_000} WHERE id = {row.pk}")
    assert problem()[0] == FIRST + DAY


@pytest.mark.parametrize("number", [0, 1])
def test_a_removed_night_is_found_by_the_one_after_it(three_nights: None, number: int) -> None:
    tamper(
        f"DELETE FROM challenge_historynight WHERE sealed_on = DATE '{FIRST + number * DAY}'",
        "challenge_historynight",
    )
    assert problem() == (
        FIRST + (number + 1) * DAY, "the night before it is missing, changed or in another place"
    )  # fmt: skip


def test_a_removed_last_night_is_found_by_its_head(three_nights: None) -> None:
    head = HistoryNight.objects.latest("sealed_on").head
    call_command("verify_history", "--head", head[:16].upper())
    tamper(f"DELETE FROM challenge_historynight WHERE head = '{head}'", "challenge_historynight")
    call_command("verify_history")
    with pytest.raises(CommandError, match="no night has this head"):
        call_command("verify_history", "--head", head)


@pytest.mark.parametrize("head", ["abc", "head", "%" * 16, "²" * 16])
def test_a_head_that_is_none_is_refused(db: None, head: str) -> None:
    with pytest.raises(CommandError, match="takes the 64 letters and digits"):
        call_command("verify_history", "--head", head)


def test_nights_in_another_order_are_found(three_nights: None) -> None:
    with triggers_off("challenge_historynight"), connection.cursor() as cursor:
        for old, new in ((0, 9), (1, 0), (9, 1)):
            cursor.execute(
                "UPDATE challenge_historynight SET sealed_on = %s WHERE sealed_on = %s",
                [FIRST + new * DAY, FIRST + old * DAY],
            )
    assert problem()[0] == FIRST


def test_a_night_that_was_computed_again_breaks_the_next(three_nights: None) -> None:
    """Who can compute a digest still cannot hide: the next night holds the old head."""
    night = HistoryNight.objects.get(sealed_on=FIRST)
    tamper(
        f"UPDATE challenge_historynight SET head = '{'a' * 64}' WHERE id = {night.pk}",
        "challenge_historynight",
    )
    assert problem() == (FIRST, "its own row was changed")
    with triggers_off("challenge_historynight"):
        HistoryNight.objects.all().delete()
        seal(on=FIRST, at=NOW)
    assert problem() == (None, ""), "a whole new chain matches itself"
    with pytest.raises(CommandError, match="no night has this head"):
        call_command("verify_history", "--head", night.head)


def test_nights_are_written_once(three_nights: None) -> None:
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        HistoryNight.objects.filter(sealed_on=FIRST).update(head="b" * 64)


def test_erasing_a_person_keeps_every_night_whole(db: None) -> None:
    life = make_life()
    user = life.seat.user
    assert user is not None
    make_target(life)
    make_call(availability=make_availability(), starts_at=morning(10, day=9), at=NOW, email=user.email)
    seal(on=FIRST, at=NOW)
    empty = {table["model"] for table in HistoryNight.objects.get().tables if not table["rows"]}
    assert empty == {
        "ClinicVersion",
        "CohortParameters",
        "ErasedAccount",
        "HistoryOpening",
        "LoadedQuestionnaire",
    }, "the life must be full before it is erased"
    erase_account(user=user, by=user, at=NOW + DAY)
    assert problem() == (None, "")
    assert not AccessEntry.objects.filter(runner__isnull=False).exists()


def test_what_the_retention_rules_delete_is_missed_by_no_night(db: None) -> None:
    AccessEntry.objects.create(
        viewer=make_owner(), runner=make_runner_user(), what="a page", at=NOW - 300 * DAY
    )
    seal(on=FIRST, at=NOW)
    later = NOW + (2190 - 299) * DAY
    apply_retention(at=later)
    assert not AccessEntry.objects.exists()
    assert not verify(at=later).problem
    assert verify(at=NOW).problem == "AccessEntry has 0 rows where 1 were sealed", "before that it is missed"


def test_every_append_only_table_has_a_digest_or_is_named_here(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_append_only'")
        guarded = {row[0] for row in cursor.fetchall()}
    covered = {history.model._meta.db_table for history in HISTORIES}
    assert guarded - covered == LEFT_OUT


def test_the_handbook_lists_every_table_with_its_fields() -> None:
    handbook = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    for history in HISTORIES:
        assert f"| `{history.model.__name__}` | {', '.join(history.fields)} |" in handbook


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_committed_after_the_night_is_in_the_next_one() -> None:
    """The row took its id before the night was sealed, so the seal waits for it or leaves the night to a later pass."""
    cohort = make_cohort()
    inserted, may_commit = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            LedgerEntry.objects.create(cohort=cohort, happened=LedgerEvent.HELD, at=NOW - 30 * DAY)
            inserted.set()
            may_commit.wait(30)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert inserted.wait(30)
    with pytest.raises(HistoryBusy, match="LedgerEntry"):
        seal(on=FIRST, at=NOW)
    assert not HistoryNight.objects.exists()
    may_commit.set()
    writer.join()
    seal(on=FIRST, at=NOW)
    assert next(t["rows"] for t in HistoryNight.objects.get().tables if t["model"] == "LedgerEntry") == 1
    assert problem() == (None, "")


def morning(hour: int, day: int = 8) -> datetime:
    """Return an hour of the clinic's clock in January 2026, six hours behind UTC."""
    return datetime.fromisoformat(f"2026-01-{day:02}T{hour:02}:00-06:00")


def test_owners_get_the_head_at_seven_once(db: None) -> None:
    owner = make_owner()
    seal_tonight(at=morning(1))
    assert not HistoryNight.objects.exists(), "the day is not over everywhere"
    for hour in (2, 3, 23):
        seal_tonight(at=morning(hour))
    email = OutboxMessage.objects.get()
    night = HistoryNight.objects.get()
    assert (email.to_email, email.subject) == (owner.email, "The clinic’s records match")
    assert email.send_at == morning(7)
    assert night.head in email.text
    assert night.head in email.html
    assert "The one check so far matches:" in email.text


def test_a_night_without_an_email_gets_it_with_the_next_pass(db: None) -> None:
    make_owner()
    seal(on=FIRST, at=NOW)
    seal_tonight(at=morning(3, day=7))
    assert OutboxMessage.objects.count() == 1


def test_owners_read_the_first_night_that_differs(
    three_nights: None, caplog: pytest.LogCaptureFixture
) -> None:
    make_owner()
    tamper(f"DELETE FROM challenge_ledgerentry WHERE id = {LedgerEntry.objects.order_by('pk')[0].pk}")
    with caplog.at_level(logging.ERROR):
        seal_tonight(at=morning(2, day=12))
    email = OutboxMessage.objects.get()
    assert email.subject == "Please act today: the clinic’s records were changed"
    assert "The night of January 7, 2026 differs: LedgerEntry has 1 rows where 2 were sealed." in email.text
    assert "the histories do not match" in caplog.text


def test_a_last_night_that_was_emailed_and_is_gone_is_found(three_nights: None) -> None:
    make_owner()
    seal_tonight(at=morning(3, day=10))
    assert problem() == (None, "")
    tamper("DELETE FROM challenge_historynight WHERE sealed_on = DATE '2026-01-10'", "challenge_historynight")
    assert problem() == (date(2026, 1, 10), "its head was emailed, and the chain does not have it")


def test_a_clock_that_was_set_back_seals_nothing(three_nights: None) -> None:
    assert seal(on=FIRST, at=NOW) is None
    assert HistoryNight.objects.count() == 3
