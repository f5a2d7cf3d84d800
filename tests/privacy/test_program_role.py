"""The role that the program runs as owns nothing: it cannot switch a guard off, and erases only with a trace."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from challenge.accounts.models import AccessEntry
from challenge.db.program_role import grant_program_role
from challenge.enrollment.models import LedgerEntry
from challenge.operations.history import seal, verify
from challenge.operations.models import HistoryNight
from challenge.privacy.actions import erase_account
from challenge.privacy.models import HistoryOpening
from challenge.privacy.retention import apply_retention, histories_open
from tests.conftest import NOW
from tests.factories.lives import make_life
from tests.operations.test_history import FIRST

ROLE = "thrive_program"
LATER = NOW + timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def as_the_program(settings: Any) -> Iterator[None]:
    """Rights as `migrate` grants them, then every statement as that role."""
    settings.PROGRAM_ROLE = (ROLE, "")
    grant_program_role(sender=None)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"SET ROLE {ROLE}")
    yield
    run("RESET ROLE")


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "TRUNCATE challenge_ledgerentry CASCADE",
        "ALTER TABLE challenge_ledgerentry DISABLE TRIGGER ALL",
        "DROP TRIGGER ledgerentry_append_only ON challenge_ledgerentry",
        "DROP TABLE challenge_heartbeat",
        "ALTER TABLE challenge_ledgerentry OWNER TO thrive_program",
        "CREATE OR REPLACE FUNCTION challenge_append_only() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
        "INSERT INTO challenge_historyopening (why, at, xact) VALUES ('', now(), pg_current_xact_id()::text::bigint)",
        "UPDATE challenge_historyopening SET xact = pg_current_xact_id()::text::bigint",
        "DELETE FROM django_migrations",
        "CREATE ROLE another",
    ],
)
def test_it_cannot_switch_a_guard_off(as_the_program: None, sql: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner|must be able to"),
        transaction.atomic(),
    ):
        run(sql)


@pytest.mark.parametrize(
    "sql", ["DELETE FROM challenge_ledgerentry", "UPDATE challenge_ledgerentry SET reason = 'x'"]
)
def test_the_setting_of_old_opens_nothing_for_it_and_still_does_for_the_owner(
    as_the_program: None, sql: str
) -> None:
    run("RESET ROLE")
    make_life()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"SET ROLE {ROLE}")
    run("SET LOCAL challenge.erasing = 'on'")
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        run(sql)
    run("RESET ROLE")
    run(sql)
    run("SET LOCAL challenge.erasing = 'off'")


def test_it_erases_a_person_and_that_leaves_a_row(as_the_program: None) -> None:
    life = make_life()
    user = life.seat.user
    assert user is not None
    account = user.pk
    erase_account(user=user, by=user, at=LATER)
    opening = HistoryOpening.objects.get()
    assert (opening.why, opening.at, opening.xact) == (f"erasing account {account}", LATER, None)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        LedgerEntry.objects.update(reason="closed again")


def test_an_opening_that_fails_leaves_the_histories_shut(as_the_program: None) -> None:
    make_life()
    with pytest.raises(ZeroDivisionError), histories_open(why="a test", at=NOW):
        raise ZeroDivisionError
    assert not HistoryOpening.objects.exists()
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        LedgerEntry.objects.update(reason="still shut")


def test_an_opening_cannot_be_hidden_inside_another(as_the_program: None) -> None:
    with histories_open(why="a test", at=NOW), pytest.raises(IntegrityError), transaction.atomic():
        HistoryOpening.objects.all().delete()
    assert HistoryOpening.objects.count() == 1


def test_the_retention_rules_open_a_history_only_where_rows_are_too_old(as_the_program: None) -> None:
    make_life()
    apply_retention(at=LATER)
    assert not HistoryOpening.objects.exists()
    apply_retention(at=NOW + timedelta(days=2191))
    assert not AccessEntry.objects.exists()
    assert "retention: who looked at whose data" in HistoryOpening.objects.values_list("why", flat=True)


def test_it_seals_the_night(as_the_program: None) -> None:
    make_life()
    assert seal(on=FIRST, at=NOW)
    assert not verify(at=LATER).problem
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        HistoryNight.objects.all().delete()


def test_where_one_role_does_all_nothing_is_granted(settings: Any) -> None:
    settings.PROGRAM_ROLE = ("", "")
    grant_program_role(sender=None)


def test_a_password_is_stored_hashed(settings: Any) -> None:
    settings.PROGRAM_ROLE = ("thrive_other_role", "a-long-password")
    grant_program_role(sender=None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolpassword, rolsuper, rolcreatedb FROM pg_authid WHERE rolname = 'thrive_other_role'"
        )
        password, *powers = cursor.fetchone()
    assert password.startswith("SCRAM-SHA-256$")
    assert powers == [False, False]
