"""Two clinicians confirm one change of address at the same moment: it takes effect once, and one of them is told."""

from typing import Any

import pytest
import time_machine
from django.db import connection

from challenge.accounts.models import AddressChange, IdentityEvent, User
from challenge.enrollment import address_changes
from challenge.enrollment.address_changes import CannotConfirm, ask_for_address, confirm_change
from challenge.enrollment.models import LedgerEntry
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.factories.log import log_run
from tests.factories.people import make_clinician, make_front_desk
from tests.program import eventually
from tests.races.test_two_owners import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "new@runners.test"


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def is_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def confirm_twice(monkeypatch: pytest.MonkeyPatch) -> tuple[list[object], User]:
    """Let the first who may apply the change go on when the other is there too, or waits for a lock."""
    life = enroll()
    log_run(life)  # a health record: the change waits
    person = life.seat.user
    assert person is not None
    change = ask_for_address(user=person, email=NEW, reason="", by=make_front_desk(), at=NOW)
    assert change is not None
    assert change.is_waiting
    arrived: list[int] = []
    apply = address_changes._apply

    def apply_together(locked: AddressChange, **more: Any) -> bool:
        arrived.append(locked.pk)
        eventually(lambda: len(arrived) == 2 or is_waiting_for_a_lock(), what="the other clinician is here")
        return apply(locked, **more)

    monkeypatch.setattr(address_changes, "_apply", apply_together)

    def confirm(clinician: User) -> object:
        try:
            confirm_change(change=AddressChange.objects.get(pk=change.pk), by=clinician, at=NOW)
        except CannotConfirm as refusal:
            return str(refusal)
        return "confirmed"

    first, second = make_clinician(), make_clinician()
    return at_once(lambda: confirm(first), lambda: confirm(second)), person


def test_a_change_that_two_confirm_takes_effect_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, person = confirm_twice(monkeypatch)
    assert sorted(map(str, answers)) == ["This change isn’t waiting anymore.", "confirmed"]
    person.refresh_from_db()
    assert person.email == NEW
    assert LedgerEntry.objects.filter(user=person, happened="corrected").count() == 1
    assert IdentityEvent.objects.filter(account=person, what="address_given").count() == 1


def test_without_the_lock_both_would_be_told_that_they_did_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the lock of the account's row, and not luck, lets one of them through."""
    unlocked = AddressChange.objects.select_related("user")
    monkeypatch.setattr(address_changes, "_lock", lambda change: unlocked.get(pk=change.pk))
    answers, _ = confirm_twice(monkeypatch)
    assert answers == ["confirmed", "confirmed"]
