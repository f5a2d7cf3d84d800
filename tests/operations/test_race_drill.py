"""`manage.py race_drill`."""

from contextlib import nullcontext
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, LedgerEntry, Seat
from challenge.mail.models import OutboxMessage
from challenge.operations import race_drill

MODELS = (Cohort, Seat, LedgerEntry, User, OutboxMessage)


def databases() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'race\\_drill\\_%'")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_a_drill_fills_exactly_the_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the test's own database, which is migrated."""
    monkeypatch.setattr(race_drill, "throwaway_database", nullcontext)
    monkeypatch.setattr(race_drill, "call_command", lambda *args, **kwargs: None)
    output = StringIO()
    call_command("race_drill", claims=60, stdout=output)
    assert "taken    20" in output.getvalue()
    assert "refused  40" in output.getvalue()


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_a_whole_drill_fills_exactly_the_capacity_and_leaves_nothing_behind() -> None:
    name, before = connection.settings_dict["NAME"], [model.objects.count() for model in MODELS]
    output = StringIO()
    call_command("race_drill", claims=60, stdout=output)
    assert "taken    20" in output.getvalue()
    assert "refused  40" in output.getvalue()
    assert [model.objects.count() for model in MODELS] == before
    assert connection.settings_dict["NAME"] == name
    assert databases() == []


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_a_drill_that_does_not_fill_the_seats_fails_and_leaves_nothing_behind() -> None:
    with pytest.raises(CommandError, match="not exactly the capacity"):
        call_command("race_drill", claims=3, stdout=StringIO())
    assert not Cohort.objects.exists()
    assert databases() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["call_command", pytest.param("_claim", marks=pytest.mark.deep)])
def test_an_interrupted_drill_drops_its_database(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Ctrl-C, while the database is migrated or while people claim."""
    name, during = connection.settings_dict["NAME"], []

    def interrupt(*args: object, **kwargs: object) -> None:
        during.extend(databases())
        raise KeyboardInterrupt

    monkeypatch.setattr(race_drill, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        call_command("race_drill", claims=3, stdout=StringIO())
    assert during
    assert connection.settings_dict["NAME"] == name
    assert databases() == []


@pytest.mark.django_db(transaction=True)
def test_a_role_that_may_not_create_databases_gets_a_sentence() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE runner_clerk NOLOGIN")
        try:
            cursor.execute("SET ROLE runner_clerk")
            with pytest.raises(CommandError, match="CREATEDB"):
                call_command("race_drill", claims=3, stdout=StringIO())
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP ROLE runner_clerk")


def test_claims_must_be_at_least_one() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        call_command("race_drill", claims=0)
